"""How fast posts reach many followers, beside the peers: one command, one table, one plot.

`python -m loadtest.fanout` starts every server on the first core and reads from the last one.
The exit status is 1 if the product lost, doubled or reordered anything, or did not keep up.
"""

from __future__ import annotations

import argparse
import datetime
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from loadtest import cores
from loadtest.crowd import Failed
from loadtest.fanruns import Outcome, Plan, fan_out, pin_generator
from loadtest.fantable import middle, plot, table
from loadtest.peers.install import Absent
from loadtest.scenarios import SCENARIOS, Medians, Scenario
from loadtest.targets import ROOT, TARGETS
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
    """Every server in turn, so many times; whoever cannot run is told and left out."""
    found: dict[str, list[Outcome]] = {}
    absent: set[str] = set()
    for _ in range(rounds):
        for server in servers:
            if server in absent:
                continue
            try:
                outcome = once(server, scenario.plan)
            except (Absent, Missing) as error:
                absent.add(server)
                say(f"{server} is left out: {error}")
            except Failed as error:
                absent.add(server)
                found.pop(server, None)
                say(f"{server} failed: {error}")
                if server in OURS:
                    raise
            else:
                found.setdefault(server, []).append(outcome)
    return {server: middle(outcomes) for server, outcomes in found.items()}


def asked_for(words: Sequence[str] | None = None) -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", nargs="+", choices=tuple(SCENARIOS), metavar="SCENARIO")
    parser.add_argument("--servers", nargs="+", choices=tuple(TARGETS), metavar="SERVER")
    parser.add_argument("--rounds", type=int, default=3, help="the table has their medians")
    parser.add_argument("--seconds", type=float, help="of posting, in each run")
    parser.add_argument("--scale", type=float, default=1.0, help="of the number of followers")
    parser.add_argument("--out", type=Path, help="a Markdown file for the tables")
    parser.add_argument("--plot", type=Path, help="an SVG file for the plot")
    parser.add_argument("--list", action="store_true", help="say what can be asked for")
    return parser.parse_args(words)


def scaled(scenario: Scenario, scale: float, seconds: float | None) -> Scenario:
    """The same, smaller or shorter."""
    plan = scenario.plan
    smaller = replace(
        plan,
        followers=max(1, round(plan.followers * scale)),
        slow=round(plan.slow * scale),
        seconds=seconds or plan.seconds,
    )
    title = scenario.title if scale == 1 else f"{scenario.title} (at {scale:g} of that crowd)"
    return replace(scenario, title=title, plan=smaller)


def heading() -> str:
    """When, where and what was measured, and how to do it again."""
    commit = subprocess.run(
        ("git", "rev-parse", "--short", "HEAD"), cwd=ROOT, capture_output=True, text=True
    ).stdout.strip()
    today = datetime.datetime.now(datetime.UTC).date()
    where = "server on one core, generator on another" if cores.is_pinned() else "not pinned"
    command = " ".join(["python -m loadtest.fanout", *sys.argv[1:]])
    return f"{today}, commit {commit}. {cores.machine()}; {where}. `{command}`\n"


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
    pages, results = [heading()], {}
    say(pages[0])
    is_good = True
    for name in asked.only or SCENARIOS:
        scenario = scaled(SCENARIOS[name], asked.scale, asked.seconds)
        servers = [one for one in scenario.servers if one in (asked.servers or TARGETS)]
        try:
            results[scenario.title] = found = measure(scenario, servers, asked.rounds, say)
        except Failed:
            is_good = False
            continue
        pages.append(table(scenario, found))
        say(pages[-1])
        is_good &= all(one.is_good for server, one in found.items() if server in OURS)
    keep(asked, pages, results)
    return 0 if is_good else 1


def keep(asked: argparse.Namespace, pages: Sequence[str], results: Mapping[str, Medians]) -> None:
    """Write what was found to the files that were asked for."""
    if asked.out is not None:
        asked.out.write_text("\n".join(pages), encoding="utf-8")
    if asked.plot is not None:
        asked.plot.write_text(plot(results), encoding="utf-8")


def say(line: str) -> None:
    """A line for whoever watches."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
