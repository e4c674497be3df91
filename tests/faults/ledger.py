"""What was judged, kept: a line for each trial, so that a row can be lived through again alone."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import orjson

from tests.faults.check import Verdict, percentile
from tests.faults.history import History

Key = tuple[str, int]  # a row's name, and a seed


@dataclass(frozen=True, slots=True)
class Record:
    """One trial. `back_s` and `ack_ms` are p99."""

    row: str
    seed: int
    date: str
    acked: int
    due: int
    lost: int
    doubled: int
    reordered: int
    leaked: int
    invented: int
    unlike: int
    is_void: bool
    is_clean: bool
    back_s: float
    ack_ms: float
    figures: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        """A later trial of the same row and seed takes its place."""
        return self.row, self.seed


def record(row: str, history: History, verdict: Verdict) -> Record:
    """What is worth keeping of a trial."""
    return Record(
        row=row,
        seed=history.seed,
        date=time.strftime("%Y-%m-%d", time.gmtime()),
        acked=verdict.acked,
        due=verdict.due,
        lost=verdict.lost,
        doubled=verdict.doubled,
        reordered=verdict.reordered,
        leaked=verdict.leaked,
        invented=verdict.invented,
        unlike=verdict.unlike,
        is_void=verdict.is_void,
        is_clean=verdict.is_clean,
        back_s=round(verdict.recovery_p99_s, 2),
        ack_ms=round(percentile(history.ack_ms, 0.99), 1),
        figures=dict(history.figures),
    )


def read(path: Path) -> dict[Key, Record]:
    """All that was kept; nothing where there is no file."""
    if not path.exists():
        return {}
    lines = path.read_bytes().splitlines()
    return {one.key: one for one in (Record(**orjson.loads(line)) for line in lines)}


def write(path: Path, records: Iterable[Record]) -> None:
    """Keep these, in this order."""
    path.write_bytes(b"".join(orjson.dumps(asdict(one)) + b"\n" for one in records))
