"""What a deed stands on: the people who act and the posts they name, held until it is done.

Every deed on posts locks in one order, so that no two wait for each other: people, relations,
posts, pictures, then what it writes of its own, then counts, tallies, inboxes; within each by id.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from realtime.errors import Refusal, not_found
from realtime.store import relation, user
from realtime.store.database import Row, Tx


@dataclass(frozen=True, slots=True)
class Grounds:
    """Who and what is there, and stays there until the transaction ends."""

    people: Mapping[int, Row]  # by id
    authors: dict[int, int]  # of the living posts, by post id
    _blocked: frozenset[tuple[int, int]]

    def refusal(
        self, user_id: int, post_id: int | None, field: str, *, undoing: bool = False
    ) -> Refusal | None:
        """Why this person may not act on this post; None if they may, or if there is no post.

        `undoing`: they take back what is there; what one did before a block can still be undone.
        """
        if user_id not in self.people:
            return user.gone()
        if post_id is None:
            return None
        if post_id not in self.authors:
            return not_found(field=field)
        if not undoing and (user_id, self.authors[post_id]) in self._blocked:
            return not_found(field=field)
        return None


async def hold(tx: Tx, wanted: Collection[tuple[int, int]], people: Collection[int]) -> Grounds:
    """Lock `people` and the posts of `wanted`, which are (user id, post id)."""
    living = await user.lock(tx, people)
    posts = {post_id for _, post_id in wanted}
    rows = await tx.fetch_all(_HOLD, {"ids": list(posts)}) if posts else []
    authors = {row["id"]: row["author_id"] for row in rows}
    pairs = {
        (user_id, authors[post_id])
        for user_id, post_id in wanted
        if post_id in authors and authors[post_id] != user_id
    }
    return Grounds(living, authors, await relation.blocked(tx, pairs))


# Shared: many may answer one post at once, only its deletion waits for them and they for it.
_HOLD = """
    SELECT id, author_id
      FROM posts
     WHERE id = ANY(:ids) AND NOT deleted
       AND EXISTS (SELECT 1 FROM users AS u WHERE u.id = author_id AND NOT u.deleted)
     ORDER BY id
       FOR SHARE
"""
