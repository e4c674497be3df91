"""Where feeds are tried: processes that share a database, windows, a bad bus, and chance."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from realtime import bell
from realtime.change import Change
from realtime.doorbell import Doorbell
from realtime.errors import Goodbye
from realtime.feed import Ear, Feed
from realtime.hub.hub import Hub
from realtime.hub.outbox import Outbox
from realtime.hub.plain import unframed
from realtime.store.database import Database
from realtime.watch import Watch
from tests.bad_bus import BadBus


@dataclass
class Process:
    """One process: its feed, its bus and its sockets."""

    end: BadBus.End
    feed: Feed
    watch: Watch
    change: Change
    windows: list[Window] = field(default_factory=list)


class Pipe:
    """A lane whose reader is a window."""

    descriptor: Final = None

    def __init__(self, take: Callable[[dict[str, Any]], None]) -> None:
        self.take = take
        self.writable = True
        self.on_writable: Callable[[], None] | None = None

    def write(self, data: bytes) -> None:
        for payload in unframed(data):
            self.take(json.loads(payload))

    def waiting_bytes(self) -> int:
        return 0

    def go_on(self, data: bytes) -> None:
        self.write(data)

    def abort(self) -> None:
        pass


class Late:
    """A database whose answers may be old by the time they come."""

    def __init__(self, database: Database, stage: Stage) -> None:
        self._database = database
        self._stage = stage

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    async def fetch_all(self, *asked: Any) -> Any:
        rows = await self._database.fetch_all(*asked)
        if not self._stage.is_calm and self._stage.chance.random() < self._stage.late:
            await asyncio.sleep(self._stage.chance.random() * 0.02)
        return rows


class Window:
    """One person's window, which comes and goes; what it shows is its own affair."""

    def __init__(self, stage: Stage, user_id: int) -> None:
        self.stage = stage
        self.user_id = user_id
        self.cursor: str | None = None
        self.wrong: list[str] = []
        self.ear: Ear | None = None
        self.process: Process | None = None
        self.jobs: set[asyncio.Task[None]] = set()
        self.has_view = False
        self.start = 0  # grows with each fresh start: pages of an earlier one are thrown away

    async def open(self, process: Process) -> None:
        """Say hello on this process, with the cursor that goes with the view, if there is one."""
        self.process = process
        pipe = Pipe(self.take)
        self.ear = ear = Ear(Outbox(pipe, process.feed.hub.due), self._closed)
        process.feed.enter(ear, self.user_id, None)
        process.windows.append(self)

        def welcome(cursor: str, resumed: bool) -> bytes:
            said = {"cursor": cursor, "resumed": resumed, "unread": ear.unread}
            return json.dumps({"type": "welcome", **said}).encode()

        await process.feed.hello(ear, self.cursor if self.has_view else None, welcome)

    def _closed(self, goodbye: Goodbye) -> None:
        raise AssertionError(f"closed: {goodbye}")

    def shut(self) -> None:
        """The socket is gone. Pages that were asked for are asked for again until they come."""
        if self.ear is not None and self.process is not None:
            self.process.feed.leave(self.ear)
            self.process.windows.remove(self)
        self.ear = self.process = None

    def take(self, told: dict[str, Any]) -> None:
        """One frame."""
        if "cursor" in told:
            self.cursor = told["cursor"]
        if told["type"] == "welcome":
            is_fresh = not (told["resumed"] and self.has_view)
            if is_fresh:
                self.has_view = False
                self.start += 1
            self.welcomed(told, is_fresh)
        elif told["type"] == "event":
            self.hear(told["noun"])

    def welcomed(self, welcome: dict[str, Any], is_fresh: bool) -> None:
        """`is_fresh`: nothing that was shown counts any more."""
        raise NotImplementedError

    def hear(self, noun: dict[str, Any]) -> None:
        """This is so now."""
        raise NotImplementedError

    def spawn(self, job: Any) -> None:
        """Ask for something beside what comes."""
        task = asyncio.create_task(job)
        self.jobs.add(task)
        task.add_done_callback(self.jobs.discard)


class Stage:
    """The database, the processes, the windows, and chance."""

    rounds = 1  # each ends with a quiet moment
    steps = 220
    late = 0.1  # answers of the database to a feed
    handed = 1  # messages of the bus at once, at most

    def __init__(self, database: Database, seed: int, loss: float) -> None:
        self.database = database
        self.chance = random.Random(seed)
        self.bus = BadBus(self.chance, loss)
        self.processes: list[Process] = []
        self.jobs: set[asyncio.Task[None]] = set()
        self.is_calm = False

    @property
    def windows(self) -> Sequence[Window]:
        """All of them, open or not."""
        raise NotImplementedError

    async def start_process(self, feed_type: type[Feed], change_type: type[Change]) -> Process:
        """One more process on this database and this bus."""
        end = BadBus.End(self.bus)
        self.bus.ends[end] = None
        feed = feed_type(Late(self.database, self), Hub(), end)  # type: ignore[arg-type]
        watch = Watch(self.database, feed)
        end.ring = Doorbell(feed, watch, end).ring  # type: ignore[arg-type]
        await end.subscribe([bell.CONTROL])
        await feed.tail.start()
        change = change_type(self.database, end)  # type: ignore[arg-type]
        self.processes.append(Process(end, feed, watch, change))
        return self.processes[-1]

    async def pause(self) -> None:
        for _ in range(0 if self.is_calm else self.chance.choice((0, 0, 1, 3, 8))):
            await asyncio.sleep(0)

    async def dawdle(self) -> None:
        """On its way a page gets older: what it shows may be deleted meanwhile."""
        await self.pause()
        if not self.is_calm and self.chance.random() < 0.8:
            await asyncio.sleep(self.chance.random() * 0.1)

    async def linger(self) -> None:
        """Between a transaction's last statement and its commit: others commit meanwhile."""
        if self.database.dialect == "postgresql" and self.chance.random() < 0.3:
            await asyncio.sleep(self.chance.random() * 0.02)

    def spawn(self, job: Any) -> None:
        """Begin something, and go on."""
        task = asyncio.create_task(job)
        self.jobs.add(task)
        task.add_done_callback(self.jobs.discard)

    async def step(self) -> None:
        """Whatever chance will have next."""
        raise NotImplementedError

    def come_or_go(self, what: float) -> None:
        """By a number up to 1: a window shuts or opens, a process beats, a message arrives."""
        window = self.chance.choice(self.windows)
        if what < 0.1:
            self._cut(window)
        elif what < 0.3:
            if window.ear is None:
                self.spawn(window.open(self.chance.choice(self.processes)))
        elif what < 0.4:
            self.spawn(self._beat_and_cut(self.chance.choice(self.processes)))
        else:
            end = self.chance.choice(self.processes).end
            for _ in range(self.chance.randint(1, self.handed)):
                end.hand_over()

    def _cut(self, window: Window) -> None:
        if window.ear is not None and window.ear.is_live:
            window.shut()
            # A page that is loaded anew has nothing to resume from.
            window.has_view = window.has_view and self.chance.random() < 0.7

    async def _beat_and_cut(self, process: Process) -> None:
        """A promise that was given is taken at its word at once."""
        await self.beat(process)
        if process.windows and not self.is_calm and self.chance.random() < 0.5:
            self._cut(self.chance.choice(process.windows))

    async def beat(self, process: Process) -> None:
        """Repair what was lost, and say how far all is complete."""
        await process.feed.reconcile()
        process.feed.heartbeat(list(process.feed.ears))

    async def quiet(self) -> None:
        """Nothing more is done; what was done is repaired by reconciliations alone."""
        self.is_calm = True
        await self.idle()
        for window in self.windows:
            if window.ear is None:
                await window.open(self.processes[0])
        for process in self.processes:
            process.end.inbox.clear()
        for _ in range(3):
            for process in self.processes:
                await self.beat(process)
            await self.idle()

    async def idle(self) -> None:
        """Wait until nobody is doing anything."""
        async with asyncio.timeout(50):  # a busy machine is no fault of the code
            while jobs := self.jobs | {job for window in self.windows for job in window.jobs}:
                await asyncio.wait(jobs)
            for process in self.processes:
                while busy := [e.refreshing for e in process.feed.ears if e.refreshing]:
                    await asyncio.wait(busy)
            await asyncio.sleep(0.005)

    async def verdict(self) -> list[str]:
        """What each window has wrong, held against a fresh load."""
        raise NotImplementedError

    async def trial(self) -> list[str]:
        """One random history, to its quiet end; what went wrong in it."""
        wrong: list[str] = []
        for _ in range(self.rounds):
            self.is_calm = False
            for _ in range(self.steps):
                await self.step()
                await asyncio.sleep(0 if self.chance.random() < 0.7 else 0.001)
            await self.quiet()
            wrong += await self.verdict()
        wrong += [problem for window in self.windows for problem in window.wrong]
        for window in self.windows:
            window.shut()
        return wrong


def now_ms() -> int:
    return time.time_ns() // 1_000_000
