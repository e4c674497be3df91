"""Faults of time: wall clocks that jump or differ, and an event loop that stands still."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import Final

import httpx

from tests.faults.cluster import Cluster, Node, Setting
from tests.faults.history import Fault, History, now
from tests.faults.trial import Crowd, Row
from tests.faults.tricks import CLOCK, STALL_S

HOUR_S: Final = 3600
NOTICED_S: Final = 20.0
ENDED: Final = 4401
UNANSWERED: Final = 1011


async def clock_jumps(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """A node's wall clock jumps an hour ahead, then an hour behind, then is right again."""
    node = crowd.chance.choice(built.nodes)
    for shift_s in (HOUR_S, -HOUR_S, 0):
        _set(node, shift_s)
        fault.bites += abs(await _ahead_s(node) - shift_s) < 60
        await _still_acked(crowd, 2.5)
    if fault.bites < 3:
        fault.bites = 0
    _nobody_signed_out(crowd.history)


async def clock_skew(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """One node is five seconds ahead of the second, which is five ahead of the third."""
    for number, node in enumerate(built.nodes):
        _set(node, (1 - number) * 5)
    await _still_acked(crowd, 6.0)
    ahead = [await _ahead_s(node) for node in built.nodes]
    fault.bites = sum(a - b > 2.5 for a, b in pairwise(ahead))
    _nobody_signed_out(crowd.history)


def _set(node: Node, shift_s: int) -> None:
    path = node.folder / CLOCK
    path.with_suffix(".new").write_text(str(shift_s), encoding="ascii")
    path.with_suffix(".new").replace(path)


async def _ahead_s(node: Node) -> float:
    """How far ahead this node's answers say that it is; they are stamped once a second."""
    await asyncio.sleep(1.5)
    async with httpx.AsyncClient() as http:
        answer = await http.get(f"http://127.0.0.1:{node.port}/healthz")
    return (parsedate_to_datetime(answer.headers["date"]) - datetime.now(UTC)).total_seconds()


async def _still_acked(crowd: Crowd, for_s: float) -> None:
    """Let posts come for a while: buckets that stick would stop every author."""
    began = now()
    await asyncio.sleep(for_s)
    fresh = {a.author for a in crowd.history.attempts.values() if a.ids and (a.acked or 0) > began}
    stuck = len(crowd.authors) - len(fresh)
    if stuck == len(crowd.authors):
        crowd.history.alarms.append(f"no author was answered for {for_s} s")


def _nobody_signed_out(history: History) -> None:
    for code in _closes(history, ENDED):
        history.alarms.append(f"{code} windows were signed out by a clock")


def _closes(history: History, code: int) -> Sequence[int]:
    """How many sockets ended with this code, if any did."""
    count = sum(c == code for seat in history.seats.values() for _, c in seat.closes)
    return [count] if count else []


async def loop_stalled(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """The event loop of a node stands still for five seconds; its pulse says so."""
    node = crowd.chance.choice(built.nodes)
    node.signal(signal.SIGUSR1)
    await asyncio.sleep(STALL_S)
    fault.healed = now()
    async with asyncio.timeout(NOTICED_S):
        while "the event loop stood still for" not in node.log:  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(0.1)
    fault.bites = 1
    for count in _closes(crowd.history, UNANSWERED):
        crowd.history.alarms.append(f"{count} sockets were closed as if their clients were dead")


_LIMITED: Final = Setting(
    planted="shifted-clock",
    env={"REALTIME_RATE_LIMITS": "on", "REALTIME_TRUSTED_PROXIES": "127.0.0.0/8"},
)

ROWS: Final = (
    Row("clock-jumps", "a node's clock jumps an hour ahead, then behind", clock_jumps, _LIMITED),
    Row("clock-skew", "clocks differ by 5 s from node to node", clock_skew, _LIMITED),
    Row(
        "loop-stalled",
        "an event loop stands still for 5 s",
        loop_stalled,
        Setting(planted="stalling"),
    ),
)
