"""This process's listeners: topic → outboxes. Moves bytes, and knows nothing of what they mean."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection, Iterable
from time import perf_counter
from typing import NamedTuple

from realtime import metrics
from realtime.hub.outbox import Outbox
from realtime.hub.ring import Bares, Told

TURN_S = 0.004  # a long delivery gives the loop back after this


class Said(NamedTuple):
    """State as it is told, with the same parts as `Told`."""

    frame: bytes
    about: tuple[int, ...] = ()
    bares: Bares | None = None


class Hub:
    """Topics are opaque integers. Everything here is synchronous: no awaits, so no races."""

    def __init__(self) -> None:
        self._listeners: dict[int, dict[Outbox, None]] = {}
        self._due: deque[Outbox] = deque()
        self._scheduled = False

    @property
    def topics(self) -> Collection[int]:
        """Topics with at least one listener."""
        return self._listeners.keys()

    def listens(self, topic: int) -> bool:
        return topic in self._listeners

    def join(self, outbox: Outbox, topics: Iterable[int]) -> None:
        """From now on `outbox` hears these topics."""
        for topic in topics:
            self._listeners.setdefault(topic, {})[outbox] = None

    def leave(self, outbox: Outbox, topics: Iterable[int]) -> None:
        """From now on it does not."""
        for topic in topics:
            listeners = self._listeners.get(topic)
            if listeners is None:
                continue
            listeners.pop(outbox, None)
            if not listeners:
                del self._listeners[topic]

    def deliver(self, told: Told) -> int:
        """Offer what was told to everyone who listens to its topic at this moment; how many heard.

        Whoever refuses a person that it is about does not get it; whoever refuses some of those
        who are mentioned within gets the form without exactly these.
        """
        listeners = self._listeners.get(told.topic)
        if not listeners or told.frame is None:
            return 0
        frame, bares, about = told.frame, told.bares, told.about
        heard = 0
        for outbox in listeners:
            refuses = outbox.refuses
            if refuses:
                if not refuses.isdisjoint(about):
                    continue
                if bares is not None:
                    outbox.offer(bares.form(frame, refuses))
                    heard += 1
                    continue
            outbox.offer(frame)
            heard += 1
        metrics.deliveries.inc(heard)
        return heard

    def state(self, topic: int, key: object, said: Said) -> None:
        """Offer state, of which only the newest per `key` matters, to all who listen."""
        frame, about, bares = said
        for outbox in self._listeners.get(topic, ()):
            refuses = outbox.refuses
            if refuses and not refuses.isdisjoint(about):
                continue
            outbox.offer_latest(key, bares.form(frame, refuses) if bares is not None else frame)

    def due(self, outbox: Outbox) -> None:
        """Flush `outbox` once at the end of this loop turn."""
        self._due.append(outbox)
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        """One write for each socket that is owed something; the rest next turn if it takes long."""
        due = self._due
        until = perf_counter() + TURN_S
        try:
            while due:
                for _ in range(min(64, len(due))):
                    due.popleft().flush()
                if due and perf_counter() > until:
                    break
        finally:
            # One socket's failure must not end the deliveries of all others.
            self._scheduled = bool(due)
            if due:
                asyncio.get_running_loop().call_soon(self._flush)
