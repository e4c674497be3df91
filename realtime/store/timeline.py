"""Timelines: pages of posts and retweets, newest first, each post once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from realtime.model import Author, Entry, Post, Retweet
from realtime.store import reading
from realtime.store.database import Database, Row, Tx
from realtime.store.rows import LAST, rfc3339

ALSO: Final = 3  # further people who are named in one entry
ROUNDS: Final = (2, 8, 32)  # times `limit` rows are read, until a page is full
WINDOW: Final = 2_000  # newest rows of everybody, which cost as much as asking 200 people
PEOPLE: Final = 200


@dataclass(frozen=True, slots=True)
class Page:
    """Entries without counts and mine; `next_id` is where the next page begins, if there is one."""

    entries: list[Entry]
    next_id: int | None


@dataclass(frozen=True, slots=True)
class _Place:
    """One row of a timeline: a post, or a retweet of it, whose time and `seq` are 0 else."""

    id: int
    actor_id: int
    post_id: int
    created_ms: int
    seq: int

    @property
    def is_retweet(self) -> bool:
        return self.id != self.post_id


# Below which id, and how many at most; the newest of them, and whether there are no more.
_Read = Callable[[int, int], Awaitable[tuple[Sequence[_Place], bool]]]


async def home(  # noqa: PLR0913 - for whom, of whom, without whom, from where, how many
    db: Database | Tx,
    user_id: int,
    authors: Collection[int],
    hidden: Collection[int],
    before_id: int | None,
    limit: int,
) -> Page:
    """Posts and retweets of `authors` and of oneself."""
    actors = sorted({user_id, *authors}.difference(hidden))
    sql = _HOME_POSTGRESQL if db.dialect == "postgresql" else _HOME_SQLITE

    async def read(before: int, count: int) -> tuple[Sequence[_Place], bool]:
        # Who follows many finds a page among everybody's newest, unless they are all silent.
        is_likely = len(actors) > PEOPLE and count < WINDOW
        binds = {
            "actors": actors,
            "hidden": list(hidden),
            "before_id": before,
            "limit": count,
            "window": WINDOW if is_likely else 0,
            "enough": count // 2,
        }
        rows = await db.fetch_all(sql, binds)
        ended = len(rows) < count and not (rows and rows[0]["is_recent"])
        return [_place(row) for row in rows], ended

    return await _page(db, read, hidden, before_id, limit)


# IS TRUE keeps PostgreSQL from making a join of it, and so from reading the list once for each row
# when, after some runs, it plans for lists of any length: 40 ms instead of 1.
_RECENT: Final = """
    WITH recent AS MATERIALIZED (
         SELECT n.id, n.actor_id, n.post_id
           FROM (SELECT id, actor_id, post_id, author_id
                   FROM entries
                  WHERE id < :before_id
                  ORDER BY id DESC
                  LIMIT :window) AS n
          WHERE (n.actor_id IN (SELECT a.id FROM unnest(CAST(:actors AS bigint[])) AS a(id)))
                IS TRUE
            AND n.author_id <> ALL(:hidden)
          ORDER BY n.id DESC
          LIMIT :limit
    ), enough AS MATERIALIZED (
         SELECT count(*) > :enough AS is_so FROM recent
    ),
"""
_TOLD: Final = """
    SELECT p.id, p.actor_id, p.post_id, r.created_ms, r.seq,
           (SELECT is_so FROM enough) AS is_recent
      FROM places AS p
      LEFT JOIN retweets AS r ON r.id = p.id
     ORDER BY p.id DESC
"""
# Whoever wrote the newest `limit` rows is among the `limit` people who wrote last, and none of
# those rows is older than the last words of the last of them. So one look at each person's newest
# row says where to read, however long they have all been silent.
_HOME_POSTGRESQL: Final = f"""
    {_RECENT}
    newest AS MATERIALIZED (
         SELECT a.id AS actor_id, e.id
           FROM unnest(CAST(:actors AS bigint[])) AS a(id)
          CROSS JOIN LATERAL (
                SELECT entries.id
                  FROM entries
                 WHERE entries.actor_id = a.id AND entries.id < :before_id
                   AND entries.author_id <> ALL(:hidden)
                 ORDER BY entries.id DESC
                 LIMIT 1) AS e
          WHERE NOT (SELECT is_so FROM enough)
          ORDER BY e.id DESC
          LIMIT :limit
    ), floor AS MATERIALIZED (
         SELECT CASE WHEN count(*) < :limit THEN 0 ELSE min(id) END AS id FROM newest
    ), places AS MATERIALIZED (
         SELECT id, actor_id, post_id FROM recent WHERE (SELECT is_so FROM enough)
          UNION ALL
         SELECT e.id, e.actor_id, e.post_id
           FROM newest
          CROSS JOIN LATERAL (
                SELECT entries.id, entries.actor_id, entries.post_id
                  FROM entries
                 WHERE entries.actor_id = newest.actor_id AND entries.id < :before_id
                   AND entries.id >= (SELECT id FROM floor) AND entries.author_id <> ALL(:hidden)
                 ORDER BY entries.id DESC
                 LIMIT :limit) AS e
          ORDER BY id DESC
          LIMIT :limit
    )
    {_TOLD}
"""
# SQLite has no LATERAL: how far down each person is read is looked up before.
_HOME_SQLITE: Final = f"""
    {_RECENT}
    newest AS MATERIALIZED (
         SELECT a.value AS actor_id,
                (SELECT e.id
                   FROM entries AS e
                  WHERE e.actor_id = a.value AND e.id < :before_id
                    AND e.author_id <> ALL(:hidden)
                  ORDER BY e.id DESC
                  LIMIT 1) AS top
           FROM json_each(:actors) AS a
          WHERE NOT (SELECT is_so FROM enough) AND top IS NOT NULL
          ORDER BY top DESC
          LIMIT :limit
    ), reach AS MATERIALIZED (
         SELECT actor_id,
                coalesce((SELECT e.id
                            FROM entries AS e
                           WHERE e.actor_id = newest.actor_id AND e.id < :before_id
                             AND e.author_id <> ALL(:hidden)
                           ORDER BY e.id DESC
                           LIMIT 1 OFFSET :limit - 1), 0) AS id
           FROM newest
    ), floor AS MATERIALIZED (
         SELECT CASE WHEN count(*) < :limit THEN 0 ELSE min(top) END AS id FROM newest
    ), places AS MATERIALIZED (
         SELECT id, actor_id, post_id FROM recent WHERE (SELECT is_so FROM enough)
          UNION ALL
         SELECT e.id, e.actor_id, e.post_id
           FROM reach
          CROSS JOIN entries AS e
             ON e.actor_id = reach.actor_id AND e.id < :before_id
            AND e.id >= max(reach.id, (SELECT id FROM floor)) AND e.author_id <> ALL(:hidden)
          ORDER BY id DESC
          LIMIT :limit
    )
    {_TOLD}
"""


async def user(
    db: Database | Tx, user_id: int, hidden: Collection[int], before_id: int | None, limit: int
) -> Page:
    """Posts and retweets of one person."""
    binds = {"user_id": user_id, "hidden": list(hidden)}

    async def read(before: int, count: int) -> tuple[Sequence[_Place], bool]:
        rows = await db.fetch_all(
            """
            SELECT e.id, e.actor_id, e.post_id, r.created_ms, r.seq
              FROM entries AS e
              LEFT JOIN retweets AS r ON r.id = e.id
             WHERE e.actor_id = :user_id AND e.id < :before_id
               AND e.actor_id <> ALL(:hidden) AND e.author_id <> ALL(:hidden)
             ORDER BY e.id DESC
             LIMIT :limit
            """,
            {**binds, "before_id": before, "limit": count},
        )
        return [_place(row) for row in rows], len(rows) < count

    return await _page(db, read, hidden, before_id, limit)


async def explore(
    db: Database | Tx, hidden: Collection[int], before_id: int | None, limit: int
) -> Page:
    """Everybody's posts that answer nothing."""
    rows = await db.fetch_all(
        """
        SELECT id AS post_id, id AS place
          FROM posts
         WHERE reply_to IS NULL AND NOT deleted AND id < :before_id
           AND author_id <> ALL(:hidden)
         ORDER BY id DESC
         LIMIT :limit
        """,
        {"before_id": _from(before_id), "hidden": list(hidden), "limit": limit + 1},
    )
    return await _posts(db, rows, hidden, limit)


async def media(
    db: Database | Tx, user_id: int, hidden: Collection[int], before_id: int | None, limit: int
) -> Page:
    """One person's posts with pictures."""
    rows = await db.fetch_all(
        """
        SELECT id AS post_id, id AS place
          FROM posts
         WHERE author_id = :user_id AND has_media AND NOT deleted AND id < :before_id
           AND author_id <> ALL(:hidden)
         ORDER BY id DESC
         LIMIT :limit
        """,
        {
            "user_id": user_id,
            "before_id": _from(before_id),
            "hidden": list(hidden),
            "limit": limit + 1,
        },
    )
    return await _posts(db, rows, hidden, limit)


async def reactions(
    db: Database | Tx, user_id: int, hidden: Collection[int], before_id: int | None, limit: int
) -> Page:
    """The posts that one person reacted to, by their newest reaction; its id is `next_id`."""
    rows = await db.fetch_all(
        """
        SELECT r.post_id, r.id AS place
          FROM reactions AS r
          JOIN posts AS p ON p.id = r.post_id
         WHERE r.user_id = :user_id AND r.id < :before_id
           AND NOT p.deleted AND p.author_id <> ALL(:hidden)
           AND NOT EXISTS (SELECT 1
                             FROM reactions AS newer
                            WHERE newer.user_id = r.user_id AND newer.post_id = r.post_id
                              AND newer.id > r.id)
         ORDER BY r.id DESC
         LIMIT :limit
        """,
        {
            "user_id": user_id,
            "before_id": _from(before_id),
            "hidden": list(hidden),
            "limit": limit + 1,
        },
    )
    return await _posts(db, rows, hidden, limit)


async def _posts(
    db: Database | Tx, rows: Sequence[Row], hidden: Collection[int], limit: int
) -> Page:
    """A page of posts alone; one row more than `limit` says that there is another."""
    found, _ = await reading.posts(db, [row["post_id"] for row in rows[:limit]], hidden, ())
    nouns = [found[row["post_id"]] for row in rows[:limit] if row["post_id"] in found]
    # Whatever was deleted since the first statement.
    entries: list[Entry] = [noun for noun in nouns if not noun.deleted]
    return Page(entries, rows[limit - 1]["place"] if len(rows) > limit else None)


async def _page(
    db: Database | Tx, read: _Read, hidden: Collection[int], before_id: int | None, limit: int
) -> Page:
    """A page of posts and retweets; the statements are as many for one entry as for all."""
    shown, next_id = await _gather(read, _from(before_id), limit)
    named = {place.actor_id for places in shown.values() for place in places if place.is_retweet}
    posts, people = await reading.posts(db, shown, hidden, named)
    for post_id, places in shown.items():
        # Without the retweets of accounts that are gone.
        shown[post_id] = [p for p in places if not p.is_retweet or _lives(people, p.actor_id)]
    carriers = [places[0] for places in shown.values() if places]
    carriers.sort(key=lambda place: place.id, reverse=True)
    entries: list[Entry] = []
    for carrier in carriers:
        post = posts.get(carrier.post_id)
        if post is None or post.deleted:
            continue  # deleted since its row was read
        if not carrier.is_retweet:
            entries.append(post)
        elif carrier.seq:
            entries.append(_retweet(carrier, post, shown[carrier.post_id], people))
    return Page(entries, next_id)


async def _gather(
    read: _Read, before: int, limit: int
) -> tuple[dict[int, list[_Place]], int | None]:
    """Rows by post, until `limit` posts are found or few rounds were made; where they ended.

    Each round reads more: a page may meet a post that hundreds have retweeted.
    """
    shown: dict[int, list[_Place]] = {}
    for times in ROUNDS:
        rows, ended = await read(before, times * limit)
        for row in rows:
            if row.post_id not in shown and len(shown) == limit:
                return shown, before
            shown.setdefault(row.post_id, []).append(row)
            before = row.id
        if ended:
            return shown, None
    return shown, before


def _retweet(
    carrier: _Place, post: Post, places: Sequence[_Place], people: Mapping[int, Author]
) -> Retweet:
    others = [people[place.actor_id] for place in places[1:] if place.is_retweet]
    return Retweet(
        id=str(carrier.id),
        seq=carrier.seq,
        user=people[carrier.actor_id],
        post=post,
        created_at=rfc3339(carrier.created_ms),
        deleted=False,
        also=others[:ALSO],
        also_count=max(0, len(others) - ALSO),
    )


def _lives(people: Mapping[int, Author], user_id: int) -> bool:
    """Whether this person has an account that is not gone, and ever had one."""
    return user_id in people and bool(people[user_id].name)


def _place(row: Row) -> _Place:
    times = row["created_ms"] or 0, row["seq"] or 0
    return _Place(row["id"], row["actor_id"], row["post_id"], *times)


def _from(before_id: int | None) -> int:
    return LAST if before_id is None else before_id
