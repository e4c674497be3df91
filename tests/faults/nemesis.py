"""The matrix: what is broken, how, and what shows that it really was."""

from __future__ import annotations

import asyncio
import signal
from typing import Final

import asyncpg

from tests.faults.cluster import Cluster
from tests.faults.history import Edge, Fault, now
from tests.faults.people import Line
from tests.faults.trial import Crowd, Row


async def nothing(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """A calm day."""
    await asyncio.sleep(2.0)
    fault.bites = 1


async def calm_seconds(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """What is bad is the bus itself, all the time."""
    await asyncio.sleep(5.0)
    fault.bites = sum(1 for attempt in crowd.history.attempts.values() if attempt.ids)


async def node_killed(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """A node dies without a word, three times, at any moment."""
    for _ in range(3):
        node = crowd.chance.choice(built.nodes)
        await node.kill()
        fault.bites += 1
        fault.healed = now()  # clients find another node: nothing has to be mended for them
        await asyncio.sleep(crowd.chance.uniform(0.2, 1.5))
        await node.start()


async def rolling_restart(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """Every node is asked to leave, one after the other."""
    for node in built.nodes:
        await node.leave()
        fault.bites += 1
        await node.start()


async def node_frozen(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """A node stops for four seconds and goes on as if nothing had been."""
    node = crowd.chance.choice(built.nodes)
    node.signal(signal.SIGSTOP)
    await asyncio.sleep(4.0)
    node.signal(signal.SIGCONT)
    fault.bites = 1


async def redis_killed(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """Redis dies and comes back empty."""
    await asyncio.to_thread(built.redis.kill)
    await asyncio.sleep(2.0)
    fault.bites = sum(
        [await node.metric("realtime_bus_messages_total") > 0 for node in built.nodes]
    )
    await asyncio.to_thread(built.redis.start)


async def redis_frozen(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """Redis holds its sockets open and says nothing."""
    built.redis.pause()
    await asyncio.sleep(6.0)
    fault.bites = 1
    built.redis.resume()


async def redis_slow(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """Every word to and from Redis takes 200 ms longer."""
    for wire in built.redis_wires:
        wire.latency_s = 0.2
    before = sum(wire.down_bytes for wire in built.redis_wires)
    await asyncio.sleep(5.0)
    fault.bites = sum(wire.down_bytes for wire in built.redis_wires) - before
    for wire in built.redis_wires:
        wire.heal()


async def redis_wiped(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """Somebody types FLUSHALL."""
    for _ in range(3):
        await asyncio.to_thread(built.redis.flush)
        fault.bites += 1
        await asyncio.sleep(0.5)


async def redis_deaf(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """What Redis says to one node vanishes; that node's own words arrive."""
    wire = crowd.chance.choice(built.redis_wires)
    wire.swallows_down = True
    await asyncio.sleep(6.0)
    fault.bites = wire.swallowed_bytes
    wire.heal()
    wire.reset_all()


async def redis_mute(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """What one node says to Redis vanishes."""
    wire = crowd.chance.choice(built.redis_wires)
    wire.swallows_up = True
    await asyncio.sleep(6.0)
    fault.bites = wire.swallowed_bytes
    wire.heal()
    wire.reset_all()


async def redis_flaps(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """The connections to Redis are cut again and again."""
    for _ in range(10):
        for wire in built.redis_wires:
            fault.bites += wire.connections
            wire.reset_all()
        await asyncio.sleep(crowd.chance.uniform(0.05, 0.6))


async def no_redis(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """Redis is away and stays away until everything has been healed without it."""
    await asyncio.to_thread(built.redis.kill)
    fault.bites = 1
    fault.healed = now()


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


async def clients_cut(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """Every client's connection is cut at once, twice."""
    for _ in range(2):
        for wire in built.client_wires:
            fault.bites += wire.connections
            wire.reset_all()
        await asyncio.sleep(2.0)


async def answers_cut(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """Connections are cut in the middle of what they carry, so that answers are lost."""
    for wire in built.client_wires:
        wire.cut_after = 12_000
    await asyncio.sleep(5.0)
    fault.bites = sum(wire.cuts for wire in built.client_wires)
    for wire in built.client_wires:
        wire.heal()


async def clients_stalled(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """One node's clients neither hear nor are heard for eight seconds."""
    wire = crowd.chance.choice(built.client_wires)
    fault.bites = wire.connections
    wire.stall()
    await asyncio.sleep(8.0)
    wire.heal()


async def edges(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """People unfollow and block authors while these post, and authors take posts back."""
    some = crowd.chance.sample(crowd.followers, len(crowd.followers) // 2)
    for number, follower in enumerate(some):
        circle = [e.whom for e in crowd.history.edges if e.who == follower.user_id]
        author = crowd.chance.choice(crowd.authors)
        if number % 4 == 0:
            edge = Edge(author.user_id, follower.user_id, "block", now())
            await _set(author.line, edge, crowd)
        else:
            edge = Edge(follower.user_id, crowd.chance.choice(circle), "unfollow", now())
            await _set(follower.line, edge, crowd)
        fault.bites += edge.acked is not None
        if author.posts:
            await author.take_back(crowd.chance.choice(author.posts))
        await asyncio.sleep(0.05)


async def _set(line: Line, edge: Edge, crowd: Crowd) -> None:
    crowd.history.edges.append(edge)
    verb = "follow.set" if edge.what.endswith("follow") else "block.set"
    answer = await line.ask(verb, user_id=str(edge.whom), on=not edge.what.startswith("un"))
    if answer["type"] == "ok":
        edge.acked = now()


async def slow_readers(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """One node's clients read nothing while heavy posts come, then read again."""
    for author in crowd.authors:
        author.padding = "\U0001f3f3\ufe0f\u200d\U0001f308" * 450
    wire = crowd.chance.choice(built.client_wires)
    before = sum(len(author.posts) for author in crowd.authors)
    wire.stall()
    await asyncio.sleep(12.0)
    for author in crowd.authors:
        author.padding = ""
    wire.heal()
    # A window follows at least half of the authors; what a socket is owed is bounded well below.
    told = sum(len(author.posts) for author in crowd.authors) - before
    fault.bites = wire.connections * (told * HEAVY_BYTES // 2 // 2**20)


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


HEAVY_BYTES: Final = 450 * 14


MATRIX: Final = (
    Row("calm", "nothing is broken", nothing, is_quick=True),
    Row("node-killed", "kill -9 of a node, three times", node_killed, is_quick=True),
    Row("rolling-restart", "SIGTERM to each node in turn", rolling_restart),
    Row("node-frozen", "SIGSTOP of a node for 4 s", node_frozen),
    Row("redis-killed", "Redis dies, comes back empty", redis_killed, is_quick=True),
    Row("redis-frozen", "SIGSTOP of Redis for 6 s", redis_frozen),
    Row("redis-slow", "200 ms more to and from Redis", redis_slow),
    Row("redis-wiped", "FLUSHALL, three times", redis_wiped),
    Row("redis-deaf", "what Redis says to a node vanishes", redis_deaf),
    Row("redis-mute", "what a node says to Redis vanishes", redis_mute),
    Row("redis-flaps", "connections to Redis are cut ten times", redis_flaps),
    Row("no-redis", "Redis is away for good", no_redis),
    Row("postgres-killed", "PostgreSQL crashes and recovers", postgres_killed, is_quick=True),
    Row("postgres-frozen", "SIGSTOP of PostgreSQL for 8 s", postgres_frozen),
    Row("postgres-cut", "a node loses PostgreSQL for 3 s", postgres_cut, is_quick=True),
    Row("postgres-slow", "50 ms more to and from PostgreSQL", postgres_slow),
    Row("clients-cut", "all clients cut at once, twice", clients_cut, client_wires=True),
    Row("answers-cut", "clients cut within answers", answers_cut, client_wires=True, is_quick=True),
    Row("edges", "unfollowing, blocking and deleting while posts come", edges, is_quick=True),
    Row(
        "slow-readers",
        "a node's clients do not read",
        slow_readers,
        planted="small-buffers",
        client_wires=True,
        authors_wired=False,
    ),
    Row("late-commits", "posts numbered early, committed late", late_commits, is_quick=True),
    Row("bad-bus", "10 % lost, 10 % doubled, all out of order", calm_seconds, planted="bad-bus"),
    Row("deaf-bus", "every publish lost", calm_seconds, planted="deaf-bus", settle_s=90.0),
    Row(
        "late-and-deaf",
        "late commits, and every publish lost",
        late_commits,
        planted="deaf-bus",
        reconcile_s=1.0,
    ),
    Row("clients-stalled", "a node's clients stall for 8 s", clients_stalled, client_wires=True),
)
