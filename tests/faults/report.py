"""What came of the matrix, as a page: written by the command that lived through it."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tests.faults.check import Verdict, percentile
from tests.faults.history import History
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


@dataclass(frozen=True, slots=True)
class Lived:
    """One row with all its seeds."""

    row: Row
    trials: Sequence[tuple[History, Verdict]]

    def line(self) -> str:
        """The row of the table."""
        verdicts = [verdict for _, verdict in self.trials]

        def total(kind: str) -> int:
            return sum(getattr(verdict, kind) for verdict in verdicts)

        back = percentile((s for verdict in verdicts for s in verdict.recovery_s), 0.99)
        ack = percentile((ms for history, _ in self.trials for ms in history.ack_ms), 0.99)
        counts = (
            total(k) for k in ("lost", "doubled", "reordered", "leaked", "invented", "unlike")
        )
        wrong = " | ".join(str(count) for count in counts)
        void = sum(verdict.is_void for verdict in verdicts)
        return (
            f"| {self.row.name} | {self.row.what} | {total('acked'):,} | {total('due'):,} | {wrong}"
            f" | {void} | {back:.1f} s | {ack:,.0f} ms |"
        )

    def figures(self) -> Iterator[str]:
        """One line for each trial that measured more than the table shows."""
        for history, _ in self.trials:
            if history.figures:
                told = "; ".join(f"{name} {figure}" for name, figure in history.figures.items())
                yield f"- **{self.row.name}**, seed {history.seed}: {told}"


def page(lived: Sequence[Lived], command: str) -> str:
    """The whole page, in Markdown."""
    seeds = sorted({history.seed for one in lived for history, _ in one.trials})
    verdicts = [verdict for one in lived for _, verdict in one.trials]
    due = sum(verdict.due for verdict in verdicts)
    clean = sum(verdict.is_clean for verdict in verdicts)
    date = time.strftime("%Y-%m-%d", time.gmtime())
    measured = [line for one in lived for line in one.figures()]
    return (
        "\n\n".join(
            (
                "# What is lost\n\nWritten by the command below; nothing here is typed by hand.",
                _CLAIM,
                f"{date}, Python {platform.python_version()} on {platform.system()}, `{command}`,"
                f" seeds {seeds[0]} to {seeds[-1]}: {due:,} deliveries due under {len(lived)}"
                f" faults; {clean} of {len(verdicts)} trials clean.",
                "\n".join((HEAD, *(one.line() for one in lived))),
                *(["What some rows measure besides:", "\n".join(measured)] if measured else []),
                _HOW,
            )
        )
        + "\n"
    )
