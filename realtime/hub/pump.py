"""What has come over a bus, handed on: what came together goes together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Final

Message = tuple[str, bytes]  # channel, payload
Deliver = Callable[[Sequence[Message]], None]  # in the order of their coming; must not block
Rested = Callable[[float], Awaitable[bool]]  # `Hub.rested`

AT_ONCE: Final = 64  # messages before the loop gets a turn
GATHER_S: Final = 0.1  # at most, for what can be told, or committed, together


async def nobody_hears(within_s: float) -> bool:
    """The `Rested` of whoever has no listeners: nothing is ever due."""
    return False


class Pump:
    """Hands on soon, in order, and loses nothing; `wanted` holds the channels that are heard."""

    def __init__(
        self, deliver: Deliver, wanted: Collection[str], rested: Rested = nobody_hears
    ) -> None:
        self._deliver = deliver
        self._wanted = wanted
        self._rested = rested
        self._waiting: list[Message] = []
        self._wake = asyncio.Event()
        self.delivered = 0  # messages so far

    def put(self, channel: str, payload: bytes) -> None:
        """This has come."""
        self._waiting.append((channel, payload))
        self._wake.set()

    async def run(self) -> None:
        """The loop that hands on. Ends only by an error of `deliver`."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                # While many sockets are being told of the last ones, what comes waits for its
                # turn anyway: told together, it is one write for each of them. A backlog has
                # waited enough, and meets its like in the outboxes.
                if len(self._waiting) < AT_ONCE:
                    await self._rested(GATHER_S)
                batch, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
                # What was left since it came is heard no more.
                batch = [message for message in batch if message[0] in self._wanted]
                self.delivered += len(batch)
                self._deliver(batch)
                if self._waiting:
                    await asyncio.sleep(0)
