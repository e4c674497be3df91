"""Sockets that ask and wait for each answer, so cheaply that the server is what is measured.

A websocket library and a JSON decoder for each frame cost as much as the server spends on the
command; here only what is wanted is decoded, and a mask of zeros is no work.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any, Final, cast
from urllib.parse import urlsplit

from loadtest.wires import masked, upgrade

Json = dict[str, Any]

OPEN_S: Final = 30.0
_TEXT, _CLOSE, _PING = 1, 8, 9
_HTTP: Final = ord("H")  # what an answer to a handshake begins with, and no frame
_ANSWERS: Final = (b'{"type":"ok"', b'{"type":"error"', b'{"type":"welcome"')
_ERROR: Final = b'{"type":"error"'


class Hand(asyncio.Protocol):
    """One socket, one command at a time."""

    def __init__(self) -> None:
        self.told: list[tuple[float, Json]] = []  # events and when they came, if `is_listening`
        self.is_listening = False
        self._ref = 0
        self._unread = b""
        self._is_open = False
        self._due: asyncio.Future[bytes] | None = None
        self._transport: asyncio.Transport | None = None

    @classmethod
    async def open(cls, url: str, cookie: str) -> Hand:
        """A socket that has been welcomed, by the value of its `Cookie` header.

        Raises:
            ConnectionError: the server will not have it.
            RuntimeError: its `hello` was refused.
        """
        place = urlsplit(url)
        port = place.port or 80
        loop = asyncio.get_running_loop()
        _, hand = await loop.create_connection(cls, place.hostname or "", port)
        async with asyncio.timeout(OPEN_S):
            await hand._say(upgrade("/ws", port, f"Origin: {url}", f"Cookie: {cookie}"))
            await hand.answer("hello")
        return hand

    async def ask(self, type: str, **fields: Any) -> Json:
        """The result of a command.

        Raises:
            RuntimeError: it was refused.
        """
        return dict(json.loads(await self.answer(type, **fields)).get("result", {}))

    async def answer(self, type: str, **fields: Any) -> bytes:
        """The frame that says that a command was done, as it came.

        Raises:
            RuntimeError: it was refused.
            ConnectionError: the server closed the socket.
        """
        self._ref += 1
        frame = json.dumps({"type": type, "ref": self._ref, **fields})
        answer = await self._say(masked(frame.encode()))
        if answer.startswith(_ERROR):
            raise RuntimeError(f"{type}: {answer.decode()}")
        return answer

    def close(self) -> None:
        """Leave without a word."""
        if self._transport is not None:
            self._transport.abort()

    def _say(self, data: bytes) -> asyncio.Future[bytes]:
        if self._transport is None or self._transport.is_closing():
            raise ConnectionError("this socket is closed")
        self._due = asyncio.get_running_loop().create_future()
        self._transport.write(data)
        return self._due

    # -- what asyncio calls -----------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(f"the server closed a socket: {exc}")

    def data_received(self, data: bytes) -> None:
        data = self._unread + data if self._unread else data
        at = 0 if self._is_open else self._opened(data)
        while (end := _end(data, at)) is not None:
            start, stop = end
            self._hear(data[at] & 0x0F, data[start:stop])
            at = stop
        self._unread = data[at:]

    def _opened(self, data: bytes) -> int:
        """Where the first frame begins, once the answer to the handshake is here; else 0."""
        end = data.find(b"\r\n\r\n")
        if end < 0:
            return 0
        if b" 101 " not in data[:16]:
            self._fail(f"refused: {data[:200]!r}")
            return len(data)
        self._is_open = True
        self._settle(b"")
        return end + 4

    def _hear(self, kind: int, payload: bytes) -> None:
        if kind == _TEXT:
            if payload.startswith(_ANSWERS):
                self._settle(payload)
            elif self.is_listening:
                self.told.append((time.monotonic(), json.loads(payload)))
        elif kind == _PING and self._transport is not None:
            self._transport.write(bytes((0x8A, 0x80 | len(payload))) + b"\0\0\0\0" + payload)
        elif kind == _CLOSE:
            self._fail(f"the server says goodbye: {payload!r}")

    def _settle(self, answer: bytes) -> None:
        if self._due is not None and not self._due.done():
            self._due.set_result(answer)

    def _fail(self, why: str) -> None:
        if self._due is not None and not self._due.done():
            self._due.set_exception(ConnectionError(why))


def _end(data: bytes, at: int) -> tuple[int, int] | None:
    """Where the payload of the frame at `at` begins and ends; None while a part is missing."""
    if len(data) < at + 2 or data[at] == _HTTP:
        return None
    size, start = data[at + 1], at + 2
    if size == 126:
        size, start = int.from_bytes(data[start : start + 2], "big"), start + 2
    elif size == 127:
        size, start = int.from_bytes(data[start : start + 8], "big"), start + 8
    stop = start + size
    return (start, stop) if stop <= len(data) else None
