"""A real uvicorn around a bare ASGI application, and clients that speak raw bytes to it."""

from __future__ import annotations

import asyncio
import base64
import os
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from typing import Any

import uvicorn

from realtime.hub.fastlane import EXTENSION, Http, Lane, Socket

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

DEADLINE_S = 10.0

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


@asynccontextmanager
async def serving(
    app: App,
    *,
    socket: type[Socket] = Socket,
    http: type[Http] = Http,
    **settings: Any,
) -> AsyncIterator[int]:
    """Serve `app` on the port that is yielded, in this loop."""
    config = uvicorn.Config(
        app,
        port=0,
        http=http,
        ws=socket,
        ws_max_size=65536,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=2,
        **settings,
    )
    server = uvicorn.Server(config)
    server.capture_signals = nullcontext  # type: ignore[method-assign, assignment]
    task = asyncio.create_task(server.serve())
    try:
        async with asyncio.timeout(DEADLINE_S):
            while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
                await asyncio.sleep(0.005)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for something of which no event tells."""
    async with asyncio.timeout(DEADLINE_S):
        while not is_so():  # noqa: ASYNC110 - as said
            await asyncio.sleep(0.005)


class Raw:
    """A TCP client without manners. Every wait has a deadline."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    def frame(
        self, payload: bytes, opcode: int = TEXT, *, fin: bool = True, times: int = 1
    ) -> None:
        """A masked frame, `times` times in one write."""
        self.send(masked(payload, opcode, fin=fin) * times)

    async def line(self) -> str:
        async with asyncio.timeout(DEADLINE_S):
            return (await self.reader.readline()).decode().strip()

    async def head(self) -> str:
        """An HTTP response up to its empty line."""
        async with asyncio.timeout(DEADLINE_S):
            return (await self.reader.readuntil(b"\r\n\r\n")).decode()

    async def upgrade(self, path: str = "/", *headers: str) -> str:
        """Ask for a websocket; the head of the answer."""
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {path} HTTP/1.1",
            "host: test",
            "connection: Upgrade",
            "upgrade: websocket",
            "sec-websocket-version: 13",
            f"sec-websocket-key: {key}",
            *headers,
        ]
        self.send("\r\n".join([*lines, "", ""]).encode())
        return await self.head()

    async def next(self) -> tuple[int, bytes]:
        """The next frame: (opcode, payload)."""
        async with asyncio.timeout(DEADLINE_S):
            first, size = await self.reader.readexactly(2)
            assert first & 0xF0 == 0x80, "fragmented, or of an extension"
            if size == 126:
                (size,) = struct.unpack("!H", await self.reader.readexactly(2))
            elif size == 127:
                (size,) = struct.unpack("!Q", await self.reader.readexactly(8))
            return first & 15, await self.reader.readexactly(size)

    async def text(self) -> str:
        opcode, payload = await self.next()
        assert opcode == TEXT, (opcode, payload)
        return payload.decode()

    async def close_code(self) -> int:
        """The code of the server's close frame; what comes before it is skipped."""
        async with asyncio.timeout(DEADLINE_S):
            while True:
                opcode, payload = await self.next()
                if opcode == CLOSE:
                    return int(struct.unpack("!H", payload[:2])[0])

    async def ended(self) -> bytes:
        """All that comes until the server hangs up, however it does."""
        data = b""
        async with asyncio.timeout(DEADLINE_S):
            try:
                while more := await self.reader.read(65536):
                    data += more
            except ConnectionError:
                pass
        return data


def masked(payload: bytes, opcode: int = TEXT, *, fin: bool = True) -> bytes:
    """A client's frame; the mask is zero, which changes nothing in the payload."""
    size = len(payload)
    first = (0x80 if fin else 0) | opcode
    if size < 126:
        head = struct.pack("!BB", first, 0x80 | size)
    elif size < 65536:
        head = struct.pack("!BBH", first, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", first, 0x80 | 127, size)
    return head + b"\0\0\0\0" + payload


@asynccontextmanager
async def raw(port: int) -> AsyncIterator[Raw]:
    """A fresh connection; dropped at the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Raw(reader, writer)
    finally:
        writer.transport.abort()


def lane_of(scope: Scope) -> Lane:
    lane: Lane = scope["extensions"][EXTENSION]
    return lane


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers each message with itself, and each HTTP request with the size of its body."""
    if scope["type"] == "http":
        await count_body(scope, receive, send)
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        await send({**event, "type": "websocket.send"})


async def count_body(scope: Scope, receive: Receive, send: Send) -> None:
    size, more = 0, True
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            return
        size += len(event.get("body", b""))
        more = event.get("more_body", False)
    body = str(size).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
