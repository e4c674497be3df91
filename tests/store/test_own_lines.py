"""What is one person's own stands in the log once, however often it changed, and no cursor is
cheated by that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from realtime.config import Config
from realtime.store import events
from realtime.store.database import Database, Tx
from realtime.store.events import NOTICE, POST, READ, Told
from tests.people import fresh_database

ME, OTHER = 6, 10


@pytest.fixture
async def database(config: Config) -> AsyncIterator[Database]:
    async with fresh_database(config.database_url) as opened:
        yield opened


def line(kind: int, noun_id: int, seq: int, topic: int = ME) -> Told:
    return Told(seq, topic, kind, noun_id, ())


async def append(database: Database, *told: Told) -> None:
    async def deed(tx: Tx) -> None:
        await events.append(tx, told, 1)

    await database.run_tx(deed)


async def since(database: Database, cursor: int) -> list[tuple[int, int, int]]:
    lines = await events.since(database, [ME], cursor)
    return sorted((found.kind, found.noun_id, found.seq) for found in lines)


async def horizon(database: Database) -> int:
    return (await events.tail(database, 2**62))[1]


async def test_only_the_newest_line_of_a_notice_is_kept(database: Database) -> None:
    start = await horizon(database)
    await append(database, line(NOTICE, 1, 10), line(READ, 3, 11), line(POST, 1, 12))
    await append(database, line(NOTICE, 2, 20), line(NOTICE, 1, 21, OTHER))
    middle = await horizon(database)
    await append(database, line(NOTICE, 1, 30), line(POST, 1, 31))
    await append(database, line(NOTICE, 1, 25))  # an older one takes nothing away
    assert await since(database, start) == [
        (POST, 1, 12),
        (POST, 1, 31),
        (NOTICE, 1, 25),
        (NOTICE, 1, 30),
        (NOTICE, 2, 20),
        (READ, 3, 11),
    ]
    assert await since(database, middle) == [(POST, 1, 31), (NOTICE, 1, 25), (NOTICE, 1, 30)]
    assert [f.seq for f in await events.since(database, [OTHER], start)] == [21]
    for seq in range(40, 50):
        await append(database, line(NOTICE, 1, seq), line(READ, 3, seq + 100))
    found = await since(database, middle)
    assert found == [(POST, 1, 31), (NOTICE, 1, 49), (READ, 3, 149)]


async def test_the_plan_finds_the_older_line_without_reading_the_log(database: Database) -> None:
    async def deed(tx: Tx) -> None:
        told = [line(NOTICE, n, n + 1_000, ME + 4 * (n % 7)) for n in range(5_000)]
        await events.append(tx, told, 1)

    await database.run_tx(deed)
    is_large = database.dialect == "postgresql"
    sql = events._REPLACE if is_large else events._REPLACE_SQLITE
    if is_large:
        await database.run_tx(lambda tx: tx.execute("ANALYZE events", {}))
    explain = "EXPLAIN " if is_large else "EXPLAIN QUERY PLAN "
    rows = await database.fetch_all(explain + sql, {"rows": f"[[{ME}, {NOTICE}, 7, 9999]]"})
    assert "events_own" in " ".join(str(list(row.values())) for row in rows), rows


async def test_a_newer_line_of_an_older_transaction_cheats_no_cursor(postgres_url: str) -> None:
    """Only PostgreSQL has several writers: the smaller `xid` may write the newer line."""
    async with fresh_database(postgres_url) as database:
        begun, gate = asyncio.Event(), asyncio.Event()

        async def slow(tx: Tx) -> None:
            await tx.execute("SELECT pg_current_xact_id()", {})
            begun.set()
            await gate.wait()
            await events.append(tx, [line(NOTICE, 1, 20)], 1)

        task = asyncio.create_task(database.run_tx(slow))
        await begun.wait()
        await append(database, line(NOTICE, 1, 10))
        lines, claim = await events.tail(database, 0)
        [first] = [found for found in lines if found.noun_id == 1]
        assert claim <= first.xid  # the slow one is open: nobody has been promised so far
        gate.set()
        await task
        [found] = await events.since(database, [ME], claim)
        assert (found.seq, found.xid < first.xid) == (20, True)
        again, later = await events.tail(database, claim)
        assert [each.seq for each in again if each.kind == NOTICE] == [20]
        assert later > first.xid and await events.since(database, [ME], later) == []
