"""The limit where there is no C compiler: the same as bare.c, one `send` for each delivery."""

from __future__ import annotations

import select
import socket
import sys


def main(port: int) -> None:  # noqa: C901 - as flat as bare.c
    """Serve this port until we are ended."""
    listener = socket.create_server(("127.0.0.1", port), backlog=4096)
    poll = select.epoll()
    poll.register(listener.fileno(), select.EPOLLIN)
    lines: dict[int, socket.socket] = {}
    roles: dict[int, bytes] = {}
    followers: list[socket.socket] = []
    inbox = b""
    while True:
        for number, _ in poll.poll():
            if number == listener.fileno():
                line, _ = listener.accept()
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                lines[line.fileno()] = line
                poll.register(line.fileno(), select.EPOLLIN)
                continue
            line = lines[number]
            try:
                data = line.recv(2**20)
            except ConnectionError:
                data = b""
            if not data:
                poll.unregister(number)
                del lines[number]
                if roles.pop(number, b"") == b"F":
                    followers.remove(line)
                line.close()
            elif number not in roles:
                roles[number] = data
                if data == b"F":
                    followers.append(line)
                line.sendall(b"ready")
            else:
                inbox = deliver(inbox + data, followers)


def deliver(inbox: bytes, followers: list[socket.socket]) -> bytes:
    """Hand every whole message to everybody; what is left."""
    while len(inbox) >= 4 and len(inbox) >= 4 + (size := int.from_bytes(inbox[:4], "big")):
        message, inbox = inbox[4 : 4 + size], inbox[4 + size :]
        for line in followers:
            line.sendall(message)
    return inbox


if __name__ == "__main__":
    main(int(sys.argv[1]))
