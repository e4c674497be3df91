"""What came of the matrix, as a page: written by the command that lived through it."""

from __future__ import annotations

import platform
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from tests.faults.ledger import Record
from tests.faults.trial import Row

_CLAIM: Final = """\
Each acknowledged post is exactly once in each follower's view after recovery, and acknowledged
means in the database. No more is claimed: with an asynchronous standby, for example, a failover
may lose what was acknowledged."""

HEAD: Final = (
    "| fault | what is done | acked | due | lost | doubled | reordered | leaked | invented |"
    " unlike | void | back p99 | ack p99 |\n"
    "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
)

_HOW: Final = """\
Three nodes, a PostgreSQL and a Redis of their own; authors post without pause before, while and
after something is broken, and ask again with the same key until they are answered; followers come
back and resume as docs/clients.md says. Authors and followers share no code with the server. A
judge (tests/faults/check.py) reads the history: it condemns eight bugs that are planted for it
(tests/faults/test_planted.py), and calls a trial void whose fault never bit.

*Due* are the deliveries of acknowledged posts to those who followed throughout. *Unlike* counts
windows that at the end do not show what a fresh load shows. *Back* is the time from the mending
of the fault to the last post that was due by then, p99 over the windows; where nothing is mended
(a lost publish), to the post itself."""


def line(row: Row, trials: Sequence[Record]) -> str:
    """The row of the table; of more than one seed the sums, and the slowest times."""

    def total(kind: str) -> int:
        return sum(getattr(trial, kind) for trial in trials)

    counts = (total(k) for k in ("lost", "doubled", "reordered", "leaked", "invented", "unlike"))
    wrong = " | ".join(str(count) for count in counts)
    back = max(trial.back_s for trial in trials)
    ack = max(trial.ack_ms for trial in trials)
    return (
        f"| {row.name} | {row.what} | {total('acked'):,} | {total('due'):,} | {wrong}"
        f" | {total('is_void')} | {back:.1f} s | {ack:,.0f} ms |"
    )


def figures(trials: Iterable[Record]) -> Iterator[str]:
    """One line for each trial that measured more than the table shows."""
    for trial in trials:
        if trial.figures:
            told = "; ".join(f"{name} {figure}" for name, figure in trial.figures.items())
            yield f"- **{trial.row}**, seed {trial.seed}: {told}"


def page(rows: Sequence[Row], kept: Collection[Record], command: str) -> str:
    """The whole page, in Markdown: what is kept of these rows, in their order."""
    by_row = {row.name: [one for one in kept if one.row == row.name] for row in rows}
    lived = [row for row in rows if by_row[row.name]]
    shown = [one for row in lived for one in by_row[row.name]]
    dates = sorted({one.date for one in shown})
    seeds = sorted({one.seed for one in shown})
    clean = sum(one.is_clean for one in shown)
    measured = list(figures(shown))
    return (
        "\n\n".join(
            (
                "# What is lost\n\nWritten by the command below; nothing here is typed by hand.",
                _CLAIM,
                f"{_span(dates)}, Python {platform.python_version()} on {platform.system()},"
                f" `{command}`, seeds {_span(seeds)}: {sum(one.due for one in shown):,} deliveries"
                f" due under {len(lived)} faults; {clean} of {len(shown)} trials clean.",
                "\n".join((HEAD, *(line(row, by_row[row.name]) for row in lived))),
                *(["What some rows measure besides:", "\n".join(measured)] if measured else []),
                _HOW,
            )
        )
        + "\n"
    )


def _span(values: Sequence[object]) -> str:
    return str(values[0]) if len(values) == 1 else f"{values[0]} to {values[-1]}"
