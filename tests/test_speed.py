"""What `/metrics` says of the way to the sockets is what a reader sees."""

from __future__ import annotations

import asyncio
import math
import re
import statistics
import time
from datetime import datetime
from typing import Any

import httpx
import pytest

from tests.client import Window, follow, post
from tests.deployments import Town
from tests.server import Running

SLOW_S = 0.5
_BUCKET = re.compile(r'^realtime_deliver_seconds_bucket\{le="([^"]+)",what="(\w+)"\} (\S+)', re.M)


async def buckets(server: Running, what: str) -> dict[float, float]:
    """How many deliveries of this kind took at most so long, by seconds."""
    async with httpx.AsyncClient(base_url=server.url) as http:
        text = (await http.get("/metrics")).text
    return {float(le): float(n) for le, kind, n in _BUCKET.findall(text) if kind == what}


def quantile(part: float, before: dict[float, float], after: dict[float, float]) -> float:
    """As `histogram_quantile` reads it."""
    counts = {le: n - before.get(le, 0.0) for le, n in after.items()}
    wanted, low, below = part * counts[math.inf], 0.0, 0.0
    for le, count in sorted(counts.items()):
        if count >= wanted:
            return low + (le - low) * (wanted - below) / (count - below)
        low, below = le, count
    raise AssertionError("nothing was delivered")


def slow(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the bus takes half a second."""
    world = server.application.world
    assert world is not None
    bus, loop = world.change._bus, asyncio.get_running_loop()
    publish = bus.publish

    def late(channel: str, payload: bytes) -> Any:
        loop.call_later(SLOW_S, publish, channel, payload)

    monkeypatch.setattr(bus, "publish", late)


def age_s(noun: dict[str, Any]) -> float:
    return time.time() - datetime.fromisoformat(noun["created_at"]).timestamp()


async def told(reader: Window, writer: Window) -> list[float]:
    """How old some posts were when the reader had them, in seconds."""
    ages = []
    for number in range(6):
        said = await post(writer, f"number {number}")
        ages.append(age_s(await reader.noun("post", id=said["id"])))
    return ages


async def test_a_slow_bus_shows_in_the_histogram(
    server: Running, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob:
        await follow(bob, town.ada)
        before = await buckets(server, "event")
        slow(server, monkeypatch)
        seen = statistics.median(await told(bob, ada))
        measured = quantile(0.5, before, await buckets(server, "event"))
        assert seen >= SLOW_S
        assert measured == pytest.approx(seen, rel=0.1)


async def test_numbers_and_repairs_are_measured_too(
    server: Running, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = server.application.world
    assert world is not None
    async with town.ada.window() as ada, town.bob.window() as bob:
        await follow(bob, town.ada)
        said = await post(ada, "look at me")
        await bob.ask("watch.set", post_ids=[said["id"]], explore=True)
        before = {what: await buckets(server, what) for what in ("counts", "state", "repair")}
        await ada.ask("react.set", post_id=said["id"], emoji="🔥", on=True)
        await bob.noun("counts", post_id=said["id"], reactions={"🔥": 1})
        await ada.noun("mine", post_id=said["id"])
        monkeypatch.setattr(world.change._bus, "publish", lambda channel, payload: None)
        lost = await post(ada, "no doorbell rings for this")
        await server.reconcile()
        await bob.noun("post", id=lost["id"])
        for what, known in before.items():
            after = await buckets(server, what)
            assert after[math.inf] > known.get(math.inf, 0.0), what
