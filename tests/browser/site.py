"""The product as a browser meets it: a process that can be stopped, started and kept waiting."""

from __future__ import annotations

import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tests.binaries import temporary_folder
from tests.services import Server

HOST = "127.0.0.1"

ROOT = Path(__file__).parent.parent.parent
KEY = "a-key-for-tests-of-at-least-32-characters"


class Site(Server):
    """One process, with SQLite unless the address of a database is given; people, posts and
    pictures outlive `stop` and `kill`.

    Nobody is held to rates.
    """

    default_port = 8000
    polite = signal.SIGTERM

    def __init__(self, database_url: str | None = None) -> None:
        super().__init__()
        self._database_url = database_url

    @property
    def url(self) -> str:
        """Where the page is, without a slash at its end."""
        return f"http://{HOST}:{self._port}"

    def revive(self) -> None:
        """Have it running and answering, also after `stop`, `pause` and `kill`."""
        if not self._answers():
            self.kill()
            self.start()

    @contextmanager
    def busy(self) -> Iterator[None]:
        """While the body runs, whatever would be written is refused as `unavailable`."""
        assert self.folder is not None
        with closing(sqlite3.connect(self.folder / "site.db", isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            yield
            writer.execute("ROLLBACK")

    def _prepare(self) -> Path:
        if not (ROOT / "static/index.html").exists():
            raise RuntimeError("There is no page to show. Type `make build`.")
        return temporary_folder("realtime-site-")

    def _command(self) -> list[str]:
        assert self.folder is not None
        settings = {
            "PYTHONPATH": ROOT,
            "REALTIME_DATABASE_URL": self._database_url or f"sqlite:///{self.folder / 'site.db'}",
            "REALTIME_UPLOADS": self.folder / "uploads",
            "REALTIME_SECRET_KEYS": KEY,
            "REALTIME_RATE_LIMITS": "off",
            "REALTIME_REDIS_URL": "",
            "REALTIME_RECONCILE_S": "2",
        }
        variables = [f"{name}={value}" for name, value in settings.items()]
        serve = [sys.executable, "-m", "realtime", "serve", "--host", HOST]
        return ["env", *variables, *serve, "--port", str(self._port)]

    def _answers(self) -> bool:
        with suppress(OSError, HTTPException):
            connection = HTTPConnection(HOST, self._port, timeout=5)
            try:
                connection.request("GET", "/readyz")
                return connection.getresponse().status == 200
            finally:
                connection.close()
        return False
