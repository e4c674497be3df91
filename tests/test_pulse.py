"""The pulse tells of an event loop that was held up, and counts what is going on."""

from __future__ import annotations

import asyncio
import time

import pytest
from prometheus_client import REGISTRY

from realtime import pulse
from tests.client import eventually


def value(name: str) -> float:
    found = REGISTRY.get_sample_value(name)
    assert found is not None
    return found


async def test_a_loop_that_was_held_up_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "BEAT_S", 0.01)
    late, beats = (value(f"realtime_loop_lag_seconds_{part}") for part in ("sum", "count"))
    others = len(asyncio.all_tasks())
    beating = asyncio.create_task(pulse.run())
    try:
        await asyncio.sleep(0)
        time.sleep(0.1)  # noqa: ASYNC251 - this is what is looked for
        async with asyncio.timeout(10):
            while value("realtime_loop_lag_seconds_count") == beats:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
    finally:
        beating.cancel()
    assert value("realtime_loop_lag_seconds_sum") - late >= 0.08
    assert value("realtime_tasks") == others + 1


async def test_a_loop_that_stood_still_is_said_with_its_length(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse, "BEAT_S", 0.05)
    monkeypatch.setattr(pulse, "STILL_S", 0.2)
    beating = asyncio.create_task(pulse.run())
    try:
        await asyncio.sleep(0)
        time.sleep(0.5)  # noqa: ASYNC251 - as above
        await eventually(lambda: "the event loop stood still for " in caplog.text)
        # Longer on a machine that is busy; never less than it was held up, but for one beat.
        assert float(caplog.text.split("stood still for ")[1].split()[0]) >= 0.4
    finally:
        beating.cancel()
