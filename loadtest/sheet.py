"""The page of figures: prose that people keep, and between its marks tables that nobody types."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from loadtest.fantable import restored, table
from loadtest.parts import PARTS
from loadtest.plots import bars, curves
from loadtest.results import Result, Row, short
from loadtest.scenarios import Medians

Kept = Mapping[str, Result]  # by part

_MARKED: Final = re.compile(r"<!-- measured: ([a-z]+) -->\n.*?<!-- end -->", re.DOTALL)
_NOTHING: Final = "Not measured yet.\n"
_BARS: Final = ("rate", "flight-4", "flight-32", "flight-4-5000", "redis")
_HEADLINE: Final = ("rate", "flight-4", "flight-32", "flight-4-5000")
_PRODUCT: Final = "realtime"
BLANK: Final = """\
# What was measured

{where}
## Aims

{reach}
## Fan-out

{fanout}
## Writing

{writes}
## HTTP

{web}
## Pages

{timelines}
## Commands

{commands}"""


def blocks(kept: Kept) -> dict[str, str]:
    """What stands between the marks, by name; each ends with a line's end."""
    topics = {part.topic for part in PARTS} - {"fanout"}
    return {
        "where": where(kept),
        "reach": reach(kept),
        "fanout": fanout(kept),
        "short": headline(kept),
        "commands": commands(kept),
        **{topic: figures(_of(kept, topic)) for topic in topics},
    }


def filled(page: str, known: Mapping[str, str]) -> str:
    """The page with its marked places filled anew.

    Raises:
        KeyError: the page has a mark for something that is not measured.
    """

    def fill(found: re.Match[str]) -> str:
        return f"<!-- measured: {found[1]} -->\n\n{known[found[1]]}\n<!-- end -->"

    return _MARKED.sub(fill, page)


def plots(kept: Kept) -> dict[str, str]:
    """Pictures, by the names of their files."""
    shown = dict(_scenarios(kept))
    drawn = {"performance-fanout.svg": bars(_titled(shown, _BARS))}
    for title, found in _titled(shown, ("rate",)).items():
        drawn["performance-latency.svg"] = curves(title, found)
    return drawn


def where(kept: Kept) -> str:
    """Machine, versions and dates of all that was kept."""
    if not kept:
        return _NOTHING
    versions: dict[str, str] = {}
    for one in kept.values():
        versions |= {name: each for name, each in one.versions.items() if name != "pinned"}
    said = ", ".join(f"{name} {each}" for name, each in versions.items() if name != "Python")
    return f"{_machines(kept.values())}. {said}. Measured {_dates(kept.values())}.\n"


def reach(kept: Kept) -> str:
    """Each aim: what was measured, and whether that is enough."""
    rows = [row for one in kept.values() for row in one.rows if row.aim is not None]
    wrong = [sentence for one in kept.values() for sentence in one.wrong]
    if not rows:
        return _NOTHING
    met = sum(row.met is True for row in rows)
    lines = [
        f"{met} of {len(rows)} reached.",
        "",
        "| what | where | aim | measured | |",
        "|---|---|--:|--:|---|",
        *(
            f"| {_cell(row.what)} | {row.deployment} | {row.aim} | {short(row.value, row.unit)} "
            f"| {'yes' if row.met else '**no**'} |"
            for row in rows
        ),
        *(f"\n**Wrong: {sentence}**" for sentence in wrong),
    ]
    return "\n".join(lines) + "\n"


def figures(found: Sequence[Result]) -> str:
    """All rows of some results, as one table."""
    rows = [row for one in found for row in one.rows]
    if not rows:
        return _NOTHING
    head = ("| what | where | measured | aim | |", "|---|---|--:|--:|---|")
    return "\n".join((*head, *map(_line, rows))) + "\n"


def fanout(kept: Kept) -> str:
    """A table for each scenario, in the order in which they are asked for."""
    found = [table(title, each) for _, (title, each) in _scenarios(kept)]
    return "\n".join(found) or _NOTHING


def headline(kept: Kept) -> str:
    """Deliveries per second of CPU, a row for each server and a column for each scenario."""
    shown = _titled(dict(_scenarios(kept)), _HEADLINE)
    if not shown:
        return _NOTHING
    servers: dict[str, str] = {}
    for found in shown.values():
        servers |= {name: one.server for name, one in found.items()}
    lines = [
        f"| deliveries per second of server CPU | {' | '.join(shown)} |",
        f"|---|{'--:|' * len(shown)}",
    ]
    for name, server in servers.items():
        cells = (
            f"{found[name].per_cpu_s:,.0f}" if name in found else "" for found in shown.values()
        )
        said = f"**{server}**" if name == _PRODUCT else server
        lines.append(f"| {said} | {' | '.join(cells)} |")
    shown_from = [kept[name] for name in _HEADLINE if name in kept]
    return "\n".join((*lines, "", f"{_machines(shown_from)}. {_dates(shown_from)}.")) + "\n"


def commands(kept: Kept) -> str:
    """How each part was measured, and when."""
    lines = [
        f"| {name} | `{one.command}` | {one.date} | {one.commit} |" for name, one in kept.items()
    ]
    if not lines:
        return _NOTHING
    return "\n".join(("| part | command | when | commit |", "|---|---|---|---|", *lines)) + "\n"


def _machines(found: Iterable[Result]) -> str:
    return "; ".join(sorted({one.machine for one in found}))


def _dates(found: Iterable[Result]) -> str:
    dates = sorted(one.date for one in found)
    return dates[0] if dates[0] == dates[-1] else f"{dates[0]} to {dates[-1]}"


def _of(kept: Kept, topic: str) -> list[Result]:
    return [kept[part.name] for part in PARTS if part.topic == topic and part.name in kept]


def _scenarios(kept: Kept) -> Iterable[tuple[str, tuple[str, Medians]]]:
    for one in _of(kept, "fanout"):
        for told in one.tables:
            yield str(told["scenario"]), restored(told)


def _titled(shown: Mapping[str, tuple[str, Medians]], names: Iterable[str]) -> dict[str, Medians]:
    return dict(shown[name] for name in names if name in shown)


def _line(row: Row) -> str:
    verdict = "" if row.met is None else "yes" if row.met else "**no**"
    value = short(row.value, row.unit)
    return f"| {_cell(row.what)} | {row.deployment} | {value} | {row.aim or ''} | {verdict} |"


def _cell(said: str) -> str:
    return said.replace("|", "\\|")
