"""Notices that vanish, or come back, with what they tell of: posts, accounts, and who is hidden."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from realtime.store import inbox
from realtime.store.database import Tx
from realtime.store.inbox import Owed

AROUND: Final = (
    200  # newest notices that are told again when somebody is hidden, or is not any more
)
PIECE: Final = 500  # notices, or deeds, of an account that goes


async def posts_gone(tx: Tx, post_ids: Collection[int]) -> list[Owed]:
    """These posts were deleted: every notice of them has vanished."""
    rows = await tx.fetch_all(
        "SELECT id, user_id FROM notices WHERE post_id = ANY(:ids)", {"ids": list(post_ids)}
    )
    return await changed(tx, {row["id"]: row["user_id"] for row in rows})


async def hidden_changed(tx: Tx, user_id: int, other_id: int, *, both: bool) -> list[Owed]:
    """The other one is hidden from this person, or is not any more; `both`: and the reverse.

    To be called after the relation was written. Those of the newest notices that tell of the
    hidden one are told again, and so is the follow that a block has ended.
    """
    rows = await tx.fetch_all(
        """
        WITH mine AS (SELECT id FROM notices WHERE user_id = :user_id
                       ORDER BY id DESC LIMIT :around),
             theirs AS (SELECT id FROM notices WHERE user_id = :other_id
                         ORDER BY id DESC LIMIT :theirs)
        SELECT notice_id, owner_id
          FROM notice_deeds
         WHERE owner_id = :user_id AND person_id = :other_id
           AND notice_id IN (SELECT id FROM mine)
         UNION
        SELECT notice_id, owner_id
          FROM notice_deeds
         WHERE owner_id = :other_id AND person_id = :user_id
           AND notice_id IN (SELECT id FROM theirs)
         UNION
        SELECT id, user_id
          FROM notices
         WHERE user_id = :user_id AND actor_id = :other_id AND id IN (SELECT id FROM mine)
         UNION
        SELECT id, user_id
          FROM notices
         WHERE user_id = :other_id AND actor_id = :user_id AND id IN (SELECT id FROM theirs)
        """,
        {
            "user_id": user_id,
            "other_id": other_id,
            "around": AROUND,
            # Who is muted never learns of it, and sees nothing else than before.
            "theirs": AROUND if both else 0,
        },
    )
    return await changed(tx, {row["notice_id"]: row["owner_id"] for row in rows})


async def account_gone(tx: Tx, user_id: int) -> list[Owed] | None:
    """A piece of the notices of, and by, an account that is gone; None when there are no more."""
    own = await tx.fetch_all(
        """
        DELETE FROM notices
         WHERE id IN (SELECT id FROM notices WHERE user_id = :person LIMIT :limit)
        RETURNING id
        """,
        {"person": user_id, "limit": PIECE},
    )
    if own:
        return []
    await tx.execute("DELETE FROM inboxes WHERE user_id = :person", {"person": user_id})
    rows = await tx.fetch_all(
        "SELECT id, user_id FROM notices WHERE actor_id = :person LIMIT :limit",
        {"person": user_id, "limit": PIECE},
    )
    if not rows:
        return None
    owed = await changed(tx, {row["id"]: row["user_id"] for row in rows})
    await tx.execute(
        "UPDATE notices SET actor_id = NULL WHERE id = ANY(:ids)",
        {"ids": [row["id"] for row in rows]},
    )
    return owed


async def gathering(tx: Tx, user_id: int) -> dict[int, int]:
    """The notices (id → whose) in which the newest reactions and retweets of this person stand."""
    rows = await tx.fetch_all(
        """
        WITH reacted AS (SELECT id, post_id FROM reactions WHERE user_id = :person
                          ORDER BY id DESC LIMIT :limit),
             passed AS (SELECT id, post_id FROM entries WHERE actor_id = :person
                         ORDER BY id DESC LIMIT :limit)
        SELECT n.id, n.user_id
          FROM reacted AS r
          JOIN notices AS n
            ON n.post_id = r.post_id AND n.what = 1 AND n.since <= r.id AND n.until > r.id
         UNION
        SELECT n.id, n.user_id
          FROM passed AS r
          JOIN notices AS n
            ON n.post_id = r.post_id AND n.what = 2 AND n.since <= r.id AND n.until > r.id
        """,
        {"person": user_id, "limit": PIECE},
    )
    return {row["id"]: row["user_id"] for row in rows}


async def changed(tx: Tx, notices: Mapping[int, int]) -> list[Owed]:
    """These notices (id → whose) are others now, and so may be how many wait."""
    if not notices:
        return []
    await inbox.lock(tx, notices.values())
    return await inbox.renumber(tx, notices, set(notices.values()))
