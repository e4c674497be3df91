"""What machines ask: alive, ready, how much, and how to talk to us."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from realtime import schema
from realtime.http import health
from tests.http.site import Site


async def test_a_process_that_lives_says_so_whatever_else(small_site: Site) -> None:
    small_site.unwell["database"] = "down"
    async with small_site.program() as client:
        answer = await client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


async def test_a_process_that_can_serve_is_ready(small_site: Site) -> None:
    async with small_site.program() as client:
        answer = await client.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


async def test_a_process_that_cannot_serve_says_what_is_wrong(small_site: Site) -> None:
    small_site.unwell.update(database="down", bus="nothing came back")
    async with small_site.program() as client:
        answer = await client.get("/readyz")

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"
    assert answer.json() == {
        "code": "unavailable",
        "message": "Not able to serve: bus, database.",
        "retry_after": 2.0,
        "checks": {"database": "down", "bus": "nothing came back"},
    }


async def test_a_probe_that_hangs_is_not_ready(
    small_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hangs() -> dict[str, str]:
        await asyncio.Event().wait()
        return {}

    monkeypatch.setattr(health, "_PROBE_S", 0.05)
    small_site.house = replace(small_site.house, ready=hangs)
    async with small_site.program() as client:
        answer = await client.get("/readyz")

    assert answer.status_code == 503
    assert set(answer.json()["checks"]) == {"probe"}


async def test_what_was_counted_is_told(small_site: Site) -> None:
    async with small_site.program() as client:
        await client.get("/healthz")
        answer = await client.get("/metrics")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'realtime_http_seconds_count{route="/healthz"}' in answer.text
    assert "realtime_repairs_total" in answer.text


_WORKER = """
from realtime import metrics
metrics.repairs.inc(21)
metrics.sockets.inc(2)
"""
_READER = """
from realtime import metrics
from realtime.http import health
metrics.repairs.inc(0)
print(health._counted().decode())
"""


def test_several_workers_are_counted_together(tmp_path: Path) -> None:
    root = Path(__file__).parent.parent.parent
    environment = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "PYTHONPATH": str(root)}

    def run(program: str) -> str:
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
        return done.stdout

    run(_WORKER)
    run(_WORKER)
    assert "realtime_repairs_total 42.0" in run(_READER)


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/api/openapi.json", schema.openapi()), ("/api/asyncapi.json", schema.asyncapi())],
)
async def test_the_wire_is_told_to_machines(
    small_site: Site, path: str, expected: dict[str, Any]
) -> None:
    async with small_site.program() as client:
        answer = await client.get(path)

    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == json.loads(json.dumps(expected))
