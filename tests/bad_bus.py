"""A bus that is as bad as a bus can be, in the shape in which feeds use one."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Collection, Sequence


class BadBus:
    """A bus that loses, doubles, delays and reorders."""

    def __init__(self, chance: random.Random, loss: float) -> None:
        self.chance = chance
        self.loss = loss
        self.ends: dict[BadBus.End, None] = {}

    class End:
        """One process's end of it."""

        def __init__(self, bus: BadBus) -> None:
            self.bus = bus
            self.channels: set[str] = set()
            self.inbox: list[tuple[str, bytes]] = []
            self.ring: Callable[[Sequence[tuple[str, bytes]]], None] = lambda messages: None

        def publish(self, channel: str, payload: bytes) -> None:
            for end in self.bus.ends:
                times = self.bus.chance.choices(
                    (0, 1, 2), (self.bus.loss, 0.9 - self.bus.loss, 0.1)
                )
                if channel in end.channels:
                    end.inbox.extend([(channel, payload)] * times[0])

        async def subscribe(self, channels: Collection[str]) -> None:
            await asyncio.sleep(0)
            self.channels.update(channels)

        async def unsubscribe(self, channels: Collection[str]) -> None:
            self.channels.difference_update(channels)

        def hand_over(self) -> None:
            """One or more of the messages that wait, any of them, together."""
            chance = self.bus.chance
            if self.inbox:
                many = min(len(self.inbox), chance.choice((1, 1, 2, 5)))
                self.ring([self.inbox.pop(chance.randrange(len(self.inbox))) for _ in range(many)])
