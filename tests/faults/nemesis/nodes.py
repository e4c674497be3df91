"""Faults of a node: it dies, freezes or is asked to leave."""

from __future__ import annotations

import asyncio
import signal
from typing import Final

from tests.faults.cluster import Cluster
from tests.faults.history import Fault, now
from tests.faults.trial import Crowd, Row


async def nothing(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """A calm day."""
    await asyncio.sleep(2.0)
    fault.bites = 1


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


ROWS: Final = (
    Row("calm", "nothing is broken", nothing, is_quick=True),
    Row("node-killed", "kill -9 of a node, three times", node_killed, is_quick=True),
    Row("rolling-restart", "SIGTERM to each node in turn", rolling_restart),
    Row("node-frozen", "SIGSTOP of a node for 4 s", node_frozen),
)
