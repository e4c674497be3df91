"""Faults of PostgreSQL, and commits that come late."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Final

import asyncpg

from realtime.store.database import DEADLINE_S
from tests.faults.cluster import Cluster, Setting
from tests.faults.history import Fault, now
from tests.faults.line import Away, Line
from tests.faults.trial import Crowd, Row

POOL: Final = 10  # of one node
AT_ONCE: Final = 4  # commands of each socket, which are answered one after another
LONGEST_S: Final = AT_ONCE * DEADLINE_S["postgresql"] + 1.0
PATIENCE_S: Final = 20.0
_WAITING: Final = """
    SELECT count(*) FROM pg_stat_activity
     WHERE application_name = 'realtime' AND wait_event_type = 'Lock'
"""


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


async def corrupt_rows(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """Somebody spoils the rows of a stranger and numbers of everybody, and all go on reading."""
    stranger = max(follower.user_id for follower in crowd.followers) + 1_000_000
    owner = await asyncpg.connect(built.database)
    try:
        await owner.execute("SET session_replication_role = replica")
        await owner.execute(_STRANGE, stranger, now_ms := time.time_ns() // 1_000_000)
        for text in ("{", "[]", '{"a": "b"}'):
            sql = "UPDATE counts SET reactions = $1 WHERE post_id % 2 = 0"
            await owner.execute(sql, text)
            await owner.execute(_PICTURE, stranger + len(text), crowd.authors[0].user_id, now_ms)
            await asyncio.gather(*(_pages(follower.line, crowd) for follower in crowd.followers))
        await owner.execute("DELETE FROM posts WHERE author_id = $1", stranger)
    finally:
        await owner.close()
    for node in built.nodes:
        fault.bites += int(await node.metric("realtime_corrupt_rows_total"))
    crowd.history.figures["corrupt rows met"] = str(fault.bites)
    internal = crowd.history.refusals.get("internal", 0)
    if internal:
        crowd.history.alarms.append(f"{internal} answers said internal")


_STRANGE: Final = """
    INSERT INTO posts (id, author_id, key, text, has_media, created_ms, seq)
    VALUES ($1, $1, 'strange', 'by nobody', true, $2, $1)
"""
_PICTURE: Final = """
    INSERT INTO media (id, owner_id, post_id, type, file, sizes, width, height, alt, thumbhash,
                       animated, created_ms)
    SELECT $1, $2, max(id), 'image/webp', 'gone.webp', '{oops', 1, 1, '', '', false, $3
      FROM posts
     WHERE author_id = $2
"""


async def _pages(line: Line, crowd: Crowd) -> None:
    """What a window may open; each has an answer."""
    for name in ("explore", "home"):
        with contextlib.suppress(Away):
            answer = await line.ask("timeline.get", name=name, limit=50)
            if answer["type"] == "error":
                refusals = crowd.history.refusals
                refusals[answer["code"]] = refusals.get(answer["code"], 0) + 1


async def pool_exhausted(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """Somebody locks all posts, and each node's connections wait behind that, every one."""
    owner = await asyncpg.connect(built.database)
    asking: list[asyncio.Task[float]] = []
    try:
        async with owner.transaction():
            await owner.execute("LOCK TABLE posts, entries IN ACCESS EXCLUSIVE MODE")
            for line in (follower.line for follower in crowd.followers):
                asking += [asyncio.create_task(_patience(line, crowd)) for _ in range(AT_ONCE)]
            await asyncio.sleep(2.0)
            held = await owner.fetchval(_WAITING)
            await asyncio.sleep(4.0)
        async with asyncio.timeout(PATIENCE_S):
            waits = await asyncio.gather(*asking)
    finally:
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        await owner.close()
    longest = max(waits)
    crowd.history.figures["longest wait"] = f"{longest:.1f} s"
    crowd.history.figures["connections held"] = str(held)
    if longest > LONGEST_S:
        crowd.history.alarms.append(f"somebody waited for {longest:.1f} s")
    fault.bites = int(held >= POOL) and crowd.history.refusals.get("unavailable", 0)


async def _patience(line: Line, crowd: Crowd) -> float:
    """How long one reading waits for its answer, whichever it is."""
    began = now()
    with contextlib.suppress(Away):
        answer = await line.ask("timeline.get", PATIENCE_S, name="explore")
        if answer["type"] == "error":
            refusals = crowd.history.refusals
            refusals[answer["code"]] = refusals.get(answer["code"], 0) + 1
    return now() - began


ROWS: Final = (
    Row("postgres-killed", "PostgreSQL crashes and recovers", postgres_killed, is_quick=True),
    Row("postgres-frozen", "SIGSTOP of PostgreSQL for 8 s", postgres_frozen),
    Row("postgres-cut", "a node loses PostgreSQL for 3 s", postgres_cut, is_quick=True),
    Row("postgres-slow", "50 ms more to and from PostgreSQL", postgres_slow),
    Row("pool-exhausted", "all connections of the nodes wait for 6 s", pool_exhausted),
    Row("corrupt-rows", "numbers, pictures and an author are spoiled", corrupt_rows),
    Row("late-commits", "posts numbered early, committed late", late_commits, is_quick=True),
    Row(
        "late-and-deaf",
        "late commits, and every publish lost",
        late_commits,
        Setting(planted="deaf-bus", reconcile_s=1.0),
    ),
)
