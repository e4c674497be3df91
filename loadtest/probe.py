"""How long HTTP answers take to their first byte, asked at a pace that waits for nobody."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle
from typing import Final, Self

ANSWER_S: Final = 10.0
KEPT_S: Final = 2.0  # a connection that nobody needs
_HEAD_BYTES: Final = 65_536


class Strange(Exception):
    """The server answered something else than it should; the message says what to what."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request, and the status that is right for it. `cookie` is asked for each time."""

    name: str
    method: str
    path: str
    status: int = 200
    cookie: Callable[[], str] | None = None
    body: bytes = b""
    kind: str = "application/json"

    def encoded(self, host: str) -> bytes:
        """As it goes over the wire."""
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: {host}", f"Origin: http://{host}"]
        if self.cookie is not None:
            lines.append(f"Cookie: {self.cookie()}")
        if self.method != "GET":
            lines += [f"Content-Type: {self.kind}", f"Content-Length: {len(self.body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


@dataclass(slots=True)
class Heard:
    """What came of it: milliseconds to first bytes, by the name of what was asked."""

    ms: dict[str, list[float]] = field(default_factory=dict)

    @property
    def all_ms(self) -> list[float]:
        return [value for values in self.ms.values() for value in values]


class Connections:
    """Kept connections to one server, as many as are needed at once."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._host = f"127.0.0.1:{port}"
        self._idle: list[tuple[float, asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for _since_s, _reader, writer in self._idle:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def first_byte(self, ask: Ask) -> float:
        """Ask, read it all, and return when the first byte came (`time.perf_counter`).

        Raises:
            Strange: another status, or the server hung up.
            TimeoutError: no answer within ANSWER_S.
        """
        reader, writer = await self._one()
        try:
            async with asyncio.timeout(ANSWER_S):
                writer.write(ask.encoded(self._host))
                first = await reader.readexactly(1)
                came_s = time.perf_counter()
                head = first + await reader.readuntil(b"\r\n\r\n")
                await _drain(reader, head)
        except (asyncio.IncompleteReadError, OSError) as error:
            writer.close()
            if isinstance(error, TimeoutError):
                raise
            raise Strange(f"{ask.name}: the server hung up") from error
        self._idle.append((time.perf_counter(), reader, writer))
        status = int(head.split(b" ", 2)[1])
        if status != ask.status:
            raise Strange(f"{ask.name} was answered {status}")
        return came_s

    async def _one(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._idle:
            since_s, reader, writer = self._idle.pop()
            # A server hangs up on who is silent for some seconds, maybe at this very moment.
            is_fresh = time.perf_counter() - since_s < KEPT_S
            if is_fresh and not reader.at_eof() and not writer.is_closing():
                return reader, writer
            writer.close()
        return await asyncio.open_connection("127.0.0.1", self._port, limit=_HEAD_BYTES)


async def probe(port: int, asks: Sequence[Ask], *, per_s: float, seconds: float) -> Heard:
    """Ask these in turns at this pace; each is timed from the moment when it was due.

    Raises:
        Strange, TimeoutError: one of them went wrong.
    """
    heard = Heard({ask.name: [] for ask in asks})
    turns = cycle(asks)

    async def one(ask: Ask, due_s: float) -> None:
        came_s = await connections.first_byte(ask)
        heard.ms[ask.name].append((came_s - due_s) * 1000)

    async with Connections(port) as connections, asyncio.TaskGroup() as asked:
        began_s = time.perf_counter()
        for number in range(int(per_s * seconds)):
            due_s = began_s + number / per_s
            await asyncio.sleep(max(0.0, due_s - time.perf_counter()))
            asked.create_task(one(next(turns), max(due_s, began_s)))
    return heard


async def _drain(reader: asyncio.StreamReader, head: bytes) -> None:
    """Read the body behind this head, however its length is told."""
    lines = [line.partition(b":") for line in head.lower().split(b"\r\n")]
    fields = {name.strip(): value.strip() for name, _, value in lines}
    if fields.get(b"transfer-encoding") == b"chunked":
        while size := int((await reader.readline()).strip(), 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    else:
        await reader.readexactly(int(fields.get(b"content-length", b"0")))
