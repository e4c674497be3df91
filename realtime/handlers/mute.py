"""Muting: someone is no longer in my way, and never learns of it."""

from __future__ import annotations

import time

from realtime import visibility
from realtime.change import Telling
from realtime.errors import Refusal
from realtime.handlers.context import Context
from realtime.handlers.registry import handles
from realtime.hub.limits import REACTIONS
from realtime.protocol import MuteSet, number
from realtime.results import Related
from realtime.store import notice, relation
from realtime.store.database import Tx
from realtime.store.relation import Followed


@handles(MuteSet)
async def mute_set(context: Context, command: MuteSet) -> Related:
    """I mute this person or not; all my windows here no longer hear them before the answer."""
    me, other = context.me, number(command.user_id)
    if other == me:
        raise Refusal("invalid", "You cannot mute yourself.", field="user_id")
    await context.spend("hide", REACTIONS)

    async def deed(tx: Tx, telling: Telling) -> Followed:
        done = await relation.mute(tx, me, other, command.on, time.time_ns() // 1_000_000)
        if done.changed:
            telling.noun(visibility.me(me), done.mine)
            telling.owed(await notice.hidden_changed(tx, me, other, both=False))
        return done

    done = await context.world.change(deed)
    if done.changed:
        await context.world.feed.settle(me)
    return Related(done.mine)
