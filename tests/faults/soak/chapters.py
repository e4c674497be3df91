"""The judge of a long life: reads it a chapter at a time, and forgets what has been judged.

A chapter is what was posted from one fault to the next. It is judged by `check`, like a trial,
once every window shows what it is due of it. What stays of it is a number for each post and a byte
for each post and window.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from tests.faults.check import Verdict, check
from tests.faults.history import Attempt, Fault, Heard, History, Seat, now
from tests.faults.line import Json
from tests.faults.people import Follower
from tests.faults.trial import KEY_CHARACTERS, Crowd, fresh

RIPE_S: Final = 20.0  # a chapter is looked at this long after its end,
LATEST_S: Final = 120.0  # and judged this long after it at the latest
LOADS: Final = 6  # tries of ten seconds and more
COMPARED: Final = 3  # windows that are loaded afresh for each chapter
_GREETINGS: Final = 255


@dataclass(slots=True)
class Chapter:
    """What was posted from `began` to `ended`."""

    fault: Fault
    began: float
    ended: float
    history: History | None = None
    verdict: Verdict | None = None


class Judge:
    """Judges chapters, in their order."""

    def __init__(self, crowd: Crowd, chance: random.Random) -> None:
        self._crowd = crowd
        self._chance = chance
        self._numbers: dict[int, int] = {}  # of each post that has been judged
        # Window → for each such post the greeting in which it came last, modulo; 0: it never came.
        self._came: dict[str, bytearray] = defaultdict(bytearray)

    async def judge(self, chapter: Chapter) -> None:
        """Wait until all of it has arrived, judge it and forget it."""
        await asyncio.sleep(max(0.0, chapter.ended + RIPE_S - now()))
        attempts = self._attempts(chapter)
        deadline = chapter.ended + LATEST_S
        while now() < deadline and self._awaited(attempts):  # noqa: ASYNC110 - no event tells
            await asyncio.sleep(0.5)
        ids = {post_id for attempt in attempts for post_id in attempt.ids}
        compared = self._chance.sample(self._crowd.followers, COMPARED)
        shown = {one.name: await self._fresh(one, ids) for one in compared}
        chapter.history = self._history(chapter, attempts, ids, shown)
        chapter.verdict = check(chapter.history)
        self._forget(ids, chapter.verdict)
        chapter.history.heard.clear()
        chapter.history.seats.clear()

    def _attempts(self, chapter: Chapter) -> list[Attempt]:
        every = self._crowd.history.attempts.values()
        return [one for one in every if chapter.began <= one.invoked < chapter.ended]

    def _awaited(self, attempts: Iterable[Attempt]) -> bool:
        """Whether an answer, or a post in some window, is still to come."""
        due: dict[int, set[int]] = defaultdict(set)
        for attempt in attempts:
            if attempt.acked is None:
                return True
            due[attempt.author] |= attempt.ids
        circles: dict[int, set[int]] = defaultdict(set)
        for edge in self._crowd.history.edges:
            circles[edge.who].add(edge.whom)
        for follower in self._crowd.followers:
            wanted = set().union(*(due[author] for author in circles[follower.user_id]))
            if not (follower.is_settled and wanted <= follower.shown.keys()):
                return True
        return False

    async def _fresh(self, follower: Follower, ids: set[int]) -> dict[int, int]:
        entries = await self._load(follower, "home", None, min(ids, default=0))
        found = {int(entry["id"]): int(entry["seq"]) for entry in entries}
        return {post_id: seq for post_id, seq in found.items() if post_id in ids}

    async def _load(
        self, follower: Follower, name: str, whose: int | None, floor: int = 0
    ) -> list[Json]:
        """What a fresh load shows; the next fault may have begun, and then it takes its time."""
        for _ in range(LOADS):
            with contextlib.suppress(RuntimeError):
                return await fresh(follower.line, name, whose, floor)
        raise RuntimeError("no node gave a page, however long one waited")

    def _history(
        self,
        chapter: Chapter,
        attempts: list[Attempt],
        ids: set[int],
        loaded: dict[str, dict[int, int]],
    ) -> History:
        """This chapter as if it had been a trial."""
        whole = self._crowd.history
        seats = {}
        for follower in self._crowd.followers:
            shown = {
                i: seq for i, (seq, _, dead) in follower.shown.items() if i in ids and not dead
            }
            seen = {i: at for i, at in follower.seat.seen.items() if i in ids}
            afresh = loaded.get(follower.name, shown)
            seats[follower.name] = Seat(follower.user_id, final=shown, fresh=afresh, seen=seen)
        return History(
            whole.seed,
            attempts={attempt.key: attempt for attempt in attempts},
            edges=whole.edges,
            stored=[(post_id, one.key) for one in attempts for post_id in one.ids],
            heard=[heard for heard in whole.heard if heard.post_id in ids],
            seats=seats,
            faults=[chapter.fault],
            ack_ms=[1000 * (one.acked - one.invoked) for one in attempts if one.acked],
        )

    def _forget(self, ids: set[int], verdict: Verdict) -> None:
        """Keep of these posts what tells a late repetition; let windows hold no older ones."""
        for post_id in ids:
            self._numbers[post_id] = len(self._numbers)
        history = self._crowd.history
        kept = []
        for heard in history.heard:
            if heard.post_id not in self._numbers:
                kept.append(heard)
            elif self._came_before(heard) and heard.post_id not in ids:
                verdict.note("doubled", f"{heard.window} got {heard.post_id} again, much later")
        history.heard = kept
        history.floor = min(ids, default=history.floor)
        for follower in self._crowd.followers:
            for posts in (follower.shown, follower.seat.seen):
                for post_id in [one for one in posts if one < history.floor]:
                    del posts[post_id]

    def _came_before(self, heard: Heard) -> bool:
        """Whether it came in this greeting already; from now on it did."""
        came, number = self._came[heard.window], self._numbers[heard.post_id]
        came.extend(bytes(max(0, len(self._numbers) - len(came))))
        greeting = heard.greeting % _GREETINGS + 1
        is_again = came[number] == greeting
        came[number] = greeting
        return is_again

    async def all_of_it(self) -> Verdict:
        """Judge what is stored, and what some windows show after a fresh load, from the beginning.

        To be called when every chapter has been judged.
        """
        crowd = self._crowd
        whole = replace(crowd.history, heard=[], seats={}, faults=[], floor=0, stored=[])
        for author in crowd.authors:
            own = await self._load(crowd.followers[0], "user", author.user_id)
            whole.stored += [(int(post["id"]), post["text"][:KEY_CHARACTERS]) for post in own]
        for follower in self._chance.sample(crowd.followers, COMPARED):
            home = await self._load(follower, "home", None)
            shown = {int(entry["id"]): int(entry["seq"]) for entry in home}
            whole.seats[follower.name] = Seat(follower.user_id, final=shown, fresh=shown)
        verdict = check(whole)
        for heard in crowd.history.heard:
            verdict.note("invented", f"{heard.window} heard post {heard.post_id} of nobody")
        return verdict
