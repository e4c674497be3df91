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


@handles(TimelineGet)
async def timeline_get(context: Context, command: TimelineGet) -> Timeline:
    """A page, newest first; always a fixed number of queries."""
    before = position(command.before)
    page = await _page(context, command, before)
    entries = await counts.decorate(context.world.database, page.entries, context.user_id)
    return Timeline(entries, following(page.next_id))


async def _page(context: Context, command: TimelineGet, before: int | None) -> timeline.Page:
    database, me, limit = context.world.database, context.user_id, command.limit
    if command.name == "home":
        mine = context.me
        await context.spend("read", READS)
        heard = await visibility.audience(database, mine)
        authors = heard.following | {mine}
        return await timeline.home(database, mine, authors, heard.hidden, before, limit)
    if command.name != "explore" and command.user_id is UNSET:
        raise Refusal("invalid", "Whose timeline? Give `user_id`.", field="user_id")
    await context.spend("read", READS)
    hidden = await visibility.hidden(database, me)
    if command.user_id is UNSET or command.name == "explore":
        return await timeline.explore(database, hidden, before, limit)
    whose = number(command.user_id)
    await _is_there(context, whose)
    read = {"user": timeline.user, "media": timeline.media, "reactions": timeline.reactions}
    return await read[command.name](database, whose, hidden, before, limit)


async def _is_there(context: Context, whose: int) -> None:
    """Raises: Refusal: there is nobody of that id for this person."""
    database, me = context.world.database, context.user_id
    people = await user.by_ids(database, [whose])
    if not people or people[0].deleted:
        raise not_found("person", field="user_id")
    if not await visibility.may_name(database, me, whose):
        raise not_found("person", field="user_id")
