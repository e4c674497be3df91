"""What `realtime serve` writes while it serves."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from realtime.commands.serve import configure_logging


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
