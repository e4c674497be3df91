"""The connections to the database: reads on any of them, writes in transactions that cannot leak.

PostgreSQL's pool belongs to `databases`, and so do SQLite's kept connections: one that writes,
three that read. Statements go to the drivers beneath (asyncpg, aiosqlite), which is twice as fast.
Rows are dicts. SQLite has no booleans and no lists: `bool(row["deleted"])` and a list's JSON text
are the reader's to convert; PostgreSQL returns True and lists.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextvars import ContextVar
from typing import Any, Protocol, TypeVar

import databases

from realtime import metrics
from realtime.errors import Unavailable
from realtime.store.failure import (
    DRIVER_ERRORS,
    Lost,
    OutcomeUnknown,
    UnfitDatabase,
    UniqueViolation,
    is_repeatable,
    is_unavailable,
    raise_explained,
)
from realtime.store.postgresql import Postgres
from realtime.store.sqlite import Sqlite
from realtime.store.statement import BadBind, Dialect, Statement, prepare
from realtime.store.tx import Progress, Row, Tx, first_value

__all__ = [
    "BadBind",
    "Database",
    "OutcomeUnknown",
    "Row",
    "Tx",
    "UnfitDatabase",
    "UniqueViolation",
    "is_unavailable",
]

T = TypeVar("T")
log = logging.getLogger(__name__)

PAUSES_S = (0.005, 0.02, 0.08)  # before each repeat
DEADLINE_S: dict[Dialect, float] = {"postgresql": 3.5, "sqlite": 10.0}
CLOSE_S = 5.0

_inside: ContextVar[Tx | None] = ContextVar("realtime_tx", default=None)


class _Engine(Protocol):
    dialect: Dialect
    url: str
    options: dict[str, Any]

    async def open(self, source: databases.Database) -> None: ...

    async def close(self) -> None: ...

    async def read(self, statement: Statement, arguments: Any) -> list[dict[str, Any]]: ...

    async def read_by(
        self, deed: Callable[[Tx], Coroutine[Any, Any, T]], progress: Progress
    ) -> T: ...

    async def transact(
        self,
        deed: Callable[[Tx], Coroutine[Any, Any, T]],
        progress: Progress,
        deadline_s: float,
        *,
        straight: bool,
    ) -> T: ...


class Database:
    """The one database of this process; opened and closed in the app's lifespan.

    Every method raises Unavailable, after the deadline at the latest, when the database is down,
    full, frozen or too busy; it is used again as soon as it is back. Inside of a deed the methods
    of its `Tx` are the only ones: there these raise RuntimeError, as they would wait for
    themselves.
    """

    def __init__(self, engine: _Engine, deadline_s: float) -> None:
        self.dialect: Dialect = engine.dialect
        self.deadline_s = deadline_s
        self._engine = engine
        self._running: set[asyncio.Task[Any]] = set()
        self._is_open = True

    @classmethod
    async def connect(
        cls, url: str, *, pool: int = 10, deadline_s: float | None = None
    ) -> Database:
        """Open `postgresql://...` with at most `pool` connections, or the file `sqlite:///...`.

        `deadline_s` bounds every call: 3.5 for PostgreSQL, 10 for SQLite, whose writers queue.

        Raises:
            Unavailable: it is down.
            UnfitDatabase: the address, the server's version or the file is not for us.
        """
        engine: _Engine
        scheme = url.partition(":")[0]
        if scheme in ("postgresql", "postgres"):
            deadline_s = deadline_s or DEADLINE_S["postgresql"]
            engine = Postgres(url, pool, deadline_s)
        elif scheme == "sqlite":
            deadline_s = deadline_s or DEADLINE_S["sqlite"]
            engine = Sqlite(url, deadline_s)
        else:
            raise UnfitDatabase(
                f"{scheme}: is no known database: write postgresql://... or sqlite:///..."
            )
        try:
            await engine.open(databases.Database(engine.url, **engine.options))
        except DRIVER_ERRORS as error:
            raise_explained(error)
        return cls(engine, deadline_s)

    async def close(self) -> None:
        """Let what runs come to its end for a few seconds, then close every connection."""
        self._is_open = False
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=CLOSE_S)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=CLOSE_S)
        await self._engine.close()

    async def fetch_all(self, sql: str, values: Mapping[str, Any] = {}) -> list[Row]:
        """The rows of one reading statement, outside of transactions, in their order."""
        return [*await self._read(sql, values)]

    async def fetch_one(self, sql: str, values: Mapping[str, Any] = {}) -> Row | None:
        """The first row, None without one."""
        rows = await self._read(sql, values)
        return rows[0] if rows else None

    async def fetch_val(self, sql: str, values: Mapping[str, Any] = {}) -> Any:
        """The first column of the first row, None without a row."""
        return first_value(await self._read(sql, values))

    async def read(self, deed: Callable[[Tx], Coroutine[Any, Any, T]]) -> T:
        """Run `deed`, which only reads and awaits nothing but its `Tx`; its result.

        All its statements go over one connection. SQLite runs all of it in a reader's thread, in
        one go and of one moment; on PostgreSQL each statement is of its own, as with `fetch_all`.
        It may be run again, as in `run_tx`.
        """
        self._refuse_inside()
        progress = Progress()

        async def counted(tx: Tx) -> T:
            token = _inside.set(tx)
            try:
                return await deed(tx)
            finally:
                _inside.reset(token)
                metrics.reads.inc(tx.asked)

        async def once() -> T:
            return await self._engine.read_by(counted, progress)

        return await self._bounded(_persistent(once), self.deadline_s, progress)

    async def run_tx(
        self,
        deed: Callable[[Tx], Awaitable[T]],
        *,
        deadline_s: float | None = None,
        straight: bool = False,
    ) -> T:
        """Run `deed` in one transaction, the only way to write; its result, after the commit.

        The deed holds only SQL, and may be run again from its start (up to three times more) when
        it met another transaction or lost its connection: what it keeps outside of the database it
        must set, not add to. What it raises rolls everything back. A caller that is cancelled
        leaves the deed running to its commit, in a task of its own.

        `straight`: the deed awaits nothing but its transaction, and so SQLite runs all of it in
        the writer's thread, in one go. It saves the way there and back for each statement.

        Raises:
            Unavailable: nothing was changed.
            OutcomeUnknown: the connection broke during COMMIT; either all was changed or nothing.
            UniqueViolation: nothing was changed.
        """
        self._refuse_inside()
        limit_s = deadline_s or self.deadline_s
        progress = Progress()

        async def marked(tx: Tx) -> T:
            token = _inside.set(tx)
            try:
                return await deed(tx)
            finally:
                _inside.reset(token)

        async def once() -> T:
            return await self._engine.transact(marked, progress, limit_s, straight=straight)

        return await self._bounded(_persistent(once), limit_s, progress)

    async def _read(self, sql: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        self._refuse_inside()
        metrics.reads.inc()
        statement = prepare(sql, self.dialect)
        arguments = statement.arguments(values)

        async def once() -> list[dict[str, Any]]:
            return await self._engine.read(statement, arguments)

        return await self._bounded(_persistent(once), self.deadline_s, Progress())

    async def _bounded(self, work: Coroutine[Any, Any, T], limit_s: float, progress: Progress) -> T:
        """Await `work` for `limit_s` in a task of its own, which outlives a cancelled caller."""
        if not self._is_open:
            work.close()
            raise Unavailable("The database is closed.")
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        try:
            await asyncio.wait((task,), timeout=limit_s)
        except asyncio.CancelledError:
            task.add_done_callback(_log_failure)
            raise
        if task.cancelled():  # a time-out that met its own success, or `close`
            raise Unavailable("The database was given up.")
        if task.done():
            return task.result()
        task.add_done_callback(_ignore_failure)
        if not progress.give_up():
            raise OutcomeUnknown(f"The database did not confirm a commit within {limit_s:g} s.")
        task.cancel()
        raise Unavailable(f"The database did not answer within {limit_s:g} s.")

    def _refuse_inside(self) -> None:
        tx = _inside.get()
        if tx is not None and tx.is_open:
            raise RuntimeError("Inside of a deed only its own transaction may be used.")


async def _persistent(once: Callable[[], Awaitable[T]]) -> T:
    """Run `once`, and again where that may help."""
    for pause_s in PAUSES_S:
        try:
            return await once()
        except (*DRIVER_ERRORS, Lost) as error:
            if not is_repeatable(error):
                raise_explained(error)
            log.info("repeating after %s", type(error).__name__)
        await asyncio.sleep(pause_s * (0.5 + random.random()))
    try:
        return await once()
    except DRIVER_ERRORS as error:
        raise_explained(error)


def _log_failure(task: asyncio.Task[Any]) -> None:
    """Nobody awaits this result any more, so its failure is told here or never."""
    error = None if task.cancelled() else task.exception()
    if error is not None:
        log.warning("failed after its caller was gone: %r", error)


def _ignore_failure(task: asyncio.Task[Any]) -> None:
    if not task.cancelled():
        task.exception()
