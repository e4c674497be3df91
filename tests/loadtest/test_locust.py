"""Locust's people live their day against real servers, and what goes wrong fails the run."""

from __future__ import annotations

import asyncio
import csv
import sys
from pathlib import Path

import pytest

from loadtest.scenario import MIX
from realtime.commands.fixture import fixture
from realtime.config import Config
from realtime.hub.bus import LocalBus
from tests.deployments import KEY
from tests.processes import serve
from tests.server import serving
from tests.services import free_port

ROOT = Path(__file__).parent.parent.parent


def embedded(folder: Path) -> Config:
    """SQLite, the bus in the process, no rates; nothing lost is repaired within this test."""
    return Config(
        database_url=f"sqlite:///{folder / 'test.db'}",
        uploads=folder / "uploads",
        secret_keys=(KEY,),
        rate_limits=False,
        reconcile_s=3600,
    )


async def run(folder: Path, *arguments: str) -> tuple[int, str]:
    """A headless run that ends by itself; its exit status, what it said, and files in `folder`."""
    files = ("--csv", str(folder / "run"), "--html", str(folder / "run.html"))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "locust", "-f", "loadtest/locustfile.py", "--headless"),
        *("-r", "50", "--pace", "0.2", *files, *arguments),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(100):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return process.returncode, said.decode()


def rows(folder: Path) -> dict[str, int]:
    """How often each row of the run's table happened; none of them failed."""
    with (folder / "run_stats.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert {row["Name"]: row["Failure Count"] for row in found if row["Failure Count"] != "0"} == {}
    return {row["Name"]: int(row["Request Count"]) for row in found}


def deeds(names: dict[str, int]) -> set[str]:
    return {name.partition(":")[0] for name in names if ":" in name}


async def test_newcomers_register_follow_and_do_everything_once(tmp_path: Path) -> None:
    async with serving(embedded(tmp_path)) as server:
        status, said = await run(tmp_path, "--tour", "-u", "3", "--host", server.url)
    assert status == 0, said
    found = rows(tmp_path)
    assert deeds(found) == {"sign_in", "open", *MIX}
    assert found["sign_in: /api/register"] == 3
    assert found["open: follow.set"] > 0
    assert found["post to follower"] > 0
    assert (tmp_path / "run.html").stat().st_size > 0


async def test_two_processes_of_people_live_on_two_nodes(
    tmp_path: Path, postgres_url: str, redis_url: str
) -> None:
    config = Config(database_url=postgres_url, redis_urls=(redis_url,), secret_keys=(KEY,))
    await fixture(config, 6, 5, tmp_path / "cookies")
    env = {
        "REALTIME_DATABASE_URL": postgres_url,
        "REALTIME_REDIS_URL": redis_url,
        "REALTIME_UPLOADS": str(tmp_path / "uploads"),
        "REALTIME_SECRET_KEYS": KEY,
        "REALTIME_RATE_LIMITS": "off",
    }
    async with serve(tmp_path, env=env) as one, serve(tmp_path, env=env) as other:
        status, said = await run(
            tmp_path,
            *("--tour", "--processes", "2", "--cookies", str(tmp_path / "cookies"), "-u", "6"),
            *("--host", one.url, "--also", other.url),
        )
    assert status == 0, said
    found = rows(tmp_path)
    assert deeds(found) == {"sign_in", "open", *MIX}
    assert found["sign_in: /api/login"] == 6
    assert found["post to follower"] > 0


async def test_a_run_against_nobody_fails(tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    status, said = await run(tmp_path, "-u", "1", "-t", "3s", "--host", address)
    assert status == 1, said


async def test_posts_that_nobody_is_told_of_fail_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = LocalBus.publish

    def forgetful(self: LocalBus, channel: str, payload: bytes) -> None:
        if not channel.startswith("author:"):
            publish(self, channel, payload)

    monkeypatch.setattr(LocalBus, "publish", forgetful)
    async with serving(embedded(tmp_path)) as server:
        words = ("-u", "3", "-t", "15s", "--patience", "1", "--host", server.url)
        status, said = await run(tmp_path, *words)
    assert status == 1, said
    assert "were never told" in said
