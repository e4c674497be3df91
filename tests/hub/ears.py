"""A bus that runs, with somebody who notes what it says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from realtime.hub.bus import Bus

DEADLINE_S = 10.0


class Ear:
    """A bus that runs, and what it said."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.heard: list[tuple[str, bytes]] = []
        self.together: list[int] = []  # how many came with each call
        self.reconnects = 0
        #: Called after each message has been noted.
        self.then: Callable[[], None] = lambda: None
        self._news = asyncio.Event()

    def deliver(self, messages: Sequence[tuple[str, bytes]]) -> None:
        self.heard += messages
        self.together.append(len(messages))
        for _ in messages:
            self.then()
        self._news.set()

    def on_reconnect(self) -> None:
        self.reconnects += 1
        self._news.set()

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait for the bus to have said enough."""
        async with asyncio.timeout(DEADLINE_S):
            while not is_so():
                self._news.clear()
                await self._news.wait()

    async def hears(self, count: int) -> list[tuple[str, bytes]]:
        """The first `count` messages; more must not have come."""
        await self.until(lambda: len(self.heard) >= count)
        assert len(self.heard) == count
        return self.heard


@asynccontextmanager
async def listening(bus: Bus, *channels: str) -> AsyncIterator[Ear]:
    """`bus`, started and supervised while the body runs."""
    ear = Ear(bus)
    await bus.start(ear.deliver, on_reconnect=ear.on_reconnect)
    watch = asyncio.create_task(bus.run())
    try:
        await bus.subscribe(channels)
        yield ear
        assert not watch.done(), "a loop of the bus died"
    finally:
        await bus.stop()
        await watch
