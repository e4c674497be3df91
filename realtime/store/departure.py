"""Accounts that go: gone for everybody in one step, then cleared away in pieces.

A piece is small, can be cut off anywhere, and leaves the numbers of others exact. Nobody acts for
or upon an account that is marked, so what is left of it only becomes less.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from realtime.model import Relation, User
from realtime.store import draft, media, user
from realtime.store.account import Credentials
from realtime.store.database import Database, Row, Tx
from realtime.store.user import Tally

PEOPLE: Final = 500  # in one piece
PICTURES: Final = 500


@dataclass(frozen=True, slots=True)
class Marked:
    """An account that is gone since just now: what is told of it, and what ends with it."""

    user: User
    sessions: list[int]
    files: list[str]


@dataclass(frozen=True, slots=True)
class Departure:
    """An account that is being cleared away. `place`: see `relations`."""

    user_id: int
    place: int
    is_cleared: bool


async def mark(tx: Tx, proven: Credentials, at_ms: int) -> Marked | None:
    """Take the account from everybody at once; None when these credentials are no longer good.

    Its name stays taken. From here on no session, no command and no sign-in of it works.
    """
    # Waits for whatever the account does right now; what comes later finds it gone.
    row = await tx.fetch_one(
        """
        SELECT avatar_id
          FROM users
         WHERE id = :id AND password = :password AND NOT deleted
           FOR UPDATE
        """,
        {"id": proven.user_id, "password": proven.password},
    )
    if row is None:
        return None
    ended = await tx.fetch_all(
        "DELETE FROM sessions WHERE user_id = :id RETURNING id", {"id": proven.user_id}
    )
    [seq] = await tx.next_seq()
    await tx.execute(
        """
        UPDATE users
           SET deleted = true, display_name = '', bio = '', avatar_id = NULL, password = '',
               seq = :seq
         WHERE id = :id
        """,
        {"id": proven.user_id, "seq": seq},
    )
    await tx.execute(
        "INSERT INTO departures (user_id, at_ms) VALUES (:id, :at_ms)",
        {"id": proven.user_id, "at_ms": at_ms},
    )
    await draft.forget(tx, proven.user_id)
    files = [] if row["avatar_id"] is None else await media.delete(tx, [row["avatar_id"]])
    [gone] = await user.by_ids(tx, [proven.user_id])
    return Marked(gone, [session["id"] for session in ended], files)


async def waiting(db: Database | Tx, cleared_before_ms: int, limit: int) -> list[int]:
    """Accounts with something left to do, those that went first first.

    Cleared ones are among them only when they were cleared before `cleared_before_ms`.
    """
    rows = await db.fetch_all(
        """
        SELECT user_id
          FROM departures
         WHERE cleared_ms IS NULL OR cleared_ms < :before_ms
         ORDER BY at_ms, user_id
         LIMIT :limit
        """,
        {"before_ms": cleared_before_ms, "limit": limit},
    )
    return [row["user_id"] for row in rows]


async def uncleared(db: Database | Tx, user_ids: Collection[int]) -> set[int]:
    """Those of `user_ids` of whom something is left."""
    if not user_ids:
        return set()
    rows = await db.fetch_all(
        """
        SELECT user_id
          FROM departures
         WHERE user_id = ANY(:ids) AND cleared_ms IS NULL
        """,
        {"ids": list(user_ids)},
    )
    return {row["user_id"] for row in rows}


async def hold(tx: Tx, user_id: int) -> Departure | None:
    """Take this departure for this transaction; None when another process has it, or it is over."""
    row = await tx.fetch_one(
        """
        SELECT user_id, place, cleared_ms
          FROM departures
         WHERE user_id = :user_id
           FOR UPDATE SKIP LOCKED
        """,
        {"user_id": user_id},
    )
    if row is None:
        return None
    return Departure(row["user_id"], row["place"], row["cleared_ms"] is not None)


async def relations(tx: Tx, gone: Departure) -> list[tuple[int, Relation]] | None:
    """End how the next few people and this one stood to each other; None when nobody is left.

    The result is who is told what. Who followed, blocked or muted them is told, and keeps a row
    that says nothing until the log has forgotten it: whoever comes back later hears of it too.
    """
    rows = await tx.fetch_all(
        """
        SELECT mine.other_id, mine.following, mine.followed_by,
               coalesce(theirs.following OR theirs.blocking OR theirs.muting, false) AS acted
          FROM relations AS mine
          LEFT JOIN relations AS theirs
            ON theirs.user_id = mine.other_id AND theirs.other_id = mine.user_id
         WHERE mine.user_id = :user_id AND mine.other_id > :place
         ORDER BY mine.other_id
         LIMIT :limit
        """,
        {"user_id": gone.user_id, "place": gone.place, "limit": PEOPLE},
    )
    if not rows:
        return None
    told = await _part(tx, gone.user_id, [row["other_id"] for row in rows if row["acted"]])
    silent = [row["other_id"] for row in rows if not row["acted"]]
    await _forget_pairs(tx, gone.user_id, silent)
    await _untally(tx, rows)
    await tx.execute(
        "UPDATE departures SET place = :place WHERE user_id = :user_id",
        {"user_id": gone.user_id, "place": rows[-1]["other_id"]},
    )
    return told


async def _part(tx: Tx, user_id: int, others: Sequence[int]) -> list[tuple[int, Relation]]:
    """Reset both sides of these pairs; what each of the others is told."""
    seqs = dict(zip(others, await tx.next_seq(len(others)), strict=True))
    for mine, theirs in (("user_id", "other_id"), ("other_id", "user_id")):
        if others:
            await tx.execute(
                f"""
                UPDATE relations
                   SET following = false, followed_by = false, blocking = false,
                       blocked_by = false, muting = false, following_id = NULL,
                       blocking_id = NULL, muting_id = NULL, seq = t.new_seq
                  FROM unnest(CAST(:others AS bigint[]), CAST(:seqs AS bigint[]))
                    AS t(one_id, new_seq)
                 WHERE relations.{mine} = t.one_id AND relations.{theirs} = :user_id
                """,
                {"others": list(seqs), "seqs": list(seqs.values()), "user_id": user_id},
            )
    return [
        (other, Relation(str(user_id), seq, False, False, False, False))
        for other, seq in seqs.items()
    ]


async def _untally(tx: Tx, rows: Sequence[Row]) -> None:
    """One follower, one followed less for those among whom they were."""
    changes = {
        row["other_id"]: Tally(
            followers=-int(row["following"] or 0), following=-int(row["followed_by"] or 0)
        )
        for row in rows
        if row["following"] or row["followed_by"]
    }
    if changes:
        await user.tally(tx, changes)


async def pictures(tx: Tx, user_id: int) -> list[str]:
    """Forget some of the pictures that nothing showed; their files."""
    rows = await tx.fetch_all(
        """
        DELETE FROM media
         WHERE id IN (SELECT id FROM media WHERE owner_id = :user_id LIMIT :limit)
        RETURNING file, sizes
        """,
        {"user_id": user_id, "limit": PICTURES},
    )
    return media.files(rows)


async def cleared(tx: Tx, user_id: int, at_ms: int) -> None:
    """Nothing is left of this account but what the log may still have to tell."""
    await tx.execute("DELETE FROM tallies WHERE user_id = :user_id", {"user_id": user_id})
    await tx.execute(
        "UPDATE departures SET cleared_ms = :at_ms WHERE user_id = :user_id",
        {"user_id": user_id, "at_ms": at_ms},
    )


async def forget(tx: Tx, user_id: int) -> bool:
    """Drop some of the empty relations that were kept for the log; False when that was all."""
    rows = await tx.fetch_all(
        "SELECT other_id FROM relations WHERE user_id = :user_id LIMIT :limit",
        {"user_id": user_id, "limit": PEOPLE},
    )
    await _forget_pairs(tx, user_id, [row["other_id"] for row in rows])
    if rows:
        return True
    await tx.execute("DELETE FROM departures WHERE user_id = :user_id", {"user_id": user_id})
    return False


async def _forget_pairs(tx: Tx, user_id: int, others: Sequence[int]) -> None:
    for mine, theirs in (("user_id", "other_id"), ("other_id", "user_id")):
        if others:
            await tx.execute(
                f"DELETE FROM relations WHERE {mine} = ANY(:others) AND {theirs} = :user_id",
                {"others": list(others), "user_id": user_id},
            )
