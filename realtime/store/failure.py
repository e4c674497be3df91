"""What a driver's errors mean to the rest of the house."""

from __future__ import annotations

import re
import sqlite3
from typing import Final, NoReturn

import asyncpg

from realtime.errors import Unavailable
from realtime.store.statement import BadBind


class UniqueViolation(Exception):
    """A row with this key is there already; nothing of the transaction will stay.

    `table` and `columns` are the same on both databases, empty where the database does not tell.
    `constraint` is PostgreSQL's name of the constraint, on SQLite its words.
    """

    def __init__(self, constraint: str, table: str = "", columns: tuple[str, ...] = ()) -> None:
        super().__init__(f"unique: {constraint or table} {columns}")
        self.constraint = constraint
        self.table = table
        self.columns = columns


class OutcomeUnknown(Unavailable):
    """The database went away during COMMIT: all was done, or nothing. Ask, or repeat by key."""


class Lost(Unavailable):
    """The connection broke before anything was changed; another one may work."""


class UnfitDatabase(Exception):
    """This database cannot be used as it is; the sentence says why and what to do."""


# What a driver can raise; OSError covers time-outs.
DRIVER_ERRORS: Final = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    sqlite3.Error,
    OSError,
)
# By the first two letters: connection, resources (disk full, too many connections), operator
# intervention (shutdown, starting up, statement timeout), system error.
_AWAY_CLASSES: Final = frozenset({"08", "53", "57", "58"})
# Read-only (a standby), idle too long in a transaction, transaction timeout, lock not available.
_AWAY_STATES: Final = frozenset({"25006", "25P03", "25P04", "55P03"})
_AWAY_SQLITE: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    }
)
# asyncpg has one class for these and for its callers' mistakes.
_AWAY_WORDS: Final = ("is closed", "was closed", "is closing", "released back to the pool")
# Shut down by the administrator, or by a crash of another connection.
_LOST_STATES: Final = frozenset({"57P01", "57P02"})
_REPEATABLE = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.InvalidCachedStatementError,
)
_KEY = re.compile(r"^Key \((.+?)\)=\(")


def is_unavailable(error: BaseException) -> bool:
    """Whether `error` says that the database is down, full, frozen or too busy; not our bug."""
    if isinstance(error, (Unavailable, OSError, asyncpg.InternalClientError)):
        return True  # the last: the driver has lost count, after the loop stood still for long
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or ""
        return state[:2] in _AWAY_CLASSES or state in _AWAY_STATES
    if isinstance(error, asyncpg.InterfaceError):
        return any(words in str(error) for words in _AWAY_WORDS)
    if isinstance(error, sqlite3.Error):
        return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _AWAY_SQLITE
    return False


def is_repeatable(error: BaseException) -> bool:
    """Whether the same transaction may succeed when it is run again."""
    return isinstance(error, (Lost, *_REPEATABLE))


def explained(error: BaseException) -> BaseException:
    """`error` in the words of this house, or itself where there are none."""
    if isinstance(error, Unavailable):
        return error
    if isinstance(error, asyncpg.DataError):
        return BadBind(str(error))
    if isinstance(error, asyncpg.UniqueViolationError):
        key = _KEY.match(error.detail or "")
        columns = tuple(key[1].replace('"', "").split(", ")) if key else ()
        return UniqueViolation(error.constraint_name or "", error.table_name or "", columns)
    if isinstance(error, sqlite3.IntegrityError):
        return _sqlite_unique(error) or error
    if is_unavailable(error):
        kind = Lost if _is_lost(error) else Unavailable
        return kind(f"The database is not available: {str(error) or type(error).__name__}")
    return error


def raise_explained(error: BaseException) -> NoReturn:
    """Raise `error` in the words of this house, from the driver's own."""
    clear = explained(error)
    if clear is error:
        raise error
    raise clear from error


def _is_lost(error: BaseException) -> bool:
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or ""
        return state.startswith("08") or state in _LOST_STATES
    if isinstance(error, ConnectionRefusedError):
        return False
    lost = (asyncpg.InterfaceError, asyncpg.InternalClientError, ConnectionError)
    return isinstance(error, lost)


def _sqlite_unique(error: sqlite3.IntegrityError) -> UniqueViolation | None:
    if error.sqlite_errorcode not in (
        sqlite3.SQLITE_CONSTRAINT_UNIQUE,
        sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
        sqlite3.SQLITE_CONSTRAINT_ROWID,
    ):
        return None
    words = str(error).partition("failed: ")[2]
    if words.startswith("index "):  # on an expression: SQLite names only the index
        return UniqueViolation(words.removeprefix("index ").strip("'"))
    places = [place.partition(".") for place in words.split(", ")]
    return UniqueViolation(words, places[0][0], tuple(column for _, _, column in places))
