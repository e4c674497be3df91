"""A hostile client of each kind is cut or bounded, and whoever is beside it is answered."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from tests.client import Person, Window, person
from tests.faults.hostile.attacks import KINDS, Attack, Named
from tests.faults.soak.gauge import rss_bytes
from tests.processes import Served, serve

pytestmark = pytest.mark.asyncio(loop_scope="session")

DEADLINE_S = 10.0
ATTACK_S = 0.6
LATEST_S = 8.0  # until one who can be cut at once has been
CROWD = 60  # connections, where the real thing has hundreds or thousands
VISITORS = 600
VISITOR_BYTES = 40 * 2**10
MOST_BYTES = 24 * 2**20  # more than before, at any moment of any attack; a flood of 1 s sends 100


class Stage:
    """One server, its victim's bystander, and the one who attacks."""

    def __init__(self, served: Served, attacker: Person, bystander: Window) -> None:
        self.served = served
        self.attacker = attacker
        self.bystander = bystander

    def attack(self, kind: Named) -> Attack:
        port = int(self.served.url.rsplit(":", 1)[1])
        return Attack(port, self.attacker.cookie, min(kind.crowd, CROWD))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    folder: Path = tmp_path_factory.mktemp("hostile")
    env = {
        "REALTIME_DATABASE_URL": f"sqlite:///{folder / 'test.db'}",
        "REALTIME_UPLOADS": str(folder / "uploads"),
    }
    async with (
        serve(folder, env=env) as served,
        person(served.url, "eve") as eve,
        person(served.url, "bob") as bob,
        bob.window() as window,
    ):
        yield Stage(served, eve, window)
        assert "Traceback" not in served.log.read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
async def test_it_is_cut_or_bounded_and_others_are_answered(stage: Stage, kind: Named) -> None:
    attack, pid = stage.attack(kind), stage.served.process.pid
    before = most = rss_bytes(pid)
    attacking = asyncio.create_task(kind.run(attack))
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        while loop.time() < began + (LATEST_S if _is_awaited(attack, kind) else ATTACK_S):
            async with asyncio.timeout(DEADLINE_S):
                await stage.bystander.ask("profile.get", name="eve")
            most = max(most, rss_bytes(pid))
            await asyncio.sleep(0.02)
    finally:
        attack.over.set()
        attacking.cancel()
        await asyncio.gather(attacking, return_exceptions=True)
    assert most - before < MOST_BYTES
    # A connection that is reset may take its close frame with it.
    assert attack.ends.keys() <= kind.ends | {"cut"}
    assert not _is_awaited(attack, kind)


async def test_a_visitor_who_stays_takes_little_memory(stage: Stage) -> None:
    """Those who come first make room that the later ones use; they are not counted."""
    pid, [kind] = stage.served.process.pid, [kind for kind in KINDS if kind.name == "visitors"]
    coming, rss, open_now = [], [], 1
    try:
        for crowd in (CROWD, VISITORS):
            attack = Attack(stage.attack(kind).port, "", crowd)
            coming.append(asyncio.create_task(kind.run(attack)))
            open_now += crowd
            await _until_open(stage, open_now)
            rss.append(rss_bytes(pid))
    finally:
        for task in coming:
            task.cancel()
        await asyncio.gather(*coming, return_exceptions=True)
    assert (rss[1] - rss[0]) / VISITORS < VISITOR_BYTES


async def _until_open(stage: Stage, sockets: int) -> None:
    async with asyncio.timeout(60), httpx.AsyncClient() as http:
        while True:
            metrics = (await http.get(f"{stage.served.url}/metrics")).text
            [found] = re.findall(r"^realtime_sockets (\S+)$", metrics, re.MULTILINE)
            if float(found) >= sockets:
                return
            await asyncio.sleep(0.05)


def _is_awaited(attack: Attack, kind: Named) -> bool:
    return kind.is_cut_at_once and not attack.ends
