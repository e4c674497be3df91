"""One run of fan-out: connect followers, post in some manner, and say what it cost."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Final

from loadtest import cores
from loadtest.asker import Probe
from loadtest.crowd import Crowd, Failed
from loadtest.ledger import Ledger, Verdict, percentile
from loadtest.sparse import SparseLedger
from loadtest.storm import reads, rest, strike
from loadtest.targets import Target

LANES: Final = 20  # author's sockets at most: commands of one are done one after the other
CURVE: Final = (0, 0.01, 0.05, *(n / 10 for n in range(1, 10)), 0.95, 0.98, 0.99, 0.995, 0.999, 1)
WAITING: Final = 24  # commands of one socket under way at most; the product takes 32
DRAIN_S: Final = 20.0  # for what is on its way at the end
WARM: Final = 20  # posts that are not counted
BUSY: Final = 0.9  # of the time: who is busy for longer was the bottleneck


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is posted. `flight` posts are on their way at any time, or `rate` begin each second.

    With neither of them nothing is posted, and the followers only stay.
    """

    followers: int
    flight: int = 0
    rate: float = 0.0
    seconds: float = 5.0
    posts: int | None = None  # end after so many, however long it takes
    slow: int = 0  # further followers, who never read
    at_once: int = 200  # sockets that connect at the same time
    probed: bool = False  # somebody else asks for a page meanwhile
    storms: bool = False  # before that, all are cut off in one moment and come back

    @property
    def is_idle(self) -> bool:
        return not self.flight and not self.rate

    @property
    def lanes(self) -> int:
        return min(max(1, self.flight), LANES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one run cost and how it went."""

    server: str
    posts: int
    deliveries: int
    wall_s: float
    cpu_s: float  # of the server
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    verdict: Verdict
    kept_up: bool
    busy_generator: float  # the part of the time in which it had something to do
    socket_bytes: float  # of the server's memory, for one idle socket
    connects_per_cpu_s: float  # handshakes with all that follows until it is welcomed
    command_p99_ms: float = 0.0
    connect_reads: float = 0.0  # the server's statements for one of those that connected
    resumes_per_cpu_s: float = 0.0  # those that came back after a storm
    resume_reads: float = 0.0
    back_s: float = 0.0  # until all of them were
    storm_p99_ms: float = 0.0  # of another's command meanwhile
    curve: Sequence[float] = ()  # milliseconds within which each part of CURVE was delivered

    @property
    def is_good(self) -> bool:
        """Everything came, once, in order and in time."""
        return self.verdict.is_clean and self.kept_up

    @property
    def per_cpu_s(self) -> float:
        """Deliveries for each second of the server's processor time."""
        return self.deliveries / self.cpu_s if self.cpu_s else 0.0

    @property
    def cpu_us(self) -> float:
        """Microseconds of the server's processor time for one delivery."""
        return self.cpu_s * 1e6 / self.deliveries if self.deliveries else 0.0

    @property
    def post_us(self) -> float:
        """Microseconds of the server's processor time for one post, all its deliveries included."""
        return self.cpu_s * 1e6 / self.posts if self.posts else 0.0

    @property
    def socket_kb(self) -> float:
        """Its memory for one socket, in units of 1,024 bytes."""
        return self.socket_bytes / 1024

    @property
    def bottleneck(self) -> str:
        """Who could not have done more."""
        share = self.cpu_s / self.wall_s
        if share >= BUSY:
            return "server"
        if self.busy_generator >= BUSY:
            return "generator"
        return f"nobody (server {share:.0%})"


class Author:
    """Whoever posts, on as many sockets as the plan has lanes."""

    def __init__(self, crowd: Crowd, target: Target, lanes: int) -> None:
        self._crowd = crowd
        self._wire = target.wire
        self._lines = crowd.open(
            [target.wire.author(n) for n in range(lanes)], port=target.author_port
        )
        for line in self._lines:
            crowd.listen(line, self._hear)

    def _hear(self, data: bytes) -> None:
        at = data.find(self._wire.refusal)
        if at >= 0:
            raise Failed(f"a post was refused: {data[max(0, at - 20) : at + 200]!r}")

    def post(self, due: float) -> None:
        """Send the next post."""
        number = self._crowd.ledger.post(due)
        self._crowd.send(self._lines[number % len(self._lines)], self._wire.post(number))


def fan_out(target: Target, plan: Plan, *, busy: bool = True) -> Outcome:
    """Run `plan` against a server that has just been started.

    Raises:
        Failed: the run cannot be made.
    """
    ledger = Ledger(plan.lanes) if target.graph is None else SparseLedger(target.graph)
    crowd = Crowd(target.port, ledger, busy=busy)
    try:
        empty_bytes, empty_s = target.process.memory_bytes, target.process.cpu_s
        read = reads(target)
        scripts = [target.wire.follower(n) for n in range(plan.followers)]
        followers = crowd.open(scripts, at_once=plan.at_once)
        rest(crowd)
        connect_s, read = target.process.cpu_s - empty_s, reads(target) - read
        socket_bytes = (target.process.memory_bytes - empty_bytes) / max(1, plan.followers)
        storm = {}
        if plan.storms:
            followers, found = strike(crowd, target, followers, plan.at_once)
            storm = asdict(found)
        ledger.join(followers)
        slow = range(plan.followers, plan.followers + plan.slow)
        crowd.ignore(crowd.open([target.wire.follower(n) for n in slow], receive_bytes=4096))
        post = _stay if plan.is_idle else _warmed(crowd, target, plan)
        probe = Probe(crowd, target) if plan.probed else None
        ledger.forget()
        crowd.idle_s = 0.0
        before, heard = len(ledger.posted), ledger.heard
        gc.collect()
        gc.disable()
        began, cpu_s = time.perf_counter(), target.cpu_s
        post(crowd, plan, probe.turn if probe else lambda: None)
        kept_up = _drain(crowd)
        wall_s, cpu_s = time.perf_counter() - began, target.cpu_s - cpu_s
        return _outcome(
            target,
            ledger,
            posts=len(ledger.posted) - before,
            deliveries=ledger.heard - heard,
            wall_s=wall_s,
            cpu_s=cpu_s,
            kept_up=kept_up,
            busy_generator=1 - crowd.idle_s / wall_s,
            socket_bytes=socket_bytes,
            connects_per_cpu_s=plan.followers / connect_s,
            connect_reads=read / max(1, plan.followers),
            command_p99_ms=percentile(sorted(probe.times_ms), 0.99) if probe else 0.0,
            **storm,
        )
    finally:
        gc.enable()
        crowd.close()


def _warmed(crowd: Crowd, target: Target, plan: Plan) -> Callable[..., None]:
    """Connect the author and let them post a little; how to go on, with crowd, plan, meanwhile."""
    author = Author(crowd, target, crowd.ledger.lanes)
    first = Plan(followers=plan.followers, flight=plan.lanes, posts=WARM)
    _in_flight(author, crowd, first, lambda: None)
    _drain(crowd)
    return partial(_in_flight if plan.flight else _at_rate, author)


def _outcome(target: Target, ledger: Ledger, **figures: float) -> Outcome:
    times = ledger.latencies_ms()
    p50, p95, p99 = (percentile(times, part) for part in (0.5, 0.95, 0.99))
    return Outcome(
        server=target.name,
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        max_ms=times[-1] if times else 0.0,
        curve=tuple(percentile(times, part) for part in CURVE),
        verdict=ledger.verdict(),
        **figures,  # type: ignore[arg-type]
    )


def _stay(crowd: Crowd, plan: Plan, meanwhile: Callable[[], None]) -> None:
    """Post nothing."""
    until = time.perf_counter() + plan.seconds
    while time.perf_counter() < until:
        crowd.turn(0.001)
        meanwhile()


def _in_flight(author: Author, crowd: Crowd, plan: Plan, meanwhile: Callable[[], None]) -> None:
    """Post whenever fewer than `flight` posts are on their way."""
    ledger = crowd.ledger
    until = time.perf_counter() + plan.seconds
    most = None if plan.posts is None else len(ledger.posted) + plan.posts
    patience = until + DRAIN_S
    while (time.perf_counter() < until) if most is None else (len(ledger.posted) < most):
        while ledger.outstanding <= plan.flight - 1 and (most is None or len(ledger.posted) < most):
            author.post(time.perf_counter())
        crowd.turn(0.001)
        meanwhile()
        if time.perf_counter() > patience:
            return


def _at_rate(author: Author, crowd: Crowd, plan: Plan, meanwhile: Callable[[], None]) -> None:
    """Post on a timetable, whether the server keeps up or not; late posts count from their time.

    An author waits while too much of theirs is unanswered, as any client does.
    """
    began = time.perf_counter()
    posts = plan.posts if plan.posts is not None else round(plan.seconds * plan.rate)
    patience = began + posts / plan.rate + DRAIN_S
    for place in range(posts):
        due = began + place / plan.rate
        while (left := due - time.perf_counter()) > 0:
            crowd.turn(min(left, 0.001))
            meanwhile()
        while _is_pressed(crowd.ledger) and time.perf_counter() < patience:
            crowd.turn(0.001)
            meanwhile()
        author.post(due)
        crowd.turn(0.0)


def _is_pressed(ledger: Ledger) -> bool:
    return ledger.outstanding > WAITING * ledger.lanes


def _drain(crowd: Crowd) -> bool:
    """Wait for what is on its way; whether all of it came within DRAIN_S."""
    until = time.perf_counter() + DRAIN_S
    while not crowd.ledger.is_settled and time.perf_counter() < until:
        crowd.turn(0.001)
    return crowd.ledger.is_settled


def pin_generator() -> None:
    """Keep ourselves off the server's processor."""
    cores.pin(0, cores.cores()[-1])
