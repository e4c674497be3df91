"""People and what they do, without a door in between; and what the numbers should be."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, TypeVar

from realtime.errors import Refusal
from realtime.model import Counts, Post, Relation
from realtime.store import counts, media, post, react, relation, retweet, user
from realtime.store.database import Database, Tx
from realtime.store.media import Picture
from realtime.store.post import Created, Deleted, Draft
from tests import people

T = TypeVar("T")

NOW_MS = 1_700_000_000_000


class World:
    """One migrated database. Ids are integers here; what is refused is raised."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.repeats = 0  # transactions that met another one and had to begin again
        self._numbers = itertools.count(1)

    async def person(self, name: str = "") -> int:
        return await people.register(self.database, name or f"person_{next(self._numbers)}")

    async def people(self, count: int) -> list[int]:
        return [await self.person() for _ in range(count)]

    def draft(  # noqa: PLR0913 - a post has as many parts
        self,
        author_id: int,
        text: str = "hello",
        *,
        key: str = "",
        media: Sequence[int] = (),
        reply_to: int | None = None,
        quote_of: int | None = None,
    ) -> Draft:
        key = key or f"key {next(self._numbers)}"
        return Draft(author_id, key, text, list(media), reply_to, quote_of)

    async def create(self, *drafts: Draft, at_ms: int = NOW_MS) -> list[Created | Refusal]:
        return await self.run(lambda tx: post.create(tx, drafts, at_ms))

    async def post(self, author_id: int, text: str = "hello", **fields: Any) -> int:
        return int((await self.posted(author_id, text, **fields)).id)

    async def posted(self, author_id: int, text: str = "hello", **fields: Any) -> Post:
        [created] = await self.create(self.draft(author_id, text, **fields))
        return settled(created).post

    async def delete(
        self, author_id: int, post_id: int, hidden: Collection[int] = frozenset()
    ) -> Deleted:
        return await self.run(lambda tx: post.delete(tx, author_id, post_id, hidden, NOW_MS))

    async def react(
        self, user_id: int, post_id: int, emoji: str = "👍", *, on: bool = True
    ) -> react.Changed:
        item = react.Item(user_id, post_id, emoji, on)
        [changed] = await self.run(lambda tx: react.set(tx, [item], NOW_MS))
        return settled(changed)

    async def retweet(self, user_id: int, post_id: int, *, on: bool = True) -> retweet.Changed:
        item = retweet.Item(user_id, post_id, on)
        [changed] = await self.run(lambda tx: retweet.set(tx, [item], NOW_MS))
        return settled(changed)

    async def follow(self, user_id: int, other_id: int, *, on: bool = True) -> relation.Followed:
        return await self.run(lambda tx: relation.follow(tx, user_id, other_id, on, NOW_MS))

    async def block(self, user_id: int, other_id: int, *, on: bool = True) -> relation.Followed:
        return await self.run(lambda tx: relation.block(tx, user_id, other_id, on, NOW_MS))

    async def mute(self, user_id: int, other_id: int, *, on: bool = True) -> relation.Followed:
        return await self.run(lambda tx: relation.mute(tx, user_id, other_id, on, NOW_MS))

    async def picture(self, owner_id: int, file: str = "a.webp") -> int:
        found = Picture("image/webp", file, 8, 6, ((f"small-{file}", 4, 3),), "hash", False, "alt")
        return await self.run(lambda tx: media.insert(tx, owner_id, found, NOW_MS))

    async def counts(self, post_id: int) -> Counts:
        return (await counts.by_ids(self.database, [post_id]))[post_id]

    async def relation(self, user_id: int, other_id: int) -> Relation:
        return (await relation.get(self.database, user_id, [other_id]))[other_id]

    async def tally(self, user_id: int) -> tuple[int, int, int]:
        """Followers, following, posts."""
        [person] = await user.by_ids(self.database, [user_id])
        return person.followers, person.following, person.posts

    async def erase(self, user_id: int) -> None:
        """Mark this account as gone."""
        sql = "UPDATE users SET deleted = true WHERE id = :id"
        await self.run(lambda tx: tx.execute(sql, {"id": user_id}))

    async def run(self, deed: Callable[[Tx], Awaitable[T]]) -> T:
        began = 0

        async def counted(tx: Tx) -> T:
            nonlocal began
            began += 1
            return await deed(tx)

        try:
            return await self.database.run_tx(counted)
        finally:
            self.repeats += max(0, began - 1)

    async def statements(self, deed: Callable[[Tx], Awaitable[Any]]) -> int:
        """How many statements this transaction sends."""
        spent = 0

        async def counted(tx: Tx) -> None:
            nonlocal spent
            alone = tx._alone

            async def one(run: Callable[[], Awaitable[T]]) -> T:
                nonlocal spent
                spent += 1
                return await alone(run)

            tx._alone = one  # type: ignore[method-assign]
            await deed(tx)

        await self.database.run_tx(counted)
        return spent


def settled(result: T | Refusal) -> T:
    """The result, or the refusal raised."""
    if isinstance(result, Refusal):
        raise result
    return result


def refused(result: object) -> tuple[str, str | None]:
    """The code and the field of a refusal."""
    assert isinstance(result, Refusal), result
    return result.code, result.field


async def wrong_numbers(database: Database) -> list[dict[str, Any]]:
    """Every post and person whose numbers are not those that their rows add up to."""
    posts = await database.fetch_all(
        """
        SELECT c.post_id, c.retweets, c.replies, c.quotes,
               CASE WHEN p.deleted THEN 0 ELSE
                    (SELECT count(*) FROM retweets AS r
                      WHERE r.post_id = p.id AND NOT r.deleted) END AS true_retweets,
               (SELECT count(*) FROM posts AS r
                 WHERE r.reply_to = p.id AND NOT r.deleted) AS true_replies,
               (SELECT count(*) FROM posts AS r
                 WHERE r.quote_of = p.id AND NOT r.deleted) AS true_quotes
          FROM posts AS p
          LEFT JOIN counts AS c ON c.post_id = p.id
        """
    )
    wrong = [
        dict(row)
        for row in posts
        if any(row[n] != row[f"true_{n}"] for n in ("retweets", "replies", "quotes"))
    ]
    reactions: dict[int, dict[str, int]] = {}
    for row in await database.fetch_all(
        "SELECT post_id, emoji, count(*) AS n FROM reactions GROUP BY post_id, emoji"
    ):
        reactions.setdefault(row["post_id"], {})[row["emoji"]] = row["n"]
    told = await counts.by_ids(database, [row["post_id"] for row in posts])
    wrong += [
        {"post_id": post_id, "told": now.reactions, "true": reactions.get(post_id, {})}
        for post_id, now in told.items()
        if now.reactions != reactions.get(post_id, {})
    ]
    tallies = await database.fetch_all(
        """
        SELECT t.user_id, t.followers, t.following, t.posts,
               (SELECT count(*) FROM relations AS r
                 WHERE r.other_id = t.user_id AND r.following) AS true_followers,
               (SELECT count(*) FROM relations AS r
                 WHERE r.user_id = t.user_id AND r.following) AS true_following,
               (SELECT count(*) FROM posts AS p
                 WHERE p.author_id = t.user_id AND NOT p.deleted) AS true_posts
          FROM tallies AS t
        """
    )
    wrong += [
        dict(row)
        for row in tallies
        if any(row[n] != row[f"true_{n}"] for n in ("followers", "following", "posts"))
    ]
    lonely = await database.fetch_all(
        """
        SELECT e.id AS entry_without_its_deed
          FROM entries AS e
          JOIN posts AS p ON p.id = e.post_id
          LEFT JOIN retweets AS r ON r.id = e.id
         WHERE p.deleted OR (e.id <> e.post_id AND (r.id IS NULL OR r.deleted))
        """
    )
    missing = await database.fetch_all(
        """
        SELECT r.id AS deed_without_its_entry
          FROM retweets AS r
          JOIN posts AS p ON p.id = r.post_id AND NOT p.deleted
         WHERE NOT r.deleted AND NOT EXISTS (SELECT 1 FROM entries AS e WHERE e.id = r.id)
         UNION ALL
        SELECT p.id
          FROM posts AS p
         WHERE NOT p.deleted AND NOT EXISTS (SELECT 1 FROM entries AS e WHERE e.id = p.id)
        """
    )
    return wrong + [dict(row) for row in [*lonely, *missing]]
