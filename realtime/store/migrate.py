"""Brings a database up to this code: numbered migrations, forward only, each once.

A migration is a file `0001_word.postgresql.sql` with its twin `0001_word.sqlite.sql`, or one
`0001_word.sql` for both. Each runs in one transaction together with its line in `migrations`, so
that a process that dies anywhere leaves whole ones only. Processes that start at once take turns.
"""

from __future__ import annotations

import logging
import re
import time
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from realtime.store.database import Database, Tx, UnfitDatabase
from realtime.store.statement import Dialect

log = logging.getLogger(__name__)

LONGEST_S: Final = 3600.0  # for one migration, and for waiting for another process's
_LOCK: Final = 0x7265616C74696D65  # any number that nobody else locks by
_FILE: Final = re.compile(r"([0-9]{4})_([a-z0-9_]+)(?:\.(postgresql|sqlite))?\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """One step forward in one database's words."""

    number: int
    name: str
    sql: str


async def migrate(database: Database, *, folder: Traversable | None = None) -> list[int]:
    """Run what `folder` holds beyond `database`: the package's own migrations, if none is given.

    Returns the numbers of those run here, ascending; what another process ran is not among them.

    Raises:
        UnfitDatabase: the database is newer than this code, or of another history.
    """
    known = migrations(folder or files("realtime.store") / "migrations", database.dialect)
    done: list[int] = []

    async def step(tx: Tx) -> Migration | None:
        await _take_turns(tx)
        pending = _pending(known, await _applied(tx))
        if not pending:
            return None
        await _apply(tx, pending[0])
        return pending[0]

    for _ in known:
        began_s = time.monotonic()
        migration = await database.run_tx(step, deadline_s=LONGEST_S)
        if migration is None:
            break
        done.append(migration.number)
        took_ms = (time.monotonic() - began_s) * 1000
        log.info("migrated %04d_%s in %.0f ms", migration.number, migration.name, took_ms)
    return done


def migrations(folder: Traversable, dialect: Dialect) -> list[Migration]:
    """What `folder` holds for `dialect`, ascending: 1, 2, 3 and so on.

    Raises:
        ValueError: a file has a strange name, or a number is missing or there twice.
    """
    found = []
    for file in folder.iterdir():
        if not file.name.endswith(".sql"):
            continue
        match = _FILE.fullmatch(file.name)
        if match is None:
            raise ValueError(f"{file.name} is not named like 0001_word.postgresql.sql.")
        if match[3] in (None, dialect):
            found.append(Migration(int(match[1]), match[2], file.read_text(encoding="utf-8")))
    found.sort(key=lambda migration: migration.number)
    numbers = [migration.number for migration in found]
    if not numbers or numbers != list(range(1, len(numbers) + 1)):
        raise ValueError(f"Migrations for {dialect} are not 1, 2, 3 and so on: {numbers}.")
    return found


async def _take_turns(tx: Tx) -> None:
    if tx.dialect == "postgresql":  # SQLite has one writer at a time anyhow
        await tx.execute("SELECT pg_advisory_xact_lock(:lock)", {"lock": _LOCK})


async def _applied(tx: Tx) -> dict[int, str]:
    await tx.execute(
        """
        CREATE TABLE IF NOT EXISTS migrations (
          number integer PRIMARY KEY, name text NOT NULL, at_ms bigint NOT NULL)
        """
    )
    rows = await tx.fetch_all("SELECT number, name FROM migrations ORDER BY number")
    return {row["number"]: row["name"] for row in rows}


def _pending(known: list[Migration], applied: dict[int, str]) -> list[Migration]:
    newest = max(applied, default=0)
    if newest > len(known):
        raise UnfitDatabase(
            f"The database is at migration {newest}, this code knows {len(known)}: "
            "start the newer version of realtime, or restore a backup from before it."
        )
    for migration in known[:newest]:
        name = applied.get(migration.number)
        if name != migration.name:
            raise UnfitDatabase(
                f"Migration {migration.number} of the database is `{name}`, "
                f"here it is `{migration.name}`: this is another program's database."
            )
    return known[newest:]


async def _apply(tx: Tx, migration: Migration) -> None:
    await tx.run_script(migration.sql)
    await tx.execute(
        "INSERT INTO migrations (number, name, at_ms) VALUES (:number, :name, :at_ms)",
        {
            "number": migration.number,
            "name": migration.name,
            "at_ms": time.time_ns() // 1_000_000,
        },
    )
