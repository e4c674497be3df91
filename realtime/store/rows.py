"""What columns become on the wire."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

LAST: Final = 2**63 - 1  # above every id: where the first page of a list begins


def rfc3339(ms: int) -> str:
    """Milliseconds since 1970 as a time of the wire, in UTC."""
    seconds, rest = divmod(ms, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:03d}Z"
