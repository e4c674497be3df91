"""Many people and posts at once, for load tests, in a few statements."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from realtime.store import counts, words
from realtime.store.database import Database, Tx
from realtime.store.words import Worded

CHUNK: Final = 2_000


_SIZES: Final = '[["0-320.webp",320,240],["0-640.webp",640,480]]'


@dataclass(frozen=True, slots=True)
class Somebody:
    """An account with one session."""

    id: int
    name: str
    session_id: int
    token_hash: str


async def has_people(db: Database) -> bool:
    """True if anybody has registered here."""
    return await db.fetch_val("SELECT 1 FROM users LIMIT 1") is not None


async def people(
    tx: Tx, everybody: Sequence[Somebody], password: str, now_ms: int, expires_ms: int
) -> None:
    """Insert accounts that share one password's hash, each with a session."""
    for start in range(0, len(everybody), CHUNK):
        chunk = everybody[start : start + CHUNK]
        ids = [one.id for one in chunk]
        values = {"ids": ids, "names": [one.name for one in chunk], "now_ms": now_ms}
        await tx.execute(
            """
            INSERT INTO users (id, name, display_name, password, is_indexed, created_ms, seq)
            SELECT t.id, t.name, t.name, :password, true, :now_ms, t.id
              FROM unnest(CAST(:ids AS bigint[]), CAST(:names AS text[])) AS t(id, name)
            """,
            {**values, "password": password},
        )
        named = [{"id": one.id, "name": one.name, "display_name": one.name} for one in chunk]
        await words.of_people(tx, named)
        await tx.execute(
            """
            INSERT INTO tallies (user_id)
            SELECT t.id FROM unnest(CAST(:ids AS bigint[])) AS t(id)
            """,
            {"ids": ids},
        )
        await tx.execute(
            """
            INSERT INTO sessions (id, user_id, token_hash, device, address, created_ms, seen_ms,
                                  expires_ms)
            SELECT t.id, t.user_id, t.hash, 'fixture', '127.0.0.1', :now_ms, :now_ms, :expires_ms
              FROM unnest(CAST(:session_ids AS bigint[]), CAST(:ids AS bigint[]),
                          CAST(:hashes AS text[])) AS t(id, user_id, hash)
            """,
            {
                "session_ids": [one.session_id for one in chunk],
                "ids": ids,
                "hashes": [one.token_hash for one in chunk],
                "now_ms": now_ms,
                "expires_ms": expires_ms,
            },
        )


async def follows(tx: Tx, pairs: Sequence[tuple[int, int]], seqs: Sequence[int]) -> None:
    """Insert (follower, followed) pairs among people who have no relations yet.

    A pair and its mirror image may both be there; each pair once.
    """
    known = set(pairs)
    sides = {(a, b) for a, b in pairs} | {(b, a) for a, b in pairs}
    numbers = dict(zip(pairs, seqs, strict=True))
    rows = [
        (a, b, (a, b) in known, (b, a) in known, numbers.get((a, b)), numbers.get((a, b), 0))
        for a, b in sorted(sides)
    ]
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        await tx.execute(
            """
            INSERT INTO relations (user_id, other_id, following, followed_by, following_id, seq)
            SELECT t.user_id, t.other_id, t.following, t.followed_by, t.following_id,
                   greatest(t.seq, 1)
              FROM unnest(CAST(:users AS bigint[]), CAST(:others AS bigint[]),
                          CAST(:following AS boolean[]), CAST(:followed AS boolean[]),
                          CAST(:numbers AS bigint[]), CAST(:seqs AS bigint[]))
                   AS t(user_id, other_id, following, followed_by, following_id, seq)
            """
            if tx.dialect == "postgresql"
            else """
            INSERT INTO relations (user_id, other_id, following, followed_by, following_id, seq)
            SELECT t.user_id, t.other_id, t.following, t.followed_by, t.following_id, max(t.seq, 1)
              FROM unnest(CAST(:users AS bigint[]), CAST(:others AS bigint[]),
                          CAST(:following AS boolean[]), CAST(:followed AS boolean[]),
                          CAST(:numbers AS bigint[]), CAST(:seqs AS bigint[]))
                   AS t(user_id, other_id, following, followed_by, following_id, seq)
            """,
            {
                "users": [row[0] for row in chunk],
                "others": [row[1] for row in chunk],
                "following": [row[2] for row in chunk],
                "followed": [row[3] for row in chunk],
                "numbers": [row[4] for row in chunk],
                "seqs": [row[5] for row in chunk],
            },
        )
    await tx.execute(
        """
        UPDATE tallies SET
               followers = (SELECT count(*) FROM relations r
                             WHERE r.other_id = tallies.user_id AND r.following),
               following = (SELECT count(*) FROM relations r
                             WHERE r.user_id = tallies.user_id AND r.following)
        """
    )


async def posts(tx: Tx, said: Sequence[Worded], at_ms: int, pictured: Collection[int] = ()) -> None:
    """Insert posts that answer nothing, with their places in timelines and their words.

    Those of `pictured` are to get `pictures`.
    """
    for start in range(0, len(said), CHUNK):
        chunk = said[start : start + CHUNK]
        ids = [post.id for post in chunk]
        owners = [post.owner_id for post in chunk]
        await tx.execute(
            """
            INSERT INTO posts (id, author_id, key, text, has_media, is_indexed, created_ms, seq)
            SELECT t.id, t.author_id, CAST(t.id AS text), t.text, t.has_media, true, :at_ms, t.id
              FROM unnest(CAST(:ids AS bigint[]), CAST(:authors AS bigint[]),
                          CAST(:texts AS text[]), CAST(:pictured AS boolean[]))
                AS t(id, author_id, text, has_media)
            """,
            {
                "ids": ids,
                "authors": owners,
                "texts": [post.text for post in chunk],
                "pictured": [post.id in pictured for post in chunk],
                "at_ms": at_ms,
            },
        )
        await tx.execute(
            """
            INSERT INTO entries (id, actor_id, post_id, author_id)
            SELECT t.id, t.author_id, t.id, t.author_id
              FROM unnest(CAST(:ids AS bigint[]), CAST(:authors AS bigint[])) AS t(id, author_id)
            """,
            {"ids": ids, "authors": owners},
        )
        await counts.begin(tx, ids)
        await words.of_posts(tx, chunk)


async def pictures(tx: Tx, shown: Sequence[tuple[int, int, int | None]], at_ms: int) -> None:
    """Insert pictures (id, owner, post) whose files nobody has; without a post it is an avatar."""
    for start in range(0, len(shown), CHUNK):
        chunk = shown[start : start + CHUNK]
        values = {"ids": [id for id, _, _ in chunk], "owners": [owner for _, owner, _ in chunk]}
        await tx.execute(
            """
            INSERT INTO media (id, owner_id, post_id, is_avatar, type, file, sizes, width, height,
                               alt, thumbhash, animated, created_ms)
            SELECT t.id, t.owner_id, t.post_id, t.post_id IS NULL, 'image/webp', '0.webp', :sizes,
                   1280, 960, 'a picture', 'YTkGJwaRhWUIt4lbgnhZl3ath2BUBGYA', false, :at_ms
              FROM unnest(CAST(:ids AS bigint[]), CAST(:owners AS bigint[]),
                          CAST(:posts AS bigint[])) AS t(id, owner_id, post_id)
            """,
            {**values, "posts": [post for _, _, post in chunk], "sizes": _SIZES, "at_ms": at_ms},
        )
        await tx.execute(
            """
            UPDATE users
               SET avatar_id = t.picture_id
              FROM unnest(CAST(:ids AS bigint[]), CAST(:owners AS bigint[]),
                          CAST(:avatars AS boolean[])) AS t(picture_id, owner_id, is_avatar)
             WHERE users.id = t.owner_id AND t.is_avatar
            """,
            {**values, "avatars": [post is None for _, _, post in chunk]},
        )


async def retweets(tx: Tx, lines: Sequence[tuple[int, int, int, int]], at_ms: int) -> None:
    """Insert retweets (id, by whom, post, its author), each person's of a post once."""
    for start in range(0, len(lines), CHUNK):
        chunk = lines[start : start + CHUNK]
        values = {
            "ids": [id for id, _, _, _ in chunk],
            "users": [user_id for _, user_id, _, _ in chunk],
            "posts": [post_id for _, _, post_id, _ in chunk],
        }
        await tx.execute(
            """
            INSERT INTO retweets (id, user_id, post_id, created_ms, seq)
            SELECT t.id, t.user_id, t.post_id, :at_ms, t.id
              FROM unnest(CAST(:ids AS bigint[]), CAST(:users AS bigint[]),
                          CAST(:posts AS bigint[])) AS t(id, user_id, post_id)
            """,
            {**values, "at_ms": at_ms},
        )
        await tx.execute(
            """
            INSERT INTO entries (id, actor_id, post_id, author_id)
            SELECT t.id, t.user_id, t.post_id, t.author_id
              FROM unnest(CAST(:ids AS bigint[]), CAST(:users AS bigint[]),
                          CAST(:posts AS bigint[]), CAST(:authors AS bigint[]))
                AS t(id, user_id, post_id, author_id)
            """,
            {**values, "authors": [author_id for _, _, _, author_id in chunk]},
        )
        await tx.execute(
            """
            UPDATE counts
               SET retweets = (SELECT count(*) FROM retweets AS r
                                WHERE r.post_id = counts.post_id AND NOT r.deleted)
             WHERE post_id = ANY(:posts)
            """,
            {"posts": values["posts"]},
        )
