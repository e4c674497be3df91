"""Publishes on one Redis off everybody's path: whole batches, short deadlines, a breaker."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from typing import Final

from realtime.hub.wire import CONNECT_S, OUTAGE, Connect, Lost, Outage, Wire

PUBLISH_S: Final = 0.25  # for one batch to be sent and confirmed
RETRY_S: Final = (1.0, 5.0)  # between looks at a Redis that is out: first, longest
QUEUE_MESSAGES: Final = 10_000
QUEUE_BYTES: Final = 16 * 2**20
BATCH_MESSAGES: Final = 256
BATCH_BYTES: Final = 2**20


class Speaker:
    """The publishing half of the bus on one Redis.

    What cannot be sent is dropped and counted. Once Redis answers again, `notice` is published:
    the channel on which all processes hear that something was dropped.
    """

    def __init__(self, connect: Connect, outage: Outage, notice: bytes) -> None:
        self._connect = connect
        self._outage = outage
        self._notice = notice
        self._wire: Wire | None = None
        self._deadline_s = PUBLISH_S
        self._queue: deque[tuple[bytes, bytes]] = deque()
        self._queued_bytes = 0
        self._wake = asyncio.Event()
        self._retry = asyncio.Event()
        self._owes_notice = False
        self.is_broken = False  # the breaker is open: nothing is even tried
        self.published = 0
        self.dropped = 0

    def publish(self, channel: bytes, payload: bytes) -> None:
        """Queue for the next batch, or drop. Never waits."""
        full = len(self._queue) >= QUEUE_MESSAGES or self._queued_bytes >= QUEUE_BYTES
        if self.is_broken or full:
            self._drop(1)
            return
        self._queue.append((channel, payload))
        self._queued_bytes += len(payload)
        self._wake.set()

    def retry_now(self) -> None:
        """Somebody has just seen this Redis alive."""
        self._retry.set()

    def _drop(self, count: int) -> None:
        self.dropped += count
        self._owes_notice = True

    async def run(self) -> None:
        """The loop that sends. Ends only by a bug."""
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                # One loop turn, so that all that this one publishes goes together.
                await asyncio.sleep(0)
                await self._send_all()
        finally:
            await self._hang_up()

    async def _send_all(self) -> None:
        while self._queue or self._owes_notice:
            batch = self._next()
            try:
                if batch:
                    await self._say(batch)
                    self.published += len(batch)
                else:
                    self._owes_notice = False
                    await self._say([(self._notice, b"")])
            except OUTAGE as error:
                self._drop(len(batch) + len(self._queue))
                self._queue.clear()
                self._queued_bytes = 0
                await self._recover(error)

    def _next(self) -> list[tuple[bytes, bytes]]:
        batch: list[tuple[bytes, bytes]] = []
        size = 0
        while self._queue and len(batch) < BATCH_MESSAGES and size < BATCH_BYTES:
            message = self._queue.popleft()
            batch.append(message)
            size += len(message[1])
        self._queued_bytes -= size
        return batch

    async def _say(self, batch: list[tuple[bytes, bytes]]) -> None:
        commands = [(b"PUBLISH", channel, payload) for channel, payload in batch]
        is_old = self._wire is not None
        try:
            await self._exchange(commands, self._deadline_s)
        except Lost:
            if not is_old:
                raise
            # It was left over from before a restart. Twice is harmless, never is not.
            await self._exchange(commands, self._deadline_s)

    async def _exchange(self, commands: Sequence[tuple[bytes, ...]], deadline_s: float) -> None:
        """Send, and await as many answers. After any error there is no connection."""
        try:
            if self._wire is None:
                self._wire = self._connect()
                await self._wire.open()
            async with asyncio.timeout(deadline_s):
                await self._wire.send(commands)
                for _ in commands:
                    await self._wire.answer()
        except BaseException:
            await self._hang_up()
            raise

    async def _recover(self, error: BaseException) -> None:
        """Look now and then whether Redis answers; until it does, everything is dropped."""
        self.is_broken = True
        self._retry.clear()
        self._outage.begins("publishing", error)
        pause, longest = RETRY_S
        while self.is_broken:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._retry.wait()
            self._retry.clear()
            pause = min(pause * 2, longest)
            with contextlib.suppress(*OUTAGE):
                await self._measure()
                self.is_broken = False
        self._outage.ends("publishing")

    async def _measure(self) -> None:
        """A Redis that is slow but well gets the time it needs, up to CONNECT_S."""
        now = asyncio.get_running_loop().time
        await self._exchange([(b"PING",)], CONNECT_S)
        asked_at = now()
        await self._exchange([(b"PING",)], CONNECT_S)
        self._deadline_s = min(max(PUBLISH_S, 4 * (now() - asked_at)), CONNECT_S)

    async def _hang_up(self) -> None:
        wire, self._wire = self._wire, None
        if wire is not None:
            await wire.close()
