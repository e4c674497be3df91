"""The log: which noun was told on which topic. Keys only; a reader takes the noun as it is now.

`xid` orders commits. On PostgreSQL it is the transaction's id, and everything below the horizon
(the oldest transaction still open) has been decided; on SQLite, with its one writer, it is the
row's own number. A number is handed out before its commit, so `seq` alone must never be a cursor.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from realtime.errors import Forgotten
from realtime.store.database import Database, Row, Tx

POST: Final = 1
RETWEET: Final = 2
USER: Final = 3
RELATION: Final = 4
AUDIENCE: Final = 5  # somebody's audience changed; never leaves the server
NOTICE: Final = 6
READ: Final = 7
DRAFT: Final = 8
OWN: Final = frozenset({NOTICE, READ, DRAFT})  # one person's: told as it is by then

REPLAY: Final = 1_000  # events at most


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the log. `topic` and `about` are opaque here; `at_ms` is the time of telling."""

    xid: int
    seq: int
    topic: int
    kind: int
    noun_id: int
    about: tuple[int, ...]
    at_ms: int


@dataclass(frozen=True, slots=True)
class Told:
    """A line before its transaction has a number."""

    seq: int
    topic: int
    kind: int
    noun_id: int
    about: tuple[int, ...]


async def append(tx: Tx, told: Sequence[Told], at_ms: int) -> list[Line]:
    """Write `told` in this transaction; the lines come back in the same order.

    Of what is one person's own, the log keeps the newest line only: a post that everybody reacts
    to must not fill its author's replay with one notice.
    """
    if not told:
        return []
    await _replace(tx, [t for t in told if t.kind in OWN])
    rows = [[t.seq, t.topic, t.kind, t.noun_id, t.about] for t in told]
    binds = {"rows": orjson.dumps(rows).decode(), "at_ms": at_ms}
    if tx.dialect == "postgresql":
        xids = [int(await tx.fetch_val(_APPEND, binds))] * len(told)
    else:
        await tx.execute(_APPEND_SQLITE, binds)
        last = await tx.fetch_val(_LAST_SQLITE)
        xids = list(range(last - len(told) + 1, last + 1))
    return [
        Line(xid, t.seq, t.topic, t.kind, t.noun_id, t.about, at_ms)
        for xid, t in zip(xids, told, strict=True)
    ]


_APPEND = """
    WITH written AS (
         INSERT INTO events (seq, topic, kind, noun_id, about, at_ms)
         SELECT CAST(r ->> 0 AS bigint), CAST(r ->> 1 AS bigint), CAST(r ->> 2 AS smallint),
                CAST(r ->> 3 AS bigint),
                ARRAY(SELECT CAST(a AS bigint) FROM json_array_elements_text(r -> 4) AS a),
                CAST(:at_ms AS bigint)
           FROM json_array_elements(CAST(:rows AS json)) AS r
    )
    SELECT CAST(pg_current_xact_id() AS text)
"""
_APPEND_SQLITE = """
    INSERT INTO events (seq, topic, kind, noun_id, about, at_ms)
    SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
           json_extract(value, '$[3]'), json_extract(value, '$[4]'), :at_ms
      FROM json_each(:rows)
     ORDER BY key
"""
_LAST_SQLITE = "SELECT seq FROM sqlite_sequence WHERE name = 'events'"


async def _replace(tx: Tx, told: Sequence[Told]) -> None:
    """Take away the older lines of what these tell, all of one person's own.

    No cursor misses one. A reading sees the older line or, from this commit on, the newer one,
    never neither. And where the newer one has the smaller `xid`, as it may, a claim between the
    two was given when both had been decided: it was told by then, as both had left it.
    """
    if told:
        await tx.execute(
            _REPLACE if tx.dialect == "postgresql" else _REPLACE_SQLITE,
            {"rows": orjson.dumps([[t.topic, t.kind, t.noun_id, t.seq] for t in told]).decode()},
        )


# The kinds are named as in the index, or it is not used. The limit keeps PostgreSQL from reading
# the whole log for the hundred lines that it expects an array to hold.
_REPLACE = """
    DELETE FROM events
     WHERE ctid = ANY(ARRAY(
           SELECT e.place
             FROM json_array_elements(CAST(:rows AS json)) AS r
            CROSS JOIN LATERAL (
                  SELECT x.ctid AS place
                    FROM events AS x
                   WHERE x.topic = CAST(r ->> 0 AS bigint) AND x.kind = CAST(r ->> 1 AS smallint)
                     AND x.noun_id = CAST(r ->> 2 AS bigint) AND x.seq < CAST(r ->> 3 AS bigint)
                     AND x.kind IN (6, 7, 8)
                   LIMIT 1000) AS e))
"""
_REPLACE_SQLITE = """
    DELETE FROM events
     WHERE xid IN (
           SELECT e.xid
             FROM json_each(:rows) AS t
            CROSS JOIN events AS e
               ON e.topic = json_extract(t.value, '$[0]')
              AND e.kind = json_extract(t.value, '$[1]')
              AND e.noun_id = json_extract(t.value, '$[2]')
              AND e.seq < json_extract(t.value, '$[3]')
              AND e.kind IN (6, 7, 8))
"""


async def tail(db: Database, watermark: int) -> tuple[list[Line], int]:
    """Every line that is visible from `watermark` on, oldest first, and the horizon of that read.

    The horizon is the next watermark: nothing below it can still appear.
    """
    sql = _TAIL if db.dialect == "postgresql" else _TAIL_SQLITE
    rows = await db.fetch_all(sql, {"watermark": watermark})
    return [_line(row) for row in rows if row["seq"] is not None], int(rows[0]["horizon"])


# One statement, so that the horizon is that of the very snapshot that found the rows; and it
# comes even when no row does.
_TAIL = """
    WITH h AS (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS horizon)
    SELECT CAST(h.horizon AS text) AS horizon, CAST(e.xid AS text) AS xid, e.seq, e.topic,
           e.kind, e.noun_id, e.about, e.at_ms
      FROM h LEFT JOIN events e
        ON e.xid >= CAST(CAST(CAST(:watermark AS bigint) AS text) AS xid8)
     ORDER BY e.xid, e.seq
"""
_TAIL_SQLITE = """
    WITH h AS (SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0) + 1
                      AS horizon)
    SELECT h.horizon, e.xid, e.seq, e.topic, e.kind, e.noun_id, e.about, e.at_ms
      FROM h LEFT JOIN events e ON e.xid >= :watermark
     ORDER BY e.xid
"""


async def since(db: Database, topics: Collection[int], horizon: int) -> list[Line]:
    """What was told on `topics` from `horizon` on, oldest first.

    Raises:
        Forgotten: `horizon` is older than the log keeps, or there are more than 1,000 lines.
    """
    sql = _SINCE if db.dialect == "postgresql" else _SINCE_SQLITE
    rows = await db.fetch_all(sql, {"topics": list(topics), "horizon": horizon})
    if int(rows[0]["forgotten"]) > horizon or len(rows) > REPLAY:
        raise Forgotten
    lines = [_line(row) for row in rows if row["seq"] is not None]
    return sorted(lines, key=lambda line: (line.xid, line.seq))


# No ORDER BY inside: it made a busy reader's question take up to a second.
_SINCE = """
    SELECT CAST(log.forgotten AS text) AS forgotten, CAST(e.xid AS text) AS xid, e.seq, e.topic,
           e.kind, e.noun_id, e.about, e.at_ms
      FROM log LEFT JOIN LATERAL (
           SELECT x.*
             FROM unnest(CAST(:topics AS bigint[])) AS t(topic)
            CROSS JOIN LATERAL (
                  SELECT * FROM events
                   WHERE events.topic = t.topic
                     AND events.xid >= CAST(CAST(CAST(:horizon AS bigint) AS text) AS xid8)
                   LIMIT 1001) x
            LIMIT 1001) e ON true
"""
_SINCE_SQLITE = """
    SELECT log.forgotten, e.xid, e.seq, e.topic, e.kind, e.noun_id, e.about, e.at_ms
      FROM log LEFT JOIN (
           SELECT x.*
             FROM json_each(:topics) AS t
            CROSS JOIN events AS x ON x.topic = t.value AND x.xid >= :horizon
            LIMIT 1001) e ON 1
"""


async def epoch(db: Database) -> str:
    """The name of this database's history; a cursor of another one means nothing here."""
    word = str(await db.fetch_val("SELECT word FROM log"))
    if db.dialect == "sqlite":
        return word
    # Transaction ids survive neither a dump and restore nor a promotion of a lagging standby.
    row = await db.fetch_one(
        """
        SELECT CAST(system_identifier AS text) AS system,
               substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) AS timeline
          FROM pg_control_system()
        """
    )
    assert row is not None
    return f"{word}-{int(row['system']):x}-{int(row['timeline'], 16):x}"


async def forget(tx: Tx, before_ms: int) -> None:
    """Drop the lines told before `before_ms`, and say from where on the log is whole."""
    if tx.dialect == "postgresql":
        sql = """
            WITH gone AS (DELETE FROM events WHERE at_ms < :before_ms
                          AND xid < pg_snapshot_xmin(pg_current_snapshot()) RETURNING xid),
                 top AS (SELECT max(CAST(CAST(xid AS text) AS numeric)) + 1 AS next FROM gone)
            UPDATE log SET forgotten = CAST(CAST(greatest(
                   CAST(CAST(forgotten AS text) AS numeric), top.next) AS text) AS xid8)
              FROM top WHERE top.next IS NOT NULL
        """
        await tx.execute(sql, {"before_ms": before_ms})
        return
    newest = await tx.fetch_val(
        "SELECT max(xid) FROM events WHERE at_ms < :before_ms", {"before_ms": before_ms}
    )
    if newest is not None:
        await tx.execute("DELETE FROM events WHERE xid <= :newest", {"newest": newest})
        await tx.execute(
            "UPDATE log SET forgotten = max(forgotten, :newest + 1)", {"newest": newest}
        )


def _line(row: Row) -> Line:
    about: Any = row["about"]
    return Line(
        xid=int(row["xid"]),
        seq=row["seq"],
        topic=row["topic"],
        kind=row["kind"],
        noun_id=row["noun_id"],
        about=tuple(orjson.loads(about) if isinstance(about, str) else about),
        at_ms=row["at_ms"],
    )
