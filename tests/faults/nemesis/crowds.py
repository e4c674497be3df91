"""Many people at once: sent away politely, cut off, left hanging, or without a database."""

from __future__ import annotations

import asyncio
import contextlib
import resource
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import asyncpg

from tests.faults.check import percentile
from tests.faults.cluster import Cluster, Node, Setting
from tests.faults.history import Fault, History, now
from tests.faults.line import Away
from tests.faults.people import Follower
from tests.faults.raw import dial_raw
from tests.faults.trial import Crowd, Row, Size

THOUSAND: Final = Size(authors=6, followers=1_000, circle=2, every_s=0.3, after_s=3.0)
STORM: Final = Size(authors=4, followers=5_000, circle=1, every_s=2.0, after_s=5.0)
GAP_S: Final = 3.0
BACK_S: Final = 120.0
FROZEN_S: Final = 60.0
ASKING_S: Final = 10.0  # between two questions of a window to a frozen database
KEEPALIVE_S: Final = 20.0 + 20.0  # of the server: its ping, and its patience for the pong
SLACK_S: Final = 5.0
SPARE_FILES: Final = 12  # that a node may have opened meanwhile, for other ends than sockets


async def rolling_restart(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """Every node is asked to leave, one after the other, with all of its sockets."""
    for node in built.nodes:
        await node.leave()
        fault.bites += 1
        await node.start()
    await _until(lambda: all(f.welcomed.is_set() for f in crowd.followers))
    goodbyes = Counter(
        code for f in crowd.followers for at, code in f.seat.closes if at >= fault.began
    )
    gaps = _gaps(crowd, fault)
    # A small crowd shares its machine with other tests: there no time is judged, and whom a
    # starved database cannot greet may be told so.
    is_whole = len(crowd.followers) == THOUSAND.followers
    if not goodbyes.keys() <= ({4000} if is_whole else {4000, 1011}):
        crowd.history.alarms.append(f"sockets were closed with {dict(goodbyes)}, not only 4000")
    if is_whole and max(gaps, default=0) > GAP_S:
        late = sum(gap > GAP_S for gap in gaps)
        crowd.history.alarms.append(f"{late} sockets were away for over {GAP_S} s: {max(gaps):.2f}")
    figures = crowd.history.figures
    figures["sockets"] = str(len(crowd.followers))
    figures["goodbyes"] = str(goodbyes[4000])
    figures["coming back, at most"] = f"{_busiest(_returns(crowd, fault))} in a second"
    refused = sum(attempt.refused is not None for attempt in crowd.history.attempts.values())
    figures["posts refused"] = str(refused)
    figures["slowest post"] = f"{max(crowd.history.ack_ms, default=0) / 1000:.2f} s"


async def reconnect_storm(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """Every follower is cut off in the same moment, and comes back as docs/clients.md says."""
    history, figures = crowd.history, crowd.history.figures
    calm, load = len(history.ack_ms), _Load(built.database)
    async with load.watched():
        # Here and not by wires: five thousand of them would keep a processor busy by themselves.
        for follower in crowd.followers:
            fault.bites += follower.hang_up()
        fault.healed = now()
        await _until(lambda: not _still_away(crowd, fault))
        away = _still_away(crowd, fault)
        await asyncio.sleep(1.0)  # PostgreSQL counts a moment later
    returns = _returns(crowd, fault)
    figures["sockets cut"] = str(fault.bites)
    figures["still away"] = str(away)
    if away:
        history.alarms.append(f"{away} sockets are still away after {BACK_S:.0f} s")
    figures["all back after"] = f"{max(returns, default=fault.began) - fault.began:.1f} s"
    figures["started afresh"] = str(sum(f.seat.gaps for f in crowd.followers))
    figures["PostgreSQL's transactions, at most"] = f"{load.most:.0f} in a second"
    storm = percentile(history.ack_ms[calm:], 0.99)
    figures["ack p99 before"] = f"{percentile(history.ack_ms[:calm], 0.99):.0f} ms"
    figures["ack p99 meanwhile"] = f"{storm:.0f} ms"
    _gaps(crowd, fault)


def _still_away(crowd: Crowd, fault: Fault) -> int:
    """How many have not come back since; who has not noticed yet is one of them."""
    return sum(not f.welcomed.is_set() or f.seat.away[-1][0] < fault.began for f in crowd.followers)


class _Load:
    """How many transactions PostgreSQL ends in its busiest second; a lone statement is one."""

    def __init__(self, database: str) -> None:
        self.most = 0.0
        self._database = database

    @contextlib.asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Count while the body runs."""
        enough = asyncio.Event()
        counting = asyncio.create_task(self._count(enough))
        try:
            yield
        finally:
            enough.set()
            await counting

    async def _count(self, enough: asyncio.Event) -> None:
        sql = "SELECT sum(xact_commit + xact_rollback) FROM pg_stat_database"
        connection = await asyncpg.connect(self._database)
        try:
            counts: list[tuple[float, int]] = []
            while not enough.is_set():
                counts.append((now(), await connection.fetchval(sql)))
                (first, less), (last, more) = counts[max(0, len(counts) - 5)], counts[-1]
                if last - first >= 1.0:
                    self.most = max(self.most, float(more - less) / (last - first))
                await asyncio.sleep(0.25)
        finally:
            await connection.close()


async def half_open(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """One node's clients vanish without a word: what they say, and are told, arrives nowhere."""
    number = crowd.chance.randrange(len(built.nodes))
    node, wire, figures = built.nodes[number], built.client_wires[number], crowd.history.figures
    fault.bites = wire.connections
    files, memory = _files(node), _memory(node)
    before = await node.metric("realtime_sockets")
    wire.swallows_up = wire.swallows_down = True
    left = before
    while left > before - fault.bites and now() < fault.began + KEEPALIVE_S + SLACK_S:
        await asyncio.sleep(0.5)
        left = await node.metric("realtime_sockets")
    figures["sockets without a peer"] = str(fault.bites)
    figures["the last of them dropped after"] = f"{now() - fault.began:.0f} s"
    if left > before - fault.bites:
        crowd.history.alarms.append(f"a node holds {left:.0f} sockets that nobody holds any more")
    freed = files - _files(node)
    figures["files closed with them"] = str(freed)
    if freed < fault.bites - SPARE_FILES:
        crowd.history.alarms.append(f"{fault.bites} sockets were dropped, {freed} files closed")
    wire.heal()
    wire.reset_all()
    fault.healed = now()
    await _until(lambda: all(f.welcomed.is_set() for f in crowd.followers))
    figures["memory"] = f"{memory / 2**20:.0f} MiB before, {_memory(node) / 2**20:.0f} after"


def _files(node: Node) -> int:
    return sum(1 for _ in Path(f"/proc/{node.pid}/fd").iterdir())


def _memory(node: Node) -> int:
    pages = int(Path(f"/proc/{node.pid}/statm").read_text(encoding="utf-8").split()[1])
    return pages * resource.getpagesize()


async def postgres_stopped(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """PostgreSQL answers nothing for a minute, while everybody asks and asks."""
    history, figures = crowd.history, crowd.history.figures
    opened = sum(author.line.opened for author in crowd.authors)
    before, told = len(history.refusal_ms), _Told()
    built.postgres.pause()
    asking = [asyncio.create_task(_ask(f, told, fault.began + FROZEN_S)) for f in crowd.followers]
    await asyncio.wait(asking)
    await asyncio.sleep(max(0.0, fault.began + FROZEN_S - now()))
    built.postgres.resume()
    fault.healed = now()
    await asyncio.sleep(1.0)
    fault.bites = len(history.refusal_ms) - before + told.refusals
    closed = sum(at >= fault.began for f in crowd.followers for at, _ in f.seat.closes)
    closed += sum(author.line.opened for author in crowd.authors) - opened
    figures["sockets closed"] = str(closed)
    figures["commands refused"] = str(fault.bites)
    _say(history, "until a post is refused", [ms / 1000 for ms in history.refusal_ms[before:]])
    _say(history, "until three commands are", [ms / 1000 for ms in told.waits_ms])
    if closed:
        history.alarms.append(f"{closed} sockets were closed while PostgreSQL stood still")
    history.alarms += [f"refused otherwise: {answer}" for answer in told.odd[:5]]


@dataclass(slots=True)
class _Told:
    """What windows were told by a server without its database."""

    refusals: int = 0
    waits_ms: list[float] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)  # answers that are not `unavailable`, and when


async def _ask(follower: Follower, told: _Told, until: float) -> None:
    """Ask three things at once, and again: with more waiting, a reader that waits misses pongs."""
    while now() < until - ASKING_S:
        asked = now()
        with contextlib.suppress(Away):
            answers = await asyncio.gather(
                *(follower.line.ask("timeline.get", name="explore", limit=1) for _ in range(3))
            )
            for answer in answers:
                if answer.get("code") != "unavailable" or not answer.get("retry_after"):
                    told.odd.append(str(answer)[:200])
                told.refusals += 1
            told.waits_ms.append((now() - asked) * 1000)
        await asyncio.sleep(max(0.0, asked + ASKING_S - now()))


def _gaps(crowd: Crowd, fault: Fault) -> list[float]:
    """Write down for how long sockets were away since the fault began, and return it."""
    gaps = [
        back - left for f in crowd.followers for left, back in f.seat.away if left >= fault.began
    ]
    _say(crowd.history, "gap", gaps)
    return gaps


def _say(history: History, name: str, values_s: list[float]) -> None:
    for label, part in (("p50", 0.5), ("p99", 0.99), ("max", 1.0)):
        history.figures[f"{name} {label}"] = f"{percentile(values_s, part):.2f} s"


def _returns(crowd: Crowd, fault: Fault) -> list[float]:
    return sorted(
        back for f in crowd.followers for left, back in f.seat.away if left >= fault.began
    )


def _busiest(moments: Iterable[float]) -> int:
    """The most of these moments within any one second."""
    window: list[float] = []
    most = 0
    for moment in sorted(moments):
        window = [at for at in window if at > moment - 1.0] + [moment]
        most = max(most, len(window))
    return most


async def _until(claim: Callable[[], bool], within_s: float = BACK_S) -> None:
    """Until it is so, or the time is over: the judge will find what is missing."""
    deadline = now() + within_s
    while not claim() and now() < deadline:  # noqa: ASYNC110 - there is no event to wait for
        await asyncio.sleep(0.05)


ROWS: Final = (
    Row(
        "rolling-restart-1000",
        "SIGTERM to each node in turn, with 1,000 sockets",
        rolling_restart,
        size=THOUSAND,
        dials=dial_raw,
        is_passed_on=True,
    ),
    Row(
        "reconnect-storm",
        "5,000 clients are cut at once",
        reconnect_storm,
        settle_s=120.0,
        size=STORM,
        dials=dial_raw,
    ),
    Row(
        "half-open",
        "a node's clients vanish without a word",
        half_open,
        Setting(client_wires=True),
        authors_wired=False,
    ),
    Row(
        "postgres-stopped-60",
        "SIGSTOP of PostgreSQL for 60 s, and everybody asks",
        postgres_stopped,
        settle_s=90.0,
    ),
)
