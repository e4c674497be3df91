"""Who takes part in a trial: followers before windows, and authors who do not give up.

They speak the wire by themselves, sharing nothing with the program that is judged.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import uuid
from collections.abc import AsyncIterator, Awaitable
from typing import Any

from websockets.exceptions import InvalidHandshake

from tests.faults.history import Attempt, Deleted, Edge, Heard, History, Seat, now
from tests.faults.line import Away, Json, Line

__all__ = ["Author", "Away", "Follower", "Json", "Line", "pages"]


class Follower:
    """A window that is kept open, and shows what it was told."""

    def __init__(self, name: str, user_id: int, line: Line, history: History) -> None:
        self.name = name
        self.user_id = user_id
        self.line = line
        self.seat = history.seats[name] = Seat(user_id)
        self.shown: dict[int, tuple[int, int, bool]] = {}  # post → seq, author, deleted
        self.is_whole = False  # what is shown and the cursor belong together
        self.cursor: str | None = None
        self.welcomed = asyncio.Event()
        self._history = history
        self._stands: dict[int, tuple[int, bool]] = {}  # author → seq, following
        self._start = 0
        self._loads: set[asyncio.Task[None]] = set()
        self._left = now()

    @property
    def is_settled(self) -> bool:
        """Welcomed, and no page is awaited."""
        return self.welcomed.is_set() and not self._loads

    async def run(self) -> None:
        """Come back for ever."""
        while True:
            with contextlib.suppress(OSError, InvalidHandshake, TimeoutError, Away):
                await self._sit()
            if self.welcomed.is_set():
                self.welcomed.clear()
                self._left = now()
            await self.line.wait()

    async def _sit(self) -> None:
        await self.line.open()
        reading = asyncio.ensure_future(self.line.read(self._take))
        try:
            kept: Json = {"cursor": self.cursor} if self.is_whole and self.cursor else {}
            answer = await self.line.ask("hello", **kept)
            if answer["type"] != "welcome":
                return
            self.line.is_welcome()
            code = await reading
            self.seat.closes.append((now(), code))
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    def _take(self, frame: Json) -> None:
        kind = frame["type"]
        if kind == "event":
            self._told(frame["topic"], frame["noun"])
        elif kind == "welcome":
            self._greeted(frame)
        elif kind == "behind":
            self.seat.behinds += 1
            self.seat.gapped.append(now())
            self.cursor = frame["cursor"]
            self._spawn(self._catch_up())
        if kind in ("heartbeat", "goodbye") and "cursor" in frame:
            self.cursor = frame["cursor"]

    def _greeted(self, frame: Json) -> None:
        self.seat.greetings += 1
        if not self.welcomed.is_set():
            self.seat.away.append((self._left, now()))
        if not frame["resumed"]:
            self.seat.gaps += self.is_whole
            self.seat.gapped.append(now())
            self.shown, self._stands, self.is_whole = {}, {}, False
            self._start += 1
            self._spawn(self._load("home", None))
        self.cursor = frame["cursor"]
        self.welcomed.set()

    async def _catch_up(self) -> None:
        await self.line.ask("hello", cursor=self.cursor)

    def _told(self, topic: str, noun: Json) -> None:
        if noun["kind"] == "relation":
            self._stand(int(noun["user_id"]), noun["seq"], noun["following"])
        elif noun["kind"] == "post" and topic.startswith("author:"):
            author = int(noun["author"]["id"])
            self._history.heard.append(
                Heard(
                    now(),
                    self.name,
                    self.seat.greetings,
                    topic,
                    int(noun["id"]),
                    noun["seq"],
                    author,
                    noun["deleted"],
                )
            )
            self._show(noun)

    def _show(self, noun: Json) -> None:
        post_id, author = int(noun["id"]), int(noun["author"]["id"])
        known = self.shown.get(post_id)
        if known is None or known[0] <= noun["seq"]:
            self.shown[post_id] = (noun["seq"], author, noun["deleted"])
            self.seat.seen.setdefault(post_id, now())

    def _stand(self, author: int, seq: int, following: bool) -> None:
        known = self._stands.get(author)
        if known is not None and known[0] > seq:
            return
        self._stands[author] = (seq, following)
        if following:
            self._spawn(self._load("user", author))
        else:
            gone = [i for i, (_, whose, is_dead) in self.shown.items() if whose == author]
            for post_id in gone:
                if not self.shown[post_id][2]:
                    del self.shown[post_id]

    def _spawn(self, work: Awaitable[None]) -> None:
        async def quietly() -> None:
            with contextlib.suppress(Away):
                await work

        task = asyncio.create_task(quietly())
        self._loads.add(task)
        task.add_done_callback(self._loads.discard)

    async def _load(self, name: str, author: int | None) -> None:
        """All pages; while the socket lives and nothing changed their ground."""
        start, stand = self._start, self._stands.get(author or 0)
        for entry in await pages(self.line, name, author, self._history.floor):
            if start != self._start or stand != self._stands.get(author or 0):
                return
            if entry["kind"] == "post":
                self._show(entry)
        if name == "home":
            self.is_whole = True

    def hang_up(self) -> bool:
        """The network is gone, without a word; whether there was any."""
        if self.line.socket is None:
            return False
        self.line.socket.transport.abort()
        return True


async def pages(line: Line, name: str, user_id: int | None, floor: int = 0) -> list[Json]:
    """A whole timeline, down to the page that reaches below the id `floor`; nothing of strangers.

    Raises:
        Away: the socket ended first.
    """
    found: list[Json] = []
    more: Json = {} if user_id is None else {"user_id": str(user_id)}
    while True:
        answer = await line.ask("timeline.get", name=name, limit=100, **more)
        if answer["type"] != "ok":
            if answer["code"] == "not_found":  # a block has come between
                return []
            await asyncio.sleep(answer.get("retry_after", 0.5))
            continue
        found += answer["result"]["entries"]
        if "next" not in answer["result"] or (found and int(found[-1]["id"]) < floor):
            return found
        more["before"] = answer["result"]["next"]


class Author:
    """Somebody who posts at a pace, and asks again until each post is acknowledged."""

    def __init__(self, user_id: int, line: Line, history: History, chance: random.Random) -> None:
        self.user_id = user_id
        self.line = line
        self.posts: list[int] = []
        self._history = history
        self.padding = ""  # makes posts heavy
        self._chance = chance
        self._reading: asyncio.Task[int] | None = None

    async def run(self, until: asyncio.Event, every_s: float) -> None:
        """Post until told to stop, then until the last post is acknowledged."""
        async with self.connected():
            while not until.is_set():
                began = now()
                await self.post()
                await asyncio.sleep(max(0.0, every_s - (now() - began)))

    async def post(self) -> None:
        """One post, exactly once, however often it must be asked for."""
        key = str(uuid.UUID(int=self._chance.getrandbits(128), version=4))
        attempt = self._history.attempts[key] = Attempt(key, self.user_id, now())
        answer = await self._insist("post.create", attempt, key=key, text=key + self.padding)
        attempt.acked = now()
        if answer["type"] == "ok":
            self._history.ack_ms.append((attempt.acked - attempt.invoked) * 1000)
            attempt.ids.add(int(answer["result"]["post"]["id"]))
            self.posts.append(min(attempt.ids))
        else:
            attempt.refused = answer["code"]

    async def take_back(self, post_id: int) -> None:
        """Delete one of the posts."""
        deleted = self._history.deletions[post_id] = Deleted(post_id, now())
        await self._insist("post.delete", None, post_id=str(post_id))
        deleted.acked = now()

    async def stand(self, edge: Edge) -> None:
        """Follow or block somebody, or no longer."""
        self._history.edges.append(edge)
        verb = "follow.set" if edge.what.endswith("follow") else "block.set"
        on = not edge.what.startswith("un")
        await self._insist(verb, None, user_id=str(edge.whom), on=on)
        edge.acked = now()

    async def _insist(self, type: str, attempt: Attempt | None, **fields: Any) -> Json:
        while True:
            if attempt is not None:
                attempt.tries += 1
            asked = now()
            try:
                answer = await self.line.ask(type, **fields)
            except Away:
                await self._again()
                continue
            if answer["type"] != "error":
                return answer
            self._history.refusal_ms.append((now() - asked) * 1000)
            code = answer["code"]
            self._history.refusals[code] = self._history.refusals.get(code, 0) + 1
            if code not in ("unavailable", "rate_limited", "internal"):
                return answer
            await asyncio.sleep(answer.get("retry_after", 0.5))

    @contextlib.asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """Have a socket while the body runs."""
        await self._again()
        try:
            yield
        finally:
            await self._hang_up()

    async def _hang_up(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
            self._reading = None

    async def _again(self) -> None:
        await self._hang_up()
        while True:
            with contextlib.suppress(OSError, InvalidHandshake, TimeoutError, Away):
                await self.line.open()
                self._reading = asyncio.ensure_future(self.line.read(lambda frame: None))
                if (await self.line.ask("hello"))["type"] == "welcome":
                    self.line.is_welcome()
                    return
                await self._hang_up()
            await self.line.wait()
