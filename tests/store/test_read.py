"""Several statements that only read, in one go: `Database.read`."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from realtime import metrics
from realtime.errors import Refusal, Unavailable
from realtime.store.database import Database, Tx
from realtime.store.sqlite import _undo
from tests.store.test_straight import ENDLESS, ids, insert


@pytest.fixture
async def things(database: Database) -> Database:
    """A database with two things."""

    async def deed(tx: Tx) -> None:
        await tx.run_script("CREATE TABLE things (id bigint PRIMARY KEY);")
        await tx.execute_many("INSERT INTO things (id) VALUES (:id)", [{"id": 1}, {"id": 2}])

    await database.run_tx(deed)
    return database


@pytest.fixture
async def hurried(things: Database, database_url: str) -> AsyncIterator[Database]:
    """The same database with a second of patience."""
    database = await Database.connect(database_url, deadline_s=1.0)
    yield database
    await database.close()


async def test_all_of_it_is_read_and_counted(things: Database) -> None:
    async def deed(tx: Tx) -> tuple[list[int], int]:
        found = await ids(tx)
        count = await tx.fetch_val("SELECT count(*) FROM things WHERE id > :id", {"id": 1})
        return found, count

    before = metrics.reads._value.get()
    assert await things.read(deed) == ([1, 2], 1)
    assert metrics.reads._value.get() - before == 2


async def test_what_was_committed_before_is_seen(things: Database) -> None:
    for number in range(3, 13):
        await things.run_tx(lambda tx, number=number: insert(tx, number))  # type: ignore[misc]
        assert (await things.read(ids))[-1] == number


async def test_a_refusal_leaves_the_connection_as_it_was(things: Database) -> None:
    async def refused(tx: Tx) -> None:
        await ids(tx)
        raise Refusal("not_found", "No.")

    for _ in range(20):  # more than there are connections
        with pytest.raises(Refusal):
            await things.read(refused)
    assert await things.read(ids) == [1, 2]


async def test_it_uses_only_its_connection(things: Database) -> None:
    async def deed(_: Tx) -> None:
        await ids(things)

    with pytest.raises(RuntimeError, match="only its own transaction"):
        await things.read(deed)
    assert await things.read(ids) == [1, 2]


async def test_a_statement_that_takes_too_long_is_stopped(hurried: Database) -> None:
    for _ in range(4):  # more than SQLite has readers
        with pytest.raises(Unavailable):
            await hurried.read(lambda tx: tx.fetch_all(ENDLESS))
    async with asyncio.timeout(0.9):
        assert await hurried.read(ids) == [1, 2]


async def test_many_read_at_once(things: Database) -> None:
    assert await asyncio.gather(*(things.read(ids) for _ in range(50))) == [[1, 2]] * 50


@pytest.fixture
async def alone(tmp_path: Path) -> AsyncIterator[Database]:
    """An SQLite database with a table."""
    database = await Database.connect(f"sqlite:///{tmp_path / 'alone.db'}")
    await database.run_tx(lambda tx: tx.run_script("CREATE TABLE things (id INTEGER PRIMARY KEY);"))
    yield database
    await database.close()


async def test_sqlite_reads_all_of_it_as_of_one_moment(alone: Database, tmp_path: Path) -> None:
    async def deed(tx: Tx) -> list[list[int]]:
        before = await ids(tx)
        with sqlite3.connect(tmp_path / "alone.db") as other:
            other.execute("INSERT INTO things (id) VALUES (1)")
        other.close()
        return [before, await ids(tx)]

    assert await alone.read(deed) == [[], []]
    assert await alone.read(ids) == [1]


async def test_nothing_is_written_by_it_on_sqlite(alone: Database) -> None:
    with pytest.raises(Unavailable, match="readonly"):
        await alone.read(lambda tx: insert(tx, 1))
    assert await alone.read(ids) == []


async def test_on_sqlite_it_waits_for_nothing_else(alone: Database) -> None:
    with pytest.raises(RuntimeError, match="nothing but its transaction"):
        await alone.read(lambda tx: asyncio.sleep(0))
    assert await alone.read(ids) == []


def test_a_transaction_is_ended_though_its_end_is_interrupted() -> None:
    """Else a reader would go on to read of that moment for ever."""

    class Interrupted(sqlite3.Connection):
        times = 0

        def rollback(self) -> None:
            self.times += 1
            if self.times == 1:
                raise sqlite3.OperationalError("interrupted")
            super().rollback()

    connection = sqlite3.connect(":memory:", factory=Interrupted)
    connection.execute("BEGIN")
    _undo(connection)
    assert not connection.in_transaction
    assert connection.times == 2
    connection.close()
