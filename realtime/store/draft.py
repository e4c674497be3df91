"""Drafts: what each person has begun to write, one for each, whole."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from realtime.model import Draft
from realtime.store.database import Database, Row, Tx
from realtime.store.rows import parsed
from realtime.store.user import gone


async def by_users(db: Database | Tx, user_ids: Collection[int]) -> dict[int, Draft]:
    """The drafts of these people as they are now, by user id; of whoever never had one, none."""
    rows = await db.fetch_all(
        "SELECT user_id, seq, body FROM drafts WHERE user_id = ANY(:ids)", {"ids": list(user_ids)}
    )
    return {row["user_id"]: _draft(row) for row in rows}


async def set(tx: Tx, user_id: int, body: str | None) -> int | None:
    """Keep `body`, JSON, in place of the one before; its `seq`, or None if it is the same.

    Raises:
        Refusal: `unauthenticated` when the account is gone.
    """
    # Locked with the account: whoever deletes it waits, and finds the draft.
    row = await tx.fetch_one(
        "SELECT id FROM users WHERE id = :id AND NOT deleted FOR NO KEY UPDATE", {"id": user_id}
    )
    if row is None:
        raise gone()
    before = await tx.fetch_one("SELECT body FROM drafts WHERE user_id = :id", {"id": user_id})
    if (before["body"] if before is not None else None) == body:
        return None
    [seq] = await tx.next_seq()
    await tx.execute(
        """
        INSERT INTO drafts (user_id, seq, body)
        VALUES (:id, :seq, :body)
            ON CONFLICT (user_id) DO UPDATE
           SET seq = excluded.seq, body = excluded.body
        """,
        {"id": user_id, "seq": seq, "body": body},
    )
    return int(seq)


async def forget(tx: Tx, user_id: int) -> None:
    """The account is gone, and so is what it had begun to write."""
    await tx.execute("DELETE FROM drafts WHERE user_id = :id", {"id": user_id})


def body_of(body: str | None, user_id: int) -> dict[str, Any] | None:
    """The draft of this person as it is kept; None where there is none, or it is spoiled."""
    return None if body is None else parsed(body, dict[str, Any], "drafts", user_id)


def _draft(row: Row) -> Draft:
    return Draft(seq=row["seq"], draft=body_of(row["body"], row["user_id"]))
