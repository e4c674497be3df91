"""A PostgreSQL that is killed, frozen, crowded or moved: bounded errors, then work as before."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import urlsplit

import asyncpg
import pytest

from realtime.errors import Unavailable
from realtime.store.database import Database, OutcomeUnknown, Tx, is_unavailable
from realtime.store.failure import explained, is_repeatable
from tests.services import Postgres, free_port

SCHEMA = "CREATE TABLE things (id bigint PRIMARY KEY, n bigint NOT NULL DEFAULT 0);"
LATEST_S = 4.0


@pytest.fixture
async def mortal(mortal_postgres: Postgres) -> AsyncIterator[Database]:
    """A database in a server that may be hurt."""
    database = await Database.connect(mortal_postgres.url, pool=4)
    await database.run_tx(lambda tx: tx.run_script(SCHEMA))
    yield database
    await database.close()


async def insert(tx: Tx, id_: int) -> None:
    await tx.execute("INSERT INTO things (id) VALUES (:id)", {"id": id_})


async def ids(database: Database) -> list[int]:
    return [row["id"] for row in await database.fetch_all("SELECT id FROM things ORDER BY id")]


async def fails_in_time(database: Database) -> None:
    """Eight readers and writers at once all hear of it, none too late."""
    began = time.monotonic()
    found = await asyncio.gather(
        *(ids(database) for _ in range(4)),
        *(database.run_tx(lambda tx: insert(tx, 666)) for _ in range(4)),
        return_exceptions=True,
    )
    took_s = time.monotonic() - began
    assert [type(error) for error in found if not isinstance(error, Unavailable)] == []
    assert took_s < LATEST_S


def inserting(id_: int) -> Callable[[Tx], Awaitable[None]]:
    return lambda tx: insert(tx, id_)


async def works_again(database: Database) -> None:
    """Eight readers and writers at once: none is told of the past."""
    first = max(await ids(database), default=0) + 1
    await asyncio.gather(
        *(ids(database) for _ in range(4)),
        *(database.run_tx(inserting(first + n)) for n in range(4)),
    )
    assert set(range(first, first + 4)) <= set(await ids(database))


async def test_a_server_that_crashes_and_comes_back(
    mortal: Database, mortal_postgres: Postgres
) -> None:
    await works_again(mortal)
    before = await ids(mortal)
    for _ in range(2):
        await asyncio.to_thread(mortal_postgres.kill)
        await fails_in_time(mortal)
        await asyncio.to_thread(mortal_postgres.start)
        assert await ids(mortal) == before
        await works_again(mortal)
        before = await ids(mortal)


async def test_a_server_that_restarts_between_two_calls_is_not_noticed(
    mortal: Database, mortal_postgres: Postgres
) -> None:
    await works_again(mortal)
    await asyncio.to_thread(mortal_postgres.restart)
    await works_again(mortal)


async def test_a_server_that_crashes_under_deeds(
    mortal: Database, mortal_postgres: Postgres
) -> None:
    entered = asyncio.Event()

    async def deed(tx: Tx) -> None:
        await insert(tx, 1)
        entered.set()
        while True:
            await tx.fetch_val("SELECT pg_sleep(0.01)")

    caller = asyncio.create_task(mortal.run_tx(deed))
    await entered.wait()
    began = time.monotonic()
    await asyncio.to_thread(mortal_postgres.kill)
    with pytest.raises(Unavailable):
        await caller
    assert time.monotonic() - began < LATEST_S
    await asyncio.to_thread(mortal_postgres.start)
    assert await ids(mortal) == []


async def test_a_server_that_freezes_and_goes_on(
    mortal: Database, mortal_postgres: Postgres
) -> None:
    await works_again(mortal)
    before = await ids(mortal)
    mortal_postgres.pause()
    await fails_in_time(mortal)
    await fails_in_time(mortal)
    mortal_postgres.resume()
    async with asyncio.timeout(LATEST_S):
        while True:
            try:
                assert 666 not in await ids(mortal)
                break
            except Unavailable:
                await asyncio.sleep(0.05)
    assert await ids(mortal) == before
    await works_again(mortal)


async def test_a_commit_without_an_answer_is_said_to_be_unknown(
    mortal: Database, mortal_postgres: Postgres
) -> None:
    async def deed(tx: Tx) -> None:
        await insert(tx, 1)
        mortal_postgres.pause()

    began = time.monotonic()
    with pytest.raises(OutcomeUnknown):
        await mortal.run_tx(deed)
    assert time.monotonic() - began < LATEST_S
    mortal_postgres.resume()
    assert await mortal.fetch_val("SELECT 1") == 1
    assert await ids(mortal) in ([], [1])


async def test_closing_does_not_wait_for_a_frozen_server(mortal_postgres: Postgres) -> None:
    database = await Database.connect(mortal_postgres.url, pool=3)
    await database.fetch_val("SELECT 1")
    mortal_postgres.pause()
    with pytest.raises(Unavailable):
        await database.fetch_val("SELECT 1")
    began = time.monotonic()
    await database.close()
    assert time.monotonic() - began < 8
    mortal_postgres.resume()


async def test_a_server_that_is_not_there_is_unavailable_at_once() -> None:
    began = time.monotonic()
    with pytest.raises(Unavailable):
        await Database.connect(f"postgresql://nobody@127.0.0.1:{free_port()}/nothing")
    assert time.monotonic() - began < LATEST_S


async def test_a_second_host_takes_over(postgres_url: str) -> None:
    address = urlsplit(postgres_url)
    hosts = f"{address.username}@127.0.0.1:{free_port()},{address.netloc.partition('@')[2]}"
    url = address._replace(netloc=hosts, query="target_session_attrs=read-write").geturl()
    database = await Database.connect(url)
    assert await database.fetch_val("SELECT 1") == 1
    await database.close()


async def test_a_server_that_has_no_connection_left_is_unavailable(postgres_url: str) -> None:
    owner = await asyncpg.connect(postgres_url)
    address = urlsplit(postgres_url)
    role = f"crowded_{address.path[1:]}"
    crowded = address._replace(netloc=f"{role}@{address.netloc.partition('@')[2]}").geturl()
    try:
        await owner.execute(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT 0")
        with pytest.raises(Unavailable):
            await Database.connect(crowded)
    finally:
        await owner.execute(f"DROP ROLE {role}")
        await owner.close()


async def test_deeds_that_lock_each_other_out_are_repeated(postgres_url: str) -> None:
    database = await Database.connect(postgres_url, pool=8)
    try:
        await database.run_tx(lambda tx: tx.run_script(SCHEMA))
        await database.run_tx(
            lambda tx: tx.execute_many(
                "INSERT INTO things (id) VALUES (:id)", [{"id": 1}, {"id": 2}]
            )
        )
        both = asyncio.Barrier(2)
        runs = 0

        async def crossing(tx: Tx, first: int, second: int) -> None:
            nonlocal runs
            runs += 1
            sql = "UPDATE things SET n = n + 1 WHERE id = :id"
            await tx.execute(sql, {"id": first})
            if runs <= 2:
                await both.wait()
            await tx.execute(sql, {"id": second})

        await asyncio.gather(
            database.run_tx(lambda tx: crossing(tx, 1, 2)),
            database.run_tx(lambda tx: crossing(tx, 2, 1)),
        )
        assert runs == 3
        assert [row["n"] for row in await database.fetch_all("SELECT n FROM things")] == [2, 2]
    finally:
        await database.close()


async def test_no_transaction_is_left_open_on_the_server(postgres_url: str) -> None:
    database = await Database.connect(postgres_url, pool=4)
    await database.run_tx(lambda tx: tx.run_script(SCHEMA))
    entered = asyncio.Event()

    async def deed(tx: Tx) -> None:
        await insert(tx, 1)
        entered.set()
        raise KeyError

    with pytest.raises(KeyError):
        await database.run_tx(deed)
    for _ in range(20):
        caller = asyncio.create_task(database.run_tx(lambda tx: tx.fetch_val("SELECT 1")))
        await asyncio.sleep(0)
        caller.cancel()
    await database.close()
    owner = await asyncpg.connect(postgres_url)
    try:
        async with asyncio.timeout(5):
            while True:
                others = await owner.fetchval(
                    "SELECT count(*) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
                if others == 0:
                    break
                await asyncio.sleep(0.02)
    finally:
        await owner.close()


async def test_a_server_that_ends_a_statement_keeps_its_connection(postgres_url: str) -> None:
    database = await Database.connect(postgres_url, pool=1, deadline_s=1.5)
    try:
        before = await database.fetch_val("SELECT pg_backend_pid()")
        with pytest.raises(Unavailable, match="statement timeout"):
            await database.fetch_val("SELECT pg_sleep(20)")
        assert await database.fetch_val("SELECT pg_backend_pid()") == before
    finally:
        await database.close()


def test_a_driver_that_lost_count_of_its_connection_is_tried_again_on_another() -> None:
    """As after an event loop that stood still for longer than every deadline."""
    error = asyncpg.InternalClientError("cannot switch to state 12; another operation (2)")
    assert is_unavailable(error)
    assert is_repeatable(explained(error))


def test_our_own_mistakes_are_not_called_unavailable() -> None:
    for mistake in (
        asyncpg.UndefinedTableError("no"),
        asyncpg.InterfaceError("the server expects 1 argument"),
        ValueError("no"),
    ):
        assert not is_unavailable(mistake)


async def test_a_commit_that_its_standby_never_confirmed_is_not_called_done(
    mortal: Database, mortal_postgres: Postgres
) -> None:
    """Somebody cancels what waits for the standby: PostgreSQL says COMMIT, and only warns."""
    owner = await asyncpg.connect(mortal_postgres.url)
    try:
        await owner.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        await owner.execute("SELECT pg_reload_conf()")
        async with asyncio.timeout(5):
            while await owner.fetchval("SHOW synchronous_standby_names") != "nobody":  # noqa: ASYNC110 - no event tells of it
                await asyncio.sleep(0.02)
        writing = asyncio.create_task(mortal.run_tx(inserting(1)))
        cancelling = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = $1"
        async with asyncio.timeout(5):
            while not await owner.fetch(cancelling, "SyncRep"):  # noqa: ASYNC110 - no event tells of it
                await asyncio.sleep(0.02)
        with pytest.raises(OutcomeUnknown, match="standby"):
            await writing
        await owner.execute("ALTER SYSTEM RESET synchronous_standby_names")
        await owner.execute("SELECT pg_reload_conf()")
        async with asyncio.timeout(5):
            while await owner.fetchval("SHOW synchronous_standby_names"):  # noqa: ASYNC110 - no event tells of it
                await asyncio.sleep(0.02)
        await works_again(mortal)
    finally:
        await owner.close()
