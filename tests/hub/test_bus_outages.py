"""Redis dies, sleeps, lies and comes back: nobody waits for it, and everyone learns of the gap."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import redis

from realtime.hub import bus as bus_module
from realtime.hub import listener, speaker
from realtime.hub.bus import RedisBus, RedisWire
from realtime.hub.wire import Lost
from tests.hub.ears import DEADLINE_S, Ear, listening
from tests.services import Redis


class Pulse:
    """Measures for how long the loop did not get around to it, in seconds."""

    def __init__(self) -> None:
        self.lags_s: list[float] = []

    async def run(self) -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            self.lags_s.append(now - last - 0.001)
            last = now


@asynccontextmanager
async def pulse() -> AsyncIterator[Pulse]:
    pulse = Pulse()
    task = asyncio.create_task(pulse.run())
    try:
        yield pulse
    finally:
        task.cancel()


async def comes_true(ear: Ear, probe: bool = True) -> None:
    """Until the probe says so."""
    async with asyncio.timeout(DEADLINE_S):
        while await ear.bus.probe() is not probe:  # noqa: ASYNC110 - a probe is asked
            await asyncio.sleep(0.02)


async def flows(ear: Ear, channel: str) -> None:
    """Until a message on `channel` comes back; those sent meanwhile may be lost."""
    async with asyncio.timeout(DEADLINE_S):
        while not any(name == channel for name, _ in ear.heard):
            ear.bus.publish(channel, b"are you there?")
            await asyncio.sleep(0.02)


def lines(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(r.levelname, r.getMessage()) for r in caplog.records if r.name.startswith("realtime")]


async def test_after_a_restart_all_is_subscribed_again_and_the_log_is_read(
    mortal_redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    names = [f"n:{n}" for n in range(1200)]
    async with listening(RedisBus([mortal_redis.url]), *names) as ear:
        before = ear.reconnects
        await asyncio.to_thread(mortal_redis.kill)
        await comes_true(ear, probe=False)
        assert not ear.bus.connected
        ear.bus.publish("n:0", b"lost")
        await ear.bus.subscribe(["during"])
        await ear.bus.unsubscribe(["n:5"])
        await asyncio.to_thread(mortal_redis.restart)
        back_at = time.monotonic()
        await ear.until(lambda: ear.reconnects > before)
        assert time.monotonic() - back_at < 2
        await comes_true(ear)
        assert ear.bus.connected
        for name in ("n:0", "n:1199", "n:5", "during"):
            ear.bus.publish(name, b"back")
        await comes_true(ear)
        assert [name for name, _ in ear.heard] == ["n:0", "n:1199", "during"]
        assert ear.bus.reconnects == 1
        assert ear.bus.dropped >= 1
    said = lines(caplog)
    assert [level for level, _ in said] == ["WARNING", "INFO"]
    assert not any(record.exc_info for record in caplog.records)


async def test_a_quick_restart_loses_nothing_that_is_published_after_it(
    mortal_redis: Redis,
) -> None:
    """The publisher's idle connection is dead by then, and it does not know."""
    async with listening(RedisBus([mortal_redis.url]), "a") as ear:
        ear.bus.publish("a", b"before")
        await ear.hears(1)
        before = ear.reconnects
        await asyncio.to_thread(mortal_redis.kill)
        await asyncio.to_thread(mortal_redis.restart)
        await ear.until(lambda: ear.reconnects > before)
        ear.bus.publish("a", b"after")
        assert (await ear.hears(2))[1] == ("a", b"after")
        assert ear.bus.dropped == 0


async def test_a_paused_redis_holds_up_nobody(mortal_redis: Redis) -> None:
    async with listening(RedisBus([mortal_redis.url]), "a") as ear, pulse() as beat:
        ear.bus.publish("a", b"before")
        await ear.hears(1)
        await asyncio.to_thread(mortal_redis.pause)
        try:
            beat.lags_s.clear()
            publishing_s = 0.0
            for _ in range(30):
                started_at = time.monotonic()
                for _ in range(50):
                    ear.bus.publish("a", b"during")
                publishing_s += time.monotonic() - started_at
                await asyncio.sleep(0.1)
            started_at = time.monotonic()
            await ear.bus.subscribe(["b"])
            assert time.monotonic() - started_at < listener.ANSWER_S + 0.5
            started_at = time.monotonic()
            assert not await ear.bus.probe()
            assert time.monotonic() - started_at < bus_module.PROBE_S + 0.5
            # A busy machine holds up a turn now and then; waiting for Redis would hold up each.
            beat.lags_s.sort()
            assert beat.lags_s[len(beat.lags_s) * 95 // 100] < 0.05
            assert publishing_s < 0.05 * 30
            assert ear.bus.dropped >= 1000
        finally:
            await asyncio.to_thread(mortal_redis.resume)
        before = ear.reconnects
        await ear.until(lambda: ear.reconnects > before)
        await flows(ear, "b")
        await comes_true(ear)


async def test_a_subscriber_that_hears_nothing_more_is_found_by_itself(
    mortal_redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody publishes, nobody subscribes: silence alone must tell."""
    assert listener.SILENCE_S + 2 * listener.BEAT_S < 10
    monkeypatch.setattr(listener, "SILENCE_S", 0.5)
    monkeypatch.setattr(listener, "BEAT_S", 0.1)
    async with listening(RedisBus([mortal_redis.url]), "a") as ear:
        await asyncio.sleep(1)  # longer than the silence that would be fatal
        assert ear.bus.connected
        assert ear.bus.reconnects == 0
        await asyncio.to_thread(mortal_redis.pause)
        try:
            async with asyncio.timeout(2):
                while ear.bus.connected:  # noqa: ASYNC110 - no event tells of it
                    await asyncio.sleep(0.01)
        finally:
            await asyncio.to_thread(mortal_redis.resume)
        await flows(ear, "a")


async def test_a_subscription_that_is_not_confirmed_in_time_makes_a_new_connection(
    mortal_redis: Redis,
) -> None:
    """Confirmed late, it would leave a gap of which nobody is told."""
    async with listening(RedisBus([mortal_redis.url]), "a") as ear:
        await asyncio.to_thread(mortal_redis.pause)
        try:
            await ear.bus.subscribe(["b"])
        finally:
            await asyncio.to_thread(mortal_redis.resume)
        before = ear.reconnects
        async with asyncio.timeout(listener.SILENCE_S - listener.ANSWER_S - 1):
            await ear.until(lambda: ear.reconnects > before)
        assert ear.bus.reconnects == 1
        ear.bus.publish("b", b"x")
        await ear.hears(1)


async def test_publishing_goes_on_as_soon_as_the_subscriber_is_back(
    mortal_redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speaker, "RETRY_S", (60.0, 60.0))
    async with listening(RedisBus([mortal_redis.url]), "a") as ear:
        await asyncio.to_thread(mortal_redis.kill)
        ear.bus.publish("a", b"lost")
        await comes_true(ear, probe=False)
        await asyncio.to_thread(mortal_redis.restart)
        await comes_true(ear)


async def test_a_closed_connection_is_not_opened_again_behind_our_back(redis_url: str) -> None:
    wire = RedisWire(redis_url)
    await wire.open()
    await wire.send([(b"PING",)])
    assert await wire.answer() == b"PONG"
    await wire.close()
    with pytest.raises(Lost):
        await wire.send([(b"PING",)])
    with pytest.raises(Lost):
        await wire.answer()


async def test_a_redis_that_holds_fewer_subscriptions_than_asked_is_asked_again(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    wires: list[RedisWire] = []

    class FirstForgets(RedisWire):
        async def answer(self) -> Any:
            answer = await super().answer()
            wires.append(self)
            if self is wires[0] and answer[0] == b"subscribe":
                answer[2] -= 1
            return answer

    monkeypatch.setattr(bus_module, "RedisWire", FirstForgets)
    async with listening(RedisBus([redis_url]), "a") as ear:
        ear.bus.publish("a", b"x")
        await ear.hears(1)
        assert ear.bus.connected
    assert "1 of 2 subscriptions are held" in caplog.text


async def test_a_subscriber_that_redis_throws_out_comes_back(mortal_redis: Redis) -> None:
    async with listening(RedisBus([mortal_redis.url]), "a", "b") as ear:
        before = ear.reconnects
        with redis.Redis.from_url(mortal_redis.url) as client:
            client.client_kill_filter(_type="pubsub")
        await ear.until(lambda: ear.reconnects > before)
        ear.bus.publish("a", b"1")
        ear.bus.publish("b", b"2")
        await ear.hears(2)


async def test_whoever_had_to_drop_tells_all_others_once_it_can(
    mortal_redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speaker, "QUEUE_MESSAGES", 10)
    url = mortal_redis.url
    async with listening(RedisBus([url]), "a") as ada, listening(RedisBus([url]), "a") as bob:
        before = bob.reconnects
        for _ in range(15):
            ada.bus.publish("a", b"x")
        assert ada.bus.dropped == 5
        await bob.until(lambda: bob.reconnects > before)
        assert len(bob.heard) == 10
        assert bob.bus.reconnects == 0


async def test_the_queue_is_bounded_in_bytes(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speaker, "QUEUE_BYTES", 10_000)
    async with listening(RedisBus([redis_url]), "a") as ear:
        for _ in range(15):
            ear.bus.publish("a", b"x" * 1000)
        assert ear.bus.dropped == 5
        await ear.hears(10)


async def test_a_bus_starts_without_redis_and_finds_it_later(
    mortal_redis: Redis, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus_module, "START_S", 0.2)
    await asyncio.to_thread(mortal_redis.kill)
    async with listening(RedisBus([mortal_redis.url]), "a") as ear:
        assert not ear.bus.connected
        assert not await ear.bus.probe()
        assert ear.reconnects == 0
        await asyncio.to_thread(mortal_redis.restart)
        await ear.until(lambda: ear.reconnects > 0)
        await flows(ear, "a")
    assert not any(record.exc_info for record in caplog.records)


async def test_subscriptions_that_redis_refuses_are_an_outage_and_no_crash(
    mortal_redis: Redis, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus_module, "START_S", 0.2)
    with redis.Redis.from_url(mortal_redis.url) as client:
        client.acl_setuser("poor", enabled=True, passwords=["+secret"], commands=["+@all"])
        url = mortal_redis.url.replace("redis://", "redis://poor:secret@")
        async with listening(RedisBus([url]), "a") as ear:
            assert not ear.bus.connected
            client.acl_setuser("poor", enabled=True, channels=["rt:*"])
            await ear.until(lambda: ear.reconnects > 0)
            await flows(ear, "a")
    assert "secret" not in caplog.text
    assert not any(record.exc_info for record in caplog.records)


async def test_the_log_of_an_outage_names_no_password(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus_module, "START_S", 0.2)
    async with listening(RedisBus(["redis://me:secret@127.0.0.1:1/0"])) as ear:
        assert not ear.bus.connected
    assert "127.0.0.1:1" in caplog.text
    assert "secret" not in caplog.text
