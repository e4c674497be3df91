"""The words under which posts and people are found: written with them, or later for older ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from realtime import text
from realtime.store.database import Database, Row, Tx

CHUNK: Final = 500  # rows that are indexed in one transaction
MERGED: Final = 50  # blocks of SQLite's index that are written anew in one transaction


class Worded(NamedTuple):
    """A row to be found: its id, whose it is, and all that is written in it."""

    id: int
    owner_id: int
    text: str


def stored(written: str) -> str:
    """The words under which a text is found, each once and in order, with blanks between them."""
    return " ".join(sorted(set(text.words(written))))


async def of_posts(tx: Tx, posts: Sequence[Worded]) -> None:
    """Let these posts be found. Those that can be already, and those without words, stay."""
    sql = _POSTS_POSTGRESQL if tx.dialect == "postgresql" else _POSTS_SQLITE
    await _write(tx, sql, posts)


async def of_people(tx: Tx, people: Sequence[Row]) -> None:
    """Let these people be found by `name` and `display_name` as given, with their `id`."""
    sql = _PEOPLE_POSTGRESQL if tx.dialect == "postgresql" else _PEOPLE_SQLITE
    worded = [
        Worded(row["id"], row["id"], f"{row['name']}\n{row['display_name']}") for row in people
    ]
    await _write(tx, sql, worded)


async def fill(tx: Tx) -> int:
    """Index some of what is not yet, the newest first; how many rows. 0: nothing is left.

    Any number of processes may do so at once: each takes what no other holds.
    """
    return await _fill_posts(tx) or await _fill_people(tx)


async def pieces(db: Database) -> int:
    """How many calls of `purge` it takes at most until nothing of deleted rows is in the index."""
    if db.dialect == "postgresql":
        return 0  # a deleted row's words go with it
    blocks: int = await db.fetch_val(
        """
        SELECT (SELECT count(*) FROM post_words_index_data)
             + (SELECT count(*) FROM user_words_index_data)
        """
    )
    # While others write, their words would be merged again and again.
    return 8 + 2 * blocks // MERGED


async def purge(tx: Tx) -> bool:
    """Write a part of SQLite's index anew; False when that was all.

    It notes beside a word that its row is gone, and keeps both until it merges them.
    """
    before = await tx.fetch_val("SELECT total_changes()")
    for table in ("post_words_index", "user_words_index"):
        await tx.execute(
            f"INSERT INTO {table} ({table}, rank) VALUES ('merge', :pages)", {"pages": -MERGED}
        )
    after = await tx.fetch_val("SELECT total_changes()")
    return bool(after - before > 2)  # a merge that has nothing to do counts as one change


async def _fill_posts(tx: Tx) -> int:
    # Locked against a deletion: words that are written after it would be found for ever.
    rows = await tx.fetch_all(
        """
        SELECT id, author_id, text
          FROM posts
         WHERE NOT is_indexed AND NOT deleted
         ORDER BY id DESC
         LIMIT :limit
           FOR NO KEY UPDATE SKIP LOCKED
        """,
        {"limit": CHUNK},
    )
    if rows:
        await of_posts(tx, [Worded(row["id"], row["author_id"], row["text"]) for row in rows])
        await tx.execute(
            "UPDATE posts SET is_indexed = true WHERE id = ANY(:ids)",
            {"ids": [row["id"] for row in rows]},
        )
    return len(rows)


async def _fill_people(tx: Tx) -> int:
    rows = await tx.fetch_all(
        """
        SELECT id, name, display_name
          FROM users
         WHERE NOT is_indexed AND NOT deleted
         ORDER BY id DESC
         LIMIT :limit
           FOR NO KEY UPDATE SKIP LOCKED
        """,
        {"limit": CHUNK},
    )
    if rows:
        await of_people(tx, rows)
        await tx.execute(
            "UPDATE users SET is_indexed = true WHERE id = ANY(:ids)",
            {"ids": [row["id"] for row in rows]},
        )
    return len(rows)


async def _write(tx: Tx, sql: str, rows: Sequence[Worded]) -> None:
    found = [(row, stored(row.text)) for row in rows]
    kept = [(row, words) for row, words in found if words]
    if kept:
        await tx.execute(
            sql,
            {
                "ids": [row.id for row, _ in kept],
                "owners": [row.owner_id for row, _ in kept],
                "words": [words for _, words in kept],
            },
        )


_POSTS_POSTGRESQL: Final = """
    INSERT INTO post_words (id, owner_id, words)
    SELECT t.id, t.owner_id, array_to_tsvector(string_to_array(t.words, ' '))
      FROM unnest(CAST(:ids AS bigint[]), CAST(:owners AS bigint[]), CAST(:words AS text[]))
        AS t(id, owner_id, words)
     WHERE true
        ON CONFLICT (id) DO NOTHING
"""
_POSTS_SQLITE: Final = """
    INSERT INTO post_words (id, owner_id, words)
    SELECT t.id, t.owner_id, ' ' || replace(t.words, ' ', '  ') || ' '
      FROM unnest(CAST(:ids AS bigint[]), CAST(:owners AS bigint[]), CAST(:words AS text[]))
        AS t(id, owner_id, words)
     WHERE true
        ON CONFLICT (id) DO NOTHING
"""
_PEOPLE_POSTGRESQL: Final = """
    INSERT INTO user_words (id, owner_id, words)
    SELECT t.id, t.owner_id, array_to_tsvector(string_to_array(t.words, ' '))
      FROM unnest(CAST(:ids AS bigint[]), CAST(:owners AS bigint[]), CAST(:words AS text[]))
        AS t(id, owner_id, words)
     WHERE true
        ON CONFLICT (id) DO UPDATE
       SET words = excluded.words
"""
_PEOPLE_SQLITE: Final = """
    INSERT INTO user_words (id, owner_id, words)
    SELECT t.id, t.owner_id, ' ' || replace(t.words, ' ', '  ') || ' '
      FROM unnest(CAST(:ids AS bigint[]), CAST(:owners AS bigint[]), CAST(:words AS text[]))
        AS t(id, owner_id, words)
     WHERE true
        ON CONFLICT (id) DO UPDATE
       SET words = excluded.words
"""
