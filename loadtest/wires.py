"""How each kind of server is spoken to: the bytes that connect, subscribe and post.

Every server hands its followers the same text, in which `<00000042>` is the post's number: whoever
reads it looks for that and parses nothing, whatever stands around it. `size` is how much of it a
peer carries: as many bytes as the product's whole event has.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

TEXT_BYTES: Final = 400
_WORDS: Final = (
    "the ferry leaves at dawn and whoever wants to see the harbour wake should stand on the upper "
    "deck with something warm to drink because the wind there is colder than anybody expects in "
    "this month of the year while gulls follow the stern for miles and the town grows small behind "
    "its own bells until only the lighthouse is left between water and sky so bring a coat friend "
    "and a good story for those long hours"
)

Step = tuple[bytes, bytes]  # what is sent, and what must come before the next is sent


@dataclass(frozen=True, slots=True)
class Wire:
    """One protocol, as a client speaks it."""

    follower: Callable[[int], Sequence[Step]]  # of the n-th one
    author: Callable[[int], Sequence[Step]]  # on their n-th socket
    post: Callable[[int], bytes]
    refusal: bytes  # stands in what an author is sent when a post is not taken
    visitor: Callable[[], Sequence[Step]] = tuple  # somebody who has not signed in
    question: bytes = b""  # what a visitor may ask
    resume: Callable[[int, bytes], Sequence[Step]] | None = None  # the n-th, with their cursor


def text(number: int, size: int = TEXT_BYTES) -> str:
    """So many ASCII characters that say which post this is."""
    words = (_WORDS + " ") * (size // len(_WORDS) + 1)
    return f"<{number:08d}> {words}"[:size].ljust(size, ".")


def payload_bytes(heard: bytes | bytearray, number: int) -> int | None:
    """How long the payload of the server's frame is that holds this post; None: it has not come."""
    mark, at = b"<%08d>" % number, 0
    while len(heard) >= at + 10:
        size, head = heard[at + 1] & 0x7F, 2
        if size >= 126:
            head = 4 if size == 126 else 10
            size = int.from_bytes(heard[at + 2 : at + head], "big")
        if mark in heard[at + head : at + head + size]:
            return size
        at += head + size
    return None


def masked(payload: bytes) -> bytes:
    """A client's text frame. Its mask is zero, which is allowed, so masking costs us nothing."""
    size = len(payload)
    if size < 126:
        return b"\x81" + bytes((0x80 | size,)) + b"\0\0\0\0" + payload
    return b"\x81\xfe" + size.to_bytes(2, "big") + b"\0\0\0\0" + payload


def upgrade(path: str, port: int, *headers: str) -> bytes:
    """The request that opens a websocket."""
    lines = (
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        *headers,
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def product(port: int, authors: Sequence[str], followers: Sequence[str]) -> Wire:
    """The product itself; people by their `Cookie` header's values."""
    hello = masked(b'{"type":"hello","ref":1}')

    def steps(*headers: str, hello: bytes = hello) -> Sequence[Step]:
        origin = f"Origin: http://127.0.0.1:{port}"
        opened = upgrade("/ws", port, origin, *headers)
        return ((opened, b" 101 "), (hello, b'"type":"welcome"'))

    def person(cookie: str) -> Sequence[Step]:
        return steps(f"Cookie: {cookie}")

    def resume(number: int, cursor: bytes) -> Sequence[Step]:
        again = masked(b'{"type":"hello","ref":1,"cursor":"%b"}' % cursor)
        return steps(f"Cookie: {followers[number]}", hello=again)

    def post(number: int) -> bytes:
        command = {
            "type": "post.create",
            "ref": number + 2,
            "key": str(uuid.uuid4()),
            "text": text(number),
        }
        return masked(json.dumps(command).encode())

    return Wire(
        lambda n: person(followers[n]),
        lambda n: person(authors[n % len(authors)]),
        post,
        b'"type":"error"',
        steps,
        masked(b'{"type":"timeline.get","ref":3,"name":"explore","limit":1}'),
        resume,
    )


def plain(port: int, size: int) -> Wire:
    """A websocket server of ours: who opens `/author` is heard by all who opened `/follow`."""

    def steps(path: str) -> Sequence[Step]:
        return ((upgrade(path, port), b"ready"),)

    def post(number: int) -> bytes:
        return masked(text(number, size).encode())

    return Wire(lambda _: steps("/follow"), lambda _: steps("/author"), post, b"refused")


def socketio(port: int, size: int) -> Wire:
    """Socket.IO over its websocket transport."""

    def steps(room: bytes) -> Sequence[Step]:
        opened = upgrade("/socket.io/?EIO=4&transport=websocket", port)
        join = masked(b'42["' + room + b'"]')
        return ((opened, b"pingInterval"), (masked(b"40"), b'40{"sid"'), (join, b"ready"))

    def post(number: int) -> bytes:
        return masked(f'42["post","{text(number, size)}"]'.encode())

    return Wire(lambda _: steps(b"follow"), lambda _: steps(b"author"), post, b"refused")


def nats(_port: int, size: int) -> Wire:
    """The protocol of nats-server."""
    greeting = b'CONNECT {"verbose":false,"pedantic":false,"echo":false}\r\n'
    follow = ((b"", b"INFO "), (greeting + b"SUB post 1\r\nPING\r\n", b"PONG\r\n"))
    write = ((b"", b"INFO "), (greeting + b"PING\r\n", b"PONG\r\n"))

    def post(number: int) -> bytes:
        words = text(number, size).encode()
        return b"PUB post %d\r\n%b\r\n" % (len(words), words)

    return Wire(lambda _: follow, lambda _: write, post, b"-ERR")


def bare(_port: int, size: int) -> Wire:
    """The limit: a length and bytes come in, the same bytes go out to everybody."""

    def post(number: int) -> bytes:
        words = text(number, size).encode()
        return len(words).to_bytes(4, "big") + words

    return Wire(lambda _: ((b"F", b"ready"),), lambda _: ((b"A", b"ready"),), post, b"refused")
