"""What the bus needs of one connection to Redis, and how an outage of that Redis is told."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

log = logging.getLogger(__name__)

CONNECT_S: Final = 1.0


class Lost(Exception):
    """The connection is gone, refused, or in a state in which nothing can be known of it."""


OUTAGE: Final = (Lost, TimeoutError)  # what an outage looks like to a loop of the bus


class Wire(Protocol):
    """One connection, made by `open`; of no use after `Lost`, or once closed.

    Every method but `close` raises `Lost`.
    """

    async def open(self) -> None:
        """Connect and sign in, within CONNECT_S."""
        ...

    async def send(self, commands: Sequence[tuple[bytes, ...]]) -> None:
        """Write `commands` in one piece."""
        ...

    async def answer(self) -> Any:
        """The next answer or message, however long it takes."""
        ...

    async def close(self) -> None:
        """Hang up at once. May be called from another task: a waiting `answer` then ends."""
        ...


Connect = Callable[[], Wire]  # a fresh one, not open yet


class Outage:
    """One Redis, for the log: one warning when it is lost, one line when all of it is back."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._down: set[str] = set()

    def begins(self, what: str, error: BaseException) -> None:
        """`what` does not work, because of `error`."""
        if not self._down:
            why = str(error) or "no answer in time"
            log.warning("lost Redis at %s while %s: %s", self._name, what, why)
        self._down.add(what)

    def ends(self, what: str) -> None:
        """`what` works."""
        if what in self._down:
            self._down.discard(what)
            if not self._down:
                log.info("back at Redis at %s", self._name)
