"""Accounts as their owners prove them: names that are taken, and password hashes."""

from __future__ import annotations

from dataclasses import dataclass, field

from realtime.errors import Refusal
from realtime.store import words
from realtime.store.database import Database, Row, Tx


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a password is checked against."""

    user_id: int
    name: str
    password: str = field(repr=False)  # argon2id, parameters and salt included


@dataclass(frozen=True, slots=True)
class NewAccount:
    """All of it normalised, and the password already hashed."""

    name: str
    display_name: str
    password: str = field(repr=False)


async def is_taken(db: Database | Tx, name: str) -> bool:
    """Whether `name`, folded, is or was somebody's: a name stays taken when its account goes."""
    row = await db.fetch_one("SELECT id FROM users WHERE name = :name", {"name": name})
    return row is not None


async def by_name(db: Database | Tx, name: str) -> Credentials | None:
    """The credentials of whoever has this name, folded; None for nobody and for the deleted."""
    return _credentials(
        await db.fetch_one(
            "SELECT id, name, password FROM users WHERE name = :name AND NOT deleted",
            {"name": name},
        )
    )


async def by_id(db: Database | Tx, user_id: int) -> Credentials | None:
    """The credentials of this person; None for the deleted."""
    return _credentials(
        await db.fetch_one(
            "SELECT id, name, password FROM users WHERE id = :id AND NOT deleted",
            {"id": user_id},
        )
    )


async def register(tx: Tx, new: NewAccount, at_ms: int) -> int:
    """Make an account; its user's id.

    Raises:
        Refusal: `conflict` with `field` "name", somebody has it or had it.
    """
    (user_id,) = await tx.next_seq()
    row = await tx.fetch_one(
        """
        INSERT INTO users (id, name, display_name, password, is_indexed, created_ms, seq)
        VALUES (:id, :name, :display_name, :password, true, :at_ms, :id)
        ON CONFLICT (name) DO NOTHING
        RETURNING id, name, display_name
        """,
        {
            "id": user_id,
            "name": new.name,
            "display_name": new.display_name,
            "password": new.password,
            "at_ms": at_ms,
        },
    )
    if row is None:
        raise taken()
    await words.of_people(tx, [row])
    await tx.execute("INSERT INTO tallies (user_id) VALUES (:id)", {"id": user_id})
    return user_id


async def still_holds(tx: Tx, proven: Credentials) -> bool:
    """Whether these credentials are still good; they stay so until this transaction ends.

    Checking a password takes long, and meanwhile it may have been changed.
    """
    row = await tx.fetch_one(
        """
        SELECT id
          FROM users
         WHERE id = :id AND password = :password AND NOT deleted
           FOR SHARE
        """,
        {"id": proven.user_id, "password": proven.password},
    )
    return row is not None


async def change_password(tx: Tx, proven: Credentials, password: str) -> bool:
    """Replace the password hash; False when these credentials are no longer good."""
    row = await tx.fetch_one(
        """
        UPDATE users
           SET password = :password
         WHERE id = :id AND password = :proven AND NOT deleted
        RETURNING id
        """,
        {"id": proven.user_id, "password": password, "proven": proven.password},
    )
    return row is not None


def taken() -> Refusal:
    """The answer to someone who wants a name that is not free."""
    return Refusal("conflict", "That name is taken.", field="name")


def _credentials(row: Row | None) -> Credentials | None:
    return None if row is None else Credentials(row["id"], row["name"], row["password"])
