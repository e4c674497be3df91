"""Reactions: anyone's one emoji on any post, up to eight different ones each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from msgspec import structs

from realtime.errors import Refusal
from realtime.model import Counts, Mine, Reaction
from realtime.store import counts, grounds, user
from realtime.store.counts import Stance
from realtime.store.database import Database, Tx
from realtime.store.grounds import Grounds
from realtime.store.rows import LAST, rfc3339

EACH: Final = 8  # different emoji of one person on one post


@dataclass(frozen=True, slots=True)
class Item:
    """This person's reaction with this emoji is to be on or off."""

    user_id: int
    post_id: int
    emoji: str
    on: bool


@dataclass(frozen=True, slots=True)
class Changed:
    """Where all stands after the whole list; `changed` is whether this item did anything.

    `reaction_id` is that of the reaction which began or ended with it; None where nothing is left
    of it after the whole list.
    """

    counts: Counts
    mine: Mine
    changed: bool
    author_id: int
    reaction_id: int | None


async def set(tx: Tx, items: Sequence[Item], at_ms: int) -> list[Changed | Refusal]:
    """Turn reactions on and off, one item after the other; the results in their order.

    A fixed number of statements for any number of items. A repeat changes nothing, a refused item
    neither. Each post that changed gets one new `v`. Refusals: `not_found` with field `post_id`
    (what was hidden later can still be turned off), `too_many` with `emoji`, `unauthenticated`
    when the account is gone.
    """
    if not items:
        return []
    pairs = dict.fromkeys((item.user_id, item.post_id) for item in items)
    ground = await grounds.hold(tx, pairs, {item.user_id for item in items})
    now = await counts.lock(tx, ground.authors)
    before = await counts.stances(tx, [pair for pair in pairs if pair[1] in ground.authors])
    ledger = _Ledger(now, before)
    done = [_apply(ledger, ground, item) for item in items]
    fresh = await tx.next_seq(len(ledger.added) + len(ledger.touched))
    await _write(tx, ledger, fresh, at_ms)
    for v, post_id in zip(fresh[len(ledger.added) :], ledger.touched, strict=True):
        ledger.now[post_id] = structs.replace(ledger.now[post_id], v=v)
    await counts.save(tx, [ledger.now[post_id] for post_id in ledger.touched])
    return [_result(ledger, ground, item, did) for item, did in zip(items, done, strict=True)]


async def page(  # noqa: PLR0913 - of what, which, from where, how many, without whom
    db: Database | Tx,
    post_id: int,
    emoji: str | None,
    before_id: int | None,
    limit: int,
    hidden: Collection[int],
) -> tuple[list[Reaction], int | None]:
    """Reactions to this post, newest first, without the hidden; where the next page begins."""
    rows = await db.fetch_all(
        """
        SELECT r.id, r.user_id, r.emoji, r.created_ms
          FROM reactions AS r
         WHERE r.post_id = :post_id AND r.id < :before_id AND r.user_id <> ALL(:hidden)
           AND (CAST(:emoji AS text) IS NULL OR r.emoji = CAST(:emoji AS text))
         ORDER BY r.id DESC
         LIMIT :limit
        """,
        {
            "post_id": post_id,
            "before_id": LAST if before_id is None else before_id,
            "hidden": list(hidden),
            "emoji": emoji,
            "limit": limit + 1,
        },
    )
    shown = rows[:limit]
    people = await user.living(db, dict.fromkeys(row["user_id"] for row in shown))
    by_id = {int(person.id): person for person in people}
    reactions = [
        Reaction(by_id[row["user_id"]], row["emoji"], rfc3339(row["created_ms"]))
        for row in shown
        if row["user_id"] in by_id
    ]
    return reactions, rows[limit - 1]["id"] if len(rows) > limit else None


_Row = tuple[int, int, str]  # post id, user id, emoji


class _Ledger:
    """What is on while the items are applied, and what has to be written for it."""

    def __init__(self, now: dict[int, Counts], before: dict[tuple[int, int], Stance]) -> None:
        self.now = now
        self.stances = dict(before)
        self.removed: dict[_Row, int] = {}  # → its id, once written
        self.added: dict[_Row, int] = {}
        self.touched: dict[int, None] = {}

    def turn(self, item: Item) -> None:
        """Change this reaction, which is the other way round."""
        pair, row = (item.user_id, item.post_id), (item.post_id, item.user_id, item.emoji)
        stance, now = self.stances[pair], self.now[item.post_id]
        reactions = dict(now.reactions)
        if item.on:
            emoji = (*stance.reactions, item.emoji)
            reactions[item.emoji] = reactions.get(item.emoji, 0) + 1
            self.added[row] = 0
        else:
            emoji = tuple(other for other in stance.reactions if other != item.emoji)
            reactions[item.emoji] -= 1
            if not reactions[item.emoji]:
                del reactions[item.emoji]
            if row in self.added:
                del self.added[row]
            else:
                self.removed[row] = 0
        self.stances[pair] = Stance(emoji, stance.retweet_id)
        self.now[item.post_id] = structs.replace(now, reactions=reactions)
        self.touched[item.post_id] = None


def _apply(ledger: _Ledger, ground: Grounds, item: Item) -> bool | Refusal:
    """Whether this item changed anything, or why it may not."""
    stance = ledger.stances.get((item.user_id, item.post_id))
    emoji = () if stance is None else stance.reactions
    undoing = not item.on and item.emoji in emoji
    refusal = ground.refusal(item.user_id, item.post_id, "post_id", undoing=undoing)
    if refusal is not None:
        return refusal
    if (item.emoji in emoji) == item.on:
        return False
    if item.on and len(emoji) >= EACH:
        message = f"A post takes {EACH} different reactions from each person."
        return Refusal("too_many", message, field="emoji")
    ledger.turn(item)
    return True


def _result(ledger: _Ledger, ground: Grounds, item: Item, did: bool | Refusal) -> Changed | Refusal:
    if isinstance(did, Refusal):
        return did
    now = ledger.now[item.post_id]
    mine = ledger.stances[item.user_id, item.post_id].mine(now)
    rows = ledger.added if item.on else ledger.removed
    reaction_id = rows.get((item.post_id, item.user_id, item.emoji)) if did else None
    return Changed(now, mine, did, ground.authors[item.post_id], reaction_id)


async def _write(tx: Tx, ledger: _Ledger, ids: Sequence[int], at_ms: int) -> None:
    """Write what is on now and was not, or the other way round; learns its ids."""
    if ledger.removed:
        rows = await tx.fetch_all(
            """
            DELETE FROM reactions
             WHERE (post_id, user_id, emoji) IN (
                   SELECT t.post_id, t.user_id, t.emoji
                     FROM unnest(CAST(:posts AS bigint[]), CAST(:users AS bigint[]),
                                 CAST(:emoji AS text[])) AS t(post_id, user_id, emoji))
            RETURNING id, post_id, user_id, emoji
            """,
            _binds(ledger.removed),
        )
        ledger.removed.update(
            {(row["post_id"], row["user_id"], row["emoji"]): row["id"] for row in rows}
        )
    if ledger.added:
        ledger.added = dict(zip(ledger.added, ids, strict=False))
        await tx.execute(
            """
            INSERT INTO reactions (id, post_id, user_id, emoji, created_ms)
            SELECT t.id, t.post_id, t.user_id, t.emoji, :at_ms
              FROM unnest(CAST(:ids AS bigint[]), CAST(:posts AS bigint[]),
                          CAST(:users AS bigint[]), CAST(:emoji AS text[]))
                AS t(id, post_id, user_id, emoji)
            """,
            {**_binds(ledger.added), "ids": list(ids[: len(ledger.added)]), "at_ms": at_ms},
        )


def _binds(rows: Collection[_Row]) -> dict[str, object]:
    return {
        "posts": [post_id for post_id, _, _ in rows],
        "users": [user_id for _, user_id, _ in rows],
        "emoji": [emoji for _, _, emoji in rows],
    }
