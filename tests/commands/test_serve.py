"""What `realtime serve` writes while it serves, and at what pace it leaves."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import uvicorn

from realtime.commands.serve import (
    GARBAGE,
    LEAVE_S,
    PER_SECOND,
    SOON_S,
    TICK_S,
    PoliteServer,
    configure_logging,
    handfuls,
)
from realtime.errors import Goodbye


@pytest.fixture(autouse=True)
def levels() -> Iterator[None]:
    """Put back what a serving process changes for good."""
    loggers = [logging.getLogger(name) for name in ("uvicorn.error", "asyncpg.pool")]
    before = [(logger.level, list(logger.filters)) for logger in loggers]
    yield
    for logger, (level, filters) in zip(loggers, before, strict=True):
        logger.setLevel(level)
        logger.filters[:] = filters


def test_an_absent_database_is_told_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    configure_logging()
    try:
        raise ConnectionRefusedError("nobody there")
    except ConnectionRefusedError:
        logging.getLogger("asyncpg.pool").warning("Failed to restore %s", "it", exc_info=True)
    assert "Failed to restore it: ConnectionRefusedError('nobody there')" in caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("sockets", [0, 1, 24, 333, 1_000, 1_501, 2_000, 10_000])
def test_sockets_are_sent_away_and_come_back_no_faster_than_a_process_takes_them(
    sockets: int,
) -> None:
    told = list(handfuls(sockets))
    assert sum(size for size, _ in told) == sockets
    assert len(told) * TICK_S <= LEAVE_S + TICK_S
    longest_s = max(longest for _, longest in told)
    assert longest_s == SOON_S or longest_s <= sockets / PER_SECOND
    # Who hears goodbye within a tick comes back within its own spread: so many a second at most.
    away_s = (len(told) - 1) * TICK_S + longest_s
    assert sockets / away_s <= PER_SECOND


async def test_what_was_loaded_to_start_is_never_looked_through_for_garbage_and_the_rest_seldom(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[object] = []

    async def started(server: uvicorn.Server, sockets: object) -> None:
        done.append("started")

    monkeypatch.setattr(uvicorn.Server, "startup", started)
    monkeypatch.setattr(gc, "freeze", lambda: done.append("frozen"))
    monkeypatch.setattr(gc, "set_threshold", lambda *each: done.append(each))
    await PoliteServer(uvicorn.Config("nothing")).startup()
    assert done == ["started", "frozen", GARBAGE]


class Leaver:
    """A socket that only knows whether it has been told to go."""

    is_greeted = True

    def __init__(self, told: list[Goodbye]) -> None:
        self._told = told

    async def finish(self, goodbye: Goodbye, within_s: float) -> None:
        self._told.append(goodbye)


async def test_each_handful_is_told_before_the_next_and_all_before_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[Goodbye] = []
    at_each_tick, at_the_end, promised = [], [], []

    async def tick(seconds: float, *, sleep: Any = asyncio.sleep) -> None:
        await sleep(0)
        if seconds == TICK_S:
            at_each_tick.append(len(told))

    async def promise() -> None:
        promised.append(len(told))

    endpoint = SimpleNamespace(connections=dict.fromkeys(Leaver(told) for _ in range(60)))
    state = SimpleNamespace(application=SimpleNamespace(endpoint=endpoint, promise=promise))
    server = PoliteServer(uvicorn.Config("nothing"))
    server.config.loaded_app = SimpleNamespace(state=state)
    monkeypatch.setattr(asyncio, "sleep", tick)
    monkeypatch.setattr(uvicorn.Server, "handle_exit", lambda *_: at_the_end.append(len(told)))
    await server._leave(signal.SIGTERM, None)
    handful = round(PER_SECOND * TICK_S)
    assert at_each_tick == list(range(handful, 61, handful)) and at_the_end == [60]
    assert endpoint.is_closing and state.application.is_leaving
    assert {goodbye.code for goodbye in told} == {4000}
    assert promised[0] == 0 and len(promised) > 1  # first before anybody left, then again


def test_a_thousand_sockets_are_away_for_a_moment_only() -> None:
    assert {longest for _, longest in handfuls(1_000)} == {SOON_S}
