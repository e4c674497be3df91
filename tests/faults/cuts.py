"""Migrates in processes that are killed after any statement, and sees what each has left.

As a program (`python -m tests.faults.cuts URL`): imports once, then for each line, a number, forks
a process that migrates and stops dead before that statement. It answers `<process id> cut`, or
`done`.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final

from realtime.store import postgresql, sqlite
from realtime.store.database import Database
from realtime.store.migrate import migrate

CUTS_MAX: Final = 500  # more statements than there are
ANSWER_S: Final = 60.0
SCHEMA: Final = {
    "sqlite": "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name",
    "postgresql": """
        SELECT 'column' AS type, concat_ws('.', table_name, column_name) AS name,
               concat_ws(' ', data_type, is_nullable, column_default, ordinal_position) AS sql
          FROM information_schema.columns WHERE table_schema = 'public'
        UNION ALL
        SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL
        SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint
         WHERE connamespace = 'public'::regnamespace
        UNION ALL
        SELECT 'function', proname, prosrc FROM pg_proc
         WHERE pronamespace = 'public'::regnamespace
        UNION ALL
        SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL
        SELECT 'sequence', sequencename, start_value::text FROM pg_sequences
         WHERE schemaname = 'public'
         ORDER BY 1, 2, 3
        """,
}
Schema = list[tuple[Any, ...]]


async def schema(url: str) -> Schema:
    """All that migrations have made, and the lines about them, in an order of its own."""
    database = await Database.connect(url)
    try:
        made = [tuple(row.values()) for row in await database.fetch_all(SCHEMA[database.dialect])]
        if not made:
            return []
        lines = await database.fetch_all("SELECT number, name FROM migrations ORDER BY number")
        return made + [tuple(row.values()) for row in lines]
    finally:
        await database.close()


async def schemas(url: str) -> list[Schema]:
    """What an undisturbed run leaves after each migration, the empty database first."""
    found: list[Schema] = [[]]
    with as_file(files("realtime.store") / "migrations") as own:
        scripts = sorted(own.glob("*.sql"))
        with tempfile.TemporaryDirectory(prefix="realtime-migrations-") as folder:
            for number in sorted({script.name[:4] for script in scripts}):
                for script in own.glob(f"{number}_*"):
                    shutil.copy(script, folder)
                database = await Database.connect(url)
                await migrate(database, folder=Path(folder))
                await database.close()
                found.append(await schema(url))
    return found


async def cut_everywhere(
    url: str, undisturbed: list[Schema], first: int = 0, stride: int = 1
) -> tuple[int, list[str]]:
    """Migrate `url`, empty, killed before each `stride`th statement of each migration, then run on.

    How many were killed, and a sentence for each that left something other than whole migrations.
    """
    killed, at, cut = 0, 0, first
    problems: list[str] = []
    with _forks(url) as forks:
        for _ in range(CUTS_MAX):
            said = await asyncio.wait_for(asyncio.to_thread(_run, forks, cut), ANSWER_S)
            if said[1:] == ["cut"]:
                os.kill(int(said[0]), signal.SIGKILL)
                killed += 1
            left = await schema(url)
            whole = [number for number, one in enumerate(undisturbed) if one == left]
            is_over = said[1:] != ["cut"]
            if not whole or whole[0] < at or (is_over and whole[0] + 1 < len(undisturbed)):
                problems.append(f"after {at} migrations, cut at {cut}: {len(left)} things, {said}")
            if is_over:
                break
            is_further = bool(whole) and whole[0] > at
            at, cut = (whole[0], first) if is_further else (at, cut + stride)
    return killed, problems


@contextmanager
def _forks(url: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.faults.cuts", url]
    root = Path(__file__).parent.parent.parent
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=root) as forks:
        try:
            yield forks
        finally:
            forks.kill()


def _run(forks: subprocess.Popen[str], cut: int) -> list[str]:
    assert forks.stdin is not None and forks.stdout is not None
    forks.stdin.write(f"{cut}\n")
    forks.stdin.flush()
    return forks.stdout.readline().split()


def _apart(script: str) -> Iterator[str]:
    """The statements of a script for PostgreSQL, functions whole."""
    begun = ""
    for piece in script.split(";")[:-1]:  # behind the last one there is nothing
        begun += f"{piece};"
        if begun.count("$$") % 2 == 0 and "--" not in begun.rpartition("\n")[2]:
            yield begun
            begun = ""


class _Countdown:
    """Stops this process dead, and says so, when so many statements have begun."""

    def __init__(self, left: int) -> None:
        self.left = left

    def counting(self, ask: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def counted(*arguments: Any) -> Any:
            if self.left == 0:
                sys.stdout.write(f"{os.getpid()} cut\n")
                sys.stdout.flush()
                signal.pause()
            self.left -= 1
            return await ask(*arguments)

        return counted


def _plant(left: int) -> None:
    countdown = _Countdown(left)
    script = countdown.counting(postgresql._Line.script)

    async def one_by_one(line: Any, sql: str) -> None:
        for statement in _apart(sql):
            await script(line, statement)

    for module in (postgresql, sqlite):
        setattr(module, "_commit", countdown.counting(module._commit))  # noqa: B010
    setattr(postgresql, "_asked", countdown.counting(postgresql._asked))  # noqa: B010
    setattr(sqlite._Kept, "ask", countdown.counting(sqlite._Kept.ask))  # noqa: B010
    setattr(postgresql._Line, "script", one_by_one)  # noqa: B010


async def _migrate(url: str) -> None:
    database = await Database.connect(url)
    await migrate(database)
    await database.close()


def _main(url: str) -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _plant(int(line))
            said = "failed"
            try:
                asyncio.run(_migrate(url))
                said = "done"
            except Exception as error:  # noqa: BLE001 - whoever asked is told
                said = repr(error)
            finally:
                sys.stdout.write(f"{said}\n")
                sys.stdout.flush()
                os._exit(0)
        os.waitpid(child, 0)


if __name__ == "__main__":
    _main(sys.argv[1])
