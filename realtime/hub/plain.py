"""The way out of a socket whose server offers no fast lane: plain ASGI, one writer task."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from realtime.hub.outbox import MERGE_BYTES

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class PlainLane:
    """A `Lane` over ASGI's `send`: takes frames apart again, and sends each as text."""

    descriptor: Final = None

    def __init__(self, send: Send) -> None:
        self._send = send
        self._frames: list[bytes] = []
        self._bytes = 0
        self._writer: asyncio.Task[None] | None = None
        self._is_closed = False
        self.on_writable: Callable[[], None] | None = None

    @property
    def writable(self) -> bool:
        return self._bytes < MERGE_BYTES

    def waiting_bytes(self) -> int:
        return self._bytes

    def write(self, data: bytes) -> None:
        if self._is_closed:
            return
        self._frames.append(data)
        self._bytes += len(data)
        if self._writer is None:
            self._writer = asyncio.create_task(self._write(), name="plain lane")

    def go_on(self, data: bytes) -> None:
        """Never asked: there is no descriptor."""
        self.write(data)

    def take(self) -> list[str | bytes]:
        """Nothing: plain ASGI hands over one message at a time."""
        return []

    def rest(self, for_s: float) -> None:
        """Nothing: the server reads as it does."""

    def part(self) -> None:
        """Nothing: the server reads as it does."""

    def abort(self) -> None:
        """Stop writing; the server ends the connection."""
        self._is_closed = True
        self._frames.clear()
        if self._writer is not None:
            self._writer.cancel()

    async def drained(self) -> None:
        """Wait until all that was written has been sent."""
        if self._writer is not None:
            await asyncio.wait([self._writer])

    async def _write(self) -> None:
        try:
            while self._frames:
                data = self._frames.pop(0)
                for payload in unframed(data):
                    await self._send({"type": "websocket.send", "text": payload.decode()})
                self._bytes -= len(data)
        except OSError:
            self._is_closed = True  # the peer is gone; receive() will say so
        finally:
            self._writer = None
        if self.on_writable is not None and self.writable:
            self.on_writable()


def unframed(data: bytes) -> list[bytes]:
    """The payloads of complete server frames."""
    payloads = []
    at = 0
    while at < len(data):
        length = data[at + 1]
        at += 2
        if length == 126:
            length = int.from_bytes(data[at : at + 2], "big")
            at += 2
        elif length == 127:
            length = int.from_bytes(data[at : at + 8], "big")
            at += 8
        payloads.append(data[at : at + length])
        at += length
    return payloads
