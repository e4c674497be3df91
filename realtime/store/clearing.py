"""What somebody who is gone wrote and did, cleared away piece by piece, the newest first.

The posts, pictures and numbers of a piece change together, and what others did to a post that has
a crowd around it goes in pieces before it: no lock is held for long.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from msgspec import structs

from realtime.model import Counts, Post
from realtime.store import counts, media, reading
from realtime.store.database import Row, Tx

POSTS: Final = 100  # in one piece
DEEDS: Final = 500  # reactions or retweets in one piece
CROWD: Final = 5_000  # rows of others' deeds that are deleted at once


@dataclass(frozen=True, slots=True)
class Cleared:
    """What one piece changed: tombstones, posts whose numbers are others now, files to remove."""

    posts: list[Post] = field(default_factory=list)
    counted: list[int] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


async def entries(tx: Tx, user_id: int) -> Cleared | None:
    """Take back the newest posts of this person, or undo their newest retweets; None when that
    is all."""
    rows = await tx.fetch_all(
        """
        SELECT id, post_id
          FROM entries
         WHERE actor_id = :user_id
         ORDER BY id DESC
         LIMIT :limit
        """,
        {"user_id": user_id, "limit": DEEDS},
    )
    if not rows:
        return None
    posts = [row["id"] for row in rows if row["id"] == row["post_id"]][:POSTS]
    # One kind in one transaction: posts of one's own are locked otherwise than those of others.
    if posts:
        return await _posts(tx, user_id, posts)
    return await _retweets(tx, {row["id"]: row["post_id"] for row in rows})


async def reactions(tx: Tx, user_id: int) -> Cleared | None:
    """Take back the newest reactions of this person; None when that is all."""
    rows = await tx.fetch_all(
        """
        SELECT id, post_id, emoji
          FROM reactions
         WHERE user_id = :user_id
         ORDER BY id DESC
         LIMIT :limit
        """,
        {"user_id": user_id, "limit": DEEDS},
    )
    if not rows:
        return None
    living = await _living(tx, {row["post_id"] for row in rows})
    now = await counts.lock(tx, living)
    await tx.execute(
        "DELETE FROM reactions WHERE user_id = :user_id AND id = ANY(:ids)",
        {"user_id": user_id, "ids": [row["id"] for row in rows]},
    )
    fewer: dict[int, Counter[str]] = {}
    for row in rows:
        fewer.setdefault(row["post_id"], Counter())[row["emoji"]] += 1
    return await _save(
        tx,
        (
            structs.replace(found, reactions=_less(found.reactions, fewer[post_id]))
            for post_id, found in now.items()
        ),
    )


async def remains(tx: Tx, user_id: int) -> bool:
    """Forget some retweets of posts that were gone before; False when there are none."""
    rows = await tx.fetch_all(
        """
        DELETE FROM retweets
         WHERE id IN (SELECT id
                        FROM retweets
                       WHERE user_id = :user_id AND NOT deleted
                       LIMIT :limit)
        RETURNING id
        """,
        {"user_id": user_id, "limit": CROWD},
    )
    return bool(rows)


async def _posts(tx: Tx, author_id: int, ids: Sequence[int]) -> Cleared:
    rows = await tx.fetch_all(
        """
        SELECT id, reply_to, quote_of
          FROM posts
         WHERE id = ANY(:ids) AND author_id = :author_id AND NOT deleted
         ORDER BY id
           FOR NO KEY UPDATE
        """,
        {"ids": list(ids), "author_id": author_id},
    )
    places, ids = ids, [row["id"] for row in rows]
    if not await _disperse(tx, ids):
        return Cleared()  # the crowd is not gone yet: these posts come again in the next piece
    pictures = await tx.fetch_all(
        "DELETE FROM media WHERE post_id = ANY(:ids) RETURNING file, sizes", {"ids": ids}
    )
    await tx.execute(
        """
        UPDATE posts
           SET deleted = true, text = '', has_media = false, seq = t.new_seq
          FROM unnest(CAST(:ids AS bigint[]), CAST(:seqs AS bigint[])) AS t(post_id, new_seq)
         WHERE posts.id = t.post_id
        """,
        {"ids": ids, "seqs": list(await tx.next_seq(len(ids)))},
    )
    await tx.execute("DELETE FROM entries WHERE id = ANY(:ids)", {"ids": list(places)})
    found, _ = await reading.posts(tx, ids, (), ())
    changed = await _uncount(tx, rows)
    return Cleared([found[post_id] for post_id in ids], changed.counted, media.files(pictures))


async def _disperse(tx: Tx, ids: Sequence[int]) -> bool:
    """Drop what others did to these posts, but not too much at once; True when that is all."""
    reactions = await tx.fetch_all(
        """
        DELETE FROM reactions
         WHERE (post_id, id) IN (SELECT post_id, id
                                   FROM reactions
                                  WHERE post_id = ANY(:ids)
                                  LIMIT :limit)
        RETURNING id
        """,
        {"ids": list(ids), "limit": CROWD},
    )
    retweets = await tx.fetch_all(
        """
        DELETE FROM entries
         WHERE id IN (SELECT id
                        FROM entries
                       WHERE post_id = ANY(:ids) AND id <> post_id
                       LIMIT :limit)
        RETURNING id
        """,
        {"ids": list(ids), "limit": CROWD},
    )
    return len(reactions) < CROWD and len(retweets) < CROWD


async def _uncount(tx: Tx, rows: Sequence[Row]) -> Cleared:
    """Nobody reacts to or retweets these posts any more; fewer answers and quotes for others."""
    own = {row["id"] for row in rows}
    replies = Counter(row["reply_to"] for row in rows if row["reply_to"] is not None)
    quotes = Counter(row["quote_of"] for row in rows if row["quote_of"] is not None)
    now = await counts.lock(tx, own | replies.keys() | quotes.keys())
    return await _save(
        tx,
        (
            structs.replace(
                found,
                reactions={} if post_id in own else found.reactions,
                retweets=0 if post_id in own else found.retweets,
                replies=found.replies - replies[post_id],
                quotes=found.quotes - quotes[post_id],
            )
            for post_id, found in now.items()
        ),
    )


async def _retweets(tx: Tx, retweets: Mapping[int, int]) -> Cleared:
    """Undo these retweets, which are post ids by retweet id."""
    living = await _living(tx, set(retweets.values()))
    rows = await tx.fetch_all(
        "DELETE FROM retweets WHERE id = ANY(:ids) AND NOT deleted RETURNING post_id",
        {"ids": list(retweets)},
    )
    await tx.execute("DELETE FROM entries WHERE id = ANY(:ids)", {"ids": list(retweets)})
    fewer = Counter(row["post_id"] for row in rows)
    now = await counts.lock(tx, living & fewer.keys())
    return await _save(
        tx,
        (
            structs.replace(found, retweets=found.retweets - fewer[post_id])
            for post_id, found in now.items()
        ),
    )


async def _living(tx: Tx, post_ids: Collection[int]) -> set[int]:
    """Those of these posts that are not deleted, and are not until this transaction ends."""
    rows = await tx.fetch_all(
        """
        SELECT id
          FROM posts
         WHERE id = ANY(:ids) AND NOT deleted
         ORDER BY id
           FOR SHARE
        """,
        {"ids": list(post_ids)},
    )
    return {row["id"] for row in rows}


async def _save(tx: Tx, changed: Iterable[Counts]) -> Cleared:
    """Write these numbers, which are locked, each under a new `v`."""
    found = list(changed)
    fresh = await tx.next_seq(len(found))
    await counts.save(tx, [structs.replace(now, v=v) for v, now in zip(fresh, found, strict=True)])
    return Cleared(counted=[int(now.post_id) for now in found])


def _less(now: Mapping[str, int], fewer: Counter[str]) -> dict[str, int]:
    left = {emoji: count - fewer[emoji] for emoji, count in now.items()}
    return {emoji: count for emoji, count in left.items() if count > 0}
