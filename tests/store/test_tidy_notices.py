"""Notices that tell of nothing any more are forgotten; whatever can come back stays."""

from __future__ import annotations

import pytest

from realtime.store import events, inbox, noting, tidy
from realtime.store.database import Database, Tx
from realtime.store.migrate import migrate
from realtime.store.rows import LAST
from tests.store.world import NOW_MS, World


async def left(world: World) -> list[int]:
    rows = await world.database.fetch_all("SELECT what FROM notices ORDER BY id")
    return [row["what"] for row in rows]


async def test_what_was_read_and_taken_back_long_ago_is_forgotten(database: Database) -> None:
    await migrate(database)
    world = World(database)
    ada, bob, eve = await world.people(3)
    post_id = await world.post(ada)
    on = await world.react(bob, post_id)
    assert on.reaction_id is not None
    reacted = noting.Deed(ada, bob, post_id, on.reaction_id, True)
    await world.run(lambda tx: noting.gathered(tx, noting.REACTION, [reacted], NOW_MS))
    await world.run(lambda tx: noting.followed(tx, ada, bob, True, NOW_MS))
    answer = await world.post(eve, reply_to=post_id)
    said = noting.Said(answer, eve, ada, None)
    await world.run(lambda tx: noting.said(tx, [said], NOW_MS))

    async def tidied(before_ms: int = NOW_MS + 1) -> list[int]:
        async def deed(tx: Tx) -> None:
            [seq] = await tx.next_seq()
            await events.append(tx, [events.Told(seq, 999, events.POST, seq, ())], 1)
            await tidy.empty_notices(tx, before_ms, 0.0)

        await world.run(deed)
        return await left(world)

    assert await tidied() == [1, 6, 3]
    await world.react(bob, post_id, on=False)
    assert await tidied() == [1, 6, 3]  # not read yet
    await world.run(lambda tx: inbox.mark(tx, ada, LAST))
    assert await tidied(NOW_MS) == [1, 6, 3]  # not old yet
    assert await tidied() == [6, 3]
    await world.mute(ada, eve)
    assert await tidied() == [6, 3]  # who is hidden may be seen again
    await world.delete(eve, answer)
    assert await tidied() == [6]  # following again makes no second one


@pytest.mark.parametrize("start", [0.0, 0.5, 1.0])
async def test_an_empty_database_has_none(database: Database, start: float) -> None:
    await migrate(database)
    world = World(database)
    await world.run(lambda tx: tidy.empty_notices(tx, NOW_MS, start))
    assert await left(world) == []
