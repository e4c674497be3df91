"""What one person made and did, in pages, oldest first: their own words, and ids of others'."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from realtime.model import Media
from realtime.store import media
from realtime.store.database import Database, Row
from realtime.store.rows import rfc3339

PAGE: Final = 500  # rows

Item = dict[str, Any]
"""One row of a list, as it is written down."""


async def newest(db: Database) -> int:
    """The newest number that anything has: what comes later is not in an export of now."""
    sql = "SELECT last_value FROM seqs" if db.dialect == "postgresql" else _NEWEST_SQLITE
    found: int = await db.fetch_val(sql)
    return found


_NEWEST_SQLITE: Final = "SELECT value FROM counter WHERE id = 1"


async def posts(
    db: Database, user_id: int, after_id: int, up_to: int
) -> tuple[list[Item], int | None]:
    """Posts with their pictures, and the id after which the next page begins."""
    rows = await _page(
        db,
        """
        SELECT p.id, p.text, p.reply_to, p.quote_of, p.has_media, p.created_ms
          FROM entries AS e
          JOIN posts AS p ON p.id = e.post_id
         WHERE e.actor_id = :user_id AND e.id > :after_id AND e.id <= :up_to
           AND e.id = e.post_id AND NOT p.deleted
         ORDER BY e.id
         LIMIT :limit
        """,
        (user_id, after_id, up_to),
    )
    shown = await media.of_posts(db, [row["id"] for row in rows if row["has_media"]])
    items = [
        {
            "id": str(row["id"]),
            "created_at": rfc3339(row["created_ms"]),
            "text": row["text"],
            "reply_to": _id(row["reply_to"]),
            "quote_of": _id(row["quote_of"]),
            "pictures": [_picture(each) for each in shown.get(row["id"], ())],
        }
        for row in rows
    ]
    return items, _next(rows)


async def pictures(
    db: Database, user_id: int, after_id: int, up_to: int
) -> tuple[list[Media], int | None]:
    """The pictures of posts, and the id of the post after which the next page begins."""
    rows = await _page(
        db,
        """
        SELECT id
          FROM posts
         WHERE author_id = :user_id AND id > :after_id AND id <= :up_to
           AND has_media AND NOT deleted
         ORDER BY id
         LIMIT :limit
        """,
        (user_id, after_id, up_to),
    )
    ids = [row["id"] for row in rows]
    shown = await media.of_posts(db, ids)
    return [each for post_id in ids for each in shown.get(post_id, ())], _next(rows)


async def retweets(
    db: Database, user_id: int, after_id: int, up_to: int
) -> tuple[list[Item], int | None]:
    """Posts that were retweeted, and when."""
    rows = await _page(
        db,
        """
        SELECT e.id, e.post_id, r.created_ms
          FROM entries AS e
          JOIN retweets AS r ON r.id = e.id
         WHERE e.actor_id = :user_id AND e.id > :after_id AND e.id <= :up_to
           AND e.id <> e.post_id
         ORDER BY e.id
         LIMIT :limit
        """,
        (user_id, after_id, up_to),
    )
    items = [{"post_id": str(r["post_id"]), "at": rfc3339(r["created_ms"])} for r in rows]
    return items, _next(rows)


async def reactions(
    db: Database, user_id: int, after_id: int, up_to: int
) -> tuple[list[Item], int | None]:
    """Posts that were reacted to, with which emoji and when."""
    rows = await _page(
        db,
        """
        SELECT id, post_id, emoji, created_ms
          FROM reactions
         WHERE user_id = :user_id AND id > :after_id AND id <= :up_to
         ORDER BY id
         LIMIT :limit
        """,
        (user_id, after_id, up_to),
    )
    items = [
        {"post_id": str(r["post_id"]), "emoji": r["emoji"], "at": rfc3339(r["created_ms"])}
        for r in rows
    ]
    return items, _next(rows)


async def following(
    db: Database, user_id: int, after_id: int, up_to: int
) -> tuple[list[Item], int | None]:
    """People who are followed."""
    return await _people(
        db,
        """
        SELECT r.following_id AS id, r.other_id, u.name
          FROM relations AS r
          JOIN users AS u ON u.id = r.other_id AND NOT u.deleted
         WHERE r.user_id = :user_id AND r.following
           AND r.following_id > :after_id AND r.following_id <= :up_to
         ORDER BY r.following_id
         LIMIT :limit
        """,
        (user_id, after_id, up_to),
    )


async def blocking(
    db: Database, user_id: int, after_id: int, up_to: int
) -> tuple[list[Item], int | None]:
    """People who are blocked."""
    return await _people(db, _HIDDEN.format(which="blocking"), (user_id, after_id, up_to))


async def muting(
    db: Database, user_id: int, after_id: int, up_to: int
) -> tuple[list[Item], int | None]:
    """People who are muted."""
    return await _people(db, _HIDDEN.format(which="muting"), (user_id, after_id, up_to))


_HIDDEN: Final = """
    SELECT r.other_id AS id, r.other_id, u.name
      FROM relations AS r
      JOIN users AS u ON u.id = r.other_id AND NOT u.deleted
     WHERE r.user_id = :user_id AND (r.blocking OR r.blocked_by OR r.muting) AND r.{which}
       AND r.other_id > :after_id AND r.{which}_id <= :up_to
     ORDER BY r.other_id
     LIMIT :limit
"""


async def _people(
    db: Database, sql: str, span: tuple[int, int, int]
) -> tuple[list[Item], int | None]:
    rows = await _page(db, sql, span)
    items = [{"user_id": str(row["other_id"]), "name": row["name"]} for row in rows]
    return items, _next(rows)


async def _page(db: Database, sql: str, span: tuple[int, int, int]) -> Collection[Row]:
    user_id, after_id, up_to = span
    return await db.fetch_all(
        sql, {"user_id": user_id, "after_id": after_id, "up_to": up_to, "limit": PAGE}
    )


def _next(rows: Collection[Row]) -> int | None:
    last: int | None = [*rows][-1]["id"] if len(rows) == PAGE else None
    return last


def _picture(shown: Media) -> Item:
    return {
        "file": name_of(shown),
        "alt": shown.alt,
        "width": shown.width,
        "height": shown.height,
    }


def name_of(shown: Media) -> str:
    """What a picture's file is called in an export."""
    return f"pictures/{shown.id}.webp"


def _id(number: int | None) -> str | None:
    return None if number is None else str(number)
