"""Who is signed in where, and the tickets that are lent to programs.

A session ends when it is ended, after two weeks without a sign of life, or after ninety days.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from realtime.store.database import Database, Row, Tx

MINUTE_MS: Final = 60_000
DAY_MS: Final = 24 * 60 * MINUTE_MS
IDLE_MS: Final = 14 * DAY_MS
AGE_MS: Final = 90 * DAY_MS
TICKET_MS: Final = 30_000
STALE_MS: Final = 5 * MINUTE_MS  # signs of life are written down this seldom

_SWEPT: Final = 1_000  # rows in one sweep


@dataclass(frozen=True, slots=True)
class Signed:
    """A session that is alive. `seen_ms` is its last sign of life that was written down."""

    session_id: int
    user_id: int
    seen_ms: int = field(default=0, compare=False)

    def is_stale(self, now_ms: int) -> bool:
        """Whether it is time to write down another sign of life: see `touch`."""
        return self.seen_ms < now_ms - STALE_MS


@dataclass(frozen=True, slots=True)
class Start:
    """What is kept of a new session: of its token only the hash."""

    user_id: int
    token_hash: str
    device: str
    address: str


@dataclass(frozen=True, slots=True)
class Device:
    """One session, as its owner may see it."""

    id: int
    device: str
    address: str
    seen_ms: int


async def start(tx: Tx, new: Start, now_ms: int) -> int:
    """Write down a new session; its id."""
    (session_id,) = await tx.next_seq()
    await tx.execute(
        """
        INSERT INTO sessions (id, user_id, token_hash, device, address,
                              created_ms, seen_ms, expires_ms)
        VALUES (:id, :user_id, :token_hash, :device, :address, :now_ms, :now_ms, :expires_ms)
        """,
        {
            "id": session_id,
            "user_id": new.user_id,
            "token_hash": new.token_hash,
            "device": new.device,
            "address": new.address,
            "now_ms": now_ms,
            "expires_ms": now_ms + AGE_MS,
        },
    )
    return session_id


async def resolve(db: Database | Tx, token_hash: str, now_ms: int) -> Signed | None:
    """The living session with this token; None for an unknown, ended or expired one."""
    return (await by_hashes(db, [token_hash], now_ms))[token_hash]


async def by_hashes(
    db: Database | Tx, token_hashes: Collection[str], now_ms: int
) -> dict[str, Signed | None]:
    """The living session of each of these tokens; None for unknown, ended and expired ones."""
    rows = await db.fetch_all(
        """
        SELECT token_hash, id, user_id, seen_ms
          FROM sessions
         WHERE token_hash = ANY(:hashes) AND expires_ms > :now_ms AND seen_ms > :idle_ms
        """,
        {"hashes": list(token_hashes), "now_ms": now_ms, "idle_ms": now_ms - IDLE_MS},
    )
    found = {row["token_hash"]: Signed(row["id"], row["user_id"], row["seen_ms"]) for row in rows}
    return {token_hash: found.get(token_hash) for token_hash in token_hashes}


async def alive(db: Database | Tx, session_ids: Collection[int], now_ms: int) -> set[int]:
    """Those of `session_ids` that have neither ended nor expired."""
    rows = await db.fetch_all(
        """
        SELECT id
          FROM sessions
         WHERE id = ANY(:ids) AND expires_ms > :now_ms AND seen_ms > :idle_ms
        """,
        {"ids": list(session_ids), "now_ms": now_ms, "idle_ms": now_ms - IDLE_MS},
    )
    return {row["id"] for row in rows}


async def touch(
    tx: Tx, session_ids: Collection[int], now_ms: int, *, address: str | None = None
) -> None:
    """Write down a sign of life of these sessions, where the last one is five minutes old.

    An open socket is one too. `address`, when known, is where the latest came from.
    """
    await tx.execute(
        """
        UPDATE sessions
           SET seen_ms = :now_ms, address = COALESCE(:address, address)
         WHERE id IN (SELECT id
                        FROM sessions
                       WHERE id = ANY(:ids) AND seen_ms < :stale_ms AND seen_ms > :idle_ms
                         FOR UPDATE SKIP LOCKED)
        """,
        {
            "ids": list(session_ids),
            "now_ms": now_ms,
            "address": address,
            "stale_ms": now_ms - STALE_MS,
            "idle_ms": now_ms - IDLE_MS,
        },
    )


async def of_user(db: Database | Tx, user_id: int, now_ms: int) -> list[Device]:
    """This person's living sessions, the latest seen first."""
    rows = await db.fetch_all(
        """
        SELECT id, device, address, seen_ms
          FROM sessions
         WHERE user_id = :user_id AND expires_ms > :now_ms AND seen_ms > :idle_ms
         ORDER BY seen_ms DESC, id DESC
        """,
        {"user_id": user_id, "now_ms": now_ms, "idle_ms": now_ms - IDLE_MS},
    )
    return [_device(row) for row in rows]


async def device(db: Database | Tx, session_id: int) -> Device | None:
    """One session as its owner may see it, None when it is gone."""
    row = await db.fetch_one(
        "SELECT id, device, address, seen_ms FROM sessions WHERE id = :id", {"id": session_id}
    )
    return None if row is None else _device(row)


async def end(tx: Tx, user_id: int, session_id: int) -> bool:
    """End one session of this person; False when they have no such session."""
    row = await tx.fetch_one(
        "DELETE FROM sessions WHERE id = :id AND user_id = :user_id RETURNING id",
        {"id": session_id, "user_id": user_id},
    )
    return row is not None


async def end_others(tx: Tx, user_id: int, kept_id: int) -> list[int]:
    """End every session of this person but one; the ids of those that ended."""
    rows = await tx.fetch_all(
        "DELETE FROM sessions WHERE user_id = :user_id AND id <> :kept_id RETURNING id",
        {"user_id": user_id, "kept_id": kept_id},
    )
    return [row["id"] for row in rows]


async def lend_ticket(tx: Tx, ticket_hash: str, session_id: int, now_ms: int) -> bool:
    """Keep a ticket of this session for half a minute; False when the session is gone."""
    row = await tx.fetch_one(
        """
        INSERT INTO tickets (hash, session_id, expires_ms)
        SELECT :hash, id, CAST(:expires_ms AS bigint)
          FROM sessions
         WHERE id = :session_id
        RETURNING session_id
        """,
        {"hash": ticket_hash, "session_id": session_id, "expires_ms": now_ms + TICKET_MS},
    )
    return row is not None


async def use_ticket(tx: Tx, ticket_hash: str, now_ms: int) -> Signed | None:
    """The living session that lent this ticket, which is spent by asking, whatever the answer."""
    spent = await tx.fetch_one(
        "DELETE FROM tickets WHERE hash = :hash RETURNING session_id, expires_ms",
        {"hash": ticket_hash},
    )
    if spent is None or spent["expires_ms"] <= now_ms:
        return None
    row = await tx.fetch_one(
        """
        SELECT id, user_id, seen_ms
          FROM sessions
         WHERE id = :id AND expires_ms > :now_ms AND seen_ms > :idle_ms
        """,
        {"id": spent["session_id"], "now_ms": now_ms, "idle_ms": now_ms - IDLE_MS},
    )
    return None if row is None else Signed(row["id"], row["user_id"], row["seen_ms"])


async def sweep(tx: Tx, now_ms: int) -> int:
    """Forget expired tickets, and up to 1,000 expired sessions; how many sessions went."""
    await tx.execute("DELETE FROM tickets WHERE expires_ms <= :now_ms", {"now_ms": now_ms})
    rows = await tx.fetch_all(
        """
        DELETE FROM sessions
         WHERE id IN (SELECT id
                        FROM sessions
                       WHERE expires_ms <= :now_ms OR seen_ms <= :idle_ms
                       LIMIT :most
                         FOR UPDATE SKIP LOCKED)
        RETURNING id
        """,
        {"now_ms": now_ms, "idle_ms": now_ms - IDLE_MS, "most": _SWEPT},
    )
    return len(rows)


def _device(row: Row) -> Device:
    return Device(row["id"], row["device"], row["address"], row["seen_ms"])
