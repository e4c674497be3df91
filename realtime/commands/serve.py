"""`realtime serve`: one process or several, that leave politely."""

from __future__ import annotations

import asyncio
import gc
import logging
import math
import os
import random
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from types import FrameType
from typing import Any, Final

import uvicorn
from uvicorn.supervisors import multiprocess

from realtime.app import Application
from realtime.commands import lines
from realtime.commands.schema_up import bring_up
from realtime.config import BadSettings, Config
from realtime.errors import RESTARTING, Goodbye
from realtime.protocol import FRAME_BYTES

log = logging.getLogger(__name__)

FINISH_S: Final = 5.0  # for commands that wait
PER_SECOND: Final = 200  # sockets that should come back in a second: two busy cores greet more
LEAVE_S: Final = 10.0  # for all goodbyes; longer, and supervisors lose their patience
TICK_S: Final = 0.1  # between two handfuls of goodbyes
# New objects, young and middle collections until garbage is looked for; Python's own: 700, 10, 10.
GARBAGE: Final = 5_000, 5, 50
PROMISE_S: Final = 0.3  # by so much, and a reading of the log, the cursor of a goodbye is old
SOON_S: Final = 0.5  # at most, until who heard its goodbye comes back


class PoliteServer(uvicorn.Server):
    """Says goodbye to every socket before uvicorn closes them all at once."""

    _leaving: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open everything and listen."""
        await super().startup(sockets)
        # What is loaded by now stays. To look through all of it for garbage, again and again, would
        # stop every socket each time.
        gc.freeze()
        gc.set_threshold(*GARBAGE)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first signal begins the goodbye; a second Ctrl+C ends the process at once.

        A second SIGTERM does not: the parent of several workers sends its own after the terminal's.
        """
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            loop = None
        if loop is None or not self.started or (self._leaving and sig == signal.SIGINT):
            super().handle_exit(sig, frame)
        elif self._leaving is None:
            self._leaving = loop.create_task(self._leave(sig, frame), name="leaving")

    async def _leave(self, sig: int, frame: FrameType | None) -> None:
        application: Application = self.config.loaded_app.state.application
        application.is_leaving = True
        endpoint = application.endpoint
        endpoint.is_closing = True
        connections = list(endpoint.connections)
        if connections:
            log.info("saying goodbye to %d sockets", len(connections))
        leaving: list[asyncio.Task[None]] = []
        first = asyncio.create_task(application.promise(), name="promise")
        await asyncio.wait([first], timeout=PROMISE_S)
        promising = asyncio.create_task(_promise(application), name="promising")
        # Who has not been greeted has been away already, and was sent here from another process.
        for size, longest_s in handfuls(len(connections)):
            for one in connections[len(leaving) : len(leaving) + size]:
                goodbye = _goodbye(longest_s if one.is_greeted else TICK_S)
                farewell = one.finish(goodbye, FINISH_S)
                leaving.append(asyncio.create_task(farewell, name="farewell"))
            await asyncio.sleep(TICK_S)
        await asyncio.gather(*leaving, return_exceptions=True)
        promising.cancel()
        super().handle_exit(sig, frame)


class PoliteProcess(multiprocess.Process):
    """A worker of several, with a server that leaves politely."""

    @property
    def server(self) -> uvicorn.Server:
        """The server of this worker, made in the worker."""
        if self._server is None:
            self._server = PoliteServer(self.config)
        return self._server

    def target(self, sockets: list[socket.socket] | None = None) -> None:
        """What the worker runs."""
        configure_logging()
        super().target(sockets)


def handfuls(sockets: int) -> Iterator[tuple[int, float]]:
    """How many sockets hear their goodbye in each tick, and when the last of them should be back,
    in seconds.

    A socket is away for a moment only, however many there are: they leave one handful after the
    other. What LEAVE_S is too short for comes back later instead, no faster than PER_SECOND.
    """
    ticks = max(1, min(round(LEAVE_S / TICK_S), math.ceil(sockets / (PER_SECOND * TICK_S))))
    longest_s = max(SOON_S, sockets / PER_SECOND - (ticks - 1) * TICK_S)
    for tick in range(ticks):
        yield sockets * (tick + 1) // ticks - sockets * tick // ticks, longest_s


async def _promise(application: Application) -> None:
    """Move the cursors that goodbyes carry up to the present, again and again: whoever comes back
    with an old one is told once more what it has heard long ago, and that takes its time."""
    while True:
        await asyncio.sleep(PROMISE_S)
        await application.promise()


def _goodbye(longest_s: float) -> Goodbye:
    reason = "The server restarts. Come back in a moment."
    return Goodbye(RESTARTING, reason, retry_after=round(random.uniform(0.05, longest_s), 2))


def configure_logging() -> None:
    """Log lines of this process go to standard error."""
    lines.to_standard_error()
    # While PostgreSQL is away it would tell so with a page of its own insides each time.
    logging.getLogger("asyncpg.pool").addFilter(_in_one_line)
    # It writes two lines a socket, with the query string of its address.
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)


def _in_one_line(record: logging.LogRecord) -> bool:
    """Keep the sentence of a record, and of its exception only what it says."""
    if record.exc_info is not None and record.exc_info[1] is not None:
        record.msg = f"{record.getMessage()}: {record.exc_info[1]!r}"
        record.args, record.exc_info, record.exc_text = (), None, None
    return True


def serve(config: Config) -> int:
    """Serve until a signal comes; the exit status.

    Raises:
        BadSettings: the port is taken, or the database is not for us, with what to type.
    """
    configure_logging()
    # Once for all workers, and where a sentence is heard: a worker could only die of it.
    bring_up(config)
    listener = _listen(config)
    metrics_folder = None
    if config.workers > 1 and "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        metrics_folder = tempfile.mkdtemp(prefix="realtime-metrics-")
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = metrics_folder
    settings: dict[str, Any] = {
        "factory": True,
        "host": config.host,
        "port": config.port,
        "workers": config.workers,
        "http": "realtime.hub.fastlane:Http",
        "ws": "realtime.hub.fastlane:Socket",
        "ws_per_message_deflate": False,
        "ws_max_size": FRAME_BYTES,
        "ws_ping_interval": 20.0,
        "ws_ping_timeout": 20.0,
        "proxy_headers": False,
        "server_header": False,
        "access_log": False,
        "log_config": None,
        "timeout_graceful_shutdown": 10,
    }
    uvicorn_config = uvicorn.Config("realtime.app:create", **settings)
    log.info("realtime on http://%s:%d", config.host, listener.getsockname()[1])
    try:
        if config.workers == 1:
            server = PoliteServer(uvicorn_config)
            server.run(sockets=[listener])
            return 0 if server.started else 3
        # uvicorn offers no other way to say what a worker is.
        multiprocess.Process = PoliteProcess  # type: ignore[misc]
        multiprocess.Multiprocess(uvicorn_config, [listener]).run()
        return 0
    finally:
        if metrics_folder is not None:
            shutil.rmtree(metrics_folder, ignore_errors=True)


def _listen(config: Config) -> socket.socket:
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    # asyncio writes at once (TCP_NODELAY) only where the protocol is named.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((config.host, config.port))
    except OSError as error:
        listener.close()
        raise BadSettings(
            f"Port {config.port} on {config.host} cannot be used ({error.strerror}). "
            f"Another one: make run PORT={config.port + 1}, or REALTIME_PORT={config.port + 1}."
        ) from None
    listener.listen(2048)
    listener.set_inheritable(True)
    return listener
