"""Tricks that are planted into a node, to be played on it while it runs: no bugs of its own.

A trick is played by a signal, or by a file in the node's folder, which is where it was started.
"""

from __future__ import annotations

import asyncio
import functools
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from realtime import pulse, reconcile
from realtime.feed import Feed
from realtime.personal import Personal
from realtime.reconcile import Reconciliation
from realtime.store import events
from realtime.tail import Tail
from realtime.watch import Watch

CLOCK: Final = Path("clock")  # seconds to add to the wall clock, read live
CRASH: Final = Path("crash")  # the step that is to fail once
STALL_S: Final = 5.0


def shifted_clock() -> None:
    """The wall clock goes wrong by what is written in the file `clock`.

    It reaches `time.time` and `time.time_ns`, which is what the server and its libraries ask;
    not `datetime.now` (used for a date in an export), nor PostgreSQL, nor the kernel's timers.
    """
    true_time, true_time_ns = time.time, time.time_ns

    def shift_s() -> int:
        try:
            return int(CLOCK.read_text(encoding="ascii"))
        except (OSError, ValueError):  # not there, or just being written
            return 0

    time.time = lambda: true_time() + shift_s()
    time.time_ns = lambda: true_time_ns() + shift_s() * 10**9


def stalling() -> None:
    """SIGUSR1: the event loop stands still."""

    def stall(*_: object) -> None:
        time.sleep(STALL_S)

    signal.signal(signal.SIGUSR1, stall)


def mortal_loop() -> None:
    """SIGUSR2: a background loop dies of a bug."""
    run = pulse.run

    async def mortal() -> None:
        died = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR2, died.set)
        watching = asyncio.ensure_future(run())
        try:
            await died.wait()
            raise RuntimeError("planted death")
        finally:
            watching.cancel()

    pulse.run = mortal


STEPS: Final[dict[str, tuple[Any, str]]] = {
    "epoch": (events, "epoch"),
    "feed": (Feed, "reconcile"),
    "watch": (Watch, "reconcile"),
    "sessions": (Reconciliation, "_check_sessions"),
    "sweep": (Reconciliation, "_sweep"),
    "log": (events, "tail"),
    "read": (Tail, "read"),
    "admit": (Tail, "admit"),
    "fill": (Tail, "fill"),
    "replay": (Tail, "complete"),
    "notices": (Personal, "flush"),
}


def crashing_steps() -> None:
    """A step that is named in the file `crash` fails once, when it has done its work."""
    setattr(reconcile, "SWEEP_S", 1.0)  # noqa: B010 - it is a constant for everybody else
    for name, (owner, attribute) in STEPS.items():
        setattr(owner, attribute, _crashing(name, getattr(owner, attribute)))


def _crashing(name: str, step: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(step)
    async def crashing(*args: Any, **kwargs: Any) -> Any:
        result = await step(*args, **kwargs)
        try:
            is_due = CRASH.read_text(encoding="ascii") == name
        except OSError:
            is_due = False
        if is_due:
            CRASH.unlink()
            raise RuntimeError(f"planted crash of {name}")
        return result

    return crashing


def thrice() -> None:
    """Whatever reconciles does so three times at once."""
    once = Reconciliation._once

    async def three(self: Reconciliation) -> None:
        await asyncio.gather(once(self), once(self), once(self))

    Reconciliation._once = three  # type: ignore[method-assign]


TRICKS: Final[dict[str, Callable[[], None]]] = {
    trick.__name__.replace("_", "-"): trick
    for trick in (shifted_clock, stalling, mortal_loop, crashing_steps, thrice)
}
