"""Starts, watches and stops the endless loops of this process; one that dies stops the process."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import Any

log = logging.getLogger(__name__)


def stop_process() -> None:
    """Ask this process to leave politely; its supervisor starts a fresh one."""
    os.kill(os.getpid(), signal.SIGTERM)


async def _or_die(name: str, loop: Coroutine[Any, Any, None], on_death: Callable[[], None]) -> None:
    try:
        await loop
    except Exception:
        # uvicorn would go on serving without it, and nobody would know.
        log.exception("background loop %s died; stopping the process", name)
        on_death()


@asynccontextmanager
async def running(
    loops: Mapping[str, Coroutine[Any, Any, None]], on_death: Callable[[], None] = stop_process
) -> AsyncIterator[None]:
    """Run `loops` while the body runs; cancel and await them all after it."""
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(_or_die(name, loop, on_death), name=name)
            for name, loop in loops.items()
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
