"""Rate buckets that all processes share: in Redis, and in each process while Redis is out."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import zlib
from collections.abc import Sequence
from typing import Final

from realtime.hub import tally
from realtime.hub.bus import RedisWire, address
from realtime.hub.limits import LocalLimits, Rate, check
from realtime.hub.tally import Counted, Tally
from realtime.hub.wire import Outage

PREFIX: Final = "rt:rate:"  # before every key in Redis


class SharedLimits:
    """`Limits` for many processes, spread over `urls` by their keys.

    What this process learns of a bucket it keeps, so an outage goes on from there: each process
    then counts by itself, at the same values. A rate that is `lenient` is always judged by what
    this process knows, and counted in Redis meanwhile: nobody waits for a round trip, and too much
    by what the processes let through at the same moment.

    Names in Redis are hashed with `secret`: who can read them learns of no name and no address.
    """

    def __init__(self, urls: Sequence[str], secret: str, own: LocalLimits | None = None) -> None:
        self._own = own or LocalLimits()
        self._secret = hashlib.sha256(secret.encode()).digest()
        self._tallies = [
            Tally(functools.partial(RedisWire, url), Outage(address(url))) for url in urls
        ]

    async def run(self) -> None:
        """The connections' loops. Ends only by a bug; without it every process is alone."""
        async with asyncio.TaskGroup() as group:
            for each in self._tallies:
                group.create_task(each.run(), name="limits")

    async def take(self, key: str, rate: Rate, cost: float = 1) -> float:
        """As `Limits.take`; it takes 0.25 s at most, and mostly a round trip."""
        check(rate, cost)
        if rate.lenient:
            wait_s = await self._own.take(key, rate, cost)
            if wait_s == 0:
                answer = self._ask(key, rate, cost)
                answer.add_done_callback(functools.partial(self._learn_later, key))
            return wait_s
        counted = await self._counted(key, rate, cost)
        if counted is None:
            return await self._own.take(key, rate, cost)
        self._own.learn(key, counted.full_in_s)
        return counted.wait_s

    async def refund(self, key: str, rate: Rate, cost: float = 1) -> None:
        """As `Limits.refund`; what was taken in an outage may be put back after it, or not."""
        check(rate, cost)
        counted = await self._counted(key, rate, -cost)
        if counted is None:
            await self._own.refund(key, rate, cost)
        else:
            self._own.learn(key, counted.full_in_s)

    async def _counted(self, key: str, rate: Rate, cost: float) -> Counted | None:
        try:
            async with asyncio.timeout(tally.ASK_S):
                return await self._ask(key, rate, cost)
        except TimeoutError:
            return None

    def _ask(self, key: str, rate: Rate, cost: float) -> asyncio.Future[Counted | None]:
        whose = key.encode("utf-8", "surrogatepass")
        digest = hashlib.blake2b(whose, key=self._secret, digest_size=16)
        what = key.partition(":")[0]
        name = f"{PREFIX}{what}:{digest.hexdigest()}".encode()
        shard = self._tallies[zlib.crc32(name) % len(self._tallies)]
        return shard.ask(name, _words(rate, cost))

    def _learn_later(self, key: str, answer: asyncio.Future[Counted | None]) -> None:
        counted = None if answer.cancelled() else answer.result()
        if counted is not None:
            self._own.learn(key, counted.full_in_s)


@functools.lru_cache(maxsize=256)
def _words(rate: Rate, cost: float) -> bytes:
    windows = (f"{window.per_s / window.count!r} {window.per_s!r}" for window in rate.windows)
    return " ".join([repr(cost), *windows]).encode()
