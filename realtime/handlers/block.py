"""Blocking: neither is there for the other one."""

from __future__ import annotations

import time

from realtime import visibility
from realtime.change import Telling
from realtime.errors import Refusal
from realtime.handlers.context import Context
from realtime.handlers.registry import handles
from realtime.hub.limits import REACTIONS
from realtime.protocol import BlockSet, number
from realtime.results import Related
from realtime.store import notice, relation
from realtime.store.database import Tx
from realtime.store.relation import Followed


@handles(BlockSet)
async def block_set(context: Context, command: BlockSet) -> Related:
    """I block this person or not; all my windows here no longer hear them before the answer.

    The other one is told that a follow is gone, if one was there, and nothing else.
    """
    me, other = context.me, number(command.user_id)
    if other == me:
        raise Refusal("invalid", "You cannot block yourself.", field="user_id")
    await context.spend("hide", REACTIONS)

    async def deed(tx: Tx, telling: Telling) -> Followed:
        done = await relation.block(tx, me, other, command.on, time.time_ns() // 1_000_000)
        if not done.changed:
            return done
        telling.noun(visibility.me(me), done.mine)
        if done.theirs_changed:
            telling.noun(visibility.me(other), done.theirs)
        else:
            telling.audience(other, me, done.mine.seq)
        telling.owed(await notice.hidden_changed(tx, me, other, both=True))
        return done

    done = await context.world.change(deed)
    if done.changed:
        await context.world.feed.settle(me)
    return Related(done.mine)
