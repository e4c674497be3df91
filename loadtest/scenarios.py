"""What is asked of fan-out, and the ratios that are to be reached in one run, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from loadtest.fanruns import Outcome, Plan
from loadtest.results import Row, at_least, at_most

Medians = Mapping[str, Outcome]  # by the name under which a server is asked for


@dataclass(frozen=True, slots=True)
class Goal:
    """`figure` of `server`, at least (or at most) so many times that of `beside`, if named.

    Without a `bound` it is only told.
    """

    figure: str  # an attribute of `Outcome`
    bound: float | None
    beside: str | None = None
    server: str = "realtime"
    most: bool = False

    def row(self, title: str, found: Medians) -> Row | None:
        """What was found, in a scenario of this title; None: it was not measured."""
        if self.server not in found or (self.beside is not None and self.beside not in found):
            return None
        value = float(getattr(found[self.server], self.figure))
        what, unit = FIGURES[self.figure]
        if self.beside is not None:
            beside = found[self.beside]
            value /= float(getattr(beside, self.figure)) or 1.0
            what, unit = f"{what}, beside {beside.server}", "×"
        told = Row(f"{title}: {what}", WHERE.get(self.server, "SQLite"), round(value, 4), unit)
        if self.bound is None:
            return told
        return at_most(told, self.bound) if self.most else at_least(told, self.bound)


@dataclass(frozen=True, slots=True)
class Beside:
    """The product once more in the same scenario, with another plan, to compare with."""

    name: str
    server: str
    plan: Plan


@dataclass(frozen=True, slots=True)
class Scenario:
    """One table: a plan, the servers that it is asked of, and what is to be reached.

    `besides` are runs of other plans; their names stand among `servers` too.
    """

    title: str
    plan: Plan
    servers: Sequence[str]
    goals: Sequence[Goal] = ()
    besides: Mapping[str, Beside] = field(default_factory=dict)
    rounds: int = 3

    def rows(self, found: Medians) -> list[Row]:
        """Each goal that was measured."""
        said = (goal.row(self.title, found) for goal in self.goals)
        return [one for one in said if one is not None]

    def smaller(self, scale: float, seconds: float | None) -> Scenario:
        """The same with a smaller crowd, or shorter."""

        def of(plan: Plan) -> Plan:
            return replace(
                plan,
                followers=max(1, round(plan.followers * scale)),
                slow=round(plan.slow * scale),
                seconds=seconds or plan.seconds,
            )

        title = self.title if scale == 1 else f"{self.title} (at {scale:g} of that crowd)"
        besides = {name: replace(one, plan=of(one.plan)) for name, one in self.besides.items()}
        return replace(self, title=title, plan=of(self.plan), besides=besides)


FIGURES: Final = {  # what, unit
    "per_cpu_s": ("deliveries per second of CPU", "/CPU-s"),
    "connects_per_cpu_s": ("sockets connected per second of CPU", "/CPU-s"),
    "cpu_us": ("CPU per delivery", "µs"),
    "post_us": ("CPU per post, all its deliveries included", "µs"),
    "p99_ms": ("p99", "ms"),
    "command_p99_ms": ("p99 of another's command", "ms"),
    "connect_reads": ("statements for a first hello", "each"),
    "resumes_per_cpu_s": ("sockets that come back per second of CPU", "/CPU-s"),
    "resume_reads": ("statements for a resume", "each"),
    "storm_p99_ms": ("p99 of another's command meanwhile", "ms"),
    "socket_kb": ("memory of a socket", "KB"),
}
WHERE: Final = {"redis": "PostgreSQL and Redis", "postgres": "PostgreSQL"}  # else SQLite
_FIVE: Final = ("realtime", "bare", "ws", "socketio", "nats")
_ALL: Final = (*_FIVE, "channels")
_RATE: Final = Plan(followers=1_000, rate=50)
_FLIGHT: Final = Plan(followers=1_000, flight=4)


def _many(*peers: tuple[str, float]) -> list[Goal]:
    return [Goal("per_cpu_s", ratio, beside) for beside, ratio in peers]


SCENARIOS: Final[Mapping[str, Scenario]] = {
    "rate": Scenario(
        "50 posts a second, 1,000 followers",
        _RATE,
        _FIVE,  # Django Channels does not come up with it
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
        _FLIGHT,
        _ALL,
        [
            Goal("per_cpu_s", 500_000),
            *_many(("bare", 2.5), ("socketio", 4.3), ("channels", 70), ("nats", 1.6)),
        ],
    ),
    "flight-32": Scenario(
        "32 posts in flight, 1,000 followers",
        Plan(followers=1_000, flight=32),
        _FIVE,
        [
            Goal("per_cpu_s", 1_500_000),
            *_many(("bare", 7.5), ("socketio", 10), ("nats", 1.1)),
        ],
        rounds=2,
    ),
    "flight-4-5000": Scenario(
        "4 posts in flight, 5,000 followers",
        Plan(followers=5_000, flight=4),
        _FIVE,
        [Goal("per_cpu_s", 450_000)],
        rounds=2,
    ),
    "flight-4-9900": Scenario(  # a process takes 10,000 sockets, the author's among them
        "4 posts in flight, 9,900 followers",
        Plan(followers=9_900, flight=4),
        ("realtime", "thousand", "bare"),
        [Goal("cpu_us", 1.1, "thousand", most=True)],
        {"thousand": Beside("realtime, 1,000 followers", "realtime", _FLIGHT)},
        rounds=2,
    ),
    "redis": Scenario(
        "4 posts in flight, 1,000 followers, Redis between author and followers",
        _FLIGHT,
        ("redis", "postgres", "socketio-redis", "socketio"),
        [Goal("per_cpu_s", 0.95, "postgres", server="redis")],
        rounds=2,
    ),
    "sparse": Scenario(
        "200 posts a second by 200 authors, each to some 20 of 5,000 sockets that follow 200 each",
        Plan(followers=5_000, rate=200),
        ("sparse", "dense"),
        [
            Goal("p99_ms", 15, server="sparse", most=True),
            Goal("post_us", None, server="sparse"),
            # All that a post costs, spread over its twenty deliveries, beside twenty mere ones.
            Goal("cpu_us", 2, "dense", server="sparse", most=True),
        ],
        {"dense": Beside("realtime, all follow one", "realtime", _RATE)},
        rounds=2,
    ),
    "idle": Scenario(
        "5,000 sockets that only stay; those of the product are signed in and follow 200 people",
        Plan(followers=5_000),
        ("sparse", "bare", "ws", "socketio", "nats", "channels"),
        [Goal("socket_kb", 40, server="sparse", most=True)],
        rounds=1,
    ),
    "storm": Scenario(
        "5,000 followers connect, 2,000 at a time, are cut off in one moment and come back so; "
        "then 5 posts a second",
        # More at a time than a listening socket lets wait are told by TCP to try again in seconds.
        Plan(followers=5_000, rate=5, at_once=2_000, storms=True),
        ("realtime", "postgres", "ws", "socketio", "nats"),
        [
            goal
            for server in ("realtime", "postgres")
            for goal in (
                Goal("connects_per_cpu_s", 1_000, server=server),
                Goal("connect_reads", 3, server=server, most=True),
                Goal("resumes_per_cpu_s", 1_000, server=server),
                Goal("resume_reads", 3, server=server, most=True),
                Goal("storm_p99_ms", 500, server=server, most=True),
            )
        ],
        rounds=2,
    ),
    "slow": Scenario(
        "50 posts a second, 1,000 followers and 100 more who never read",
        Plan(followers=1_000, rate=50, slow=100, seconds=10),
        ("realtime", "without"),
        [Goal("p99_ms", None, "without"), Goal("per_cpu_s", None, "without")],
        {
            "without": Beside(
                "realtime without them",
                "realtime",
                Plan(followers=1_000, rate=50, seconds=10),
            )
        },
        rounds=2,
    ),
    "others": Scenario(
        "5 posts a second to 9,900 followers; another user asks for a page each 20 ms",
        Plan(followers=9_900, rate=5, probed=True),
        ("realtime",),
        [Goal("command_p99_ms", 25, most=True)],
        rounds=2,
    ),
}
