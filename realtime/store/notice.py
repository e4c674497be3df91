"""Notices, as their owners see them now: who did what to them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
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
    sql = _BY_IDS if db.dialect == "postgresql" else _BY_IDS_SQLITE
    rows = await db.fetch_all(sql, {"ids": list(ids), "named": NAMED, "all": LAST})
    named = {row["id"]: _named(row["named"]) for row in rows}
    authors = await user.authors(db, {one.person_id for each in named.values() for one in each})
    return {row["id"]: _notice(row, named[row["id"]], authors) for row in rows}


# A subquery for each notice, whose limit bounds nothing: else SQLite reads every deed there is, for
# it looks into the view for one notice only where nothing is grouped.
_BY_IDS: Final = """
    SELECT n.id, n.what, n.post_id, n.created_ms, n.seq, n.id <= i.read_up_to AS is_read, (
           SELECT json_agg(json_build_array(t.newest, t.person_id, t.people, r.emoji))
             FROM (SELECT d.person_id, max(d.deed_id) AS newest, count(*) OVER () AS people
                     FROM (SELECT p.person_id, p.deed_id
                             FROM notice_people AS p
                            WHERE p.notice_id = n.id
                            LIMIT :all) AS d
                    GROUP BY d.person_id
                    ORDER BY max(d.deed_id) DESC
                    LIMIT :named) AS t
             LEFT JOIN reactions AS r
               ON n.what = 1 AND r.post_id = n.post_id AND r.id = t.newest) AS named
      FROM notices AS n
      JOIN inboxes AS i ON i.user_id = n.user_id
     WHERE n.id = ANY(:ids)
"""
_BY_IDS_SQLITE: Final = _BY_IDS.replace(
    "json_agg(json_build_array(", "json_group_array(json_array("
)


@dataclass(frozen=True, slots=True)
class _Named:
    """Somebody who stands in a notice, by their newest deed."""

    deed_id: int
    person_id: int
    people: int  # who stand there, all together
    emoji: str | None


def _named(found: str | None) -> list[_Named]:
    """Newest first; nobody where nobody stands any more."""
    everybody = [_Named(*one) for one in json.loads(found or "[]")]
    return sorted(everybody, key=lambda one: -one.deed_id)


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


def _notice(row: Row, named: Sequence[_Named], authors: Mapping[int, Author]) -> Notice:
    emoji, post_id = named[0].emoji if named else None, row["post_id"]
    return Notice(
        id=str(row["id"]),
        seq=row["seq"],
        what=_WHAT[row["what"]],
        users=[authors[one.person_id] for one in named if one.person_id in authors],
        count=named[0].people if named else 0,
        created_at=rfc3339(row["created_ms"]),
        read=bool(row["is_read"]),
        post_id=UNSET if post_id is None else str(post_id),
        emoji=UNSET if emoji is None else emoji,
    )
