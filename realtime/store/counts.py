"""The numbers of posts, and what one person did to them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import orjson
from msgspec import UNSET, UnsetType, structs

from realtime.model import Counts, Entry, Mine, Retweet
from realtime.store.database import Database, Row, Tx
from realtime.store.rows import parsed

E = TypeVar("E", bound=Entry)


@dataclass(frozen=True, slots=True)
class Stance:
    """What one person did to one post."""

    reactions: tuple[str, ...]  # first one first
    retweet_id: int | None

    def mine(self, now: Counts) -> Mine:
        """The noun, beside the numbers of the same moment."""
        return Mine(now.post_id, now.v, list(self.reactions), self.retweet_id is not None)


NOTHING = Stance((), None)


async def by_ids(db: Database | Tx, ids: Collection[int]) -> dict[int, Counts]:
    """The numbers of these posts as they are now, by post id; unknown posts are left out."""
    rows = await db.fetch_all(
        """
        SELECT post_id, v, retweets, replies, quotes, reactions
          FROM counts
         WHERE post_id = ANY(:ids)
        """,
        {"ids": list(ids)},
    )
    return {row["post_id"]: _counts(row, _reactions(row)) for row in rows}


async def mine(db: Database | Tx, user_id: int, ids: Collection[int]) -> dict[int, Mine]:
    """What this person did to these posts, by post id; unknown posts are left out."""
    return {post_id: own for post_id, (_, own) in (await _both(db, user_id, ids)).items()}


async def decorate(db: Database | Tx, entries: Sequence[E], user_id: int | None) -> list[E]:
    """The same entries with the numbers of their posts, and what this person did; one query.

    A visitor did nothing: `mine` is left out.
    """
    ids = list(dict.fromkeys(_post_id(entry) for entry in entries))
    if not ids:
        return list(entries)
    numbers: Mapping[int, tuple[Counts, Mine | UnsetType]]
    if user_id is None:
        numbers = {post_id: (now, UNSET) for post_id, now in (await by_ids(db, ids)).items()}
    else:
        numbers = {**await _both(db, user_id, ids)}
    return [_with(entry, *numbers.get(_post_id(entry), (UNSET, UNSET))) for entry in entries]


async def lock(tx: Tx, ids: Collection[int]) -> dict[int, Counts]:
    """The numbers of these posts; nobody else changes them until this transaction ends.

    Only who holds this lock changes the reactions and retweets of a living post.
    """
    rows = await tx.fetch_all(
        """
        SELECT post_id, v, retweets, replies, quotes, reactions
          FROM counts
         WHERE post_id = ANY(:ids)
         ORDER BY post_id
           FOR NO KEY UPDATE
        """,
        {"ids": list(ids)},
    )
    read = {row["post_id"]: _reactions(row) for row in rows}
    spoiled = [post_id for post_id, reactions in read.items() if reactions is None]
    if spoiled:
        read.update(await _recounted(tx, spoiled))
    return {row["post_id"]: _counts(row, read[row["post_id"]]) for row in rows}


async def _recounted(tx: Tx, post_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """The numbers of reactions to these posts, from the reactions themselves."""
    rows = await tx.fetch_all(
        """
        SELECT post_id, emoji, count(*) AS n
          FROM reactions
         WHERE post_id = ANY(:ids)
         GROUP BY post_id, emoji
         ORDER BY post_id, min(id)
        """,
        {"ids": list(post_ids)},
    )
    found: dict[int, dict[str, int]] = {post_id: {} for post_id in post_ids}
    for row in rows:
        found[row["post_id"]][row["emoji"]] = row["n"]
    return found


async def add(tx: Tx, replies: Mapping[int, int], quotes: Mapping[int, int]) -> None:
    """Add to these numbers, by post id. Each post gets a new `v`."""
    found = await lock(tx, {**replies, **quotes})
    fresh = await tx.next_seq(len(found))
    changed = [
        structs.replace(
            now,
            v=v,
            replies=now.replies + replies.get(post_id, 0),
            quotes=now.quotes + quotes.get(post_id, 0),
        )
        for v, (post_id, now) in zip(fresh, found.items(), strict=True)
    ]
    await save(tx, changed)


async def save(tx: Tx, changed: Collection[Counts]) -> None:
    """Write these numbers. They were locked, and each got a new `v` after that."""
    if not changed:
        return
    await tx.execute(
        """
        UPDATE counts
           SET v = t.v, retweets = t.retweets, replies = t.replies, quotes = t.quotes,
               reactions = t.reactions
          FROM unnest(CAST(:ids AS bigint[]), CAST(:vs AS bigint[]),
                      CAST(:retweets AS integer[]), CAST(:replies AS integer[]),
                      CAST(:quotes AS integer[]), CAST(:reactions AS text[]))
            AS t(post_id, v, retweets, replies, quotes, reactions)
         WHERE counts.post_id = t.post_id
        """,
        {
            "ids": [int(now.post_id) for now in changed],
            "vs": [now.v for now in changed],
            "retweets": [now.retweets for now in changed],
            "replies": [now.replies for now in changed],
            "quotes": [now.quotes for now in changed],
            "reactions": [orjson.dumps(now.reactions).decode() for now in changed],
        },
    )


async def begin(tx: Tx, post_ids: Sequence[int]) -> None:
    """Give new posts their zeros; `v` starts as the post's own number."""
    await tx.execute(
        """
        INSERT INTO counts (post_id, v)
        SELECT t.id, t.id
          FROM unnest(CAST(:ids AS bigint[])) AS t(id)
        """,
        {"ids": post_ids},
    )


async def stances(
    db: Database | Tx, pairs: Collection[tuple[int, int]]
) -> dict[tuple[int, int], Stance]:
    """What these people did, by (user id, post id); of one moment where the counts are locked."""
    rows = await db.fetch_all(
        """
        SELECT r.user_id, r.post_id, r.emoji, r.id
          FROM unnest(CAST(:users AS bigint[]), CAST(:posts AS bigint[])) AS t(user_id, post_id)
          JOIN reactions AS r ON r.post_id = t.post_id AND r.user_id = t.user_id
         UNION ALL
        SELECT r.user_id, r.post_id, NULL AS emoji, r.id
          FROM unnest(CAST(:users AS bigint[]), CAST(:posts AS bigint[])) AS t(user_id, post_id)
          JOIN retweets AS r
            ON r.user_id = t.user_id AND r.post_id = t.post_id AND NOT r.deleted
         ORDER BY id
        """,
        {"users": [pair[0] for pair in pairs], "posts": [pair[1] for pair in pairs]},
    )
    emoji: dict[tuple[int, int], list[str]] = {}
    retweeted: dict[tuple[int, int], int] = {}
    for row in rows:
        pair = (row["user_id"], row["post_id"])
        if row["emoji"] is None:
            retweeted[pair] = row["id"]
        else:
            emoji.setdefault(pair, []).append(row["emoji"])
    return {pair: Stance(tuple(emoji.get(pair, ())), retweeted.get(pair)) for pair in pairs}


async def _both(
    db: Database | Tx, user_id: int, ids: Collection[int]
) -> dict[int, tuple[Counts, Mine]]:
    # One statement, so that both are of the same moment, as their common `v` says.
    rows = await db.fetch_all(
        """
        SELECT c.post_id, c.v, c.retweets, c.replies, c.quotes, c.reactions, r.emoji,
               NOT p.deleted AND EXISTS (
                   SELECT 1 FROM retweets AS t
                    WHERE t.user_id = :user_id AND t.post_id = c.post_id AND NOT t.deleted
               ) AS retweeted
          FROM counts AS c
          JOIN posts AS p ON p.id = c.post_id
          LEFT JOIN reactions AS r ON r.post_id = c.post_id AND r.user_id = :user_id
         WHERE c.post_id = ANY(:ids)
         ORDER BY r.id
        """,
        {"user_id": user_id, "ids": list(ids)},
    )
    found: dict[int, tuple[Counts, Mine]] = {}
    for row in rows:
        if row["post_id"] not in found:
            now = _counts(row, _reactions(row))
            own = Mine(now.post_id, now.v, [], bool(row["retweeted"]))
            found[row["post_id"]] = (now, own)
        if row["emoji"] is not None:
            found[row["post_id"]][1].reactions.append(row["emoji"])
    return found


def _counts(row: Row, reactions: dict[str, int] | None) -> Counts:
    return Counts(
        post_id=str(row["post_id"]),
        v=row["v"],
        reactions=reactions or {},
        retweets=row["retweets"],
        replies=row["replies"],
        quotes=row["quotes"],
    )


def _reactions(row: Row) -> dict[str, int] | None:
    """None if they are corrupt: a page shows none then, and the next who reacts mends them."""
    return parsed(row["reactions"], dict[str, int], "counts", row["post_id"])


def _post_id(entry: Entry) -> int:
    return int(entry.post.id if isinstance(entry, Retweet) else entry.id)


def _with(entry: E, now: Counts | UnsetType, own: Mine | UnsetType) -> E:
    if isinstance(entry, Retweet):
        return structs.replace(entry, post=structs.replace(entry.post, counts=now, mine=own))
    return structs.replace(entry, counts=now, mine=own)
