"""Clearing an account away in pieces: each leaves the numbers of others exact, wherever it is cut
off, and whoever goes on comes to the same end."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

import pytest

from realtime.change import Change
from realtime.departure import Departures
from realtime.hub.bus import LocalBus
from realtime.store import clearing, departure
from realtime.store.account import Credentials
from realtime.store.database import Database, Tx
from realtime.store.migrate import migrate
from tests import people
from tests.store.world import World

EMOJI = ("👍", "🌊", "🔥")


@pytest.fixture
async def world(database: Database) -> World:
    await migrate(database)
    return World(database)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of a few rows, so that little is a lot."""
    for name, rows in (("POSTS", 2), ("DEEDS", 3), ("CROWD", 2)):
        monkeypatch.setattr(clearing, name, rows)
    for name in ("PEOPLE", "PICTURES"):
        monkeypatch.setattr(departure, name, 2)


async def town(world: World, chance: random.Random) -> tuple[int, list[int]]:
    """Somebody with a past, and the others with whom they have it."""
    gone, *others = await world.people(6)
    everybody = [gone, gone, *others]
    posts = await conversation(world, chance, everybody)
    for post_id in posts:
        for user_id in chance.sample(everybody, 4):
            await world.react(user_id, post_id, chance.choice(EMOJI))
        if chance.random() < 0.5:
            await world.retweet(chance.choice(everybody), post_id)
    for other in others:
        for one, two in ((gone, other), (other, gone)):
            await chance.choice([world.follow, world.follow, world.mute])(one, two)
    await world.block(gone, others[0])
    await world.block(others[1], gone)
    for post_id in chance.sample(posts, 3):
        [row] = await world.database.fetch_all(
            "SELECT author_id FROM posts WHERE id = :id", {"id": post_id}
        )
        await world.delete(row["author_id"], post_id)
    await world.picture(gone, "a" * 32 + ".webp")
    return gone, others


async def conversation(world: World, chance: random.Random, people: list[int]) -> list[int]:
    posts: list[int] = []
    for _ in range(25):
        fields: dict[str, Any] = {}
        if posts and chance.random() < 0.5:
            fields[chance.choice(["reply_to", "quote_of"])] = chance.choice(posts)
        posts.append(await world.post(chance.choice(people), **fields))
    return posts


async def wrong_numbers(database: Database, gone: int) -> list[tuple[str, Any]]:
    """Numbers of others that are not what their rows say."""
    posts = await database.fetch_all(
        """
        SELECT c.post_id, c.retweets, c.replies, c.quotes, c.reactions,
               (SELECT count(*) FROM retweets r WHERE r.post_id = p.id AND NOT r.deleted) AS r,
               (SELECT count(*) FROM posts a WHERE a.reply_to = p.id AND NOT a.deleted) AS a,
               (SELECT count(*) FROM posts q WHERE q.quote_of = p.id AND NOT q.deleted) AS q
          FROM counts AS c
          JOIN posts AS p ON p.id = c.post_id
         WHERE NOT p.deleted AND p.author_id <> :gone
        """,
        {"gone": gone},
    )
    wrong = [
        (f"post {row['post_id']}", dict(row))
        for row in posts
        if (row["retweets"], row["replies"], row["quotes"]) != (row["r"], row["a"], row["q"])
    ]
    for row in posts:
        counted = await database.fetch_all(
            "SELECT emoji, count(*) AS n FROM reactions WHERE post_id = :id GROUP BY emoji",
            {"id": row["post_id"]},
        )
        if json.loads(row["reactions"]) != {each["emoji"]: each["n"] for each in counted}:
            wrong.append((f"reactions of {row['post_id']}", row["reactions"]))
    people = await database.fetch_all(
        """
        SELECT t.user_id, t.followers, t.following,
               (SELECT count(*) FROM relations r
                 WHERE r.other_id = t.user_id AND r.following) AS a,
               (SELECT count(*) FROM relations r
                 WHERE r.user_id = t.user_id AND r.following) AS b
          FROM tallies AS t
         WHERE t.user_id <> :gone
        """,
        {"gone": gone},
    )
    wrong += [
        (f"person {row['user_id']}", dict(row))
        for row in people
        if (row["followers"], row["following"]) != (row["a"], row["b"])
    ]
    return wrong


async def rows_of(database: Database, gone: int) -> dict[str, int]:
    """How many rows still name this person, by table."""
    counted = {
        "posts": "SELECT count(*) FROM posts WHERE author_id = :id AND NOT deleted",
        "entries": "SELECT count(*) FROM entries WHERE actor_id = :id OR author_id = :id",
        "retweets": "SELECT count(*) FROM retweets WHERE user_id = :id AND NOT deleted",
        "reactions": "SELECT count(*) FROM reactions WHERE user_id = :id",
        "media": "SELECT count(*) FROM media WHERE owner_id = :id",
        "tallies": "SELECT count(*) FROM tallies WHERE user_id = :id",
        "relations": """
            SELECT count(*) FROM relations
             WHERE (user_id = :id OR other_id = :id)
               AND (following OR followed_by OR blocking OR blocked_by OR muting)
            """,
    }
    return {
        table: found
        for table, sql in counted.items()
        if (found := await database.fetch_val(sql, {"id": gone}))
    }


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.usefixtures("small")
async def test_an_account_is_cleared_in_pieces_by_any_process_and_no_number_is_ever_wrong(
    world: World, seed: int
) -> None:
    chance = random.Random(seed)
    gone, _ = await town(world, chance)
    database = world.database
    assert await wrong_numbers(database, gone) == []
    proven = Credentials(gone, "", "no password")
    marked = await world.run(lambda tx: departure.mark(tx, proven, 1))
    assert marked is not None and marked.user.deleted
    assert await world.run(lambda tx: departure.mark(tx, proven, 2)) is None
    bus = LocalBus()
    files: list[str] = []
    processes = [
        Departures(database, Change(database, bus), lambda ids: None, files.extend)
        for _ in range(2)
    ]
    steps = 0
    while await departure.waiting(database, 0, 10):
        assert await chance.choice(processes)._step(gone)
        assert await wrong_numbers(database, gone) == []
        steps += 1
        assert steps < 200
    assert steps > 20
    assert await rows_of(database, gone) == {}
    assert files == ["a" * 32 + ".webp", "small-" + "a" * 32 + ".webp"]
    # When the log has forgotten, so do we.
    while await departure.waiting(database, 2**62, 10):
        await processes[0]._step(gone)
    kept = "SELECT count(*) FROM relations WHERE user_id = :id OR other_id = :id"
    assert await database.fetch_val(kept, {"id": gone}) == 0
    assert await database.fetch_val("SELECT count(*) FROM departures") == 0


async def test_of_two_processes_one_works_on_an_account(postgres_url: str) -> None:
    async with people.fresh_database(postgres_url) as database:
        gone = await people.register(database, "ada")
        proven = Credentials(gone, "", "no password")
        await database.run_tx(lambda tx: departure.mark(tx, proven, 1))
        other = Departures(database, Change(database, LocalBus()), print, print)
        is_held, may_end = asyncio.Event(), asyncio.Event()

        async def deed(tx: Tx) -> None:
            assert await departure.hold(tx, gone) is not None
            is_held.set()
            await may_end.wait()

        holding = asyncio.create_task(database.run_tx(deed))
        await is_held.wait()
        assert await other._step(gone) is False
        may_end.set()
        await holding
        assert await other._step(gone) is True


async def test_everybody_who_leaves_waits_for_their_own_account_to_be_cleared(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.departure.AT_ONCE", 1)
    database = world.database
    leaving = await world.people(3)
    for user_id in leaving:
        await world.post(user_id)
    departures = Departures(database, Change(database, LocalBus()), lambda ids: None, print)
    loop = asyncio.create_task(departures.run())

    async def leave(user_id: int) -> dict[str, int]:
        assert await departures.begin(Credentials(user_id, "", "no password"))
        return await rows_of(database, user_id)

    assert await asyncio.gather(*map(leave, leaving)) == [{}, {}, {}]
    loop.cancel()
    await asyncio.wait([loop])
