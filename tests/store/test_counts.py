"""Counts: exact whatever happens at once, and laid beside the posts of a page."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from msgspec import UNSET

from realtime.errors import Refusal
from realtime.model import Entry, Post, Retweet
from realtime.store import counts, post, react, retweet, timeline, user
from realtime.store.database import Database, Tx
from realtime.store.migrate import migrate
from tests.store.world import NOW_MS, World, wrong_numbers

EMOJI = ("👍", "❤️", "🎉", "😂")
SOAK_S = 5.0


@pytest.fixture
async def world(database: Database) -> World:
    await migrate(database)
    return World(database)


@pytest.fixture
async def worlds(world: World, database_url: str) -> AsyncIterator[list[World]]:
    """The same database as two patient processes see it."""
    both = [await Database.connect(database_url, deadline_s=60) for _ in range(2)]
    yield [World(database) for database in both]
    for database in both:
        await database.close()


async def test_numbers_of_unknown_posts_are_left_out(world: World) -> None:
    ada = await world.person()
    post_id = await world.post(ada)
    assert set(await counts.by_ids(world.database, [post_id, 10**12])) == {post_id}
    assert set(await counts.mine(world.database, ada, [post_id, 10**12])) == {post_id}
    assert await counts.by_ids(world.database, []) == {}
    assert await counts.mine(world.database, ada, []) == {}


async def test_mine_is_what_i_did_alone(world: World) -> None:
    ada, bob = await world.people(2)
    one, two = await world.post(ada), await world.post(ada)
    await world.react(bob, one, "👍")
    await world.react(ada, one, "🎉")
    await world.react(bob, one, "👀")
    await world.retweet(bob, two)
    now = await counts.by_ids(world.database, [one, two])
    own = await counts.mine(world.database, bob, [one, two])
    assert own[one].reactions == ["👍", "👀"]
    assert (own[one].retweeted, own[two].retweeted) == (False, True)
    assert own[two].reactions == []
    assert [own[one].v, own[two].v] == [now[one].v, now[two].v]


async def test_a_page_is_laid_out_with_its_numbers(world: World) -> None:
    ada, bob = await world.people(2)
    one, two = await world.post(ada), await world.post(bob)
    await world.retweet(bob, one)
    await world.react(ada, two)
    page = await timeline.home(world.database, ada, [bob], frozenset(), None, 50)
    shown = await counts.decorate(world.database, page.entries, ada)
    again, first = shown
    assert isinstance(again, Retweet)
    assert again.post.counts == await world.counts(one)
    assert again.also == []
    assert isinstance(first, Post)
    own = await counts.mine(world.database, ada, [one, two])
    assert (first.mine, again.post.mine) == (own[two], own[one])
    visited: list[Entry] = await counts.decorate(world.database, page.entries, None)
    assert isinstance(visited[1], Post)
    assert visited[1].counts == await world.counts(two)
    assert visited[1].mine is UNSET
    assert await counts.decorate(world.database, list[Entry](), ada) == []


async def test_a_tombstone_has_numbers_too(world: World) -> None:
    ada, bob = await world.people(2)
    post_id = await world.post(ada)
    await world.react(bob, post_id)
    gone = (await world.delete(ada, post_id)).post
    [shown] = await counts.decorate(world.database, [gone], bob)
    assert shown.counts == await world.counts(post_id)
    assert shown.mine is not UNSET
    assert (shown.mine.reactions, shown.mine.retweeted) == ([], False)


async def test_every_change_has_a_larger_number_and_no_two_states_share_one(
    worlds: list[World],
) -> None:
    [world, _] = worlds
    ada, *crowd = await world.people(9)
    post_id = await world.post(ada)
    told: dict[int, Any] = {}

    async def fan(who: int, place: World) -> None:
        last = 0
        for n in range(6):
            changed = await place.react(who, post_id, EMOJI[n % 4], on=n < 4)
            answer = await place.retweet(who, post_id, on=n % 2 == 0)
            for now in (changed.counts, answer.counts):
                assert told.setdefault(now.v, now) == now
                assert now.v > last
                last = now.v

    await asyncio.gather(*(fan(who, worlds[who % 2]) for who in crowd))
    assert await world.counts(post_id) == told[max(told)]
    assert await wrong_numbers(world.database) == []


class Crowd:
    """People who do anything at any time, several deeds at once."""

    def __init__(self, people: list[int], posts: list[int], dice: random.Random) -> None:
        self.people = people
        self.posts = posts
        self.dice = dice
        self.done = 0

    async def act(self, world: World) -> None:
        """One transaction. Refusals are fine: what is named may be gone by now."""
        deed: Callable[[World], Awaitable[None]] = self.dice.choices(
            (self.react, self.retweet, self.write, self.delete, self.meet, self.dress),
            (4, 4, 4, 2, 3, 1),
        )[0]
        try:
            await deed(world)
        except Refusal:
            return
        self.done += 1

    def _who(self) -> int:
        return self.dice.choice(self.people)

    def _post(self) -> int:
        return self.dice.choice(self.posts[-8:] if self.dice.random() < 0.9 else self.posts)

    async def react(self, world: World) -> None:
        items = [
            react.Item(self._who(), self._post(), self.dice.choice(EMOJI), self.dice.random() < 0.6)
            for _ in range(self.dice.randint(1, 12))
        ]
        await world.run(lambda tx: react.set(tx, items, NOW_MS))

    async def retweet(self, world: World) -> None:
        items = [
            retweet.Item(self._who(), self._post(), self.dice.random() < 0.6)
            for _ in range(self.dice.randint(1, 12))
        ]
        await world.run(lambda tx: retweet.set(tx, items, NOW_MS))

    async def write(self, world: World) -> None:
        drafts = []
        for _ in range(self.dice.randint(1, 6)):
            who = self._who()
            draft = world.draft(
                who,
                key=f"key {self.dice.randint(0, 400)}",
                reply_to=self._post() if self.dice.random() < 0.5 else None,
                quote_of=self._post() if self.dice.random() < 0.3 else None,
                media=[await world.picture(who)] if self.dice.random() < 0.2 else [],
            )
            drafts.append(draft)
        for made in await world.create(*drafts):
            if not isinstance(made, Refusal) and not made.repeated:
                self.posts.append(int(made.post.id))

    async def delete(self, world: World) -> None:
        [found] = await post.by_ids(world.database, [self._post()])
        await world.delete(int(found.author.id), int(found.id))

    async def meet(self, world: World) -> None:
        deed = self.dice.choices((world.follow, world.block, world.mute), (6, 1, 1))[0]
        on = self.dice.random() < (0.6 if deed == world.follow else 0.3)
        await deed(self._who(), self._who(), on=on)

    async def dress(self, world: World) -> None:
        who = self._who()
        picture = await world.picture(who)

        async def deed(tx: Tx) -> None:
            await user.update(tx, who, display_name="x", bio=None, avatar=picture)

        await world.run(deed)


@pytest.mark.parametrize("seed", [1, 2])
async def test_when_all_do_everything_at_once_every_number_is_exact(
    worlds: list[World], seed: int
) -> None:
    [world, _] = worlds
    people = await world.people(6)
    posts = [await world.post(people[n % 6]) for n in range(6)]
    crowd = Crowd(people, posts, random.Random(seed))
    end_s = time.monotonic() + SOAK_S / 2

    async def one(place: World) -> None:
        while time.monotonic() < end_s:
            await crowd.act(place)

    await asyncio.gather(*(one(worlds[n % 2]) for n in range(8)))
    assert await wrong_numbers(world.database) == []
    assert crowd.done > 50
    # Locks are taken in one order, so nobody ever waited for somebody who waited for them.
    assert [place.repeats for place in worlds] == [0, 0]
