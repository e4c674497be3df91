"""What the database says of itself, for `realtime doctor`. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from realtime.store.database import Database


@dataclass(frozen=True, slots=True)
class State:
    """`is_durable`: a commit that was confirmed survives the machine's fall."""

    version: str
    now_ms: int  # by the database's clock
    is_durable: bool
    connections: int | None  # at most, of all processes together; None where nobody counts


async def state(db: Database) -> State:
    """Version, clock and safety of the database.

    Raises:
        Unavailable: it is down.
    """
    if db.dialect == "sqlite":
        row = await db.fetch_one(
            """
            SELECT sqlite_version() AS version,
                   CAST(strftime('%s', 'now') AS integer) * 1000
                   + CAST(substr(strftime('%f', 'now'), 4, 3) AS integer) AS now_ms
            """
        )
        assert row is not None
        level = await db.fetch_val("PRAGMA synchronous")
        return State(f"SQLite {row['version']}", row["now_ms"], int(level) >= 2, None)
    row = await db.fetch_one(
        """
        SELECT current_setting('server_version') AS version,
               CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint) AS now_ms,
               current_setting('fsync') = 'on'
               AND current_setting('synchronous_commit') <> 'off' AS is_durable,
               CAST(current_setting('max_connections') AS integer) AS connections
        """
    )
    assert row is not None
    version = f"PostgreSQL {row['version']}"
    return State(version, row["now_ms"], bool(row["is_durable"]), row["connections"])


async def applied(db: Database) -> list[str]:
    """Names of the migrations that this database has had, oldest first; none in an empty one.

    Raises:
        Unavailable: it is down.
    """
    table = (
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'migrations'"
        if db.dialect == "sqlite"
        else "SELECT to_regclass('migrations')"
    )
    if await db.fetch_val(table) is None:
        return []
    rows = await db.fetch_all("SELECT name FROM migrations ORDER BY number")
    return [row["name"] for row in rows]


async def newest_ms(db: Database) -> int:
    """When the latest change was told, by the clock of whoever told it; 0 if never.

    Raises:
        Unavailable: it is down.
    """
    return int(await db.fetch_val("SELECT max(at_ms) FROM events") or 0)
