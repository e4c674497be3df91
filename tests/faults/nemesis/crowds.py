"""Many people at once: a thousand who are sent away politely, five thousand who are cut off."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

from tests.faults.check import percentile
from tests.faults.cluster import Cluster
from tests.faults.history import Fault, History, now
from tests.faults.raw import dial_raw
from tests.faults.trial import Crowd, Row, Size

THOUSAND: Final = Size(authors=6, followers=1_000, circle=2, every_s=0.3, after_s=3.0)
GAP_S: Final = 3.0
BACK_S: Final = 60.0


async def rolling_restart(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """Every node is asked to leave, one after the other, with all of its sockets."""
    for node in built.nodes:
        await node.leave()
        fault.bites += 1
        await node.start()
    await _until(lambda: all(f.welcomed.is_set() for f in crowd.followers))
    goodbyes = Counter(
        code for f in crowd.followers for at, code in f.seat.closes if at >= fault.began
    )
    if goodbyes.keys() != {4000}:
        crowd.history.alarms.append(f"sockets were closed with {dict(goodbyes)}, not only 4000")
    gaps = _gaps(crowd, fault)
    # A small crowd shares its machine with other tests: there no time is judged.
    if len(crowd.followers) == THOUSAND.followers and max(gaps, default=0) > GAP_S:
        late = sum(gap > GAP_S for gap in gaps)
        crowd.history.alarms.append(f"{late} sockets were away for over {GAP_S} s: {max(gaps):.2f}")
    figures = crowd.history.figures
    figures["sockets"] = str(len(crowd.followers))
    figures["goodbyes"] = str(goodbyes[4000])
    figures["coming back, at most"] = f"{_busiest(_returns(crowd, fault))} in a second"
    refused = sum(attempt.refused is not None for attempt in crowd.history.attempts.values())
    figures["posts refused"] = str(refused)
    figures["slowest post"] = f"{max(crowd.history.ack_ms, default=0) / 1000:.2f} s"


def _gaps(crowd: Crowd, fault: Fault) -> list[float]:
    """Write down for how long sockets were away since the fault began, and return it."""
    gaps = [
        back - left for f in crowd.followers for left, back in f.seat.away if left >= fault.began
    ]
    _say(crowd.history, "gap", gaps)
    return gaps


def _say(history: History, name: str, values_s: list[float]) -> None:
    for label, part in (("p50", 0.5), ("p99", 0.99), ("max", 1.0)):
        history.figures[f"{name} {label}"] = f"{percentile(values_s, part):.2f} s"


def _returns(crowd: Crowd, fault: Fault) -> list[float]:
    return sorted(
        back for f in crowd.followers for left, back in f.seat.away if left >= fault.began
    )


def _busiest(moments: Iterable[float]) -> int:
    """The most of these moments within any one second."""
    window: list[float] = []
    most = 0
    for moment in sorted(moments):
        window = [at for at in window if at > moment - 1.0] + [moment]
        most = max(most, len(window))
    return most


async def _until(claim: Callable[[], bool], within_s: float = BACK_S) -> None:
    """Until it is so, or the time is over: the judge will find what is missing."""
    deadline = now() + within_s
    while not claim() and now() < deadline:  # noqa: ASYNC110 - there is no event to wait for
        await asyncio.sleep(0.05)


ROWS: Final = (
    Row(
        "rolling-restart-1000",
        "SIGTERM to each node in turn, with 1,000 sockets",
        rolling_restart,
        size=THOUSAND,
        dials=dial_raw,
        is_passed_on=True,
        is_quick=True,
    ),
)
