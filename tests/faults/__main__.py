"""Lives through the matrix of faults: `python -m tests.faults [--row NAME] [--seeds N]`."""

from __future__ import annotations

import argparse
import asyncio
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.faults import ledger
from tests.faults.check import Verdict, percentile
from tests.faults.history import History
from tests.faults.ledger import Record
from tests.faults.nemesis import MATRIX
from tests.faults.report import page
from tests.faults.trial import SMALL, Row, Size, trial

COMMAND: Final = "make faults"


def line(row: Row, history: History, verdict: Verdict, took_s: float) -> str:
    """One trial, as a line of the table."""
    state = "void" if verdict.is_void else "clean" if verdict.is_clean else "WRONG"
    return (
        f"{row.name:18} seed {history.seed:<4} {state:6}"
        f" acked {verdict.acked:6} due {verdict.due:8} lost {verdict.lost} doubled"
        f" {verdict.doubled} reordered {verdict.reordered} leaked {verdict.leaked}"
        f" unlike {verdict.unlike} | back p50 {statistics.median(verdict.recovery_s or [0]):5.2f}"
        f" p99 {verdict.recovery_p99_s:5.2f} s | ack p99"
        f" {percentile(history.ack_ms, 0.99):6.0f} ms | {took_s:.0f} s"
    )


async def main(
    rows: list[Row], seeds: range, is_small: bool, keep: Callable[[Record], None]
) -> bool:
    """Every row with every seed, each printed and kept as soon as it is judged; True if clean."""
    is_clean = True
    for row in rows:
        missing = row.missing()
        if missing is not None:
            sys.stdout.write(f"{row.name:18} not lived here: {missing}\n")
            continue
        size = SMALL if is_small else row.size or Size()
        for seed in seeds:
            began = time.monotonic()
            history, verdict = await trial(row, seed, size)
            is_clean = is_clean and verdict.is_clean
            keep(ledger.record(row.name, history, verdict))
            sys.stdout.write(line(row, history, verdict, time.monotonic() - began) + "\n")
            for name, figure in history.figures.items():
                sys.stdout.write(f"    {name}: {figure}\n")
            for problem in verdict.problems:
                sys.stdout.write(f"    {problem}\n")
            sys.stdout.flush()
    return is_clean


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    names = [row.name for row in MATRIX]
    parser.add_argument("--row", action="append", choices=names, help="all, if none is named")
    parser.add_argument("--seed", type=int, default=1, help="the first one")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--small", action="store_true", help="a small crowd")
    parser.add_argument("--report", type=Path, help="keep it in this page, and beside it")
    asked = parser.parse_args()
    chosen = [row for row in MATRIX if not asked.row or row.name in asked.row]
    seeds = range(asked.seed, asked.seed + asked.seeds)
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)

    def keep(one: Record) -> None:
        if asked.report is None:
            return
        # Read anew after each trial: whoever stops keeps what was shown, and two may run at once.
        kept = ledger.read(asked.report.with_suffix(".jsonl"))
        kept[one.key] = one
        there = [one for row in MATRIX for one in kept.values() if one.row == row.name]
        ledger.write(asked.report.with_suffix(".jsonl"), there)
        asked.report.write_text(page(MATRIX, there, COMMAND), encoding="utf-8")

    sys.exit(0 if asyncio.run(main(chosen, seeds, asked.small, keep)) else 1)
