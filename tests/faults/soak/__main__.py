"""Lives for half an hour under load and faults: `python -m tests.faults.soak [--minutes N]`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from tests.faults.soak import page, plot
from tests.faults.soak.life import soak


def main() -> int:
    """Live, judge, write; 1 if anything was wrong or grew."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--report", type=Path, help="write soak.md and soak.svg into this folder")
    asked = parser.parse_args()
    if not Path("/proc/self/statm").exists():
        sys.stderr.write("A soak reads /proc, so it needs Linux.\n")
        return 2
    lived = asyncio.run(soak(asked.seed, asked.minutes, say))
    words = page.page(lived, f"make soak MINUTES={asked.minutes:g} SEED={asked.seed}")
    sys.stdout.write(words)
    if asked.report is not None:
        (asked.report / "soak.md").write_text(words, encoding="utf-8")
        (asked.report / "soak.svg").write_text(plot.svg(lived), encoding="utf-8")
    return 0 if not lived.problems and all(one.is_flat for one in page.grown(lived)) else 1


def say(line: str) -> None:
    """A line for who is watching."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
