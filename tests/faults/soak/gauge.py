"""What processes use: memory, files, tasks, time; read from /proc and /metrics."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from tests.faults.cluster import Cluster, Node
from tests.faults.history import now

EVERY_S: Final = 5.0
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PROC: Final = Path("/proc")


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at one process."""

    at: float
    pid: int
    rss_bytes: int
    fds: int
    sockets: int = 0
    tasks: int = 0
    lag_s: float = 0.0  # the mean since the look before


class Gauge:
    """Looks at every node, and at this process, until told to stop."""

    def __init__(self, built: Cluster) -> None:
        self.nodes: list[list[Sample]] = [[] for _ in built.nodes]
        self.together: list[Sample] = []  # sums of all nodes, whenever all of them answered
        self.harness: list[Sample] = []
        self._built = built
        self._lags: dict[int, tuple[float, float]] = {}  # pid → sum and count at the look before

    async def run(self) -> None:
        """Look for ever."""
        async with httpx.AsyncClient(timeout=2.0) as http:
            while True:
                found = [await self._look(http, node) for node in self._built.nodes]
                samples = [sample for sample in found if sample is not None]
                for sample, kept in zip(found, self.nodes, strict=True):
                    kept += [sample] if sample is not None else []
                if len(samples) == len(found):
                    self.together.append(_sum(samples))
                pid = os.getpid()
                self.harness.append(Sample(now(), pid, rss_bytes(pid), files(pid)))
                await asyncio.sleep(EVERY_S)

    async def _look(self, http: httpx.AsyncClient, node: Node) -> Sample | None:
        """None while it is down or frozen."""
        pid = node.pid
        try:
            text = (await http.get(f"http://127.0.0.1:{node.port}/metrics")).text
            rss, fds = rss_bytes(pid), files(pid)
        except (httpx.TransportError, OSError):
            return None
        values = dict(
            line.rsplit(" ", 1) for line in text.splitlines() if line.startswith("realtime_")
        )
        late = float(values["realtime_loop_lag_seconds_sum"])
        count = float(values["realtime_loop_lag_seconds_count"])
        before, counted = self._lags.get(pid, (0.0, 0.0))
        self._lags[pid] = (late, count)
        lag_s = (late - before) / max(1.0, count - counted)
        sockets, tasks = (float(values[f"realtime_{name}"]) for name in ("sockets", "tasks"))
        return Sample(now(), pid, rss, fds, int(sockets), int(tasks), lag_s)


def _sum(samples: Sequence[Sample]) -> Sample:
    """All of them as if they were one process, without a number of its own."""
    rss, fds = sum(one.rss_bytes for one in samples), sum(one.fds for one in samples)
    sockets, tasks = sum(one.sockets for one in samples), sum(one.tasks for one in samples)
    return Sample(samples[0].at, 0, rss, fds, sockets, tasks)


def rss_bytes(pid: int) -> int:
    """The memory of one process that is in RAM."""
    pages = (_PROC / str(pid) / "statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def files(pid: int) -> int:
    """How many files and sockets a process holds open."""
    return len(os.listdir(_PROC / str(pid) / "fd"))  # noqa: PTH208 - only their number


def cpu_s(pids: Iterable[int]) -> float:
    """The processor time that these processes and their living descendants have used."""
    children: dict[int, list[int]] = {}
    used = {}
    for pid, parent, ticks in _processes():
        children.setdefault(parent, []).append(pid)
        used[pid] = ticks
    family, waiting = set[int](), list(pids)
    while waiting:
        pid = waiting.pop()
        if pid not in family:
            family.add(pid)
            waiting += children.get(pid, ())
    return sum(used.get(pid, 0) for pid in family) / _TICKS


def _processes() -> Iterator[tuple[int, int, int]]:
    """Process, parent, ticks used."""
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "stat").read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            state = line.rpartition(")")[2].split()
            yield int(entry.name), int(state[1]), int(state[11]) + int(state[12])


@dataclass(frozen=True, slots=True)
class Load:
    """Who used how many cores over some seconds."""

    cores: int
    nodes: float
    services: float  # PostgreSQL and Redis
    crowd: float  # the people, the wires and the judge

    @property
    def share(self) -> float:
        """What the nodes used of what the others left them."""
        return self.nodes / max(0.1, self.cores - self.services - self.crowd)


async def load(built: Cluster, for_s: float) -> Load:
    """Watch the processors for so many seconds."""

    def used() -> Sequence[float]:
        nodes = cpu_s(node.pid for node in built.nodes)
        services = cpu_s((built.postgres.pid, built.redis.pid))
        own = sum(os.times()[:2])
        return nodes, services, own

    began, before = now(), used()
    await asyncio.sleep(for_s)
    took_s, after = now() - began, used()
    nodes, services, crowd = ((b - a) / took_s for a, b in zip(before, after, strict=True))
    return Load(len(os.sched_getaffinity(0)), nodes, services, crowd)
