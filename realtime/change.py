"""The only way to change and tell: one transaction with its log lines, published after the commit.

What arrives for a joinable verb while its transaction runs goes into the next one together.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Final, Generic, TypeVar

from msgspec.structs import replace

from realtime import bell, metrics, visibility
from realtime.errors import Refusal, Unavailable
from realtime.hub.bus import Bus
from realtime.hub.pump import GATHER_S, Rested, nobody_hears
from realtime.model import Mine, Noun, Post, Relation, Retweet, User
from realtime.store import events
from realtime.store.database import Database, Tx
from realtime.store.events import Line
from realtime.store.inbox import Owed

log = logging.getLogger(__name__)

T = TypeVar("T")
I = TypeVar("I")  # noqa: E741 - an item of a joined verb
R = TypeVar("R")

JOINED: Final = 200  # commands in one transaction at most
GATHER_TURNS: Final = 3  # of the loop, from a command's bytes to its joining others

_KINDS: Final[dict[type[Noun], int]] = {
    Post: events.POST,
    Retweet: events.RETWEET,
    User: events.USER,
    Relation: events.RELATION,
}


class Telling:
    """What one transaction has to tell, collected while it runs and said only if it commits."""

    def __init__(self) -> None:
        self.lines: list[tuple[events.Told, Noun | None]] = []
        self.messages: list[tuple[str, bell.Message]] = []
        self.dirty: set[int] = set()

    def noun(self, topic: int, noun: Post | Retweet | User | Relation) -> None:
        """This is so now; logged under the noun's own `seq`."""
        noun_id = int(noun.user_id if isinstance(noun, Relation) else noun.id)
        about = visibility.about(noun)
        told = events.Told(noun.seq, topic, _KINDS[type(noun)], noun_id, about)
        self.lines.append((told, noun))

    def audience(self, user_id: int, other_id: int, seq: int) -> None:
        """This person sees the other one no more, or again, by that one's deed; never sent as such.

        `seq` is of that deed, and nothing else is told under it on their own topic.
        """
        topic = visibility.me(user_id)
        self.lines.append((events.Told(seq, topic, events.AUDIENCE, other_id, ()), None))

    def owed(self, changed: Iterable[Owed]) -> None:
        """Notices, and how far they were read: keys, told to their owners as they are by then."""
        for one in changed:
            topic, kind, noun_id = visibility.me(one.user_id), events.NOTICE, one.notice_id
            if noun_id is None:
                kind, noun_id = events.READ, one.user_id
            self.lines.append((events.Told(one.seq, topic, kind, noun_id, ()), None))

    def draft(self, user_id: int, seq: int) -> None:
        """What this person has begun to write: a key, told to their windows as it is by then."""
        topic = visibility.me(user_id)
        self.lines.append((events.Told(seq, topic, events.DRAFT, user_id, ()), None))

    def counts(self, post_id: int) -> None:
        """The numbers of this post changed; state, so not logged."""
        self.dirty.add(post_id)

    def mine(self, user_id: int, mine: Mine) -> None:
        """What this person did to a post, for their own windows; state, so not logged."""
        topic = visibility.me(user_id)
        body = bell.event(topic, mine)
        self._state(topic, bell.State(topic, f"mine:{mine.post_id}", (), body))

    def explore(self, post: Post) -> None:
        """A post for those who look at everybody's; state, so not logged."""
        self._state(visibility.EXPLORE, bell.everybodys(post))

    def gone(self, *post_ids: int) -> None:
        """The words of these posts are to be forgotten by every process."""
        self.messages.append((bell.CONTROL, bell.Gone(post_ids)))

    def left(self, user_id: int) -> None:
        """Whatever this person said is to be forgotten by every process."""
        self.messages.append((bell.CONTROL, bell.Left((user_id,))))

    def _state(self, topic: int, message: bell.State) -> None:
        timed = replace(message, at_ms=time.time_ns() // 1_000_000)
        self.messages.append((visibility.wire_name(topic), timed))

    def publish(self, bus: Bus, lines: Sequence[Line]) -> None:
        """Say it all, after the commit. Never waits."""
        for line, (_, noun) in zip(lines, self.lines, strict=True):
            channel = visibility.wire_name(line.topic)
            message = bell.silent(line) if noun is None else bell.of(line, noun)
            bus.publish(channel, bell.pack(message))
        for channel, other in self.messages:
            bus.publish(channel, bell.pack(other))
        at_ms = time.time_ns() // 1_000_000
        for post_id in self.dirty:
            channel = visibility.wire_name(visibility.post(post_id))
            bus.publish(channel, bell.pack(bell.Dirty((post_id,), at_ms)))


Deed = Callable[[Tx, Telling], Awaitable[T]]
Many = Callable[[Tx, Telling, list[I]], Awaitable[list[R | Refusal]]]


class Change:
    """Changes the database and tells everyone, in that order. One per process."""

    def __init__(self, database: Database, bus: Bus, rested: Rested = nobody_hears) -> None:
        self._database = database
        self._bus = bus
        self._rested = rested
        self._joints: dict[Any, _Joint[Any, Any]] = {}
        self._running: set[asyncio.Task[Any]] = set()

    async def __call__(self, deed: Deed[T], *, straight: bool = False) -> T:
        """Run `deed` in a transaction of its own; what it told is published after the commit.

        The deed may run again after a deadlock, so it changes nothing but the database.
        `straight`: it awaits nothing but its transaction (`Database.run_tx`).

        Raises:
            Refusal: the deed raised it; nothing was changed, nothing told.
            Unavailable: the database is down; nothing was changed.
        """
        # In a task of its own: what commits is told, though whoever asked has left.
        task = asyncio.create_task(self.run(deed, straight=straight), name="change")
        self._running.add(task)
        task.add_done_callback(self._finished)
        return await asyncio.shield(task)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # whoever asked has it too, if they are still there

    async def run(self, deed: Deed[T], *, straight: bool = False) -> T:
        """The same in the caller's own task, which must not be cancelled by who waits for it."""

        async def work(tx: Tx) -> tuple[T, Telling, list[Line]]:
            telling = Telling()
            result = await deed(tx, telling)
            # Logged last: the row locks taken above make `seq` the order of each noun's changes.
            lines = await events.append(
                tx, [told for told, _ in telling.lines], time.time_ns() // 1_000_000
            )
            return result, telling, lines

        result, telling, lines = await self._database.run_tx(work, straight=straight)
        metrics.transactions.inc()
        telling.publish(self._bus, lines)
        return result

    async def join(self, many: Many[I, R], item: I) -> R:
        """Run `many` with `item` and whatever else has come for it meanwhile, in one transaction.

        Raises:
            Refusal: the answer for this item alone; the others went through.
            Unavailable: the database is down; nothing was changed.
        """
        joint = self._joints.get(many)
        if joint is None:
            joint = self._joints[many] = _Joint(self, many)
        return await joint.add(item)  # type: ignore[no-any-return]

    async def gather(self) -> None:
        """Let those come who can share the next transaction.

        What this turn of the loop has read, and, while many sockets are being told of the last
        transaction, what comes meanwhile: it could not be told before they are done, and what is
        told together is one write for each of them.
        """
        await _turns(GATHER_TURNS)
        if await self._rested(GATHER_S):
            await _turns(GATHER_TURNS)

    async def settled(self) -> None:
        """Wait until all that was begun has been done, and told."""
        if self._running:
            await asyncio.wait(self._running)
        for joint in self._joints.values():
            await joint.settled()


class _Joint(Generic[I, R]):
    """The commands of one verb that wait for their transaction, one transaction at a time."""

    def __init__(self, change: Change, many: Many[I, R]) -> None:
        self._change = change
        self._many = many
        self._waiting: list[tuple[I, asyncio.Future[R]]] = []
        self._task: asyncio.Task[None] | None = None

    async def add(self, item: I) -> R:
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name=f"join {self._many.__name__}")
        return await future

    async def settled(self) -> None:
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        while self._waiting:
            await self._change.gather()
            batch, self._waiting = self._waiting[:JOINED], self._waiting[JOINED:]
            if len(batch) > 1:
                metrics.joined.inc(len(batch) - 1)
            await self._together(batch)

    async def _together(self, batch: list[tuple[I, asyncio.Future[R]]]) -> None:
        async def deed(tx: Tx, telling: Telling) -> list[R | Refusal]:
            return await self._many(tx, telling, [item for item, _ in batch])

        try:
            results = await self._change.run(deed, straight=True)
        except Exception as error:  # noqa: BLE001 - each waiting command gets it, and answers it
            await self._fail(batch, error)
        else:
            for (_, future), result in zip(batch, results, strict=True):
                _settle(future, result)

    async def _fail(self, batch: list[tuple[I, asyncio.Future[R]]], error: Exception) -> None:
        if len(batch) == 1 or isinstance(error, Unavailable):
            for _, future in batch:
                _settle(future, error)
            return
        # One of them is the cause: the others must not pay for it.
        for one in batch:
            await self._together([one])


async def _turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def _settle(future: asyncio.Future[R], result: R | Exception) -> None:
    if future.done():
        return  # whoever waited has left
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)
