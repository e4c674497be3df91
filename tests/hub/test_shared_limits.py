"""Rates that several processes share: exact together, quick alone, and honest when Redis is out."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from pathlib import Path

import pytest
import redis

from realtime.config import Config
from realtime.hub import tally
from realtime.hub.bus import RedisWire
from realtime.hub.limits import LOGIN_FAILURES, POSTS, READS, REGISTRATIONS, Limits, Rate
from realtime.hub.shared_limits import PREFIX
from realtime.hub.wire import Outage
from tests.hub.purses import SECRET, patient, sharing
from tests.server import serving
from tests.services import Redis

SLOW = Rate(20, 3_600.0)  # refills too slowly to matter in a test
LENIENT = Rate(100, 3_600.0, lenient=True)
DEADLINE_S = 10.0


@pytest.fixture(autouse=True)
def times(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is not a Redis that is out, and one that is back is seen soon."""
    monkeypatch.setattr(tally, "RETRY_S", (0.02, 0.05))
    patient(monkeypatch)


async def taken(limits: Limits, key: str, rate: Rate, tries: int) -> int:
    return sum([await limits.take(key, rate) == 0 for _ in range(tries)])


async def test_processes_share_one_allowance(redis_url: str) -> None:
    async with sharing(redis_url) as a, sharing(redis_url) as b, sharing(redis_url) as c:
        results = await asyncio.gather(*(taken(each, "post:1", SLOW, 20) for each in (a, b, c)))
        assert sum(results) == 20
        await b.refund("post:1", SLOW)
        assert await taken(c, "post:1", SLOW, 5) == 1


async def test_all_windows_of_a_rate_are_shared(redis_url: str) -> None:
    burst = Rate(20, 3_600.0, also=(Rate(5, 1_800.0),))
    async with sharing(redis_url) as a, sharing(redis_url) as b:
        assert await taken(a, "post:1", burst, 3) + await taken(b, "post:1", burst, 9) == 5
        assert await a.take("post:1", burst) == pytest.approx(360, abs=20)


async def test_what_is_lenient_is_within_a_tenth(redis_url: str) -> None:
    async def reads(limits: Limits) -> int:
        allowed = 0
        for _ in range(100):
            allowed += await limits.take("read:user:1", LENIENT) == 0
            # As one who awaits each answer: by then this process knows what Redis said.
            await limits.refund("post:nobody", SLOW)
        return allowed

    async with sharing(redis_url) as a, sharing(redis_url) as b, sharing(redis_url) as c:
        allowed = sum(await asyncio.gather(reads(a), reads(b), reads(c)))
        assert 100 <= allowed <= 110


async def test_what_is_lenient_waits_for_nobody(mortal_redis: Redis) -> None:
    async with sharing(mortal_redis.url) as limits:
        await limits.take("post:1", SLOW)
        mortal_redis.pause()
        took = limits.take("read:user:1", READS)
        with pytest.raises(StopIteration) as ended:  # it never gave way to another task
            took.send(None)
        assert ended.value.value == 0.0
        mortal_redis.resume()


async def test_names_and_addresses_are_not_in_redis(redis_url: str) -> None:
    async with sharing(redis_url) as limits:
        await limits.take("register:192.0.2.7", REGISTRATIONS)
        await limits.take("failure:name:ada", LOGIN_FAILURES)
    with redis.Redis.from_url(redis_url, decode_responses=True) as client:
        names = sorted(client.scan_iter())
        for name, what in zip(names, ("failure", "register"), strict=True):
            assert re.fullmatch(f"{PREFIX}{what}:[0-9a-f]{{32}}", name)
            assert re.fullmatch(r"[0-9.]+", client.get(name))
            assert 0 < client.ttl(name) <= 3_600


async def test_another_secret_makes_other_names(redis_url: str) -> None:
    async with sharing(redis_url) as a, sharing(redis_url, secret="x" * 32) as b:
        assert await taken(a, "post:1", SLOW, 21) == await taken(b, "post:1", SLOW, 21) == 20


async def test_a_bucket_that_is_full_again_is_forgotten(redis_url: str) -> None:
    async with sharing(redis_url) as limits:
        await limits.take("post:1", POSTS)
        await limits.refund("post:1", POSTS)
        await limits.take("post:2", Rate(100, 0.1))
        with redis.Redis.from_url(redis_url) as client:
            async with asyncio.timeout(DEADLINE_S):
                while client.dbsize():  # noqa: ASYNC110 - it tells of nothing
                    await asyncio.sleep(0.01)


async def test_several_redis_share_the_keys(redis_url: str, mortal_redis: Redis) -> None:
    urls = (redis_url, mortal_redis.url)
    async with sharing(*urls) as a, sharing(*urls) as b:
        for user in range(20):
            for limits in (a, b):
                await limits.take(f"post:{user}", SLOW, 10)
            assert await a.take(f"post:{user}", SLOW) > 0
    sizes = []
    for url in urls:
        with redis.Redis.from_url(url) as client:
            sizes.append(client.dbsize())
    assert sum(sizes) == 20 and min(sizes) > 0


async def test_a_wiped_redis_locks_nobody_out(redis_url: str) -> None:
    async with sharing(redis_url) as limits:
        assert await taken(limits, "failure:name:ada", SLOW, 21) == 20
        with redis.Redis.from_url(redis_url) as client:
            client.flushall()
        assert await taken(limits, "failure:name:ada", SLOW, 21) == 20


async def test_a_bucket_of_a_clock_that_was_ahead_locks_nobody_out(redis_url: str) -> None:
    async with sharing(redis_url) as limits:
        await limits.take("post:1", SLOW)
        with redis.Redis.from_url(redis_url) as client:
            [key] = client.scan_iter()
            client.set(key, f"{time.time() + 7 * 24 * 3_600:.6f}")
        assert 0 < await limits.take("post:1", SLOW) <= SLOW.per_s / SLOW.count + 1


async def test_without_redis_each_process_goes_on_from_what_it_knows(mortal_redis: Redis) -> None:
    async with sharing(mortal_redis.url) as a, sharing(mortal_redis.url) as b:
        assert await taken(a, "login:192.0.2.7", SLOW, 8) == 8
        assert await taken(b, "login:192.0.2.7", SLOW, 8) == 8
        mortal_redis.stop()
        # `b` has seen all sixteen, `a` its own eight. Each goes on, and stops at the value.
        assert await taken(b, "login:192.0.2.7", SLOW, 30) == 4
        assert await taken(a, "login:192.0.2.7", SLOW, 30) == 12
        assert await taken(a, "login:198.51.100.1", SLOW, 30) == 20
        assert await taken(a, "read:user:1", LENIENT, 130) == 100


async def test_an_outage_costs_a_moment_once(
    mortal_redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tally, "ASK_S", 0.25)
    async with sharing(mortal_redis.url) as limits:
        await limits.take("post:1", SLOW)
        mortal_redis.pause()
        asked = asyncio.gather(*(limits.take(f"post:{user}", SLOW) for user in range(100)))
        async with asyncio.timeout(DEADLINE_S):
            assert await asked == [0.0] * 100
        # The breaker is open: nothing is tried, so nothing is waited for.
        for _ in range(3):
            took = limits.take("post:1", SLOW)
            with pytest.raises(StopIteration):
                took.send(None)
        mortal_redis.resume()


async def test_when_redis_is_back_it_counts_for_all_again(mortal_redis: Redis) -> None:
    async with sharing(mortal_redis.url) as a, sharing(mortal_redis.url) as b:
        await a.take("post:1", SLOW)
        mortal_redis.restart()
        async with asyncio.timeout(DEADLINE_S):
            for number in range(1_000):
                # Both are back when what one takes is missing to the other.
                key = f"post:again:{number}"
                await a.take(key, SLOW, 20)
                if await b.take(key, SLOW) > 0:
                    break
                await asyncio.sleep(0.02)
            else:
                pytest.fail("they never shared again")


async def test_a_connection_from_before_a_restart_costs_nothing(
    mortal_redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    async with sharing(mortal_redis.url) as limits:
        await limits.take("post:1", SLOW)
        mortal_redis.restart()
        await limits.take("post:1", SLOW)
        with redis.Redis.from_url(mortal_redis.url) as client:
            assert client.dbsize() == 1
    assert not caplog.records


async def test_those_who_wait_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "WAITING", 3)
    stuck = tally.Tally(lambda: RedisWire("redis://127.0.0.1:1"), Outage("nowhere"))
    asked = [stuck.ask(b"key", b"1 1 60") for _ in range(5)]
    assert [one.done() for one in asked] == [False] * 3 + [True] * 2
    assert asked[-1].result() is None


async def test_processes_share_by_the_oldest_key_while_a_new_one_is_rolled_out(
    redis_url: str, tmp_path: Path
) -> None:
    newest = "another-key-for-tests-of-at-least-32-characters"
    config = Config(
        database_url=f"sqlite:///{tmp_path / 'test.db'}",
        redis_urls=(redis_url,),
        uploads=tmp_path / "uploads",
        secret_keys=(newest, SECRET),
    )
    async with serving(config) as server, sharing(redis_url) as not_yet:
        assert server.application.world is not None
        assert await server.application.world.limits.take("post:1", SLOW, 20) == 0.0
        assert await not_yet.take("post:1", SLOW) > 0


async def test_who_leaves_while_asking_is_not_waited_for(redis_url: str) -> None:
    async with sharing(redis_url) as limits:
        left = [asyncio.create_task(limits.take(f"post:{n}", SLOW)) for n in range(50)]
        await asyncio.sleep(0)
        for task in left:
            task.cancel()
        await asyncio.wait(left)
        assert await limits.take("post:1", SLOW) == 0.0


async def test_what_redis_refuses_to_do_is_an_outage(redis_url: str) -> None:
    async with sharing(redis_url) as limits:
        await limits.take("post:1", SLOW)
        with redis.Redis.from_url(redis_url) as client:
            [key] = client.scan_iter()
            client.delete(key)
            client.lpush(key, "not a bucket")
        assert await taken(limits, "post:1", SLOW, 30) == 19


async def test_a_redis_that_answers_but_keeps_nothing_is_one_outage(
    mortal_redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    async with sharing(mortal_redis.url) as limits:
        await limits.take("post:1", SLOW)
        with redis.Redis.from_url(mortal_redis.url) as client, caplog.at_level(logging.INFO):
            client.config_set("maxmemory", 1)  # so may a copy that nobody writes to
            for _ in range(30):
                assert await limits.take("post:2", Rate(1_000, 3_600.0)) == 0.0
                await asyncio.sleep(0.02)
            assert [record.levelname for record in caplog.records] == ["WARNING"]
            client.config_set("maxmemory", 0)
            before = client.dbsize()
            async with asyncio.timeout(DEADLINE_S):
                while client.dbsize() == before:
                    await limits.take("post:2", SLOW)
                    await asyncio.sleep(0.01)
        assert caplog.text.count("back at Redis") == 1
