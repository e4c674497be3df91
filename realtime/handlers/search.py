"""Search: posts and people by their words."""

from __future__ import annotations

from realtime import visibility
from realtime.errors import Refusal
from realtime.handlers.context import LIST, Context
from realtime.handlers.paging import following, position
from realtime.handlers.registry import handles
from realtime.hub.limits import READS
from realtime.protocol import QUERY, SearchQuery
from realtime.results import Found
from realtime.store import counts, post, search, user
from realtime.store.database import Tx


@handles(SearchQuery)
async def search_query(context: Context, command: SearchQuery) -> Found:
    """A page of what holds all of these words, newest first."""
    before = position(command.before)
    if not command.q:
        raise Refusal("invalid", "Search for what?", field="q")
    if len(command.q) > QUERY:
        raise Refusal("too_long", f"A search has at most {QUERY} characters.", field="q")
    await context.spend("read", READS)
    me, wanted = context.user_id, search.wanted(command.q)

    async def read(tx: Tx) -> Found:
        hidden = await visibility.hidden(tx, me)
        ids: list[int] = []
        next_id = None
        if wanted is not None:
            ids, next_id = await search.ids(tx, command.kind, wanted, hidden, before, LIST)
        if command.kind == "users":
            return Found(users=await user.living(tx, ids), next=following(next_id))
        found = await post.by_ids(tx, ids, hidden)
        # Without what went since the index was read.
        living = [one for one in found if not one.deleted]
        return Found(posts=await counts.decorate(tx, living, me), next=following(next_id))

    return await context.world.database.read(read)
