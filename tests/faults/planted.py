"""Starts `realtime` with bugs or tricks planted in it, or with a bad bus.

`python -m tests.faults.planted NAMES serve …`, with NAMES joined by commas: a judge who has never
condemned anybody proves nothing.
"""

from __future__ import annotations

import asyncio
import random
import socket
import sys
import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import asyncpg

from realtime import reconcile
from realtime.__main__ import main
from realtime.commands import serve
from realtime.config import Config
from realtime.feed import Feed
from realtime.hub.bus import RedisBus
from realtime.hub.hub import Hub
from realtime.hub.outbox import Outbox
from realtime.hub.ring import Told
from realtime.store import events, postgresql, publish, sqlite
from realtime.store.tx import Tx
from realtime.tail import Tail
from tests.faults.tricks import TRICKS

_PERMUTED: Final = 64


def ack_before_commit() -> None:
    """An acknowledged post may still be only in the memory of PostgreSQL."""
    connect = asyncpg.connect

    def hasty(*args: Any, **kwargs: Any) -> Any:
        kwargs["server_settings"] = {
            **(kwargs.get("server_settings") or {}),
            "synchronous_commit": "off",
        }
        return connect(*args, **kwargs)

    asyncpg.connect = hasty
    pool = asyncpg.create_pool

    def hasty_pool(*args: Any, **kwargs: Any) -> Any:
        kwargs["server_settings"] = {
            **(kwargs.get("server_settings") or {}),
            "synchronous_commit": "off",
        }
        return pool(*args, **kwargs)

    asyncpg.create_pool = hasty_pool


def bare_cursor() -> None:
    """The log is read from behind the newest line that was seen."""
    tail = events.tail

    async def bare(db: Any, watermark: int) -> Any:
        lines, horizon = await tail(db, watermark)
        return lines, max((line.xid + 1 for line in lines), default=min(horizon, watermark))

    events.tail = bare


def no_key() -> None:
    """Each asking for a post is a post."""
    create = publish.create

    async def careless(tx: Tx, drafts: Sequence[publish.Draft], at_ms: int) -> Any:
        return await create(tx, [replace(d, key=str(uuid.uuid4())) for d in drafts], at_ms)

    publish.create = careless


def no_replay() -> None:
    """Who comes back is told that nothing was missed."""

    async def none(
        self: Tail, topics: Collection[int], since: int, extra: Iterable[Told] = ()
    ) -> list[Told]:
        return []

    Tail.complete = none  # type: ignore[method-assign]


def hasty_claim() -> None:
    """The cursor says what is in the log, not what was sent."""

    async def reconcile(self: Feed) -> None:
        _, horizon = await events.tail(self._database, 2**62)
        for ear in self.ears:
            ear.claim = horizon

    Feed.reconcile = reconcile  # type: ignore[method-assign]


def no_leaving() -> None:
    """Whom one no longer follows, one still hears."""

    def stay(self: Hub, outbox: Outbox, topics: Iterable[int]) -> None:
        pass

    Hub.leave = stay  # type: ignore[method-assign]


def silent_overflow() -> None:
    """What a slow reader cannot take is dropped without a word."""

    def overflow(self: Outbox) -> None:
        self.flush()
        self.clear()

    Outbox._overflow = overflow  # type: ignore[method-assign]


def reordered() -> None:
    """Numbers are handed out of order."""
    next_seq, look = Tx.next_seq, publish._look

    def turned(taken: Sequence[int]) -> Sequence[int]:
        return [n // _PERMUTED * _PERMUTED + _PERMUTED - 1 - n % _PERMUTED for n in taken]

    async def shuffled(self: Tx, count: int = 1) -> Sequence[int]:
        return turned(await next_seq(self, count))

    async def looked(tx: Tx, keys: Sequence[Any]) -> tuple[Any, Sequence[int]]:
        known, numbers = await look(tx, keys)
        return known, turned(numbers)  # PostgreSQL hands these out in the statement that looks

    Tx.next_seq = shuffled  # type: ignore[method-assign]
    publish._look = looked


def deaf_bus() -> None:
    """Every publish is lost."""

    def publish(self: RedisBus, channel: str, payload: bytes) -> None:
        pass

    RedisBus.publish = publish  # type: ignore[method-assign]


def bad_bus() -> None:
    """A tenth of what is published is lost, a tenth doubled, all of it late and out of order."""
    told = RedisBus.publish

    def publish(self: RedisBus, channel: str, payload: bytes) -> None:
        times = random.choices((0, 1, 2), (0.1, 0.8, 0.1))[0]
        for _ in range(times):
            late_s = random.uniform(0, 2)
            asyncio.get_running_loop().call_later(late_s, told, self, channel, payload)

    RedisBus.publish = publish  # type: ignore[method-assign]


def quick_beats() -> None:
    """A heartbeat a second."""
    setattr(reconcile, "HEARTBEAT_S", 1)  # noqa: B010 - it is a constant for everybody else


def small_buffers() -> None:
    """The kernel holds little for a reader that has stopped: no bug, only less patience."""
    listen = serve._listen

    def narrow(config: Config) -> socket.socket:
        listener = listen(config)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16_384)
        return listener

    serve._listen = narrow


def few_pages() -> None:
    """SQLite is full at as many pages as the file `pages` beside the database says."""
    ask = sqlite._Kept.ask

    async def bounded(self: Any, sql: str, arguments: Any = ()) -> Any:
        if sql == "BEGIN IMMEDIATE":
            ((_, _, file),) = [row.values() for row in await ask(self, "PRAGMA database_list")]
            pages = await asyncio.to_thread(Path(file).with_name("pages").read_text, "ascii")
            await ask(self, f"PRAGMA max_page_count = {int(pages)}")
        return await ask(self, sql, arguments)

    sqlite._Kept.ask = bounded  # type: ignore[method-assign]


def full_uploads() -> None:
    """While the file `full` lies beside their folder, pictures come to a disk without room."""
    open_ = Path.open

    def onto(self: Path, mode: str = "r", *more: Any, **others: Any) -> Any:
        if mode == "xb" and (self.parent.parent / "full").exists():
            self.touch()
            return open_(Path("/dev/full"), "wb", buffering=0)
        return open_(self, mode, *more, **others)

    Path.open = onto  # type: ignore[method-assign]


def slow_migrations() -> None:
    """Each migration takes its time before and after: no bug, only a longer moment to die in."""
    script = postgresql._Line.script

    async def slow(self: Any, sql: str) -> None:
        await asyncio.sleep(0.15)
        await script(self, sql)
        await asyncio.sleep(0.15)

    postgresql._Line.script = slow  # type: ignore[method-assign]


PLANTED: Final[dict[str, Callable[[], None]]] = {
    planted.__name__.replace("_", "-"): planted
    for planted in (
        ack_before_commit,
        bare_cursor,
        no_key,
        no_replay,
        hasty_claim,
        no_leaving,
        silent_overflow,
        reordered,
        deaf_bus,
        bad_bus,
        quick_beats,
        small_buffers,
        few_pages,
        full_uploads,
        slow_migrations,
    )
}

if __name__ == "__main__":
    for name in sys.argv.pop(1).split(","):
        {**PLANTED, **TRICKS}[name]()
    sys.exit(main())
