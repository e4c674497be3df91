"""Posts: published, taken back, and read as they are now, alone or in their conversation."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from msgspec import structs

from realtime.errors import Refusal, not_found
from realtime.model import Post
from realtime.store import counts, media, reading, relation, user
from realtime.store.database import Database, Tx
from realtime.store.publish import Created, Draft, create

__all__ = [
    "Created",
    "Deleted",
    "Draft",
    "ancestors",
    "by_ids",
    "by_key",
    "create",
    "delete",
    "replies",
]

DEPTH: Final = 500  # ancestors at most


@dataclass(frozen=True, slots=True)
class Deleted:
    """A tombstone; whether it is one since just now; whose counts changed; files to remove."""

    post: Post
    was_new: bool
    parent_id: int | None
    quoted_id: int | None
    files: list[str]


async def by_ids(
    db: Database | Tx, ids: Collection[int], hidden: Collection[int] = frozenset()
) -> list[Post]:
    """These posts as they are now, in the order of `ids`; unknown ones are left out.

    Deleted ones are tombstones: their author and what they answer stay, no text, no media, no
    quote. `parent` and `quoted` are there when those live and are not by somebody of `hidden`,
    who else may be an author here. A fixed number of statements, without counts and mine.
    """
    found, _ = await reading.posts(db, ids, hidden, ())
    return [found[post_id] for post_id in ids if post_id in found]


async def may_name(db: Database | Tx, user_id: int, post_id: int) -> bool:
    """Whether there is such a post, and no block between its author and this person."""
    sql = """
        SELECT 1
          FROM posts AS p
         WHERE p.id = :post_id
           AND NOT EXISTS (
                   SELECT 1
                     FROM relations AS r
                    WHERE r.user_id = :user_id AND r.other_id = p.author_id
                      AND (r.blocking OR r.blocked_by)
               )
        """
    return await db.fetch_val(sql, {"user_id": user_id, "post_id": post_id}) is not None


async def by_key(db: Database | Tx, author_id: int, key: str) -> Post | None:
    """The post that this person published under this key, or its tombstone."""
    post_id = await db.fetch_val(
        "SELECT id FROM posts WHERE author_id = :author_id AND key = :key",
        {"author_id": author_id, "key": key},
    )
    found = [] if post_id is None else await by_ids(db, [post_id])
    return found[0] if found else None


async def ancestors(db: Database | Tx, post_id: int, hidden: Collection[int]) -> list[Post]:
    """What this post answers, up to the root, root first; at most the 500 nearest.

    A deleted one is a tombstone in its place; those by `hidden` people are left out.
    """
    rows = await db.fetch_all(
        """
        WITH RECURSIVE up(id, author_id, reply_to, depth) AS (
             SELECT id, author_id, reply_to, 0
               FROM posts
              WHERE id = :post_id
              UNION ALL
             SELECT p.id, p.author_id, p.reply_to, up.depth + 1
               FROM up
               JOIN posts AS p ON p.id = up.reply_to
              WHERE up.depth < :depth
        )
        SELECT id
          FROM up
         WHERE depth > 0 AND author_id <> ALL(:hidden)
         ORDER BY depth DESC
        """,
        {"post_id": post_id, "depth": DEPTH, "hidden": list(hidden)},
    )
    return await by_ids(db, [row["id"] for row in rows], hidden)


async def replies(
    db: Database | Tx, post_id: int, after_id: int, limit: int, hidden: Collection[int]
) -> list[Post]:
    """At most `limit` living answers to this post that are newer than `after_id`, oldest first."""
    rows = await db.fetch_all(
        """
        SELECT p.id
          FROM posts AS p
          JOIN users AS u ON u.id = p.author_id AND NOT u.deleted
         WHERE p.reply_to = :post_id AND p.id > :after_id AND NOT p.deleted
           AND p.author_id <> ALL(:hidden)
         ORDER BY p.id
         LIMIT :limit
        """,
        {"post_id": post_id, "after_id": after_id, "limit": limit, "hidden": list(hidden)},
    )
    return await by_ids(db, [row["id"] for row in rows], hidden)


async def delete(
    tx: Tx, author_id: int, post_id: int, hidden: Collection[int], at_ms: int
) -> Deleted:
    """Take a post back: its words, pictures, reactions and places in timelines go.

    Its retweets stay as rows, which read as tombstones from now on; the answers to it stay.

    Raises:
        Refusal: `forbidden` for another's post; `not_found` where there is none, or where its
            author, who is among `hidden`, and this person are blocked from each other.
    """
    row = await tx.fetch_one(
        """
        SELECT author_id, reply_to, quote_of, deleted
          FROM posts
         WHERE id = :id
           FOR NO KEY UPDATE
        """,
        {"id": post_id},
    )
    if row is None:
        raise not_found(field="post_id")
    if row["author_id"] != author_id:
        # A mute only hides in lists; what a command names answers truthfully.
        other = row["author_id"]
        if other in hidden and await relation.is_blocked(tx, author_id, other):
            raise not_found(field="post_id")
        raise Refusal("forbidden", "Only its author can delete a post.", field="post_id")
    was_new = not row["deleted"]
    files = await _take_back(tx, post_id) if was_new else []
    [tombstone] = await by_ids(tx, [post_id])
    if was_new:
        await _uncount(tx, post_id, row["reply_to"], row["quote_of"])
        await user.tally(tx, {author_id: user.Tally(posts=-1)})
    return Deleted(tombstone, was_new, row["reply_to"], row["quote_of"], files)


async def _take_back(tx: Tx, post_id: int) -> list[str]:
    """Empty the post; the files of its pictures."""
    [seq] = await tx.next_seq()
    pictures = await tx.fetch_all(
        "DELETE FROM media WHERE post_id = :id RETURNING file, sizes", {"id": post_id}
    )
    await tx.execute(
        "UPDATE posts SET deleted = true, text = '', has_media = false, seq = :seq WHERE id = :id",
        {"id": post_id, "seq": seq},
    )
    await tx.execute("DELETE FROM entries WHERE post_id = :id", {"id": post_id})
    await tx.execute("DELETE FROM reactions WHERE post_id = :id", {"id": post_id})
    return media.files(pictures)


async def _uncount(tx: Tx, post_id: int, parent_id: int | None, quoted_id: int | None) -> None:
    """Nobody reacts to or retweets this post any more; one answer, one quote less for those."""
    ids = {post_id, parent_id, quoted_id} - {None}
    found = await counts.lock(tx, [id for id in ids if id is not None])
    fresh = await tx.next_seq(len(found))
    changed = []
    for v, (id, now) in zip(fresh, found.items(), strict=True):
        changed.append(
            structs.replace(
                now,
                v=v,
                reactions={} if id == post_id else now.reactions,
                retweets=0 if id == post_id else now.retweets,
                replies=now.replies - (id == parent_id),
                quotes=now.quotes - (id == quoted_id),
            )
        )
    await counts.save(tx, changed)
