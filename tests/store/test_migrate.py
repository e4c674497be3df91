"""Migrations: each once, in order, whole, whoever runs them and whenever they are cut short."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import PIPE

import pytest

from realtime.store.database import Database, UnfitDatabase
from realtime.store.migrate import migrate, migrations
from realtime.store.sqlite import statements

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a folder of migrations, the same for both databases."""

    def written(*scripts: str, name: str = "step") -> Path:
        folder = tmp_path / "migrations"
        folder.mkdir(exist_ok=True)
        for number, sql in enumerate(scripts, start=1):
            (folder / f"{number:04d}_{name}.sql").write_text(sql, encoding="utf-8")
        return folder

    return written


async def tables(database: Database) -> set[str]:
    if database.dialect == "sqlite":
        sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    else:
        sql = "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
    return {row["name"] for row in await database.fetch_all(sql)}


async def test_the_packages_own_migrations_run_once(database: Database) -> None:
    done = await migrate(database)
    assert done == list(range(1, len(done) + 1)) != []
    assert {"users", "posts", "events", "migrations"} <= await tables(database)
    assert await migrate(database) == []


async def test_the_sequence_counts_up_from_there(database: Database) -> None:
    await migrate(database)
    first = await database.run_tx(lambda tx: tx.next_seq())
    more = await database.run_tx(lambda tx: tx.next_seq(3))
    assert [*first, *more] == sorted({*first, *more})
    assert len(more) == 3
    assert list(await database.run_tx(lambda tx: tx.next_seq(0))) == []


async def test_only_what_is_pending_runs(database: Database, write: Write) -> None:
    assert await migrate(database, folder=write("CREATE TABLE a (id integer);")) == [1]
    folder = write("CREATE TABLE a (id integer);", "CREATE TABLE b (id integer);")
    assert await migrate(database, folder=folder) == [2]
    assert await tables(database) == {"a", "b", "migrations"}
    rows = await database.fetch_all("SELECT number, name FROM migrations ORDER BY number")
    assert rows == [{"number": 1, "name": "step"}, {"number": 2, "name": "step"}]


async def test_a_migration_that_fails_leaves_nothing_of_itself(
    database: Database, write: Write
) -> None:
    folder = write("CREATE TABLE a (id integer);", "CREATE TABLE b (id integer); SELEKT 1;")
    with pytest.raises(Exception, match="SELEKT"):
        await migrate(database, folder=folder)
    assert await tables(database) == {"a", "migrations"}
    write("CREATE TABLE a (id integer);", "CREATE TABLE b (id integer);")
    assert await migrate(database, folder=folder) == [2]


async def test_many_that_start_at_once_take_turns(database_url: str, write: Write) -> None:
    folder = write(
        *(f"CREATE TABLE t{n} (id integer); INSERT INTO t{n} VALUES (1);" for n in range(5))
    )

    async def process() -> list[int]:
        database = await Database.connect(database_url)
        try:
            return await migrate(database, folder=folder)
        finally:
            await database.close()

    done = await asyncio.gather(*(process() for _ in range(4)))
    assert sorted(number for numbers in done for number in numbers) == [1, 2, 3, 4, 5]


async def test_a_newer_database_is_refused(database: Database, write: Write) -> None:
    folder = write("CREATE TABLE a (id integer);", "CREATE TABLE b (id integer);")
    await migrate(database, folder=folder)
    (folder / "0002_step.sql").unlink()
    with pytest.raises(UnfitDatabase, match="is at migration 2, this code knows 1: start"):
        await migrate(database, folder=folder)


async def test_another_programs_database_is_refused(database: Database, write: Write) -> None:
    await migrate(database, folder=write("CREATE TABLE a (id integer);"))
    folder = write("CREATE TABLE a (id integer);", name="spine")
    (folder / "0001_step.sql").unlink()
    with pytest.raises(UnfitDatabase, match="`step`, here it is `spine`"):
        await migrate(database, folder=folder)


@pytest.mark.parametrize(
    ("files", "why"),
    [
        (["0001_a.sql", "0003_c.sql"], r"not 1, 2, 3 and so on: \[1, 3\]"),
        (["0001_a.sql", "0001_b.sqlite.sql"], r"not 1, 2, 3 and so on: \[1, 1\]"),
        (["0001_a.postgresql.sql"], r"not 1, 2, 3 and so on: \[\]"),
        (["1_a.sql"], "1_a.sql is not named like"),
    ],
)
def test_a_broken_folder_is_refused(tmp_path: Path, files: list[str], why: str) -> None:
    for name in files:
        (tmp_path / name).touch()
    with pytest.raises(ValueError, match=why):
        migrations(tmp_path, "sqlite")


def test_each_database_has_its_own_words(tmp_path: Path) -> None:
    (tmp_path / "0001_a.sqlite.sql").write_text("lite")
    (tmp_path / "0001_a.postgresql.sql").write_text("great")
    (tmp_path / "README.md").touch()
    assert [m.sql for m in migrations(tmp_path, "sqlite")] == ["lite"]
    assert [m.sql for m in migrations(tmp_path, "postgresql")] == ["great"]


def test_a_script_falls_apart_into_its_statements() -> None:
    script = """
        -- tables; and more
        CREATE TABLE a (text text DEFAULT 'x;y');  -- a tail; with a stop
        /* one; two */ CREATE TRIGGER t AFTER INSERT ON a BEGIN
          UPDATE a SET text = ';'; DELETE FROM a;
        END;
        INSERT INTO a VALUES ('it''s; -- no comment');
        -- the end
    """
    found = list(statements(script))
    assert [s.split("\n")[-1].split()[0] for s in found] == ["CREATE", "END;", "INSERT"]
    connection = sqlite3.connect(":memory:")
    for statement in found:
        connection.execute(statement)
    connection.close()


@pytest.mark.parametrize("script", ["SELECT 1", "SELECT 'x;", "CREATE TRIGGER t BEGIN DELETE;"])
def test_an_open_end_is_refused(script: str) -> None:
    with pytest.raises(ValueError, match="does not end"):
        list(statements(script))


# Imports once, then for each line (a number) forks a process that migrates and stops dead before
# that statement. It answers `<process id> cut`, or `done`.
FORKS = """
import asyncio, os, sys, time
from pathlib import Path
from realtime.store import postgresql, sqlite
from realtime.store.database import Database
from realtime.store.migrate import migrate

def counting(ask):
    async def counted(*arguments):
        global left
        if left == 0:
            print(os.getpid(), "cut", flush=True)
            time.sleep(60)
        left -= 1
        return await ask(*arguments)
    return counted

for module in postgresql, sqlite:
    module._commit = counting(module._commit)
    module._Line.script = counting(module._Line.script)
postgresql._asked = counting(postgresql._asked)
sqlite._Kept.ask = counting(sqlite._Kept.ask)

async def main():
    database = await Database.connect(sys.argv[1])
    await migrate(database, folder=Path(sys.argv[2]))
    await database.close()

for line in sys.stdin:
    left = int(line)
    child = os.fork()
    if child == 0:
        asyncio.run(main())
        print("done", flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""


@pytest.fixture
def forks(database_url: str, write: Write) -> Iterator[subprocess.Popen[str]]:
    folder = write("CREATE TABLE a (id integer PRIMARY KEY); INSERT INTO a (id) VALUES (1);")
    command = [sys.executable, "-c", FORKS, database_url, str(folder)]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True) as forks:
        yield forks
        forks.kill()


async def test_a_process_killed_at_any_statement_leaves_nothing_half_done(
    database_url: str, forks: subprocess.Popen[str]
) -> None:
    for cut in range(100):
        said = await asyncio.to_thread(_run_until, cut, forks)
        if said == ["done"]:
            break
        os.kill(int(said[0]), signal.SIGKILL)
        database = await Database.connect(database_url)
        assert await tables(database) == set()
        await database.close()
    assert cut >= 7  # so it was killed at every kind of statement
    database = await Database.connect(database_url)
    assert await tables(database) == {"a", "migrations"}
    assert await database.fetch_all("SELECT id FROM a") == [{"id": 1}]
    await database.close()


def _run_until(cut: int, forks: subprocess.Popen[str]) -> list[str]:
    assert forks.stdin is not None and forks.stdout is not None
    forks.stdin.write(f"{cut}\n")
    forks.stdin.flush()
    return forks.stdout.readline().split()
