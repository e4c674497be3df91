"""People: their profiles, and how they are named inside other nouns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from msgspec import UNSET, UnsetType

from realtime.errors import Refusal, not_found
from realtime.model import Author, Media, User
from realtime.store import media, words
from realtime.store.database import Database, Row, Tx
from realtime.store.rows import rfc3339

# What a `User` is made of: of the person `u` and their tallies `t`.
COLUMNS: Final = """
    u.id, u.name, u.display_name, u.bio, u.avatar_id, u.created_ms, u.deleted, u.seq,
    t.followers, t.following, t.posts
"""


@dataclass(frozen=True, slots=True)
class Updated:
    """A changed profile, and the files of the picture that it no longer shows."""

    user: User
    files: list[str]


@dataclass(frozen=True, slots=True)
class Tally:
    """What is added to the numbers of one person."""

    followers: int = 0
    following: int = 0
    posts: int = 0


async def by_ids(db: Database | Tx, ids: Collection[int]) -> list[User]:
    """These people as they are now, in the order of `ids`; unknown ones are left out.

    Accounts that are gone come with `deleted` and empty fields.
    """
    rows = await db.fetch_all(
        f"""
        SELECT {COLUMNS}
          FROM users AS u
          LEFT JOIN tallies AS t ON t.user_id = u.id
         WHERE u.id = ANY(:ids)
        """,
        {"ids": list(ids)},
    )
    found = await of_rows(db, rows)
    return [found[user_id] for user_id in ids if user_id in found]


async def of_rows(db: Database | Tx, rows: Collection[Row]) -> dict[int, User]:
    """The people in rows that have COLUMNS, by id."""
    pictures = await media.by_ids(db, avatars(rows))
    return {row["id"]: _user(row, pictures) for row in rows}


async def living(db: Database | Tx, ids: Collection[int]) -> list[User]:
    """As `by_ids`, without the accounts that are gone."""
    return [person for person in await by_ids(db, ids) if not person.deleted]


async def by_name(db: Database | Tx, name: str) -> User | None:
    """The person of this name, which is folded already; None where the account is gone."""
    user_id = await db.fetch_val(
        "SELECT id FROM users WHERE name = :name AND NOT deleted", {"name": name}
    )
    people = [] if user_id is None else await by_ids(db, [user_id])
    return people[0] if people and not people[0].deleted else None


async def authors(db: Database | Tx, ids: Collection[int]) -> dict[int, Author]:
    """These people as other nouns carry them, by id; with empty fields where they are gone."""
    found = await rows(db, ids)
    return named(found, await media.by_ids(db, avatars(found)))


async def rows(db: Database | Tx, ids: Collection[int]) -> list[Row]:
    """What `named` needs of these people."""
    if not ids:
        return []
    return await db.fetch_all(
        """
        SELECT id, name, display_name, avatar_id, deleted, seq
          FROM users
         WHERE id = ANY(:ids)
        """,
        {"ids": list(ids)},
    )


def avatars(rows: Iterable[Row]) -> list[int]:
    """Which pictures the living ones of these people wear."""
    return [row["avatar_id"] for row in rows if row["avatar_id"] is not None and not row["deleted"]]


def named(rows: Iterable[Row], pictures: Mapping[int, Media]) -> dict[int, Author]:
    """The people of these rows as other nouns carry them, by id; `pictures` are their avatars."""
    return {row["id"]: _author(row, pictures) for row in rows}


async def lock(tx: Tx, ids: Collection[int]) -> dict[int, Row]:
    """Those of `ids` whose accounts live, and stay alive until this transaction ends; by id.

    A profile may change meanwhile; only who deletes an account (FOR UPDATE) waits.
    """
    rows = await tx.fetch_all(
        """
        SELECT id, name, display_name, avatar_id, deleted, seq
          FROM users
         WHERE id = ANY(:ids) AND NOT deleted
         ORDER BY id
           FOR KEY SHARE
        """,
        {"ids": list(ids)},
    )
    return {row["id"]: row for row in rows}


async def update(
    tx: Tx,
    user_id: int,
    *,
    display_name: str | None,
    bio: str | None,
    avatar: int | UnsetType | None,
) -> Updated:
    """Change a profile. None leaves a text as it is; an avatar of None is taken off.

    The picture is the person's own and in no use yet, or is their avatar already. One that is
    replaced goes: its files are to be removed after the commit.

    Raises:
        Refusal: `not_found` or `conflict` with field `avatar`; `unauthenticated` when the account
            is gone.
    """
    row = await tx.fetch_one(
        "SELECT avatar_id FROM users WHERE id = :id AND NOT deleted FOR NO KEY UPDATE",
        {"id": user_id},
    )
    if row is None:
        raise gone()
    worn: int | None = row["avatar_id"]
    chosen = worn if avatar is UNSET else avatar
    files = await _change_avatar(tx, user_id, worn, chosen) if chosen != worn else []
    [seq] = await tx.next_seq()
    named = await tx.fetch_one(
        """
        UPDATE users
           SET display_name = coalesce(CAST(:display_name AS text), display_name),
               bio = coalesce(CAST(:bio AS text), bio),
               avatar_id = :avatar_id,
               seq = :seq
         WHERE id = :id
        RETURNING id, name, display_name
        """,
        {
            "id": user_id,
            "display_name": display_name,
            "bio": bio,
            "avatar_id": chosen,
            "seq": seq,
        },
    )
    if named is not None and display_name is not None:
        await words.of_people(tx, [named])
    [updated] = await by_ids(tx, [user_id])
    return Updated(updated, files)


async def tally(tx: Tx, changes: Mapping[int, Tally]) -> None:
    """Add to the numbers of these people, by user id."""
    people = sorted(changes)
    # Sorted: two transactions that change the same people must meet the first one first.
    await tx.execute(
        """
        INSERT INTO tallies (user_id, followers, following, posts)
        SELECT t.user_id, t.followers, t.following, t.posts
          FROM unnest(CAST(:ids AS bigint[]), CAST(:followers AS bigint[]),
                      CAST(:following AS bigint[]), CAST(:posts AS bigint[]))
            AS t(user_id, followers, following, posts)
         WHERE true
         ORDER BY t.user_id
            ON CONFLICT (user_id) DO UPDATE
           SET followers = tallies.followers + excluded.followers,
               following = tallies.following + excluded.following,
               posts = tallies.posts + excluded.posts
        """,
        {
            "ids": people,
            "followers": [changes[user_id].followers for user_id in people],
            "following": [changes[user_id].following for user_id in people],
            "posts": [changes[user_id].posts for user_id in people],
        },
    )


def gone() -> Refusal:
    """Whoever acts has no account any more."""
    return Refusal("unauthenticated", "This account is gone.")


async def _change_avatar(tx: Tx, user_id: int, worn: int | None, chosen: int | None) -> list[str]:
    """Put on `chosen`, drop `worn`; the files that are no longer needed."""
    rows = await tx.fetch_all(
        """
        SELECT id, owner_id, post_id, is_avatar
          FROM media
         WHERE id = ANY(:ids)
         ORDER BY id
           FOR UPDATE
        """,
        {"ids": [picture for picture in (worn, chosen) if picture is not None]},
    )
    found = {row["id"]: row for row in rows}
    if chosen is not None:
        picture = found.get(chosen)
        if picture is None or picture["owner_id"] != user_id:
            raise not_found("picture", field="avatar")
        if picture["post_id"] is not None or picture["is_avatar"]:
            raise Refusal("conflict", "This picture is in use already.", field="avatar")
        await tx.execute("UPDATE media SET is_avatar = true WHERE id = :id", {"id": chosen})
    return media.files(
        await tx.fetch_all("DELETE FROM media WHERE id = :id RETURNING file, sizes", {"id": worn})
    )


def _user(row: Row, pictures: Mapping[int, Media]) -> User:
    lives = not row["deleted"]

    def kept(column: str, empty: Any) -> Any:
        return (row[column] or empty) if lives else empty

    return User(
        id=str(row["id"]),
        seq=row["seq"],
        name=kept("name", ""),
        display_name=kept("display_name", ""),
        bio=kept("bio", ""),
        avatar=pictures.get(row["avatar_id"]) if lives else None,
        followers=kept("followers", 0),
        following=kept("following", 0),
        posts=kept("posts", 0),
        created_at=rfc3339(row["created_ms"]),
        deleted=not lives,
    )


def _author(row: Row, pictures: Mapping[int, Media]) -> Author:
    lives = not row["deleted"]
    return Author(
        id=str(row["id"]),
        name=row["name"] if lives else "",
        display_name=row["display_name"] if lives else "",
        avatar=pictures.get(row["avatar_id"]) if lives else None,
        seq=row["seq"],
    )
