"""A server that dies at a given step of an upload, and pictures for it.

As a program (`python -m tests.faults.uploads - serve …`): `realtime` in a folder where the file
`cut` says how many steps an upload may take before SIGKILL, or `sweep` that nothing waits to be
swept.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

from realtime import darkroom, reconcile
from realtime.__main__ import main
from realtime.http import form, uploads
from realtime.media import TEMPORARY
from realtime.store import media

P = ParamSpec("P")
T = TypeVar("T")
STEPS: Final = 500  # more than an upload has


class Death:
    """SIGKILL to this process after so many steps."""

    def __init__(self, left: int) -> None:
        self.left = left

    def step(self) -> None:
        """One more step has been reached."""
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1

    def around(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """A step before this function, another after it."""

        def stepped(*arguments: Any, **named: Any) -> Any:
            self.step()
            result = work(*arguments, **named)
            self.step()
            return result

        return stepped

    def around_async(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """The same around a coroutine."""

        async def stepped(*arguments: Any, **named: Any) -> Any:
            self.step()
            result = await work(*arguments, **named)
            self.step()
            return result

        return stepped


def plant(death: Death) -> None:
    """Steps: each piece that comes in, each file that is named, all that is written and told."""
    replace = Path.replace

    def named(self: Path, target: Any) -> Path:
        if self.name.endswith(TEMPORARY):
            death.step()
        return replace(self, target)

    places: list[tuple[Any, str, Callable[[Callable[..., Any]], Callable[..., Any]]]] = [
        (form._Parts, "_data", death.around),
        (darkroom, "_judged", death.around),
        (darkroom, "_sync_folder", death.around),
        (darkroom.Darkroom, "_ask", death.around_async),
        (uploads, "_written_down", death.around_async),
        (media, "insert", death.around_async),
    ]
    for owner, name, around in places:
        setattr(owner, name, around(getattr(owner, name)))
    Path.replace = named  # type: ignore[assignment]


if __name__ == "__main__":
    del sys.argv[1]
    cut, sweep = Path("cut"), Path("sweep")
    if cut.exists():
        plant(Death(int(cut.read_text("ascii"))))
    if sweep.exists():
        setattr(reconcile, "SWEEP_S", 0.5)  # noqa: B010 - constants for everybody else
        setattr(reconcile, "TEMPORARY_S", 0.0)  # noqa: B010
    sys.exit(main())
