"""Follows, blocks and mutes: both sides at once, and never a number too many."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from realtime.errors import Refusal
from realtime.store import audience, relation
from realtime.store.audience import Audience
from realtime.store.database import Database
from realtime.store.migrate import migrate
from realtime.store.relation import Followed
from tests.store.world import World, refused, wrong_numbers

NOBODY = frozenset[int]()


@pytest.fixture
async def world(database: Database) -> World:
    await migrate(database)
    return World(database)


async def not_done(deed: Awaitable[Followed]) -> tuple[str, str | None]:
    with pytest.raises(Refusal) as caught:
        await deed
    return refused(caught.value)


async def names(world: World, user_id: int, direction: relation.Direction) -> list[int]:
    people, _ = await relation.page(world.database, user_id, direction, None, 50, NOBODY)
    return [int(person.id) for person in people]


async def test_a_follow_is_seen_from_both_sides(world: World) -> None:
    ada, bob = await world.people(2)
    done = await world.follow(ada, bob)
    assert done.changed
    assert (done.mine.user_id, done.mine.following, done.mine.followed_by) == (
        str(bob),
        True,
        False,
    )
    assert (done.theirs.user_id, done.theirs.followed_by) == (str(ada), True)
    assert await world.relation(ada, bob) == done.mine
    assert await world.relation(bob, ada) == done.theirs
    assert await world.tally(ada) == (0, 1, 0)
    assert await world.tally(bob) == (1, 0, 0)
    assert await audience.of(world.database, ada) == Audience(frozenset({bob}), NOBODY)
    assert await audience.of(world.database, bob) == Audience(NOBODY, NOBODY)
    back = await world.follow(bob, ada)
    assert back.mine.following
    assert back.mine.followed_by
    assert back.mine.seq > done.mine.seq


async def test_audiences_of_many_are_those_of_each(world: World) -> None:
    ada, bob, eve, zoe = await world.people(4)
    await world.follow(ada, bob)
    await world.follow(bob, eve)
    await world.block(eve, ada)
    found = await audience.by_users(world.database, [ada, bob, eve, zoe])
    assert found == {
        ada: Audience(frozenset({bob}), frozenset({eve}), NOBODY),
        bob: Audience(frozenset({eve}), NOBODY, NOBODY),
        eve: Audience(NOBODY, frozenset({ada}), frozenset({ada})),
        zoe: audience.NOBODY,
    }


async def test_a_repeat_changes_nothing(world: World) -> None:
    ada, bob = await world.people(2)
    assert not (await world.follow(ada, bob, on=False)).changed
    assert await world.database.fetch_val("SELECT count(*) FROM relations") == 0
    first = await world.follow(ada, bob)
    again = await world.follow(ada, bob)
    assert not again.changed
    assert (again.mine, again.theirs) == (first.mine, first.theirs)
    off = await world.follow(ada, bob, on=False)
    assert off.changed
    assert not (await world.follow(ada, bob, on=False)).changed
    assert await world.tally(ada) == await world.tally(bob) == (0, 0, 0)


async def test_who_never_met_stands_in_no_relation(world: World) -> None:
    ada, bob = await world.people(2)
    found = await relation.get(world.database, ada, [bob])
    assert found[bob].seq == 0
    assert not (found[bob].following or found[bob].followed_by)
    assert not (found[bob].blocking or found[bob].muting)
    assert await relation.get(world.database, ada, []) == {}


async def test_oneself_and_nobody_cannot_be_followed_blocked_or_muted(world: World) -> None:
    ada, gone = await world.people(2)
    await world.erase(gone)
    deed: Callable[..., Awaitable[Followed]]
    for deed in (world.follow, world.block, world.mute):
        for on in (True, False):
            assert await not_done(deed(ada, ada, on=on)) == ("invalid", "user_id")
            assert await not_done(deed(ada, 10**12, on=on)) == ("not_found", "user_id")
            assert await not_done(deed(ada, gone, on=on)) == ("not_found", "user_id")
        assert await not_done(deed(gone, ada)) == ("unauthenticated", None)
    assert await world.database.fetch_val("SELECT count(*) FROM relations") == 0


async def test_a_block_ends_both_follows_and_hides_both(world: World) -> None:
    ada, bob = await world.people(2)
    await world.follow(ada, bob)
    await world.follow(bob, ada)
    done = await world.block(ada, bob)
    assert done.changed
    assert (done.mine.blocking, done.mine.following, done.mine.followed_by) == (True, False, False)
    assert not (done.theirs.blocking or done.theirs.following or done.theirs.followed_by)
    assert done.theirs.seq == done.mine.seq
    assert await world.tally(ada) == await world.tally(bob) == (0, 0, 0)
    assert (await audience.of(world.database, ada)).hidden == {bob}
    assert await relation.hidden(world.database, bob) == {ada}
    assert await relation.is_blocked(world.database, ada, bob)
    assert await relation.is_blocked(world.database, bob, ada)
    assert await relation.is_blocked_by(world.database, bob, ada)
    assert not await relation.is_blocked_by(world.database, ada, bob)
    assert not (await world.block(ada, bob)).changed
    assert await wrong_numbers(world.database) == []


async def test_after_a_block_only_taking_it_back_works(world: World) -> None:
    ada, bob = await world.people(2)
    await world.block(ada, bob)
    gone = ("not_found", "user_id")
    for on in (True, False):
        assert await not_done(world.follow(ada, bob, on=on)) == gone
        assert await not_done(world.follow(bob, ada, on=on)) == gone
        assert await not_done(world.mute(ada, bob, on=on)) == gone
        assert await not_done(world.mute(bob, ada, on=on)) == gone
    assert await not_done(world.block(bob, ada)) == gone
    assert not (await world.block(bob, ada, on=False)).changed
    assert (await world.block(ada, bob, on=False)).changed
    assert (await world.follow(bob, ada)).changed
    assert await relation.hidden(world.database, ada) == NOBODY


async def test_a_mute_is_the_muters_own_secret(world: World) -> None:
    ada, bob = await world.people(2)
    await world.follow(ada, bob)
    before = await world.relation(bob, ada)
    done = await world.mute(ada, bob)
    assert done.mine.muting
    assert done.mine.following
    assert done.theirs == before == await world.relation(bob, ada)
    assert await relation.hidden(world.database, ada) == {bob}
    assert await relation.hidden(world.database, bob) == NOBODY
    assert not await relation.is_blocked(world.database, ada, bob)
    assert not (await world.mute(ada, bob)).changed
    assert (await world.mute(ada, bob, on=False)).changed
    assert await relation.hidden(world.database, None) == NOBODY


async def test_lists_of_people_are_newest_first(world: World) -> None:
    ada, *others = await world.people(5)
    for other in others:
        await world.follow(other, ada)
        await world.follow(ada, other)
    await world.follow(ada, others[0], on=False)
    await world.follow(ada, others[0])
    assert await names(world, ada, "followers") == others[::-1]
    assert await names(world, ada, "following") == [others[0], *others[:0:-1]]
    for other in others[:2]:
        await world.block(ada, other)
    await world.mute(ada, others[3])
    await world.mute(ada, others[2])
    assert await names(world, ada, "blocking") == [others[1], others[0]]
    assert await names(world, ada, "muting") == [others[2], others[3]]
    assert await names(world, others[0], "blocking") == []


@pytest.mark.parametrize("direction", ["followers", "following"])
async def test_a_page_of_people_keeps_its_place(
    world: World, direction: relation.Direction
) -> None:
    ada, *others = await world.people(7)
    for other in others:
        await (world.follow(other, ada) if direction == "followers" else world.follow(ada, other))
    read: list[int] = []
    before: int | None = None
    for _ in range(5):
        people, before = await relation.page(
            world.database, ada, direction, before, 2, frozenset({others[2]})
        )
        read += [int(person.id) for person in people]
        if before is None:
            break
        late = await world.person()
        await (world.follow(late, ada) if direction == "followers" else world.follow(ada, late))
    assert read == [other for other in others[::-1] if other != others[2]]


async def test_all_who_follow_each_other_at_once_are_counted(
    world: World, database_url: str
) -> None:
    crowd = await world.people(5)
    other = await Database.connect(database_url)
    pairs = [(a, b) for a in crowd for b in crowd if a != b]
    try:
        for on in (True, False, True):
            await asyncio.gather(
                *(w.follow(a, b, on=on) for a, b in pairs for w in (world, World(other)))
            )
            assert await wrong_numbers(world.database) == []
            size = len(crowd) - 1 if on else 0
            assert await world.tally(crowd[0]) == (size, size, 0)
    finally:
        await other.close()
