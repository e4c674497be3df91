"""PostgreSQL: a pool whose connections always come back, whatever becomes of their user."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, Final, TypeVar

import asyncpg

from realtime.store.failure import (
    DRIVER_ERRORS,
    OutcomeUnknown,
    UnfitDatabase,
    is_unavailable,
    raise_explained,
)
from realtime.store.statement import Dialect, Statement
from realtime.store.tx import Progress, Source, Tx

T = TypeVar("T")

CONNECT_S: Final = 2.0
IDLE_IN_TRANSACTION_S: Final = 5.0  # an abandoned transaction holds back everybody's horizon
CLOSE_S: Final = 5.0
ROLLBACK_S: Final = 1.0
OLDEST: Final = 14  # major version
_UNCONFIRMED: Final = "SyncRepWaitForLSN"  # says the warning, in whatever language its words are


class Postgres:
    """Reads and transactions on connections of `source`, one task for each."""

    dialect: Dialect = "postgresql"

    def __init__(self, url: str, pool: int, deadline_s: float) -> None:
        self._deadline_s = deadline_s
        self._source: Source | None = None
        self.url = "postgresql://"  # the whole address is in `dsn`: it may name several hosts
        self.options: dict[str, Any] = {
            "dsn": url,
            **dict.fromkeys(("host", "port", "user", "password", "database")),
            "min_size": min(2, pool),
            "max_size": pool,
            "timeout": CONNECT_S,
            "command_timeout": deadline_s,
            "statement_cache_size": 512,
            "max_cached_statement_lifetime": 0,
            "reset": _leave_as_it_is,
            "server_settings": {
                "application_name": "realtime",
                # Ahead of the deadline here, so that the server gives up and the connection stays.
                "statement_timeout": str(_server_ms(deadline_s)),
                "idle_in_transaction_session_timeout": str(int(IDLE_IN_TRANSACTION_S * 1000)),
                "jit": "off",  # compiling costs more than any statement of ours takes
            },
        }

    async def open(self, source: Source) -> None:
        """Connect.

        Raises:
            UnfitDatabase: it is older than PostgreSQL 14.
        """
        self._source = source
        await source.connect()
        async with self._lent() as raw:
            version = raw.get_server_version()
        if version.major < OLDEST:
            await self.close()
            raise UnfitDatabase(
                f"PostgreSQL {version.major} is too old: {OLDEST} or newer is needed."
            )

    async def close(self) -> None:
        """Close every connection; after a few seconds without waiting for their answers."""
        if self._source is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_S):
                    await self._source.disconnect()

    async def read(self, statement: Statement, arguments: Any) -> list[dict[str, Any]]:
        """The rows of one statement outside of transactions."""
        async with self._lent() as raw:
            return await _asked(raw, statement.text, arguments, None)

    async def read_by(self, deed: Callable[[Tx], Awaitable[T]], progress: Progress) -> T:
        """The result of `deed`, whose statements all go over one connection."""
        async with self._lent() as raw:
            tx = Tx(_Line(raw, self._deadline_s))
            try:
                return await deed(tx)
            finally:
                tx.is_open = False

    async def transact(
        self,
        deed: Callable[[Tx], Awaitable[T]],
        progress: Progress,
        deadline_s: float,
        *,
        straight: bool = False,
    ) -> T:
        """Run `deed` in a transaction and commit it."""
        async with self._lent() as raw:
            tx = Tx(_Line(raw, deadline_s))
            await _asked(raw, "BEGIN", (), None)
            try:
                if deadline_s > self._deadline_s:
                    longer = f"SET LOCAL statement_timeout = {_server_ms(deadline_s)}"
                    await _asked(raw, longer, (), None)
                result = await deed(tx)
                if tx.failure is not None:
                    raise tx.failure
            except BaseException:
                await _roll_back(raw)
                raise
            finally:
                tx.is_open = False
            progress.commit()
            await _commit(raw, deadline_s)
            progress.committed()
            return result

    @asynccontextmanager
    async def _lent(self) -> AsyncIterator[Any]:
        assert self._source is not None
        # `databases` keeps one connection for each task, and loses it when the task is cancelled
        # while giving it back: so every use has a task of its own.
        connection = self._source.connection()
        try:
            async with asyncio.timeout(self._deadline_s):
                await connection.__aenter__()
        except DRIVER_ERRORS as error:
            raise_explained(error)
        try:
            yield connection.raw_connection
        finally:
            await connection.__aexit__(None, None, None)


class _Line:
    dialect: Dialect = "postgresql"

    def __init__(self, raw: Any, deadline_s: float) -> None:
        self._raw = raw
        self._deadline_s = deadline_s

    async def ask(self, statement: Statement, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        arguments = statement.arguments(values)
        return await _asked(self._raw, statement.text, arguments, self._deadline_s)

    async def repeat(self, statement: Statement, many: Iterable[Mapping[str, Any]]) -> None:
        arguments = [statement.arguments(values) for values in many]
        with _explaining(self._raw):
            await self._raw.executemany(statement.text, arguments, timeout=self._deadline_s)

    async def script(self, sql: str) -> None:
        with _explaining(self._raw):
            await self._raw.execute(sql, timeout=self._deadline_s)


async def _asked(
    raw: Any, sql: str, arguments: Iterable[Any], deadline_s: float | None
) -> list[dict[str, Any]]:
    try:
        return [*map(dict, await raw.fetch(sql, *arguments, timeout=deadline_s))]
    except (*DRIVER_ERRORS, asyncio.CancelledError) as error:
        _give_up(raw, error)
        raise_explained(error)


@contextmanager
def _explaining(raw: Any) -> Iterator[None]:
    try:
        yield
    except (*DRIVER_ERRORS, asyncio.CancelledError) as error:
        _give_up(raw, error)
        raise_explained(error)


def _give_up(raw: Any, error: BaseException) -> None:
    """End the connection unless `error` is an answer of the server or of the driver.

    Without an answer the statement may still run, and waiting for its end could take for ever.
    """
    if not isinstance(error, (asyncpg.PostgresError, asyncpg.InterfaceError)):
        _end(raw)


def _end(raw: Any) -> None:
    with suppress(asyncpg.InterfaceError):  # ended already
        raw.terminate()


async def _roll_back(raw: Any) -> None:
    try:
        async with asyncio.timeout(ROLLBACK_S):
            await raw.execute("ROLLBACK")
    except DRIVER_ERRORS:
        _end(raw)
    except asyncio.CancelledError:
        _end(raw)
        raise


async def _commit(raw: Any, deadline_s: float) -> None:
    warned: list[str] = []

    def listen(_connection: Any, message: Any) -> None:
        warned.append(getattr(message, "server_source_function", ""))

    raw.add_log_listener(listen)
    try:
        said = await raw.execute("COMMIT", timeout=deadline_s)
    except (*DRIVER_ERRORS, asyncio.CancelledError) as error:
        _give_up(raw, error)
        if is_unavailable(error):
            raise OutcomeUnknown("The connection broke during COMMIT.") from error
        raise_explained(error)
    finally:
        with suppress(asyncpg.InterfaceError):  # ended
            raw.remove_log_listener(listen)
    if _UNCONFIRMED in warned:
        # Whose wait for a synchronous standby is cancelled is told COMMIT, and a warning.
        raise OutcomeUnknown("The standby did not confirm a commit.")
    if said != "COMMIT":  # PostgreSQL answers ROLLBACK where a statement failed, without an error
        raise RuntimeError(f"A transaction ended with {said}.")


async def _leave_as_it_is(_connection: Any) -> None:
    """Nothing is ever set on a connection beyond its transaction: giving it back needs no query."""


def _server_ms(deadline_s: float) -> int:
    return max(1, int((deadline_s - 0.5 if deadline_s > 1 else deadline_s / 2) * 1000))
