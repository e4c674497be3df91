"""What a socket hears, at random: whatever is lost, doubled, late or reordered, after a quiet
moment each view is what a fresh load shows, and nothing of an author came after the unfollow.

A planted omission must be caught, or the trial proves nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from realtime import visibility
from realtime.config import Config
from realtime.feed import Ear, Feed
from realtime.hub.fastlane import frame
from realtime.model import Post
from realtime.store import relation
from tests.feed_world import View, trial
from tests.people import fresh_database


@pytest.mark.parametrize("loss", [0.2, 0.8])
@pytest.mark.parametrize("seed", range(8))
async def test_every_view_is_whole_after_a_quiet_moment(
    config: Config, seed: int, loss: float
) -> None:
    async with fresh_database(config.database_url) as database:
        assert await trial(database, seed, loss) == []


class NoHello(Feed):
    """Planted: reads the audience before it listens, and does not look again."""

    async def hello(
        self, ear: Ear, cursor: str | None, welcome: Callable[[str, bool], Any]
    ) -> None:
        assert ear.user_id is not None
        since = self._horizon(cursor)
        heard = await visibility.audience(self._database, ear.user_id)
        topics = visibility.topics(ear.user_id, heard)
        since, missed = await self._missed(topics, since)
        await asyncio.sleep(0.002)
        await self.channels.need(topics)
        ear.claim = since if since is not None else self.tail.watermark
        ear.outbox.answer(frame(welcome(self.cursor(ear.claim), since is not None)))
        self._tell(ear, missed, [])
        ear.topics, ear.is_live, ear.is_marked = topics, True, False
        self._hub.join(ear.outbox, topics)


class NoRefresh(Feed):
    """Planted: a relation is told at once, and the topics change without a look at the log."""

    async def _refresh_once(self, ear: Ear) -> None:
        assert ear.user_id is not None
        people, ear.told = ear.told, set()
        found = await relation.get(self._database, ear.user_id, people) if people else {}
        self._tell(ear, [], found.values())
        await asyncio.sleep(0.002)
        heard = await visibility.audience(self._database, ear.user_id)
        topics = visibility.topics(ear.user_id, heard)
        self._hub.leave(ear.outbox, ear.topics - topics)
        self._hub.join(ear.outbox, topics)
        ear.topics = topics


class NoPageSeq(View):
    """Planted: a page overwrites what is shown, however old it is."""

    def page_put(self, found: Post) -> None:
        self.posts[int(found.id)] = found


@pytest.mark.parametrize(
    ("feed_type", "view_type"),
    [(NoHello, View), (NoRefresh, View), (Feed, NoPageSeq)],
    ids=["hello", "refresh", "pageseq"],
)
async def test_a_planted_omission_is_caught(
    tmp_path: Any, feed_type: type[Feed], view_type: type[View]
) -> None:
    for seed in range(40):
        async with fresh_database(f"sqlite:///{tmp_path / f'{seed}.db'}") as database:
            if await trial(database, seed, 0.2, feed_type, view_type):
                return
    pytest.fail("forty histories, and nobody noticed")
