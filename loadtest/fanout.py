"""How fast posts reach many followers, beside the peers: one command, one table, one plot.

`python -m loadtest.fanout` starts every server on the first core and reads from the last one.
The exit status is 1 if the product lost, doubled or reordered anything, or did not keep up.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from loadtest import cores, results
from loadtest.crowd import Failed
from loadtest.fanruns import Outcome, Plan, fan_out, pin_generator
from loadtest.fantable import kept, middle, restored, table
from loadtest.ledger import Verdict
from loadtest.peers import install
from loadtest.peers.install import Absent
from loadtest.plots import bars
from loadtest.results import Result, Row, at_most, say, short
from loadtest.scenarios import SCENARIOS, Medians, Scenario
from loadtest.targets import TARGETS
from tests.services import Missing

Say = Callable[[str], None]
OURS: Final = ("realtime", "sparse", "postgres", "redis")


def once(server: str, plan: Plan, *, busy: bool = True) -> Outcome:
    """Start this server, run the plan and stop it.

    Raises:
        Absent: the server cannot be had here.
        Failed: the run could not be made.
    """
    with tempfile.TemporaryDirectory(prefix="fanout-") as folder:
        people = plan.followers + plan.slow
        with TARGETS[server](Path(folder), people) as target:
            return fan_out(target, plan, busy=busy)


def measure(scenario: Scenario, servers: Sequence[str], rounds: int, say: Say) -> Medians:
    """Every server in turn, so many times; whoever cannot run is told and left out.

    Raises:
        Failed: the product could not run.
    """
    found: dict[str, list[Outcome]] = {}
    absent: set[str] = set()
    for _ in range(rounds):
        for server in servers:
            if server in absent:
                continue
            try:
                outcome = _one(scenario, server)
            except (Absent, Missing) as error:
                absent.add(server)
                say(f"{server} is left out: {error}")
            except Failed as error:
                absent.add(server)
                found.pop(server, None)
                say(f"{server} failed: {error}")
                if _is_ours(scenario, server):
                    raise
            else:
                found.setdefault(server, []).append(outcome)
    return {server: middle(outcomes) for server, outcomes in found.items()}


def _one(scenario: Scenario, server: str) -> Outcome:
    beside = scenario.besides.get(server)
    if beside is None:
        return once(server, scenario.plan)
    return replace(once(beside.server, beside.plan), server=beside.name)


def _is_ours(scenario: Scenario, server: str) -> bool:
    return server in OURS or server in scenario.besides


def asked_for(words: Sequence[str] | None = None) -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", nargs="+", choices=tuple(SCENARIOS), metavar="SCENARIO")
    parser.add_argument("--servers", nargs="+", metavar="SERVER", help="of those of the scenario")
    parser.add_argument("--rounds", type=int, help="the table has their medians")
    parser.add_argument("--seconds", type=float, help="of posting, in each run")
    parser.add_argument("--scale", type=float, default=1.0, help="of the number of followers")
    parser.add_argument("--out", type=Path, help="a JSON file for the figures")
    parser.add_argument("--page", type=Path, help="a Markdown file for the tables")
    parser.add_argument("--plot", type=Path, help="an SVG file for the plot")
    parser.add_argument("--list", action="store_true", help="say what can be asked for")
    return parser.parse_args(words)


def wrong(scenario: Scenario, found: Medians) -> list[str]:
    """What the product must not do and did, a sentence each."""
    said = []
    for server, one in found.items():
        if not _is_ours(scenario, server):
            continue
        if not one.verdict.is_clean:
            bad = one.verdict
            counts = f"{bad.lost} lost, {bad.doubled} doubled, {bad.reordered} reordered"
            said.append(f"{scenario.title}: {one.server}: {counts}")
        if not one.kept_up:
            said.append(f"{scenario.title}: {one.server} had not delivered all in time")
    return said


def judged(scenario: Scenario, found: Medians) -> list[Row]:
    """What of the scenario's aims was measured, and that nothing may be lost."""
    rows = scenario.rows(found)
    ours = {server: one for server, one in found.items() if _is_ours(scenario, server)}
    if rows and any(one.posts for one in ours.values()):
        total = sum((one.verdict for one in ours.values()), Verdict())
        bad = total.lost + total.doubled + total.reordered
        what = f"{scenario.title}: deliveries lost, doubled or reordered"
        rows.append(at_most(Row(what, rows[0].deployment, bad), 0))
    return rows


def versions() -> dict[str, str]:
    """Of the peers, and how server and generator are kept apart."""
    return {**install.versions(), "pinned": "yes" if cores.is_pinned() else "no"}


def heading(found: Result) -> str:
    """When, where and what was measured, and how to do it again."""
    where = "server on one core, generator on another" if cores.is_pinned() else "not pinned"
    return f"{found.date}, commit {found.commit}. {found.machine}; {where}. `{found.command}`\n"


def main() -> int:
    """Run what was asked for; the exit status."""
    asked = asked_for()
    if asked.list:
        for name, scenario in SCENARIOS.items():
            say(f"{name:16} {scenario.title}: {', '.join(scenario.servers)}")
        return 0
    cores.allow_many_sockets()
    if cores.is_pinned():
        pin_generator()
    rows: list[Row] = []
    faults: list[str] = []
    tables: list[dict[str, Any]] = []
    for name in asked.only or SCENARIOS:
        scenario = SCENARIOS[name].smaller(asked.scale, asked.seconds)
        servers = [one for one in scenario.servers if one in (asked.servers or scenario.servers)]
        try:
            found = measure(scenario, servers, asked.rounds or scenario.rounds, say)
        except Failed as error:
            faults.append(f"{scenario.title}: {error}")
            continue
        rows += judged(scenario, found)
        faults += wrong(scenario, found)
        tables.append(kept(name, scenario.title, found))
        say(table(scenario.title, found))
        for row in scenario.rows(found):
            say(told(row))
    for fault in faults:
        say(f"WRONG: {fault}")
    keep(asked, results.result(rows, wrong=faults, tables=tables, versions=versions()))
    return 1 if faults else 0


def told(row: Row) -> str:
    """One aim, for whoever watches."""
    verdict = "" if row.met is None else ": reached" if row.met else ": **missed**"
    aim = "" if row.aim is None else f"; asked {row.aim}"
    return f"- {row.what}: {short(row.value, row.unit)}{aim}{verdict}"


def keep(asked: argparse.Namespace, found: Result) -> None:
    """Write what was found to the files that were asked for."""
    if asked.out is not None:
        results.write(asked.out, found)
    shown = dict(restored(each) for each in found.tables)
    if asked.page is not None:
        pages = [heading(found), *(table(title, each) for title, each in shown.items())]
        asked.page.write_text("\n".join(pages), encoding="utf-8")
    if asked.plot is not None:
        asked.plot.write_text(bars(shown), encoding="utf-8")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
