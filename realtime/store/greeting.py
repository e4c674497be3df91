"""What a welcome says of its person, of many people in one statement."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from realtime.model import User
from realtime.store import draft, inbox, user
from realtime.store.database import Database, Tx


@dataclass(frozen=True, slots=True)
class Greeting:
    """Somebody, how many notices wait for them, and what they have begun to write."""

    user: User
    unread: int
    draft: dict[str, Any] | None


async def by_users(db: Database | Tx, user_ids: Collection[int]) -> dict[int, Greeting | None]:
    """The greetings of these people as of now; None for unknown ones, and accounts that are gone.

    Pictures are a second statement, if somebody has one.
    """
    rows = await db.fetch_all(
        f"""
        SELECT {user.COLUMNS}, {inbox.UNREAD} AS unread, d.body
          FROM users AS u
          LEFT JOIN tallies AS t ON t.user_id = u.id
          LEFT JOIN inboxes AS i ON i.user_id = u.id
          LEFT JOIN drafts AS d ON d.user_id = u.id
         WHERE u.id = ANY(:ids) AND NOT u.deleted
        """,
        {"ids": list(user_ids), "counted": inbox.COUNTED},
    )
    people = await user.of_rows(db, rows)
    found = {
        row["id"]: Greeting(people[row["id"]], row["unread"], draft.body_of(row["body"], row["id"]))
        for row in rows
    }
    return {user_id: found.get(user_id) for user_id in user_ids}
