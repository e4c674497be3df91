"""Notices: what was done to me, and how far I have read."""

from __future__ import annotations

from realtime.change import Telling
from realtime.handlers.context import LIST, Context
from realtime.handlers.paging import following, position
from realtime.handlers.registry import handles
from realtime.hub.limits import READS
from realtime.protocol import NoticeList, NoticeRead, number
from realtime.results import Notices, Unread
from realtime.store import inbox, notice
from realtime.store.database import Tx


@handles(NoticeList)
async def notice_list(context: Context, command: NoticeList) -> Notices:
    """My notices, newest first, and how many of all I have not read."""
    me, before = context.me, position(command.before)
    await context.spend("read", READS)

    async def read(tx: Tx) -> Notices:
        notices, next_id = await notice.page(tx, me, before, LIST)
        unread = (await inbox.reads(tx, [me]))[me].unread
        return Notices(notices, unread, following(next_id))

    return await context.world.database.read(read)


@handles(NoticeRead)
async def notice_read(context: Context, command: NoticeRead) -> Unread:
    """I have read everything up to this one; all my windows hear of it at once."""
    me, up_to = context.me, number(command.up_to)
    await context.spend("read", READS)

    async def deed(tx: Tx, telling: Telling) -> Unread:
        telling.owed(await inbox.mark(tx, me, up_to))
        return Unread((await inbox.reads(tx, [me]))[me].unread)

    return await context.world.change(deed)
