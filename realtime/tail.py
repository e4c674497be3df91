"""This process's reading of the log: rings, repairs, and the watermark that claims are made of.

Everything visible is sent; only what is settled is claimed. A number is handed out before its
commit, so a line may appear below another that was seen long ago: every reading takes all lines
from the watermark on, and the watermark is the horizon of the reading before.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final

from realtime import bell, metrics
from realtime.bell import Bell
from realtime.errors import Unavailable
from realtime.hub.hub import Hub, Said
from realtime.hub.ring import Ring, Told
from realtime.model import Noun, Post, Retweet, User
from realtime.store import events, post, retweet, user
from realtime.store.database import Database
from realtime.store.events import Line

log = logging.getLogger(__name__)

LATE_MS: Final = 2_000
RING_S: Final = 300  # minutes of the log that a resume finds in memory
# Lines of one person: what they tell is read for each telling, and never kept in the ring.
_FOR_EARS: Final = frozenset(
    {events.RELATION, events.AUDIENCE, events.NOTICE, events.READ, events.DRAFT}
)


class Tail:
    """What was told, each line once: by the doorbell if it rings, else by a reading of the log."""

    def __init__(
        self, database: Database, hub: Hub, on_audience: Callable[[Told], int], ring: Ring
    ) -> None:
        self._database = database
        self._hub = hub
        self._on_audience = on_audience  # marks the sockets whose audience changed; how many
        self.ring = ring
        self.watermark = 0  # an xid: everything below it is in the ring, or was
        self.epoch = ""
        self._reading: asyncio.Task[None] | None = None
        self._next: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin at the present."""
        self.epoch = await events.epoch(self._database)
        _, self.watermark = await events.tail(self._database, 2**62)
        self.ring.floor = self.watermark
        await self.read()

    def heard(self, rung: Sequence[Bell]) -> None:
        """Doorbells that came together: deliver what is not known yet, one topic's in one step."""
        words = [word for one in rung if (word := self._word(one)) is not None]
        # No await since they stand in the ring: whoever joins now finds them there.
        for topic, run in itertools.groupby(words, lambda word: word[0].topic):
            together = list(run)
            counts = self._hub.tell(topic, [said for _, said in together])
            for (told, _), heard in zip(together, counts, strict=True):
                if heard:
                    metrics.delivered("event", told.at_ms)

    def _word(self, rung: Bell) -> tuple[Told, Said] | None:
        """Remember what this bell says, and what of it is to be delivered now."""
        line = rung.line
        if (line.topic, line.seq) in self.ring:
            return None
        told = bell.told(rung)
        if told.kind in _FOR_EARS:
            told.frame = told.bares = None
        if self._remember(told) and told.frame is not None:
            # As it is now: what comes with it may scrub it from the ring, and was told after it.
            return told, Said(told.frame, told.about, told.bares)
        if told.kind in _FOR_EARS:
            self._on_audience(told)  # told a moment later
        return None

    async def read(self) -> None:
        """Read the log once, from a moment after this call. Those who wait meanwhile share one.

        Raises:
            Unavailable: the database is down; the next reading will find it all.
        """
        if self._next is None:
            # A task of its own: whoever asked may be cut off, and others wait for it too.
            self._next = asyncio.create_task(self._read_after(self._reading), name="tail")
            self._next.add_done_callback(_retrieve)
        await asyncio.shield(self._next)

    async def _read_after(self, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait([before])
        self._reading, self._next = self._next, None
        await self._read()

    async def _read(self) -> None:
        lines, horizon = await events.tail(self._database, self.watermark)
        await self.admit(lines)
        self.watermark = max(self.watermark, horizon)
        self.ring.trim(self.watermark)
        self.ring.forget(time.time_ns() // 1_000_000 - RING_S * 1000, self.watermark)

    async def reached(self, since: int | None) -> int | None:
        """This xid, if the log has come as far; None for one of the future.

        Raises:
            Unavailable: the database is down.
        """
        if since is not None and since > self.watermark:
            await self.read()
        return None if since is None or since > self.watermark else since

    async def admit(self, lines: Sequence[Line]) -> None:
        """Ring and deliver those lines that nothing has told yet: these are repairs."""
        unknown = [line for line in lines if (line.topic, line.seq) not in self.ring]
        if not unknown:
            return
        missed = [bell.key_of(line) for line in unknown]
        newest = {told.noun: told.seq for told in sorted(missed, key=lambda t: t.seq)}

        def waits(told: Told) -> bool:
            """Somebody listens, but the words have not been read."""
            return (
                told.frame is None
                and not told.superseded
                and told.kind not in _FOR_EARS
                and newest[told.noun] == told.seq
                and self._hub.listens(told.topic)
            )

        repaired = 0
        while missed:
            await self.fill([told for told in missed if waits(told)])
            # No await from here on: whoever joins now finds these in the ring, or hears them.
            ready = [told for told in missed if not waits(told)]
            missed = [told for told in missed if waits(told)]
            for told in ready:
                if (told.topic, told.seq) in self.ring:
                    continue  # a doorbell overtook the reading
                older = newest[told.noun] != told.seq
                heard = self._admit(told)
                if heard and told.kind not in _FOR_EARS:
                    metrics.delivered("repair", told.at_ms)
                was_heard = heard or (older and self._hub.listens(told.topic))
                repaired += bool(was_heard)
        if repaired:
            metrics.repairs.inc(repaired)
            # A reading may overtake a doorbell that is on its way: that is no loss.
            late = any(time.time_ns() // 1_000_000 - line.at_ms > LATE_MS for line in unknown)
            level = logging.WARNING if late else logging.INFO
            log.log(level, "repaired %d lines that no doorbell told", repaired)

    def _admit(self, told: Told) -> int:
        """Remember and deliver, in one step; how many heard."""
        if self._remember(told):
            return self._hub.deliver(told)
        return self._on_audience(told) if told.kind in _FOR_EARS else 0

    def _remember(self, told: Told) -> bool:
        """Whether it is to be delivered."""
        self.ring.add(told)
        if told.kind == events.POST:
            self.ring.scrub(told.noun_id)  # a post is told again only when it is gone
        return told.kind not in _FOR_EARS and not told.superseded

    async def complete(
        self, topics: Collection[int], since: int, extra: Iterable[Told] = ()
    ) -> list[Told]:
        """What a replay of `topics` from the xid `since` on must hold, with its frames read.

        Lines of one person (relations, notices) come without a frame. Oldest first.

        Raises:
            Unavailable: the database is down, or is never the same twice.
        """
        for _ in range(100):
            found = {(t.topic, t.seq): t for t in extra}
            found.update({(t.topic, t.seq): t for t in self.ring.on(topics, since)})
            empty = [
                t
                for t in found.values()
                if t.frame is None and t.kind not in _FOR_EARS and not t.superseded
            ]
            if not empty:
                break
            await self.fill(empty)
        else:
            raise Unavailable("what was missed changes faster than it can be read")
        newest: dict[tuple[int, int, int], Told] = {}
        for told in sorted(found.values(), key=lambda t: t.seq):
            if not told.superseded:
                newest[told.noun] = told
        return list(newest.values())

    async def fill(self, missed: Collection[Told]) -> None:
        """Read the nouns of these lines as they are now. One that is newer than its line waits
        for the line of its own."""
        nouns = await self._nouns(missed) if missed else {}
        for told in missed:
            noun = nouns.get((told.kind, told.noun_id))
            if told.kind in _FOR_EARS:
                continue
            if noun is None or noun.seq > told.seq:
                told.superseded = True
                continue
            bell.fill(self.ring, told, noun)

    async def _nouns(self, missed: Iterable[Told]) -> dict[tuple[int, int], Post | Retweet | User]:
        wanted: dict[int, set[int]] = {}
        for told in missed:
            wanted.setdefault(told.kind, set()).add(told.noun_id)
        found: list[Noun] = []
        if ids := wanted.get(events.POST):
            found += await post.by_ids(self._database, sorted(ids))
        if ids := wanted.get(events.RETWEET):
            found += await retweet.by_ids(self._database, sorted(ids))
        if ids := wanted.get(events.USER):
            found += await user.by_ids(self._database, sorted(ids))
        kinds = {Post: events.POST, Retweet: events.RETWEET, User: events.USER}
        return {
            (kinds[type(noun)], int(noun.id)): noun
            for noun in found
            if isinstance(noun, Post | Retweet | User)
        }

    def scrub(self, post_ids: Iterable[int]) -> None:
        """These posts are gone: forget their words."""
        for post_id in post_ids:
            self.ring.scrub(post_id)

    def scrub_people(self, user_ids: Iterable[int]) -> None:
        """These accounts are gone: forget whatever is about them, or has them inside."""
        self.ring.scrub_people(frozenset(user_ids))


def _retrieve(reading: asyncio.Task[None]) -> None:
    """Whoever asked for it may be gone; the next reading finds what this one did not."""
    if not reading.cancelled():
        reading.exception()
