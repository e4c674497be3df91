"""A world to try feeds in: processes that share a database, windows, a bad bus, and chance."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from realtime import bell, visibility
from realtime.change import Change, Telling
from realtime.doorbell import Doorbell
from realtime.errors import Goodbye, Refusal
from realtime.feed import Ear, Feed
from realtime.hub.hub import Hub
from realtime.hub.outbox import Outbox
from realtime.hub.plain import unframed
from realtime.model import Post, Relation
from realtime.store import post, publish, relation, timeline
from realtime.store.database import Database, Tx
from realtime.store.timeline import Page
from realtime.watch import Watch
from tests.bad_bus import BadBus
from tests.people import register

AUTHORS = 4
READERS = 3
STEPS = 220


@dataclass
class Process:
    """One process: its feed, its bus and its sockets."""

    end: BadBus.End
    feed: Feed
    change: Change
    views: list[View] = field(default_factory=list)


class Pipe:
    """A lane whose reader is a `View`."""

    def __init__(self, take: Callable[[dict[str, Any]], None]) -> None:
        self.take = take
        self.writable = True
        self.on_writable: Callable[[], None] | None = None

    def write(self, data: bytes) -> None:
        for payload in unframed(data):
            self.take(json.loads(payload))

    def waiting_bytes(self) -> int:
        return 0

    def abort(self) -> None:
        pass


class View:
    """What one window shows: it believes what it is told, newest first, and asks for pages."""

    def __init__(self, world: World, user_id: int) -> None:
        self.world = world
        self.user_id = user_id
        self.cursor: str | None = None
        self.posts: dict[int, Post] = {}
        self.following: dict[int, tuple[int, bool]] = {}  # author → (seq, on)
        self.left: set[int] = set()
        self.wrong: list[str] = []
        self.ear: Ear | None = None
        self.process: Process | None = None
        self.jobs: set[asyncio.Task[None]] = set()
        self.has_view = False
        self.start = 0  # grows with each fresh start: pages of an earlier one are thrown away

    async def open(self, process: Process) -> None:
        self.process = process
        pipe = Pipe(self.take)
        self.ear = ear = Ear(Outbox(pipe, process.feed.hub.due), self._closed)
        process.feed.enter(ear, self.user_id, None)
        process.views.append(self)

        def welcome(cursor: str, resumed: bool) -> bytes:
            return json.dumps({"type": "welcome", "cursor": cursor, "resumed": resumed}).encode()

        await process.feed.hello(ear, self.cursor if self.has_view else None, welcome)

    def _closed(self, goodbye: Goodbye) -> None:
        raise AssertionError(f"closed: {goodbye}")

    def shut(self) -> None:
        """The socket is gone. Pages that were asked for are asked for again until they come."""
        if self.ear is not None and self.process is not None:
            self.process.feed.leave(self.ear)
            self.process.views.remove(self)
        self.ear = self.process = None

    def take(self, told: dict[str, Any]) -> None:
        if "cursor" in told:
            self.cursor = told["cursor"]
        if told["type"] == "welcome" and not (told["resumed"] and self.has_view):
            self.posts, self.following, self.left = {}, {}, set()
            self.has_view = False
            self.start += 1
            self._spawn(self._load(None))
        if told["type"] != "event":
            return
        noun = told["noun"]
        if noun["kind"] == "relation":
            self._stand(int(noun["user_id"]), noun["seq"], noun["following"])
        elif noun["kind"] == "post":
            found = Post(**{k: v for k, v in noun.items() if k != "kind"})
            author = int(noun["author"]["id"])
            if author in self.left and not self.world.may_follow(self, author):
                self.wrong.append(f"post {found.id} of {author} came after the unfollow")
            self._put(found)

    def _stand(self, author: int, seq: int, on: bool) -> None:
        known = self.following.get(author)
        if known is not None and known[0] > seq:
            return
        self.following[author] = (seq, on)
        if on:
            self.left.discard(author)
            self._spawn(self._load(author))
        else:
            self.left.add(author)
            self._drop(author)

    def _drop(self, author: int) -> None:
        # What is gone stays known: a page that was read before may still be on its way.
        for post_id in [i for i, p in self.posts.items() if _author(p) == author and not p.deleted]:
            del self.posts[post_id]

    def _put(self, found: Post) -> None:
        known = self.posts.get(int(found.id))
        if known is None or known.seq <= found.seq:
            self.posts[int(found.id)] = found

    def _spawn(self, job: Any) -> None:
        task = asyncio.create_task(job)
        self.jobs.add(task)
        task.add_done_callback(self.jobs.discard)

    async def _load(self, author: int | None) -> None:
        """A page, which may be old by the time it comes: newest wins here too."""
        start = self.start
        await self.world.pause()
        authors = range(AUTHORS) if author is None else [author]
        ids = [self.world.authors[a] if author is None else a for a in authors]
        relations = await relation.get(self.world.database, self.user_id, ids)
        pages = [
            (a, await timeline.user(self.world.database, a, frozenset(), None, 100))
            for a in ids
            if relations[a].following
        ]
        await self.world.dawdle()
        if start == self.start:
            self._apply(relations, pages)

    def _apply(self, relations: dict[int, Relation], pages: list[tuple[int, Page]]) -> None:
        for a, found in relations.items():
            known = self.following.get(a)
            if known is None or known[0] <= found.seq:
                self.following[a] = (found.seq, found.following)
                if not found.following:
                    self._drop(a)
                else:
                    self.left.discard(a)
        for a, page in pages:
            # One that was asked for before an unfollow tells nothing of what was deleted since.
            if self.following[a] == (relations[a].seq, True):
                for entry in page.entries:
                    if isinstance(entry, Post):
                        self.page_put(entry)
        self.has_view = True

    def page_put(self, found: Post) -> None:
        self._put(found)


def _author(found: Post) -> int:
    author: Any = found.author
    return int(author["id"] if isinstance(author, dict) else author.id)


class World:
    """The database, the processes, the windows, and chance."""

    def __init__(self, database: Database, seed: int, loss: float) -> None:
        self.database = database
        self.chance = random.Random(seed)
        self.bus = BadBus(self.chance, loss)
        self.authors: list[int] = []
        self.readers: list[int] = []
        self.processes: list[Process] = []
        self.views: list[View] = []
        self.jobs: set[asyncio.Task[None]] = set()
        self.is_calm = False
        self.follows: dict[tuple[int, int], int] = {}  # → `seq` of the latest follow
        self.feed_type: type[Feed] = Feed

    async def start(self, view_type: type[View] = View) -> None:
        for i in range(AUTHORS):
            self.authors.append(await register(self.database, f"author{i}"))
        for i in range(READERS):
            self.readers.append(await register(self.database, f"reader{i}"))
        for _ in range(2):
            await self.start_process()
        self.views = [view_type(self, reader) for reader in self.readers for _ in range(2)]

    async def start_process(self) -> None:
        end = BadBus.End(self.bus)
        self.bus.ends[end] = None
        feed = self.feed_type(self.database, Hub(), end)  # type: ignore[arg-type]
        doorbell = Doorbell(feed, Watch(self.database, feed), end)  # type: ignore[arg-type]
        end.ring = doorbell.ring
        await end.subscribe([bell.CONTROL])
        await feed.tail.start()
        self.processes.append(Process(end, feed, Change(self.database, end)))  # type: ignore[arg-type]

    def may_follow(self, view: View, author: int) -> bool:
        """True if a follow was begun after the unfollow that this view was told last."""
        begun = self.follows.get((view.user_id, author), 0)
        return begun > view.following[author][0]

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

    # -- deeds -------------------------------------------------------------------

    async def publish(self) -> None:
        draft = publish.Draft(
            author_id=self.chance.choice(self.authors),
            key=f"{self.chance.getrandbits(128):032x}",
            text="x",
            media=[],
            reply_to=None,
            quote_of=None,
        )

        async def deed(tx: Tx, telling: Telling) -> None:
            created = (await publish.create(tx, [draft], _now()))[0]
            assert not isinstance(created, Refusal)
            telling.noun(visibility.author(draft.author_id), created.post)
            await self.linger()

        await self.chance.choice(self.processes).change(deed)

    async def delete(self) -> None:
        rows = await self.database.fetch_all("SELECT id, author_id FROM posts WHERE NOT deleted")
        if not rows:
            return
        row = self.chance.choice(rows)

        async def deed(tx: Tx, telling: Telling) -> None:
            gone = await post.delete(tx, row["author_id"], row["id"], frozenset(), _now())
            if gone.was_new:
                telling.noun(visibility.author(row["author_id"]), gone.post)
            await self.linger()

        await self.chance.choice(self.processes).change(deed)

    async def follow(self) -> None:
        user_id, author = self.chance.choice(self.readers), self.chance.choice(self.authors)
        known = (await relation.get(self.database, user_id, [author]))[author]

        async def deed(tx: Tx, telling: Telling) -> None:
            done = await relation.follow(tx, user_id, author, not known.following, _now())
            if done.changed:
                telling.noun(visibility.me(user_id), done.mine)
            if done.mine.following:  # before the commit: nobody can have heard of it yet
                self.follows[user_id, author] = done.mine.seq
            await self.linger()

        process = self.chance.choice(self.processes)
        await process.change(deed)
        await process.feed.settle(user_id)

    # -- the trial -----------------------------------------------------------------

    def spawn(self, job: Any) -> None:
        task = asyncio.create_task(job)
        self.jobs.add(task)
        task.add_done_callback(self.jobs.discard)

    async def step(self) -> None:
        what = self.chance.random()
        view = self.chance.choice(self.views)
        if what < 0.16:
            self.spawn(self.publish())
        elif what < 0.20:
            self.spawn(self.delete())
        elif what < 0.28:
            self.spawn(self.follow())
        elif what < 0.34 and view.ear is not None and view.ear.is_live:
            view.shut()
        elif what < 0.50 and view.ear is None:
            self.spawn(view.open(self.chance.choice(self.processes)))
        elif what < 0.56:
            process = self.chance.choice(self.processes)
            self.spawn(self.beat(process))
        elif what < 0.85:
            self.chance.choice(self.processes).end.hand_over()
        await asyncio.sleep(0 if self.chance.random() < 0.7 else 0.001)

    async def beat(self, process: Process) -> None:
        await process.feed.reconcile()
        process.feed.heartbeat(list(process.feed.ears))

    async def quiet(self) -> None:
        """Nothing more is done; what was done is repaired by reconciliations alone."""
        self.is_calm = True
        await self.idle()
        for view in self.views:
            if view.ear is None:
                await view.open(self.processes[0])
        for process in self.processes:
            process.end.inbox.clear()
        for _ in range(3):
            for process in self.processes:
                await self.beat(process)
            await self.idle()

    async def idle(self) -> None:
        async with asyncio.timeout(20):
            while jobs := self.jobs | {job for view in self.views for job in view.jobs}:
                await asyncio.wait(jobs)
            for process in self.processes:
                while busy := [e.refreshing for e in process.feed.ears if e.refreshing]:
                    await asyncio.wait(busy)
            await asyncio.sleep(0.005)

    async def verdict(self) -> list[str]:
        """What each view has wrong, held against a fresh load."""
        wrong = [problem for view in self.views for problem in view.wrong]
        for number, view in enumerate(self.views):
            heard = await relation.audience(self.database, view.user_id)
            due: dict[int, int] = {}
            for author in heard.following:
                page = await timeline.user(self.database, author, frozenset(), None, 100)
                due.update({int(e.id): e.seq for e in page.entries})
            shown = {i: p.seq for i, p in view.posts.items() if not p.deleted}
            wrong += [f"view {number} lost post {i}" for i in due.keys() - shown.keys()]
            wrong += [f"view {number} still shows post {i}" for i in shown.keys() - due.keys()]
        return wrong


def _now() -> int:
    return time.time_ns() // 1_000_000


async def trial(
    database: Database,
    seed: int,
    loss: float,
    feed_type: type[Feed] = Feed,
    view_type: type[View] = View,
) -> list[str]:
    """One random history in a database of its own; what went wrong in it."""
    world = World(database, seed, loss)
    world.feed_type = feed_type
    await world.start(view_type)
    for _ in range(STEPS):
        await world.step()
    await world.quiet()
    wrong = await world.verdict()
    for view in world.views:
        view.shut()
    return wrong
