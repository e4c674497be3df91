"""Whether what a process uses is as much at the end of its life as when it was young."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

from tests.faults.soak.gauge import Sample

MOST_GROWTH: Final = 0.10
FEWEST: Final = 15  # samples of a life that can be judged
LONG: Final = 0.4  # of the whole soak: shorter lives are not judged

_QUANTITIES: Final[dict[str, Callable[[Sample], float]]] = {
    "memory": lambda sample: sample.rss_bytes / 2**20,
    "files": lambda sample: sample.fds,
    "tasks": lambda sample: sample.tasks,
}


@dataclass(frozen=True, slots=True)
class Curve:
    """What one process used of one thing: medians of the second and of the last fifth of it."""

    process: str
    what: str  # memory in MiB, files, tasks
    life_s: float
    young: float
    old: float

    @property
    def growth(self) -> float:
        """0.1 is 10 % more."""
        return self.old / self.young - 1 if self.young else 0.0

    @property
    def is_flat(self) -> bool:
        return self.growth <= MOST_GROWTH


def lives(samples: Sequence[Sample]) -> list[list[Sample]]:
    """One node's samples, by the process that they are of: each start is a life."""
    found: list[list[Sample]] = []
    for sample in samples:
        if not found or found[-1][-1].pid != sample.pid:
            found.append([])
        found[-1].append(sample)
    return found


def curves(
    process: str, samples: Sequence[Sample], whole_s: float, quantities: Collection[str]
) -> list[Curve]:
    """These quantities of each life that was long enough."""
    found = []
    for life in lives(samples):
        life_s = life[-1].at - life[0].at
        if len(life) < FEWEST or life_s < LONG * whole_s:
            continue
        fifth = len(life) // 5
        for what in quantities:
            value = _QUANTITIES[what]
            young = statistics.median(value(sample) for sample in life[fifth : 2 * fifth])
            old = statistics.median(value(sample) for sample in life[-fifth:])
            if young or old:
                found.append(Curve(process, what, life_s, young, old))
    return found
