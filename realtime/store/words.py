"""The words under which posts and people are found: written with them, or later for older ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from realtime import text
from realtime.store.database import Row, Tx

CHUNK: Final = 500  # rows that are indexed in one transaction


class Worded(NamedTuple):
    """A row to be found: its id, whose it is, and all that is written in it."""

    id: int
    owner_id: int
    text: str


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
    found = [(row, sorted(set(text.words(row.text)))) for row in rows]
    kept = [(row, words) for row, words in found if words]
    if kept:
        await tx.execute(
            sql,
            {
                "ids": [row.id for row, _ in kept],
                "owners": [row.owner_id for row, _ in kept],
                "words": [" ".join(words) for _, words in kept],
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
