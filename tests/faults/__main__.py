"""Lives through the matrix of faults: `python -m tests.faults [--row NAME] [--seeds N]`."""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time

from tests.faults.check import Verdict, percentile
from tests.faults.history import History
from tests.faults.nemesis import MATRIX
from tests.faults.trial import SMALL, Row, Size, trial


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


async def main(rows: list[Row], seeds: range, size: Size) -> int:
    """Every row with every seed; how many trials were not clean."""
    bad = 0
    for row in rows:
        for seed in seeds:
            began = time.monotonic()
            history, verdict = await trial(row, seed, size)
            sys.stdout.write(line(row, history, verdict, time.monotonic() - began) + "\n")
            for problem in verdict.problems:
                sys.stdout.write(f"    {problem}\n")
            sys.stdout.flush()
            bad += not verdict.is_clean
    return bad


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    names = [row.name for row in MATRIX]
    parser.add_argument("--row", action="append", choices=names, help="all, if none is named")
    parser.add_argument("--seed", type=int, default=1, help="the first one")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--small", action="store_true", help="a small crowd")
    asked = parser.parse_args()
    chosen = [row for row in MATRIX if not asked.row or row.name in asked.row]
    size = SMALL if asked.small else Size()
    sys.exit(min(1, asyncio.run(main(chosen, range(asked.seed, asked.seed + asked.seeds), size))))
