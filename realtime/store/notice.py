"""Notices, as their owners see them now: who did what to them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from msgspec import UNSET

from realtime.model import Author, Notice, What
from realtime.store import user
from realtime.store.database import Database, Row, Tx
from realtime.store.noting import (
    FOLLOW,
    MENTION,
    QUOTE,
    REACTION,
    REPLY,
    RETWEET,
)
from realtime.store.rows import LAST, rfc3339
from realtime.store.vanishing import hidden_changed

__all__ = ["by_ids", "hidden_changed", "page"]

NAMED: Final = 3  # people who are named in one notice
_WHAT: Final[dict[int, What]] = {
    REACTION: "reaction",
    RETWEET: "retweet",
    REPLY: "reply",
    MENTION: "mention",
    QUOTE: "quote",
    FOLLOW: "follow",
}


async def by_ids(db: Database | Tx, ids: Collection[int]) -> dict[int, Notice]:
    """These notices as their owners may see them now, by id; unknown ones are left out.

    One in which nobody stands any more has `count` 0 and no `users`. A fixed number of statements
    for any number of owners.
    """
    if not ids:
        return {}
    # One statement, so that the people are those of the notice's `seq`.
    rows = await db.fetch_all(
        """
        SELECT n.id, n.user_id, n.what, n.post_id, n.created_ms, n.seq, p.person_id, p.people,
               n.id <= i.read_up_to AS is_read, r.emoji
          FROM notices AS n
          JOIN inboxes AS i ON i.user_id = n.user_id
          LEFT JOIN (
               SELECT s.notice_id, s.person_id, s.newest,
                      row_number() OVER (PARTITION BY s.notice_id ORDER BY s.newest DESC) AS place,
                      count(*) OVER (PARTITION BY s.notice_id) AS people
                 FROM (SELECT notice_id, person_id, max(deed_id) AS newest
                         FROM notice_people
                        WHERE notice_id = ANY(:ids)
                        GROUP BY notice_id, person_id) AS s
               ) AS p ON p.notice_id = n.id AND p.place <= :named
          LEFT JOIN reactions AS r
            ON n.what = 1 AND p.place = 1 AND r.post_id = n.post_id AND r.id = p.newest
         WHERE n.id = ANY(:ids)
         ORDER BY n.id, p.place
        """,
        {"ids": list(ids), "named": NAMED},
    )
    people = {row["person_id"] for row in rows} - {None}
    authors = await user.authors(db, people)
    together: dict[int, list[Row]] = {}
    for row in rows:
        together.setdefault(row["id"], []).append(row)
    return {notice_id: _notice(each, authors) for notice_id, each in together.items()}


async def page(
    db: Database | Tx, user_id: int, before_id: int | None, limit: int
) -> tuple[list[Notice], int | None]:
    """This person's notices, newest first; where the next page begins."""
    rows = await db.fetch_all(
        """
        SELECT n.id
          FROM notices AS n
         WHERE n.user_id = :user_id AND n.id < :before_id
           AND (SELECT p.deed_id
                  FROM notice_people AS p
                 WHERE p.notice_id = n.id
                 LIMIT 1) IS NOT NULL
         ORDER BY n.id DESC
         LIMIT :limit
        """,
        {
            "user_id": user_id,
            "before_id": LAST if before_id is None else before_id,
            "limit": limit + 1,
        },
    )
    ids = [row["id"] for row in rows]
    found = await by_ids(db, ids[:limit])
    # Between the two statements somebody may have taken a deed back.
    shown = [found[id] for id in ids[:limit] if id in found and found[id].count]
    return shown, ids[limit - 1] if len(ids) > limit else None


def _notice(rows: Sequence[Row], authors: Mapping[int, Author]) -> Notice:
    first = rows[0]
    emoji, post_id = first["emoji"], first["post_id"]
    return Notice(
        id=str(first["id"]),
        seq=first["seq"],
        what=_WHAT[first["what"]],
        users=[authors[row["person_id"]] for row in rows if row["person_id"] in authors],
        count=first["people"] or 0,
        created_at=rfc3339(first["created_ms"]),
        read=bool(first["is_read"]),
        post_id=UNSET if post_id is None else str(post_id),
        emoji=UNSET if emoji is None else emoji,
    )
