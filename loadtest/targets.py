"""The servers that can be measured: the product, whole, and its peers, each on the first core."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from loadtest import cores, sparse, wires
from loadtest.crowd import Crowd, Failed
from loadtest.ledger import Ledger
from loadtest.peers import install
from loadtest.sparse import Graph
from loadtest.wires import Wire
from tests.deployments import KEY
from tests.ports import free_port
from tests.services import Postgres, Redis

ROOT: Final = Path(__file__).parent.parent
READY_S: Final = 30.0
FIXTURE_S: Final = 600.0


@dataclass(frozen=True, slots=True)
class Target:
    """A server that runs. `process` is the one that the followers are connected to."""

    name: str
    port: int
    wire: Wire
    process: cores.Process
    author_port: int  # another process' where posts go through a bus
    writer: cores.Process | None = None  # that process
    graph: Graph | None = None  # who follows whom, if not everybody the one author

    @property
    def cpu_s(self) -> float:
        """Seconds of processor time that the server has used so far, in all its processes."""
        return self.process.cpu_s + (self.writer.cpu_s if self.writer is not None else 0.0)


def environment(folder: Path, database_url: str | None = None) -> dict[str, str]:
    """The product's settings and nobody else's."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("REALTIME_")}
    return {
        **clean,
        "PYTHONPATH": str(ROOT),
        "REALTIME_DATABASE_URL": database_url or f"sqlite:///{folder}/fanout.db",
        "REALTIME_UPLOADS": str(folder / "uploads"),
        "REALTIME_SECRET_KEYS": KEY,
        "REALTIME_RATE_LIMITS": "off",
    }


def people(folder: Path, env: Mapping[str, str], count: int) -> list[str]:
    """The cookies of so many people; all follow the first one."""
    cookies = folder / "cookies"
    fixture = (sys.executable, "-m", "realtime", "fixture", "--users", str(count), "--star")
    subprocess.run(
        (*fixture, "--cookies", str(cookies)),
        cwd=folder,
        env=dict(env),
        check=True,
        capture_output=True,
        timeout=FIXTURE_S,
    )
    lines = cookies.read_text(encoding="utf-8").splitlines()
    return [line.split("\t")[2] for line in lines]


@contextmanager
def served(
    folder: Path, env: Mapping[str, str], log: str = "log"
) -> Iterator[tuple[int, cores.Process]]:
    """`realtime serve`, ready, on the first core; its port."""
    port = free_port()
    command = (sys.executable, "-m", "realtime", "serve", "--port", str(port))
    process = cores.Process(command, folder=folder, env=env, core=cores.cores()[0], log=log)
    try:
        _until_ready(process, f"http://127.0.0.1:{port}/readyz")
        yield port, process
    finally:
        process.stop()


@contextmanager
def product(folder: Path, followers: int) -> Iterator[Target]:
    """SQLite and nothing else: what `make run` starts."""
    env = environment(folder)
    cookies = people(folder, env, followers + 1)
    with served(folder, env) as (port, process):
        yield Target("realtime", port, wires.product(port, cookies[:1], cookies[1:]), process, port)


@functools.cache
def _sparse_world(readers: int) -> tuple[Path, Sequence[str], Sequence[str], Graph]:
    """A filled database to copy; the cookies of authors and of readers; who follows whom."""
    folder = tempfile.TemporaryDirectory(prefix="fanout-sparse-")
    atexit.register(folder.cleanup)
    path = Path(folder.name) / "sparse.db"
    return path, *sparse.build(f"sqlite:///{path}", readers, KEY)


@contextmanager
def sparsely(folder: Path, followers: int) -> Iterator[Target]:
    """SQLite; each follower follows 200 people, and each of many authors has some 20 of them."""
    env = environment(folder)
    template, authors, readers, graph = _sparse_world(followers)
    shutil.copy(template, folder / "fanout.db")
    with served(folder, env) as (port, process):
        wire = wires.product(port, authors, readers)
        yield Target("realtime, sparse", port, wire, process, port, graph=graph)


@contextmanager
def postgres(folder: Path, followers: int) -> Iterator[Target]:
    """PostgreSQL, as durable as in production; one process, no Redis."""
    with Postgres(durable=True) as database:
        _keep_off(database.pid)
        env = environment(folder, database.database())
        cookies = people(folder, env, followers + 1)
        with served(folder, env) as (port, process):
            wire = wires.product(port, cookies[:1], cookies[1:])
            yield Target("realtime, PostgreSQL", port, wire, process, port)


@contextmanager
def redis(folder: Path, followers: int) -> Iterator[Target]:
    """PostgreSQL and Redis: the author's process and the followers' are two."""
    with ExitStack() as stack:
        database = stack.enter_context(Postgres(durable=True))
        bus = stack.enter_context(Redis())
        _keep_off(database.pid, bus.pid)
        env = environment(folder, database.database()) | {"REALTIME_REDIS_URL": bus.url}
        cookies = people(folder, env, followers + 1)
        port, process = stack.enter_context(served(folder, env))
        other, writer = stack.enter_context(served(folder, env, "log-author"))
        _keep_off(writer.pid)
        wire = wires.product(port, cookies[:1], cookies[1:])
        yield Target("realtime, through Redis", port, wire, process, other, writer)


@functools.cache
def event_bytes() -> int:
    """How long the product's own event of a post is, as a follower hears it: what peers carry.

    Raises:
        Failed: the product says nothing.
    """
    with (
        tempfile.TemporaryDirectory(prefix="fanout-") as folder,
        product(Path(folder), 1) as target,
    ):
        crowd, heard = Crowd(target.port, Ledger(), busy=False), bytearray()
        try:
            follower, author = crowd.open([target.wire.follower(0), target.wire.author(0)])
            crowd.listen(follower, heard.extend)
            crowd.listen(author, lambda _: None)
            crowd.send(author, target.wire.post(0))
            until = time.monotonic() + READY_S
            while (size := wires.payload_bytes(heard, 0)) is None:
                crowd.turn(0.05)
                if time.monotonic() > until:
                    raise Failed("the product does not deliver a single post")
        finally:
            crowd.close()
    return size


@contextmanager
def _peer(
    name: str,
    folder: Path,
    command: list[str],
    wire: Callable[[int, int], Wire],
    port: int,
    **env: str,
) -> Iterator[Target]:
    size = event_bytes()
    process = cores.Process(
        command, folder=folder, env={**os.environ, **env}, core=cores.cores()[0]
    )
    try:
        _until_open(process, port)
        yield Target(name, port, wire(port, size), process, port)
    finally:
        process.stop()


@contextmanager
def bare(folder: Path, _followers: int) -> Iterator[Target]:
    """One `send` for each delivery and not a byte of protocol."""
    port, command = free_port(), install.bare()
    name = "Python, bare sends" if command[0] == sys.executable else "C, bare sends"
    with _peer(name, folder, [*command, str(port)], wires.bare, port) as target:
        yield target


@contextmanager
def ws(folder: Path, _followers: int) -> Iterator[Target]:
    """Node's `ws`."""
    port = free_port()
    with _peer("Node ws", folder, [*install.node("ws"), str(port)], wires.plain, port) as target:
        yield target


@contextmanager
def socketio(folder: Path, _followers: int) -> Iterator[Target]:
    """Socket.IO, in memory."""
    port = free_port()
    command = [*install.node("socketio"), str(port)]
    with _peer("Socket.IO", folder, command, wires.socketio, port) as target:
        yield target


@contextmanager
def socketio_redis(folder: Path, _followers: int) -> Iterator[Target]:
    """Socket.IO with its Redis adapter."""
    command = install.node("socketio")
    with Redis() as bus:
        _keep_off(bus.pid)
        port = free_port()
        words = [*command, str(port), bus.url]
        with _peer("Socket.IO with Redis", folder, words, wires.socketio, port) as target:
            yield target


@contextmanager
def channels(folder: Path, _followers: int) -> Iterator[Target]:
    """Django Channels."""
    port, programs = free_port(), install.python("channels")
    serve = ("app:application", "--port", str(port), "--backlog", "4096", "--lifespan", "off")
    flags = ("--ws-per-message-deflate", "false", "--log-level", "warning")
    command = [str(programs / "uvicorn"), *serve, *flags]
    place = str(install.HERE / "channels")
    with _peer("Django Channels", folder, command, wires.plain, port, PYTHONPATH=place) as target:
        yield target


@contextmanager
def nats(folder: Path, _followers: int) -> Iterator[Target]:
    """nats-server."""
    port, programs = free_port(), install.python("nats")
    command = [str(programs / "nats-server"), "-a", "127.0.0.1", "-p", str(port)]
    with _peer("nats-server", folder, command, wires.nats, port, GOMAXPROCS="1") as target:
        yield target


TARGETS: Final = {
    "realtime": product,
    "sparse": sparsely,
    "postgres": postgres,
    "redis": redis,
    "bare": bare,
    "ws": ws,
    "socketio": socketio,
    "socketio-redis": socketio_redis,
    "channels": channels,
    "nats": nats,
}


def _keep_off(*pids: int) -> None:
    """What the server asks runs on the generator's core, as it would on another machine."""
    for pid in pids:
        cores.pin(pid, cores.cores()[-1])


def _until_ready(process: cores.Process, url: str) -> None:
    until = time.monotonic() + READY_S
    while time.monotonic() < until and process.is_alive:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise Failed(f"the server did not start:\n{process.log}")


def _until_open(process: cores.Process, port: int) -> None:
    until = time.monotonic() + READY_S
    while time.monotonic() < until and process.is_alive:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise Failed(f"the peer did not start:\n{process.log}")
