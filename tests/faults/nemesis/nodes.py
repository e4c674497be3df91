"""Faults of a node: it dies, freezes or is asked to leave."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import signal
from pathlib import Path
from typing import Final

from tests.faults.cluster import Cluster, Setting
from tests.faults.history import Fault, now
from tests.faults.trial import Crowd, Row

BACK_S: Final = 60.0
SPARE_BYTES: Final = 1_000_000


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


async def listener_dies(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """A background loop of a node dies of a bug: the node leaves, and is started again."""
    async with built.supervised():
        node = crowd.chance.choice(built.nodes)
        node.signal(signal.SIGUSR2)
        async with asyncio.timeout(BACK_S):
            while not (node.statuses and await node.is_ready()):  # noqa: ASYNC110 - no event tells of it
                await asyncio.sleep(0.1)
    fault.bites = built.restarts


async def memory_pressure(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """A node gets hardly any more memory for a while, and heavy posts."""
    node = crowd.chance.choice(built.nodes)
    for author in crowd.authors:
        author.padding = "\U0001f3f3\ufe0f\u200d\U0001f308" * 450
    async with built.supervised():
        for _ in range(4):
            await asyncio.sleep(1.0)
            if not node.has_ended and await node.is_ready():
                pid = node.pid
                had = resource.prlimit(pid, resource.RLIMIT_AS)
                resource.prlimit(pid, resource.RLIMIT_AS, (_size(pid) + SPARE_BYTES, had[1]))
                await asyncio.sleep(2.0)
                with contextlib.suppress(ProcessLookupError):
                    resource.prlimit(pid, resource.RLIMIT_AS, had)
        for author in crowd.authors:
            author.padding = ""
        async with asyncio.timeout(BACK_S):
            while not await node.is_ready():  # noqa: ASYNC110 - no event tells of it
                await asyncio.sleep(0.1)
    # What it could not do it said, or it died of it.
    fault.bites = node.log.count("MemoryError") + node.log.count("t start new thread")
    fault.bites += built.restarts
    crowd.history.figures["refused for memory"] = f"{fault.bites} times"
    crowd.history.figures["died of it"] = f"{built.restarts} times"


def _size(pid: int) -> int:
    """Bytes of address space that this process has."""
    pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[0]
    return int(pages) * resource.getpagesize()


ROWS: Final = (
    Row("calm", "nothing is broken", nothing, is_quick=True),
    Row("node-killed", "kill -9 of a node, three times", node_killed, is_quick=True),
    Row("rolling-restart", "SIGTERM to each node in turn", rolling_restart),
    Row("node-frozen", "SIGSTOP of a node for 4 s", node_frozen),
    Row(
        "listener-dies",
        "a background loop of a node dies of a bug",
        listener_dies,
        Setting(planted="mortal-loop"),
        excuses="planted death",
    ),
    Row(
        "memory-pressure",
        "a node gets no more memory, and heavy posts",
        memory_pressure,
        excuses="MemoryError|t start new thread|Cannot allocate memory",
    ),
)
