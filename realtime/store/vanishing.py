"""Notices that vanish, or come back, with what they tell of: posts, accounts, and who is hidden."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from realtime.store import inbox
from realtime.store.database import Tx
from realtime.store.inbox import Owed

AROUND: Final = 200  # notices of somebody hidden, or hidden no more, that are told again
PIECE: Final = 500  # notices, or deeds, of an account that goes


async def posts_gone(tx: Tx, post_ids: Collection[int]) -> list[Owed]:
    """These posts were deleted: every notice of them has vanished."""
    rows = await tx.fetch_all(
        "SELECT id, user_id FROM notices WHERE post_id = ANY(:ids)", {"ids": list(post_ids)}
    )
    return await changed(tx, {row["id"]: row["user_id"] for row in rows})


async def hidden_changed(tx: Tx, user_id: int, other_id: int, *, both: bool) -> list[Owed]:
    """The other one is hidden from this person, or is not any more; `both`: and the reverse.

    To be called after the relation was written. The newest notices that tell of the hidden one are
    told again, and so is the follow that a block has ended; how many wait is told, however old.
    """
    # First the lock: whoever writes into these inboxes meanwhile sees the relation, or is seen.
    await inbox.lock(tx, [user_id, other_id] if both else [user_id])
    found = await _telling_of(tx, user_id, other_id)
    if both:  # who is muted never learns of it, and sees nothing else than before
        found |= await _telling_of(tx, other_id, user_id)
    return await changed(tx, found)


async def _telling_of(tx: Tx, owner_id: int, person_id: int) -> dict[int, int]:
    """The newest notices of one person (id → whose) in which the other one stands, or stood."""
    rows = await tx.fetch_all(
        """
        SELECT notice_id
          FROM notice_deeds
         WHERE owner_id = :owner_id AND person_id = :person_id
         UNION
        SELECT id
          FROM notices
         WHERE user_id = :owner_id AND actor_id = :person_id
         ORDER BY notice_id DESC
         LIMIT :most
        """,
        {"owner_id": owner_id, "person_id": person_id, "most": AROUND},
    )
    return dict.fromkeys((row["notice_id"] for row in rows), owner_id)


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
