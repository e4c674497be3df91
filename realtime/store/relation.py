"""How people stand to each other: follows, blocks and mutes.

A pair has two rows, one for each direction, which are locked together, the smaller id first.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Literal

from realtime.errors import Refusal, not_found
from realtime.model import Relation, User
from realtime.store import user
from realtime.store.database import Database, Row, Tx
from realtime.store.rows import LAST
from realtime.store.user import Tally

Direction = Literal["followers", "following", "blocking", "muting"]
_What = Literal["following", "blocking", "muting"]


@dataclass(frozen=True, slots=True)
class Followed:
    """Both sides of a pair after a deed of the first one, and which of them it changed."""

    mine: Relation
    theirs: Relation
    changed: bool
    theirs_changed: bool  # as the other one may know it


@dataclass(frozen=True, slots=True)
class _Side:
    """One row: how `user_id` stands to `other_id`."""

    user_id: int
    other_id: int
    following: bool = False
    followed_by: bool = False
    blocking: bool = False
    blocked_by: bool = False
    muting: bool = False
    following_id: int | None = None
    blocking_id: int | None = None
    muting_id: int | None = None
    seq: int = 0

    def noun(self) -> Relation:
        return Relation(
            user_id=str(self.other_id),
            seq=self.seq,
            following=self.following,
            followed_by=self.followed_by,
            blocking=self.blocking,
            muting=self.muting,
        )


async def hidden(db: Database | Tx, user_id: int | None) -> frozenset[int]:
    """Who is hidden from this person by a block, either way, or a mute; nobody from a visitor."""
    if user_id is None:
        return frozenset()
    rows = await db.fetch_all(
        """
        SELECT other_id
          FROM relations
         WHERE user_id = :user_id AND (blocking OR blocked_by OR muting)
        """,
        {"user_id": user_id},
    )
    return frozenset(row["other_id"] for row in rows)


async def blocked(
    db: Database | Tx, pairs: Collection[tuple[int, int]]
) -> frozenset[tuple[int, int]]:
    """Those of `pairs` between whom there is a block, whoever set it."""
    if not pairs:
        return frozenset()
    rows = await db.fetch_all(
        """
        SELECT r.user_id, r.other_id
          FROM unnest(CAST(:users AS bigint[]), CAST(:others AS bigint[])) AS t(user_id, other_id)
          JOIN relations AS r ON r.user_id = t.user_id AND r.other_id = t.other_id
         WHERE r.blocking OR r.blocked_by
        """,
        {"users": [pair[0] for pair in pairs], "others": [pair[1] for pair in pairs]},
    )
    return frozenset((row["user_id"], row["other_id"]) for row in rows)


async def hidden_among(
    db: Database | Tx, pairs: Collection[tuple[int, int]]
) -> frozenset[tuple[int, int]]:
    """Those of `pairs` (viewer, other) in which the other is hidden from the viewer."""
    if not pairs:
        return frozenset()
    rows = await db.fetch_all(
        """
        SELECT r.user_id, r.other_id
          FROM unnest(CAST(:users AS bigint[]), CAST(:others AS bigint[])) AS t(user_id, other_id)
          JOIN relations AS r ON r.user_id = t.user_id AND r.other_id = t.other_id
         WHERE r.blocking OR r.blocked_by OR r.muting
        """,
        {"users": [pair[0] for pair in pairs], "others": [pair[1] for pair in pairs]},
    )
    return frozenset((row["user_id"], row["other_id"]) for row in rows)


async def is_blocked(db: Database | Tx, user_id: int, other_id: int) -> bool:
    """Whether there is a block between these two, whoever set it."""
    return bool(await blocked(db, [(user_id, other_id)]))


async def is_blocked_by(db: Database | Tx, user_id: int, other_id: int) -> bool:
    """Whether the other one has blocked this person."""
    sql = """
        SELECT 1
          FROM relations
         WHERE user_id = :user_id AND other_id = :other_id AND blocked_by
        """
    values = {"user_id": user_id, "other_id": other_id}
    return await db.fetch_val(sql, values) is not None


async def get(db: Database | Tx, user_id: int, other_ids: Collection[int]) -> dict[int, Relation]:
    """How this person stands to each of the others, by id; all false where they never met."""
    rows = await db.fetch_all(
        """
        SELECT user_id, other_id, following, followed_by, blocking, blocked_by, muting,
               following_id, blocking_id, muting_id, seq
          FROM relations
         WHERE user_id = :user_id AND other_id = ANY(:other_ids)
        """,
        {"user_id": user_id, "other_ids": list(other_ids)},
    )
    found = {row["other_id"]: _side(row) for row in rows}
    return {id: found.get(id, _Side(user_id, id)).noun() for id in other_ids}


async def follow(tx: Tx, user_id: int, other_id: int, on: bool, at_ms: int) -> Followed:
    """The first one follows the second or not. A repeat changes nothing.

    Raises:
        Refusal: `not_found` with field `user_id` for nobody, and where there is a block;
            `invalid` for oneself.
    """
    turn = await _begin(tx, user_id, other_id, "following", on)
    if not turn.is_new:
        return turn.unchanged()
    theirs = replace(turn.theirs, followed_by=on, seq=turn.seq)
    await _write(tx, turn.mine, theirs)
    step = 1 if on else -1
    await user.tally(tx, {user_id: Tally(following=step), other_id: Tally(followers=step)})
    return Followed(turn.mine.noun(), theirs.noun(), True, True)


async def block(tx: Tx, user_id: int, other_id: int, on: bool, at_ms: int) -> Followed:
    """The first one blocks the second or not; a block ends both follows. A repeat changes nothing.

    Raises:
        Refusal: `not_found` with field `user_id` for nobody, and for whoever blocked first;
            `invalid` for oneself.
    """
    turn = await _begin(tx, user_id, other_id, "blocking", on)
    if not turn.is_new:
        return turn.unchanged()
    before = turn.mine
    ends = on and (before.following or before.followed_by)
    mine, theirs = before, replace(turn.theirs, blocked_by=on)
    if ends:
        mine, theirs = _apart(mine), replace(_apart(theirs), seq=turn.seq)
    await _write(tx, mine, theirs)
    if ends:
        lost = Tally(following=-before.following, followers=-before.followed_by)
        theirs_lost = Tally(following=-before.followed_by, followers=-before.following)
        await user.tally(tx, {user_id: lost, other_id: theirs_lost})
    # What the other one is not told has no new number either.
    return Followed(mine.noun(), theirs.noun(), True, ends)


async def mute(tx: Tx, user_id: int, other_id: int, on: bool, at_ms: int) -> Followed:
    """The first one mutes the second or not; the second one never learns. A repeat changes nothing.

    Raises:
        Refusal: `not_found` with field `user_id` for nobody, and where there is a block;
            `invalid` for oneself.
    """
    turn = await _begin(tx, user_id, other_id, "muting", on)
    if not turn.is_new:
        return turn.unchanged()
    await _write(tx, turn.mine)
    return Followed(turn.mine.noun(), turn.theirs.noun(), True, False)


@dataclass(frozen=True, slots=True)
class _Turn:
    """A deed that has begun: this person's side is set, if that `is_new`; the other's is as was."""

    mine: _Side
    theirs: _Side
    is_new: bool
    seq: int

    def unchanged(self) -> Followed:
        return Followed(self.mine.noun(), self.theirs.noun(), False, False)


async def _begin(tx: Tx, user_id: int, other_id: int, what: _What, on: bool) -> _Turn:
    """Lock both sides, judge, and set this person's."""
    mine, theirs = await _lock(tx, user_id, other_id, write=on)
    if what != "blocking":
        is_apart = mine.blocking or mine.blocked_by
    else:  # taking a block back always works
        is_apart = on and mine.blocked_by and not mine.blocking
    if is_apart:
        raise not_found("person", field="user_id")
    if getattr(mine, what) == on:
        return _Turn(mine, theirs, False, 0)
    [seq] = await tx.next_seq()
    change: dict[str, Any] = {what: on, f"{what}_id": seq if on else None, "seq": seq}
    return _Turn(replace(mine, **change), theirs, True, seq)


async def page(  # noqa: PLR0913 - whose, which, from where, how many, without whom
    db: Database | Tx,
    user_id: int,
    direction: Direction,
    before_id: int | None,
    limit: int,
    hidden: Collection[int],
) -> tuple[list[User], int | None]:
    """People around this one, newest first, without the hidden; where the next page begins."""
    sql = {
        "followers": """
            SELECT user_id AS id, following_id AS place
              FROM relations
             WHERE other_id = :user_id AND following AND following_id < :before_id
               AND user_id <> ALL(:hidden)
             ORDER BY following_id DESC
             LIMIT :limit
            """,
        "following": """
            SELECT other_id AS id, following_id AS place
              FROM relations
             WHERE user_id = :user_id AND following AND following_id < :before_id
               AND other_id <> ALL(:hidden)
             ORDER BY following_id DESC
             LIMIT :limit
            """,
        "blocking": """
            SELECT other_id AS id, blocking_id AS place
              FROM relations
             WHERE user_id = :user_id AND (blocking OR blocked_by OR muting)
               AND blocking AND blocking_id < :before_id AND other_id <> ALL(:hidden)
             ORDER BY blocking_id DESC
             LIMIT :limit
            """,
        "muting": """
            SELECT other_id AS id, muting_id AS place
              FROM relations
             WHERE user_id = :user_id AND (blocking OR blocked_by OR muting)
               AND muting AND NOT blocked_by AND muting_id < :before_id AND other_id <> ALL(:hidden)
             ORDER BY muting_id DESC
             LIMIT :limit
            """,
    }[direction]
    rows = await db.fetch_all(
        sql,
        {
            "user_id": user_id,
            "before_id": LAST if before_id is None else before_id,
            "hidden": list(hidden),
            "limit": limit + 1,
        },
    )
    people = await user.living(db, [row["id"] for row in rows[:limit]])
    return people, rows[limit - 1]["place"] if len(rows) > limit else None


async def _lock(tx: Tx, user_id: int, other_id: int, *, write: bool) -> tuple[_Side, _Side]:
    """Both sides, this person's first; nobody else changes them until this transaction ends.

    Where they never met, the rows are made only to be written.
    """
    if user_id == other_id:
        raise Refusal("invalid", "That is you.", field="user_id")
    people = await user.lock(tx, [user_id, other_id])
    if user_id not in people:
        raise user.gone()
    if other_id not in people:
        raise not_found("person", field="user_id")
    pair = {"low": min(user_id, other_id), "high": max(user_id, other_id)}
    if write:
        await tx.execute(
            """
            INSERT INTO relations (user_id, other_id, seq)
            VALUES (:low, :high, 0), (:high, :low, 0)
                ON CONFLICT (user_id, other_id) DO NOTHING
            """,
            pair,
        )
    rows = await tx.fetch_all(
        """
        SELECT user_id, other_id, following, followed_by, blocking, blocked_by, muting,
               following_id, blocking_id, muting_id, seq
          FROM relations
         WHERE (user_id, other_id) IN ((:low, :high), (:high, :low))
         ORDER BY user_id
           FOR NO KEY UPDATE
        """,
        pair,
    )
    found = {row["user_id"]: _side(row) for row in rows}
    mine = found.get(user_id, _Side(user_id, other_id))
    return mine, found.get(other_id, _Side(other_id, user_id))


async def _write(tx: Tx, *sides: _Side) -> None:
    await tx.execute_many(
        """
        UPDATE relations
           SET following = :following, followed_by = :followed_by, blocking = :blocking,
               blocked_by = :blocked_by, muting = :muting, following_id = :following_id,
               blocking_id = :blocking_id, muting_id = :muting_id, seq = :seq
         WHERE user_id = :user_id AND other_id = :other_id
        """,
        [{name: getattr(side, name) for name in _Side.__slots__} for side in sides],
    )


def _apart(side: _Side) -> _Side:
    return replace(side, following=False, followed_by=False, following_id=None)


def _side(row: Row) -> _Side:
    return _Side(
        user_id=row["user_id"],
        other_id=row["other_id"],
        following=bool(row["following"]),
        followed_by=bool(row["followed_by"]),
        blocking=bool(row["blocking"]),
        blocked_by=bool(row["blocked_by"]),
        muting=bool(row["muting"]),
        following_id=row["following_id"],
        blocking_id=row["blocking_id"],
        muting_id=row["muting_id"],
        seq=row["seq"],
    )
