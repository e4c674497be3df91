"""Timelines: home, explore, and one person's posts, pictures and reactions."""

from __future__ import annotations

from msgspec import UNSET

from realtime import visibility
from realtime.errors import Refusal, not_found
from realtime.handlers.context import Context
from realtime.handlers.paging import following, position
from realtime.handlers.registry import handles
from realtime.hub.limits import READS
from realtime.protocol import TimelineGet, number
from realtime.results import Timeline
from realtime.store import counts, timeline, user
from realtime.store.database import Tx


@handles(TimelineGet)
async def timeline_get(context: Context, command: TimelineGet) -> Timeline:
    """A page, newest first; always a fixed number of queries."""
    before, me = position(command.before), context.user_id
    if command.name == "home":
        me = context.me
    elif command.name != "explore" and command.user_id is UNSET:
        raise Refusal("invalid", "Whose timeline? Give `user_id`.", field="user_id")
    await context.spend("read", READS)

    async def read(tx: Tx) -> Timeline:
        page = await _page(tx, command, me, before)
        entries = await counts.decorate(tx, page.entries, me)
        return Timeline(entries, following(page.next_id))

    return await context.world.database.read(read)


async def _page(tx: Tx, command: TimelineGet, me: int | None, before: int | None) -> timeline.Page:
    limit = command.limit
    if command.name == "home" and me is not None:
        heard = await visibility.audience(tx, me)
        authors = heard.following | {me}
        return await timeline.home(tx, me, authors, heard.hidden, before, limit)
    hidden = await visibility.hidden(tx, me)
    if command.user_id is UNSET or command.name in ("explore", "home"):
        return await timeline.explore(tx, hidden, before, limit)
    whose = number(command.user_id)
    await _is_there(tx, me, whose)
    read = {"user": timeline.user, "media": timeline.media, "reactions": timeline.reactions}
    return await read[command.name](tx, whose, hidden, before, limit)


async def _is_there(tx: Tx, me: int | None, whose: int) -> None:
    """Raises: Refusal: there is nobody of that id for this person."""
    people = await user.by_ids(tx, [whose])
    if not people or people[0].deleted:
        raise not_found("person", field="user_id")
    if not await visibility.may_name(tx, me, whose):
        raise not_found("person", field="user_id")
