"""The numbers of the posts on people's screens: state, read again when it changes, never deltas."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterable
from typing import Final

from realtime import bell, visibility
from realtime.errors import Unavailable
from realtime.feed import Ear, Feed
from realtime.hub.fastlane import frame
from realtime.hub.hub import Hub, Said
from realtime.model import Counts, Mine, Post
from realtime.store import counts, post, timeline
from realtime.store.database import Database

log = logging.getLogger(__name__)

PACE_S: Final = 0.25  # at most four times a second per window
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
        self._dirty: set[int] = set()
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
                    self._said.pop(post_id, None)
                    del self._authors[post_id]
        ear.watched = set()

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

    def changed(self, post_ids: Iterable[int]) -> None:
        """The numbers of these posts changed; whoever looks at them is told soon."""
        self._dirty.update(i for i in post_ids if i in self._watchers)
        if self._dirty:
            self._wake.set()

    def heard(self, state: bell.State) -> None:
        """State that another process, or this one, published."""
        if state.topic == visibility.EXPLORE:
            self._remember(state.key.removeprefix("post:"))
        said = Said(frame(state.body), state.about, bell.bare_frames(state.bares))
        self._hub.state(state.topic, state.key, said)

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
        """Tell the numbers of these posts that are not what was said last; which were not."""
        changed: set[int] = set()
        ids = sorted(i for i in post_ids if i in self._watchers)
        for start in range(0, len(ids), CHUNK):
            chunk = ids[start : start + CHUNK]
            found = await counts.by_ids(self._database, chunk)
            for post_id, now in found.items():
                if self._said.get(post_id, -1) >= now.v or post_id not in self._watchers:
                    continue
                self._said[post_id] = now.v
                changed.add(post_id)
                topic = visibility.post(post_id)
                said = Said(frame(bell.event(topic, now)), (self._authors[post_id],))
                self._hub.state(topic, ("counts", post_id), said)
        return changed

    async def reconcile(self) -> None:
        """Compare all that is watched with the database, and say what no doorbell told.

        Raises:
            Unavailable: the database is down.
        """
        changed = await self._say(list(self._watchers))
        if changed:
            log.info("numbers of %d posts were said late", len(changed))
            await self._say_mine(self._watching(changed))
        if self._explorers:
            await self._explore()
        else:
            self._explore_from = None

    def _watching(self, post_ids: Collection[int]) -> dict[int, set[int]]:
        """Which of these posts each person who is signed in looks at."""
        wanted: dict[int, set[int]] = {}
        for post_id in post_ids:
            for ear in self._watchers.get(post_id, ()):
                if ear.user_id is not None:
                    wanted.setdefault(ear.user_id, set()).add(post_id)
        return wanted

    async def _say_mine(self, wanted: dict[int, set[int]]) -> None:
        for user_id, ids in wanted.items():
            topic = visibility.me(user_id)
            for post_id, mine in (await counts.mine(self._database, user_id, ids)).items():
                self._hub.state(topic, f"mine:{post_id}", Said(frame(bell.event(topic, mine))))

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
