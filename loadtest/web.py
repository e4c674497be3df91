"""The HTTP side under load: first bytes, sign-ins, a large picture, and how soon it is ready.

`python -m loadtest.web` starts servers on the first core; Locust's people and all that asks live on
the last one. First bytes are measured on every route while those people keep the server seven
tenths busy. `--out` keeps the figures; the exit status is 1 if anything was answered wrongly.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Final

from loadtest import cores, results, targets
from loadtest.crowd import Failed
from loadtest.figures import percentile
from loadtest.probe import Ask, Connections, Heard, Strange, probe
from loadtest.results import Row, at_least, at_most
from loadtest.routes import every_route, picture
from realtime.client import site
from realtime.commands.fixture import PASSWORD
from realtime.errors import Refusal
from tests.ports import free_port
from tests.services import Postgres, Redis

BUSY: Final = 0.70  # of the server's core
BREATHLESS: Final = 0.80  # of the other core, for all who live there
PEOPLE: Final = 120
SPARE: Final = 1_500  # people who only sign out
SPAWN_PER_S: Final = 40
PACE_S: Final = 3.0  # between two deeds of a person, in the first trial
SETTLE_S: Final = 4.0
PROBES_PER_S: Final = 120.0
OTHERS_PER_S: Final = 100.0
SIGN_INS_AT_ONCE: Final = 8
PICTURES: Final = 5
STARTS: Final = 5
_LOCUST: Final = ("-m", "locust", "-f", str(targets.ROOT / "loadtest/locustfile.py"), "--headless")


@dataclass(frozen=True, slots=True)
class Stage:
    """A deployment with people in it: how to start its server, and who can ask."""

    name: str
    folder: Path
    env: Mapping[str, str]
    identities: list[list[str]]  # id, name, cookie

    @property
    def cookie(self) -> str:
        return self.identities[0][2]


# -- deployments ------------------------------------------------------------------


@contextmanager
def embedded(folder: Path) -> Iterator[Stage]:
    """SQLite and nothing else."""
    yield _peopled("SQLite", folder, targets.environment(folder))


@contextmanager
def production(folder: Path) -> Iterator[Stage]:
    """PostgreSQL, as durable as in production, and Redis; on the core of those who ask."""
    with Postgres(durable=True) as database, Redis() as bus:
        env = targets.environment(folder, database.database()) | {"REALTIME_REDIS_URL": bus.url}
        yield _peopled("PostgreSQL and Redis", folder, env)


def _peopled(name: str, folder: Path, env: Mapping[str, str]) -> Stage:
    path = folder / "cookies"
    words = ("fixture", "--users", str(PEOPLE + SPARE), "--follow", "20", "--cookies", str(path))
    subprocess.run(
        (sys.executable, "-m", "realtime", *words),
        cwd=folder,
        env=dict(env),
        check=True,
        capture_output=True,
        timeout=targets.FIXTURE_S,
    )
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(lines[:PEOPLE]) + "\n", encoding="utf-8")
    return Stage(name, folder, env, [line.split("\t") for line in lines])


# -- first bytes ------------------------------------------------------------------


async def under_the_mix(stage: Stage, seconds: float, wrong: list[str]) -> list[Row]:
    """p99 to the first byte of every route, while Locust's people keep the server busy."""
    with targets.served(stage.folder, stage.env) as (port, process):
        spare = cycle(one[2] for one in stage.identities[PEOPLE:])
        asks = await every_route(port, stage.identities[0], spare)
        load = Load(stage, port, process, asks, wrong)
        _, alone = await load.asked(seconds / 6)
        pace_s = PACE_S
        # Twice: the first people find an empty timeline, which is cheap to read.
        for _ in range(2):
            _, busy, theirs = await load.among_people(pace_s, seconds / 4)
            # Who measures has the same core as these people, who come in waves when out of breath.
            pace_s *= max((busy - alone) / (BUSY - alone), theirs / BREATHLESS)
        heard, busy, theirs = await load.among_people(pace_s, seconds)
    p99 = {name: percentile(values, 0.99) for name, values in heard.ms.items()}
    slowest = max(p99, key=lambda name: p99[name])
    _table(stage.name, heard)
    together = Row("first byte, p99", stage.name, percentile(heard.all_ms, 0.99), "ms")
    worst = Row(f"first byte of the slowest, {slowest}, p99", stage.name, p99[slowest], "ms")
    return [
        # What was heard of a server that had less to do says less, and shall not look as if met.
        at_least(Row("busy under the mix", stage.name, busy * 100, "% of its core"), 65),
        Row("all others busy meanwhile", stage.name, theirs * 100, "% of the other core"),
        at_most(together, 50),
        at_most(worst, 50),
    ]


@dataclass(frozen=True, slots=True)
class Load:
    """Who asks a server that runs, and how busy that makes it."""

    stage: Stage
    port: int
    process: cores.Process
    asks: Sequence[Ask]
    wrong: list[str]

    async def asked(self, seconds: float) -> tuple[Heard, float]:
        """What was heard, and how busy the server's core was meanwhile (0 to 1)."""
        cpu_s, began_s = self.process.cpu_s, time.perf_counter()
        heard = await probe(self.port, self.asks, per_s=PROBES_PER_S, seconds=seconds)
        return heard, (self.process.cpu_s - cpu_s) / (time.perf_counter() - began_s)

    async def among_people(self, pace_s: float, seconds: float) -> tuple[Heard, float, float]:
        """The same, while each person does a deed every `pace_s`; how busy the other core is."""
        words = ("-u", str(PEOPLE), "-r", str(SPAWN_PER_S), "--pace", f"{pace_s:.3f}")
        files = ("--signed-in", "--cookies", str(self.stage.folder / "cookies"), "--only-summary")
        with (self.stage.folder / "locust.log").open("wb") as log:
            # Behind those who measure, where all of them have one core.
            people = await asyncio.create_subprocess_exec(
                *("nice", "-n", "10", sys.executable, *_LOCUST, *words, *files),
                *("--host", f"http://127.0.0.1:{self.port}"),
                cwd=targets.ROOT,
                stdout=log,
                stderr=log,
            )
        try:
            await asyncio.sleep(PEOPLE / SPAWN_PER_S + SETTLE_S)
            cpu_s, began_s = cores.busy_s(cores.cores()[-1]), time.perf_counter()
            heard, busy = await self.asked(seconds)
            theirs_s = cores.busy_s(cores.cores()[-1]) - cpu_s
            return heard, busy, theirs_s / (time.perf_counter() - began_s)
        finally:
            await self._sent_home(people)

    async def _sent_home(self, people: asyncio.subprocess.Process) -> None:
        with suppress(ProcessLookupError):
            people.send_signal(signal.SIGTERM)
        try:
            status = await asyncio.wait_for(people.wait(), 30)
        except TimeoutError:
            people.kill()
            status = await people.wait()
        if status != 0:
            log = (self.stage.folder / "locust.log").read_text(encoding="utf-8", errors="replace")
            told, _, table = log.partition(
                "Shutting down"
            )  # what was raised, then what was refused
            told = told[-3_000:] + table.partition("Error report")[2]
            self.wrong.append(f"{self.stage.name}: Locust ended with {status}:\n{told}")


# -- sign-ins ---------------------------------------------------------------------


async def sign_ins(stage: Stage, seconds: float) -> list[Row]:
    """How many people sign in, and how much longer the others' answers take meanwhile."""
    with targets.served(stage.folder, stage.env) as (port, process):
        cpu_s = process.cpu_s
        before = await _others(stage, port, seconds)
        theirs_s = process.cpu_s - cpu_s
        names = cycle(one[1] for one in stage.identities)
        done = 0
        until_s = time.perf_counter() + seconds

        async def hand(connections: Connections) -> None:
            nonlocal done
            while time.perf_counter() < until_s:
                body = json.dumps({"name": next(names), "password": PASSWORD}).encode()
                await connections.first_byte(Ask("login", "POST", "/api/login", body=body))
                done += 1

        cpu_s = process.cpu_s
        async with Connections(port) as connections, asyncio.TaskGroup() as tasks:
            others = tasks.create_task(_others(stage, port, seconds))
            for _ in range(SIGN_INS_AT_ONCE):
                tasks.create_task(hand(connections))
        spent_s = process.cpu_s - cpu_s - theirs_s
    rate = Row("sign-ins per second of CPU", stage.name, done / spent_s, "/CPU-s")
    return [at_least(rate, 60), _moved(stage, "sign-ins", before, others.result())]


# -- a large picture --------------------------------------------------------------


async def pictures(stage: Stage) -> list[Row]:
    """How long 12 megapixels take to all their sizes, and the others' answers meanwhile."""
    large = picture(4_000, 3_000)
    took_ms: list[float] = []
    with targets.served(stage.folder, stage.env) as (port, _):
        url = f"http://127.0.0.1:{port}"
        # The first one starts the process that opens pictures.
        await asyncio.to_thread(site.upload, url, stage.cookie, picture(64, 64))
        before = await _others(stage, port, PICTURES)
        others = asyncio.create_task(_others(stage, port, PICTURES))
        for _ in range(PICTURES):
            began_s = time.perf_counter()
            await asyncio.to_thread(site.upload, url, stage.cookie, large)
            took_ms.append((time.perf_counter() - began_s) * 1000)
        heard = await others
    what = f"a JPEG of 12 megapixels, {len(large) / 2**20:.1f} MiB, to all its sizes"
    took = Row(what, stage.name, statistics.median(took_ms), "ms")
    return [at_most(took, 700), _moved(stage, "large pictures", before, heard)]


# -- ready ------------------------------------------------------------------------


async def starts(stage: Stage) -> list[Row]:
    """From the command line to `/readyz`, where everything has been there before."""
    took_s = []
    for _ in range(STARTS + 1):
        port = free_port()
        words = (sys.executable, "-m", "realtime", "serve", "--port", str(port))
        began_s = time.perf_counter()
        process = cores.Process(words, folder=stage.folder, env=stage.env, core=cores.cores()[0])
        try:
            await asyncio.wait_for(_ready(port), targets.READY_S)
            took_s.append(time.perf_counter() - began_s)
        finally:
            await asyncio.to_thread(process.stop)
    ready = Row("`realtime serve` to ready, warm", stage.name, statistics.median(took_s[1:]), "s")
    return [at_most(ready, 1.0)]


async def _ready(port: int) -> None:
    async with Connections(port) as connections:
        while True:
            try:
                await connections.first_byte(Ask("ready", "GET", "/readyz"))
                return
            except (OSError, Strange):
                await asyncio.sleep(0.005)


# -- what they have in common -----------------------------------------------------


async def _others(stage: Stage, port: int, seconds: float) -> Heard:
    """Somebody else, who asks for their session again and again."""
    ask = Ask("GET /api/session", "GET", "/api/session", cookie=lambda: stage.cookie)
    return await probe(port, [ask], per_s=OTHERS_PER_S, seconds=seconds)


def _moved(stage: Stage, what: str, before: Heard, during: Heard) -> Row:
    p99 = [percentile(heard.all_ms, 0.99) for heard in (before, during)]
    _say(f"{stage.name:22} others' p99 {p99[0]:.1f} ms, during {what} {p99[1]:.1f} ms")
    row = Row(f"others' p99 during {what}, more by", stage.name, p99[1] - p99[0], "ms")
    return at_most(row, 10)


def _table(name: str, heard: Heard) -> None:
    for route, values in heard.ms.items():
        p50, p99 = statistics.median(values), percentile(values, 0.99)
        _say(f"{name:22} {route:28} {len(values):5} × p50 {p50:7.1f} ms   p99 {p99:7.1f} ms")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def _measured(part: str, stage: Stage, seconds: float, wrong: list[str]) -> list[Row]:
    match part:
        case "starts":
            return await starts(stage)
        case "mix":
            return await under_the_mix(stage, seconds, wrong)
        case "sign-ins":
            return await sign_ins(stage, seconds / 3)
        case _:
            return await pictures(stage)


async def main(deployments: Sequence[str], parts: Sequence[str], seconds: float) -> results.Result:
    """Every part on every deployment; rows and whatever went wrong."""
    rows: list[Row] = []
    wrong: list[str] = []
    for name in deployments:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="web-")))
            stage = stack.enter_context(DEPLOYMENTS[name](folder))
            for part in parts:
                try:
                    rows += await _measured(part, stage, seconds, wrong)
                except* (Strange, OSError, Refusal, Failed) as failed:
                    wrong.append(f"{stage.name}, {part}: {failed.exceptions}")
    for row in rows:
        _say(f"{row.deployment:22} {row.what:60} {results.short(row.value, row.unit):>12}")
    return results.result(rows, wrong=wrong)


DEPLOYMENTS: Final = {"sqlite": embedded, "postgresql": production}
PARTS: Final = ("starts", "mix", "sign-ins", "pictures")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", nargs="+", choices=list(DEPLOYMENTS), default=list(DEPLOYMENTS))
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--seconds", type=float, default=24.0, help="of the measured mix (24)")
    parser.add_argument("--out", type=Path, help="where to keep the figures, as JSON")
    options = parser.parse_args()
    cores.pin(os.getpid(), cores.cores()[-1])  # and all that is started here, but the server
    found = asyncio.run(main(options.only, options.parts, options.seconds))
    for sentence in found.wrong:
        sys.stderr.write(sentence + "\n")
    if options.out is not None:
        results.write(options.out, found)
    sys.exit(1 if found.wrong else 0)
