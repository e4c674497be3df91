"""The regular jobs: compare what was sent with the database, say how far feeds are complete, tidy.

Each process reconciles its own sockets only, so there is no leader to lose.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from realtime import media, metrics
from realtime.config import Config
from realtime.errors import SLOW, Goodbye, Unavailable
from realtime.feed import Feed
from realtime.hub.bus import Bus
from realtime.protocol import HEARTBEAT_S
from realtime.store import events, session, tidy, words
from realtime.store import media as pictures
from realtime.store.database import Database, Tx
from realtime.watch import Watch

log = logging.getLogger(__name__)

BEAT_PARTS: Final = 20  # heartbeats are spread over as many moments
AT_ONCE: Final = 500  # sockets looked at before the loop gets a turn
STUCK_S: Final = 15.0  # without progress
TOUCH_S: Final = 120.0
SWEEP_S: Final = 600.0
INDEX_S: Final = 60.0
BREATH_S: Final = 0.05  # between two parts of the index, for those who wait for the database
LOG_KEPT_S: Final = 25 * 3600  # at least the last day
UNCLAIMED_S: Final = 24 * 3600
TEMPORARY_S: Final = 3600


class Replaced(Exception):
    """Another database stands where this process began: nothing that it remembers is true there."""


class Reconciliation:
    """What this process does by itself."""

    def __init__(
        self, database: Database, bus: Bus, feed: Feed, watch: Watch, config: Config
    ) -> None:
        self._database = database
        self._feed = feed
        self._watch = watch
        self._bus = bus
        self._every_s = config.reconcile_s
        self._uploads = config.uploads
        self._counted = {"published": 0, "dropped": 0}
        self._now = asyncio.Event()
        self._touched = 0.0

    def soon(self) -> None:
        """Reconcile at once: the bus is back, and nobody knows what it lost."""
        self._now.set()

    async def run(self) -> None:
        """Reconcile every so often, and whenever asked."""
        while True:
            # Not all processes at the same moment.
            wait_s = self._every_s * random.uniform(0.9, 1.0)
            with contextlib.suppress(TimeoutError):
                # Not `wait_for`, which can swallow a cancellation on 3.11: the loop would go on.
                async with asyncio.timeout(wait_s):
                    await self._now.wait()
            self._now.clear()
            with metrics.reconcile_seconds.time():
                await self._once()

    async def _once(self) -> None:
        self._count()
        try:
            if await events.epoch(self._database) != self._feed.tail.epoch:
                raise Replaced("the database was restored or replaced; a fresh process is needed")
            await self._feed.reconcile()
            await self._watch.reconcile()
            await self._check_sessions()
        except (Unavailable, OSError) as error:
            log.warning("reconciliation waits: %s", type(error).__name__)

    def _count(self) -> None:
        """Add what the bus has counted since the last time."""
        for what, now in (("published", self._bus.published), ("dropped", self._bus.dropped)):
            metrics.bus_messages.labels(what).inc(now - self._counted[what])
            self._counted[what] = now

    async def _check_sessions(self) -> None:
        """Close the sockets of sessions that ended while the bus could not say so."""
        known = self._feed.sessions()
        if known:
            alive = await session.alive(self._database, known, time.time_ns() // 1_000_000)
            self._feed.end_sessions(set(known) - alive)
            if alive and self._is_touching():
                # An open socket is a sign of life, though it makes no request.
                now_ms = time.time_ns() // 1_000_000
                await self._database.run_tx(lambda tx: session.touch(tx, alive, now_ms))

    def _is_touching(self) -> bool:
        """True once in a while: sessions are written down as alive to the minute, not better."""
        now = asyncio.get_running_loop().time()
        if now - self._touched < TOUCH_S:
            return False
        self._touched = now
        return True

    async def beat(self) -> None:
        """A heartbeat for every socket every 20 seconds, spread over them."""
        while True:
            for part in range(BEAT_PARTS):
                await asyncio.sleep(HEARTBEAT_S / BEAT_PARTS)
                ears = [ear for ear in self._feed.ears if ear.beat % BEAT_PARTS == part]
                self._feed.heartbeat(ears)
                await self._look()

    async def _look(self) -> None:
        """Part with those who read nothing for long."""
        ears = list(self._feed.ears)
        for start in range(0, len(ears), AT_ONCE):
            now = asyncio.get_running_loop().time()
            for ear in ears[start : start + AT_ONCE]:
                if not ear.outbox.is_taken and ear.outbox.stalled_s(now) > STUCK_S:
                    ear.close(Goodbye(SLOW, "You read too slowly. Come back and resume."))
            await asyncio.sleep(0)

    async def index(self) -> None:
        """Let be found what was written before there was a search, or by an older version."""
        while True:
            indexed = 0
            try:
                while count := await self._database.run_tx(words.fill):
                    indexed += count
                    await asyncio.sleep(BREATH_S)
            except (Unavailable, OSError) as error:
                log.warning("the search index waits: %s", type(error).__name__)
            if indexed:
                log.info("indexed %d posts and people for the search", indexed)
            await asyncio.sleep(INDEX_S * random.uniform(0.5, 1.0))

    async def sweep(self) -> None:
        """Let go of what nobody needs any more; several processes may do so at once."""
        while True:
            await asyncio.sleep(SWEEP_S * random.uniform(0.5, 1.0))
            try:
                await self._sweep()
            except (Unavailable, OSError) as error:
                log.warning("sweeping waits: %s", type(error).__name__)

    async def _sweep(self) -> None:
        now_ms = time.time_ns() // 1_000_000

        async def deed(tx: Tx) -> list[str]:
            await events.forget(tx, now_ms - LOG_KEPT_S * 1000)
            await tidy.undone_retweets(tx, now_ms - LOG_KEPT_S * 1000)
            await tidy.empty_notices(tx, now_ms - LOG_KEPT_S * 1000, random.random())
            await session.sweep(tx, now_ms)
            old = await pictures.unclaimed(tx, now_ms - UNCLAIMED_S * 1000)
            return await pictures.delete_unclaimed(tx, old)

        # First what needs no database: on a disk that is full it may be what makes room again.
        await asyncio.to_thread(media.sweep_temporary, self._uploads, TEMPORARY_S)
        files = await self._database.run_tx(deed)
        await asyncio.to_thread(media.remove, self._uploads, files)
        stored = await asyncio.to_thread(media.stored, self._uploads, TEMPORARY_S)
        largest = {media.largest(name) for name in stored}
        known = await pictures.known(self._database, largest)
        # An upload that was cut off between its files and its row leaves files alone.
        strays = [name for name in stored if media.largest(name) not in known]
        await asyncio.to_thread(media.remove, self._uploads, strays)


def remover(uploads: Path, tasks: set[asyncio.Task[None]]) -> Callable[[list[str]], None]:
    """A function that removes files in the background; what fails is left to the sweeper."""

    def remove(files: list[str]) -> None:
        task = asyncio.create_task(asyncio.to_thread(media.remove, uploads, files))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    return remove
