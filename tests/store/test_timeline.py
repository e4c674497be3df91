"""Timelines: newest first, each post once, nothing skipped or doubled while others write."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from realtime.model import Entry, Post, Retweet
from realtime.store import timeline, user
from realtime.store.database import Database, Tx
from realtime.store.migrate import migrate
from realtime.store.timeline import Page
from tests.store.world import World

NOBODY = frozenset[int]()
Read = Callable[[int | None], Awaitable[Page]]


@pytest.fixture
async def world(database: Database) -> World:
    await migrate(database)
    return World(database)


def post_of(entry: Entry) -> int:
    return int(entry.post.id if isinstance(entry, Retweet) else entry.id)


async def all_pages(read: Read) -> list[list[Entry]]:
    """Every page until the end; each post at most once within a page."""
    pages: list[list[Entry]] = []
    before: int | None = None
    for _ in range(200):
        page = await read(before)
        ids = [post_of(entry) for entry in page.entries]
        assert len(set(ids)) == len(ids)
        pages.append(page.entries)
        before = page.next_id
        if before is None:
            return pages
    raise AssertionError("a timeline without an end")


def home(
    world: World, user_id: int, authors: list[int], limit: int, hidden: frozenset[int] = NOBODY
) -> Read:
    return lambda before: timeline.home(world.database, user_id, authors, hidden, before, limit)


async def test_home_holds_the_posts_and_retweets_of_those_one_follows_and_ones_own(
    world: World,
) -> None:
    ada, bob, eve, kay = await world.people(4)
    by_bob = await world.post(bob)
    answer = await world.post(bob, reply_to=by_bob)
    mine = await world.post(ada)
    by_eve = await world.post(eve)
    by_kay = await world.post(kay)
    await world.retweet(bob, by_kay)
    page = await timeline.home(world.database, ada, [bob], NOBODY, None, 50)
    assert [post_of(entry) for entry in page.entries] == [by_kay, mine, answer, by_bob]
    assert isinstance(page.entries[0], Retweet)
    assert page.entries[0].user.id == str(bob)
    assert page.next_id is None
    assert by_eve not in [post_of(entry) for entry in page.entries]
    empty = await timeline.home(world.database, await world.person(), [], NOBODY, None, 50)
    assert (empty.entries, empty.next_id) == ([], None)


async def test_a_post_is_one_entry_carried_by_its_newest_retweet(world: World) -> None:
    ada, *crowd = await world.people(7)
    post_id = await world.post(crowd[0])
    between = await world.post(crowd[0])
    for who in crowd:
        await world.retweet(who, post_id)
    page = await timeline.home(world.database, ada, crowd, NOBODY, None, 50)
    entry, other = page.entries
    assert isinstance(entry, Retweet)
    assert entry.user.id == str(crowd[-1])
    assert isinstance(entry.also, list)
    assert [int(author.id) for author in entry.also] == crowd[-2:-5:-1]
    assert entry.also_count == 2
    assert post_of(other) == between
    some = await timeline.home(world.database, ada, crowd[:3], NOBODY, None, 50)
    entry = some.entries[0]
    assert isinstance(entry, Retweet)
    assert isinstance(entry.also, list)
    assert ([int(author.id) for author in entry.also], entry.also_count) == (
        [crowd[1], crowd[0]],
        0,
    )
    alone = await timeline.user(world.database, crowd[0], NOBODY, None, 50)
    entry = alone.entries[0]
    assert isinstance(entry, Retweet)
    assert (entry.also, entry.also_count) == ([], 0)
    assert [post_of(entry) for entry in alone.entries] == [post_id, between]


async def test_a_page_is_filled_although_hundreds_retweeted_one_post(world: World) -> None:
    ada, *crowd = await world.people(121)
    old = [await world.post(crowd[0]) for _ in range(4)]
    for who in crowd:
        await world.retweet(who, old[0])
    page = await timeline.home(world.database, ada, crowd, NOBODY, None, 3)
    entry = page.entries[0]
    assert isinstance(entry, Retweet)
    assert entry.also_count == 116
    assert [post_of(entry) for entry in page.entries] == [old[0], old[3], old[2]]
    assert page.next_id == old[2]
    rest = await timeline.home(world.database, ada, crowd, NOBODY, page.next_id, 3)
    assert [post_of(entry) for entry in rest.entries] == [old[1], old[0]]
    assert rest.next_id is None
    # One entry is not worth reading everything: the page ends early and says where.
    short = await timeline.home(world.database, ada, crowd, NOBODY, None, 1)
    assert [post_of(entry) for entry in short.entries] == [old[0]]
    assert short.next_id is not None


async def test_hidden_people_are_in_no_timeline(world: World) -> None:
    ada, bob, eve = await world.people(3)
    picture = await world.picture(eve)
    by_eve = await world.post(eve, media=[picture])
    by_bob = await world.post(bob)
    await world.retweet(bob, by_eve)
    await world.retweet(eve, by_bob)
    await world.react(bob, by_eve)
    quote = await world.post(bob, quote_of=by_eve)
    hidden = frozenset({eve})
    page = await timeline.home(world.database, ada, [bob, eve], hidden, None, 50)
    assert [post_of(entry) for entry in page.entries] == [quote, by_bob]
    assert all(isinstance(entry, Post) for entry in page.entries)
    first = page.entries[0]
    assert isinstance(first, Post)
    assert not isinstance(first.quoted, Post)
    for name in ("user", "media", "reactions"):
        read: Any = getattr(timeline, name)
        whose = bob if name == "reactions" else eve
        assert (await read(world.database, whose, hidden, None, 50)).entries == []
        assert (await read(world.database, whose, NOBODY, None, 50)).entries != []
    shown = await timeline.explore(world.database, hidden, None, 50)
    assert [post_of(entry) for entry in shown.entries] == [quote, by_bob]


async def test_deleted_posts_are_in_no_timeline(world: World) -> None:
    ada, bob = await world.people(2)
    picture = await world.picture(ada)
    gone = await world.post(ada, media=[picture])
    kept = await world.post(ada)
    await world.retweet(bob, gone)
    await world.react(bob, gone)
    await world.delete(ada, gone)
    database = world.database
    page = await timeline.home(database, bob, [ada], NOBODY, None, 50)
    assert [post_of(entry) for entry in page.entries] == [kept]
    assert [post_of(e) for e in (await timeline.explore(database, NOBODY, None, 9)).entries] == [
        kept
    ]
    assert (await timeline.user(database, bob, NOBODY, None, 9)).entries == []
    assert (await timeline.media(database, ada, NOBODY, None, 9)).entries == []
    assert (await timeline.reactions(database, bob, NOBODY, None, 9)).entries == []


async def test_explore_holds_everybodys_posts_that_answer_nothing(world: World) -> None:
    ada, bob = await world.people(2)
    first = await world.post(ada)
    await world.post(bob, reply_to=first)
    await world.retweet(bob, first)
    second = await world.post(bob)
    third = await world.post(ada)
    page = await timeline.explore(world.database, NOBODY, None, 2)
    assert [post_of(entry) for entry in page.entries] == [third, second]
    assert page.next_id == second
    await world.post(bob)
    rest = await timeline.explore(world.database, NOBODY, page.next_id, 2)
    assert [post_of(entry) for entry in rest.entries] == [first]
    assert rest.next_id is None


async def test_media_holds_the_posts_with_pictures(world: World) -> None:
    ada = await world.person()
    first = await world.post(ada, media=[await world.picture(ada)])
    await world.post(ada)
    root = await world.post(ada)
    second = await world.post(ada, media=[await world.picture(ada)], reply_to=root)
    page = await timeline.media(world.database, ada, NOBODY, None, 50)
    assert [post_of(entry) for entry in page.entries] == [second, first]


async def test_reactions_are_ordered_by_the_newest_and_each_post_is_there_once(
    world: World,
) -> None:
    ada, bob = await world.people(2)
    posts = [await world.post(bob) for _ in range(4)]
    for post_id, emoji in [(0, "👍"), (1, "👍"), (2, "👍"), (0, "🎉"), (3, "👍")]:
        await world.react(ada, posts[post_id], emoji)
    await world.react(bob, posts[1])
    database = world.database
    page = await timeline.reactions(database, ada, NOBODY, None, 2)
    assert [post_of(entry) for entry in page.entries] == [posts[3], posts[0]]
    await world.react(ada, posts[2], "🎉")
    rest = await timeline.reactions(database, ada, NOBODY, page.next_id, 2)
    assert [post_of(entry) for entry in rest.entries] == [posts[1]]
    assert rest.next_id is None
    page = await timeline.reactions(database, ada, NOBODY, None, 50)
    assert [post_of(entry) for entry in page.entries] == [posts[n] for n in (2, 3, 0, 1)]


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
async def test_going_back_skips_nothing_that_stood_there(world: World, limit: int) -> None:
    ada, *crowd = await world.people(5)
    dice = random.Random(limit)
    posts: list[int] = []
    rows: list[tuple[int, int]] = []  # entry, post
    for _ in range(40):
        who = dice.choice(crowd)
        if posts and dice.random() < 0.5:
            post_id = dice.choice(posts)
            noun = (await world.retweet(who, post_id)).retweet
            if noun is not None:
                rows.append((int(noun.id), post_id))
        else:
            posts.append(await world.post(who))
            rows.append((posts[-1], posts[-1]))
    late = home(world, ada, crowd, limit)

    async def read(before: int | None) -> Page:
        page = await late(before)
        await world.post(dice.choice(crowd))  # others go on writing
        return page

    pages = await all_pages(read)
    shown = [int(entry.id) for page in pages for entry in page]
    assert shown == sorted(shown, reverse=True)
    assert {post_of(entry) for page in pages for entry in page} == set(posts)
    assert all(len(page) == limit for page in pages[:-1])
    newest = {post_id: entry for entry, post_id in rows}
    assert set(newest.values()) <= set(shown)


@pytest.mark.parametrize("people", [0, 200])
async def test_home_takes_four_statements_whatever_is_on_it(
    world: World, monkeypatch: pytest.MonkeyPatch, people: int
) -> None:
    """Two more say whom one follows, and the numbers: a page is six in all."""
    monkeypatch.setattr(timeline, "PEOPLE", people)
    ada, bob, eve, kay = await world.people(4)
    for who in (bob, eve, kay):
        face = await world.picture(who)
        await world.run(partial(user.update, user_id=who, display_name=None, bio=None, avatar=face))
    plain = await world.post(bob)
    shown = await world.post(bob, media=[await world.picture(bob)])
    quote = await world.post(eve, quote_of=shown, reply_to=plain)
    await world.retweet(kay, quote)
    pages: list[Page] = []

    async def deed(tx: Tx) -> None:
        pages.append(await timeline.home(tx, ada, [bob, eve, kay], NOBODY, None, 50))

    assert await world.statements(deed) == 4
    carrier, *rest = pages[0].entries
    assert isinstance(carrier, Retweet)
    assert carrier.user.avatar is not None
    assert [post_of(entry) for entry in (carrier, *rest)] == [quote, shown, plain]
    assert isinstance(rest[0], Post)
    assert len(rest[0].media) == 1


async def test_home_is_what_a_plain_reading_of_all_rows_gives(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(3)
    ada, *crowd = await world.people(12)
    rows: list[tuple[int, int, int]] = []  # entry, actor, author
    for _ in range(150):
        # Some talk all the time, some long ago, some never.
        who = crowd[min(int(dice.expovariate(0.5)), 10)]
        post_id = await world.post(who)
        rows.append((post_id, who, who))
        if dice.random() < 0.2:
            fan = dice.choice(crowd[:8])
            noun = (await world.retweet(fan, post_id)).retweet
            assert noun is not None
            rows.append((int(noun.id), fan, who))
    # Both ways of reading: among everybody's newest first, or person by person.
    for turn in range(24):
        monkeypatch.setattr(timeline, "PEOPLE", 0 if turn % 2 else 200)
        monkeypatch.setattr(timeline, "WINDOW", dice.choice([10, 50, 500]))
        authors = dice.sample(crowd, dice.randint(1, 11))
        hidden = frozenset(dice.sample(crowd, dice.randint(0, 3)))
        seen = [
            entry
            for entry, actor, author in rows
            if actor in authors and not {actor, author} & hidden
        ]
        pages = await all_pages(home(world, ada, authors, dice.choice([1, 2, 3, 4, 20]), hidden))
        shown = [int(entry.id) for page in pages for entry in page]
        assert shown == sorted(set(shown), reverse=True)
        assert set(shown) <= set(seen)
        told = {post_of(entry) for page in pages for entry in page}
        carried = await world.database.fetch_all(
            "SELECT DISTINCT post_id FROM entries WHERE id = ANY(:ids)", {"ids": seen}
        )
        assert told == {row["post_id"] for row in carried}
