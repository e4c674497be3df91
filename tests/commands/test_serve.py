"""What `realtime serve` writes while it serves, and at what pace it leaves."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from realtime.commands.serve import LEAVE_S, PER_SECOND, SOON_S, TICK_S, configure_logging, handfuls


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


def test_a_thousand_sockets_are_away_for_a_moment_only() -> None:
    assert {longest for _, longest in handfuls(1_000)} == {SOON_S}
