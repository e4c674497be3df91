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
from typing import Final

import httpx

from tests.faults.proxy import FaultProxy
from tests.ports import free_port
from tests.services import Postgres, Redis

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
    env: Mapping[str, str] = field(default_factory=dict)  # more of each node's environment


USUAL: Final = Setting()


class Node:
    """One `realtime serve`, on the same port for ever."""

    def __init__(self, folder: Path, env: Mapping[str, str], planted: str | None) -> None:
        self.port = free_port()
        self.kills = 0
        self.statuses: list[int] = []
        self._folder = folder
        self._env = dict(env)
        self._module = ("tests.faults.planted", planted) if planted else ("realtime",)
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        """Its process; 0 while it is down."""
        return self._process.pid if self._process is not None else 0

    @property
    def log(self) -> str:
        """All that it wrote."""
        path = self._folder / "log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    async def start(self) -> None:
        """Start, or start again; returns when it is ready."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith("REALTIME_")}
        with (self._folder / "log").open("ab") as out:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", *self._module, "serve", "--port", str(self.port)),
                cwd=self._folder,
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
        url = f"http://127.0.0.1:{self.port}/readyz"
        async with asyncio.timeout(READY_S), httpx.AsyncClient() as http:
            while True:
                if self._process is None or self._process.returncode is not None:
                    raise RuntimeError(f"a node ended at once:\n{self.log[-4000:]}")
                with contextlib.suppress(httpx.TransportError):
                    if (await http.get(url)).status_code == 200:
                        return
                await asyncio.sleep(0.05)

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
        self.folder = Path()

    @property
    def ports(self) -> Sequence[int]:
        """Where clients connect."""
        return [wire.port for wire in self.client_wires] or [node.port for node in self.nodes]

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
async def cluster(setting: Setting) -> AsyncIterator[Cluster]:
    """A cluster that serves while the body runs; every process and file of it is gone after."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="realtime-trial-")))
        postgres = Postgres(settings={"idle_in_transaction_session_timeout": "30s"})
        redis = Redis()
        for server in (postgres, redis):
            await asyncio.to_thread(server.start)
            stack.push_async_callback(asyncio.to_thread, server.close)
        built = Cluster(postgres, redis)
        built.folder = folder
        built.database = await asyncio.to_thread(postgres.database)
        for number in range(setting.nodes):
            await _add_node(built, stack, number, setting)
        await built.run("migrate")
        await asyncio.gather(*(node.start() for node in built.nodes))
        yield built


async def _add_node(built: Cluster, stack: AsyncExitStack, number: int, setting: Setting) -> None:
    redis_wire = await stack.enter_async_context(FaultProxy(built.redis.port))
    postgres_wire = await stack.enter_async_context(FaultProxy(built.postgres.port))
    own = built.folder / f"node{number}"
    own.mkdir()
    env = {
        "REALTIME_DATABASE_URL": built.database.replace(
            f":{built.postgres.port}/", f":{postgres_wire.port}/"
        ),
        "REALTIME_REDIS_URL": f"redis://127.0.0.1:{redis_wire.port}/0",
        "REALTIME_SECRET_KEYS": KEY,
        "REALTIME_UPLOADS": str(built.folder / "uploads"),
        "REALTIME_RATE_LIMITS": "off",
        "REALTIME_RECONCILE_S": str(setting.reconcile_s),
        **setting.env,
    }
    node = Node(own, env, setting.planted)
    built.nodes.append(node)
    built.redis_wires.append(redis_wire)
    built.postgres_wires.append(postgres_wire)
    stack.push_async_callback(_end, node)
    if setting.client_wires:
        wire = await stack.enter_async_context(FaultProxy(node.port))
        built.client_wires.append(wire)


async def _end(node: Node) -> None:
    # If it had to be killed, whoever judges finds out from its log.
    with contextlib.suppress(TimeoutError):
        await node.leave()
