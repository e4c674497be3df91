"""What came of a soak, as a page: written by the command that lived it."""

from __future__ import annotations

import platform
import time
from typing import Final

from tests.faults.ledger import record
from tests.faults.nemesis import MATRIX
from tests.faults.report import HEAD, line
from tests.faults.soak.flat import MOST_GROWTH, Curve, curves
from tests.faults.soak.life import CROWD, EVERY_S, READERS, Soak

_PICTURE: Final = "![Memory, files, tasks, sockets and lag of each node over time](soak.svg)"

_HOW: Final = f"""\
Three nodes, a PostgreSQL and a Redis of their own, and wires between all of them.
{CROWD.authors} authors post twice a second each, {CROWD.followers} followers keep a window that
the judge looks into, and {READERS} readers turn pages, react, watch, and close and open their
windows. Their pace is found before anything is broken, and stays. Every {EVERY_S:.0f} s a fault
is drawn by the seed from those of `make faults` that can be repeated, is mended, and what was
posted meanwhile is judged as it is there. At the end all posts of the whole time are
read back and compared with what was acknowledged, and three windows are loaded afresh from the
first post to the last.

Flat means that the median of the last fifth of a process's life is at most {MOST_GROWTH:.0%} above
that of its second fifth. The last node is never killed or stopped, only everything around it, so
that one process is there from beginning to end; the others count from each of their starts, and
lives of less than two fifths of the soak are not judged. Files, which include sockets, and tasks,
of which each socket has at least one, are those of all nodes together: people come back to any
node, but there are always as many of them."""


def grown(lived: Soak) -> list[Curve]:
    """Every curve that is long enough to be judged."""
    if lived.gauge is None:
        return []
    found = curves("all nodes", lived.gauge.together, lived.took_s, ("files", "tasks"))
    for number, samples in enumerate(lived.gauge.nodes):
        found += curves(f"node {number + 1}", samples, lived.took_s, ("memory",))
    return found


def page(lived: Soak, command: str) -> str:
    """The whole page, in Markdown."""
    date = time.strftime("%Y-%m-%d %H:%M", time.gmtime(lived.began))
    return (
        "\n\n".join(
            (
                "# A long life\n\nWritten by the command below; nothing here is typed by hand.",
                f"{date} UTC, Python {platform.python_version()} on {platform.system()},"
                f" `{command}`, {lived.took_s / 60:.1f} minutes: {_sum(lived)}",
                _PICTURE,
                _calibration(lived),
                _flatness(lived),
                _faults(lived),
                _HOW,
                *_wrong(lived),
            )
        )
        + "\n"
    )


def _sum(lived: Soak) -> str:
    verdicts = [one.verdict for one in lived.chapters if one.verdict is not None]
    acked, due = sum(v.acked for v in verdicts), sum(v.due for v in verdicts)
    void = sum(v.is_void for v in verdicts)
    refused = ", ".join(f"{n:,} {code}" for code, n in sorted(lived.refusals.items())) or "none"
    return (
        f"{acked:,} posts, {due:,} deliveries due and {lived.commands:,} further commands under"
        f" {len(verdicts) - 1} faults, {void} of which did not bite; {len(lived.problems)}"
        f" violations. Refused, and asked again: {refused}."
    )


def _calibration(lived: Soak) -> str:
    per_s, seen = lived.rounds[-1]
    return (
        f"Before the first fault, at {per_s:,.0f} commands and"
        f" {CROWD.authors / CROWD.every_s:.0f} posts a second, the nodes together used"
        f" {seen.nodes:.2f} of {seen.cores} cores, PostgreSQL and Redis {seen.services:.2f}, the"
        f" crowd with its wires and its judge {seen.crowd:.2f}: {seen.share:.0%} of what the"
        " others left to the nodes."
    )


def _flatness(lived: Soak) -> str:
    lines = ["| process | what | life | second fifth | last fifth | more | flat |"]
    lines.append("|---|---|--:|--:|--:|--:|---|")
    for one in grown(lived):
        unit = " MiB" if one.what == "memory" else ""
        lines.append(
            f"| {one.process} | {one.what} | {one.life_s / 60:.1f} min | {one.young:,.0f}{unit} |"
            f" {one.old:,.0f}{unit} | {one.growth:+.1%} | {'yes' if one.is_flat else 'NO'} |"
        )
    return "\n".join(lines)


def _faults(lived: Soak) -> str:
    lines = [HEAD]
    for row in MATRIX:
        trials = [
            record(row.name, one.history, one.verdict)
            for one in lived.chapters
            if one.fault.name == row.name and one.history is not None and one.verdict is not None
        ]
        if trials:
            lines.append(line(row, trials))
    return "\n".join(lines)


def _wrong(lived: Soak) -> list[str]:
    found = [f"- {problem.splitlines()[0]}" for problem in lived.problems[:50]]
    return ["## What was wrong", "\n".join(found)] if found else []
