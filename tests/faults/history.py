"""What was done and what was seen, as it happened, on one clock: all that the judge may look at."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Literal


@dataclass(slots=True)
class Attempt:
    """One post that an author wanted published, however often it had to be asked for."""

    key: str
    author: int
    invoked: float
    acked: float | None = None
    ids: set[int] = field(default_factory=set)  # of every acknowledgement
    refused: str | None = None  # for good
    tries: int = 0


@dataclass(slots=True)
class Edge:
    """Somebody follows, or blocks, somebody, or no longer."""

    who: int
    whom: int
    what: Literal["follow", "unfollow", "block", "unblock"]
    invoked: float
    acked: float | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """A post came to a window, pushed. `greeting` counts the window's welcomes."""

    at: float
    window: str
    greeting: int
    topic: str
    post_id: int
    seq: int
    author: int
    deleted: bool


@dataclass(slots=True)
class Seat:
    """A window's way through the trial."""

    user_id: int
    greetings: int = 0
    gaps: int = 0  # welcomes that said `resumed: false` to a cursor
    behinds: int = 0
    gapped: list[float] = field(default_factory=list)  # when it was told to load afresh
    closes: list[tuple[float, int]] = field(default_factory=list)
    away: list[tuple[float, float]] = field(default_factory=list)  # without a welcomed socket
    final: dict[int, int] = field(default_factory=dict)  # post → seq, as shown at the end
    fresh: dict[int, int] = field(default_factory=dict)  # the same, as a fresh load shows it
    seen: dict[int, float] = field(default_factory=dict)  # post → when it was first shown


@dataclass(slots=True)
class Deleted:
    """A post was taken back."""

    post_id: int
    invoked: float
    acked: float | None = None


@dataclass(slots=True)
class Fault:
    """Something was broken for a while. `bites` counts what shows that it really was."""

    name: str
    began: float
    healed: float | None = None
    bites: int = 0


@dataclass(slots=True)
class History:
    """One trial."""

    seed: int
    attempts: dict[str, Attempt] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    deletions: dict[int, Deleted] = field(default_factory=dict)
    stored: list[tuple[int, str]] = field(default_factory=list)  # post, key: all that is there
    heard: list[Heard] = field(default_factory=list)
    seats: dict[str, Seat] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    ack_ms: list[float] = field(default_factory=list)
    refusal_ms: list[float] = field(default_factory=list)  # from the command to its `error`
    refusals: dict[str, int] = field(default_factory=dict)  # code → how often
    alarms: list[str] = field(default_factory=list)  # tracebacks in logs, statuses of 500
    figures: dict[str, str] = field(default_factory=dict)  # "gap p99" → "1.3 s": of this row only
    floor: int = 0  # posts below it have been judged: no window reads further back

    @property
    def healed(self) -> float:
        """When the last fault was mended; the beginning of time if there was none."""
        return max((fault.healed or fault.began for fault in self.faults), default=0.0)


def now() -> float:
    """Seconds on the one clock."""
    return time.monotonic()
