"""This process's listeners: topic → outboxes. Moves bytes, and knows nothing of what they mean."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from time import perf_counter
from typing import Final, NamedTuple

from realtime import metrics
from realtime.hub.outbox import MERGE_BYTES, Lane, Outbox, offer_all, take_some
from realtime.hub.ring import Bares, Told
from realtime.hub.straight import write_each

TURN_S: Final = 0.001  # a long delivery gives the loop back after this
AT_ONCE: Final = 64  # writes between two looks at the clock
MANY: Final = 3 * AT_ONCE  # who are more will hardly be written to in one turn
LONG_S: Final = 0.003  # a delivery that takes longer is worth waiting for company
LINGER: Final = 0.5  # of what a long delivery took, for what its last readers answer
LINGER_S: Final = 0.01  # at most


class Said(NamedTuple):
    """State as it is told, with the same parts as `Told`."""

    frame: bytes
    about: tuple[int, ...] = ()
    bares: Bares | None = None


class Hub:
    """Topics are opaque integers. All but `rested` is synchronous: no awaits, so no races."""

    def __init__(self) -> None:
        self._listeners: dict[int, dict[Outbox, None]] = {}
        self._due: deque[Outbox] = deque()
        self._first: deque[Outbox] = deque()  # those whose owner waits for an answer
        self._scheduled = False
        self._began = 0.0  # what is due now, if it takes more than a turn
        self._lingers_until = 0.0
        self._resting: list[asyncio.Future[None]] = []

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
        if told.frame is None:
            return 0
        return self.tell(told.topic, [Said(told.frame, told.about, told.bares)])[0]

    def tell(self, topic: int, many: Sequence[Said]) -> list[int]:
        """Deliver all of these, in their order; how many heard each.

        Those who refuse nobody get them in one piece: a step and a copy for each socket, not for
        each of these.
        """
        listeners = self._listeners.get(topic)
        if not listeners:
            return [0] * len(many)
        heard: list[int] = []
        for some in _pieces(many):
            picky = offer_all(listeners, [said.frame for said in some], self._due)
            plain = len(listeners) - len(picky)
            heard += [plain + sum(_offer(outbox, said) for outbox in picky) for said in some]
        self._soon()
        metrics.deliveries.inc(sum(heard))
        return heard

    def state(self, topic: int, key: object, said: Said) -> None:
        """Offer state, of which only the newest per `key` matters, to all who listen."""
        frame, about, bares = said
        for outbox in self._listeners.get(topic, ()):
            refuses = outbox.refuses
            if refuses and not refuses.isdisjoint(about):
                continue
            outbox.offer_latest(key, bares.form(frame, refuses) if bares is not None else frame)

    def due(self, outbox: Outbox, *, first: bool = False) -> None:
        """Flush `outbox` once at the end of this loop turn; `first`: before all that are not."""
        (self._first if first else self._due).append(outbox)
        self._soon()

    def _soon(self) -> None:
        if not self._scheduled and (self._due or self._first):
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        """One write for each socket that is owed something; the rest next turn if it takes long."""
        first, due = self._first, self._due
        until = perf_counter() + TURN_S
        try:
            while first or due:
                self._write()
                if perf_counter() > until:
                    break
        finally:
            # One socket's failure must not end the deliveries of all others.
            self._scheduled = False
            self._soon()
            if not self._scheduled:
                self._rest()
            elif not self._began:
                self._began = until - TURN_S

    def _write(self) -> None:
        """Write to a handful of sockets what they are owed."""
        lanes: list[Lane] = []
        frames: list[bytes] = []
        try:
            take_some(self._first or self._due, AT_ONCE, lanes, frames)
        finally:
            write_each(lanes, frames)

    async def rested(self, within_s: float) -> bool:
        """Wait until every socket of a long delivery has been written to, or for so long.

        And then a moment more: what its readers answer to it may be told together. A delivery to
        few is not waited for. Whether there was anything to wait for.
        """
        was_busy = self._scheduled and (self._began > 0 or len(self._due) > MANY)
        if was_busy:
            loop = asyncio.get_running_loop()
            future: asyncio.Future[None] = loop.create_future()
            self._resting.append(future)
            timer = loop.call_later(within_s, _wake, future)
            try:
                await future
            finally:
                timer.cancel()
        lingers_s = self._lingers_until - perf_counter()
        if lingers_s > 0:
            await asyncio.sleep(lingers_s)
        return was_busy or lingers_s > 0

    def _rest(self) -> None:
        if self._began:
            now = perf_counter()
            took_s, self._began = now - self._began, 0.0
            if took_s > LONG_S:
                self._lingers_until = now + min(LINGER * took_s, LINGER_S)
        resting, self._resting = self._resting, []
        for future in resting:
            _wake(future)


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _offer(outbox: Outbox, said: Said) -> bool:
    """Offer this to one who refuses somebody; whether it may be heard there."""
    refuses = outbox.refuses
    if not refuses.isdisjoint(said.about):
        return False
    outbox.offer(said.frame if said.bares is None else said.bares.form(said.frame, refuses))
    return True


def _pieces(many: Sequence[Said]) -> Iterator[Sequence[Said]]:
    """`many` in pieces that hardly burden an outbox: mostly one."""
    start = size = 0
    for place, said in enumerate(many):
        size += len(said.frame)
        if size > MERGE_BYTES and place > start:
            yield many[start:place]
            start, size = place, len(said.frame)
    yield many[start:]
