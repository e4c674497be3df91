"""Measures what each hostile kind costs the others: `python -m tests.faults.hostile`."""

from __future__ import annotations

import argparse
import asyncio
import gc
import random
import resource
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from loadtest import cores
from tests.faults.cluster import Setting, cluster
from tests.faults.history import History
from tests.faults.hostile import report
from tests.faults.hostile.attacks import KINDS, Named
from tests.faults.hostile.others import Measured, Others, part, precede
from tests.faults.nemesis.nodes import nothing
from tests.faults.people import Author
from tests.faults.trial import Row, Size, alarms, gather

CROWD: Final = Size(authors=16, followers=40, circle=8, every_s=1.2)
# The rates that hold for everybody hold here too.
SETTING: Final = Setting(nodes=1, is_direct=True, env={"REALTIME_RATE_LIMITS": "on"})
LIFE: Final = Row("hostile", "hostile clients", nothing, SETTING)
WARM_S: Final = 3.0

Keep = Callable[[Measured], None]


async def main(kinds: Sequence[Named], turns: int, for_s: float, most: int, keep: Keep) -> bool:
    """Measure these, and keep each as soon as it is known; True if the log has no alarm."""
    history = History(1)
    precede()
    if cores.is_pinned():
        cores.pin(0, cores.cores()[-1])  # what is started from here on stays here, the node apart
    async with cluster(SETTING) as built:
        others = built.folder / "attacker"
        async with gather(LIFE, built, history, random.Random(1), CROWD) as crowd:
            more = ("--follow", "0", "--cookies", str(others), "--force")
            await built.run("fixture", "--users", "1", *more)
            part(built.nodes[0].pid)
            measuring = Others(built, crowd)
            tasks = [asyncio.create_task(measuring.ask(one)) for one in crowd.followers]
            tasks += [asyncio.create_task(_write(one, n)) for n, one in enumerate(crowd.authors)]
            try:
                await asyncio.sleep(WARM_S)
                gc.freeze()
                for kind in kinds:
                    keep(await measuring.measure(kind, min(kind.crowd, most), turns, for_s))
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        alarmed = alarms(built.nodes[0].log)
    for alarm in alarmed:
        sys.stdout.write(f"In the log: {alarm}\n")
    return not alarmed


async def _write(author: Author, number: int) -> None:
    """Post for ever, each author in their own part of the pace."""
    await asyncio.sleep(CROWD.every_s * number / CROWD.authors)
    await author.run(asyncio.Event(), CROWD.every_s)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    names = [kind.name for kind in KINDS]
    parser.add_argument("--kind", action="append", choices=names, help="all, if none is named")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of a turn")
    parser.add_argument("--most", type=int, default=5_000, help="connections of one client")
    parser.add_argument("--report", type=Path, help="keep it in this page, and beside it")
    asked = parser.parse_args()
    chosen = [kind for kind in KINDS if not asked.kind or kind.name in asked.kind]
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)

    def keep(found: Measured) -> None:
        one = report.record(found, asked.seconds)
        sys.stdout.write(report.line(one) + "\n")
        sys.stdout.flush()
        if asked.report is None:
            return
        kept = report.read(asked.report.with_suffix(".jsonl"))
        kept[one.kind] = one
        there = [kept[name] for name in names if name in kept]
        report.write(asked.report.with_suffix(".jsonl"), there)
        asked.report.write_text(report.page(kept, CROWD), encoding="utf-8")

    sys.exit(0 if asyncio.run(main(chosen, asked.turns, asked.seconds, asked.most, keep)) else 1)
