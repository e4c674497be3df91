"""A websocket as cheap as can be, for crowds of thousands: it reads frame headers, no more."""

from __future__ import annotations

import asyncio
import os
from base64 import b64encode
from collections import deque
from struct import Struct
from typing import Final

from websockets.exceptions import ConnectionClosedError

CROWD_S: Final = 60.0
_MIDDLE: Final = Struct("!BBH").pack
_FIN: Final = 0x80
_MASKED: Final = 0x80
_NO_MASK: Final = bytes(4)  # a mask like any other: what is hidden by it is the payload itself
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10


class RawSocket(asyncio.Protocol):
    """Sends short text, receives whole messages; answers pings and closes."""

    def __init__(self) -> None:
        self.close_code: int | None = None
        self.transport: asyncio.Transport
        self.accepted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._buffer = bytearray()
        self._messages: deque[bytes] = deque()
        self._waiting: asyncio.Future[None] | None = None
        self._is_over = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(OSError("the connection was lost"))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self.accepted.done() and not self._shake():
            return
        while self._next():
            pass
        if self._messages:
            self._wake()

    def _shake(self) -> bool:
        """Whether the answer to the handshake is complete, and yes."""
        head, end, rest = bytes(self._buffer).partition(b"\r\n\r\n")
        if not end:
            return False
        status = head.split(b" ", 2)[1]
        if status != b"101":
            self._end(OSError(f"the handshake was answered {status.decode()}"))
            self.transport.abort()
            return False
        self._buffer = bytearray(rest)
        self.accepted.set_result(None)
        return True

    def _next(self) -> bool:
        """Take one frame off the buffer, if a whole one is there. The server fragments nothing."""
        buffer = self._buffer
        if len(buffer) < 2:
            return False
        opcode, size, start = buffer[0] & 0x0F, buffer[1], 2
        if size > 125:
            start = 4 if size == 126 else 10
            size = int.from_bytes(buffer[2:start], "big")
        if len(buffer) < start + size:
            return False
        payload = bytes(buffer[start : start + size])
        del buffer[: start + size]
        if opcode == _TEXT:
            self._messages.append(payload)
        elif opcode == _PING:
            self._write(_PONG, payload)
        elif opcode == _CLOSE:
            self.close_code = int.from_bytes(payload[:2], "big") if payload else 1005
            self._write(_CLOSE, payload[:2])
            self.transport.close()
        return True

    def _write(self, opcode: int, payload: bytes) -> None:
        if len(payload) < 126:
            head = bytes((_FIN | opcode, _MASKED | len(payload)))
        else:
            head = _MIDDLE(_FIN | opcode, _MASKED | 126, len(payload))
        self.transport.write(head + _NO_MASK + payload)

    def _end(self, why: OSError) -> None:
        self._is_over = True
        if not self.accepted.done():
            self.accepted.set_exception(why)
            self.accepted.exception()  # whoever dialled may have given up
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def send(self, message: bytes, *, text: bool) -> None:
        """Send at most 65,535 bytes of text.

        Raises:
            ConnectionClosed: it has ended.
        """
        if self._is_over or self.transport.is_closing():
            raise ConnectionClosedError(None, None)
        self._write(_TEXT, message)

    async def recv(self, *, decode: bool) -> bytes:
        """The next message, as it came.

        Raises:
            ConnectionClosed: it has ended, and all that came has been received.
        """
        while not self._messages:
            if self._is_over:
                raise ConnectionClosedError(None, None)
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        return self._messages.popleft()


async def dial_raw(port: int, cookie: str, within_s: float) -> RawSocket:
    """A cheap socket; within CROWD_S at least, since thousands who dial in one process at once
    are slow by themselves, and whoever gave up and dialled again would only make it worse.

    Raises:
        OSError, TimeoutError: that node does not answer, or refuses.
    """
    async with asyncio.timeout(max(within_s, CROWD_S)):
        loop = asyncio.get_running_loop()
        transport, socket = await loop.create_connection(RawSocket, "127.0.0.1", port)
        key = b64encode(os.urandom(16)).decode()
        try:
            transport.write(
                f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
                "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                f"Sec-WebSocket-Key: {key}\r\nCookie: {cookie}\r\n\r\n".encode()
            )
            await socket.accepted
        except BaseException:
            transport.abort()
            raise
    return socket
