"""Posts with everybody and everything in them, read as nouns."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from msgspec import UNSET, UnsetType

from realtime.model import Author, Media, Parent, Post
from realtime.store import media, user
from realtime.store.database import Database, Row, Tx
from realtime.store.rows import corrupt, rfc3339

_PEOPLE = ("author_id", "parent_author_id", "quoted_author_id", "quoted_parent_author_id")


async def posts(
    db: Database | Tx,
    ids: Collection[int],
    hidden: Collection[int],
    people: Collection[int],
) -> tuple[dict[int, Post], dict[int, Author]]:
    """These posts as they are now, and everybody in them together with `people`; both by id.

    Unknown posts are left out, deleted ones are tombstones: no text, no media, no quote; so are
    those of an account that is gone, cleared away or not. Nobody of `hidden` stands in a `parent`
    or a `quoted`, but they may be an author.
    """
    rows = await _read(db, ids, hidden) if ids else []
    shown = [row["id"] for row in rows if row["has_media"]]
    shown += [row["quoted_id"] for row in rows if row["quoted_has_media"]]
    named = {row[column] for row in rows for column in _PEOPLE} - {None}
    found_people = await user.rows(db, named.union(people))
    pictures, avatars = await media.shown(db, shown, user.avatars(found_people))
    authors = user.named(found_people, avatars)
    found = {}
    for row in rows:
        if row["author_id"] in authors:
            found[row["id"]] = _post(row, pictures, authors)
        else:
            corrupt("posts", row["id"])  # nobody wrote it
    return found, authors


def plain(post_id: int, author: Author, text: str, created_at: str) -> Post:
    """A post as it was written just now: it answers nothing, quotes nothing, shows no pictures."""
    return Post(
        id=str(post_id),
        seq=post_id,
        author=author,
        text=text,
        media=[],
        reply_to=None,
        quote_of=None,
        created_at=created_at,
        deleted=False,
    )


async def _read(db: Database | Tx, ids: Collection[int], hidden: Collection[int]) -> Sequence[Row]:
    # The quoted post is shown with what it answers, but not with what it quotes.
    return await db.fetch_all(
        """
        SELECT p.id, p.author_id, p.text, p.reply_to, p.quote_of, p.created_ms, p.deleted, p.seq,
               p.has_media AND NOT p.deleted AS has_media,
               parent.id AS parent_id, parent.author_id AS parent_author_id,
               q.id AS quoted_id, q.author_id AS quoted_author_id, q.text AS quoted_text,
               q.reply_to AS quoted_reply_to, q.quote_of AS quoted_quote_of,
               q.created_ms AS quoted_created_ms, q.seq AS quoted_seq,
               q.has_media AS quoted_has_media,
               qp.id AS quoted_parent_id, qp.author_id AS quoted_parent_author_id
          FROM posts AS p
          LEFT JOIN posts AS parent
            ON parent.id = p.reply_to AND NOT parent.deleted AND parent.author_id <> ALL(:hidden)
          LEFT JOIN posts AS q
            ON q.id = p.quote_of AND NOT p.deleted
           AND NOT q.deleted AND q.author_id <> ALL(:hidden)
          LEFT JOIN posts AS qp
            ON qp.id = q.reply_to AND NOT qp.deleted AND qp.author_id <> ALL(:hidden)
         WHERE p.id = ANY(:ids)
        """,
        {"ids": list(ids), "hidden": list(hidden)},
    )


def _post(row: Row, pictures: Mapping[int, list[Media]], authors: Mapping[int, Author]) -> Post:
    deleted = bool(row["deleted"]) or _is_gone(authors[row["author_id"]])
    quoted: Post | UnsetType = UNSET
    quotes = row["quoted_id"] is not None and not _is_gone(authors.get(row["quoted_author_id"]))
    if quotes and not deleted:
        quoted = Post(
            id=str(row["quoted_id"]),
            seq=row["quoted_seq"],
            author=authors[row["quoted_author_id"]],
            text=row["quoted_text"],
            media=pictures.get(row["quoted_id"], []),
            reply_to=_id(row["quoted_reply_to"]),
            quote_of=_id(row["quoted_quote_of"]),
            created_at=rfc3339(row["quoted_created_ms"]),
            deleted=False,
            parent=_parent(row["quoted_parent_id"], row["quoted_parent_author_id"], authors),
        )
    return Post(
        id=str(row["id"]),
        seq=row["seq"],
        author=authors[row["author_id"]],
        text="" if deleted else row["text"],
        media=[] if deleted else pictures.get(row["id"], []),
        reply_to=_id(row["reply_to"]),
        quote_of=None if deleted else _id(row["quote_of"]),
        created_at=rfc3339(row["created_ms"]),
        deleted=deleted,
        parent=_parent(row["parent_id"], row["parent_author_id"], authors),
        quoted=quoted,
    )


def _parent(
    post_id: int | None, author_id: int | None, authors: Mapping[int, Author]
) -> Parent | UnsetType:
    if post_id is None or author_id is None or _is_gone(authors.get(author_id)):
        return UNSET
    return Parent(str(post_id), authors[author_id])


def _is_gone(author: Author | None) -> bool:
    """Whether the account is deleted, or was never there: everybody else has a name."""
    return author is None or not author.name


def _id(number: int | None) -> str | None:
    return None if number is None else str(number)
