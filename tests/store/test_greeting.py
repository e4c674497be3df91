"""What a welcome says, of many people at once."""

from __future__ import annotations

import json

import pytest

from realtime.store import draft, greeting, user
from realtime.store.database import Database
from realtime.store.migrate import migrate
from tests.store.world import World


@pytest.fixture
async def world(database: Database) -> World:
    await migrate(database)
    return World(database)


async def test_each_is_greeted_as_who_they_are_with_what_is_their_own(world: World) -> None:
    ada, bob, eve = await world.people(3)
    await world.follow(bob, ada)
    words = {"text": "half a thought"}
    await world.database.run_tx(lambda tx: draft.set(tx, bob, json.dumps(words)))
    found = await greeting.by_users(world.database, [eve, bob, ada, 404])
    people = {int(one.id): one for one in await user.by_ids(world.database, [ada, bob, eve])}
    said = {who: one and (one.user, one.unread, one.draft) for who, one in found.items()}
    assert said == {
        eve: (people[eve], 0, None),
        bob: (people[bob], 0, words),
        ada: (people[ada], 0, None),
        404: None,
    }


async def test_who_has_left_is_not_greeted(world: World) -> None:
    ada, bob = await world.people(2)
    await world.run(
        lambda tx: tx.execute("UPDATE users SET deleted = true WHERE id = :id", {"id": ada})
    )
    found = await greeting.by_users(world.database, [ada, bob])
    assert found[ada] is None and found[bob] is not None
