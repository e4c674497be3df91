"""Pictures: their nouns, their places in a post, and what is left of them when they go."""

from __future__ import annotations

import pytest

from realtime.model import Media, Size
from realtime.store import account, media
from realtime.store.account import NewAccount
from realtime.store.database import Database, Tx
from realtime.store.media import Picture
from realtime.store.migrate import migrate

NOW = 1_700_000_000_000


@pytest.fixture
async def ada(database: Database) -> int:
    await migrate(database)
    return await database.run_tx(
        lambda tx: account.register(tx, NewAccount("ada", "Ada", "hash"), NOW)
    )


def picture(stem: str, *, animated: bool = False) -> Picture:
    return Picture(
        type="image/webp",
        file=f"{stem}.webp",
        width=1600,
        height=1200,
        sizes=((f"{stem}-320.webp", 320, 240), (f"{stem}-640.webp", 640, 480)),
        thumbhash="aGFzaA==",
        animated=animated,
        alt='A cat, "asleep"',
    )


async def insert(database: Database, owner: int, stem: str, at_ms: int = NOW) -> int:
    return await database.run_tx(lambda tx: media.insert(tx, owner, picture(stem), at_ms))


async def post_with(database: Database, author: int, ids: list[int]) -> int:
    """A post that shows these pictures, the last one first."""

    async def deed(tx: Tx) -> int:
        (post_id,) = await tx.next_seq()
        await tx.execute(
            """
            INSERT INTO posts (id, author_id, key, text, has_media, created_ms, seq)
            VALUES (:id, :author, :key, '', true, :now, :id)
            """,
            {"id": post_id, "author": author, "key": str(post_id), "now": NOW},
        )
        for place, media_id in enumerate(reversed(ids)):
            await tx.execute(
                "UPDATE media SET post_id = :post_id, place = :place WHERE id = :id",
                {"post_id": post_id, "place": place, "id": media_id},
            )
        return post_id

    return await database.run_tx(deed)


async def test_a_picture_is_told_as_it_was_made(database: Database, ada: int) -> None:
    media_id = await database.run_tx(
        lambda tx: media.insert(tx, ada, picture("cat", animated=True), NOW)
    )

    assert await media.by_ids(database, [media_id, media_id + 1]) == {
        media_id: Media(
            id=str(media_id),
            type="image/webp",
            url="/media/cat.webp",
            sizes=[
                Size("/media/cat-320.webp", 320, 240),
                Size("/media/cat-640.webp", 640, 480),
            ],
            width=1600,
            height=1200,
            alt='A cat, "asleep"',
            thumbhash="aGFzaA==",
            animated=True,
        )
    }
    assert await media.by_ids(database, []) == {}


async def test_a_post_has_its_pictures_in_its_authors_order(database: Database, ada: int) -> None:
    first, second = await insert(database, ada, "first"), await insert(database, ada, "second")
    other = await insert(database, ada, "other")
    both = await post_with(database, ada, [first, second])
    single = await post_with(database, ada, [other])

    found = await media.of_posts(database, [single, both, 12345])

    assert {post: [one.url for one in ones] for post, ones in found.items()} == {
        both: ["/media/second.webp", "/media/first.webp"],
        single: ["/media/other.webp"],
    }
    assert await media.of_posts(database, []) == {}


async def test_what_nobody_shows_is_found_and_goes_with_all_its_files(
    database: Database, ada: int
) -> None:
    old = await insert(database, ada, "old", NOW - 10)
    shown = await insert(database, ada, "shown", NOW - 10)
    worn = await insert(database, ada, "worn", NOW - 10)
    await insert(database, ada, "fresh", NOW)
    await post_with(database, ada, [shown])
    await database.run_tx(
        lambda tx: tx.execute("UPDATE media SET is_avatar = true WHERE id = :id", {"id": worn})
    )

    assert await media.unclaimed(database, NOW) == [old]
    files = await database.run_tx(lambda tx: media.delete_unclaimed(tx, [old, shown, worn]))

    assert sorted(files) == ["old-320.webp", "old-640.webp", "old.webp"]
    assert set(await media.by_ids(database, [old, shown, worn])) == {shown, worn}


async def test_unclaimed_pictures_come_oldest_first_and_in_portions(
    database: Database, ada: int
) -> None:
    ids = [await insert(database, ada, f"p{age}", NOW - age) for age in (1, 3, 2)]

    assert await media.unclaimed(database, NOW, limit=2) == [ids[1], ids[2]]


async def test_a_deleted_picture_names_its_files(database: Database, ada: int) -> None:
    media_id = await insert(database, ada, "cat")

    files = await database.run_tx(lambda tx: media.delete(tx, [media_id]))

    assert sorted(files) == ["cat-320.webp", "cat-640.webp", "cat.webp"]
    assert await database.run_tx(lambda tx: media.delete(tx, [media_id])) == []


async def test_files_that_a_picture_has_are_known(database: Database, ada: int) -> None:
    await insert(database, ada, "cat")

    assert await media.known(database, ["cat.webp", "dog.webp"]) == {"cat.webp"}
