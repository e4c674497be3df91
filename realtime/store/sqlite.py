"""SQLite: one kept connection that writes, in turn, and a few that read beside it."""

from __future__ import annotations

import asyncio
import logging
import re
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import unquote, urlsplit

from realtime.errors import Unavailable
from realtime.store.failure import UnfitDatabase, raise_explained
from realtime.store.statement import Dialect, Statement
from realtime.store.tx import Progress, Source, Tx

T = TypeVar("T")
log = logging.getLogger(__name__)

READERS: Final = 3
BUSY_S: Final = 3.0  # waiting for another process to end its transaction
OLDEST: Final = (3, 39, 0)  # IS NOT DISTINCT FROM
_COMMENT: Final = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
UNDO_TRIES: Final = 3
PRAGMAS: Final = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA synchronous = FULL",  # a commit is on the disk
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA wal_autocheckpoint = 4000",  # pages: rarer, so what changes often is copied once
    "PRAGMA cache_size = -16000",
    "PRAGMA temp_store = MEMORY",
)


@dataclass(frozen=True, slots=True)
class _Kept:
    """One connection that stays open, as its three owners know it."""

    lent: Any  # by `databases`
    raw: Any  # of aiosqlite: a thread
    beneath: sqlite3.Connection

    async def ask(self, sql: str, arguments: Any = ()) -> list[dict[str, Any]]:
        """The rows of one statement. A caller that gives up stops it."""
        try:
            rows = await self.raw.execute_fetchall(sql, arguments)
        except asyncio.CancelledError:
            self.beneath.interrupt()
            raise
        except sqlite3.Error as error:
            raise_explained(error)
        return _dicts(rows)


class Sqlite:
    """Reads on any reader, transactions one after another on the writer."""

    dialect: Dialect = "sqlite"

    def __init__(self, url: str, deadline_s: float) -> None:
        address = urlsplit(url)
        path = unquote(address.path[1:])
        if address.netloc or address.query or address.fragment or path in ("", ":memory:"):
            raise UnfitDatabase(
                f"{url} is not a file: write sqlite:///name.db, or sqlite:////folder/name.db."
            )
        self.url = url
        self.options: dict[str, Any] = {
            "factory": self._opened,
            "timeout": BUSY_S,
            "cached_statements": 1024,
        }
        self._path = Path(path)
        self._deadline_s = deadline_s
        self._newest: sqlite3.Connection | None = None
        self._source: Source | None = None
        self._writer: _Kept | None = None
        self._writing = asyncio.Lock()
        self._readers: asyncio.LifoQueue[_Kept] = asyncio.LifoQueue()

    async def open(self, source: Source) -> None:
        """Open the file, or make one that only its owner can read.

        Raises:
            UnfitDatabase: SQLite itself is too old.
        """
        if sqlite3.sqlite_version_info < OLDEST:
            raise UnfitDatabase(
                f"SQLite {sqlite3.sqlite_version} is too old: 3.39 or newer is needed."
            )
        self._source = source
        await source.connect()
        try:
            self._path.touch(mode=0o600)
            self._writer = await self._keep()
            for _ in range(READERS):
                reader = await self._keep()
                self._readers.put_nowait(reader)
                await reader.ask("PRAGMA query_only = ON")
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Close every connection. Nothing may run any more: an open one keeps the process alive."""
        kept = [self._readers.get_nowait() for _ in range(self._readers.qsize())]
        if self._writer is not None:
            kept.append(self._writer)
        self._writer = None
        for each in kept:
            await each.lent.__aexit__(None, None, None)
        if self._source is not None:
            await self._source.disconnect()

    async def read(self, statement: Statement, arguments: Any) -> list[dict[str, Any]]:
        """The rows of one statement outside of transactions."""
        async with asyncio.timeout(self._deadline_s):
            reader = await self._readers.get()
            try:
                return await reader.ask(statement.text, arguments)
            finally:
                self._readers.put_nowait(reader)

    async def read_by(self, deed: Callable[[Tx], Coroutine[Any, Any, T]], progress: Progress) -> T:
        """The result of `deed`, run in a reader's thread, of one moment of the database."""
        async with asyncio.timeout(self._deadline_s):
            reader = await self._readers.get()
            try:
                return await _straight(reader, deed, progress, writes=False)
            finally:
                self._readers.put_nowait(reader)

    async def transact(
        self,
        deed: Callable[[Tx], Coroutine[Any, Any, T]],
        progress: Progress,
        deadline_s: float,
        *,
        straight: bool = False,
    ) -> T:
        """Run `deed` in a transaction and commit it: then it is on the disk.

        `straight`: all of it in the writer's thread, the deed too.
        """
        async with self._alone(deadline_s) as writer:
            if straight:
                return await _straight(writer, deed, progress)
            tx = Tx(_Line(writer))
            try:
                # At once the writer: a plain BEGIN fails when it wants to write after others did.
                await writer.ask("BEGIN IMMEDIATE")
                result = await deed(tx)
                if tx.failure is not None:
                    raise tx.failure
                tx.is_open = False
                progress.commit()
                await _commit(writer)
                progress.committed()
            except BaseException:
                await _roll_back(writer)
                raise
            finally:
                tx.is_open = False
            return result

    @asynccontextmanager
    async def _alone(self, deadline_s: float) -> AsyncIterator[_Kept]:
        async with asyncio.timeout(deadline_s):
            await self._writing.acquire()
        try:
            if self._writer is None:
                raise Unavailable("The database is closed.")
            yield self._writer
        finally:
            self._writing.release()

    async def _keep(self) -> _Kept:
        assert self._source is not None
        # `databases` has one connection for each task, so a kept one is opened by its own.
        lent = await asyncio.create_task(_entered(self._source))
        assert self._newest is not None
        return _Kept(lent, lent.raw_connection, self._newest)

    def _opened(self, *args: Any, **kwargs: Any) -> sqlite3.Connection:
        """The factory given to sqlite3; runs in the connection's thread."""
        connection = sqlite3.Connection(*args, **kwargs)
        try:
            _write_ahead(connection)
            for pragma in PRAGMAS:
                connection.execute(pragma)
        except BaseException:
            connection.close()
            raise
        connection.row_factory = sqlite3.Row
        self._newest = connection
        return connection


class _Line:
    dialect: Dialect = "sqlite"

    def __init__(self, kept: _Kept) -> None:
        self._kept = kept

    async def ask(self, statement: Statement, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        return await self._kept.ask(statement.text, statement.arguments(values))

    async def repeat(self, statement: Statement, many: Iterable[Mapping[str, Any]]) -> None:
        arguments = [statement.arguments(values) for values in many]
        try:
            async with self._kept.raw.executemany(statement.text, arguments):
                pass
        except sqlite3.Error as error:
            raise_explained(error)

    async def script(self, sql: str) -> None:
        for statement in statements(sql):
            await self._kept.ask(statement)


class _StraightLine:
    """The connection for a deed that runs in its thread: nothing here ever waits for the loop."""

    dialect: Dialect = "sqlite"

    def __init__(self, beneath: sqlite3.Connection, progress: Progress) -> None:
        self._beneath = beneath
        self._progress = progress

    async def ask(self, statement: Statement, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        self._progress.refuse()
        arguments = statement.arguments(values)
        try:
            return _dicts(self._beneath.execute(statement.text, arguments).fetchall())
        except sqlite3.Error as error:
            raise_explained(error)

    async def repeat(self, statement: Statement, many: Iterable[Mapping[str, Any]]) -> None:
        self._progress.refuse()
        arguments = [statement.arguments(values) for values in many]
        try:
            self._beneath.executemany(statement.text, arguments)
        except sqlite3.Error as error:
            raise_explained(error)

    async def script(self, sql: str) -> None:
        for statement in statements(sql):
            self._beneath.execute(statement)


async def _straight(
    kept: _Kept,
    deed: Callable[[Tx], Coroutine[Any, Any, T]],
    progress: Progress,
    *,
    writes: bool = True,
) -> T:
    """Run `deed` from BEGIN to COMMIT in the thread of `kept`; if it only reads, to ROLLBACK.

    A caller that gives up stops it, unless it commits already.
    """

    def run() -> T:
        beneath = kept.beneath
        tx = Tx(_StraightLine(beneath, progress))
        try:
            beneath.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
            result = _driven(deed(tx))
            if tx.failure is not None:
                raise tx.failure
            if writes:
                progress.commit()
                beneath.commit()
            else:
                beneath.rollback()  # nothing was done; it lets go of the moment
        except sqlite3.Error as error:
            _undo(beneath)
            raise_explained(error)
        except BaseException:
            _undo(beneath)
            raise
        finally:
            tx.is_open = False
        return result

    try:
        # aiosqlite has no public door to its thread for more than one statement.
        result: T = await kept.raw._execute(run)
    except asyncio.CancelledError:
        if progress.give_up():
            kept.beneath.interrupt()
        raise
    # Said here and not there: until the loop has heard of it, nobody may call it undone.
    progress.committed()
    return result


def _driven(deed: Coroutine[Any, Any, T]) -> T:
    """The result of a deed that never waits.

    Raises:
        RuntimeError: it does.
    """
    try:
        deed.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    deed.close()
    raise RuntimeError("A straight deed awaits nothing but its transaction.")


def _undo(beneath: sqlite3.Connection) -> None:
    """End the transaction if there is one. A caller that gives up may interrupt even this."""
    for _ in range(UNDO_TRIES):
        try:
            beneath.rollback()
        except sqlite3.Error as error:
            log.warning("a transaction was not rolled back at once: %s", error)
        if not beneath.in_transaction:
            return
    log.error("a transaction could not be rolled back")


def _dicts(rows: Iterable[sqlite3.Row]) -> list[dict[str, Any]]:
    found = list(rows)
    names = found[0].keys() if found else ()
    return [dict(zip(names, row, strict=True)) for row in found]


def statements(script: str) -> Iterator[str]:
    """The statements of `script` one by one, triggers whole, comments with what follows them.

    Raises:
        ValueError: the last one does not end.
    """
    begun = ""
    for piece in re.split("(?<=;)", script):
        begun += piece
        if sqlite3.complete_statement(begun):
            yield begun.strip()
            begun = ""
    if not sqlite3.complete_statement(f"{begun}\n;") or _COMMENT.sub("", begun).strip():
        raise ValueError(f"A statement does not end with a semicolon: {begun.strip()[:80]}")


async def _entered(source: Source) -> Any:
    lent = source.connection()
    await lent.__aenter__()
    return lent


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch the file to its write-ahead log; processes that do it at once take turns."""
    give_up_at = time.monotonic() + BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up_at:
                raise
            time.sleep(0.02)


async def _commit(writer: _Kept) -> None:
    try:
        await writer.raw.commit()
    except sqlite3.Error as error:
        raise_explained(error)


async def _roll_back(writer: _Kept) -> None:
    """End the transaction if there is one; in the thread's order, so after what it still runs."""
    try:
        await asyncio.shield(writer.raw.rollback())
    except sqlite3.Error:
        log.exception("a transaction could not be rolled back")
