"""The soak itself: a crowd at a steady pace, a fault every half minute, and a judge behind them."""

from __future__ import annotations

import asyncio
import copy
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

import asyncpg
import httpx

from tests.faults.check import Verdict
from tests.faults.cluster import USUAL, Cluster, Setting, cluster
from tests.faults.history import Fault, History, now
from tests.faults.nemesis import MATRIX
from tests.faults.nemesis.nodes import nothing
from tests.faults.soak.chapters import Chapter, Judge
from tests.faults.soak.gauge import Gauge, Load, load
from tests.faults.soak.readers import FIRST_PER_S, MOST_PER_S, Pace, reading
from tests.faults.trial import Crowd, Row, Size, alarms, gather

SHARE: Final = 0.7  # of the processor time that the others leave to the nodes
EVERY_S: Final = 30.0
MEND_S: Final = 120.0  # a fault that takes longer hangs
CROWD: Final = Size(authors=6, followers=60, circle=4, every_s=0.5)
READERS: Final = 40
LIFE: Final = Row("soak", "a long life", nothing, Setting(client_wires=True))
ROUNDS: Final = 10  # of the calibration
ROUND_S: Final = 4.0
_SETTINGS: Final = (USUAL, Setting(client_wires=True))
# Nothing is broken; Redis stays away; people part for good; posts are spoiled; and what takes
# longer than a chapter, or counts the sockets of a crowd that stays.
_UNFIT: Final = ("calm", "no-redis", "edges", "corrupt-rows", "half-open", "postgres-stopped-60")
_FAILURES: Final = (
    *(TimeoutError, RuntimeError, OSError),
    *(httpx.HTTPError, asyncpg.PostgresError, asyncpg.InterfaceError),
)

Say = Callable[[str], None]
Waiting = asyncio.Queue[Chapter | None]


@dataclass(slots=True)
class Soak:
    """What came of it."""

    seed: int
    began: float = field(default_factory=time.time)
    took_s: float = 0.0
    started: float = field(default_factory=now)
    rounds: list[tuple[float, Load]] = field(default_factory=list)  # commands a second, and so much
    chapters: list[Chapter] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)
    gauge: Gauge | None = None
    whole: Verdict | None = None
    commands: int = 0
    refusals: dict[str, int] = field(default_factory=dict)

    @property
    def problems(self) -> list[str]:
        """Every sentence of the judge."""
        verdicts = [one.verdict for one in self.chapters if one.verdict is not None]
        verdicts += [self.whole] if self.whole is not None else []
        return self.alarms + [problem for verdict in verdicts for problem in verdict.problems]


@dataclass(frozen=True, slots=True)
class Stage:
    """Everybody and everything that a soak is played with."""

    built: Cluster
    crowd: Crowd
    judge: Judge
    result: Soak
    say: Say


def repeatable() -> list[Row]:
    """The rows that break something in a cluster as it is, and mend it."""
    return [row for row in MATRIX if _is_fit(row)]


def _is_fit(row: Row) -> bool:
    """Whether it needs no other crowd and no other cluster than those that are there."""
    is_usual = row.lives is None and row.size is None and row.setting in _SETTINGS
    return is_usual and row.dials is LIFE.dials and not row.excuses and row.name not in _UNFIT


def drawn(chance: random.Random) -> Iterator[Row]:
    """Faults without end: each once in every pass, each pass in another order."""
    while True:
        yield from chance.sample(rows := repeatable(), len(rows))


async def soak(seed: int, minutes: float, say: Say) -> Soak:
    """Live for so many minutes; `say` gets a line as soon as there is one."""
    result, history = Soak(seed), History(seed)
    chance = random.Random(seed)
    async with cluster(LIFE.setting) as built:
        async with (
            gather(LIFE, built, history, chance, CROWD) as crowd,
            reading(built, crowd, READERS, result.alarms.append) as pace,
        ):
            result.gauge = Gauge(built)
            result.started = now()
            stage = Stage(built, crowd, Judge(crowd, random.Random(chance.random())), result, say)
            async with _measured(result.gauge), _judged(stage) as waiting:
                async with _posting(crowd):
                    await _calibrate(stage, pace)
                    await _suffer(stage, minutes, waiting)
                result.chapters[-1].ended = now()
                waiting.put_nowait(result.chapters[-1])
            result.took_s = now() - result.started
            say("judging all of it")
            result.whole = await stage.judge.all_of_it()
            result.commands, result.refusals = pace.said, history.refusals
        for number, node in enumerate(built.nodes):
            result.alarms += [f"node {number + 1}: {alarm}" for alarm in alarms(node.log)]
    return result


@asynccontextmanager
async def _posting(crowd: Crowd) -> AsyncIterator[None]:
    """The authors post while the body runs, and then until the last post is acknowledged."""
    enough = asyncio.Event()
    posting = [asyncio.create_task(one.run(enough, CROWD.every_s)) for one in crowd.authors]
    try:
        yield
        enough.set()
        async with asyncio.timeout(MEND_S):
            await asyncio.gather(*posting)
    finally:
        for task in posting:
            task.cancel()
        await asyncio.gather(*posting, return_exceptions=True)


@asynccontextmanager
async def _measured(gauge: Gauge) -> AsyncIterator[None]:
    looking = asyncio.create_task(gauge.run())
    try:
        yield
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


async def _calibrate(stage: Stage, pace: Pace) -> None:
    """Find the pace at which the nodes use their share; the last round says what it came to."""
    for number in range(ROUNDS):
        said = pace.said
        seen = await load(stage.built, ROUND_S)
        per_s = (pace.said - said) / ROUND_S
        stage.result.rounds.append((per_s, seen))
        stage.say(f"{per_s:.0f} commands a second: {seen.share:.0%} of what the nodes have")
        if number < ROUNDS - 1:
            # From what was meant: who waits for answers says less, and so must mean more.
            factor = min(2.0, max(0.5, SHARE / max(0.05, seen.share)))
            pace.per_s = min(MOST_PER_S, max(FIRST_PER_S, pace.per_s * factor))


async def _suffer(stage: Stage, minutes: float, waiting: Waiting) -> None:
    """A fault every so often; all chapters but the last are handed to the judge."""
    chapters, began = stage.result.chapters, stage.result.started
    chapters.append(Chapter(Fault("calm", began, began, bites=1), began, now()))
    faults = drawn(random.Random(stage.crowd.chance.random()))
    end = now() + minutes * 60
    while now() < end:
        waiting.put_nowait(chapters[-1])
        row, began = next(faults), now()
        fault = Fault(row.name, began)
        await _break(stage, row, fault)
        await asyncio.sleep(max(0.0, began + EVERY_S - now()))
        chapters.append(Chapter(fault, began, now()))


@asynccontextmanager
async def _judged(stage: Stage) -> AsyncIterator[Waiting]:
    """What is put into the queue is judged in its order, all of it before this ends."""
    waiting: Waiting = asyncio.Queue()
    # A group: a judge who fails ends the soak then and there.
    async with asyncio.TaskGroup() as group:
        group.create_task(_judge(stage, waiting))
        yield waiting
        waiting.put_nowait(None)


async def _judge(stage: Stage, waiting: Waiting) -> None:
    while (chapter := await waiting.get()) is not None:
        await stage.judge.judge(chapter)
        verdict = chapter.verdict
        assert verdict is not None
        state = "void" if verdict.is_void else "clean" if verdict.is_clean else "WRONG"
        back = verdict.recovery_p99_s
        stage.say(f"{chapter.fault.name:18} {state:6} due {verdict.due:6} back p99 {back:5.2f} s")
        for problem in verdict.problems:
            stage.say(f"    {problem}")


async def _break(stage: Stage, row: Row, fault: Fault) -> None:
    """Break it, and see that it is mended, even where that failed."""
    built = stage.built
    spared = copy.copy(built)
    spared.nodes = built.nodes[:-1]  # the last lives through it all, and so can be measured
    try:
        async with asyncio.timeout(MEND_S):
            await row.does(spared, stage.crowd, fault)
    except _FAILURES as error:
        stage.result.alarms.append(f"{row.name} could not be mended: {error!r}")
        fault.bites += 1
    fault.healed = fault.healed or now()
    for wire in (*built.redis_wires, *built.postgres_wires, *built.client_wires):
        wire.heal()
    for server in (built.postgres, built.redis):
        await asyncio.to_thread(server.start)
    for node in built.nodes:
        if not node.pid:
            with suppress(TimeoutError, RuntimeError):
                await node.start()
