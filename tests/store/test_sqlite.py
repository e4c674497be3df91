"""SQLite under a full disk, a foreign lock and a sudden death: nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest

from realtime.errors import Unavailable
from realtime.store.database import Database, Tx

SCHEMA = """
    CREATE TABLE things (id INTEGER PRIMARY KEY, text TEXT NOT NULL DEFAULT '');
    CREATE TABLE parts (thing_id INTEGER NOT NULL REFERENCES things (id));
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "öde 100%.db"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[Database]:
    database = await Database.connect(url(path))
    await database.run_tx(lambda tx: tx.run_script(SCHEMA))
    yield database
    await database.close()


async def insert(tx: Tx, text: str = "") -> int:
    sql = "INSERT INTO things (text) VALUES (:text) RETURNING id"
    id_: int = await tx.fetch_val(sql, {"text": text})
    return id_


async def ids(database: Database) -> list[int]:
    return [row["id"] for row in await database.fetch_all("SELECT id FROM things ORDER BY id")]


def url(path: Path) -> str:
    return f"sqlite:///{quote(str(path))}"


def whole(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as connection:
        (said,) = connection.execute("PRAGMA integrity_check").fetchone()
        return bool(said == "ok")


async def test_it_is_set_up_to_lose_nothing(database: Database, path: Path) -> None:
    async def deed(tx: Tx) -> dict[str, int]:
        names = ("journal_mode", "synchronous", "foreign_keys")
        return {name: await tx.fetch_val(f"PRAGMA {name}") for name in names}

    assert await database.run_tx(deed) == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
    }
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        await database.run_tx(lambda tx: tx.execute("INSERT INTO parts VALUES (7)"))
    assert stat.S_IMODE((await asyncio.to_thread(path.stat)).st_mode) == 0o600


async def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(Unavailable, match="readonly"):
        await database.fetch_all("INSERT INTO things (text) VALUES ('x') RETURNING id")
    assert await ids(database) == []


async def test_a_full_disk_refuses_writes_and_goes_on_reading(
    database: Database, path: Path
) -> None:
    async def bound(pages: int) -> None:
        await database.run_tx(lambda tx: tx.execute(f"PRAGMA max_page_count = {pages}"))

    await bound(60)
    written = []
    with pytest.raises(Unavailable, match="full"):
        for _ in range(1000):
            written.append(await database.run_tx(lambda tx: insert(tx, "x" * 2000)))
    assert await ids(database) == written != []
    with pytest.raises(Unavailable, match="full"):
        await database.run_tx(lambda tx: insert(tx, "x" * 20_000))
    await bound(100_000)
    written.append(await database.run_tx(lambda tx: insert(tx, "x" * 20_000)))
    assert await ids(database) == written
    assert await asyncio.to_thread(whole, path)


async def test_another_writer_is_waited_for_and_then_given_up(
    database: Database, path: Path
) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(database.run_tx(insert))
        assert await ids(database) == []
        other.execute("COMMIT")
        assert await waiting == 1

        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(Unavailable, match="locked"):
            await database.run_tx(insert)
        assert time.monotonic() - began < 4
        other.execute("COMMIT")
    assert await database.run_tx(insert) == 2


async def test_a_long_reader_does_not_stop_writers_or_other_readers(
    database: Database, path: Path
) -> None:
    patient = await Database.connect(url(path), deadline_s=3)
    endless = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT 1 FROM n) SELECT count(*) FROM n"
    reading = asyncio.create_task(patient.fetch_val(endless))
    await asyncio.sleep(0)
    assert await patient.run_tx(insert) == 1
    assert await ids(patient) == [1]
    assert not reading.done()
    with pytest.raises(Unavailable):
        await reading
    await patient.close()


async def test_a_folder_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        await Database.connect(f"sqlite:///{tmp_path / 'no' / 'where.db'}")
    assert await asyncio.to_thread(_threads_after_a_while) == []


async def test_closing_ends_every_thread_and_folds_the_log_in(path: Path) -> None:
    database = await Database.connect(url(path))
    await database.run_tx(lambda tx: tx.run_script(SCHEMA))
    assert await ids(database) == []
    await database.close()
    assert await asyncio.to_thread(_threads_after_a_while) == []
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def _threads_after_a_while() -> list[str]:
    """Threads of connections that are still there after two seconds at most."""
    latest = time.monotonic() + 2
    while time.monotonic() < latest:
        names = [t.name for t in threading.enumerate() if "_connection_worker" in t.name]
        if not names:
            break
        time.sleep(0.01)
    return names


WRITER = """
import asyncio, sys
from realtime.store.database import Database

async def main():
    database = await Database.connect(sys.argv[1])

    async def writer(number):
        while True:
            async def deed(tx):
                sql = "INSERT INTO things (text) VALUES (:text) RETURNING id"
                return await tx.fetch_val(sql, {"text": "x" * 500})
            print(await database.run_tx(deed), flush=True)

    await asyncio.gather(*(writer(number) for number in range(8)))

asyncio.run(main())
"""


async def test_what_was_acknowledged_survives_a_killed_process(
    database: Database, path: Path
) -> None:
    def acknowledged(count: int) -> set[int]:
        command = [sys.executable, "-c", WRITER, url(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            said = [process.stdout.readline() for _ in range(count)]
            os.kill(process.pid, signal.SIGKILL)
            said += process.stdout.readlines()
        return {int(line) for line in said if line.endswith("\n")}

    seen: set[int] = set()
    for count in (1, 60):
        seen |= await asyncio.to_thread(acknowledged, count)
        assert seen <= set(await ids(database))
    assert await database.run_tx(insert) not in seen
    assert await asyncio.to_thread(whole, path)
