"""The numbers of the posts on people's screens: state, read again when it changes, never deltas."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterable
from typing import Final

from realtime import bell, metrics, visibility
from realtime.errors import Unavailable
from realtime.feed import Ear, Feed
from realtime.hub.fastlane import frame
from realtime.hub.hub import Hub, Said
from realtime.model import Counts, Mine, Post
from realtime.store import counts, post, timeline
from realtime.store.counts import Stance
from realtime.store.database import Database

log = logging.getLogger(__name__)

# At most four times a second per window, also for who gets one late by a tenth of a second.
PACE_S: Final = 0.28
CHUNK: Final = 500  # posts in one query
SEEN: Final = 2_000  # explore posts remembered as delivered


class Watch:
    """Which posts are looked at on this process, and what was last said of their numbers."""

    def __init__(self, database: Database, feed: Feed) -> None:
        self._database = database
        self._feed = feed
        self._hub: Hub = feed.hub
        self._watchers: dict[int, dict[Ear, None]] = {}
        self._authors: dict[int, int] = {}  # of each watched post
        self._said: dict[int, int] = {}  # post id → v
        self._owns: dict[int, dict[int, Mine]] = {}  # post id → person → what they were told
        self._checked: dict[int, int] = {}  # post id → v at which `_owns` was true
        self._turn = asyncio.Lock()
        self._next_s = 0.0  # not before this moment are numbers said again
        self._dirty: set[int] = set()
        self._since: dict[int, int] = {}  # post id → when the oldest untold change was, in ms
        self._wake = asyncio.Event()
        self._explored: dict[str, None] = {}
        self._explorers: dict[Ear, None] = {}
        self._explore_from: int | None = None  # the newest post when somebody began to look

    async def look(
        self, ear: Ear, post_ids: Collection[int], *, explore: bool
    ) -> tuple[list[Counts], list[Mine], list[Post]]:
        """Replace what this socket watches; the state now: counts, mine, and tombstones.

        Ids that are unknown, or of posts hidden from this person, are left out.
        """
        hidden = await visibility.hidden(self._database, ear.user_id)
        posts = await post.by_ids(self._database, post_ids, hidden)
        shown = {int(p.id): int(p.author.id) for p in posts if int(p.author.id) not in hidden}
        topics = {visibility.post(post_id) for post_id in shown}
        if explore:
            topics.add(visibility.EXPLORE)
            await self._begin_to_explore()
        await self._feed.channels.need(topics)
        self._replace(ear, topics, shown)
        # Read after the socket listens: what changes from here on is told.
        found = await counts.by_ids(self._database, shown)
        mine = {}
        if ear.user_id is not None:
            mine = await counts.mine(self._database, ear.user_id, shown)
        gone = [p for p in await post.by_ids(self._database, shown, hidden) if p.deleted]
        for post_id, now in found.items():
            # Only where nobody else looks: others may not have been told this yet.
            self._said.setdefault(post_id, now.v)
        if ear.user_id is not None:
            self._remember_owns(ear, ear.user_id, mine)
        return list(found.values()), list(mine.values()), gone

    def _replace(self, ear: Ear, topics: set[int], shown: dict[int, int]) -> None:
        self.leave(ear)
        if ear.is_gone:
            return
        ear.watched = topics
        for topic in topics:
            if topic == visibility.EXPLORE:
                self._explorers[ear] = None
            else:
                post_id = visibility.subject(topic)
                self._watchers.setdefault(post_id, {})[ear] = None
                self._authors[post_id] = shown[post_id]
        if ear.is_live:
            self._hub.join(ear.outbox, topics)

    def _remember_owns(self, ear: Ear, user_id: int, mine: dict[int, Mine]) -> None:
        for post_id, own in mine.items():
            watchers = self._watchers.get(post_id, {})
            # What one window was answered, their other ones may not have heard.
            if ear in watchers and all(e is ear or e.user_id != user_id for e in watchers):
                self._owns.setdefault(post_id, {})[user_id] = own

    def leave(self, ear: Ear) -> None:
        """This socket watches nothing any more."""
        # A watched topic may be one of the audience too only by mistake: they are other numbers.
        self._hub.leave(ear.outbox, ear.watched)
        self._explorers.pop(ear, None)
        for topic in ear.watched:
            post_id = visibility.subject(topic)
            watchers = self._watchers.get(post_id)
            if watchers is not None:
                watchers.pop(ear, None)
                if not watchers:
                    del self._watchers[post_id]
                    tables = (self._said, self._owns, self._checked, self._authors, self._since)
                    for table in tables:
                        table.pop(post_id, None)
        ear.watched = frozenset()

    async def resumed(self, ear: Ear) -> None:
        """What waited for this socket was dropped: say its numbers again, and what is its own.

        Raises:
            Unavailable: the database is down; the numbers are said as soon as it is back.
        """
        watched = {visibility.subject(topic) for topic in ear.watched}
        for post_id in watched:
            self._said.pop(post_id, None)
        self.changed(watched)
        if ear.user_id is not None:
            await self._say_mine({ear.user_id: watched})

    def changed(self, post_ids: Iterable[int], at_ms: int = 0) -> None:
        """The numbers of these posts changed, at `at_ms` if that is known; those who look are told
        soon."""
        for post_id in post_ids:
            if post_id in self._watchers:
                self._dirty.add(post_id)
                if at_ms:
                    self._since.setdefault(post_id, at_ms)
        if self._dirty:
            self._wake.set()

    def heard(self, state: bell.State) -> None:
        """State that another process, or this one, published."""
        if state.topic == visibility.EXPLORE:
            self._remember(state.key.removeprefix("post:"))
        elif (own := bell.mine(state)) is not None:
            self._was_told(visibility.subject(state.topic), own)
        said = Said(frame(state.body), state.about, bell.bare_frames(state.bares))
        self._hub.state(state.topic, state.key, said)
        metrics.delivered("state", state.at_ms)

    async def run(self) -> None:
        """Say changed numbers: at once after a quiet moment, then once a pace."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            dirty, self._dirty = self._dirty, set()
            try:
                await self._say(dirty)
            except (Unavailable, OSError):
                self._dirty |= dirty
                await asyncio.sleep(PACE_S)
            if self._dirty:
                self._wake.set()

    async def _say(self, post_ids: Collection[int]) -> set[int]:
        """Tell the numbers of these posts that are not what was said last; which were not.

        At once after a quiet moment, else a pace after the last time.
        """
        async with self._turn:
            loop = asyncio.get_running_loop()
            await asyncio.sleep(max(0.0, self._next_s - loop.time()))
            try:
                return await self._say_now(post_ids)
            finally:
                self._next_s = loop.time() + PACE_S

    async def _say_now(self, post_ids: Collection[int]) -> set[int]:
        changed: set[int] = set()
        ids = sorted(i for i in post_ids if i in self._watchers)
        for start in range(0, len(ids), CHUNK):
            chunk = ids[start : start + CHUNK]
            since = {post_id: self._since.pop(post_id, 0) for post_id in chunk}
            found = await counts.by_ids(self._database, chunk)
            for post_id, now in found.items():
                if self._said.get(post_id, -1) >= now.v or post_id not in self._watchers:
                    continue
                self._said[post_id] = now.v
                changed.add(post_id)
                topic = visibility.post(post_id)
                said = Said(frame(bell.event(topic, now)), (self._authors[post_id],))
                self._hub.state(topic, ("counts", post_id), said)
                metrics.delivered("counts", since[post_id])
        return changed

    async def reconcile(self) -> None:
        """Compare all that is watched with the database, and say what no doorbell told.

        Raises:
            Unavailable: the database is down.
        """
        changed = await self._say(list(self._watchers))
        if changed:
            log.info("numbers of %d posts were said late", len(changed))
        await self._heal_owns()
        if self._explorers:
            await self._explore()
        else:
            self._explore_from = None

    async def _heal_owns(self) -> None:
        """Say what people did, where that is not what they were told.

        One query for many: only posts whose numbers moved since the last time are looked at, and
        of those who look at them only whoever was told otherwise is asked for by themselves.
        """
        moved = {p: v for p, v in self._said.items() if self._checked.get(p) != v}
        pairs = {
            (ear.user_id, post_id)
            for post_id in moved
            for ear in self._watchers.get(post_id, ())
            if ear.user_id is not None
        }
        wanted: dict[int, set[int]] = {}
        ordered = sorted(pairs)
        for start in range(0, len(ordered), CHUNK):
            found = await counts.stances(self._database, ordered[start : start + CHUNK])
            for (user_id, post_id), stance in found.items():
                if not self._is_told(user_id, post_id, stance):
                    wanted.setdefault(user_id, set()).add(post_id)
        await self._say_mine(wanted)
        self._checked.update({p: v for p, v in moved.items() if p in self._watchers})

    def _is_told(self, user_id: int, post_id: int, stance: Stance) -> bool:
        known = self._owns.get(post_id, {}).get(user_id)
        retweeted = stance.retweet_id is not None
        if known is None:
            return not stance.reactions and not retweeted
        return set(known.reactions) == set(stance.reactions) and known.retweeted == retweeted

    def _was_told(self, user_id: int, own: Mine) -> None:
        """The newest wins, as in their windows; of posts that nobody looks at nothing is kept."""
        post_id = int(own.post_id)
        if post_id not in self._watchers:
            return
        owns = self._owns.setdefault(post_id, {})
        known = owns.get(user_id)
        if known is None or known.v <= own.v:
            owns[user_id] = own

    async def _say_mine(self, wanted: dict[int, set[int]]) -> None:
        for user_id, ids in wanted.items():
            topic = visibility.me(user_id)
            for post_id, mine in (await counts.mine(self._database, user_id, ids)).items():
                self._hub.state(topic, f"mine:{post_id}", Said(frame(bell.event(topic, mine))))
                self._was_told(user_id, mine)

    async def _explore(self) -> None:
        """Say those of everybody's newest posts that no doorbell told."""
        if self._explore_from is None:
            await self._begin_to_explore()
            return
        page = await timeline.explore(self._database, frozenset(), None, 100)
        for found in reversed(page.entries):
            is_late = int(found.id) > self._explore_from and found.id not in self._explored
            if is_late and isinstance(found, Post):
                self.heard(bell.everybodys(found))

    async def _begin_to_explore(self) -> None:
        """Somebody looks at everybody's posts: what comes from here on is told, or repaired."""
        if self._explore_from is None:
            page = await timeline.explore(self._database, frozenset(), None, 1)
            self._explore_from = int(page.entries[0].id) if page.entries else 0

    def _remember(self, post_id: str) -> None:
        self._explored[post_id] = None
        while len(self._explored) > SEEN:
            del self._explored[next(iter(self._explored))]
