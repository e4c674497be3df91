"""What is asked of fan-out, and the ratios that are to be reached in one run, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from loadtest.fanruns import Outcome, Plan

Medians = Mapping[str, Outcome]  # by the name under which a server is asked for


@dataclass(frozen=True, slots=True)
class Goal:
    """`figure` of `server`, at least (or at most) so many times that of `beside`, if named."""

    figure: str  # an attribute of `Outcome`
    ratio: float
    beside: str | None = None
    server: str = "realtime"
    most: bool = False

    def said(self, found: Medians) -> str | None:
        """The goal, what was found and whether that is enough; None: it was not measured."""
        if self.server not in found or (self.beside is not None and self.beside not in found):
            return None
        value = float(getattr(found[self.server], self.figure))
        whom = ""
        if self.beside is not None:
            beside = found[self.beside]
            value /= float(getattr(beside, self.figure)) or 1.0
            whom = f" of {beside.server}"
        reached = value <= self.ratio if self.most else value >= self.ratio
        bound = "at most" if self.most else "at least"
        verdict = "reached" if reached else "**missed**"
        title = FIGURES[self.figure]
        return f"{title}: {_short(value)}{whom}; asked {bound} {_short(self.ratio)}: {verdict}"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One table: a plan, the servers that it is asked of, and what is to be reached."""

    title: str
    plan: Plan
    servers: Sequence[str]
    goals: Sequence[Goal] = ()


FIGURES: Final = {
    "per_cpu_s": "deliveries per second of CPU",
    "connects_per_cpu_s": "sockets connected per second of CPU",
    "cpu_us": "CPU µs per delivery",
    "p99_ms": "p99",
    "command_p99_ms": "p99 ms of another's command",
}
_ALL: Final = ("realtime", "bare", "ws", "socketio", "nats", "channels")


def _many(*peers: tuple[str, float]) -> list[Goal]:
    return [Goal("per_cpu_s", ratio, beside) for beside, ratio in peers]


SCENARIOS: Final[Mapping[str, Scenario]] = {
    "rate": Scenario(
        "50 posts a second, 1,000 followers",
        Plan(followers=1_000, rate=50),
        _ALL,
        [
            Goal("per_cpu_s", 0.8, "bare"),
            Goal("cpu_us", 6, most=True),
            Goal("p99_ms", 1.3, "bare", most=True),
            Goal("p99_ms", 1, "ws", most=True),
            Goal("p99_ms", 1, "socketio", most=True),
        ],
    ),
    "flight-4": Scenario(
        "4 posts in flight, 1,000 followers",
        Plan(followers=1_000, flight=4),
        _ALL,
        [
            Goal("per_cpu_s", 500_000),
            *_many(("bare", 2.5), ("socketio", 4.3), ("channels", 70), ("nats", 1.6)),
        ],
    ),
    "flight-32": Scenario(
        "32 posts in flight, 1,000 followers",
        Plan(followers=1_000, flight=32),
        ("realtime", "bare", "ws", "socketio", "nats"),
        [
            Goal("per_cpu_s", 1_500_000),
            *_many(("bare", 7.5), ("socketio", 10), ("nats", 1.1)),
        ],
    ),
    "flight-4-5000": Scenario(
        "4 posts in flight, 5,000 followers",
        Plan(followers=5_000, flight=4),
        ("realtime", "bare", "ws", "socketio", "nats"),
        [Goal("per_cpu_s", 450_000)],
    ),
    "flight-4-9900": Scenario(
        "4 posts in flight, 9,900 followers",
        Plan(followers=9_900, flight=4),
        ("realtime", "bare"),
    ),
    "redis": Scenario(
        "4 posts in flight, 1,000 followers, Redis between author and followers",
        Plan(followers=1_000, flight=4),
        ("redis", "postgres", "socketio-redis", "socketio"),
        [Goal("per_cpu_s", 0.95, "postgres", server="redis")],
    ),
    "sparse": Scenario(
        "200 posts a second by 200 authors, each to some 20 of 5,000 sockets that follow 200 each",
        Plan(followers=5_000, rate=200),
        ("sparse",),
        [Goal("p99_ms", 15, server="sparse", most=True)],
    ),
    "storm": Scenario(
        "5,000 followers connect, 1,000 at a time; then 5 posts a second",
        Plan(followers=5_000, rate=5, at_once=1_000),
        ("realtime", "ws", "socketio", "nats"),
        [Goal("connects_per_cpu_s", 1_000)],
    ),
    "slow": Scenario(
        "50 posts a second, 1,000 followers and 100 more who never read",
        Plan(followers=1_000, rate=50, slow=100, seconds=10),
        ("realtime",),
    ),
    "others": Scenario(
        "5 posts a second to 9,900 followers; another user asks for a page each 20 ms",
        Plan(followers=9_900, rate=5, probed=True),
        ("realtime",),
        [Goal("command_p99_ms", 25, most=True)],
    ),
}


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
