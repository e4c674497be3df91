"""How often someone may do something; the contract runs on every implementation."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.hub import limits, shared_limits
from realtime.hub.limits import Limits, LocalLimits, NoLimits, Rate
from tests.hub.purses import Clock, clocked, patient, sharing

TEN_IN_TEN = Rate(10, 10.0)
TWO_WINDOWS = Rate(20, 100.0, also=(Rate(5, 5.0),))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["local", "shared"])
async def buckets(
    request: pytest.FixtureRequest, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Limits]:
    if request.param == "local":
        yield LocalLimits(clock=clock)
        return
    redis_url: str = request.getfixturevalue("redis_url")
    patient(monkeypatch)
    monkeypatch.setattr(shared_limits, "RedisWire", clocked(clock))
    async with sharing(redis_url) as shared:
        yield shared


async def test_a_burst_is_allowed_up_to_the_count(buckets: Limits) -> None:
    assert [await buckets.take("post:1", TEN_IN_TEN) for _ in range(10)] == [0.0] * 10
    assert await buckets.take("post:1", TEN_IN_TEN) == pytest.approx(1.0)


async def test_who_waits_as_long_as_told_is_allowed(buckets: Limits, clock: Clock) -> None:
    for _ in range(10):
        await buckets.take("post:1", TEN_IN_TEN)
    wait_s = await buckets.take("post:1", TEN_IN_TEN)
    clock.now += wait_s / 2
    assert await buckets.take("post:1", TEN_IN_TEN) == pytest.approx(wait_s / 2)
    clock.now += wait_s / 2
    assert await buckets.take("post:1", TEN_IN_TEN) == 0.0
    assert await buckets.take("post:1", TEN_IN_TEN) == pytest.approx(1.0)


async def test_asking_again_and_again_does_not_lengthen_the_wait(buckets: Limits) -> None:
    waits = [await buckets.take("post:1", TEN_IN_TEN) for _ in range(100)]
    assert waits[99] == waits[10] == pytest.approx(1.0)


async def test_a_full_bucket_holds_no_more_than_its_count(buckets: Limits, clock: Clock) -> None:
    await buckets.take("post:1", TEN_IN_TEN)
    clock.now += 1_000_000.0
    taken = [await buckets.take("post:1", TEN_IN_TEN) for _ in range(11)]
    assert taken[:10] == [0.0] * 10
    assert taken[10] > 0


async def test_keys_do_not_share(buckets: Limits) -> None:
    for _ in range(10):
        await buckets.take("post:1", TEN_IN_TEN)
    assert await buckets.take("post:2", TEN_IN_TEN) == 0.0


async def test_all_windows_must_allow_and_a_refusal_takes_from_none(
    buckets: Limits, clock: Clock
) -> None:
    for _ in range(5):
        assert await buckets.take("post:1", TWO_WINDOWS) == 0.0
    for _ in range(50):
        assert await buckets.take("post:1", TWO_WINDOWS) == pytest.approx(1.0)
    # 15 are left in the long window, and 4 come back in 20 s, if refusals cost nothing.
    allowed = 0
    for _ in range(20):
        clock.now += 1.0
        allowed += await buckets.take("post:1", TWO_WINDOWS) == 0.0
    assert allowed == 19
    assert await buckets.take("post:1", TWO_WINDOWS) == pytest.approx(5.0)


async def test_a_dear_deed_costs_more(buckets: Limits) -> None:
    assert await buckets.take("read:1", TEN_IN_TEN, cost=8) == 0.0
    assert await buckets.take("read:1", TEN_IN_TEN, cost=4) == pytest.approx(2.0)
    assert await buckets.take("read:1", TEN_IN_TEN, cost=2) == 0.0


@pytest.mark.parametrize("cost", [-1, 10.5])
async def test_a_cost_that_never_fits_is_a_bug(buckets: Limits, cost: float) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        await buckets.take("post:1", TEN_IN_TEN, cost)
    with pytest.raises(ValueError, match="does not fit"):
        await buckets.refund("post:1", TEN_IN_TEN, cost)


async def test_a_refund_makes_it_undone(buckets: Limits) -> None:
    for _ in range(10):
        await buckets.take("post:1", TWO_WINDOWS)
    await buckets.refund("post:1", TWO_WINDOWS)
    assert await buckets.take("post:1", TWO_WINDOWS) == 0.0
    assert await buckets.take("post:1", TWO_WINDOWS) > 0


async def test_refunds_never_fill_beyond_the_count(buckets: Limits) -> None:
    await buckets.refund("post:1", TEN_IN_TEN)
    await buckets.take("post:1", TEN_IN_TEN)
    for _ in range(5):
        await buckets.refund("post:1", TEN_IN_TEN)
    taken = [await buckets.take("post:1", TEN_IN_TEN) for _ in range(11)]
    assert taken[:10] == [0.0] * 10
    assert taken[10] > 0


def test_who_owes_waits_longer_with_each_debt_and_not_for_ever(clock: Clock) -> None:
    buckets = LocalLimits(clock=clock)
    assert buckets.owe("waste:1", TEN_IN_TEN, 10) == 0.0
    assert buckets.owe("waste:1", TEN_IN_TEN, 3) == pytest.approx(3.0)
    assert buckets.owe("waste:1", TEN_IN_TEN, 3) == pytest.approx(6.0)
    assert buckets.owe("waste:1", TEN_IN_TEN, 1_000) == pytest.approx(10.0)
    assert buckets.owe("waste:2", TEN_IN_TEN, 1) == 0.0
    clock.now += 20.0
    assert buckets.owe("waste:1", TEN_IN_TEN, 10) == 0.0


async def test_a_key_that_is_idle_long_enough_takes_no_memory(clock: Clock) -> None:
    buckets = LocalLimits(clock=clock)
    for user in range(1_000):
        await buckets.take(f"post:{user}", TEN_IN_TEN)
    clock.now += 10.0
    for _ in range(1_000):
        await buckets.take("read:1", limits.READS, cost=0.1)
    assert len(buckets) == 1


async def test_keys_of_long_windows_do_not_keep_idle_ones_alive(clock: Clock) -> None:
    buckets = LocalLimits(clock=clock)
    for user in range(500):
        await buckets.take(f"follow:{user}", limits.FOLLOWS, cost=400)
        await buckets.take(f"post:{user}", TEN_IN_TEN)
    clock.now += 60.0
    for _ in range(1_000):
        await buckets.take("read:1", limits.READS, cost=0.1)
    assert len(buckets) <= 501


async def test_a_flood_of_keys_is_bounded(clock: Clock) -> None:
    buckets = LocalLimits(most_keys=100, clock=clock)
    for number in range(10_000):
        await buckets.take(f"register:{number}", limits.REGISTRATIONS)
    assert len(buckets) <= 100


async def test_a_clock_that_jumps_back_does_not_lock_anybody_out(clock: Clock) -> None:
    buckets = LocalLimits(clock=clock)
    for _ in range(10):
        await buckets.take("post:1", TEN_IN_TEN)
    clock.now -= 1.0
    assert await buckets.take("post:1", TEN_IN_TEN) <= 2.1


@given(steps=st.lists(st.tuples(st.floats(0, 20), st.sampled_from([0.5, 1.0, 3.0])), max_size=60))
async def test_no_window_ever_lets_more_through_than_a_bucket_could(
    steps: list[tuple[float, float]],
) -> None:
    clock = Clock()
    buckets = LocalLimits(clock=clock)
    start = clock.now
    spent = 0.0
    for pause_s, cost in steps:
        clock.now += pause_s
        if await buckets.take("post:1", TWO_WINDOWS, cost) == 0.0:
            spent += cost
        for window in TWO_WINDOWS.windows:
            refilled = (clock.now - start) * window.count / window.per_s
            assert spent <= window.count + refilled + 1e-3


async def test_without_limits_everything_is_allowed() -> None:
    assert {await NoLimits().take("post:1", limits.POSTS) for _ in range(1_000)} == {0.0}
    await NoLimits().refund("post:1", limits.POSTS)


async def test_posts_are_limited_for_bursts_and_for_hours(clock: Clock) -> None:
    buckets = LocalLimits(clock=clock)
    posted = 0
    for _ in range(3 * 3_600):
        clock.now += 1.0
        posted += await buckets.take("post:1", limits.POSTS) == 0.0
    assert 300 <= posted <= 600


@pytest.mark.parametrize(("wait_s", "retry_after"), [(0.01, 0.1), (1.0, 1.1), (35.96, 36.0)])
def test_who_must_wait_is_told_how_long(wait_s: float, retry_after: float) -> None:
    refusal = limits.rate_limited(wait_s)
    assert refusal.code == "rate_limited"
    assert refusal.retry_after == pytest.approx(retry_after)
    assert (refusal.retry_after or 0) >= wait_s


@pytest.mark.parametrize(
    ("address", "customer"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_an_address_counts_as_its_customer(address: str, customer: str) -> None:
    assert limits.network(address) == customer
