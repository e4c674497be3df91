"""What the database promises its users, the same on both kinds."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from realtime.errors import Refusal, Unavailable
from realtime.store.database import BadBind, Database, Tx, UnfitDatabase, UniqueViolation
from tests.client import eventually

SCHEMA = """
    CREATE TABLE things (id bigint PRIMARY KEY, text text, n bigint NOT NULL DEFAULT 0);
    CREATE TABLE pairs (a bigint NOT NULL, b text NOT NULL, UNIQUE (a, b));
"""


@pytest.fixture
async def things(database: Database) -> Database:
    """A database with `things` and `pairs`, and one thing."""

    async def deed(tx: Tx) -> None:
        await tx.run_script(SCHEMA)
        await tx.execute("INSERT INTO things (id, text) VALUES (1, 'one')")

    await database.run_tx(deed)
    return database


@pytest.fixture
async def hurried(things: Database, database_url: str) -> AsyncIterator[Database]:
    """The same database with two connections and a second of patience."""
    database = await Database.connect(database_url, pool=2, deadline_s=1.0)
    yield database
    await database.close()


async def insert(tx: Tx, id_: int, text: str | None = None) -> None:
    sql = "INSERT INTO things (id, text) VALUES (:id, CAST(:text AS text))"
    await tx.execute(sql, {"id": id_, "text": text})


async def add(tx: Tx) -> int:
    """Read, then write what was read plus one: two at once must not read the same."""
    n: int = await tx.fetch_val("SELECT n FROM things WHERE id = 1 FOR UPDATE")
    await tx.execute("UPDATE things SET n = :n WHERE id = 1", {"n": n + 1})
    return n + 1


async def ids(database: Database) -> list[int]:
    return [row["id"] for row in await database.fetch_all("SELECT id FROM things ORDER BY id")]


async def test_rows_are_plain_dicts(things: Database) -> None:
    row = {"id": 1, "text": "one", "n": 0}
    sql = "SELECT id, text, n FROM things WHERE id = :id"
    assert await things.fetch_all(sql, {"id": 1}) == [row]
    assert await things.fetch_one(sql, {"id": 1}) == row
    assert await things.fetch_one(sql, {"id": 2}) is None
    assert await things.fetch_val("SELECT text FROM things") == "one"
    assert await things.fetch_val("SELECT text FROM things WHERE id = 2") is None
    assert await things.fetch_all(sql, {"id": 2}) == []


async def test_a_deed_reads_what_it_wrote_and_then_all_do(things: Database) -> None:
    async def deed(tx: Tx) -> str:
        sql = "INSERT INTO things (id, text) VALUES (:id, :text) RETURNING id, text"
        row = await tx.fetch_one(sql, {"id": 2, "text": "two"})
        assert row == {"id": 2, "text": "two"}
        assert await tx.fetch_val("SELECT count(*) FROM things") == 2
        assert await tx.fetch_one("SELECT id FROM things WHERE id = 3") is None
        return "done"

    assert await things.run_tx(deed) == "done"
    assert await ids(things) == [1, 2]


@pytest.mark.parametrize(
    "text", ["", "ä\n☃ 👩‍👩‍👧", "'; DROP TABLE things; --", ":id $1 %s ?", None]
)
@pytest.mark.parametrize("n", [0, -(2**63), 2**63 - 1])
async def test_values_come_back_as_they_went_in(things: Database, text: str | None, n: int) -> None:
    await things.run_tx(lambda tx: insert(tx, n, text))
    row = await things.fetch_one("SELECT id, text FROM things WHERE id = :id", {"id": n})
    assert row == {"id": n, "text": text}


async def test_many_rows_go_in_at_once(things: Database) -> None:
    async def deed(tx: Tx) -> None:
        sql = "INSERT INTO things (id, text) VALUES (:id, :text)"
        await tx.execute_many(sql, ({"id": n, "text": f"{n}"} for n in range(2, 100)))

    await things.run_tx(deed)
    assert await ids(things) == list(range(1, 100))


@pytest.mark.parametrize("error", [Refusal("conflict", "No."), KeyError("bug"), SystemError()])
async def test_what_a_deed_raises_undoes_it(things: Database, error: Exception) -> None:
    async def deed(tx: Tx) -> None:
        await insert(tx, 2)
        raise error

    with pytest.raises(type(error)) as raised:
        await things.run_tx(deed)
    assert raised.value is error
    assert await ids(things) == [1]


async def test_a_key_that_is_taken_is_named(things: Database) -> None:
    with pytest.raises(UniqueViolation) as raised:
        await things.run_tx(lambda tx: insert(tx, 1))
    assert (raised.value.table, raised.value.columns) == ("things", ("id",))
    sql = "INSERT INTO pairs (a, b) VALUES (1, 'x')"
    await things.run_tx(lambda tx: tx.execute(sql))
    with pytest.raises(UniqueViolation) as raised:
        await things.run_tx(lambda tx: tx.execute_many(sql, [{}]))
    assert (raised.value.table, raised.value.columns) == ("pairs", ("a", "b"))
    assert raised.value.constraint


async def test_an_error_that_a_deed_keeps_to_itself_undoes_it_all_the_same(
    things: Database,
) -> None:
    async def deed(tx: Tx) -> None:
        await insert(tx, 2)
        with suppress(UniqueViolation):
            await insert(tx, 1)

    with pytest.raises(UniqueViolation):
        await things.run_tx(deed)
    assert await ids(things) == [1]


async def test_after_a_failure_a_transaction_takes_nothing_more(things: Database) -> None:
    async def deed(tx: Tx) -> None:
        with suppress(UniqueViolation):
            await insert(tx, 1)
        await insert(tx, 2)

    with pytest.raises(RuntimeError, match="failed already"):
        await things.run_tx(deed)
    assert await ids(things) == [1]


async def test_a_transaction_cannot_be_used_from_two_sides_or_later(things: Database) -> None:
    kept: list[Tx] = []

    async def deed(tx: Tx) -> None:
        kept.append(tx)
        await asyncio.gather(insert(tx, 2), insert(tx, 3))

    with pytest.raises(RuntimeError, match="one statement at a time"):
        await things.run_tx(deed)
    with pytest.raises(RuntimeError, match="is over"):
        await insert(kept[0], 4)
    assert await ids(things) == [1]


async def test_inside_of_a_deed_only_its_transaction_is_used(things: Database) -> None:
    async def reading(_: Tx) -> None:
        await ids(things)

    async def writing(_: Tx) -> None:
        await things.run_tx(add)

    for deed in (reading, writing):
        with pytest.raises(RuntimeError, match="only its own transaction"):
            await things.run_tx(deed)
    assert await ids(things) == [1]


async def test_two_hundred_that_read_and_then_write_lose_nothing(things: Database) -> None:
    found = await asyncio.gather(*(things.run_tx(add) for _ in range(200)))
    assert sorted(found) == list(range(1, 201))
    assert await things.fetch_val("SELECT n FROM things") == 200


async def test_a_caller_that_leaves_does_not_stop_its_deed(things: Database) -> None:
    entered, left = asyncio.Event(), asyncio.Event()

    async def deed(tx: Tx) -> None:
        await insert(tx, 2)
        entered.set()
        await left.wait()
        await insert(tx, 3)

    caller = asyncio.create_task(things.run_tx(deed))
    await entered.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    left.set()
    async with asyncio.timeout(5):
        while True:
            if await ids(things) == [1, 2, 3]:
                break
            await asyncio.sleep(0.01)


async def test_a_failure_that_nobody_awaits_is_logged(
    things: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async def deed(tx: Tx) -> None:
        entered.set()
        await asyncio.sleep(0)
        raise ZeroDivisionError

    entered = asyncio.Event()
    caller = asyncio.create_task(things.run_tx(deed))
    await entered.wait()
    caller.cancel()
    said = "failed after its caller was gone: ZeroDivisionError()"
    with caplog.at_level(logging.WARNING):
        with suppress(asyncio.CancelledError):
            await caller
        # The deed goes on by itself, and ends when its database lets it.
        await eventually(lambda: said in caplog.text)


async def test_hundreds_of_cancelled_callers_leave_every_connection(
    things: Database, database_url: str
) -> None:
    """Cancelled at any moment, reading or writing, with fewer connections than callers."""
    database = await Database.connect(database_url, pool=3, deadline_s=60)
    chance = random.Random(7)
    done = 0

    async def caller() -> None:
        nonlocal done
        if chance.random() < 0.5:
            await database.run_tx(add)
            done += 1
        else:
            await ids(database)

    for _ in range(60):
        callers = [asyncio.create_task(caller()) for _ in range(5)]
        await asyncio.sleep(chance.random() * 0.01)
        for each in callers:
            each.cancel()
        await asyncio.gather(*callers, return_exceptions=True)
    together = asyncio.Barrier(3 if database.dialect == "postgresql" else 1)

    async def deed(tx: Tx) -> None:
        await tx.fetch_val("SELECT 1")
        await together.wait()

    await asyncio.gather(*(database.run_tx(deed) for _ in range(together.parties)))
    assert await database.fetch_val("SELECT n FROM things") >= done
    await database.close()


async def test_a_task_that_outlives_a_timeout_goes_on(things: Database) -> None:
    for ms in range(20):
        with suppress(TimeoutError):
            async with asyncio.timeout(ms / 2000):
                while True:
                    await things.run_tx(add)
                    await ids(things)
    assert await ids(things) == [1]


async def test_a_deed_that_hangs_is_undone_at_its_deadline(hurried: Database) -> None:
    async def deed(tx: Tx) -> None:
        await insert(tx, 2)
        await asyncio.Event().wait()

    began = time.monotonic()
    with pytest.raises(Unavailable, match="within 1 s"):
        await hurried.run_tx(deed)
    assert time.monotonic() - began < 1.5
    await hurried.run_tx(lambda tx: insert(tx, 2))
    assert await ids(hurried) == [1, 2]


async def test_a_deed_may_be_given_more_time(hurried: Database) -> None:
    async def deed(tx: Tx) -> None:
        await insert(tx, 2)
        if tx.dialect == "postgresql":
            await tx.execute("SELECT pg_sleep(1.2)")
        else:
            await asyncio.sleep(1.2)

    await hurried.run_tx(deed, deadline_s=5)
    assert await ids(hurried) == [1, 2]


async def test_a_statement_that_takes_too_long_is_stopped(hurried: Database) -> None:
    endless = """
        WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n % 1000 + 1 FROM n)
        SELECT count(*) FROM n
    """
    for _ in range(3):  # as often as there are connections, and once more
        began = time.monotonic()
        with pytest.raises(Unavailable):
            await hurried.fetch_all(endless)
        assert time.monotonic() - began < 1.5
    assert await asyncio.wait_for(ids(hurried), 0.5) == [1]
    with pytest.raises(Unavailable):
        await hurried.run_tx(lambda tx: tx.fetch_all(endless))
    await asyncio.wait_for(hurried.run_tx(add), 0.9)


async def test_waiting_for_a_connection_has_an_end(hurried: Database) -> None:
    free, held = asyncio.Event(), asyncio.Semaphore(0)

    async def holding(tx: Tx) -> None:
        await tx.fetch_val("SELECT 1")
        held.release()
        await free.wait()

    writers = 2 if hurried.dialect == "postgresql" else 1
    holders = [asyncio.create_task(hurried.run_tx(holding, deadline_s=30)) for _ in range(writers)]
    for _ in holders:
        await held.acquire()
    began = time.monotonic()
    with pytest.raises(Unavailable):
        await hurried.run_tx(add)
    assert 0.5 < time.monotonic() - began < 1.5
    free.set()
    await asyncio.gather(*holders)
    assert await hurried.run_tx(add) == 1


@pytest.mark.parametrize("text", ["\0", "\ud800"])
async def test_a_text_that_no_database_keeps_harms_nothing(things: Database, text: str) -> None:
    with pytest.raises(BadBind):
        await things.run_tx(lambda tx: insert(tx, 2, text))
    with pytest.raises(BadBind):
        await things.fetch_all("SELECT id FROM things WHERE text = :text", {"text": text})
    assert await things.run_tx(add) == 1


async def test_a_table_may_change_under_statements_that_ran_before(things: Database) -> None:
    sql = "SELECT * FROM things"
    for _ in range(3):
        assert await things.fetch_one(sql) == {"id": 1, "text": "one", "n": 0}
        await things.run_tx(lambda tx: tx.fetch_all(sql))
    await things.run_tx(lambda tx: tx.execute("ALTER TABLE things ADD COLUMN later bigint"))
    row = {"id": 1, "text": "one", "n": 0, "later": None}
    for _ in range(3):
        assert await things.run_tx(lambda tx: tx.fetch_all(sql)) == [row]
        assert await things.fetch_one(sql) == row


async def test_closing_waits_for_deeds_and_then_nothing_goes(database_url: str) -> None:
    database = await Database.connect(database_url)
    await database.run_tx(lambda tx: tx.run_script(SCHEMA))
    entered = asyncio.Event()

    async def deed(tx: Tx) -> None:
        entered.set()
        await asyncio.sleep(0.2)
        await insert(tx, 2)

    caller = asyncio.create_task(database.run_tx(deed))
    await entered.wait()
    await database.close()
    await caller
    for attempt in (ids(database), database.run_tx(add)):
        with pytest.raises(Unavailable, match="closed"):
            await attempt
    again = await Database.connect(database_url)
    assert await ids(again) == [2]
    await again.close()


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("mysql://u@h/d", "mysql: is no known database"),
        ("sqlite://", "is not a file"),
        ("sqlite:///", "is not a file"),
        ("sqlite:///:memory:", "is not a file"),
        ("sqlite:///x.db?mode=ro", "is not a file"),
        ("sqlite://host/x.db", "is not a file"),
    ],
)
async def test_an_address_that_means_nothing_here_is_refused(url: str, why: str) -> None:
    with pytest.raises(UnfitDatabase, match=why):
        await Database.connect(url)
