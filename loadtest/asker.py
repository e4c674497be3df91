"""Somebody else, who asks for a page while others are served, and how long the answers took."""

from __future__ import annotations

import time
from typing import Final

from loadtest.crowd import Crowd
from loadtest.targets import Target


class Probe:
    """A visitor who asks again 20 ms after the last question, or as soon as it is answered."""

    EVERY_S: Final = 0.02

    def __init__(self, crowd: Crowd, target: Target) -> None:
        self._crowd = crowd
        self._line = crowd.open([target.wire.visitor()])[0]
        crowd.listen(self._line, self._hear)
        self._asked = 0.0
        self._due = time.perf_counter()
        self._waits = False
        self._ask = target.wire.question
        self.times_ms: list[float] = []

    def _hear(self, data: bytes) -> None:
        if b'"ref":' in data and self._waits:
            self.times_ms.append((time.perf_counter() - self._asked) * 1000)
            self._waits = False

    def leave(self) -> None:
        """Hang up."""
        self._crowd.close([self._line])

    def turn(self) -> None:
        """Ask again if it is time."""
        now = time.perf_counter()
        if not self._waits and now >= self._due:
            self._asked, self._waits = now, True
            self._due = max(self._due + self.EVERY_S, now)
            self._crowd.send(self._line, self._ask)
