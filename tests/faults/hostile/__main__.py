"""Measures what each hostile kind costs the others: `python -m tests.faults.hostile`."""

from __future__ import annotations

import argparse
import asyncio
import platform
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.faults.cluster import Setting, cluster
from tests.faults.history import History
from tests.faults.hostile.attacks import KINDS, Named
from tests.faults.hostile.others import Measured, Others
from tests.faults.nemesis.nodes import nothing
from tests.faults.trial import Row, Size, alarms, gather

CROWD: Final = Size(authors=8, followers=40, circle=4, every_s=1.2)
# The rates that hold for everybody hold here too.
SETTING: Final = Setting(nodes=1, env={"REALTIME_RATE_LIMITS": "on"})
LIFE: Final = Row("hostile", "hostile clients", nothing, SETTING)
HEAD: Final = (
    "| client | what it does | answers p99, quiet | attacked | more | posts p99, quiet |"
    " attacked | more | memory while | left | how it ended |\n"
    "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|---|"
)
_HOW: Final = """\
One node with a PostgreSQL and a Redis of its own; {authors} authors post, {followers} followers
hear them and ask four times a second each. The hostile client is another process, which gives way
to others for the processor; quiet and attack come by turns, {turns} of each, {for_s:g} s long, in
one run, and each figure is the median over the turns of the p99 within one. Memory is what the
server's process held more than before: at most while attacked, and {rest} afterwards. How it
ended: close codes of the socket, or statuses of the answer, and how often; who is cut comes back
20 times a second. Rates are on."""


def line(found: Measured) -> str:
    """One row of the table."""
    cells = []
    for what in ("answers", "posts"):
        quiet, attacked = (found.p99(of, what) for of in (found.quiet, found.attacked))
        more = attacked / quiet - 1 if quiet else 0.0
        cells += [f"{quiet:.1f} ms", f"{attacked:.1f} ms", f"{more:+.0%}"]
    ends = ", ".join(f"{end} × {count:,}" for end, count in sorted(found.ends.items()))
    what = found.kind.what.replace(f"{found.kind.crowd:,}", f"{found.crowd:,}")
    cells += [f"{found.most_mib:+.1f} MiB", f"{found.left_mib:+.1f} MiB", ends or "bounded"]
    return f"| {found.kind.name} | {what} | " + " | ".join(cells) + " |"


async def main(kinds: Sequence[Named], turns: int, for_s: float, most: int) -> list[str]:
    """The table's rows, each printed as soon as it is known, and what was wrong."""
    history = History(1)
    rows = []
    async with cluster(SETTING) as built:
        others = built.folder / "attacker"
        async with gather(LIFE, built, history, random.Random(1), CROWD) as crowd:
            more = ("--follow", "0", "--cookies", str(others), "--force")
            await built.run("fixture", "--users", "1", *more)
            measuring = Others(built, crowd)
            enough = asyncio.Event()
            tasks = [asyncio.create_task(measuring.ask(one)) for one in crowd.followers]
            tasks += [asyncio.create_task(a.run(enough, CROWD.every_s)) for a in crowd.authors]
            try:
                await asyncio.sleep(for_s)
                for kind in kinds:
                    found = await measuring.measure(kind, min(kind.crowd, most), turns, for_s)
                    rows.append(line(found))
                    sys.stdout.write(rows[-1] + "\n")
                    sys.stdout.flush()
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        for alarm in alarms(built.nodes[0].log):
            rows.append(f"\nIn the log: `{alarm.splitlines()[0]}`")
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    names = [kind.name for kind in KINDS]
    parser.add_argument("--kind", action="append", choices=names, help="all, if none is named")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5.0, help="of a turn")
    parser.add_argument("--most", type=int, default=5_000, help="connections of one client")
    parser.add_argument("--report", type=Path, help="write the table here too")
    asked = parser.parse_args()
    chosen = [kind for kind in KINDS if not asked.kind or kind.name in asked.kind]
    table = asyncio.run(main(chosen, asked.turns, asked.seconds, asked.most))
    how = _HOW.format(
        authors=CROWD.authors,
        followers=CROWD.followers,
        turns=asked.turns,
        for_s=asked.seconds,
        rest="2 s",
    )
    date = time.strftime("%Y-%m-%d", time.gmtime())
    page = (
        "# What hostile clients cost\n\nWritten by the command below; nothing here is typed by"
        f" hand.\n\n{date}, Python {platform.python_version()} on {platform.system()},"
        f" `python -m tests.faults.hostile --turns {asked.turns} --seconds {asked.seconds:g}`.\n\n"
        + "\n".join((HEAD, *table))
        + f"\n\n{how}\n"
    )
    if asked.report is not None:
        asked.report.write_text(page, encoding="utf-8")
