"""Reactions: mine, and who else."""

from __future__ import annotations

import time

from msgspec import UNSET

from realtime import text, visibility
from realtime.change import Telling
from realtime.errors import Refusal, not_found
from realtime.handlers.context import LIST, Context
from realtime.handlers.paging import following, position
from realtime.handlers.registry import handles
from realtime.hub.limits import REACTIONS, READS
from realtime.protocol import ReactList, ReactSet, number
from realtime.results import Reactions, Stance
from realtime.store import noting, react
from realtime.store.database import Tx
from realtime.store.react import Changed, Item


@handles(ReactSet)
async def react_set(context: Context, command: ReactSet) -> Stance:
    """My reaction with this emoji is on or off."""
    emoji = text.emoji(command.emoji)
    item = Item(context.me, number(command.post_id), emoji, command.on)
    await context.spend("react", REACTIONS)
    changed = await context.world.change.join(set_many, item)
    return Stance(changed.counts, changed.mine)


async def set_many(tx: Tx, telling: Telling, items: list[Item]) -> list[Changed | Refusal]:
    """Set these reactions in one transaction; the refused ones leave nothing."""
    now_ms = time.time_ns() // 1_000_000
    results = await react.set(tx, items, now_ms)
    deeds = []
    for item, changed in zip(items, results, strict=True):
        if isinstance(changed, Refusal) or not changed.changed:
            continue
        telling.mine(item.user_id, changed.mine)
        telling.counts(item.post_id)
        if changed.reaction_id is not None:
            done_to = (changed.author_id, item.user_id, item.post_id)
            deeds.append(noting.Deed(*done_to, changed.reaction_id, item.on))
    telling.owed(await noting.gathered(tx, noting.REACTION, deeds, now_ms))
    return results


@handles(ReactList)
async def react_list(context: Context, command: ReactList) -> Reactions:
    """Who reacted, newest first; with one emoji or with any."""
    emoji = None if command.emoji is UNSET else text.emoji(command.emoji)
    await context.spend("read", READS)
    database, post_id = context.world.database, number(command.post_id)
    hidden = await visibility.hidden(database, context.user_id)
    found = await visibility.named(database, context.user_id, post_id, hidden)
    if found.deleted:
        raise not_found(field="post_id")
    before = position(command.before)
    reactions, next_id = await react.page(database, post_id, emoji, before, LIST, hidden)
    return Reactions(reactions, following(next_id))
