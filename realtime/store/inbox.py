"""Inboxes: how far each person has read their notices, and how many wait."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from realtime.model import Read
from realtime.store.database import Database, Tx

COUNTED: Final = 2_000  # waiting notices at most: nobody reads so many, and each costs a probe
NOTHING = Read(seq=0, up_to="0", unread=0)

# How many notices wait in the inbox `i`, at most `:counted`. Scalar subqueries: an index probe for
# each waiting notice, never a join with all deeds.
UNREAD: Final = """(
               SELECT count(*)
                 FROM (SELECT n.id
                         FROM notices AS n
                        WHERE n.user_id = i.user_id AND n.id > i.read_up_to
                        ORDER BY n.id DESC
                        LIMIT :counted) AS w
                WHERE (SELECT p.deed_id
                         FROM notice_people AS p
                        WHERE p.notice_id = w.id
                        LIMIT 1) IS NOT NULL)"""


@dataclass(frozen=True, slots=True)
class Owed:
    """Something of one person's own that changed under this `seq`, to be read anew and told.

    A notice, or, where `notice_id` is None, how far they have read and how many wait.
    """

    user_id: int
    notice_id: int | None
    seq: int


async def lock(tx: Tx, user_ids: Collection[int]) -> dict[int, int]:
    """Up to which notice each of these people has read; nobody else changes their inboxes now.

    Locked last of all that a deed locks, in the order of ids; made where there was none.
    """
    people = sorted(set(user_ids))
    found = await _lock(tx, people)
    missing = [user_id for user_id in people if user_id not in found]
    if missing:
        await tx.execute(
            """
            INSERT INTO inboxes (user_id)
            SELECT t.user_id
              FROM unnest(CAST(:people AS bigint[])) AS t(user_id)
             WHERE true
             ORDER BY t.user_id
                ON CONFLICT (user_id) DO NOTHING
            """,
            {"people": missing},
        )
        found |= await _lock(tx, missing)
    return found


async def _lock(tx: Tx, people: Collection[int]) -> dict[int, int]:
    rows = await tx.fetch_all(
        """
        SELECT user_id, read_up_to
          FROM inboxes
         WHERE user_id = ANY(:people)
         ORDER BY user_id
           FOR NO KEY UPDATE
        """,
        {"people": list(people)},
    )
    return {row["user_id"]: row["read_up_to"] for row in rows}


async def reads(db: Database | Tx, user_ids: Collection[int]) -> dict[int, Read]:
    """How far these people have read, and how many notices wait for them; one statement.

    Only the 2,000 newest are counted.
    """
    rows = await db.fetch_all(
        f"""
        SELECT i.user_id, i.read_up_to, i.seq, {UNREAD} AS unread
          FROM inboxes AS i
         WHERE i.user_id = ANY(:people)
        """,
        {"people": list(user_ids), "counted": COUNTED},
    )
    found = {
        row["user_id"]: Read(seq=row["seq"], up_to=str(row["read_up_to"]), unread=row["unread"])
        for row in rows
    }
    return {user_id: found.get(user_id, NOTHING) for user_id in user_ids}


async def mark(tx: Tx, user_id: int, up_to: int) -> list[Owed]:
    """This person has read everything up to the notice `up_to`. A smaller one changes nothing."""
    read_up_to = (await lock(tx, [user_id]))[user_id]
    # One's own newest, and not whatever was named: the notices of tomorrow have not been read.
    newest = await tx.fetch_val(
        "SELECT max(id) FROM notices WHERE user_id = :user_id AND id <= :up_to",
        {"user_id": user_id, "up_to": up_to},
    )
    if newest is None or newest <= read_up_to:
        return []
    await tx.execute(
        "UPDATE inboxes SET read_up_to = :newest WHERE user_id = :user_id",
        {"newest": newest, "user_id": user_id},
    )
    return await renumber(tx, {}, [user_id])


async def renumber(tx: Tx, changed: Mapping[int, int], readers: Collection[int]) -> list[Owed]:
    """Give a new `seq` to what changed in locked inboxes: notices (id → whose), and `readers`."""
    people = sorted(set(readers))
    numbers = iter(await tx.next_seq(len(changed) + len(people)))
    owed = [Owed(owner_id, notice_id, next(numbers)) for notice_id, owner_id in changed.items()]
    if owed:
        await tx.execute(
            """
            UPDATE notices
               SET seq = t.new_seq
              FROM unnest(CAST(:ids AS bigint[]), CAST(:seqs AS bigint[])) AS t(notice_id, new_seq)
             WHERE notices.id = t.notice_id
            """,
            {"ids": [one.notice_id for one in owed], "seqs": [one.seq for one in owed]},
        )
    read = [Owed(user_id, None, next(numbers)) for user_id in people]
    if read:
        await tx.execute(
            """
            UPDATE inboxes
               SET seq = t.new_seq
              FROM unnest(CAST(:people AS bigint[]), CAST(:seqs AS bigint[]))
                AS t(person_id, new_seq)
             WHERE inboxes.user_id = t.person_id
            """,
            {"people": people, "seqs": [one.seq for one in read]},
        )
    return owed + read
