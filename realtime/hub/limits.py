"""How often someone may do something: token buckets, refilled evenly."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from realtime.errors import Refusal

MINUTE: Final = 60.0
HOUR: Final = 3_600.0
DAY: Final = 86_400.0

# Float sums of many steps may miss the edge of a window by this much.
_TOLERANCE_S: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` at once, refilled evenly over `per_s` seconds; `also` must allow it too.

    What is `lenient` need not be exact between processes, and so costs no time.
    """

    count: float
    per_s: float
    also: tuple[Rate, ...] = ()
    lenient: bool = False

    @property
    def windows(self) -> tuple[Rate, ...]:
        """This rate and those that must allow it too."""
        return (self, *self.also)


# Per user.
POSTS: Final = Rate(300, 3 * HOUR, also=(Rate(10, 10.0),))
REACTIONS: Final = Rate(120, MINUTE)  # retweets too, out of the same bucket
FOLLOWS: Final = Rate(400, DAY)
READS: Final = Rate(600, MINUTE, lenient=True)
UPLOADS: Final = Rate(60, HOUR)
EXPORTS: Final = Rate(10, DAY)
# Per address.
REGISTRATIONS: Final = Rate(10, HOUR)
LOGINS: Final = Rate(30, 5 * MINUTE)
LOGIN_FAILURES: Final = Rate(10, 15 * MINUTE)  # and name
# Per name, of all addresses together at which nobody of that name is signed in.
GUESSES: Final = Rate(100, 15 * MINUTE)


class Limits(Protocol):
    """Buckets by key. A key belongs to one rate for ever: `post:42`, `login:192.0.2.1`."""

    async def take(self, key: str, rate: Rate, cost: float = 1) -> float:
        """Take `cost` out of every window of `rate` and return 0.0.

        Where one of them holds less, nothing is taken and the seconds to wait are returned.

        Raises:
            ValueError: `cost` is more than a window ever holds, or negative.
        """
        ...

    async def refund(self, key: str, rate: Rate, cost: float = 1) -> None:
        """Put `cost` back: a repeated key, a login that was right. Never more than was taken."""
        ...


class LocalLimits:
    """The buckets of this process, at most `most_keys`; a full bucket takes no memory.

    Past `most_keys` the bucket that was looked at longest ago is forgotten, so that a flood of
    addresses costs a stranger's history and never the process.
    """

    def __init__(
        self, *, most_keys: int = 200_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most_keys = most_keys
        self._clock = clock
        # For each window the time at which its bucket is full again.
        self._full_at: OrderedDict[str, tuple[float, ...]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._full_at)

    async def take(self, key: str, rate: Rate, cost: float = 1) -> float:
        """As `Limits.take`; atomic, because it never gives way to another task."""
        check(rate, cost)
        now = self._clock()
        windows = rate.windows
        known = self._full_at.get(key) or (now,) * len(windows)
        later = tuple(
            max(full_at, now) + cost * window.per_s / window.count
            for full_at, window in zip(known, windows, strict=True)
        )
        wait_s = max(
            full_at - now - window.per_s for full_at, window in zip(later, windows, strict=True)
        )
        if wait_s > _TOLERANCE_S:
            return wait_s
        self._keep(key, later, now)
        return 0.0

    def owe(self, key: str, rate: Rate, cost: float) -> float:
        """Take `cost` out of `rate` though it hold less; the seconds until it will hold it.

        Nobody owes more than the bucket holds: who stops is forgiven within twice its time.
        """
        now = self._clock()
        full_at = max(self._full_at.get(key, (now,))[0], now) + cost * rate.per_s / rate.count
        full_at = min(full_at, now + 2 * rate.per_s)
        self._keep(key, (full_at,), now)
        return max(0.0, full_at - now - rate.per_s)

    async def refund(self, key: str, rate: Rate, cost: float = 1) -> None:
        """As `Limits.refund`."""
        check(rate, cost)
        known = self._full_at.get(key)
        if known is None:
            return
        earlier = tuple(
            full_at - cost * window.per_s / window.count
            for full_at, window in zip(known, rate.windows, strict=True)
        )
        if max(earlier) <= self._clock():
            del self._full_at[key]
        else:
            self._full_at[key] = earlier

    def learn(self, key: str, full_in_s: Sequence[float]) -> None:
        """Take over what somebody else knows: the seconds until each window is full."""
        now = self._clock()
        if max(full_in_s) <= 0:
            self._full_at.pop(key, None)
            return
        self._keep(key, tuple(now + each for each in full_in_s), now)

    def _keep(self, key: str, full_at: tuple[float, ...], now: float) -> None:
        self._full_at[key] = full_at
        self._full_at.move_to_end(key)
        self._forget(now)

    def _forget(self, now: float) -> None:
        # Two looks for each take: every key is looked at before the number of keys can double,
        # and no take ever pays for a sweep of all of them.
        for _ in range(min(2, len(self._full_at))):
            key, full_at = self._full_at.popitem(last=False)
            if max(full_at) > now:
                self._full_at[key] = full_at
        while len(self._full_at) > self._most_keys:
            self._full_at.popitem(last=False)


class NoLimits:
    """Allows everything: for load tests on this machine."""

    async def take(self, key: str, rate: Rate, cost: float = 1) -> float:
        """As `Limits.take`; always 0.0."""
        check(rate, cost)
        return 0.0

    async def refund(self, key: str, rate: Rate, cost: float = 1) -> None:
        """As `Limits.refund`; there is nothing to put back."""
        check(rate, cost)


def rate_limited(wait_s: float) -> Refusal:
    """The answer to someone who has to wait; `retry_after` is never too early."""
    retry_after = max(0.1, round(wait_s + 0.05, 1))
    return Refusal("rate_limited", "That was too fast. Wait a moment.", retry_after=retry_after)


def network(address: str) -> str:
    """Return what one customer of an access provider has: the IPv4 address, or the IPv6 /64.

    What is no address comes back as it is.
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def check(rate: Rate, cost: float) -> None:
    """Raises: ValueError: `cost` is more than a window of `rate` ever holds, or negative."""
    if not 0 <= cost <= min(window.count for window in rate.windows):
        raise ValueError(f"a cost of {cost:g} does not fit into {rate}")
