"""Audiences: whom each person hears, and whom they do not."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import orjson

from realtime.store.database import Database, Tx


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom one person follows, who is hidden from them, and whom of those they hid themselves."""

    following: frozenset[int]
    hidden: frozenset[int]
    avoided: frozenset[int] = frozenset()


NOBODY: Final = Audience(frozenset(), frozenset())


async def of(db: Database | Tx, user_id: int) -> Audience:
    """Whom this person follows and who is hidden from them, as of one moment."""
    return (await by_users(db, [user_id]))[user_id]


async def by_users(db: Database | Tx, user_ids: Collection[int]) -> dict[int, Audience]:
    """Whom each of these people follows and who is hidden from them, all as of one moment."""
    rows = await db.fetch_all(
        _AUDIENCES if db.dialect == "postgresql" else _AUDIENCES_SQLITE, {"people": list(user_ids)}
    )
    return {
        row["user_id"]: Audience(_ids(row["following"]), _ids(row["hidden"]), _ids(row["avoided"]))
        for row in rows
    }


# A row for each person, since a row for each of their relations takes ten times as long to read.
# Each half has its index; who has a million followers has a million rows.
_AUDIENCES: Final = """
    SELECT p.user_id,
           ARRAY(SELECT r.other_id
                   FROM relations AS r
                  WHERE r.user_id = p.user_id AND r.following) AS following,
           ARRAY(SELECT r.other_id
                   FROM relations AS r
                  WHERE r.user_id = p.user_id
                    AND (r.blocking OR r.blocked_by OR r.muting)) AS hidden,
           ARRAY(SELECT r.other_id
                   FROM relations AS r
                  WHERE r.user_id = p.user_id
                    AND (r.blocking OR r.blocked_by OR r.muting)
                    AND (r.blocking OR r.muting)) AS avoided
      FROM unnest(CAST(:people AS bigint[])) AS p(user_id)
"""
_AUDIENCES_SQLITE: Final = _AUDIENCES.replace(
    "ARRAY(SELECT r.other_id", "(SELECT json_group_array(r.other_id)"
)


def _ids(listed: list[int] | str) -> frozenset[int]:
    return frozenset(orjson.loads(listed) if isinstance(listed, str) else listed)
