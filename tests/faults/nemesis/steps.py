"""Faults of what heals faults: the reconciliation crashes at each step, or is run three at once."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

from tests.faults.cluster import Cluster, Node, Setting
from tests.faults.history import Fault
from tests.faults.trial import Crowd, Row
from tests.faults.tricks import CRASH, STEPS

STEP_S: Final = 45.0
BACK_S: Final = 60.0


async def reconcile_crashes(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """Each step fails once, on one node after the other; a supervisor starts them again."""
    missed = []
    async with built.supervised():
        for number, step in enumerate(STEPS):
            if await _crash(built.nodes[number % len(built.nodes)], step):
                fault.bites += 1
            else:
                missed.append(step)
        async with asyncio.timeout(BACK_S):
            for node in built.nodes:
                while not await node.is_ready():  # noqa: ASYNC110 - no event tells of it
                    await asyncio.sleep(0.1)
    crowd.history.figures["steps that failed"] = f"{fault.bites} of {len(STEPS)}"
    crowd.history.figures["nodes started again"] = str(built.restarts)
    if missed:
        crowd.history.figures["steps never reached"] = ", ".join(missed)


async def _crash(node: Node, step: str) -> bool:
    """True if the step was reached, and failed."""
    path = node.folder / CRASH
    path.with_suffix(".new").write_text(step, encoding="ascii")
    path.with_suffix(".new").replace(path)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(STEP_S):
            while path.exists():  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.05)
            return True
    path.unlink(missing_ok=True)
    return False


async def reconcile_thrice(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """Everybody reconciles three times at once, again and again, and connections are cut."""
    for _ in range(6):
        for wire in built.redis_wires:
            wire.reset_all()
        await asyncio.sleep(0.7)
    for node in built.nodes:
        fault.bites += int(await node.metric("realtime_reconcile_seconds_count"))


ROWS: Final = (
    Row(
        "reconcile-crashes",
        "each step of the reconciliation fails once",
        reconcile_crashes,
        Setting(planted="crashing-steps", reconcile_s=0.5),
        excuses="planted crash|lifespan(?s:.*)not available",
    ),
    Row(
        "reconcile-thrice",
        "three reconciliations at once, over cut connections",
        reconcile_thrice,
        Setting(planted="thrice", reconcile_s=0.5),
    ),
)
