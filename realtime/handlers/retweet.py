"""Retweets: mine, and who else."""

from __future__ import annotations

import time

from realtime import visibility
from realtime.change import Telling
from realtime.errors import Refusal, not_found
from realtime.handlers.context import LIST, Context
from realtime.handlers.paging import following, position
from realtime.handlers.registry import handles
from realtime.hub.limits import REACTIONS, READS
from realtime.protocol import RetweetList, RetweetSet, number
from realtime.results import Stance, Users
from realtime.store import noting, retweet
from realtime.store.database import Tx
from realtime.store.retweet import Changed, Item


@handles(RetweetSet)
async def retweet_set(context: Context, command: RetweetSet) -> Stance:
    """My retweet of this post is on or off."""
    item = Item(context.me, number(command.post_id), command.on)
    await context.spend("react", REACTIONS)
    changed = await context.world.change.join(set_many, item)
    return Stance(changed.counts, changed.mine)


async def set_many(tx: Tx, telling: Telling, items: list[Item]) -> list[Changed | Refusal]:
    """Set these retweets in one transaction; the refused ones leave nothing."""
    now_ms = time.time_ns() // 1_000_000
    results = await retweet.set(tx, items, now_ms)
    deeds = []
    for item, changed in zip(items, results, strict=True):
        if isinstance(changed, Refusal) or changed.retweet is None:
            continue
        telling.noun(visibility.author(item.user_id), changed.retweet)
        telling.mine(item.user_id, changed.mine)
        telling.counts(item.post_id)
        done_to = (changed.author_id, item.user_id, item.post_id)
        deeds.append(noting.Deed(*done_to, int(changed.retweet.id), item.on))
    telling.owed(await noting.gathered(tx, noting.RETWEET, deeds, now_ms))
    return results


@handles(RetweetList)
async def retweet_list(context: Context, command: RetweetList) -> Users:
    """Who retweeted, newest first."""
    await context.spend("read", READS)
    database, post_id = context.world.database, number(command.post_id)
    hidden = await visibility.hidden(database, context.user_id)
    found = await visibility.named(database, context.user_id, post_id, hidden)
    if found.deleted:
        raise not_found(field="post_id")
    before = position(command.before)
    users, next_id = await retweet.page(database, post_id, before, LIST, hidden)
    return Users(users, following(next_id))
