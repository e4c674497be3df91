"""Faults of PostgreSQL, and commits that come late."""

from __future__ import annotations

import asyncio
from typing import Final

import asyncpg

from tests.faults.cluster import Cluster, Setting
from tests.faults.history import Fault, now
from tests.faults.trial import Crowd, Row


async def postgres_killed(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """PostgreSQL crashes and recovers."""
    before = sum(crowd.history.refusals.values())
    await asyncio.to_thread(built.postgres.kill)
    await asyncio.sleep(1.0)
    await asyncio.to_thread(built.postgres.start)
    fault.healed = now()
    await asyncio.sleep(1.0)
    fault.bites = sum(crowd.history.refusals.values()) - before


async def postgres_frozen(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """PostgreSQL holds its sockets open and answers nothing for eight seconds."""
    before = sum(crowd.history.refusals.values())
    built.postgres.pause()
    await asyncio.sleep(8.0)
    built.postgres.resume()
    fault.healed = now()
    await asyncio.sleep(1.0)
    fault.bites = sum(crowd.history.refusals.values()) - before


async def postgres_cut(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """One node's connections to PostgreSQL are cut, and new ones refused."""
    number = crowd.chance.randrange(len(built.nodes))
    wire = built.postgres_wires[number]
    wire.refuses = True
    fault.bites = wire.connections
    wire.reset_all()
    await asyncio.sleep(3.0)
    wire.heal()


async def postgres_slow(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """Every word to and from PostgreSQL takes 50 ms longer, on one node."""
    wire = crowd.chance.choice(built.postgres_wires)
    before = wire.down_bytes
    wire.latency_s = 0.05
    await asyncio.sleep(5.0)
    fault.bites = wire.down_bytes - before
    wire.heal()


async def late_commits(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """Some posts get their number early and are committed late."""
    connection = await asyncpg.connect(built.database)
    try:
        for _ in range(4):
            author = crowd.chance.choice(crowd.authors)
            async with connection.transaction():
                sql = "SELECT 1 FROM tallies WHERE user_id = $1 FOR UPDATE"
                await connection.execute(sql, author.user_id)
                await asyncio.sleep(1.2)
                fault.bites += 1
            await asyncio.sleep(0.3)
    finally:
        await connection.close()


ROWS: Final = (
    Row("postgres-killed", "PostgreSQL crashes and recovers", postgres_killed, is_quick=True),
    Row("postgres-frozen", "SIGSTOP of PostgreSQL for 8 s", postgres_frozen),
    Row("postgres-cut", "a node loses PostgreSQL for 3 s", postgres_cut, is_quick=True),
    Row("postgres-slow", "50 ms more to and from PostgreSQL", postgres_slow),
    Row("late-commits", "posts numbered early, committed late", late_commits, is_quick=True),
    Row(
        "late-and-deaf",
        "late commits, and every publish lost",
        late_commits,
        Setting(planted="deaf-bus", reconcile_s=1.0),
    ),
)
