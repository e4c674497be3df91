"""A wire between two programs that can be slowed, stalled, cut or swallowed."""

from __future__ import annotations

import asyncio
import contextlib
import socket

CHUNK = 65_536
WINDOW_BYTES = 32_768
BACKLOG = 2_048  # of clients that come at once, as at the nodes themselves


class FaultProxy:
    """Listens on loopback and passes bytes on to `port`, as badly as it is told to."""

    def __init__(self, port: int) -> None:
        self._upstream = port
        self.port = 0
        self.latency_s = 0.0  # each way, per chunk
        self.bytes_per_s: float | None = None  # downstream only
        self.swallows_up = False  # what the client says vanishes
        self.swallows_down = False  # what the server says vanishes
        self.refuses = False
        self.cut_after: int | None = None  # downstream bytes of all connections until each is cut
        self.down_bytes = 0
        self.swallowed_bytes = 0
        self.cuts = 0
        self._flows = asyncio.Event()
        self._flows.set()
        self._pairs: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> FaultProxy:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=BACKLOG)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.reset_all()
        self._flows.set()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def connections(self) -> int:
        """How many are open now."""
        return len(self._pairs)

    def stall(self) -> None:
        """Hold everything back, in both directions, until `heal`."""
        self._flows.clear()

    def heal(self) -> None:
        """Be a good wire again. What was swallowed stays so."""
        self.latency_s, self.bytes_per_s, self.cut_after = 0.0, None, None
        self.swallows_up = self.swallows_down = self.refuses = False
        self._flows.set()

    def reset_all(self) -> None:
        """Cut every connection at once."""
        for pair in list(self._pairs):
            self._cut(pair)

    def _cut(self, pair: tuple[asyncio.StreamWriter, asyncio.StreamWriter]) -> None:
        self.cuts += 1
        for end in pair:
            end.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._join(reader, writer)
        except asyncio.CancelledError:
            pass  # the trial is over; asyncio's streams take a cancelled server for a failed one
        finally:
            self._tasks.discard(task)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuses:
            writer.transport.abort()
            return
        try:
            up_reader, up_writer = await self._open()
        except OSError:
            writer.transport.abort()
            return
        pair = (writer, up_writer)
        self._pairs.add(pair)
        up = asyncio.ensure_future(self._pump(reader, up_writer, pair, is_down=False))
        down = asyncio.ensure_future(self._pump(up_reader, writer, pair, is_down=True))
        try:
            await asyncio.wait({up, down}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in (up, down):
                pump.cancel()
            await asyncio.gather(up, down, return_exceptions=True)
            self._pairs.discard(pair)
            for end in pair:
                end.transport.abort()

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection that lets little wait in the kernel: who stalls is felt at the other end."""
        upstream = socket.socket()
        upstream.setblocking(False)
        upstream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WINDOW_BYTES)
        try:
            await asyncio.get_running_loop().sock_connect(upstream, ("127.0.0.1", self._upstream))
        except OSError:
            upstream.close()
            raise
        return await asyncio.open_connection(sock=upstream)

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        pair: tuple[asyncio.StreamWriter, asyncio.StreamWriter],
        *,
        is_down: bool,
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                await self._flows.wait()
                if self.latency_s:
                    await asyncio.sleep(self.latency_s)
                if is_down and self.bytes_per_s:
                    await asyncio.sleep(len(data) / self.bytes_per_s)
                if self.swallows_down if is_down else self.swallows_up:
                    self.swallowed_bytes += len(data)
                    continue
                if is_down:
                    self.down_bytes += len(data)
                    if self.cut_after is not None and self.down_bytes > self.cut_after:
                        self.down_bytes = 0
                        self._cut(pair)
                        return
                writer.write(data)
                await writer.drain()
