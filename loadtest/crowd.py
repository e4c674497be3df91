"""Thousands of sockets in one thread, read as cheaply as Python can.

No event loop, no frames, no objects per delivery: one read takes all that came, and one regular
expression finds the posts in it. That costs less than any server spends on sending them.
"""

from __future__ import annotations

import errno
import re
import select
import socket
import struct
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Final

from loadtest.ledger import Ledger
from loadtest.wires import Step

READ_BYTES: Final = 256 * 2**10
CONNECT_S: Final = 120.0  # for all sockets of one call
_NUMBERS: Final = re.compile(rb"<(\d{8})>").findall
_TAIL: Final = 9  # an unfinished number is no longer
_PING: Final = re.compile(rb"\x89\x04(.{4})", re.DOTALL)  # as the `websockets` library sends it
_SLICE: Final = 256  # sockets that are read before the clock is looked at again


class Failed(Exception):
    """The run cannot go on; the message says why."""


class Dialogue:
    """The steps of one socket, until it is connected."""

    def __init__(self, line: socket.socket, steps: Sequence[Step]) -> None:
        self._line = line
        self._steps: Iterator[Step] = iter(steps)
        self._awaited = b""
        self._heard = b""
        self.last = b""  # what came in answer to the last step
        self.began = time.perf_counter()

    def begin(self) -> None:
        """Say the first words."""
        self._next()

    def take(self, data: bytes) -> bool:
        """Go on after these bytes; whether the last step is done."""
        self._heard += data
        if self._awaited not in self._heard:
            if b"HTTP/1.1 4" in self._heard or b'"type":"goodbye"' in self._heard:
                raise Failed(f"a socket was refused: {self._heard[:300]!r}")
            return False
        self.last, self._heard = self._heard, b""
        return not self._next()

    def _next(self) -> bool:
        said, self._awaited = next(self._steps, (b"", b""))
        if said:
            self._line.send(said)
        return bool(self._awaited)


class Crowd:
    """Sockets to one server. `busy` never sleeps: a reader that must be woken slows the sender."""

    def __init__(self, port: int, ledger: Ledger, *, busy: bool = True) -> None:
        self.ledger = ledger
        self._port = port
        self._busy = busy
        self._poll = select.epoll()
        self._lines: dict[int, socket.socket] = {}
        self._receive: dict[int, Callable[[int], bytes]] = {}
        self._opening: dict[int, Dialogue] = {}
        self._tails: dict[int, bytes] = {}
        self._others: dict[int, Callable[[bytes], None]] = {}
        self.ended = 0  # followers whose connection ended
        self.opened_s: list[float] = []
        self.welcomes: dict[int, bytes] = {}  # by descriptor, what came last while it connected
        self.idle_s = 0.0  # spent without anything to read

    # -- connecting -------------------------------------------------------------

    def open(
        self,
        people: Sequence[Sequence[Step]],
        *,
        at_once: int = 200,
        port: int | None = None,
        receive_bytes: int | None = None,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> list[int]:
        """Connect one socket for each script, so many at a time; their descriptors, in order.

        `receive_bytes` bounds the kernel's memory for what has not been read; `port` is another
        process' than the crowd's.

        Raises:
            Failed: refused, ended or not done in time.
        """
        waiting = deque(people)
        found = []
        until = time.perf_counter() + CONNECT_S
        while waiting or self._opening:
            while waiting and len(self._opening) < at_once:
                found.append(self._begin(waiting.popleft(), port or self._port, receive_bytes))
            self.turn(0.01)
            meanwhile()
            if time.perf_counter() > until:
                raise Failed(f"{len(self._opening) + len(waiting)} sockets were not connected")
        return found

    def _begin(self, steps: Sequence[Step], port: int, receive_bytes: int | None) -> int:
        line = socket.socket()
        if receive_bytes is not None:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        line.connect(("127.0.0.1", port))
        line.setblocking(False)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # No TIME_WAIT: ten thousand of them would leave the next run without ports.
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        number = line.fileno()
        self._lines[number], self._receive[number] = line, line.recv
        dialogue = Dialogue(line, steps)
        self._opening[number] = dialogue
        self._poll.register(number, select.EPOLLIN)
        dialogue.begin()
        return number

    def listen(self, number: int, heard: Callable[[bytes], None]) -> None:
        """Hand what this socket reads to `heard`: it is no follower."""
        self._others[number] = heard

    def ignore(self, numbers: Sequence[int]) -> None:
        """Read these no more; they stay open."""
        for number in numbers:
            self._poll.unregister(number)

    def send(self, number: int, data: bytes) -> None:
        """Say this on one socket.

        Raises:
            Failed: the server takes nothing more.
        """
        try:
            sent = self._lines[number].send(data)
        except OSError as error:
            raise Failed(f"an author was not heard: {error}") from error
        if sent < len(data):
            raise Failed("the server does not read what its author says")

    def close(self, numbers: Sequence[int] | None = None) -> None:
        """Close these sockets, or all of them; without `numbers` it is the last verb."""
        for number in list(self._lines) if numbers is None else numbers:
            self._end(number)
        if numbers is None:
            self._poll.close()

    def _end(self, number: int) -> None:
        line = self._lines.pop(number, None)
        if line is None:
            return
        del self._receive[number]
        self._opening.pop(number, None)
        self._others.pop(number, None)
        self.welcomes.pop(number, None)
        self._tails.pop(number, None)
        with suppress(OSError):
            self._poll.unregister(number)
        line.close()

    # -- hearing ----------------------------------------------------------------

    # In one piece: a call more for each read would cost as much as looking for the posts.
    def turn(self, patience_s: float = 0.0) -> None:  # noqa: C901
        """Read what has come, once from each socket; waits no longer than this, if it may wait."""
        began = time.perf_counter()
        ready = self._poll.poll(0 if self._busy else patience_s, _SLICE)
        if not ready:
            self.idle_s += time.perf_counter() - began
            return
        ledger, receive = self.ledger, self._receive
        order, place, note = ledger.order, ledger.at, ledger.reads.extend
        now = time.perf_counter
        for number, _ in ready:
            try:
                data = receive[number](READ_BYTES)
            except OSError as error:
                if error.errno != errno.EAGAIN:
                    self._lose(number)
                continue
            at = place.get(number)
            if at is None:
                self._other(number, data)
                continue
            if number in self._tails:
                data = self._tails.pop(number) + data
            found = _NUMBERS(data)
            if found:
                upto = at + len(found)
                if at < 0 or order[at:upto] != found:
                    upto = ledger.differs(number, found)
                place[number] = upto
                ledger.heard += len(found)
                if at >= 0:
                    note((now(), at, len(found)))
            elif not data:
                self._lose(number)
                continue
            if b"<" in data[-_TAIL:] or data[-1] == 0x89:
                self._keep_tail(number, data)
            if b"\x89" in data or b"PING\r\n" in data:
                self._pong(number, data)

    def _keep_tail(self, number: int, data: bytes) -> None:
        """What may be the beginning of a number whose end comes with the next read."""
        tail = data[-_TAIL:]
        start = tail.rfind(b"<")
        if start < 0:
            start = len(tail) - 1
        elif b">" in tail[start:]:
            return
        self._tails[number] = tail[start:]

    def _pong(self, number: int, data: bytes) -> None:
        """Answer a server that asks whether we live."""
        if b"PING\r\n" in data:
            self.send(number, b"PONG\r\n")
        for words in _PING.findall(data):
            self.send(number, b"\x8a\x84\0\0\0\0" + words)

    def _other(self, number: int, data: bytes) -> None:
        """What came on a socket that connects, or is no follower."""
        if not data:
            self._lose(number)
            return
        dialogue = self._opening.get(number)
        if dialogue is not None:
            if dialogue.take(data):
                del self._opening[number]
                self.welcomes[number] = dialogue.last
                self.opened_s.append(time.perf_counter() - dialogue.began)
        elif number in self._others:
            self._others[number](data)
        self._pong(number, data)

    def _lose(self, number: int) -> None:
        if number in self._opening or number in self._others:
            raise Failed("the server ended a connection that is needed")
        self.ended += 1
        self._end(number)
