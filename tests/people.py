"""Databases and accounts in them, for tests below the door."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from realtime.store import bulk
from realtime.store.bulk import Somebody
from realtime.store.database import Database, Tx
from realtime.store.migrate import migrate


async def register(database: Database, name: str) -> int:
    """Insert somebody of this name; their id. They cannot sign in."""

    async def deed(tx: Tx) -> int:
        numbers = await tx.next_seq(2)
        somebody = Somebody(numbers[0], name, numbers[1], f"nobody's token {name}")
        await bulk.people(tx, [somebody], "no password", 1, 2**40)
        return somebody.id

    return await database.run_tx(deed)


@asynccontextmanager
async def fresh_database(url: str) -> AsyncIterator[Database]:
    """The database at `url`, brought up to date, open while the body runs."""
    database = await Database.connect(url)
    try:
        await migrate(database)
        yield database
    finally:
        await database.close()
