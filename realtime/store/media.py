"""Pictures: who owns them, where they are shown, and which files they have."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from realtime.model import Media, Size
from realtime.store.database import Database, Row, Tx
from realtime.store.rows import parsed

URL: Final = "/media/"  # and the file's name

_COLUMNS: Final = "id, type, file, sizes, width, height, alt, thumbhash, animated"


@dataclass(frozen=True, slots=True)
class Picture:
    """What an upload has become. `sizes`: (file, width, height) of each narrower copy."""

    type: str
    file: str
    width: int
    height: int
    sizes: tuple[tuple[str, int, int], ...]
    thumbhash: str
    animated: bool
    alt: str


async def insert(tx: Tx, owner_id: int, picture: Picture, at_ms: int) -> int:
    """Write down a picture that nothing shows yet; its id."""
    (media_id,) = await tx.next_seq()
    await tx.execute(
        """
        INSERT INTO media (id, owner_id, type, file, sizes, width, height, alt, thumbhash, animated,
                           created_ms)
        VALUES (:id, :owner_id, :type, :file, :sizes, :width, :height, :alt, :thumbhash, :animated,
                :at_ms)
        """,
        {
            "id": media_id,
            "owner_id": owner_id,
            "type": picture.type,
            "file": picture.file,
            "sizes": json.dumps(picture.sizes),
            "width": picture.width,
            "height": picture.height,
            "alt": picture.alt,
            "thumbhash": picture.thumbhash,
            "animated": picture.animated,
            "at_ms": at_ms,
        },
    )
    return media_id


async def by_ids(db: Database | Tx, ids: Collection[int]) -> dict[int, Media]:
    """The pictures by their ids; unknown ones are left out."""
    if not ids:
        return {}
    rows = await db.fetch_all(
        f"SELECT {_COLUMNS} FROM media WHERE id = ANY(:ids)", {"ids": list(ids)}
    )
    return {row["id"]: to_media(row) for row in rows}


async def of_posts(db: Database | Tx, post_ids: Collection[int]) -> dict[int, list[Media]]:
    """The pictures of each post, in the order in which its author put them."""
    if not post_ids:
        return {}
    rows = await db.fetch_all(
        f"""
        SELECT post_id, {_COLUMNS}
          FROM media
         WHERE post_id = ANY(:ids)
         ORDER BY post_id, place
        """,
        {"ids": list(post_ids)},
    )
    found: dict[int, list[Media]] = {}
    for row in rows:
        found.setdefault(row["post_id"], []).append(to_media(row))
    return found


async def shown(
    db: Database | Tx, post_ids: Collection[int], ids: Collection[int]
) -> tuple[dict[int, list[Media]], dict[int, Media]]:
    """The pictures of these posts as `of_posts`, and avatars as `by_ids`; one query at most."""
    if not post_ids and not ids:
        return {}, {}
    rows = await db.fetch_all(
        f"""
        SELECT post_id, place, {_COLUMNS}
          FROM media
         WHERE post_id = ANY(:post_ids)
         UNION ALL
        SELECT NULL AS post_id, place, {_COLUMNS}
          FROM media
         WHERE id = ANY(:ids)
         ORDER BY post_id, place
        """,
        {"post_ids": list(post_ids), "ids": list(ids)},
    )
    pictures: dict[int, list[Media]] = {}
    for row in rows:
        if row["post_id"] is not None:
            pictures.setdefault(row["post_id"], []).append(to_media(row))
    return pictures, {row["id"]: to_media(row) for row in rows if row["post_id"] is None}


async def unclaimed(db: Database | Tx, before_ms: int, limit: int = 500) -> list[int]:
    """Pictures older than this that neither a post nor a profile shows, the oldest first."""
    rows = await db.fetch_all(
        """
        SELECT id
          FROM media
         WHERE post_id IS NULL AND NOT is_avatar AND created_ms < :before_ms
         ORDER BY created_ms
         LIMIT :limit
        """,
        {"before_ms": before_ms, "limit": limit},
    )
    return [row["id"] for row in rows]


async def delete_unclaimed(tx: Tx, ids: Collection[int]) -> list[str]:
    """Forget those of `ids` that are still shown nowhere; files to remove after the commit."""
    rows = await tx.fetch_all(
        """
        DELETE FROM media
         WHERE id = ANY(:ids) AND post_id IS NULL AND NOT is_avatar
        RETURNING file, sizes
        """,
        {"ids": list(ids)},
    )
    return files(rows)


async def delete(tx: Tx, ids: Collection[int]) -> list[str]:
    """Forget these pictures, wherever they are shown; files to remove after the commit."""
    rows = await tx.fetch_all(
        "DELETE FROM media WHERE id = ANY(:ids) RETURNING file, sizes", {"ids": list(ids)}
    )
    return files(rows)


async def known(db: Database | Tx, names: Collection[str]) -> set[str]:
    """Those of `names` that are the largest file of a picture; their copies share the stem."""
    rows = await db.fetch_all(
        "SELECT file FROM media WHERE file = ANY(:names)", {"names": list(names)}
    )
    return {row["file"] for row in rows}


def files(rows: Iterable[Row]) -> list[str]:
    """Every file of the pictures in `rows`, which have `file` and `sizes`."""
    found: list[str] = []
    for row in rows:
        found.append(row["file"])
        found.extend(file for file, _, _ in _sizes(row))
    return found


def to_media(row: Row) -> Media:
    """The noun in one row of the table."""
    return Media(
        id=str(row["id"]),
        type=row["type"],
        url=URL + row["file"],
        sizes=[Size(URL + file, width, height) for file, width, height in _sizes(row)],
        width=row["width"],
        height=row["height"],
        alt=row["alt"],
        thumbhash=row["thumbhash"],
        animated=bool(row["animated"]),
    )


def _sizes(row: Row) -> list[tuple[str, int, int]]:
    """The smaller files of a picture; none where they cannot be read."""
    return parsed(row["sizes"], list[tuple[str, int, int]], "media", row.get("id", 0)) or []
