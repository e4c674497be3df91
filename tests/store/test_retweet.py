"""Retweets: on once, off once, and tombstones of what was."""

from __future__ import annotations

import asyncio

import pytest

from realtime.errors import Refusal
from realtime.model import Retweet
from realtime.store import counts, retweet, timeline
from realtime.store.database import Database
from realtime.store.migrate import migrate
from realtime.store.retweet import Changed, Item
from tests.store.world import NOW_MS, World, refused, settled, wrong_numbers


@pytest.fixture
async def world(database: Database) -> World:
    await migrate(database)
    return World(database)


async def apply(world: World, *items: Item, at_ms: int = NOW_MS) -> list[Changed | Refusal]:
    return await world.run(lambda tx: retweet.set(tx, items, at_ms))


def noun(result: Changed | Refusal) -> Retweet:
    found = settled(result).retweet
    assert found is not None
    return found


async def test_a_retweet_carries_the_whole_post(world: World) -> None:
    ada, bob = [await world.person(name) for name in ("ada", "bob")]
    picture = await world.picture(ada)
    posted = await world.posted(ada, "look", media=[picture])
    post_id = int(posted.id)
    [result] = await apply(world, Item(bob, post_id, True), at_ms=NOW_MS + 1)
    changed, made = settled(result), noun(result)
    assert made.post == posted
    assert made.user.name == "bob"
    assert made.created_at == "2023-11-14T22:13:20.001Z"
    assert made.id == str(made.seq)
    assert not made.deleted
    assert changed.author_id == ada
    assert changed.counts.retweets == 1
    assert changed.mine.retweeted
    assert changed.mine.v == changed.counts.v
    assert await retweet.by_ids(world.database, [int(made.id)]) == [made]
    assert (await counts.mine(world.database, bob, [post_id]))[post_id] == changed.mine
    assert not (await counts.mine(world.database, ada, [post_id]))[post_id].retweeted


async def test_a_repeat_changes_nothing(world: World) -> None:
    ada = await world.person()
    post_id = await world.post(ada)
    first = await world.retweet(ada, post_id)
    again = await world.retweet(ada, post_id)
    assert again.retweet is None
    assert (again.counts, again.mine) == (first.counts, first.mine)
    await world.retweet(ada, post_id, on=False)
    assert (await world.retweet(ada, post_id, on=False)).retweet is None
    assert await wrong_numbers(world.database) == []


async def test_undone_it_is_a_tombstone_and_done_again_another(world: World) -> None:
    ada, bob = await world.people(2)
    post_id = await world.post(ada)
    [first] = await apply(world, Item(bob, post_id, True), at_ms=NOW_MS)
    [off] = await apply(world, Item(bob, post_id, False), at_ms=NOW_MS + 5)
    tomb = noun(off)
    assert (tomb.id, tomb.deleted) == (noun(first).id, True)
    assert tomb.seq > noun(first).seq
    assert tomb.created_at == noun(first).created_at
    assert settled(off).counts.retweets == 0
    assert await retweet.by_ids(world.database, [int(tomb.id)]) == [tomb]
    page = await timeline.user(world.database, bob, frozenset(), None, 10)
    assert page.entries == []
    [again] = await apply(world, Item(bob, post_id, True), at_ms=NOW_MS + 9)
    assert int(noun(again).id) > int(tomb.id)
    assert noun(again).created_at == "2023-11-14T22:13:20.009Z"
    assert await wrong_numbers(world.database) == []


async def test_items_of_one_batch_are_applied_in_their_order(world: World) -> None:
    ada, bob = await world.people(2)
    post_id = await world.post(ada)
    on, off = Item(bob, post_id, True), Item(bob, post_id, False)
    results = await apply(world, on, off, off, on, Item(ada, post_id, True))
    assert settled(results[2]).retweet is None
    one, tomb, two = noun(results[0]), noun(results[1]), noun(results[3])
    assert (one.id, one.deleted) == (tomb.id, False)
    assert tomb.deleted
    assert tomb.seq > one.seq
    assert two.id != one.id
    assert {settled(r).counts.retweets for r in results} == {2}
    assert len({settled(r).counts.v for r in results}) == 1
    assert await retweet.by_ids(world.database, [int(one.id), int(two.id)]) == [tomb, two]
    results = await apply(world, off, on, off)
    assert [noun(r).deleted for r in results] == [True, False, True]
    assert await wrong_numbers(world.database) == []


async def test_when_its_post_is_deleted_a_retweet_is_a_tombstone_with_one(world: World) -> None:
    ada, bob = await world.people(2)
    post_id = await world.post(ada)
    changed = await world.retweet(bob, post_id)
    made = noun(changed)
    gone = await world.delete(ada, post_id)
    [tomb] = await retweet.by_ids(world.database, [int(made.id)])
    assert tomb.deleted
    assert tomb.post == gone.post
    assert tomb.seq == made.seq
    assert not (await counts.mine(world.database, bob, [post_id]))[post_id].retweeted
    for on in (True, False):
        with pytest.raises(Refusal) as caught:
            await world.retweet(bob, post_id, on=on)
        assert refused(caught.value) == ("not_found", "post_id")
    assert (await timeline.user(world.database, bob, frozenset(), None, 10)).entries == []
    assert await wrong_numbers(world.database) == []


async def test_what_is_not_there_is_not_retweeted_and_the_others_go_through(world: World) -> None:
    ada, bob, eve, kay = await world.people(4)
    by_bob, by_eve, by_kay, mine = [await world.post(who) for who in (bob, eve, kay, ada)]
    await world.retweet(ada, by_bob)
    await world.block(bob, ada)
    await world.block(ada, eve)
    await world.mute(ada, kay)
    results = await apply(
        world,
        Item(ada, 10**12, True),
        Item(ada, by_eve, True),
        Item(ada, by_bob, False),
        Item(ada, by_bob, True),
        Item(ada, by_kay, True),
        Item(ada, mine, True),
    )
    assert [refused(results[n]) for n in (0, 1, 3)] == [("not_found", "post_id")] * 3
    assert noun(results[2]).deleted
    assert not noun(results[4]).deleted
    assert not noun(results[5]).deleted
    assert await wrong_numbers(world.database) == []


async def test_one_who_clicks_everywhere_at_once_has_retweeted_once(
    world: World, database_url: str
) -> None:
    ada, bob = await world.people(2)
    post_id = await world.post(ada)
    other = await Database.connect(database_url)
    try:
        deeds = await asyncio.gather(
            *(w.retweet(bob, post_id) for _ in range(10) for w in (world, World(other)))
        )
    finally:
        await other.close()
    assert len([deed for deed in deeds if deed.retweet is not None]) == 1
    assert (await world.counts(post_id)).retweets == 1
    assert await wrong_numbers(world.database) == []


async def test_a_page_of_retweeters_is_newest_first_and_keeps_its_place(world: World) -> None:
    ada, bob, eve, kay = await world.people(4)
    post_id = await world.post(ada)
    for who in (ada, bob, eve, kay):
        await world.retweet(who, post_id)
    await world.retweet(bob, post_id, on=False)
    database = world.database
    first, next_id = await retweet.page(database, post_id, None, 2, frozenset())
    assert [int(person.id) for person in first] == [kay, eve]
    await world.retweet(bob, post_id)
    rest, end = await retweet.page(database, post_id, next_id, 2, frozenset())
    assert [int(person.id) for person in rest] == [ada]
    assert end is None
    without, _ = await retweet.page(database, post_id, None, 9, frozenset({eve, bob}))
    assert [int(person.id) for person in without] == [kay, ada]


async def test_a_hundred_retweets_of_one_post_are_one_batch(world: World) -> None:
    ada = await world.person()
    crowd = await world.people(100)
    post_id = await world.post(ada)
    results = await apply(world, *(Item(who, post_id, True) for who in crowd))
    assert len({noun(result).id for result in results}) == 100
    assert settled(results[0]).counts.retweets == 100
    off = [Item(who, post_id, False) for who in crowd]
    one = await world.statements(lambda tx: retweet.set(tx, off[:1], NOW_MS))
    assert one == await world.statements(lambda tx: retweet.set(tx, off[1:], NOW_MS)) <= 16
    assert (await world.counts(post_id)).retweets == 0
    assert await wrong_numbers(world.database) == []
