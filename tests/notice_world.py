"""A world of notices to try feeds in: people do things to each other, and take them back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

import msgspec

from realtime import app, protocol
from realtime.change import Change, Deed, Telling
from realtime.codec import encode
from realtime.feed import Ear, Feed
from realtime.handlers import context, registry
from realtime.hub.limits import NoLimits
from realtime.hub.outbox import Outbox
from realtime.protocol import Command, Error
from realtime.store.database import Database, Tx
from tests.feed_stage import Pipe, Process, Stage, Window
from tests.people import register

PEOPLE = 3
EMOJI = ("🌊", "🔥", "👍")
FIRST_POSTS = 2  # of each
RECENT = 4
PACE_S = 0.04
Json = dict[str, Any]
T = TypeVar("T")


class Desk(Window):
    """What one window shows of notices: it believes what it is told, and asks for pages once."""

    def __init__(self, world: NoticeWorld, user_id: int) -> None:
        super().__init__(world, user_id)
        self.world = world
        self.notices: dict[str, Json] = {}
        self.read: Json = {"seq": 0, "up_to": "0", "unread": 0}

    def welcomed(self, welcome: Json, is_fresh: bool) -> None:
        if is_fresh:
            self.notices = {}
            self.read = {"seq": 0, "up_to": "0", "unread": 0}
            self.spawn(self._load())
        self.read["unread"] = welcome["unread"]

    def hear(self, noun: Json) -> None:
        if noun["kind"] == "notice":
            self._put(noun)
        elif noun["kind"] == "read" and noun["seq"] >= self.read["seq"]:
            self.read = {name: noun[name] for name in ("seq", "up_to", "unread")}

    def _put(self, notice: Json) -> None:
        known = self.notices.get(notice["id"])
        if known is None or known["seq"] <= notice["seq"]:
            self.notices[notice["id"]] = notice

    async def _load(self) -> None:
        """All pages, which may be old by the time they come: newest wins here too."""
        start = self.start
        await self.world.pause()
        found, _ = await self.world.listed(self.user_id)
        await self.world.dawdle()
        if start != self.start:
            return
        for notice in found:
            self._put(notice)
            if notice["read"] and int(notice["id"]) > int(self.read["up_to"]):
                self.read["up_to"] = notice["id"]
        self.has_view = True

    def shown(self) -> list[Json]:
        """What stands there, newest first; what was read is known by how far one has read."""
        up_to = int(self.read["up_to"])
        here = [notice for notice in self.notices.values() if notice["count"]]
        here.sort(key=lambda notice: -int(notice["id"]))
        return [{**notice, "read": int(notice["id"]) <= up_to} for notice in here]


class Lingering(Change):
    """Between the last statement of a transaction and its commit, others commit meanwhile."""

    world: NoticeWorld

    async def __call__(self, deed: Deed[T], *, straight: bool = False) -> T:
        async def slow(tx: Tx, telling: Telling) -> T:
            result = await deed(tx, telling)
            await self.world.linger()
            return result

        return await super().__call__(slow)  # never straight: it waits


class NoticeWorld(Stage):
    """People with two windows each, who do by the handlers what a client may ask for."""

    rounds = 6
    steps = 60
    late = 0.5
    handed = 8

    def __init__(self, database: Database, seed: int, loss: float) -> None:
        super().__init__(database, seed, loss)
        self.people: list[int] = []
        self.desks: list[Desk] = []
        self.posts: list[tuple[int, str]] = []  # author, id
        self._loops: list[asyncio.Task[None]] = []
        self._deeds: tuple[tuple[float, Callable[[int], Awaitable[Command | None]]], ...] = (
            (0.30, self._react),
            (0.14, self._retweet),
            (0.18, self._post),
            (0.13, self._follow),
            (0.13, self._read),
            (0.08, self._hide),
            (0.04, self._delete),
        )

    @property
    def windows(self) -> list[Desk]:
        return self.desks

    async def start(self) -> None:
        registry.load()
        for i in range(PEOPLE):
            self.people.append(await register(self.database, f"person{i}"))
        for _ in range(2):
            process = await self.start_process(Feed, Lingering)
            assert isinstance(process.change, Lingering)
            process.change.world = self
            process.feed.personal.pace_s = PACE_S
            self._loops.append(asyncio.create_task(process.feed.personal.run()))
        self.desks = [Desk(self, person) for person in self.people for _ in range(2)]
        for person in self.people:
            for _ in range(FIRST_POSTS):
                await self._publish(person, "")

    async def stop(self) -> None:
        """No process goes on telling."""
        for loop in self._loops:
            loop.cancel()
            with suppress(asyncio.CancelledError):
                await loop

    async def ask(self, process: Process, user_id: int, command: Command) -> Json | None:
        """The result, as it goes over the wire; None if it was refused."""
        ear = Ear(Outbox(Pipe(lambda told: None), process.feed.hub.due), lambda goodbye: None)
        ear.user_id = user_id
        world = context.World(
            database=self.database,
            change=process.change,
            feed=process.feed,
            watch=process.watch,
            limits=NoLimits(),
            wire_limits=app.wire_limits(frozenset()),
            remove_files=lambda files: None,
        )
        answer = await registry.dispatch(context.Context(world, ear, _nobody, "127.0.0.1"), command)
        if isinstance(answer, Error):
            assert answer.code not in ("internal", "unavailable"), answer
            return None
        result: Json = msgspec.json.decode(encode(answer))["result"]
        return result

    async def listed(self, user_id: int) -> tuple[list[Json], int]:
        """Every notice of this person, newest first, and how many they have not read."""
        found: list[Json] = []
        before: Json = {}
        while True:
            command = protocol.NoticeList(1, **before)
            page = await self.ask(self.processes[0], user_id, command)
            assert page is not None
            found += page["notices"]
            if "next" not in page:
                return found, page["unread"]
            before = {"before": page["next"]}

    # What chance may have somebody do.

    async def do(self) -> None:
        """One deed of one person, through any process."""
        who = self.chance.choice(self.people)
        weights = [weight for weight, _ in self._deeds]
        [(_, choose)] = self.chance.choices(self._deeds, weights)
        command = await choose(who)
        if command is not None:
            await self.ask(self.chance.choice(self.processes), who, command)

    def _other(self, who: int) -> int:
        return self.chance.choice([person for person in self.people if person != who])

    def _on(self, likely: float) -> bool:
        return self.chance.random() < likely

    async def _react(self, who: int) -> Command:
        _, post_id = self.chance.choice(self.posts[-RECENT:])
        return protocol.ReactSet(1, post_id, self.chance.choice(EMOJI), self._on(0.6))

    async def _retweet(self, who: int) -> Command:
        return protocol.RetweetSet(1, self.chance.choice(self.posts[-RECENT:])[1], self._on(0.6))

    async def _post(self, who: int) -> None:
        (_, answered), (_, quoted) = self.chance.choices(self.posts, k=2)
        named = self.people.index(self._other(who))
        kinds: list[Json] = [{"reply_to": answered}, {"quote_of": quoted}, {}]
        kinds.append(kinds[0] | kinds[1])
        text = f"@person{named}" if self._on(0.5) else "to nobody"
        await self._publish(who, text, **self.chance.choice(kinds))

    async def _publish(self, who: int, text: str, **fields: Any) -> None:
        digits = f"{self.chance.getrandbits(128):032x}"
        key = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
        command = protocol.PostCreate(1, key, text or "something", **fields)
        done = await self.ask(self.chance.choice(self.processes), who, command)
        if done is not None:
            self.posts.append((who, done["post"]["id"]))

    async def _delete(self, who: int) -> Command | None:
        mine = [post_id for author, post_id in self.posts if author == who]
        return protocol.PostDelete(1, self.chance.choice(mine)) if mine else None

    async def _follow(self, who: int) -> Command:
        return protocol.FollowSet(1, str(self._other(who)), self._on(0.6))

    async def _hide(self, who: int) -> Command:
        how = self.chance.choice((protocol.BlockSet, protocol.MuteSet))
        return how(1, str(self._other(who)), self._on(0.5))

    async def _read(self, who: int) -> Command | None:
        """What one of their windows shows as newest; seldom something of the future."""
        ids = [n["id"] for desk in self.desks if desk.user_id == who for n in desk.shown()]
        if not ids:
            return None
        up_to = str(2**62) if self._on(0.1) else self.chance.choice(ids[:3])
        return protocol.NoticeRead(1, up_to)

    async def step(self) -> None:
        what = self.chance.random()
        if what < 0.35:
            self.spawn(self.do())
        else:
            self.come_or_go((what - 0.35) / 0.65)

    async def verdict(self) -> list[str]:
        wrong = []
        for number, desk in enumerate(self.desks):
            due, unread = await self.listed(desk.user_id)
            shown = desk.shown()
            if desk.read["unread"] != unread:
                wrong.append(f"window {number} says {desk.read['unread']} unread, not {unread}")
            if shown != due:
                mine = {n["id"]: n for n in shown}
                theirs = {n["id"]: n for n in due}
                for id in sorted(mine.keys() | theirs.keys()):
                    if mine.get(id) != theirs.get(id):
                        wrong.append(f"window {number}: {mine.get(id)}, not {theirs.get(id)}")
        return wrong


async def _nobody() -> None:
    return None


async def trial(database: Database, seed: int, loss: float) -> list[str]:
    """One random history in a database of its own; what went wrong in it."""
    world = NoticeWorld(database, seed, loss)
    try:
        await world.start()
        return await world.trial()
    finally:
        await world.stop()
