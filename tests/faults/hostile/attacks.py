"""One client of each hostile kind, as it would be written by somebody who means it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from struct import pack
from typing import Any, Final

from tests.hub.wires import CLOSE, PING, PONG, Raw, masked, raw

CONT: Final = 0
AGAIN_S: Final = 0.05  # one that was cut comes back this soon
CHUNK: Final = 64 * 2**10
FRAME: Final = 64 * 2**10  # the most that one message may have
DRIP_S: Final = 1.0
HOST: Final = "test"  # as `Raw` says it
BLOCKED_S: Final = 0.5
LAST_S: Final = 2.0
HELLO: Final = masked(b'{"type":"hello","ref":1}')


@dataclass(slots=True)
class Attack:
    """One hostile client at work on `port`, until `over`; `ends` counts how it was dealt with."""

    port: int
    cookie: str
    crowd: int = 1  # connections of the kinds that hold many
    over: asyncio.Event = field(default_factory=asyncio.Event)
    ends: Counter[str] = field(default_factory=Counter)

    @contextlib.asynccontextmanager
    async def socket(self, *headers: str, is_signed: bool = False) -> AsyncIterator[Raw]:
        """A websocket that has said hello; what it is told is left unread."""
        signed = (f"cookie: {self.cookie}", f"origin: http://{HOST}") if is_signed else ()
        async with raw(self.port) as client:
            head = await client.upgrade("/ws", *signed, *headers)
            if not head.startswith("HTTP/1.1 101"):
                raise OSError(head)
            client.send(HELLO)
            yield client

    async def again(self, once: Callable[[], Awaitable[str]]) -> None:
        """Do it again and again; count each end."""
        while not self.over.is_set():
            try:
                end = await once()
                self.ends.update([end] if end else [])
            except (OSError, asyncio.IncompleteReadError):
                self.ends["cut"] += 1
            await self.pause(AGAIN_S)

    async def pause(self, for_s: float) -> None:
        """Wait, or until it is over."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(for_s):
                await self.over.wait()

    async def flood(self, client: Raw, data: bytes, least_s: float = 0.0) -> str:
        """Send this over and over, reading nothing; then how it ended."""
        with contextlib.suppress(OSError, TimeoutError):
            while not (self.over.is_set() or client.writer.transport.is_closing()):
                client.send(data)
                # A server that has said its close reads no more.
                async with asyncio.timeout(BLOCKED_S):
                    await client.writer.drain()
                await asyncio.sleep(least_s)
        return "" if self.over.is_set() else await _end(client)

    async def hold(self, open_one: Callable[[], Awaitable[None]]) -> None:
        """Keep `crowd` connections, each opened again when it ends."""

        async def one() -> None:
            while not self.over.is_set():
                try:
                    await open_one()
                except (OSError, asyncio.IncompleteReadError, TimeoutError):
                    self.ends["cut"] += 1
                await self.pause(1.0)

        async with asyncio.TaskGroup() as group:
            for number in range(self.crowd):
                group.create_task(one())
                if number % 50 == 49:
                    await asyncio.sleep(0.05)


async def _end(client: Raw) -> str:
    """The close code, or `cut` without one."""
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(LAST_S):
            while not client.reader.at_eof() and _code(client) is None:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    return _code(client) or "cut"


def _code(client: Raw) -> str | None:
    """The code of the close frame that has come, if one has; a reset connection still shows it."""
    came, at = bytes(client.reader._buffer), 0  # type: ignore[attr-defined]
    while at + 2 <= len(came):
        size, head = came[at + 1], 2
        if size > 125:
            head = 4 if size == 126 else 10
            size = int.from_bytes(came[at + 2 : at + head], "big")
        if came[at] & 15 == CLOSE and at + head + 2 <= len(came):
            return str(int.from_bytes(came[at + head : at + head + 2], "big"))
        at += head + size
    return None


def flooding(data: bytes, *, first: bytes = b"", is_signed: bool = False) -> Kind:
    """A socket that sends `first`, and then `data` for ever."""

    async def run(attack: Attack) -> None:
        async def once() -> str:
            async with attack.socket(is_signed=is_signed) as client:
                client.send(first)
                return await attack.flood(client, data)

        await attack.again(once)

    return run


async def slow_heads(attack: Attack) -> None:
    """A byte of a header each second."""

    async def one() -> None:
        async with raw(attack.port) as client:
            client.send(b"GET / HTTP/1.1\r\nhost: x\r\nx-long: ")
            await _drip(attack, client)

    await attack.hold(one)


async def slow_bodies(attack: Attack) -> None:
    """An upload of ten bytes a second."""

    async def one() -> None:
        async with raw(attack.port) as client:
            client.send(
                b"POST /api/media HTTP/1.1\r\nhost: 127.0.0.1:%d\r\norigin: http://127.0.0.1:%d\r\n"
                b"cookie: %b\r\ncontent-type: multipart/form-data; boundary=x\r\n"
                b"content-length: 1000000\r\n\r\n--x\r\n"
                b'content-disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
                % (attack.port, attack.port, attack.cookie.encode())
            )
            await _drip(attack, client, b"y" * 10)

    await attack.hold(one)


async def _drip(attack: Attack, client: Raw, drop: bytes = b"y") -> None:
    """Send a drop a second until the server has had enough."""
    while not attack.over.is_set():
        client.send(drop)
        await attack.pause(DRIP_S)
        if client.reader.at_eof() or client.writer.is_closing():
            break
    else:
        return
    said = bytes(client.reader._buffer)  # type: ignore[attr-defined]
    attack.ends[said[9:12].decode() or "closed"] += 1


async def half_open(attack: Attack) -> None:
    """Sockets behind which there is nobody any more: no answer to a ping, nothing is read."""

    async def one() -> None:
        async with attack.socket(is_signed=False) as client:
            client.writer.transport.pause_reading()  # type: ignore[attr-defined]
            await attack.over.wait()

    await attack.hold(one)


async def visitors(attack: Attack) -> None:
    """As many windows as one address can open, all polite."""

    async def one() -> None:
        async with attack.socket() as client:
            while not attack.over.is_set():
                with contextlib.suppress(TimeoutError):  # nothing was said for a while
                    opcode, payload = await client.next()
                    if opcode == PING:
                        client.frame(payload, PONG)

    await attack.hold(one)


async def commands(attack: Attack) -> None:
    """Ten thousand commands a second, each of them fine."""
    asks = b"".join(
        masked(b'{"type":"profile.get","ref":%d,"name":"nobody"}' % ref) for ref in range(100)
    )

    async def once() -> str:
        async with attack.socket(is_signed=True) as client:
            return await attack.flood(client, asks, 0.01)

    await attack.again(once)


async def deflated(attack: Attack) -> None:
    """Offers compression in every way, and sends compressed frames though it was not accepted."""

    async def once() -> str:
        offers = ["permessage-deflate; client_max_window_bits", "permessage-deflate"] * 20
        async with attack.socket(f"sec-websocket-extensions: {', '.join(offers)}") as client:
            frame = bytearray(masked(b"\xaa" * 1000))
            frame[0] |= 0x40
            return await attack.flood(client, bytes(frame) * 50)

    await attack.again(once)


def _bombs() -> bytes:
    """Objects of 64 KiB: deep, wide, with a number of many digits, with a long string."""
    room = FRAME - 100
    wide = ",".join(f'"k{i}":{i}' for i in range(room // 14))
    bombs = (
        '{"type":"hello","ref":2,"cursor":' + "[" * (room // 2) + "]" * (room // 2) + "}",
        '{"type":"hello","ref":2,"cursor":' + '{"a":' * (room // 6) + "1" + "}" * (room // 6) + "}",
        '{"type":"profile.get","ref":2,' + wide + "}",
        '{"type":"profile.get","ref":' + "9" * room + "}",
        '{"type":"profile.get","ref":1e' + "9" * room + "}",
        '{"type":"profile.get","ref":2,"name":"' + "\\ud83d\\udca3" * (room // 12) + '"}',
        json.dumps({"type": "search.query", "ref": 2, "kind": "posts", "q": "a " * (room // 2)}),
        json.dumps({"type": "watch.set", "ref": 2, "post_ids": ["9" * 18] * (room // 22)}),
    )
    return b"".join(masked(bomb.encode()[:FRAME]) for bomb in bombs)


Kind = Callable[[Attack], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Named:
    """A kind of hostile client. `ends` are the ways in which the server may end it.

    Who sends only what is allowed, if far too much of it, is ended when nothing more fits.
    """

    name: str
    what: str
    run: Kind
    ends: frozenset[str]
    crowd: int = 1
    is_allowed: bool = False
    stays: bool = False  # as open sockets, which are there before anything is measured

    @property
    def is_cut_at_once(self) -> bool:
        """Whether the first connection ends within moments."""
        return self.crowd == 1 and not self.is_allowed


def _row(name: str, what: str, run: Kind, ends: str = "", crowd: int = 1) -> Named:
    is_allowed, stays = run is commands, run in (half_open, visitors)
    return Named(name, what, run, frozenset(ends.split()), crowd, is_allowed, stays)


KINDS: Final = (
    _row("pings", "pings without end, no pong is read", flooding(masked(b"x" * 125, PING) * 500),
         "1008"),
    _row("pongs", "pongs that nobody asked for", flooding(masked(b"x" * 125, PONG) * 500), "1008"),
    _row("empty-fragments", "a message of empty fragments without end",
         flooding(masked(b"", CONT, fin=False) * 5_000, first=masked(b"", fin=False)), "1009"),
    _row("fragments", "a message of one-byte fragments without end",
         flooding(masked(b"x", CONT, fin=False) * 5_000, first=masked(b"x", fin=False)), "1009"),
    _row("endless-frame", "a frame that says it has 2^62 bytes",
         flooding(b"x" * CHUNK, first=pack("!BBQ", 0x81, 0xFF, 2**62)), "1009"),
    _row("deflate", "compressed frames, though compression was refused", deflated, "1002"),
    _row("commands", "10,000 commands a second", commands, "4429 4008"),
    _row("rubbish", "10,000 frames at once that are no commands",
         flooding(masked(b'{"type":"x","ref":1}') * 10_000, is_signed=True), "4429"),
    _row("bombs", "deep, wide, long and huge JSON of 64 KiB", flooding(_bombs(), is_signed=True),
         "4429"),
    _row("slow-heads", "200 requests whose head comes a byte a second", slow_heads, "408 closed",
         200),
    _row("slow-bodies", "100 uploads of ten bytes a second", slow_bodies, "408 closed", 100),
    _row("half-open", "200 sockets that never read", half_open, "", 200),
    _row("visitors", "5,000 sockets from one address", visitors, "", 5_000),
)  # fmt: skip
