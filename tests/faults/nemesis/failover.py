"""Faults of a pair of PostgreSQL servers: the first one dies, the second one takes its place."""

from __future__ import annotations

import asyncio
from typing import Final

from tests.faults.cluster import Cluster, Setting
from tests.faults.history import Fault, now
from tests.faults.trial import Crowd, Row

LEFT_S: Final = 40.0
# They leave because of it; one that is started before the promotion ends at once.
REPLACED: Final = r"reconcile died(?s:.*)Replaced|lifespan(?s:.*)not available"


async def postgres_failover(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """The first one dies, the second one is promoted, and the nodes find it."""
    async with built.supervised():
        await _fail_over(built, crowd, fault)


async def standby_stalled(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """The second one hears nothing for a while, and then the first one dies."""
    assert built.wal_wire is not None
    async with built.supervised():
        built.wal_wire.stall()
        # Longer than PostgreSQL and the nodes wait for anything.
        await asyncio.sleep(6.0)
        await _fail_over(built, crowd, fault)


async def _fail_over(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    assert built.standby is not None
    before = sum(crowd.history.refusals.values())
    await asyncio.to_thread(built.postgres.kill)
    died = now()
    await asyncio.sleep(1.0)
    await built.standby.promote()
    promoted = now()
    first = await _first_answer(crowd, promoted)
    crowd.history.figures["no writes for"] = f"{first - died:.1f} s"
    crowd.history.figures["of that after the promotion"] = f"{first - promoted:.1f} s"
    await _all_replaced(built)
    fault.healed = now()
    fault.bites = sum(crowd.history.refusals.values()) - before


async def _first_answer(crowd: Crowd, since: float) -> float:
    """When the first post that was wanted from `since` on was acknowledged."""
    async with asyncio.timeout(LEFT_S):
        while True:
            acked = [
                attempt.acked
                for attempt in crowd.history.attempts.values()
                if attempt.ids and attempt.acked is not None and attempt.acked > since
            ]
            if acked:
                return min(acked)
            await asyncio.sleep(0.02)


async def _all_replaced(built: Cluster) -> None:
    """Each node remembers a history that is not this server's: it leaves, and is started again."""
    async with asyncio.timeout(LEFT_S):
        while any("Replaced" not in node.log for node in built.nodes):  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(0.1)
    for node in built.nodes:
        async with asyncio.timeout(LEFT_S):
            while not (node.statuses and await node.is_ready()):  # noqa: ASYNC110 - no event tells of it
                await asyncio.sleep(0.1)


ROWS: Final = (
    Row(
        "postgres-failover",
        "the primary dies, its synchronous standby is promoted",
        postgres_failover,
        Setting(standby="synchronous", reconcile_s=2.0),
        excuses=REPLACED,
    ),
    Row(
        "standby-stalled",
        "the standby is cut off for 6 s, then promoted",
        standby_stalled,
        Setting(standby="synchronous", reconcile_s=2.0),
        excuses=REPLACED,
    ),
)
