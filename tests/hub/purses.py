"""Buckets for tests: shared by several processes' worth of them, at a time that is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from realtime.hub import tally
from realtime.hub.bus import RedisWire
from realtime.hub.shared_limits import SharedLimits

SECRET = "a-key-for-tests-of-at-least-32-characters"


class Clock:
    """A time that passes only when told to."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def clocked(clock: Clock) -> Callable[[str], RedisWire]:
    """Connections to a Redis whose time is `clock`; what it keeps, it keeps for minutes."""

    class Clocked(RedisWire):
        async def send(self, commands: Sequence[tuple[bytes, ...]]) -> None:
            seconds, rest = divmod(clock.now, 1)
            time = f"{{{seconds:.0f}, {rest * 1e6:.0f}}}".encode()
            await super().send([tuple(_at(word, time) for word in each) for each in commands])

    return Clocked


def _at(word: bytes, time: bytes) -> bytes:
    if b"redis.call('TIME')" not in word:
        return word
    changed = word.replace(b"redis.call('TIME')", time)
    return changed.replace(b"math.ceil((last - now) * 1000)", b"600000")


def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for Redis for as long as a busy machine may take."""
    monkeypatch.setattr(tally, "ASK_S", 10.0)


@asynccontextmanager
async def sharing(*urls: str, secret: str = SECRET) -> AsyncIterator[SharedLimits]:
    """The buckets of one process, connected while the body runs."""
    limits = SharedLimits(urls, secret)
    task = asyncio.create_task(limits.run())
    try:
        yield limits
    finally:
        task.cancel()
        await asyncio.wait([task])
