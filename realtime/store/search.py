"""Finding posts and people by their words, newest first.

Whatever many rows hold is found among the newest few, in their order, without an index; what is
not, few rows hold, or few hold together: those the full-text index names, and they are sorted.
Either alone would be slow for what the other one is quick at.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal

from realtime import text
from realtime.store.database import Database, Tx
from realtime.store.rows import LAST

Kind = Literal["posts", "users"]

NEWEST: Final = 10_000  # rows that are looked through before the index is asked
SHORT: Final = 2
_TABLES: Final[dict[Kind, str]] = {"posts": "post_words", "users": "user_words"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: all of the `whole` words, and one that starts with `start`."""

    whole: tuple[str, ...]  # in the order of their code points, each once
    start: str

    @property
    def tsquery(self) -> str:
        """In PostgreSQL's words. Nothing needs to be escaped: letters, digits, marks and `_`."""
        return " & ".join([*(f"'{word}'" for word in self.whole), f"'{self.start}':*"])

    @property
    def sought(self) -> str:
        """What PostgreSQL's index is asked for: less, where a letter or two begin too many words.

        A single sign of other scripts is a word of its own, and may be the rare one.
        """
        if not self.whole or len(self.start) > SHORT or not self.start.isascii():
            return self.tsquery
        return " & ".join(f"'{word}'" for word in self.whole)

    @property
    def match(self) -> str:
        """In FTS5's words."""
        return " AND ".join([*(f'"{word}"' for word in self.whole), f'"{self.start}" *'])

    @property
    def globs(self) -> tuple[str, str]:
        """What a row's words on SQLite look like: for the whole ones, and for the start."""
        return "".join(["*", *(f" {word} *" for word in self.whole)]), f"* {self.start}*"


def wanted(query: str) -> Wanted | None:
    """What somebody who typed `query` is looking for; None where it holds no word."""
    found = text.words(query)
    if not found:
        return None
    *whole, start = found
    return Wanted(tuple(sorted(set(whole))), start)


async def ids(  # noqa: PLR0913 - of what, for what, without whom, from where, how many
    db: Database | Tx,
    kind: Kind,
    wanted: Wanted,
    hidden: Collection[int],
    before_id: int | None,
    limit: int,
) -> tuple[list[int], int | None]:
    """Living posts, or people, that hold what is wanted; where the next page begins."""
    found = await _newest(db, kind, wanted, hidden, before_id, limit + 1)
    if len(found) <= limit:
        found = await _indexed(db, kind, wanted, hidden, before_id, limit + 1)
    return found[:limit], found[limit - 1] if len(found) > limit else None


async def _newest(  # noqa: PLR0913
    db: Database | Tx,
    kind: Kind,
    wanted: Wanted,
    hidden: Collection[int],
    before_id: int | None,
    limit: int,
) -> list[int]:
    """Those among the newest rows."""
    binds = {
        "hidden": list(hidden),
        "before_id": LAST if before_id is None else before_id,
        "limit": limit,
        "newest": NEWEST,
    }
    if db.dialect == "postgresql":
        sql, words = _NEWEST_POSTGRESQL, {"query": wanted.tsquery}
    else:
        whole, start = wanted.globs
        sql, words = _NEWEST_SQLITE, {"whole": whole, "start": start}
    rows = await db.fetch_all(sql.format(words=_TABLES[kind]), {**binds, **words})
    return [row["id"] for row in rows]


async def _indexed(  # noqa: PLR0913
    db: Database | Tx,
    kind: Kind,
    wanted: Wanted,
    hidden: Collection[int],
    before_id: int | None,
    limit: int,
) -> list[int]:
    """Those that the index names."""
    binds = {
        "hidden": list(hidden),
        "before_id": LAST if before_id is None else before_id,
        "limit": limit,
    }
    if db.dialect == "postgresql":
        sql, words = _INDEXED_POSTGRESQL, {"query": wanted.tsquery, "sought": wanted.sought}
    else:
        sql, words = _INDEXED_SQLITE, {"query": wanted.match}
    rows = await db.fetch_all(sql.format(words=_TABLES[kind]), {**binds, **words})
    return [row["id"] for row in rows]


_NEWEST_POSTGRESQL: Final = """
    SELECT id
      FROM (SELECT id, owner_id, words
              FROM {words}
             WHERE id < :before_id
             ORDER BY id DESC
             LIMIT :newest) AS newest
     WHERE words @@ CAST(:query AS tsquery) AND owner_id <> ALL(:hidden)
     ORDER BY id DESC
     LIMIT :limit
"""
_NEWEST_SQLITE: Final = """
    SELECT id
      FROM (SELECT id, owner_id, words
              FROM {words}
             WHERE id < :before_id
             ORDER BY id DESC
             LIMIT :newest) AS newest
     WHERE words GLOB :whole AND words GLOB :start AND owner_id <> ALL(:hidden)
     ORDER BY id DESC
     LIMIT :limit
"""
# `id + 0`: the order of ids must not tempt the planner away from the index of words; nor is it
# asked for more than is sought there (IS TRUE).
_INDEXED_POSTGRESQL: Final = """
    WITH found AS MATERIALIZED (
         SELECT id
           FROM {words}
          WHERE words @@ CAST(:sought AS tsquery) AND (words @@ CAST(:query AS tsquery)) IS TRUE
            AND id + 0 < :before_id AND owner_id <> ALL(:hidden)
    )
    SELECT id
      FROM found
     ORDER BY id DESC
     LIMIT :limit
"""
_INDEXED_SQLITE: Final = """
    SELECT w.id
      FROM {words}_index AS f
     CROSS JOIN {words} AS w ON w.id = f.rowid
     WHERE {words}_index MATCH :query AND f.rowid < :before_id AND w.owner_id <> ALL(:hidden)
     ORDER BY f.rowid DESC
     LIMIT :limit
"""
