"""What a client has heard and its program has not yet taken: bounded, with its place in the log."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from realtime.client.newest import Identity, identity, version
from realtime.protocol import Event

ROOM: Final = 5_000  # a replay has at most 1,000 events
ROOM_BYTES: Final = 16 * 2**20  # and 4 MiB


@dataclass(frozen=True, slots=True)
class Gap:
    """What came meanwhile is not told: too much, too long ago, or another database.

    A view that was made of events is to be thrown away, and read again.
    """


@dataclass(frozen=True, slots=True)
class _Mark:
    """Whoever has taken everything before this has everything up to `cursor`."""

    cursor: str


_Key = tuple[int, str, Identity] | int


class Inbox:
    """Events in their order; of one noun on one topic only the newest form waits.

    Beyond its room it does what the server does with a slow reader: all that waits is dropped, the
    cursor stays where the program is, and the program resumes from there once it takes again. So
    there must be room for a replay, or the same is dropped for ever.
    """

    def __init__(
        self, cursor: str | None, *, room: int = ROOM, room_bytes: int = ROOM_BYTES
    ) -> None:
        self.taken = cursor  # where the program is
        self.heard = cursor  # where the socket is
        self.is_over = False  # dropped what waited; deaf until resumed
        self.is_asked = False  # and the resume is on its way
        self.dropped = 0  # events so far that did not fit; the log has them
        self._room = room
        self._room_bytes = room_bytes
        self._bytes = 0
        self._waiting: dict[_Key, tuple[Event | Gap | _Mark, int]] = {}
        self._number = 0
        self._gaps = 0
        self._came = asyncio.Event()
        self._is_closed = False

    def hear(self, event: Event, size_bytes: int) -> None:
        """One event, whose frame had so many bytes."""
        if self.is_over:
            self.dropped += 1
            return
        # Nothing that came after a gap may take a place before it.
        key = self._gaps, event.topic, identity(event.noun)
        item, size = self._waiting.get(key, (None, 0))
        if isinstance(item, Event) and version(item.noun) > version(event.noun):
            return
        self._waiting[key] = event, size_bytes
        self._bytes += size_bytes - size
        self._came.set()
        if len(self._waiting) > self._room or self._bytes > self._room_bytes:
            self._fall_behind()

    def promise(self, cursor: str) -> None:
        """All up to `cursor` has been heard."""
        if self.is_over:
            return
        self.heard = cursor
        if self.taken is None or not self._waiting:
            self.taken = cursor
        else:
            self._append(_Mark(cursor))

    def resumed(self, cursor: str, *, has_gap: bool) -> None:
        """A welcome: from here on all is heard again, after a gap if there is one."""
        self.is_over = self.is_asked = False
        self._came.set()
        if has_gap:
            self._gaps += 1
            self._append(Gap())
        self.promise(cursor)

    def close(self) -> None:
        """No more will come; what waits may still be taken."""
        self._is_closed = True
        self._came.set()

    async def ready(self) -> bool:
        """Wait until `take` has something, or has nothing and a resume is due; False: closed."""
        self._pass_marks()
        while not self._waiting and (self.is_asked or not self.is_over):
            if self._is_closed:
                return False
            self._came.clear()
            await self._came.wait()
            self._pass_marks()
        return True

    def take(self) -> Event | Gap | None:
        """The oldest that waits; None: nothing does."""
        self._pass_marks()
        if not self._waiting:
            return None
        item, size = self._waiting.pop(next(iter(self._waiting)))
        self._bytes -= size
        assert not isinstance(item, _Mark)
        return item

    def _pass_marks(self) -> None:
        while self._waiting:
            key = next(iter(self._waiting))
            item, _ = self._waiting[key]
            if not isinstance(item, _Mark):
                return
            self.taken = item.cursor
            del self._waiting[key]

    def _append(self, item: Gap | _Mark) -> None:
        # Two marks in a row are one: an idle socket's heartbeats must not fill the room.
        last = next(reversed(self._waiting), None)
        if last is not None and type(self._waiting[last][0]) is type(item):
            self._waiting[last] = item, 0
            return
        self._number += 1
        self._waiting[self._number] = item, 0
        self._came.set()

    def _fall_behind(self) -> None:
        waiting = [item for item, _ in self._waiting.values()]
        gap = any(isinstance(item, Gap) for item in waiting)
        self.dropped += sum(isinstance(item, Event) for item in waiting)
        self._waiting.clear()
        self._bytes = 0
        self.is_over = True
        self.heard = self.taken
        if gap:
            self._append(Gap())
