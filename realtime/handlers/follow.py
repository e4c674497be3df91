"""Following: mine, and who follows whom."""

from __future__ import annotations

import time

from realtime import visibility
from realtime.change import Telling
from realtime.errors import Refusal, not_found
from realtime.handlers.context import LIST, Context
from realtime.handlers.paging import following, position
from realtime.handlers.registry import handles
from realtime.hub.limits import FOLLOWS, READS
from realtime.protocol import FollowList, FollowSet, number
from realtime.results import Related, Users
from realtime.store import noting, relation, user
from realtime.store.database import Tx
from realtime.store.relation import Followed


@handles(FollowSet)
async def follow_set(context: Context, command: FollowSet) -> Related:
    """I follow this person or not; all my windows here hear them, or not, before the answer."""
    me, other = context.me, number(command.user_id)
    if other == me:
        raise Refusal("invalid", "You always see your own posts.", field="user_id")
    await context.spend("follow", FOLLOWS)

    async def deed(tx: Tx, telling: Telling) -> Followed:
        now_ms = time.time_ns() // 1_000_000
        done = await relation.follow(tx, me, other, command.on, now_ms)
        if done.changed:
            telling.noun(visibility.me(me), done.mine)
            telling.noun(visibility.me(other), done.theirs)
            telling.owed(await noting.followed(tx, other, me, command.on, now_ms))
        return done

    done = await context.world.change(deed)
    if done.changed:
        await context.world.feed.settle(me)
    return Related(done.mine)


@handles(FollowList)
async def follow_list(context: Context, command: FollowList) -> Users:
    """People around one person, newest first."""
    database, me, whose = context.world.database, context.user_id, number(command.user_id)
    if command.direction in ("blocking", "muting") and whose != me:
        if me is None:
            raise Refusal("unauthenticated", "Sign in first.")
        raise Refusal("forbidden", "Only you see whom you block or mute.", field="direction")
    await context.spend("read", READS)
    before = position(command.before)
    people = await user.by_ids(database, [whose])
    if not people or people[0].deleted:
        raise not_found("person", field="user_id")
    if not await visibility.may_name(database, me, whose):
        raise not_found("person", field="user_id")
    hidden = await visibility.hidden(database, me)
    shown = hidden if command.direction in ("followers", "following") else frozenset()
    users, next_id = await relation.page(database, whose, command.direction, before, LIST, shown)
    return Users(users, following(next_id))
