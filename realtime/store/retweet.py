"""Retweets: anyone passes a post on, once at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from msgspec import structs

from realtime.errors import Refusal
from realtime.model import Author, Counts, Mine, Post, Retweet, User
from realtime.store import counts, grounds, reading, user
from realtime.store.counts import Stance
from realtime.store.database import Database, Tx
from realtime.store.grounds import Grounds
from realtime.store.rows import LAST, rfc3339


@dataclass(frozen=True, slots=True)
class Item:
    """This person's retweet of this post is to be on or off."""

    user_id: int
    post_id: int
    on: bool


@dataclass(frozen=True, slots=True)
class Changed:
    """Where all stands after the whole list.

    `retweet` is what this item made of it, a retweet or its tombstone; None if nothing changed.
    """

    counts: Counts
    mine: Mine
    retweet: Retweet | None
    author_id: int


@dataclass(slots=True)
class _Line:
    """One row that is written: a retweet that begins, or one that ends."""

    retweet_id: int
    user_id: int
    post_id: int
    seq: int
    is_new: bool
    deleted: bool = False
    created_ms: int = 0


async def set(tx: Tx, items: Sequence[Item], at_ms: int) -> list[Changed | Refusal]:
    """Turn retweets on and off, one item after the other; the results in their order.

    A fixed number of statements for any number of items. A repeat changes nothing, a refused item
    neither; one that is turned on again has a new id. Each post that changed gets one new `v`.
    Refusals: `not_found` with field `post_id` (what was hidden later can still be turned off),
    `unauthenticated` when the account is gone.
    """
    if not items:
        return []
    pairs = dict.fromkeys((item.user_id, item.post_id) for item in items)
    ground = await grounds.hold(tx, pairs, {item.user_id for item in items})
    # Before the counts are locked: a post that everybody retweets is held as shortly as possible.
    posts, people = await reading.posts(tx, ground.authors, (), ground.people)
    ledger = _Ledger(
        now=await counts.lock(tx, ground.authors),
        stances=await counts.stances(tx, [pair for pair in pairs if pair[1] in ground.authors]),
        numbers=iter(await tx.next_seq(len(items) + len(ground.authors))),
    )
    done = [_apply(ledger, ground, item, at_ms) for item in items]
    ledger.renumber()
    await _write(tx, ledger.lines.values())
    await counts.save(tx, [ledger.now[post_id] for post_id in ledger.touched])
    results: list[Changed | Refusal] = []
    for item, did in zip(items, done, strict=True):
        if isinstance(did, Refusal):
            results.append(did)
            continue
        now = ledger.now[item.post_id]
        mine = ledger.stances[item.user_id, item.post_id].mine(now)
        noun = None
        if did is not None:
            created_ms = ledger.lines[did.retweet_id].created_ms
            noun = _noun(did, created_ms, people[item.user_id], posts[item.post_id])
        results.append(Changed(now, mine, noun, ground.authors[item.post_id]))
    return results


async def by_ids(
    db: Database | Tx, ids: Collection[int], hidden: Collection[int] = frozenset()
) -> list[Retweet]:
    """These retweets as they are now, in the order of `ids`; unknown ones are left out.

    One that was undone, is by somebody gone, or of a deleted post, is a tombstone. `hidden` is as
    in `post.by_ids`.
    """
    rows = await db.fetch_all(
        """
        SELECT id, user_id, post_id, created_ms, deleted, seq
          FROM retweets
         WHERE id = ANY(:ids)
        """,
        {"ids": list(ids)},
    )
    posts, people = await reading.posts(
        db,
        dict.fromkeys(row["post_id"] for row in rows),
        hidden,
        dict.fromkeys(row["user_id"] for row in rows),
    )
    found = {
        row["id"]: Retweet(
            id=str(row["id"]),
            seq=row["seq"],
            user=people[row["user_id"]],
            post=posts[row["post_id"]],
            created_at=rfc3339(row["created_ms"]),
            deleted=bool(row["deleted"])
            or posts[row["post_id"]].deleted
            or not people[row["user_id"]].name,
        )
        for row in rows
        if row["user_id"] in people and row["post_id"] in posts
    }
    return [found[retweet_id] for retweet_id in ids if retweet_id in found]


async def page(
    db: Database | Tx, post_id: int, before_id: int | None, limit: int, hidden: Collection[int]
) -> tuple[list[User], int | None]:
    """Who retweeted this post, newest first, without the hidden; where the next page begins."""
    rows = await db.fetch_all(
        """
        SELECT id, user_id
          FROM retweets
         WHERE post_id = :post_id AND NOT deleted AND id < :before_id
           AND user_id <> ALL(:hidden)
         ORDER BY id DESC
         LIMIT :limit
        """,
        {
            "post_id": post_id,
            "before_id": LAST if before_id is None else before_id,
            "hidden": list(hidden),
            "limit": limit + 1,
        },
    )
    people = await user.living(db, [row["user_id"] for row in rows[:limit]])
    return people, rows[limit - 1]["id"] if len(rows) > limit else None


@dataclass(slots=True)
class _Ledger:
    """What is on while the items are applied, and what has to be written for it."""

    now: dict[int, Counts]
    stances: dict[tuple[int, int], Stance]
    numbers: Iterator[int]
    lines: dict[int, _Line] = field(default_factory=dict)  # by retweet id
    touched: dict[int, None] = field(default_factory=dict)

    def turn(self, item: Item, at_ms: int) -> _Line:
        """Change this retweet, which is the other way round; what it is after this item alone."""
        pair = (item.user_id, item.post_id)
        stance, now = self.stances[pair], self.now[item.post_id]
        seq = next(self.numbers)
        if stance.retweet_id is None:
            line = _Line(seq, *pair, seq, is_new=True, created_ms=at_ms)
            self.stances[pair] = Stance(stance.reactions, seq)
        else:
            known = self.lines.get(stance.retweet_id)
            line = _Line(stance.retweet_id, *pair, seq, is_new=known is not None, deleted=True)
            line.created_ms = at_ms if known is not None else 0
            self.stances[pair] = Stance(stance.reactions, None)
        self.lines[line.retweet_id] = line
        step = -1 if line.deleted else 1
        self.now[item.post_id] = structs.replace(now, retweets=now.retweets + step)
        self.touched[item.post_id] = None
        return line

    def renumber(self) -> None:
        """Give the counts of every post that changed a new `v`."""
        for post_id in self.touched:
            self.now[post_id] = structs.replace(self.now[post_id], v=next(self.numbers))


def _apply(ledger: _Ledger, ground: Grounds, item: Item, at_ms: int) -> _Line | Refusal | None:
    """What this item wrote, None if nothing, or why it may not."""
    stance = ledger.stances.get((item.user_id, item.post_id))
    is_on = stance is not None and stance.retweet_id is not None
    undoing = is_on and not item.on
    refusal = ground.refusal(item.user_id, item.post_id, "post_id", undoing=undoing)
    if refusal is not None:
        return refusal
    return None if is_on == item.on else ledger.turn(item, at_ms)


async def _write(tx: Tx, lines: Collection[_Line]) -> None:
    """Write what began and what ended, with its place in timelines; learns when it had begun."""
    ended = {line.retweet_id: line for line in lines if not line.is_new}
    if ended:
        rows = await tx.fetch_all(
            """
            UPDATE retweets
               SET deleted = true, seq = t.new_seq
              FROM unnest(CAST(:ids AS bigint[]), CAST(:seqs AS bigint[]))
                AS t(retweet_id, new_seq)
             WHERE retweets.id = t.retweet_id
            RETURNING id, created_ms
            """,
            {"ids": list(ended), "seqs": [line.seq for line in ended.values()]},
        )
        for row in rows:
            ended[row["id"]].created_ms = row["created_ms"]
        await tx.execute("DELETE FROM entries WHERE id = ANY(:ids)", {"ids": list(ended)})
    begun = [line for line in lines if line.is_new]
    if begun:
        binds = {
            "ids": [line.retweet_id for line in begun],
            "users": [line.user_id for line in begun],
            "posts": [line.post_id for line in begun],
            "created": [line.created_ms for line in begun],
            "deleted": [line.deleted for line in begun],
            "seqs": [line.seq for line in begun],
        }
        await tx.execute(
            """
            INSERT INTO retweets (id, user_id, post_id, created_ms, deleted, seq)
            SELECT t.id, t.user_id, t.post_id, t.created_ms, t.deleted, t.seq
              FROM unnest(CAST(:ids AS bigint[]), CAST(:users AS bigint[]),
                          CAST(:posts AS bigint[]), CAST(:created AS bigint[]),
                          CAST(:deleted AS boolean[]), CAST(:seqs AS bigint[]))
                AS t(id, user_id, post_id, created_ms, deleted, seq)
            """,
            binds,
        )
        await tx.execute(
            """
            INSERT INTO entries (id, actor_id, post_id, author_id)
            SELECT r.id, r.user_id, r.post_id, p.author_id
              FROM retweets AS r
              JOIN posts AS p ON p.id = r.post_id
             WHERE r.id = ANY(:ids) AND NOT r.deleted
            """,
            {"ids": binds["ids"]},
        )


def _noun(line: _Line, created_ms: int, author: Author, post: Post) -> Retweet:
    return Retweet(
        id=str(line.retweet_id),
        seq=line.seq,
        user=author,
        post=post,
        created_at=rfc3339(created_ms),
        deleted=line.deleted,
    )
