"""The others, while somebody attacks: what they wait for, in quiet and in attack by turns."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import statistics
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from loadtest import cores
from tests.faults.check import percentile
from tests.faults.cluster import ROOT, Cluster
from tests.faults.history import now
from tests.faults.hostile.attacks import Named
from tests.faults.line import Away
from tests.faults.people import Follower
from tests.faults.soak.gauge import rss_bytes
from tests.faults.trial import Crowd

ASKS_S: Final = 0.1  # each follower asks for something this often
LEAD_S: Final = 0.5  # of an attack, before it is measured
SEATED_S: Final = 60.0  # for thousands to come in
REST_S: Final = 1.0  # after each attack
LOOK_S: Final = 0.1
MIB: Final = 2**20


@dataclass(slots=True)
class Stretch:
    """Some seconds of quiet, or of attack: what the others waited for, in ms."""

    answers: list[float] = field(default_factory=list)
    posts: list[float] = field(default_factory=list)  # from asking to a follower's window
    most_bytes: int = 0  # of the server's memory


@dataclass(slots=True)
class Measured:
    """One kind, by turns."""

    kind: Named
    crowd: int
    quiet: list[Stretch] = field(default_factory=list)
    attacked: list[Stretch] = field(default_factory=list)
    before_bytes: int = 0
    after_bytes: int = 0
    ends: Counter[str] = field(default_factory=Counter)

    def p99s(self, of: list[Stretch], what: str) -> list[float]:
        """The p99 of each stretch, in ms."""
        return [percentile(getattr(stretch, what), 0.99) for stretch in of]

    def p99(self, of: list[Stretch], what: str) -> float:
        """The median of the stretches' p99, in ms."""
        return statistics.median(self.p99s(of, what))

    @property
    def most_mib(self) -> float:
        """What the server held at most, beyond what it held before."""
        most = max(stretch.most_bytes for stretch in self.attacked)
        return (most - self.before_bytes) / MIB

    @property
    def left_mib(self) -> float:
        """What of it stayed."""
        return (self.after_bytes - self.before_bytes) / MIB


class Others:
    """A crowd that asks and posts on one node."""

    def __init__(self, built: Cluster, crowd: Crowd) -> None:
        self._built = built
        self._crowd = crowd
        self._stretch = Stretch()

    async def ask(self, follower: Follower) -> None:
        """Ask for ever, at a pace of one's own: who asks in step waits for the others."""
        names = [str(author.user_id) for author in self._crowd.authors]
        chance = self._crowd.chance
        while True:
            await asyncio.sleep(chance.uniform(0.0, 2 * ASKS_S))
            began, stretch = now(), self._stretch
            with suppress(Away):
                await follower.line.ask("profile.get", user_id=chance.choice(names))
                stretch.answers.append(1000 * (now() - began))

    async def measure(self, kind: Named, crowd: int, turns: int, for_s: float) -> Measured:
        """Quiet, attack, quiet, attack, …"""
        node = self._built.nodes[0]
        found = Measured(kind, crowd, before_bytes=rss_bytes(node.pid))
        cookie = (self._built.folder / "attacker").read_text(encoding="utf-8").split("\t")[2]
        async with _attacker(kind, node.port, cookie.strip(), crowd) as process:
            assert process.stdin is not None and process.stdout is not None
            await process.stdout.readline()  # to start it takes time that is not an attack's
            for _ in range(turns):
                found.quiet.append(await self._live(for_s))
                process.stdin.write(b"go\n")
                await asyncio.sleep(LEAD_S)
                if kind.stays:
                    await self._seated(crowd)
                found.attacked.append(await self._live(for_s))
                process.stdin.write(b"stop\n")
                found.ends.update(json.loads(await process.stdout.readline()))
                await asyncio.sleep(REST_S)
        found.after_bytes = rss_bytes(node.pid)
        return found

    async def _seated(self, crowd: int) -> None:
        """Wait until all of them have a socket: what it takes to come in is not what they cost."""
        seats = crowd + len(self._crowd.followers) + len(self._crowd.authors)
        async with asyncio.timeout(SEATED_S):
            while await self._built.nodes[0].metric("realtime_sockets ") < seats:  # noqa: ASYNC110
                await asyncio.sleep(LEAD_S)
        await asyncio.sleep(LEAD_S)

    async def _live(self, for_s: float) -> Stretch:
        gc.collect()  # ours would show in what others wait for
        gc.disable()
        try:
            return await self._look_on(for_s)
        finally:
            gc.enable()

    async def _look_on(self, for_s: float) -> Stretch:
        history = self._crowd.history
        history.heard.clear()
        history.attempts.clear()
        stretch = self._stretch = Stretch()
        until = now() + for_s
        while now() < until:
            stretch.most_bytes = max(stretch.most_bytes, rss_bytes(self._built.nodes[0].pid))
            await asyncio.sleep(LOOK_S)
        self._stretch = Stretch()  # who has no answer yet will not count
        asked = {
            post_id: attempt.invoked
            for attempt in history.attempts.values()
            for post_id in attempt.ids
        }
        stretch.posts = [
            1000 * (heard.at - asked[heard.post_id])
            for heard in history.heard
            if heard.post_id in asked
        ]
        return stretch


def precede() -> None:
    """Be served before all else that runs on this machine, where we may: us and all we start."""
    if hasattr(os, "SCHED_RR"):
        with suppress(PermissionError):
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))


def part(pid: int) -> None:
    """Give the server `pid` a processor of its own, and keep ourselves and all else off it."""
    if cores.is_pinned():
        for thread in Path(f"/proc/{pid}/task").iterdir():
            cores.pin(int(thread.name), cores.cores()[0])


@asynccontextmanager
async def _attacker(
    kind: Named, port: int, cookie: str, crowd: int
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults.hostile.attacker"),
        *(kind.name, str(port), cookie, str(crowd)),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.stdin is not None:
            process.stdin.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(20):
                await process.wait()
        if process.returncode is None:
            process.kill()
            await process.wait()
