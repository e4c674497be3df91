"""What came to which socket, and whether anything was lost, doubled or reordered.

Numbers are kept as the eight digits that travel. All sockets are owed the same posts in the same
order, so one list is the measure of all: a socket is a position in it until it differs.
"""

from __future__ import annotations

import itertools
from array import array
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

STRAYED: Final = -1  # in `at`: this socket has a list of its own
_SAMPLES: Final = 2_000_000  # latencies that are looked at; of more, every n-th


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many deliveries went wrong, over all sockets."""

    lost: int = 0
    doubled: int = 0
    reordered: int = 0

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.reordered)

    def __add__(self, other: Verdict) -> Verdict:
        return Verdict(
            self.lost + other.lost, self.doubled + other.doubled, self.reordered + other.reordered
        )


def judge(owed: Collection[bytes], came: Sequence[bytes], lanes: int) -> Verdict:
    """What is wrong with `came`, in the order in which it came, beside what was owed.

    A post of lane `number % lanes` may overtake those of other lanes, never those of its own.
    What was not owed at all counts as doubled.
    """
    times = Counter(came)
    newest: dict[int, int] = {}
    reordered = 0
    for number in map(int, dict.fromkeys(came)):
        lane = number % lanes
        if number < newest.get(lane, -1):
            reordered += 1
        else:
            newest[lane] = number
    owed = frozenset(owed)
    doubled = sum(n if number not in owed else n - 1 for number, n in times.items())
    return Verdict(len(owed - times.keys()), doubled, reordered)


class Ledger:
    """Everything that is noted while a crowd hears; the crowd's hot path writes into it itself."""

    def __init__(self, lanes: int = 1) -> None:
        self.lanes = lanes
        self.posted: list[float] = []  # when each was due, by number
        self.order: list[bytes] = []  # as the first sockets heard them
        self.at: dict[int, int] = {}  # how much of `order` each socket has heard
        self.strays: dict[int, list[bytes]] = {}
        self.heard = 0  # deliveries
        self.reads = array("d")  # triples: when, where in `order` it began, how many

    def join(self, sockets: Sequence[int]) -> None:
        """These are owed every post from now on."""
        self.at.update(dict.fromkeys(sockets, 0))

    def post(self, due: float) -> int:
        """The number of the next post, which is due to be sent at this moment."""
        self.posted.append(due)
        return len(self.posted) - 1

    def differs(self, socket: int, found: list[bytes]) -> int:
        """Note what a socket heard that `order` does not say; its new place, or STRAYED."""
        at = self.at[socket]
        if at == STRAYED:
            self.strays[socket] += found
            return STRAYED
        known = self.order[at : at + len(found)]
        if found[: len(known)] == known and at + len(known) == len(self.order):
            self.order += found[len(known) :]
            return at + len(found)
        self.strays[socket] = self.order[:at] + found
        return STRAYED

    def forget(self) -> None:
        """Latencies count from here on: what came before was to warm up."""
        self.reads = array("d")

    @property
    def outstanding(self) -> float:
        """Posts that are on their way, as an average over the sockets."""
        return len(self.posted) - self.heard / max(1, len(self.at))

    @property
    def is_settled(self) -> bool:
        """Every socket was handed as many posts as were sent."""
        return self.heard >= len(self.posted) * len(self.at)

    def verdict(self) -> Verdict:
        """Judge all sockets; those that heard the same are judged once."""
        owed = [b"%08d" % number for number in range(len(self.posted))]
        total = Verdict()
        for at, sockets in Counter(self.at.values()).items():
            if at != STRAYED:
                one = judge(owed, self.order[:at], self.lanes)
                total += Verdict(one.lost * sockets, one.doubled * sockets, one.reordered * sockets)
        for came in self.strays.values():
            total += judge(owed, came, self.lanes)
        return total

    def latencies_ms(self) -> list[float]:
        """From each post's due moment to a socket, sorted. Strayed sockets are left out."""
        due = [self.posted[number] for number in map(int, self.order) if number < len(self.posted)]
        step = max(1, self.heard // _SAMPLES)
        values = []
        rows = zip(*(itertools.islice(self.reads, part, None, 3) for part in range(3)), strict=True)
        for when, start, count in itertools.islice(rows, 0, None, step):
            first = int(start)
            values += [(when - moment) * 1000 for moment in due[first : first + int(count)]]
        values.sort()
        return values


def percentile(ordered: Sequence[float], part: float) -> float:
    """The value below which `part` (0 to 1) of the sorted values lie; 0 of none."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0
