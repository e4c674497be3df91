"""Whether those answer with whom a process works: database, Redis, a server that runs."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from realtime.commands.address import address
from realtime.commands.finding import Finding, folder
from realtime.config import Config
from realtime.errors import Unavailable
from realtime.hub.bus import RedisBus
from realtime.store import checkup
from realtime.store.database import Database, UnfitDatabase
from realtime.store.migrate import migrations

SKEW_MS: Final = 2_000  # clocks may differ by so much
SLOW_MS: Final = 50.0  # for one question to the database
_MAGIC: Final = b"SQLite format 3\0"
_CONNECT_S: Final = 2.0
_READY_S: Final = 6.0  # it probes for as long


async def database(config: Config) -> AsyncIterator[Finding]:
    is_file = config.database_url.startswith("sqlite")
    if is_file:
        for finding in folder("disk", file(config).absolute().parent):
            yield finding
            if finding.state == "wrong":
                return
        if not file(config).exists():
            yield Finding("database", "ok", f"{file(config)} will be made by the first start")
            return
        if not _is_database(file(config)):
            words = f"{file(config)} is no SQLite database."
            yield Finding("database", "wrong", words, "Name another one: REALTIME_DATABASE_URL.")
            return
    try:
        database = await Database.connect(config.database_url, pool=1)
    except (Unavailable, UnfitDatabase) as error:
        yield Finding("database", "wrong", f"{_place(config)}: {error}", _database_remedy(config))
        return
    try:
        began = time.perf_counter()
        state = await checkup.state(database)
        took_ms = (time.perf_counter() - began) * 1000
        yield _answer(state, took_ms, config)
        yield await _clock(database, state)
        yield await _migrations(database)
    except Unavailable as error:
        yield Finding("database", "wrong", f"{_place(config)}: {error}", _database_remedy(config))
    finally:
        await database.close()


def _is_database(path: Path) -> bool:
    with path.open("rb") as opened:
        return opened.read(len(_MAGIC)) in (_MAGIC, b"")


def _answer(state: checkup.State, took_ms: float, config: Config) -> Finding:
    words = f"{state.version} at {_place(config)}, answers in {took_ms:.0f} ms"
    if not state.is_durable:
        return Finding(
            "database",
            "wrong",
            f"{words}, but forgets commits when the machine falls: `ok` would be a lie.",
            "In postgresql.conf: fsync = on, synchronous_commit = on",
        )
    needed = config.workers * config.pool
    if state.connections is not None and needed > state.connections - 5:
        room = f"{needed} connections are needed, {state.connections} allowed"
        return Finding("database", "wrong", f"{words}; {room}.", f"max_connections = {needed + 20}")
    if took_ms > SLOW_MS:
        remedy = "It should be near: every page and post asks it several times."
        return Finding("database", "note", words, remedy)
    return Finding("database", "ok", words)


async def _clock(database: Database, state: checkup.State) -> Finding:
    now_ms = time.time_ns() // 1_000_000
    skew_ms = now_ms - state.now_ms
    if abs(skew_ms) > SKEW_MS:
        words = f"This machine and the database differ by {abs(skew_ms) / 1000:.1f} s."
        return Finding("clock", "wrong", words, "timedatectl set-ntp true (on both)")
    ahead_ms = 0
    if await checkup.applied(database):
        ahead_ms = await checkup.newest_ms(database) - now_ms
    if ahead_ms > SKEW_MS:
        words = f"The newest change is from {ahead_ms / 1000:.0f} s in the future: a clock was set."
        return Finding("clock", "wrong", words, "timedatectl set-ntp true")
    return Finding("clock", "ok", f"{abs(skew_ms)} ms from the database's")


async def _migrations(database: Database) -> Finding:
    known = migrations(files("realtime.store") / "migrations", database.dialect)
    applied = await checkup.applied(database)
    names = [migration.name for migration in known]
    if applied == names:
        return Finding("migrations", "ok", f"all {len(names)} done")
    if applied == names[: len(applied)]:
        words = f"{len(names) - len(applied)} to do; the next start does them"
        return Finding("migrations", "note", words, "realtime migrate")
    if applied[: len(names)] == names:
        words = f"The database is at {len(applied)}, this code knows {len(names)}."
        return Finding("migrations", "wrong", words, "Start the newer version of realtime.")
    words = "This is another program's database."
    return Finding("migrations", "wrong", words, "REALTIME_DATABASE_URL=<an empty database>")


async def buses(config: Config) -> AsyncIterator[Finding]:
    if not config.redis_urls:
        yield Finding("redis", "ok", "none: messages stay in the one process")
    for url in config.redis_urls:
        yield await _bus(url)


async def _bus(url: str) -> Finding:
    """A connection, then a message to oneself through pub/sub, as a server sends it."""
    parts = urlsplit(url)
    place = parts.path if parts.scheme == "unix" else f"{parts.hostname}:{parts.port or 6379}"
    try:
        async with asyncio.timeout(_CONNECT_S):
            if parts.scheme == "unix":
                _, writer = await asyncio.open_unix_connection(parts.path)
            else:
                _, writer = await asyncio.open_connection(parts.hostname, parts.port or 6379)
            writer.close()
    except OSError as error:  # time-outs are among them
        words = f"Nobody answers at {place} ({_reason(error)})."
        return Finding("redis", "wrong", words, "redis-server, or unset REALTIME_REDIS_URL")
    bus = RedisBus([url])
    await bus.start(lambda messages: None, on_reconnect=lambda: None)
    try:
        began = time.perf_counter()
        came_back = await bus.probe()
        took_ms = (time.perf_counter() - began) * 1000
    finally:
        await bus.stop()
    if came_back:
        return Finding("redis", "ok", f"{place}, there and back in {took_ms:.1f} ms")
    return Finding(
        "redis",
        "wrong",
        f"Somebody answers at {place}, but a message did not come back through pub/sub.",
        f"redis-cli -h {parts.hostname} ping. A password goes into the URL "
        "(redis://user:password@host); a restricted user needs +publish +subscribe and &rt:*",
    )


def server(config: Config) -> Finding:
    """Whether a server runs there already, and how it is."""
    url = address(config)
    try:
        status, body = _asked(url)
    except ConnectionRefusedError:
        return Finding("server", "ok", f"none runs on {url}, and the port is free")
    except OSError as error:
        return Finding("server", "note", f"{url} does not answer ({_reason(error)}).")
    except (ValueError, HTTPException):
        return _stranger(config)
    if status == HTTPStatus.OK and body.get("status") == "ready":
        return Finding("server", "ok", f"one runs on {url}, and is ready")
    if status == HTTPStatus.SERVICE_UNAVAILABLE and body.get("checks"):
        words = f"The one on {url} is not ready: {' '.join(body['checks'].values())}"
        return Finding("server", "wrong", words, "See its log, and what else is wrong here.")
    return _stranger(config)


def _asked(url: str) -> tuple[int, dict[str, Any]]:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=_READY_S)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        body = json.loads(answer.read(65_536))
    finally:
        connection.close()
    return answer.status, body if isinstance(body, dict) else {}


def _stranger(config: Config) -> Finding:
    words = f"Another program uses port {config.port} of {config.host}."
    return Finding("server", "wrong", words, f"make run PORT={config.port + 1}")


def _reason(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return os.strerror(error.errno) if error.errno else str(error)


def file(config: Config) -> Path:
    """The embedded database."""
    return Path(config.database_url.removeprefix("sqlite:///"))


def _place(config: Config) -> str:
    """Without user and password."""
    parts = urlsplit(config.database_url)
    if parts.scheme == "sqlite":
        return str(file(config))
    return f"{parts.hostname}:{parts.port or 5432}{parts.path}"


def _database_remedy(config: Config) -> str:
    parts = urlsplit(config.database_url)
    if parts.scheme == "sqlite":
        return f"sqlite3 {file(config)} 'PRAGMA integrity_check'"
    return f'psql "postgresql://{parts.hostname}:{parts.port or 5432}{parts.path}" -c "SELECT 1"'
