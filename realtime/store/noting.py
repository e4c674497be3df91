"""What a deed writes into the inboxes of those to whom it was done, in the deed's own transaction.

Nobody is notified of their own deeds, nor of those of people who are hidden from them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from msgspec import UNSET

from realtime import text
from realtime.model import Post
from realtime.store import inbox, relation
from realtime.store.database import Tx
from realtime.store.inbox import Owed
from realtime.store.rows import LAST

REACTION: Final = 1
RETWEET: Final = 2
REPLY: Final = 3
MENTION: Final = 4
QUOTE: Final = 5
FOLLOW: Final = 6


@dataclass(frozen=True, slots=True)
class Deed:
    """A reaction or a retweet that began or ended. `deed_id` is its own number."""

    owner_id: int  # the author of the post
    actor_id: int
    post_id: int
    deed_id: int
    on: bool


@dataclass(frozen=True, slots=True)
class Said:
    """A post that was published, and to whom it speaks: whom it answers, quotes, and names."""

    post_id: int
    author_id: int
    answered: int | None
    quoted: int | None
    names: Sequence[str] = field(default=())


def said_by(new: Post) -> Said:
    """To whom a post speaks, that was published just now."""
    return Said(
        post_id=int(new.id),
        author_id=int(new.author.id),
        answered=None if new.parent is UNSET else int(new.parent.author.id),
        quoted=None if new.quoted is UNSET else int(new.quoted.author.id),
        names=text.mentions(new.text),
    )


@dataclass(frozen=True, slots=True)
class _New:
    """A notice that begins."""

    user_id: int
    what: int
    post_id: int | None
    actor_id: int | None
    since: int = 0


async def gathered(tx: Tx, what: int, deeds: Sequence[Deed], at_ms: int) -> list[Owed]:
    """Reactions, or retweets, on these posts; whoever calls holds the locks of their counts.

    A fixed number of statements. The notice of a post is open until it has been read; then the
    next deed begins another.
    """
    deeds = _worth_telling(deeds)
    if not deeds:
        return []
    owners = {deed.post_id: deed.owner_id for deed in deeds}
    read_up_to = await inbox.lock(tx, owners.values())
    # Read under the lock: who hides somebody at this moment sees this deed, or is seen by it.
    hidden = await relation.hidden_among(tx, {(d.owner_id, d.actor_id) for d in deeds})
    deeds = [d for d in deeds if (d.owner_id, d.actor_id) not in hidden]
    if not deeds:
        return []
    # The locked counts make the ids of a post's deeds grow with their commits: a bound is exact.
    first: dict[int, int] = {}
    for deed in deeds:
        if deed.on:
            first[deed.post_id] = min(deed.deed_id, first.get(deed.post_id, LAST))
    known = await _newest(tx, what, first)
    changed = await _holding(tx, what, [deed for deed in deeds if not deed.on])
    readers = set(changed.values())
    new, closed = [], []
    for post_id, since in first.items():
        owner_id = owners[post_id]
        notice_id, is_somebody_in_it = known.get(post_id, (0, False))
        if notice_id > read_up_to[owner_id]:
            changed[notice_id] = owner_id
        else:
            new.append(_New(owner_id, what, post_id, None, since))
            closed.append((notice_id, since))
            is_somebody_in_it = False
        if not is_somebody_in_it:
            readers.add(owner_id)
    await _close(tx, [each for each in closed if each[0]])
    return await _begin(tx, new, at_ms) + await inbox.renumber(tx, changed, readers)


async def said(tx: Tx, posts: Sequence[Said], at_ms: int) -> list[Owed]:
    """Posts that answer, quote or name people: one notice a person and post, in that order.

    Names are folded; those of nobody count for nothing. A fixed number of statements.
    """
    people = await _people(tx, {name for post in posts for name in post.names})
    whats: dict[tuple[int, int], tuple[int, int]] = {}  # (person, post) → what, author
    for post in posts:
        named = [people[name] for name in post.names if name in people]
        found = [(post.answered, REPLY), (post.quoted, QUOTE), *((id, MENTION) for id in named)]
        for person_id, what in found:
            if person_id is not None and person_id != post.author_id:
                whats.setdefault((person_id, post.post_id), (what, post.author_id))
    if not whats:
        return []
    await inbox.lock(tx, {person_id for person_id, _ in whats})
    pairs = {(person_id, author_id) for (person_id, _), (_, author_id) in whats.items()}
    hidden = await relation.hidden_among(tx, pairs)  # under the lock, as above
    new = [
        _New(person_id, what, post_id, author_id)
        for (person_id, post_id), (what, author_id) in whats.items()
        if (person_id, author_id) not in hidden
    ]
    if not new:
        return []
    begun = await _begin(tx, new, at_ms)
    return begun + await inbox.renumber(tx, {}, {each.user_id for each in new})


async def followed(tx: Tx, user_id: int, follower_id: int, on: bool, at_ms: int) -> list[Owed]:
    """Somebody follows this person, or has stopped. Following again makes no second notice."""
    await inbox.lock(tx, [user_id])
    if await relation.hidden_among(tx, [(user_id, follower_id)]):
        return []
    notice_id = await tx.fetch_val(
        """
        SELECT id
          FROM notices
         WHERE actor_id = :follower_id AND user_id = :user_id AND what = :follow
        """,
        {"follower_id": follower_id, "user_id": user_id, "follow": FOLLOW},
    )
    if notice_id is not None:
        return await inbox.renumber(tx, {notice_id: user_id}, [user_id])
    if not on:
        return []
    begun = await _begin(tx, [_New(user_id, FOLLOW, None, follower_id)], at_ms)
    return begun + await inbox.renumber(tx, {}, [user_id])


def _worth_telling(deeds: Sequence[Deed]) -> list[Deed]:
    """Those deeds that their owners are to hear of: not one's own, not one that came and went."""
    ended = {deed.deed_id for deed in deeds if not deed.on}
    passing = {deed.deed_id for deed in deeds if deed.on} & ended
    return [d for d in deeds if d.owner_id != d.actor_id and d.deed_id not in passing]


async def _people(tx: Tx, names: Collection[str]) -> dict[str, int]:
    if not names:
        return {}
    rows = await tx.fetch_all(
        "SELECT id, name FROM users WHERE name = ANY(:names) AND NOT deleted",
        {"names": list(names)},
    )
    return {row["name"]: row["id"] for row in rows}


async def _newest(tx: Tx, what: int, first: Mapping[int, int]) -> dict[int, tuple[int, bool]]:
    """The newest notice of each post (→ its first new deed), and whether anyone was in it yet."""
    if not first:
        return {}
    rows = await tx.fetch_all(
        """
        SELECT n.id, n.post_id,
               (SELECT p.deed_id
                  FROM notice_people AS p
                 WHERE p.notice_id = n.id AND p.deed_id < t.first
                 LIMIT 1) IS NOT NULL AS is_somebody_in_it
          FROM unnest(CAST(:posts AS bigint[]), CAST(:firsts AS bigint[])) AS t(post_id, first)
          JOIN notices AS n
            ON n.post_id = t.post_id AND n.what = :what AND n.until = :open
        """,
        {"posts": list(first), "firsts": list(first.values()), "what": what, "open": LAST},
    )
    return {row["post_id"]: (row["id"], bool(row["is_somebody_in_it"])) for row in rows}


async def _holding(tx: Tx, what: int, ended: Sequence[Deed]) -> dict[int, int]:
    """The notices in which these deeds stood: id → whose."""
    if not ended:
        return {}
    rows = await tx.fetch_all(
        """
        SELECT DISTINCT n.id, n.user_id
          FROM unnest(CAST(:posts AS bigint[]), CAST(:deeds AS bigint[])) AS t(post_id, deed_id)
          JOIN notices AS n
            ON n.post_id = t.post_id AND n.what = :what
           AND n.since <= t.deed_id AND n.until > t.deed_id
        """,
        {
            "posts": [deed.post_id for deed in ended],
            "deeds": [deed.deed_id for deed in ended],
            "what": what,
        },
    )
    return {row["id"]: row["user_id"] for row in rows}


async def _close(tx: Tx, closed: Sequence[tuple[int, int]]) -> None:
    """These notices (id, bound) take no deed from this bound on."""
    if not closed:
        return
    await tx.execute(
        """
        UPDATE notices
           SET until = t.bound
          FROM unnest(CAST(:ids AS bigint[]), CAST(:bounds AS bigint[])) AS t(notice_id, bound)
         WHERE notices.id = t.notice_id
        """,
        {"ids": [id for id, _ in closed], "bounds": [bound for _, bound in closed]},
    )


async def _begin(tx: Tx, new: Sequence[_New], at_ms: int) -> list[Owed]:
    """Write these notices; the first `seq` of each is its id."""
    if not new:
        return []
    ids = list(await tx.next_seq(len(new)))
    await tx.execute(
        """
        INSERT INTO notices (id, user_id, what, post_id, actor_id, since, created_ms, seq)
        SELECT t.id, t.user_id, t.what, t.post_id, t.actor_id, t.since, :at_ms, t.id
          FROM unnest(CAST(:ids AS bigint[]), CAST(:owners AS bigint[]),
                      CAST(:whats AS smallint[]), CAST(:posts AS bigint[]),
                      CAST(:actors AS bigint[]), CAST(:sinces AS bigint[]))
            AS t(id, user_id, what, post_id, actor_id, since)
        """,
        {
            "ids": ids,
            "owners": [each.user_id for each in new],
            "whats": [each.what for each in new],
            "posts": [each.post_id for each in new],
            "actors": [each.actor_id for each in new],
            "sinces": [each.since for each in new],
            "at_ms": at_ms,
        },
    )
    return [Owed(each.user_id, id, id) for each, id in zip(new, ids, strict=True)]
