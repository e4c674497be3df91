"""Faults while a database is brought up to date: killed anywhere, and by several at once."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from dataclasses import replace
from typing import Final

import asyncpg

from tests.faults.check import Verdict
from tests.faults.cluster import Cluster, Setting, cluster
from tests.faults.cuts import cut_everywhere, schema, schemas
from tests.faults.history import Fault, History, now
from tests.faults.lone import folder_of_its_own
from tests.faults.trial import Crowd, Row, Size, crowded

_MIGRATED: Final = re.compile(r"migrated (\d+)_")


async def migration_killed(seed: int, size: Size) -> tuple[History, Verdict]:
    """Killed before each statement on both databases; then three nodes at once, one of them dies.

    After all that a crowd lives on what they have made.
    """
    async with (
        folder_of_its_own() as folder,
        cluster(Setting(planted="slow-migrations")) as built,
    ):
        problems: list[str] = []
        figures: dict[str, str] = {}
        new_database = built.postgres.database
        undisturbed = await schemas(await asyncio.to_thread(new_database))
        for name, url, known in (
            ("PostgreSQL", await asyncio.to_thread(new_database), undisturbed),
            ("SQLite", f"sqlite:///{folder / 'b'}", await schemas(f"sqlite:///{folder / 'a'}")),
        ):
            killed, wrong = await cut_everywhere(url, known)
            figures[f"killed within migrations on {name}"] = str(killed)
            problems += wrong

        bites = await _start_at_once(built)
        ran = Counter(found[1] for node in built.nodes for found in _MIGRATED.finditer(node.log))
        problems += [f"migration {number} ran {n} times" for number, n in ran.items() if n > 1]
        if await schema(built.database) != undisturbed[-1]:
            problems.append("three nodes at once have made another schema")

        async def alive(built: Cluster, crowd: Crowd, fault: Fault) -> None:
            fault.bites = min(bites, *(int(figure) for figure in figures.values()))
            fault.healed = now()

        history, verdict = await crowded(replace(_KILLED, does=alive), built, seed, size)
        history.figures = figures
        for problem in problems:
            verdict.note("alarms", problem)
        return history, verdict


async def _start_at_once(built: Cluster) -> int:
    """Empty the database, start all nodes, kill the first that has migrated; how many it had left.

    It is started again, and all serve.
    """
    for node in built.nodes:
        await node.leave()
    connection = await asyncpg.connect(built.database)
    await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    await connection.close()
    starts = [asyncio.create_task(node.start()) for node in built.nodes]
    begun = None
    for _ in range(2000):
        begun = next((node for node in built.nodes if _MIGRATED.search(node.log)), None)
        if begun is not None:
            break
        await asyncio.sleep(0.01)
    assert begun is not None, "no node has migrated"
    await begun.kill()
    before = sum(len(_MIGRATED.findall(node.log)) for node in built.nodes)
    await asyncio.gather(*starts, return_exceptions=True)
    await begun.start()
    return sum(len(_MIGRATED.findall(node.log)) for node in built.nodes) - before


async def _nothing(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """Stands where a row that lives by itself has its deed."""


_KILLED: Final = Row(
    "migration-killed", "migrations killed before each statement; three nodes at once", _nothing
)
ROWS: Final = (replace(_KILLED, lives=migration_killed),)
