"""Somebody is hidden while they do something: the notice is not begun, or it is told again.

Both transactions look at what the other writes, and neither sees it before its commit. Whoever
comes second has to wait for the first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from realtime.errors import Refusal
from realtime.store import notice, noting, post, react, relation
from realtime.store.database import Database, Tx
from realtime.store.inbox import Owed
from realtime.store.migrate import migrate
from tests.store.world import NOW_MS, World, settled

Deed = Callable[[Tx], Awaitable[list[Owed]]]
MEANWHILE_S = 0.3  # a transaction that has not ended by then waits for the other


async def reaction(world: World, ada: int, bob: int) -> Deed:
    post_id = await world.post(ada)

    async def deed(tx: Tx) -> list[Owed]:
        [changed] = await react.set(tx, [react.Item(bob, post_id, "🌊", True)], NOW_MS)
        if isinstance(changed, Refusal):
            return []  # to the blocked the post is not there
        reaction_id = changed.reaction_id
        assert reaction_id is not None
        reacted = noting.Deed(ada, bob, post_id, reaction_id, True)
        return await noting.gathered(tx, noting.REACTION, [reacted], NOW_MS)

    return deed


async def mention(world: World, ada: int, bob: int) -> Deed:
    draft = world.draft(bob, "@ada")

    async def deed(tx: Tx) -> list[Owed]:
        [created] = await post.create(tx, [draft], NOW_MS)
        return await noting.said(tx, [noting.said_by(settled(created).post)], NOW_MS)

    return deed


def hiding(how: Callable[..., Awaitable[relation.Followed]], ada: int, bob: int) -> Deed:
    async def deed(tx: Tx) -> list[Owed]:
        done = await how(tx, ada, bob, True, NOW_MS)
        assert done.changed
        return await notice.hidden_changed(tx, ada, bob, both=how is relation.block)

    return deed


@pytest.mark.parametrize("deed", [reaction, mention])
@pytest.mark.parametrize("how", [relation.mute, relation.block])
@pytest.mark.parametrize("is_deed_first", [True, False])
async def test_nothing_stays_told_that_is_hidden(
    database: Database,
    deed: Callable[[World, int, int], Awaitable[Deed]],
    how: Callable[..., Awaitable[relation.Followed]],
    is_deed_first: bool,
) -> None:
    await migrate(database)
    world = World(database)
    ada, bob = await world.person("ada"), await world.person("bob")
    pair = [await deed(world, ada, bob), hiding(how, ada, bob)]
    first, second = pair if is_deed_first else pair[::-1]
    is_written, may_commit = asyncio.Event(), asyncio.Event()

    async def lingering(tx: Tx) -> list[Owed]:
        owed = await first(tx)
        is_written.set()
        await may_commit.wait()
        return owed

    slow = asyncio.create_task(world.run(lingering))
    await is_written.wait()
    quick = asyncio.create_task(world.run(second))
    await asyncio.wait([quick], timeout=MEANWHILE_S)
    may_commit.set()
    told_first, told_second = await asyncio.gather(slow, quick)

    begun = {one.notice_id for one in told_first + told_second} - {None}
    seen, _ = await notice.page(database, ada, None, 50)
    assert seen == []
    if is_deed_first:
        assert begun, "the notice was begun"
        assert begun <= {one.notice_id for one in told_second}, "and is told again when it is gone"
    else:
        assert begun == set(), "nothing is begun for somebody hidden"
