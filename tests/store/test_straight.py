"""Transactions that go straight through: kept or undone like any other, and stopped like any."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiosqlite
import pytest

from realtime.errors import Refusal, Unavailable
from realtime.store.database import Database, OutcomeUnknown, Tx, UniqueViolation

ENDLESS = """
    WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n % 1000 + 1 FROM n)
    SELECT count(*) FROM n
"""


@pytest.fixture
async def things(database: Database) -> Database:
    """A database with one thing."""

    async def deed(tx: Tx) -> None:
        await tx.run_script("CREATE TABLE things (id bigint PRIMARY KEY);")
        await insert(tx, 1)

    await database.run_tx(deed, straight=True)
    return database


@pytest.fixture
async def hurried(things: Database, database_url: str) -> AsyncIterator[Database]:
    """The same database with a second of patience."""
    database = await Database.connect(database_url, deadline_s=1.0)
    yield database
    await database.close()


@pytest.fixture
async def alone(tmp_path: Path) -> AsyncIterator[Database]:
    """An SQLite database with a table, and half a second of patience."""
    database = await Database.connect(f"sqlite:///{tmp_path / 'alone.db'}", deadline_s=0.5)
    await database.run_tx(lambda tx: tx.run_script("CREATE TABLE things (id INTEGER PRIMARY KEY);"))
    yield database
    await database.close()


async def insert(tx: Tx, id_: int) -> None:
    await tx.execute("INSERT INTO things (id) VALUES (:id)", {"id": id_})


async def ids(source: Database | Tx) -> list[int]:
    return [row["id"] for row in await source.fetch_all("SELECT id FROM things ORDER BY id")]


async def test_it_is_kept_or_undone_like_any_other(things: Database) -> None:
    async def deed(tx: Tx) -> list[int]:
        await insert(tx, 2)
        await tx.execute_many("INSERT INTO things (id) VALUES (:id)", [{"id": 3}, {"id": 4}])
        return await ids(tx)

    async def refused(tx: Tx) -> None:
        await deed(tx)
        raise Refusal("conflict", "No.")

    with pytest.raises(Refusal):
        await things.run_tx(refused, straight=True)
    with pytest.raises(UniqueViolation):
        await things.run_tx(lambda tx: insert(tx, 1), straight=True)
    assert await ids(things) == [1]
    assert await things.run_tx(deed, straight=True) == [1, 2, 3, 4]
    assert await ids(things) == [1, 2, 3, 4]


async def test_a_key_that_is_taken_is_named_also_among_many(things: Database) -> None:
    many = "INSERT INTO things (id) VALUES (:id)"
    with pytest.raises(UniqueViolation) as raised:
        await things.run_tx(lambda tx: tx.execute_many(many, [{"id": 2}, {"id": 1}]), straight=True)
    assert (raised.value.table, raised.value.columns) == ("things", ("id",))
    assert await ids(things) == [1]


async def test_it_uses_only_its_transaction(things: Database) -> None:
    async def deed(_: Tx) -> None:
        await ids(things)

    with pytest.raises(RuntimeError, match="only its own transaction"):
        await things.run_tx(deed, straight=True)
    await things.run_tx(lambda tx: insert(tx, 2), straight=True)


async def test_a_statement_of_it_that_takes_too_long_is_stopped(hurried: Database) -> None:
    with pytest.raises(Unavailable):
        await hurried.run_tx(lambda tx: tx.fetch_all(ENDLESS), straight=True)
    async with asyncio.timeout(0.9):
        await hurried.run_tx(lambda tx: insert(tx, 2), straight=True)
    assert await ids(hurried) == [1, 2]


async def test_one_that_waits_for_anything_else_is_undone(alone: Database) -> None:
    async def deed(tx: Tx) -> None:
        await insert(tx, 1)
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="nothing but its transaction"):
        await alone.run_tx(deed, straight=True)
    assert await ids(alone) == []


async def test_one_that_was_given_up_between_two_statements_is_undone(alone: Database) -> None:
    """Nothing is stopped then, as nothing runs: its next statement must not, nor its commit."""
    may_go_on = threading.Event()

    async def late(tx: Tx) -> None:
        await insert(tx, 1)
        may_go_on.wait()

    async def later(tx: Tx) -> None:
        await late(tx)
        await insert(tx, 2)

    for deed in (late, later):
        may_go_on.clear()
        with pytest.raises(Unavailable, match="did not answer"):
            await alone.run_tx(deed, straight=True)
        may_go_on.set()
        assert await alone.run_tx(ids) == []


async def test_one_that_was_kept_is_never_said_to_be_undone(
    alone: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It committed in its thread, and the loop hears of it after the deadline."""
    execute: Any = aiosqlite.Connection._execute
    may_be_heard = asyncio.Event()

    async def heard_late(self: aiosqlite.Connection, *asked: Any) -> Any:
        result = await execute(self, *asked)
        await may_be_heard.wait()
        return result

    monkeypatch.setattr(aiosqlite.Connection, "_execute", heard_late)
    with pytest.raises(OutcomeUnknown):
        await alone.run_tx(lambda tx: insert(tx, 1), straight=True)
    may_be_heard.set()
    assert await ids(alone) == [1]
