"""Faults of Redis, and of the bus that it is."""

from __future__ import annotations

import asyncio
from typing import Final

from redis.asyncio import Redis as Connection

from tests.faults import apart
from tests.faults.cluster import Cluster, Setting
from tests.faults.history import Fault, now
from tests.faults.nemesis.nodes import nothing
from tests.faults.proxy import FaultProxy
from tests.faults.trial import Crowd, Row

FLOOD: Final = 300  # more than the kernel keeps for a reader, with Redis's own limit
JUNK: Final = b"\xff" * 60_000


async def calm_seconds(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """What is bad is the bus itself, all the time."""
    await asyncio.sleep(5.0)
    fault.bites = sum(1 for attempt in crowd.history.attempts.values() if attempt.ids)


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
    await _vanished(wire, fault)


async def redis_mute(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """What one node says to Redis vanishes."""
    wire = crowd.chance.choice(built.redis_wires)
    wire.swallows_up = True
    await _vanished(wire, fault)


async def _vanished(wire: FaultProxy, fault: Fault) -> None:
    """Live with a wire that swallows one direction; then mend it."""
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


async def redis_trickles(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """One node reads a kilobyte a second of a flood of junk; Redis, tired of it, cuts it off."""
    wire = crowd.chance.choice(built.redis_wires)
    async with Connection.from_url(built.redis.url) as redis:
        await redis.config_set("client-output-buffer-limit", "pubsub 131072 65536 2")
        before = (await redis.info("stats"))["client_output_buffer_limit_disconnections"]
        wire.bytes_per_s = 1000.0
        heard = await redis.pubsub_numsub(*await redis.pubsub_channels())
        channel, _ = max(heard, key=lambda pair: pair[1])  # every node hears this one
        for _ in range(FLOOD):
            await redis.publish(channel, JUNK)
            await asyncio.sleep(0.01)
        await asyncio.sleep(4.0)
        wire.heal()
        wire.reset_all()
        after = (await redis.info("stats"))["client_output_buffer_limit_disconnections"]
        fault.bites = after - before


async def no_redis(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """Redis is away and stays away until everything has been healed without it."""
    await asyncio.to_thread(built.redis.kill)
    fault.bites = 1
    fault.healed = now()


ROWS: Final = (
    Row("redis-killed", "Redis dies, comes back empty", redis_killed, is_quick=True),
    Row("redis-frozen", "SIGSTOP of Redis for 6 s", redis_frozen),
    Row("redis-slow", "200 ms more to and from Redis", redis_slow),
    Row("redis-wiped", "FLUSHALL, three times", redis_wiped),
    Row("redis-deaf", "what Redis says to a node vanishes", redis_deaf),
    Row("redis-mute", "what a node says to Redis vanishes", redis_mute),
    Row(
        "redis-cut-one-way",
        "the kernel drops all packets to Redis, then all from it",
        nothing,
        lives=apart.lives,
        missing=apart.missing,
    ),
    Row("redis-flaps", "connections to Redis are cut ten times", redis_flaps),
    Row("redis-trickles", "1 kB/s to a node: Redis cuts it off", redis_trickles),
    Row("no-redis", "Redis is away for good", no_redis),
    Row(
        "bad-bus",
        "10 % lost, 10 % doubled, all out of order",
        calm_seconds,
        Setting(planted="bad-bus"),
    ),
    Row(
        "deaf-bus",
        "every publish lost",
        calm_seconds,
        Setting(planted="deaf-bus"),
        settle_s=90.0,
    ),
)
