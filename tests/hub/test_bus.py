"""Between processes: one contract for every bus, on a real Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial

import pytest

from realtime.hub.bus import Bus, LocalBus, RedisBus
from tests.hub.ears import DEADLINE_S, Ear, listening
from tests.services import Redis

Make = Callable[[], Bus]
Start = Callable[..., Awaitable[Ear]]


@pytest.fixture(params=["local", "redis", "sharded"])
def make(request: pytest.FixtureRequest) -> Make:
    """Makes a bus of each kind."""
    if request.param == "local":
        return LocalBus
    url: str = request.getfixturevalue("redis_url")
    return partial(RedisBus, [url] if request.param == "redis" else [url, url, url])


@pytest.fixture
async def start(make: Make) -> AsyncIterator[Start]:
    """Makes and starts a bus, with some channels subscribed."""
    async with AsyncExitStack() as stack:

        async def start(*channels: str) -> Ear:
            return await stack.enter_async_context(listening(make(), *channels))

        yield start


async def test_a_process_hears_its_own_publications(start: Start) -> None:
    ear = await start("author:1")
    ear.bus.publish("author:1", b"hello")
    assert await ear.hears(1) == [("author:1", b"hello")]


async def test_starting_announces_that_the_log_is_to_be_read(start: Start) -> None:
    assert (await start()).reconnects >= 1


async def test_only_what_is_subscribed_is_heard(start: Start) -> None:
    ear = await start("a", "c")
    for channel in ("a", "b", "c", "a:b", "A"):
        ear.bus.publish(channel, channel.encode())
    assert sorted(await ear.hears(2)) == [("a", b"a"), ("c", b"c")]
    assert await ear.bus.probe()
    await ear.hears(2)


async def test_what_is_left_is_heard_no_more(start: Start) -> None:
    ear = await start("a", "b")
    await ear.bus.unsubscribe(["a", "never subscribed"])
    ear.bus.publish("a", b"1")
    ear.bus.publish("b", b"2")
    assert await ear.hears(1) == [("b", b"2")]
    await ear.bus.subscribe(["a"])
    ear.bus.publish("a", b"3")
    assert (await ear.hears(2))[1] == ("a", b"3")


async def test_subscribing_twice_is_subscribing_once(start: Start) -> None:
    ear = await start("a")
    await asyncio.gather(*(ear.bus.subscribe(["a", "b"]) for _ in range(20)))
    await ear.bus.subscribe([])
    ear.bus.publish("a", b"1")
    await ear.hears(1)
    await ear.bus.unsubscribe(["a"])
    ear.bus.publish("a", b"2")
    ear.bus.publish("b", b"3")
    assert (await ear.hears(2))[1] == ("b", b"3")


async def test_the_order_of_a_channel_is_kept(start: Start) -> None:
    ear = await start(*"abcdef")
    for n in range(3000):
        ear.bus.publish("abcdef"[n % 6], b"%d" % n)
        if not n % 500:
            await asyncio.sleep(0)
    heard = await ear.hears(3000)
    for index, channel in enumerate("abcdef"):
        mine = [int(payload) for name, payload in heard if name == channel]
        assert mine == list(range(index, 3000, 6))


async def test_what_is_published_together_is_handed_over_together(start: Start) -> None:
    ear = await start("a", "b")
    for n in range(40):
        ear.bus.publish("ab"[n % 2], b"%d" % n)
    heard = await ear.hears(40)
    assert [int(payload) for _, payload in heard if _ == "a"] == list(range(0, 40, 2))
    assert len(ear.together) < 20


@pytest.mark.parametrize("payload", [b"", b"\x00\xff\r\n$5\r\n", bytes(range(256)) * 400])
async def test_payloads_are_bytes_of_any_kind(start: Start, payload: bytes) -> None:
    ear = await start("a")
    ear.bus.publish("a", payload)
    assert await ear.hears(1) == [("a", payload)]


async def test_channels_are_text_of_any_kind(start: Start) -> None:
    names = ["größe", "with space", "a*", "{1}"]
    ear = await start(*names)
    for name in names:
        ear.bus.publish(name, name.encode())
    heard = await ear.hears(len(names))
    assert sorted(heard) == sorted((name, name.encode()) for name in names)


async def test_ten_thousand_channels(start: Start) -> None:
    names = [f"author:{n}" for n in range(10_000)]
    ear = await start()
    async with asyncio.timeout(5):
        await ear.bus.subscribe(names)
    for name in names[::100]:
        ear.bus.publish(name, b"x")
    await ear.hears(100)
    await ear.bus.unsubscribe(names[1:])
    ear.bus.publish(names[1], b"not heard")
    ear.bus.publish(names[0], b"heard")
    assert (await ear.hears(101))[100] == (names[0], b"heard")


async def test_a_subscription_that_is_given_up_half_way_harms_nothing(start: Start) -> None:
    ear = await start("a")
    task = asyncio.create_task(ear.bus.subscribe([f"n:{n}" for n in range(2000)]))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await ear.bus.subscribe(["b"])
    ear.bus.publish("a", b"1")
    ear.bus.publish("b", b"2")
    assert sorted(await ear.hears(2)) == [("a", b"1"), ("b", b"2")]
    assert ear.bus.reconnects == 0


async def test_messages_are_counted(start: Start) -> None:
    ear = await start("a")
    for _ in range(5):
        ear.bus.publish("a", b"x")
    ear.bus.publish("b", b"x")
    await ear.hears(5)
    assert await ear.bus.probe()  # by now all six are confirmed
    assert ear.bus.published >= 6
    assert (ear.bus.received, ear.bus.dropped, ear.bus.reconnects) == (5, 0, 0)


async def test_a_healthy_bus_is_connected_and_its_probe_comes_back(start: Start) -> None:
    ear = await start()
    assert ear.bus.connected
    assert await asyncio.gather(*(ear.bus.probe() for _ in range(5))) == [True] * 5


async def test_publishing_from_within_a_delivery_is_fine(start: Start) -> None:
    ear = await start("a")

    def again() -> None:
        if len(ear.heard) < 5:
            ear.bus.publish("a", b"again")

    ear.then = again
    ear.bus.publish("a", b"first")
    await ear.hears(5)


async def test_an_error_of_the_receiver_ends_run_and_is_not_lost(make: Make) -> None:
    bus = make()

    def broken(messages: Sequence[tuple[str, bytes]]) -> None:
        raise KeyError(messages[0])

    await bus.start(broken, on_reconnect=lambda: None)
    try:
        await bus.subscribe(["a"])
        bus.publish("a", b"x")
        with pytest.raises(KeyError):
            await asyncio.wait_for(bus.run(), DEADLINE_S)
    finally:
        await bus.stop()


async def test_a_stopped_bus_keeps_nothing_running(make: Make) -> None:
    before = asyncio.all_tasks()
    bus = make()
    await bus.start(lambda messages: None, on_reconnect=lambda: None)
    await bus.subscribe(["a"])
    bus.publish("a", b"x")
    await bus.stop()
    assert asyncio.all_tasks() == before
    assert not bus.connected
    bus.publish("a", b"to nobody")
    await bus.stop()


async def test_two_processes_hear_each_other(redis_url: str) -> None:
    async with (
        listening(RedisBus([redis_url]), "author:1") as ada,
        listening(RedisBus([redis_url]), "author:1", "author:2") as bob,
    ):
        ada.bus.publish("author:1", b"from ada")
        await asyncio.gather(ada.hears(1), bob.hears(1))
        bob.bus.publish("author:2", b"from bob")
        bob.bus.publish("author:1", b"to both")
        assert (await ada.hears(2))[1] == ("author:1", b"to both")
        assert len(await bob.hears(3)) == 3


async def test_channels_are_spread_over_several_redis(redis_url: str, mortal_redis: Redis) -> None:
    names = [f"author:{n}" for n in range(100)]
    urls = [redis_url, mortal_redis.url]
    async with (
        listening(RedisBus(urls), *names) as ada,
        listening(RedisBus(urls), *names) as bob,
        listening(RedisBus(urls[:1]), *names) as half,
    ):
        for name in names:
            ada.bus.publish(name, b"x")
        await asyncio.gather(ada.hears(100), bob.hears(100))
        assert await half.bus.probe()
        assert 20 < len(half.heard) < 80
