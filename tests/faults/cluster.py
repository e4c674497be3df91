"""Three nodes, one PostgreSQL, one Redis and the wires between them: all real, and ours to hurt."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

import httpx

from tests.faults.proxy import FaultProxy
from tests.ports import free_port
from tests.services import Postgres, Redis
from tests.standby import Standby

KEY: Final = "a-key-for-trials-of-at-least-32-characters"
READY_S: Final = 30.0
ROOT: Final = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True)
class Setting:
    """What a cluster is made of, where it is not the usual."""

    nodes: int = 3
    reconcile_s: float = 30.0
    planted: str | None = None  # names of tests/faults/planted.py, joined by commas
    client_wires: bool = False
    is_direct: bool = False  # no wires to PostgreSQL and Redis: they take the harness's time
    standby: Literal["synchronous", "asynchronous"] | None = None  # of PostgreSQL
    env: Mapping[str, str] = field(default_factory=dict)  # more of each node's environment


USUAL: Final = Setting()


class Node:
    """One `realtime serve`, on the same port for ever."""

    def __init__(self, folder: Path, env: Mapping[str, str], planted: str | None) -> None:
        self.port = free_port()
        self.kills = 0
        self.statuses: list[int] = []
        self.folder = folder
        self._env = dict(env)
        self._module = ("tests.faults.planted", planted) if planted else ("realtime",)
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        """Its process; 0 while it is down."""
        return self._process.pid if self._process is not None else 0

    @property
    def has_ended(self) -> bool:
        """True once it is gone without having been asked to."""
        return self._process is not None and self._process.returncode is not None

    @property
    def log(self) -> str:
        """All that it wrote."""
        path = self.folder / "log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    async def start(self) -> None:
        """Start, or start again; returns when it is ready."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith("REALTIME_")}
        with (self.folder / "log").open("ab") as out:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", *self._module, "serve", "--port", str(self.port)),
                cwd=self.folder,
                env={**clean, "PYTHONPATH": str(ROOT), **self._env},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        await self.ready()

    async def ready(self) -> None:
        """Wait until it would be given traffic.

        Raises:
            RuntimeError: it ended instead.
        """
        async with asyncio.timeout(READY_S):
            while not await self.is_ready():
                if self._process is None or self._process.returncode is not None:
                    raise RuntimeError(f"a node ended at once:\n{self.log[-4000:]}")
                await asyncio.sleep(0.05)

    async def is_ready(self) -> bool:
        """True if it would be given traffic now."""
        async with httpx.AsyncClient() as http:
            with contextlib.suppress(httpx.TransportError):
                answer = await http.get(f"http://127.0.0.1:{self.port}/readyz")
                return answer.status_code == 200
        return False

    def signal(self, number: signal.Signals) -> None:
        """Hand it a signal."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)

    async def kill(self) -> None:
        """A crash."""
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGKILL)
        self.kills += 1
        await self._ended()

    async def leave(self, within_s: float = 20.0) -> None:
        """Ask it to leave, as a supervisor does."""
        self.signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(within_s):
                await self._ended()
        except TimeoutError:
            await self.kill()
            raise

    async def _ended(self) -> None:
        if self._process is not None:
            self.statuses.append(await self._process.wait())
            self._process = None

    async def again(self) -> None:
        """Start it as a supervisor does that found it gone.

        Raises:
            RuntimeError, TimeoutError: it ended at once, or was not ready in time.
        """
        await self._ended()
        await self.start()

    async def metric(self, name: str) -> float:
        """One number of its /metrics; 0 if it is not there."""
        async with httpx.AsyncClient() as http:
            text = (await http.get(f"http://127.0.0.1:{self.port}/metrics")).text
        values = [line.rsplit(" ", 1)[1] for line in text.splitlines() if line.startswith(name)]
        return sum(float(value) for value in values)


class Cluster:
    """All of it. `redis_wires[i]` and `postgres_wires[i]` are those of node i."""

    def __init__(self, postgres: Postgres, redis: Redis) -> None:
        self.postgres = postgres
        self.redis = redis
        self.database = ""
        self.nodes: list[Node] = []
        self.redis_wires: list[FaultProxy] = []
        self.postgres_wires: list[FaultProxy] = []
        self.client_wires: list[FaultProxy] = []
        self.standby: Standby | None = None
        self.standby_wires: list[FaultProxy] = []
        self.wal_wire: FaultProxy | None = None
        self.folder = Path()
        self.restarts = 0  # by `supervised`

    @property
    def ports(self) -> Sequence[int]:
        """Where clients connect."""
        return [wire.port for wire in self.client_wires] or [node.port for node in self.nodes]

    @asynccontextmanager
    async def supervised(self) -> AsyncIterator[None]:
        """Whatever node ends by itself while the body runs is started again."""

        async def watch(node: Node) -> None:
            while True:
                await asyncio.sleep(0.1)
                if node.has_ended:
                    self.restarts += 1
                    with contextlib.suppress(RuntimeError, TimeoutError):
                        await node.again()

        watches = [asyncio.create_task(watch(node)) for node in self.nodes]
        try:
            yield
        finally:
            for task in watches:
                task.cancel()
            await asyncio.gather(*watches, return_exceptions=True)

    async def run(self, *arguments: str) -> None:
        """Run `realtime` on this cluster's database to its end.

        Raises:
            RuntimeError: it failed.
        """
        clean = {k: v for k, v in os.environ.items() if not k.startswith("REALTIME_")}
        env = {
            "REALTIME_DATABASE_URL": self.database,
            "REALTIME_SECRET_KEYS": KEY,
            "REALTIME_UPLOADS": str(self.folder / "uploads"),
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "realtime", *arguments),
            cwd=self.folder,
            env={**clean, "PYTHONPATH": str(ROOT), **env},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        if process.returncode != 0:
            raise RuntimeError(said.decode())


@asynccontextmanager
async def cluster(setting: Setting, elsewhere: Redis | None = None) -> AsyncIterator[Cluster]:
    """A cluster that serves while the body runs; every process and file of it is gone after.

    With a Redis `elsewhere` the nodes go to its own address: there are no wires to it.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="realtime-trial-")))
        postgres = Postgres(settings={"idle_in_transaction_session_timeout": "30s"})
        redis = elsewhere or Redis()
        for server in (postgres, redis):
            await asyncio.to_thread(server.start)
            stack.push_async_callback(asyncio.to_thread, server.close)
        built = Cluster(postgres, redis)
        built.folder = folder
        built.database = await asyncio.to_thread(postgres.database)
        if setting.standby is not None:
            await _add_standby(built, stack, setting.standby)
        for number in range(setting.nodes):
            redis_url = redis.url if elsewhere is not None or setting.is_direct else None
            await _add_node(built, stack, number, setting, redis_url)
        await built.run("migrate")
        await asyncio.gather(*(node.start() for node in built.nodes))
        yield built


async def _add_standby(
    built: Cluster, stack: AsyncExitStack, kind: Literal["synchronous", "asynchronous"]
) -> None:
    wire = await stack.enter_async_context(FaultProxy(built.postgres.port))
    standby = built.standby = Standby(wire.port)
    built.wal_wire = wire
    await asyncio.to_thread(standby.start)
    stack.push_async_callback(asyncio.to_thread, standby.close)
    await standby.follows(built.postgres, is_synchronous=kind == "synchronous")


async def _database(built: Cluster, postgres_wire: FaultProxy, stack: AsyncExitStack) -> str:
    """Where a node finds the database: on its wire to it, and to the standby if there is one."""
    here = f"127.0.0.1:{postgres_wire.port}"
    address = urlsplit(built.database)
    if built.standby is None:
        return address._replace(netloc=f"postgres@{here}").geturl()
    wire = await stack.enter_async_context(FaultProxy(built.standby.port))
    built.standby_wires.append(wire)
    hosts = f"postgres@{here},127.0.0.1:{wire.port}"
    return address._replace(netloc=hosts, query="target_session_attrs=read-write").geturl()


async def _add_node(
    built: Cluster, stack: AsyncExitStack, number: int, setting: Setting, redis_url: str | None
) -> None:
    if redis_url is None:
        redis_wire = await stack.enter_async_context(FaultProxy(built.redis.port))
        built.redis_wires.append(redis_wire)
        redis_url = f"redis://127.0.0.1:{redis_wire.port}/0"
    database = built.database
    if not setting.is_direct:
        postgres_wire = await stack.enter_async_context(FaultProxy(built.postgres.port))
        built.postgres_wires.append(postgres_wire)
        database = await _database(built, postgres_wire, stack)
    own = built.folder / f"node{number}"
    own.mkdir()
    env = {
        "REALTIME_DATABASE_URL": database,
        "REALTIME_REDIS_URL": redis_url,
        "REALTIME_SECRET_KEYS": KEY,
        "REALTIME_UPLOADS": str(built.folder / "uploads"),
        "REALTIME_RATE_LIMITS": "off",
        "REALTIME_RECONCILE_S": str(setting.reconcile_s),
        **setting.env,
    }
    node = Node(own, env, setting.planted)
    built.nodes.append(node)
    stack.push_async_callback(_end, node)
    if setting.client_wires:
        wire = await stack.enter_async_context(FaultProxy(node.port))
        built.client_wires.append(wire)


async def _end(node: Node) -> None:
    # If it had to be killed, whoever judges finds out from its log.
    with contextlib.suppress(TimeoutError):
        await node.leave()
