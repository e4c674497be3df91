"""Feels this process's pulse: how late its event loop comes, and how much it has going on."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from realtime import metrics

log = logging.getLogger(__name__)

BEAT_S: Final = 1.0
STILL_S: Final = 1.0  # later than this, and it is said in the log
COUNT_BEATS: Final = 5  # tasks are counted this rarely: with 10,000 sockets it takes milliseconds


async def run() -> None:
    """Measure for ever. A process that was stopped and goes on counts as one that stood still."""
    loop = asyncio.get_running_loop()
    while True:
        metrics.tasks.set(len(asyncio.all_tasks()))
        for _ in range(COUNT_BEATS):
            due = loop.time() + BEAT_S
            await asyncio.sleep(BEAT_S)
            late_s = max(0.0, loop.time() - due)
            metrics.loop_lag_seconds.observe(late_s)
            if late_s > STILL_S:
                log.warning("the event loop stood still for %.1f s", late_s)
