"""A whole server on a free port of loopback, in the test's own loop, as `serve` runs it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

from realtime.app import Application, create
from realtime.config import Config
from realtime.protocol import FRAME_BYTES


class Running:
    """A server that serves. `url` is its address; `application` its inside, for faults only."""

    def __init__(self, application: Application, port: int) -> None:
        self.application = application
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    async def reconcile(self) -> None:
        """Reconcile now instead of in 30 seconds."""
        world = self.application.world
        assert world is not None
        await world.feed.reconcile()
        await world.watch.reconcile()


@asynccontextmanager
async def serving(
    config: Config, *, send_buffer: int | None = None, fast: bool = True, keepalive_s: float = 20.0
) -> AsyncIterator[Running]:
    """Serve while the body runs; every socket and task of the server is gone after it.

    `send_buffer` bounds, in bytes, what the kernel holds for a reader that has stopped. Without
    `fast` uvicorn's own protocols serve, as another server would. Sockets are pinged each
    `keepalive_s`, and have as long for the pong.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if send_buffer is not None:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
    listener.bind(("127.0.0.1", 0))
    app = create(config)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            http="realtime.hub.fastlane:Http" if fast else "httptools",
            ws="realtime.hub.fastlane:Socket" if fast else "websockets-sansio",
            ws_per_message_deflate=False,
            ws_max_size=FRAME_BYTES,
            ws_ping_interval=keepalive_s,
            ws_ping_timeout=keepalive_s,
            proxy_headers=False,
            server_header=False,
            access_log=False,
            log_config=None,
            timeout_graceful_shutdown=5,
        )
    )
    server.config.load()
    with contextlib.ExitStack() as signals:
        # The signals belong to the test runner.
        server.capture_signals = contextlib.nullcontext  # type: ignore[assignment,method-assign]
        signals.callback(listener.close)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        async with asyncio.timeout(20):
            while not server.started:
                if task.done():
                    await task
                    raise RuntimeError("the server did not start")
                await asyncio.sleep(0.01)
        try:
            yield Running(app.state.application, listener.getsockname()[1])
        finally:
            server.should_exit = True
            await task
