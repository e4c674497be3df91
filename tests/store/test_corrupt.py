"""Rows that no code of ours wrote so: what needs one goes on without it, and it is counted."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import asyncpg
import pytest
from msgspec import UNSET
from prometheus_client import REGISTRY

from realtime.model import Post
from realtime.store import counts, media, post, rows, timeline, user
from realtime.store.database import Database
from realtime.store.migrate import migrate
from tests.store.world import World

NOBODY = 999_999
Spoil = Callable[[str], object]


@pytest.fixture
async def world(database: Database) -> World:
    await migrate(database)
    return World(database)


async def spoil(url: str, *statements: str) -> None:
    """Write past everything that keeps rows whole."""
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///"), timeout=10) as file:
            for statement in statements:
                file.execute(statement)
        file.close()
        return
    connection = await asyncpg.connect(url)
    await connection.execute("SET session_replication_role = replica")
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


def counted(table: str) -> float:
    return REGISTRY.get_sample_value("realtime_corrupt_rows_total", {"table": table}) or 0.0


async def shown(world: World, reader: int) -> list[Post]:
    page = await timeline.explore(world.database, (), None, 20)
    entries = await counts.decorate(world.database, page.entries, reader)
    return [entry for entry in entries if isinstance(entry, Post)]


@pytest.mark.parametrize("text", ["{", "[1]", '{"a": "b"}', "", "null"])
async def test_reactions_that_are_no_json_are_shown_as_none_and_mended_by_the_next(
    world: World, database_url: str, text: str
) -> None:
    ada, bob = await world.people(2)
    post_id = await world.post(ada)
    await world.react(bob, post_id, "🎉")
    before = counted("counts")
    await spoil(database_url, f"UPDATE counts SET reactions = '{text}'")
    [seen] = await shown(world, bob)
    assert seen.counts is not UNSET
    assert seen.counts.reactions == {}
    assert counted("counts") > before
    changed = await world.react(bob, post_id, "🎉", on=False)
    assert changed.counts.reactions == {}
    await spoil(database_url, f"UPDATE counts SET reactions = '{text}'")
    await world.react(ada, post_id, "👍")
    assert (await world.react(bob, post_id, "👍")).counts.reactions == {"👍": 2}


async def test_a_picture_whose_sizes_cannot_be_read_is_shown_in_its_own(
    world: World, database_url: str
) -> None:
    ada = await world.person()
    picture = await world.picture(ada)
    await world.post(ada, media=[picture])
    await spoil(database_url, "UPDATE media SET sizes = '{oops'")
    [seen] = await shown(world, ada)
    assert [one.sizes for one in seen.media] == [[]]
    files = await world.run(lambda tx: media.delete(tx, [picture]))
    assert len(files) == 1


async def test_a_post_without_pictures_that_says_it_has_some_is_shown(
    world: World, database_url: str
) -> None:
    ada = await world.person()
    await world.post(ada)
    await spoil(database_url, "UPDATE posts SET has_media = true")
    [seen] = await shown(world, ada)
    assert seen.media == []


async def test_a_post_that_nobody_wrote_is_left_out_and_the_others_stand(
    world: World, database_url: str
) -> None:
    ada, bob = await world.people(2)
    first, kept = await world.post(ada), await world.post(ada)
    answer = await world.post(bob, reply_to=first)
    quote = await world.post(bob, quote_of=first)
    await world.retweet(bob, first)
    before = counted("posts")
    await spoil(database_url, f"UPDATE posts SET author_id = {NOBODY} WHERE id = {first}")
    assert [int(one.id) for one in await shown(world, bob)] == [quote, kept]
    found = await post.by_ids(world.database, [answer, quote, first], ())
    assert [(int(one.id), one.parent, one.quoted) for one in found] == [
        (answer, UNSET, UNSET),
        (quote, UNSET, UNSET),
    ]
    page = await timeline.user(world.database, bob, (), None, 20)
    assert [int(entry.id) for entry in page.entries] == [quote, answer]
    assert counted("posts") > before


async def test_a_retweet_by_nobody_is_left_out(world: World, database_url: str) -> None:
    ada, bob = await world.people(2)
    kept, shared = await world.post(ada), await world.post(ada)
    await world.retweet(bob, shared)
    await spoil(
        database_url,
        f"UPDATE entries SET actor_id = {NOBODY} WHERE actor_id = {bob}",
        f"UPDATE retweets SET user_id = {NOBODY}",
    )
    authors = [ada, NOBODY]
    page = await timeline.home(world.database, bob, authors, (), None, 20)
    assert {int(entry.id) for entry in page.entries} == {kept, shared}


async def test_a_person_without_numbers_has_none(world: World, database_url: str) -> None:
    ada = await world.person()
    await spoil(database_url, "DELETE FROM tallies")
    [seen] = await user.by_ids(world.database, [ada])
    assert (seen.followers, seen.following, seen.posts) == (0, 0, 0)


async def test_a_spoiled_row_is_said_once_and_counted_each_time(
    world: World, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    ada = await world.person()
    rows._said.clear()  # the ids of another database may be the same
    spoiled = [await world.post(ada) for _ in range(2)]
    await spoil(database_url, "UPDATE counts SET reactions = '{oops'")
    before = counted("counts")
    for _ in range(3):
        assert len(await shown(world, ada)) == 2
    assert counted("counts") == before + 6
    said = [record.getMessage() for record in caplog.records if "corrupt" in record.msg]
    assert sorted(said) == [f"a row of counts is corrupt: {each}" for each in spoiled]
