"""One trial: a crowd lives on a cluster, something breaks and is mended, the judge reads it all."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from websockets.exceptions import InvalidHandshake

from tests.faults.check import Verdict, check
from tests.faults.cluster import USUAL, Cluster, Setting, cluster
from tests.faults.history import Edge, Fault, History, now
from tests.faults.line import Away, Dial, Json, Line, dial
from tests.faults.people import Author, Follower, pages

SETTLE_S: Final = 60.0
AT_ONCE: Final = 100  # of a crowd that comes in, or follows; nobody breaks anything by it
LOOKING: Final = 8  # windows that are opened afresh at once
KEY_CHARACTERS: Final = 36  # a post's text begins with its key
_TRACE: Final = re.compile(r"Traceback \(most recent call last\)|internal error|died")
_RECORD: Final = re.compile(r"\n(?=\d{4}-\d\d-\d\dT)")


@dataclass(frozen=True, slots=True)
class Size:
    """How much life there is. Each follower follows `circle` of the authors."""

    authors: int = 6
    followers: int = 90
    circle: int = 4
    every_s: float = 0.05  # an author's pace, as long as acknowledgements keep up
    before_s: float = 1.0
    after_s: float = 2.0


SMALL: Final = Size(authors=4, followers=24, circle=3, every_s=0.04, before_s=0.5, after_s=1.0)


@dataclass(slots=True)
class Crowd:
    """The people of a trial, for a fault that concerns them."""

    authors: list[Author]
    followers: list[Follower]
    chance: random.Random
    history: History


Break = Callable[[Cluster, Crowd, Fault], Awaitable[None]]
"""Breaks something, notes in the fault what shows it, and mends it before it returns."""

Live = Callable[[int, Size], Awaitable[tuple[History, Verdict]]]
"""A whole trial with this seed, from its first process to its verdict."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the matrix."""

    name: str
    what: str
    does: Break
    setting: Setting = USUAL
    authors_wired: bool = True  # they too come by the clients' wires
    size: Size | None = None  # of the whole trial, where it is not the usual
    dials: Dial = dial
    is_passed_on: bool = False  # a proxy tries the next node for who is refused by one
    settle_s: float = SETTLE_S
    is_quick: bool = False
    excuses: str | None = None  # what the log says in an alarm that is the fault's own doing
    lives: Live | None = None  # instead of a crowd's life; `does` is not called then
    missing: Callable[[], str | None] = lambda: None  # why it cannot be lived here


async def trial(row: Row, seed: int, size: Size) -> tuple[History, Verdict]:
    """Live through one row of the matrix."""
    if row.lives is not None:
        return await row.lives(seed, size)
    async with cluster(row.setting) as built:
        return await crowded(row, built, seed, size)


async def crowded(row: Row, built: Cluster, seed: int, size: Size) -> tuple[History, Verdict]:
    """A crowd's life on what `built` serves already, broken by `row.does`."""
    history = History(seed)
    chance = random.Random(seed)
    async with gather(row, built, history, chance, size) as crowd:
        await _live(row, built, crowd, size)
        await settle(crowd, row.settle_s)
        await look(crowd)
    for node in built.nodes:
        history.alarms += alarms(node.log, row.excuses)
    return history, check(history)


@asynccontextmanager
async def gather(
    row: Row, built: Cluster, history: History, chance: random.Random, size: Size
) -> AsyncIterator[Crowd]:
    """Everybody has an account and a window, and follows whom they follow."""
    cookies = built.folder / "cookies"
    count = size.authors + size.followers
    await built.run("fixture", "--users", str(count), "--follow", "0", "--cookies", str(cookies))
    people = [line.split("\t") for line in cookies.read_text(encoding="utf-8").splitlines()]
    direct = [node.port for node in built.nodes]
    lines = [
        Line(
            built.ports if row.authors_wired or i >= size.authors else direct,
            person[2],
            random.Random(chance.random()),
            row.dials,
        )
        for i, person in enumerate(people)
    ]
    for line in lines:
        line.is_passed_on = row.is_passed_on
    ids = [int(person[0]) for person in people]
    authors = [
        Author(ids[i], lines[i], history, random.Random(chance.random()))
        for i in range(size.authors)
    ]
    followers = [Follower(f"w{i}", ids[i], lines[i], history) for i in range(size.authors, count)]
    crowd = Crowd(authors, followers, chance, history)
    tasks = []
    try:
        for start in range(0, len(followers), AT_ONCE):
            some = followers[start : start + AT_ONCE]
            tasks += [asyncio.create_task(follower.run()) for follower in some]
            await _all(follower.welcomed.wait() for follower in some)
            await _all(_meet(follower, crowd, size) for follower in some)
        yield crowd
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _all(work: Iterable[Awaitable[object]], within_s: float = 180.0) -> None:
    async with asyncio.timeout(within_s):
        await asyncio.gather(*work)


async def _meet(follower: Follower, crowd: Crowd, size: Size) -> None:
    whom = crowd.chance.sample([author.user_id for author in crowd.authors], size.circle)
    for author in whom:
        edge = Edge(follower.user_id, author, "follow", now())
        crowd.history.edges.append(edge)
        answer = await follower.line.ask("follow.set", user_id=str(author), on=True)
        while answer["type"] != "ok":  # a machine may be too busy for everybody at once
            await asyncio.sleep(answer["retry_after"])
            answer = await follower.line.ask("follow.set", user_id=str(author), on=True)
        edge.acked = now()


async def _live(row: Row, built: Cluster, crowd: Crowd, size: Size) -> None:
    """Authors post before, while and after it is broken."""
    enough = asyncio.Event()
    posting = [asyncio.create_task(author.run(enough, size.every_s)) for author in crowd.authors]
    try:
        await asyncio.sleep(size.before_s)
        fault = Fault(row.name, now())
        crowd.history.faults.append(fault)
        await row.does(built, crowd, fault)
        fault.healed = fault.healed or now()
        await asyncio.sleep(size.after_s)
        enough.set()
        async with asyncio.timeout(row.settle_s):
            await asyncio.gather(*posting)
    finally:
        for task in posting:
            task.cancel()
        await asyncio.gather(*posting, return_exceptions=True)


async def settle(crowd: Crowd, within_s: float = SETTLE_S) -> None:
    """Until every window shows what it is due, or the time is over: then the judge will say so."""
    history = crowd.history
    due = {attempt.author: set[int]() for attempt in history.attempts.values()}
    for attempt in history.attempts.values():
        due[attempt.author] |= attempt.ids - history.deletions.keys()
    circles: dict[int, set[int]] = {}
    for edge in history.edges:
        circle = circles.setdefault(edge.who, set())
        if edge.what == "follow":
            circle.add(edge.whom)
        else:
            circle.discard(edge.whom)

    def is_due(follower: Follower) -> bool:
        wanted = set().union(*(due.get(author, ()) for author in circles[follower.user_id]))
        return not follower.is_settled or not wanted <= follower.shown.keys()

    deadline = now() + within_s
    waiting: Sequence[Follower] = crowd.followers
    while waiting and now() < deadline:
        await asyncio.sleep(0.1)
        waiting = [follower for follower in waiting if is_due(follower)]
    await asyncio.sleep(1.0)  # whatever comes too much has time to come


async def look(crowd: Crowd) -> None:
    """What each window shows, and what it would show if it were opened now."""
    for follower in crowd.followers:
        shown = follower.shown.items()
        follower.seat.final = {post: seq for post, (seq, _, is_dead) in shown if not is_dead}
    turns = asyncio.Semaphore(LOOKING)

    async def one(follower: Follower) -> None:
        async with turns:
            entries = await fresh(follower.line, "home", None)
        posts = map(_post, entries)
        follower.seat.fresh = {int(post["id"]): post["seq"] for post in posts}

    await asyncio.gather(*map(one, crowd.followers))
    for author in crowd.authors:
        # By themselves: whoever else asked might be blocked.
        entries = await fresh(author.line, "user", author.user_id)
        own = [entry for entry in map(_post, entries) if _is_by(entry, author)]
        crowd.history.stored += [(int(post["id"]), post["text"][:KEY_CHARACTERS]) for post in own]


def _post(entry: Json) -> Json:
    """The post of an entry: itself, or the one that a retweet carries."""
    post: Json = entry.get("post", entry)
    return post


def _is_by(post: Json, author: Author) -> bool:
    return int(post["author"]["id"]) == author.user_id


async def fresh(of: Line, name: str, whose: int | None, floor: int = 0) -> list[Json]:
    """All pages of a timeline down to the id `floor`, over a further line of that person."""
    for _ in range(20):
        line = of.another()
        reading: asyncio.Task[int] | None = None
        try:
            await line.open()
            reading = asyncio.ensure_future(line.read(lambda frame: None))
            await line.ask("hello")
            return await pages(line, name, whose, floor)
        except (OSError, InvalidHandshake, Away, TimeoutError):
            await asyncio.sleep(0.5)
        finally:
            if reading is not None:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)
    raise RuntimeError("no node gave a page")


def alarms(log: str, excuses: str | None = None) -> list[str]:
    """Records of a node's log that no fault excuses: tracebacks, deaths, internal errors."""
    return [
        record[:600]
        for record in _RECORD.split(log)
        if _TRACE.search(record) and not (excuses and re.search(excuses, record))
    ]
