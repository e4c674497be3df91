"""A storm: all are cut off in one moment, and come back with the cursors that they have."""

from __future__ import annotations

import re
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from loadtest.asker import Probe
from loadtest.crowd import Crowd
from loadtest.ledger import percentile
from loadtest.targets import Target
from loadtest.wires import Step

REST_S: Final = 0.5  # for what follows a welcome, or a loss
_CURSOR: Final = re.compile(rb'"cursor":"([^"]+)"')
_READS: Final = re.compile(rb"^realtime_reads_total (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    """What it cost to come back. A server of which we know no statements has 0 of them."""

    resumes_per_cpu_s: float  # from the handshake to the welcome and what was missed
    resume_reads: float  # statements for one of them
    back_s: float  # until the last one was back
    storm_p99_ms: float  # another's command, while all came back once more


def strike(
    crowd: Crowd, target: Target, followers: Sequence[int], at_once: int
) -> tuple[list[int], Storm]:
    """Cut these off and let them come back, twice; who they are then, in the same order.

    Raises:
        Failed: somebody was refused, or not back in time.
    """
    scripts = _cut(crowd, target, followers)
    read, began_s, cpu_s = reads(target), time.perf_counter(), target.process.cpu_s
    numbers = crowd.open(scripts, at_once=at_once)
    back_s = time.perf_counter() - began_s
    rest(crowd)
    cpu_s, read = target.process.cpu_s - cpu_s, reads(target) - read
    p99_ms = 0.0
    if target.wire.question:
        probe = Probe(crowd, target)
        scripts = _cut(crowd, target, numbers)
        numbers = crowd.open(scripts, at_once=at_once, meanwhile=probe.turn)
        p99_ms = percentile(sorted(probe.times_ms), 0.99)
        probe.leave()
        rest(crowd)
    return numbers, Storm(
        resumes_per_cpu_s=len(numbers) / cpu_s,
        resume_reads=read / len(numbers),
        back_s=back_s,
        storm_p99_ms=p99_ms,
    )


def reads(target: Target) -> float:
    """How many statements the server has read with so far, outside of transactions."""
    if target.wire.resume is None:
        return 0.0
    with urllib.request.urlopen(f"http://127.0.0.1:{target.port}/metrics", timeout=20) as answer:
        found = _READS.search(answer.read())
    assert found is not None, "the product counts its statements"
    return float(found[1])


def rest(crowd: Crowd) -> None:
    """Let what follows a connection settle."""
    until = time.perf_counter() + REST_S
    while time.perf_counter() < until:
        crowd.turn(0.01)


def _cut(crowd: Crowd, target: Target, numbers: Sequence[int]) -> list[Sequence[Step]]:
    """Cut these off, and how each comes back. What the loss itself costs is not counted."""
    resume = target.wire.resume
    follower: Callable[[int], Sequence[Step]] = target.wire.follower
    scripts = []
    for n, number in enumerate(numbers):
        cursor = _CURSOR.search(crowd.welcomes.get(number, b"")) if resume else None
        scripts.append(resume(n, cursor[1]) if resume and cursor else follower(n))
    crowd.close(numbers)
    rest(crowd)
    return scripts
