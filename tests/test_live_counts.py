"""Live counts under fire: two hundred people react and take it back at random, and every window
shows what the database holds soon after the last of them, though a tenth of all doorbells is lost.

What is lost on the bus is told by nobody but the next reconciliation, which here comes every second
instead of every thirty. `REALTIME_TEST_COUNTS_S=30` makes it the long run: so many seconds of it.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
from collections import defaultdict
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Any

from realtime import bell
from realtime.change import Change
from realtime.config import Config
from realtime.doorbell import Doorbell
from realtime.errors import Refusal
from realtime.feed import Ear, Feed
from realtime.handlers import react
from realtime.hub.hub import Hub
from realtime.hub.outbox import Outbox
from realtime.model import Counts, Mine
from realtime.store import counts, publish
from realtime.store.bulk import Somebody, people
from realtime.store.database import Database, Tx
from realtime.store.react import Item
from realtime.tasks import running
from realtime.watch import Watch
from tests.bad_bus import BadBus
from tests.feed_stage import Pipe
from tests.people import fresh_database, register

FOR_S = float(os.environ.get("REALTIME_TEST_COUNTS_S", "2"))
PEOPLE, POSTS, WINDOWS, HANDS = 200, 50, 8, 12
LOSS = 0.1
RECONCILE_S = 1.0
QUIET_S = 2.0
A_SECOND = 4  # frames of one post in one window
EMOJI = ("🌊", "🔥", "🐙")


class Lossy(BadBus.End):
    """An end of the bus that hands over by itself, and loses a tenth."""

    def publish(self, channel: str, payload: bytes) -> None:
        for end in self.bus.ends:
            if channel in end.channels and self.bus.chance.random() >= LOSS:
                asyncio.get_running_loop().call_soon(end.ring, [(channel, payload)])


@dataclass
class Process:
    feed: Feed
    watch: Watch
    change: Change

    async def reconcile(self) -> None:
        while True:
            await asyncio.sleep(RECONCILE_S)
            await self.feed.reconcile()
            await self.watch.reconcile()


class Shown:
    """What one window shows, newest first, and when each frame of numbers came."""

    def __init__(self, user_id: int) -> None:
        self.user_id = user_id
        self.known: dict[tuple[str, int], dict[str, Any]] = {}
        self.came: dict[int, list[float]] = defaultdict(list)

    def put(self, noun: dict[str, Any]) -> None:
        key = (noun["kind"], int(noun["post_id"]))
        if key not in self.known or self.known[key]["v"] <= noun["v"]:
            self.known[key] = noun

    def take(self, told: dict[str, Any]) -> None:
        if told["type"] != "event":
            return
        noun = told["noun"]
        if noun["kind"] == "counts":
            self.came[int(noun["post_id"])].append(asyncio.get_running_loop().time())
        if noun["kind"] in ("counts", "mine"):
            self.put(noun)

    async def open(self, process: Process, posts: list[int]) -> None:
        ear = Ear(Outbox(Pipe(self.take), process.feed.hub.due), lambda goodbye: None)
        process.feed.enter(ear, self.user_id, None)

        def welcome(cursor: str, resumed: bool) -> bytes:
            return json.dumps({"type": "welcome", "cursor": cursor, "resumed": resumed}).encode()

        await process.feed.hello(ear, None, welcome)
        now, mine, _ = await process.watch.look(ear, posts, explore=False)
        nouns: list[Counts | Mine] = [*now, *mine]
        for found in nouns:
            self.put(json.loads(bell.event(0, found))["noun"])

    async def wrong(self, database: Database, posts: list[int]) -> list[str]:
        now = await counts.by_ids(database, posts)
        mine = await counts.mine(database, self.user_id, posts)
        found = []
        for post_id in posts:
            if self.known["counts", post_id]["reactions"] != now[post_id].reactions:
                found.append(f"counts of {post_id}")
            own = self.known["mine", post_id]["reactions"]
            if set(own) != set(mine[post_id].reactions):
                found.append(f"mine on {post_id}")
        return found

    def most_in_a_second(self) -> int:
        most = 0
        for times in self.came.values():
            for start, began in enumerate(times):
                most = max(most, sum(1 for at in times[start:] if at < began + 1.0))
        return most


async def start(database: Database, bus: BadBus) -> Process:
    end = Lossy(bus)
    bus.ends[end] = None
    feed = Feed(database, Hub(), end)  # type: ignore[arg-type]
    watch = Watch(database, feed)
    end.ring = Doorbell(feed, watch, end).ring  # type: ignore[arg-type]
    await end.subscribe([bell.CONTROL])
    await feed.tail.start()
    return Process(feed, watch, Change(database, end))  # type: ignore[arg-type]


async def crowd(database: Database) -> tuple[list[int], list[int]]:
    """Two hundred people, and fifty posts by one of them."""

    async def deed(tx: Tx) -> list[int]:
        numbers = await tx.next_seq(2 * PEOPLE)
        found = [
            Somebody(numbers[2 * n], f"p{n}", numbers[2 * n + 1], f"token {n}")
            for n in range(PEOPLE)
        ]
        await people(tx, found, "no password", 1, 2**40)
        return [somebody.id for somebody in found]

    everybody = await database.run_tx(deed)
    author = await register(database, "author")
    drafts = [publish.Draft(author, f"{n:032x}", "x", [], None, None) for n in range(POSTS)]

    async def write(tx: Tx) -> list[int]:
        made = await publish.create(tx, drafts, 1)
        return [int(m.post.id) for m in made if not isinstance(m, Refusal)]

    return everybody, await database.run_tx(write)


async def hand(
    processes: list[Process], everybody: list[int], posts: list[int], chance: random.Random
) -> None:
    """Somebody reacts, or takes it back, one after the other, until time is over."""
    until = asyncio.get_running_loop().time() + FOR_S
    while asyncio.get_running_loop().time() < until:
        item = Item(
            chance.choice(everybody),
            chance.choice(posts),
            chance.choice(EMOJI),
            chance.random() < 0.6,
        )
        with suppress(Refusal):  # eight different ones are there
            await chance.choice(processes).change.join(react.set_many, item)
        await asyncio.sleep(chance.random() * 0.02)


async def whole(shown: list[Shown], database: Database, posts: list[int]) -> list[str]:
    found = [
        (n, problem) for n, s in enumerate(shown) for problem in await s.wrong(database, posts)
    ]
    return [f"window {n}: {problem}" for n, problem in found]


async def quiet(shown: list[Shown], database: Database, posts: list[int]) -> None:
    """Wait until every window is right; name what is wrong if that takes too long."""
    until = asyncio.get_running_loop().time() + QUIET_S
    while wrong := await whole(shown, database, posts):
        assert asyncio.get_running_loop().time() < until, wrong
        await asyncio.sleep(0.05)


async def test_every_window_shows_the_true_numbers_two_seconds_after_the_last_deed(
    config: Config,
) -> None:
    chance = random.Random(7)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(fresh_database(config.database_url))
        bus = BadBus(chance, LOSS)
        processes = [await start(database, bus) for _ in range(2)]
        everybody, posts = await crowd(database)
        # The last few react often, and look from two windows.
        shown = [Shown(everybody[n // 2]) for n in range(WINDOWS)]
        for n, one in enumerate(shown):
            await one.open(processes[n % 2], posts)
        loops = {f"watch {n}": p.watch.run() for n, p in enumerate(processes)}
        loops |= {f"reconcile {n}": p.reconcile() for n, p in enumerate(processes)}
        async with running(loops, lambda: None):
            few = everybody[: WINDOWS // 2]
            async with asyncio.TaskGroup() as hands:
                for n in range(HANDS):
                    who = few if n < HANDS // 4 else everybody
                    hands.create_task(hand(processes, who, posts, chance))
            await quiet(shown, database, posts)
        assert max(one.most_in_a_second() for one in shown) <= A_SECOND
        assert sum(len(times) for one in shown for times in one.came.values()) > POSTS
