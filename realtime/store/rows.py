"""What columns become on the wire, and rows that somebody has spoiled."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime
from typing import Final, TypeVar

import msgspec

from realtime import metrics

T = TypeVar("T")
log = logging.getLogger(__name__)

_SAID: Final = 1_000  # rows that a process remembers to have told of
_said: dict[tuple[str, int], None] = {}
_saying: Final = threading.Lock()  # SQLite's rows are read in threads

LAST: Final = 2**63 - 1  # above every id: where the first page of a list begins


def rfc3339(ms: int) -> str:
    """Milliseconds since 1970 as a time of the wire, in UTC."""
    seconds, rest = divmod(ms, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:03d}Z"


def parsed(text: str, shape: type[T], table: str, row_id: int) -> T | None:
    """What a column of JSON holds; None, counted and told, where that is no JSON of this shape."""
    try:
        return msgspec.json.decode(text, type=shape)
    except msgspec.DecodeError:  # of which a wrong shape is one
        corrupt(table, row_id)
        return None


def corrupt(table: str, row_id: int) -> None:
    """Count and tell a row that cannot be read: what needs it goes on without it.

    Each is told once, however often it is read: a post that everybody sees would fill the log.
    """
    metrics.corrupt_rows.labels(table).inc()
    with _saying:
        if (table, row_id) in _said:
            return
        if len(_said) >= _SAID:
            del _said[next(iter(_said))]
        _said[table, row_id] = None
    log.warning("a row of %s is corrupt: %d", table, row_id)
