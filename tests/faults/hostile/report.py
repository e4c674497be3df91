"""What hostile clients cost, kept a line for each kind, and shown as a page."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import orjson

from loadtest import cores
from tests.faults.hostile.attacks import KINDS
from tests.faults.hostile.others import ASKS_S, REST_S, Measured
from tests.faults.trial import Size

COMMAND: Final = "python -m tests.faults.hostile --report docs/hostile.md"
ALIKE: Final = 0.10  # more than before, and it is said
HEAD: Final = (
    "| client | what it does | answers p99, quiet | attacked | more | posts p99, quiet |"
    " attacked | more | memory while | left | how it ended |\n"
    "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|---|"
)
_HOW: Final = """\
One node with a PostgreSQL and a Redis of its own; {authors} authors post, {followers} followers
hear them and ask {asks:g} times a second each, at moments of their own. The node has {where}; all
else shares the other: the crowd, the databases and the hostile client, which is a process of its
own and gets only the time that nobody else wants. All but it go before whatever else the machine
has to do. Quiet and attack come by turns in one run. A
figure is the median over the turns of the p99 within one, in brackets the least and the greatest
of the quiet turns: what differs by less says nothing. Memory is what the server's process held
more than before: at most while attacked, and {rest_s:g} s afterwards. How it ended: close codes of
the socket, or statuses of the answer, and how often; who is cut comes back 20 times a second.
Rates are on."""


@dataclass(frozen=True, slots=True)
class Record:
    """One kind. Milliseconds are medians over the turns; `quiet` is the least and the greatest."""

    kind: str
    date: str
    machine: str
    turns: int
    seconds: float
    crowd: int
    answers_quiet: tuple[float, float]
    answers_ms: tuple[float, float]  # quiet, attacked
    posts_quiet: tuple[float, float]
    posts_ms: tuple[float, float]
    most_mib: float
    left_mib: float
    ends: Mapping[str, int]


def record(found: Measured, seconds: float) -> Record:
    """What is worth keeping of a measurement."""

    def both(what: str) -> tuple[float, float]:
        return round(found.p99(found.quiet, what), 1), round(found.p99(found.attacked, what), 1)

    def span(what: str) -> tuple[float, float]:
        calm = found.p99s(found.quiet, what)
        return round(min(calm), 1), round(max(calm), 1)

    return Record(
        kind=found.kind.name,
        date=time.strftime("%Y-%m-%d", time.gmtime()),
        machine=cores.machine(),
        turns=len(found.quiet),
        seconds=seconds,
        crowd=found.crowd,
        answers_quiet=span("answers"),
        answers_ms=both("answers"),
        posts_quiet=span("posts"),
        posts_ms=both("posts"),
        most_mib=round(found.most_mib, 1),
        left_mib=round(found.left_mib, 1),
        ends=dict(found.ends),
    )


def read(path: Path) -> dict[str, Record]:
    """All that was kept, by kind; nothing where there is no file."""
    lines = path.read_bytes().splitlines() if path.exists() else []
    return {one.kind: one for one in (Record(**orjson.loads(line)) for line in lines)}


def write(path: Path, records: Iterable[Record]) -> None:
    """Keep these, in this order."""
    path.write_bytes(b"".join(orjson.dumps(asdict(one)) + b"\n" for one in records))


def line(of: Record) -> str:
    """One row of the table."""
    [kind] = [kind for kind in KINDS if kind.name == of.kind]
    what = kind.what.replace(f"{kind.crowd:,}", f"{of.crowd:,}")
    cells = [*_cells(of.answers_quiet, of.answers_ms), *_cells(of.posts_quiet, of.posts_ms)]
    ends = ", ".join(f"{end} × {count:,}" for end, count in sorted(of.ends.items()))
    cells += [f"{of.most_mib:+.1f} MiB", f"{of.left_mib:+.1f} MiB", ends or "still open"]
    return f"| {kind.name} | {what} | " + " | ".join(cells) + " |"


def _cells(span: tuple[float, float], ms: tuple[float, float]) -> list[str]:
    quiet, attacked = ms
    more = f"{attacked / quiet - 1:+.0%}" if quiet else ""
    is_noise = not quiet or attacked <= max(span[1], (1 + ALIKE) * quiet)
    shown = more if is_noise else f"**{more}**"
    return [f"{quiet:.1f} ({span[0]:.1f} to {span[1]:.1f}) ms", f"{attacked:.1f} ms", shown]


def page(kept: Mapping[str, Record], crowd: Size) -> str:
    """The whole page, in Markdown."""
    shown = [kept[kind.name] for kind in KINDS if kind.name in kept]
    dates = sorted({one.date for one in shown})
    turns = sorted({f"{one.turns} turns of {one.seconds:g} s" for one in shown})
    where = "a processor to itself" if cores.is_pinned() else "no processor to itself"
    how = _HOW.format(
        authors=crowd.authors,
        followers=crowd.followers,
        where=where,
        rest_s=REST_S,
        asks=1 / ASKS_S,
    )
    return "\n\n".join(
        (
            "# What hostile clients cost\n\nWritten by the command below, which renews the rows of"
            " the kinds that it is asked for (`--kind`); nothing here is typed by hand.",
            f"{' to '.join(dict.fromkeys((dates[0], dates[-1])))}, {shown[0].machine},"
            f" `{COMMAND}`, {' and '.join(turns)}.",
            "\n".join((HEAD, *map(line, shown))),
            "**Bold** is more than a tenth, and more than the worst of the quiet turns.",
            how + "\n",
        )
    )
