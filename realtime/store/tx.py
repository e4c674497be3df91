"""One transaction, as a deed sees it."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from realtime.errors import Unavailable
from realtime.store.statement import Dialect, Statement, prepare

Row = Mapping[str, Any]
T = TypeVar("T")


class Line(Protocol):
    """One connection to the database, inside a transaction."""

    dialect: Dialect

    async def ask(self, statement: Statement, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Run `statement`; its rows."""

    async def repeat(self, statement: Statement, many: Iterable[Mapping[str, Any]]) -> None:
        """Run `statement` once for each of `many`."""

    async def script(self, sql: str) -> None:
        """Run several statements as they stand."""


class Source(Protocol):
    """What of `databases.Database` is used: it lends one connection to each task."""

    async def connect(self) -> None: ...

    async def disconnect(self) -> None: ...

    def connection(self) -> Any: ...


class Progress:
    """How far a transaction has come: it is committed or given up, whichever is said first.

    It may be given up in another thread than the one in which it runs.
    """

    def __init__(self) -> None:
        self.is_given_up = False
        self._is_committing = False
        self._lock = threading.Lock()

    def commit(self) -> None:
        """From here on nobody knows what becomes of it, until it is `committed`.

        Raises:
            Unavailable: it was given up.
        """
        with self._lock:
            self.refuse()
            self._is_committing = True

    def committed(self) -> None:
        """All of it is kept."""
        self._is_committing = False

    def refuse(self) -> None:
        """Raises: Unavailable: it was given up, and whatever it would do next must not be done."""
        if self.is_given_up:
            raise Unavailable("This transaction was given up.")

    def give_up(self) -> bool:
        """Whether nothing of it will be kept; False once it commits, and then it goes on."""
        with self._lock:
            self.is_given_up = not self._is_committing
            return self.is_given_up


class Tx:
    """One transaction; belongs to the task of its deed, one statement at a time.

    After a statement that failed no other is run, on either database: let the error out of the
    deed. A deed that keeps it to itself is rolled back all the same, and the error raised.
    """

    def __init__(self, line: Line) -> None:
        self.dialect: Dialect = line.dialect
        self.failure: BaseException | None = None
        self.is_open = True
        self.asked = 0  # statements with rows, so far
        self._line = line
        self._busy = False

    async def fetch_all(self, sql: str, values: Mapping[str, Any] = {}) -> list[Row]:
        """The rows, in their order; also those of `RETURNING`."""
        return [*await self._ask(sql, values)]

    async def fetch_one(self, sql: str, values: Mapping[str, Any] = {}) -> Row | None:
        """The first row, None without one."""
        rows = await self._ask(sql, values)
        return rows[0] if rows else None

    async def fetch_val(self, sql: str, values: Mapping[str, Any] = {}) -> Any:
        """The first column of the first row, None without a row."""
        return first_value(await self._ask(sql, values))

    async def execute(self, sql: str, values: Mapping[str, Any] = {}) -> None:
        """Run one statement. How many rows it changed is not told: use `RETURNING`."""
        await self._ask(sql, values)

    async def execute_many(self, sql: str, values: Iterable[Mapping[str, Any]]) -> None:
        """Run one statement for each of `values`, in their order."""
        statement = prepare(sql, self.dialect)
        await self._alone(lambda: self._line.repeat(statement, values))

    async def run_script(self, sql: str) -> None:
        """Run several statements as they stand: no binds, no translation, no COMMIT."""
        await self._alone(lambda: self._line.script(sql))

    async def next_seq(self, count: int = 1) -> Sequence[int]:
        """`count` new numbers of the one sequence, ascending; with gaps where others took some."""
        if count <= 0:
            return []
        if self.dialect == "postgresql":
            rows = await self.fetch_all(
                "SELECT nextval('seqs') AS seq FROM generate_series(1, :count)", {"count": count}
            )
            return [row["seq"] for row in rows]
        last: int = await self.fetch_val(
            "UPDATE counter SET value = value + :count WHERE id = 1 RETURNING value",
            {"count": count},
        )
        return range(last - count + 1, last + 1)

    async def _ask(self, sql: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        statement = prepare(sql, self.dialect)
        self.asked += 1
        return await self._alone(lambda: self._line.ask(statement, values))

    async def _alone(self, run: Callable[[], Awaitable[T]]) -> T:
        if not self.is_open:
            raise RuntimeError("This transaction is over.")
        if self._busy:
            raise RuntimeError("A transaction runs one statement at a time.")
        if self.failure is not None:
            raise RuntimeError("A statement of this transaction failed already.") from self.failure
        self._busy = True
        try:
            return await run()
        except BaseException as error:
            self.failure = error
            raise
        finally:
            self._busy = False


def first_value(rows: Sequence[Row]) -> Any:
    """The first column of the first of `rows`, None without a row."""
    return next(iter(rows[0].values())) if rows else None
