"""Which channels of the bus this process hears: those that somebody here needs."""

from __future__ import annotations

from collections.abc import Collection

from realtime import visibility
from realtime.hub.bus import Bus
from realtime.hub.hub import Hub
from realtime.tail import Tail
from realtime.together import Together


class Channels:
    """Subscriptions by topic. A channel is left when nobody has needed it between two tidyings."""

    def __init__(self, bus: Bus, hub: Hub, tail: Tail) -> None:
        self._bus = bus
        self._hub = hub
        self._tail = tail
        self._asked: set[int] = set()  # may be held by the bus
        self._subscribed: set[int] = set()  # are held
        self._needed: set[int] = set()
        self._subscribe_to = Together(self._subscribe)

    async def need(self, topics: Collection[int]) -> None:
        """Be told by the bus of these topics; whatever it did not tell before is known after.

        Raises:
            Unavailable: the database is down.
        """
        self._needed.update(topics)
        new = set(topics) - self._subscribed
        if not new:
            return
        # Whoever asks may be cut off before the answer: `tidy` knows of it all the same.
        self._asked |= new
        await self._subscribe_to(frozenset(new))

    async def _subscribe(self, asked: list[frozenset[int]]) -> dict[frozenset[int], None]:
        """Subscribe to all that is asked for at this moment: one round trip, one reading."""
        new = frozenset[int]().union(*asked)
        await self._bus.subscribe([visibility.wire_name(topic) for topic in new])
        self._subscribed |= new
        # What was told between the last reading and this subscription rang no bell here.
        await self._tail.read()
        return dict.fromkeys(asked)

    async def tidy(self, kept: Collection[int]) -> None:
        """Leave what nobody listens to, has asked for lately, or is `kept`."""
        listening = set(self._hub.topics)
        needed, self._needed = self._needed, set()
        unused = self._asked - listening - needed - set(kept)
        if unused:
            self._asked -= unused
            self._subscribed -= unused
            await self._bus.unsubscribe([visibility.wire_name(topic) for topic in unused])
        if forgotten := listening - self._subscribed:
            await self.need(forgotten)
