"""What one socket is still owed: bounded in bytes, in order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

MERGE_BYTES = 64 * 2**10
BEHIND_BYTES = 256 * 2**10
REPLAY_BYTES = 4 * 2**20  # one replay, besides what is live


class Lane(Protocol):
    """The way out of one socket; never blocks."""

    on_writable: Callable[[], None] | None

    @property
    def descriptor(self) -> int | None: ...

    @property
    def writable(self) -> bool: ...

    def go_on(self, data: bytes) -> None: ...

    def write(self, data: bytes) -> None: ...

    def waiting_bytes(self) -> int: ...

    def abort(self) -> None: ...


class Due(Protocol):
    """Asks for one `flush` at the end of this loop turn; `first`: before all that are not."""

    def __call__(self, outbox: Outbox, *, first: bool = False) -> None: ...


class Outbox:
    """Frames for one socket. Firm ones (answers) are always sent, events only while it keeps up.

    `refuses` holds opaque integers: whoever delivers asks it before an offer.
    """

    __slots__ = (
        "_allowance",
        "_bytes",
        "_due",
        "_events",
        "_firm",
        "_is_due",
        "_is_first",
        "_joined",
        "_keys",
        "_room",
        "_waiting_at_stall",
        "behind_bytes",
        "is_behind",
        "lane",
        "on_behind",
        "refuses",
        "stalled_since",
    )

    def __init__(self, lane: Lane, due: Due, *, behind_bytes: int = BEHIND_BYTES) -> None:
        self.lane = lane
        self._due = due
        self._is_due = self._is_first = False
        self._firm: list[bytes] = []
        self._events: list[bytes] = []  # a frame each, or several joined
        self._joined = 0  # how many more frames wait than there are pieces
        self._keys: dict[object, int] = {}
        self._bytes = 0  # of the events that wait here
        self._allowance = 0  # of a replay that is still on its way
        self._waiting_at_stall = 0
        self._room: asyncio.Future[None] | None = None
        self.behind_bytes = behind_bytes
        self.is_behind = False
        self.on_behind: Callable[[int], None] | None = None
        self.refuses: frozenset[int] = frozenset()
        self.stalled_since: float | None = None
        lane.on_writable = self.flush

    @property
    def waiting_bytes(self) -> int:
        """All that this socket holds in memory."""
        return self._bytes + sum(map(len, self._firm)) + self.lane.waiting_bytes()

    def answer(self, frame: bytes) -> None:
        """Queue what must be said whatever else is dropped. Never waits."""
        self._firm.append(frame)
        if not self._is_first:
            # Whoever asked waits for it: not behind the deliveries to all others.
            self._is_first = self._is_due = True
            self._due(self, first=True)

    async def room(self) -> None:
        """Wait until few enough answers wait: who reads none gets no more of them made."""
        while (
            not self.lane.writable
            and sum(map(len, self._firm)) + self.lane.waiting_bytes() > MERGE_BYTES
        ):
            self._room = asyncio.get_running_loop().create_future()
            await self._room

    def offer(self, frame: bytes) -> None:
        """Queue an event. Never waits; past `behind_bytes` everything waiting is dropped."""
        if self.is_behind:
            return
        self._events.append(frame)
        self._bytes += len(frame)
        if not self._is_due:
            self._is_due = True
            self._due(self)
        if self._bytes > self.behind_bytes + self._allowance:
            self._overflow()

    def offer_latest(self, key: object, frame: bytes) -> None:
        """Queue state: of several that wait under one `key` only the newest is sent."""
        place = self._keys.get(key)
        if place is None or self._bytes < MERGE_BYTES:
            if not self.is_behind:
                self._keys[key] = len(self._events)
            self.offer(frame)
        else:
            self._bytes += len(frame) - len(self._events[place])
            self._events[place] = frame

    def replay(self, frames: list[bytes]) -> None:
        """Queue what was missed. It may be more than a live socket may owe; it is bounded apart."""
        self._allowance += sum(map(len, frames))
        for frame in frames:
            self.offer(frame)

    def clear(self) -> None:
        """Drop the events that wait: a replay follows that holds them."""
        self._events.clear()
        self._keys.clear()
        self._bytes = self._joined = self._allowance = 0
        self.is_behind = False

    def flush(self) -> None:
        """One write for all that is due, unless the socket is still busy with an earlier one."""
        data = self.take()
        if data:
            self.lane.write(data)

    def take(self) -> bytes:
        """All that is due, to be written now; nothing while the socket is still busy."""
        self._is_due = self._is_first = False
        events = self._events
        if not self.lane.writable:
            return b""
        if self._room is not None and not self._room.done():
            self._room.set_result(None)
        if self._firm:
            data = b"".join(self._firm + events)
            self._firm = []
        elif events:
            data = events[0] if len(events) == 1 else b"".join(events)
        else:
            return b""
        events.clear()
        self._bytes = self._joined = self._allowance = 0
        if self._keys:
            self._keys.clear()
        return data

    def _overflow(self) -> None:
        """Too much waits: write it if the socket can take it, else fall behind."""
        if self.lane.writable:
            self.flush()
            return
        dropped = len(self._events) + self._joined
        self.clear()
        self.is_behind = True
        if self.on_behind is not None:
            self.on_behind(dropped)

    @property
    def is_taken(self) -> bool:
        """Its reader took all that was written last, as far as can be told at a glance."""
        return self.stalled_since is None and self.lane.descriptor is not None

    def stalled_s(self, now: float) -> float:
        """For how long the reader has taken nothing, in seconds; to be asked regularly."""
        waiting = self.lane.waiting_bytes()
        if self.lane.writable and not waiting:
            self.stalled_since = None
            return 0.0
        if self.stalled_since is None or waiting < self._waiting_at_stall:
            self.stalled_since = now
        self._waiting_at_stall = waiting
        return now - self.stalled_since

    def abort(self) -> None:
        """Drop the connection without another word."""
        self.lane.abort()


def offer_all(
    outboxes: Iterable[Outbox], frames: Sequence[bytes], due: deque[Outbox]
) -> list[Outbox]:
    """Offer these events to all who refuse nobody; the others, who got none of them.

    Whoever is to be flushed for it is put into `due`.
    """
    # All that is done for one delivery stands here: a call less is a tenth of what it costs.
    data = frames[0] if len(frames) == 1 else b"".join(frames)
    size, more = len(data), len(frames) - 1
    picky = []
    for outbox in outboxes:
        if outbox.refuses:
            picky.append(outbox)
            continue
        if outbox.is_behind:
            continue
        outbox._events.append(data)
        outbox._joined += more
        waiting = outbox._bytes = outbox._bytes + size
        if not outbox._is_due:
            outbox._is_due = True
            due.append(outbox)
        if waiting > outbox.behind_bytes + outbox._allowance:
            outbox._overflow()
    return picky


def take_some(due: deque[Outbox], count: int, lanes: list[Lane], frames: list[bytes]) -> None:
    """Take the first so many out of `due`: what each is owed stands then in `frames`, and its lane
    beside it in `lanes`. Where a lane has no descriptor, it is written at once.
    """
    # As in `offer_all`. Each is taken out by itself: one that fails must not take others along.
    for _ in range(min(count, len(due))):
        outbox = due.popleft()
        lane, events = outbox.lane, outbox._events
        if len(events) != 1 or outbox._firm or outbox._keys or outbox._room or not lane.writable:
            data = outbox.take()
        else:
            data = events.pop()
            outbox._is_due = outbox._is_first = False
            outbox._bytes = outbox._joined = outbox._allowance = 0
        if not data:
            continue
        if lane.descriptor is None:
            lane.write(data)
        else:
            lanes.append(lane)
            frames.append(data)
