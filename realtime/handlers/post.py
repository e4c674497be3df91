"""Posts: publish, take back, and read in their conversation."""

from __future__ import annotations

import time
from typing import Final

from msgspec import UNSET

from realtime import text, visibility
from realtime.change import Telling
from realtime.errors import Refusal
from realtime.handlers.context import LIST, Context
from realtime.handlers.paging import following, position
from realtime.handlers.registry import handles
from realtime.hub.limits import POSTS, READS
from realtime.model import Post
from realtime.protocol import MEDIA, PostCreate, PostDelete, PostThread, number
from realtime.results import Posted, Thread
from realtime.store import counts, noting, post, publish, vanishing
from realtime.store.database import Tx
from realtime.store.publish import Created, Draft

RATE: Final = "post"


@handles(PostCreate)
async def post_create(context: Context, command: PostCreate) -> Posted:
    """Publish, exactly once for each key; a repeat uses no rate."""
    draft = _draft(context.me, command)
    try:
        await context.spend(RATE, POSTS)
    except Refusal:
        known = await post.by_key(context.world.database, draft.author_id, draft.key)
        if known is None:
            raise
        return Posted(await _as_seen(context, known))
    try:
        created = await context.world.change.join(create_many, draft)
    except Exception:
        await context.refund(RATE, POSTS)
        raise
    if created.repeated:
        await context.refund(RATE, POSTS)
    return Posted(await _as_seen(context, created.post))


async def _as_seen(context: Context, mine: Post) -> Post:
    """A post as its author sees it: it was made for everybody who hears it."""
    if not visibility.inside(mine):
        return mine
    hidden = await visibility.hidden(context.world.database, context.user_id)
    return visibility.shown(mine, hidden)


def _draft(author_id: int, command: PostCreate) -> Draft:
    media = [] if command.media is UNSET else [number(id) for id in command.media]
    if len(media) > MEDIA:
        raise Refusal("too_many", f"A post has at most {MEDIA} pictures.", field="media")
    if len(set(media)) < len(media):
        raise Refusal("invalid", "A picture stands in a post once.", field="media")
    return Draft(
        author_id=author_id,
        key=command.key.lower(),
        text=text.post_text(command.text, may_be_empty=bool(media)),
        media=media,
        reply_to=None if command.reply_to is UNSET else number(command.reply_to),
        quote_of=None if command.quote_of is UNSET else number(command.quote_of),
    )


async def create_many(tx: Tx, telling: Telling, drafts: list[Draft]) -> list[Created | Refusal]:
    """Write these posts in one transaction; the refused ones leave nothing."""
    now_ms = time.time_ns() // 1_000_000
    results = await publish.create(tx, drafts, now_ms)
    said = []
    for created in results:
        if isinstance(created, Refusal) or created.repeated:
            continue
        said.append(noting.said_by(created.post))
        telling.noun(visibility.author(int(created.post.author.id)), created.post)
        if created.parent_id is None:
            telling.explore(created.post)
        else:
            telling.noun(visibility.post(created.parent_id), created.post)
            telling.counts(created.parent_id)
        if created.quoted_id is not None:
            telling.counts(created.quoted_id)
    telling.owed(await noting.said(tx, said, now_ms))
    return results


@handles(PostDelete)
async def post_delete(context: Context, command: PostDelete) -> Posted:
    """Take a post of mine back; everyone who shows it gets the tombstone."""
    author_id, post_id = context.me, number(command.post_id)

    async def deed(tx: Tx, telling: Telling) -> post.Deleted:
        hidden = await visibility.hidden(tx, author_id)
        deleted = await post.delete(tx, author_id, post_id, hidden, time.time_ns() // 1_000_000)
        if not deleted.was_new:
            return deleted
        telling.noun(visibility.author(author_id), deleted.post)
        telling.noun(visibility.post(post_id), deleted.post)
        telling.gone(post_id)
        telling.counts(post_id)
        if deleted.parent_id is None:
            telling.explore(deleted.post)
        else:
            telling.noun(visibility.post(deleted.parent_id), deleted.post)
            telling.counts(deleted.parent_id)
        if deleted.quoted_id is not None:
            telling.counts(deleted.quoted_id)
        telling.owed(await vanishing.posts_gone(tx, [post_id]))
        return deleted

    deleted = await context.world.change(deed)
    if deleted.files:
        context.world.remove_files(deleted.files)
    return Posted(await _as_seen(context, deleted.post))


@handles(PostThread)
async def post_thread(context: Context, command: PostThread) -> Thread:
    """One post with what it answers and what answers it."""
    await context.spend("read", READS)
    me, post_id = context.user_id, number(command.post_id)
    before = position(command.before)

    async def read(tx: Tx) -> Thread:
        hidden = await visibility.hidden(tx, me)
        found = await visibility.named(tx, me, post_id, hidden)
        ancestors = await post.ancestors(tx, post_id, hidden) if before is None else []
        replies = await post.replies(tx, post_id, before or 0, LIST + 1, hidden)
        next_id = int(replies[LIST - 1].id) if len(replies) > LIST else None
        shown = await counts.decorate(tx, [*ancestors, found, *replies[:LIST]], me)
        head = len(ancestors)
        return Thread(shown[:head], shown[head], shown[head + 1 :], following(next_id))

    return await context.world.database.read(read)
