"""Subscribes on one Redis: what is wanted stays subscribed, over any number of connections."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from realtime.hub.wire import OUTAGE, Connect, Lost, Outage, Wire

ANSWER_S: Final = 1.0  # without a confirmation while one is due: the connection is given up
BEAT_S: Final = 2.0  # between looks at a connection on which nothing comes
SILENCE_S: Final = 5.0  # without a byte from Redis: the connection is dead, whatever TCP says
PAUSE_S: Final = (0.1, 1.0)  # between attempts to connect: first, longest
SUBSCRIBED_AT_ONCE: Final = 500  # channels in one command
HEARD_AT_ONCE: Final = 64  # messages before the loop gets a turn

Hear = Callable[[bytes, str, bytes], None]  # (channel in Redis, what the owner calls it, payload)


class Listener:
    """The subscribing half of the bus on one Redis.

    `controls` are always subscribed, under the name "". `up` is called after each connection, once
    everything that is wanted is confirmed.
    """

    def __init__(
        self,
        connect: Connect,
        outage: Outage,
        controls: Sequence[bytes],
        hear: Hear,
        up: Callable[[], None],
    ) -> None:
        self._connect = connect
        self._outage = outage
        self._hear = hear
        self._up = up
        self._wire: Wire | None = None
        self._wanted = dict.fromkeys(controls, "")
        self._to_ask: deque[tuple[bytes, Sequence[bytes]]] = deque()
        self._wake = asyncio.Event()
        self._asked = 0  # channels, on this connection
        self._confirmed = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._heard_at = 0.0
        self._pause_s, _ = PAUSE_S
        self.connected = asyncio.Event()

    async def subscribe(self, channels: Mapping[bytes, str]) -> None:
        """Returns when confirmed, or when it is certain that the next connection will."""
        new = [channel for channel in channels if channel not in self._wanted]
        self._wanted.update(channels)
        self._ask(b"SUBSCRIBE", new)
        await self._settled()

    def unsubscribe(self, channels: Iterable[bytes]) -> None:
        """From now on nothing of these channels is heard."""
        old = [channel for channel in channels if self._wanted.pop(channel, None) is not None]
        self._ask(b"UNSUBSCRIBE", old)

    def _ask(self, verb: bytes, channels: Sequence[bytes]) -> None:
        if self._wire is None:
            return
        for start in range(0, len(channels), SUBSCRIBED_AT_ONCE):
            self._to_ask.append((verb, channels[start : start + SUBSCRIBED_AT_ONCE]))
        self._asked += len(channels)
        self._wake.set()

    async def _settled(self) -> None:
        wire = self._wire
        if wire is None or self._confirmed >= self._asked:
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((self._asked, future))
        while not future.done():
            before = self._confirmed
            await asyncio.wait((future,), timeout=ANSWER_S)
            if not future.done() and self._confirmed == before:
                # A late confirmation would leave a gap that no reconnection announces.
                await self._give_up(wire)
                return

    # What is read.

    async def read(self) -> None:
        """The loop that connects and hears. Ends only by a bug, or an error of `hear` or `up`."""
        _, longest = PAUSE_S
        while True:
            try:
                await self._listen()
            except OUTAGE as error:
                self._outage.begins("listening", error)
            await asyncio.sleep(self._pause_s * random.uniform(0.5, 1.0))
            self._pause_s = min(self._pause_s * 2, longest)

    async def _listen(self) -> None:
        wire = self._connect()
        try:
            await wire.open()
            self._heard_at = asyncio.get_running_loop().time()
            self._wire = wire
            self._ask(b"SUBSCRIBE", list(self._wanted))
            for heard in itertools.count(1):
                self._take(await wire.answer())
                if not heard % HEARD_AT_ONCE:
                    await asyncio.sleep(0)
        finally:
            self._forget_connection()
            await self._give_up(wire)

    def _forget_connection(self) -> None:
        self.connected.clear()
        self._to_ask.clear()
        self._asked = self._confirmed = 0
        self._release(None)

    def _take(self, answer: Any) -> None:
        self._heard_at = asyncio.get_running_loop().time()
        kind, channel, content = (*answer, None)[:3]
        if kind == b"message":
            name = self._wanted.get(channel)
            if name is not None:
                self._hear(channel, name, content)
        elif kind in (b"subscribe", b"unsubscribe"):
            self._confirmed += 1
            self._release(self._confirmed)
            if self._confirmed == self._asked:
                self._complete(content)

    def _complete(self, held: int) -> None:
        """All is confirmed: Redis must hold as many subscriptions as are wanted."""
        if held != len(self._wanted):
            raise Lost(f"{held} of {len(self._wanted)} subscriptions are held")
        if not self.connected.is_set():
            self.connected.set()
            self._pause_s, _ = PAUSE_S
            self._outage.ends("listening")
            self._up()

    def _release(self, confirmed: int | None) -> None:
        while self._waiting and (confirmed is None or self._waiting[0][0] <= confirmed):
            _, future = self._waiting.popleft()
            if not future.done():
                future.set_result(None)

    # What is sent.

    async def mind(self) -> None:
        """The loop that sends, and finds a connection that is open and dead. Ends by a bug."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(BEAT_S):
                    await self._wake.wait()
            self._wake.clear()
            wire = self._wire
            if wire is not None:
                try:
                    await self._send(wire)
                except OUTAGE:
                    await self._give_up(wire)

    async def _send(self, wire: Wire) -> None:
        while self._to_ask and wire is self._wire:
            verb, channels = self._to_ask.popleft()
            await wire.send([(verb, *channels)])
            await asyncio.sleep(0)
        quiet_s = asyncio.get_running_loop().time() - self._heard_at
        if quiet_s > SILENCE_S:
            raise Lost("silence")
        if quiet_s > BEAT_S / 2 and wire is self._wire:
            await wire.send([(b"PING",)])

    async def _give_up(self, wire: Wire) -> None:
        """The reader sees the connection end, says so, and makes another."""
        if wire is self._wire:
            self._wire = None
        await wire.close()
