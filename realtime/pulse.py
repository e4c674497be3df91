"""Feels this process's pulse: how late its event loop comes, and how much it has going on."""

from __future__ import annotations

import asyncio
from typing import Final

from realtime import metrics

BEAT_S: Final = 1.0
COUNT_BEATS: Final = 5  # tasks are counted this rarely: with 10,000 sockets it takes milliseconds


async def run() -> None:
    """Measure for ever."""
    loop = asyncio.get_running_loop()
    while True:
        metrics.tasks.set(len(asyncio.all_tasks()))
        for _ in range(COUNT_BEATS):
            due = loop.time() + BEAT_S
            await asyncio.sleep(BEAT_S)
            metrics.loop_lag_seconds.observe(max(0.0, loop.time() - due))
