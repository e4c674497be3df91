"""Reactions: set not toggled, counted exactly, many at once."""

from __future__ import annotations

import asyncio
import random

import pytest

from realtime.errors import Refusal
from realtime.store import counts, react
from realtime.store.database import Database
from realtime.store.migrate import migrate
from realtime.store.react import Changed, Item
from tests.store.world import NOW_MS, World, refused, settled, wrong_numbers

EMOJI = ["👍", "❤️", "🎉", "😂", "😮", "😢", "🔥", "👀", "🚀"]


@pytest.fixture
async def world(database: Database) -> World:
    await migrate(database)
    return World(database)


async def apply(world: World, *items: Item) -> list[Changed | Refusal]:
    return await world.run(lambda tx: react.set(tx, items, NOW_MS))


async def test_a_reaction_is_counted_and_mine(world: World) -> None:
    ada, bob = await world.people(2)
    post_id = await world.post(ada)
    before = await world.counts(post_id)
    changed = await world.react(bob, post_id, "🎉")
    assert changed.changed
    assert changed.author_id == ada
    assert changed.counts.reactions == {"🎉": 1}
    assert changed.counts.v > before.v
    assert changed.mine.reactions == ["🎉"]
    assert changed.mine.v == changed.counts.v
    assert await world.counts(post_id) == changed.counts
    assert (await counts.mine(world.database, bob, [post_id]))[post_id] == changed.mine
    assert (await world.react(ada, post_id, "🎉")).counts.reactions == {"🎉": 2}


async def test_a_repeat_changes_nothing(world: World) -> None:
    ada = await world.person()
    post_id = await world.post(ada)
    first = await world.react(ada, post_id)
    again = await world.react(ada, post_id)
    assert not again.changed
    assert (again.counts, again.mine) == (first.counts, first.mine)
    off = await world.react(ada, post_id, on=False)
    assert off.changed
    assert off.counts.v > first.counts.v
    nothing = await world.react(ada, post_id, on=False)
    assert not nothing.changed
    assert nothing.counts == off.counts


async def test_emoji_stand_in_the_order_of_their_first_reaction(world: World) -> None:
    ada, bob = await world.people(2)
    post_id = await world.post(ada)
    for who, emoji in ((ada, "🔥"), (ada, "👍"), (bob, "👀"), (bob, "👍")):
        await world.react(who, post_id, emoji)
    assert list((await world.counts(post_id)).reactions.items()) == [
        ("🔥", 1),
        ("👍", 2),
        ("👀", 1),
    ]
    await world.react(ada, post_id, "🔥", on=False)
    changed = await world.react(ada, post_id, "🔥")
    assert list(changed.counts.reactions) == ["👍", "👀", "🔥"]
    assert changed.mine.reactions == ["👍", "🔥"]


async def test_a_ninth_emoji_is_too_many_until_another_goes(world: World) -> None:
    ada, bob = await world.people(2)
    post_id = await world.post(bob)
    for emoji in EMOJI[:8]:
        await world.react(ada, post_id, emoji)
    no, repeat, other = await apply(
        world,
        Item(ada, post_id, EMOJI[8], True),
        Item(ada, post_id, EMOJI[0], True),
        Item(bob, post_id, EMOJI[8], True),
    )
    assert refused(no) == ("too_many", "emoji")
    assert not settled(repeat).changed
    assert settled(other).changed
    results = await apply(
        world, Item(ada, post_id, EMOJI[0], False), Item(ada, post_id, EMOJI[8], True)
    )
    assert [settled(result).changed for result in results] == [True, True]
    assert settled(results[1]).mine.reactions == EMOJI[1:9]
    assert await wrong_numbers(world.database) == []


async def test_items_of_one_batch_are_applied_in_their_order(world: World) -> None:
    ada = await world.person()
    post_id = await world.post(ada)
    await world.react(ada, post_id, "👀")
    on, off = Item(ada, post_id, "👍", True), Item(ada, post_id, "👍", False)
    results = [settled(r) for r in await apply(world, on, on, off, off, on, off)]
    assert [result.changed for result in results] == [True, False, True, False, True, True]
    assert {result.counts.v for result in results} == {results[0].counts.v}
    assert all(result.counts.reactions == {"👀": 1} for result in results)
    again = [settled(r) for r in await apply(world, Item(ada, post_id, "👀", False), on, off, on)]
    assert again[-1].mine.reactions == ["👍"]
    again = [settled(r) for r in await apply(world, off, on)]
    assert again[-1].counts.reactions == {"👍": 1}
    assert await wrong_numbers(world.database) == []


async def test_what_is_not_there_takes_no_reaction_and_the_others_go_through(world: World) -> None:
    ada, bob, eve, kay = await world.people(4)
    gone = await world.post(bob)
    await world.delete(bob, gone)
    by_bob, by_eve, by_kay, mine = [await world.post(who) for who in (bob, eve, kay, ada)]
    await world.react(ada, by_bob)
    await world.block(bob, ada)
    await world.block(ada, eve)
    await world.mute(ada, kay)
    results = await apply(
        world,
        Item(ada, 10**12, "👍", True),
        Item(ada, gone, "👍", True),
        Item(ada, gone, "👍", False),
        Item(ada, by_bob, "🎉", True),
        Item(ada, by_eve, "👍", True),
        Item(ada, by_kay, "👍", True),
        Item(ada, mine, "👍", True),
    )
    assert [refused(result) for result in results[:5]] == [("not_found", "post_id")] * 5
    assert [settled(result).changed for result in results[5:]] == [True, True]
    [undone] = await apply(world, Item(ada, by_bob, "👍", False))
    assert settled(undone).changed
    assert (await world.counts(by_bob)).reactions == {}
    assert await wrong_numbers(world.database) == []


async def test_who_has_no_account_any_more_reacts_to_nothing(world: World) -> None:
    ada, bob = await world.people(2)
    post_id = await world.post(bob)
    await world.erase(ada)
    no, yes = await apply(world, Item(ada, post_id, "👍", True), Item(bob, post_id, "👍", True))
    assert refused(no) == ("unauthenticated", None)
    assert settled(yes).counts.reactions == {"👍": 1}


async def test_five_hundred_reactions_to_one_post_are_one_batch(world: World) -> None:
    ada = await world.person()
    crowd = await world.people(500)
    post_id = await world.post(ada)
    items = [Item(who, post_id, EMOJI[who % 3], True) for who in crowd]
    results = await apply(world, *items)
    assert all(settled(result).changed for result in results)
    assert sum((await world.counts(post_id)).reactions.values()) == 500
    assert len({settled(result).counts.v for result in results}) == 1
    assert await wrong_numbers(world.database) == []
    off = [Item(who, post_id, EMOJI[who % 3], False) for who in crowd]
    one = await world.statements(lambda tx: react.set(tx, off[:1], NOW_MS))
    assert one == await world.statements(lambda tx: react.set(tx, off[1:], NOW_MS)) <= 10
    assert (await world.counts(post_id)).reactions == {}


async def test_many_who_react_at_once_are_all_counted(world: World, database_url: str) -> None:
    ada = await world.person()
    crowd = await world.people(12)
    posts = [await world.post(ada) for _ in range(4)]
    other = await Database.connect(database_url)
    try:
        dice = random.Random(7)
        batches = [
            [
                Item(dice.choice(crowd), dice.choice(posts), dice.choice(EMOJI[:4]), True)
                for _ in range(20)
            ]
            for _ in range(20)
        ]
        await asyncio.gather(
            *(apply(World(other) if n % 2 else world, *items) for n, items in enumerate(batches))
        )
    finally:
        await other.close()
    assert await wrong_numbers(world.database) == []


async def test_a_page_of_reactions_is_newest_first_and_keeps_its_place(world: World) -> None:
    ada, bob, eve = await world.people(3)
    post_id = await world.post(ada)
    for who, emoji in ((ada, "👍"), (bob, "🎉"), (eve, "👍"), (bob, "👍")):
        await world.react(who, post_id, emoji)
    database, none = world.database, frozenset[int]()
    first, next_id = await react.page(database, post_id, None, None, 3, none)
    assert [(int(r.user.id), r.emoji) for r in first] == [(bob, "👍"), (eve, "👍"), (bob, "🎉")]
    assert first[0].at == "2023-11-14T22:13:20.000Z"
    await world.react(eve, post_id, "🔥")
    rest, end = await react.page(database, post_id, None, next_id, 3, none)
    assert [(int(r.user.id), r.emoji) for r in rest] == [(ada, "👍")]
    assert end is None
    alike, end = await react.page(database, post_id, "👍", None, 10, frozenset({eve}))
    assert [int(r.user.id) for r in alike] == [bob, ada]
    assert end is None
    assert await react.page(database, 10**12, None, None, 3, none) == ([], None)
