"""Publishing: once for each key, whole or not at all, many in few statements."""

from __future__ import annotations

import asyncio

import pytest
from msgspec import UNSET

from realtime.errors import Refusal
from realtime.model import Post
from realtime.store import post, timeline
from realtime.store.database import Database, Tx
from realtime.store.migrate import migrate
from tests.store.world import NOW_MS, World, refused, settled, wrong_numbers

MEANWHILE_S = 0.3


@pytest.fixture
async def world(database: Database) -> World:
    await migrate(database)
    return World(database)


async def shown(world: World, post_id: int, hidden: frozenset[int] = frozenset()) -> Post:
    [found] = await post.by_ids(world.database, [post_id], hidden)
    return found


async def test_a_post_says_who_wrote_what_and_when(world: World) -> None:
    ada = await world.person("ada")
    [created] = await world.create(world.draft(ada, "good morning"), at_ms=1_700_000_000_007)
    first = settled(created)
    assert not first.repeated
    assert first.post.text == "good morning"
    assert first.post.author.name == "ada"
    assert first.post.created_at == "2023-11-14T22:13:20.007Z"
    assert first.post.id == str(first.post.seq)
    assert first.post.reply_to is first.post.quote_of is None
    assert first.post.parent is first.post.quoted is UNSET
    assert await shown(world, int(first.post.id)) == first.post
    assert await world.tally(ada) == (0, 0, 1)
    now = await world.counts(int(first.post.id))
    assert (now.reactions, now.retweets, now.replies, now.quotes) == ({}, 0, 0, 0)


async def test_a_repeated_key_gives_the_first_post_for_ever(world: World) -> None:
    ada, bob = await world.people(2)
    first = await world.posted(ada, "once", key="k")
    [again] = await world.create(world.draft(ada, "twice", key="k"))
    assert settled(again).repeated
    assert settled(again).post == first
    other = await world.posted(bob, "mine", key="k")
    assert other.id != first.id
    assert await world.tally(ada) == (0, 0, 1)
    gone = await world.delete(ada, int(first.id))
    [late] = await world.create(world.draft(ada, "thrice", key="k"))
    assert settled(late).repeated
    assert settled(late).post == gone.post
    assert await post.by_key(world.database, ada, "k") == gone.post
    assert await post.by_key(world.database, ada, "another") is None


async def test_a_key_repeated_within_one_batch_is_one_post(world: World) -> None:
    ada = await world.person()
    parent = await world.post(ada)
    draft = world.draft(ada, "once", key="k", reply_to=parent)
    results = [settled(r) for r in await world.create(draft, draft, draft)]
    assert [r.repeated for r in results] == [False, True, True]
    assert [r.parent_id for r in results] == [parent, None, None]
    assert len({r.post.id for r in results}) == 1
    assert (await world.counts(parent)).replies == 1
    assert await wrong_numbers(world.database) == []


async def test_fifty_at_once_with_one_key_make_one_post(world: World, database_url: str) -> None:
    ada = await world.person()
    parent = await world.post(ada)
    picture = await world.picture(ada)
    others = [await Database.connect(database_url) for _ in range(3)]
    worlds = [world, *map(World, others)]
    try:
        drafts = [
            world.draft(ada, str(n), key="k", reply_to=parent, media=[picture]) for n in range(50)
        ]
        results = await asyncio.gather(
            *(worlds[n % 4].create(draft) for n, draft in enumerate(drafts))
        )
    finally:
        for other in others:
            await other.close()
    created = [settled(result) for [result] in results]
    assert len({c.post.id for c in created}) == 1
    assert [c.repeated for c in created].count(False) == 1
    assert all([m.id for m in c.post.media] == [str(picture)] for c in created)
    assert (await world.counts(parent)).replies == 1
    assert await wrong_numbers(world.database) == []


async def test_batches_with_the_same_keys_in_any_order_make_each_post_once(
    world: World, database_url: str
) -> None:
    ada, bob = await world.people(2)
    other = await Database.connect(database_url)
    try:
        for turn in range(10):
            keys = [(who, f"{turn} {n}") for n in range(8) for who in (ada, bob)]
            ahead = [world.draft(who, key=key) for who, key in keys]
            results = await asyncio.gather(
                world.create(*ahead), World(other).create(*reversed(ahead))
            )
            ids = [settled(result).post.id for batch in results for result in batch]
            new = [not settled(result).repeated for batch in results for result in batch]
            assert len(set(ids)) == len(keys) == sum(new)
    finally:
        await other.close()
    assert await wrong_numbers(world.database) == []


async def test_what_another_process_was_quicker_to_publish_is_counted_once(
    world: World, database_url: str
) -> None:
    """Its key is not to be seen yet when it is looked for, and taken when it is written."""
    ada = await world.person()
    root = await world.post(ada)
    answer, plain = world.draft(ada, key="answer", reply_to=root), world.draft(ada, key="plain")
    is_written, may_commit = asyncio.Event(), asyncio.Event()

    async def slow(tx: Tx) -> None:
        await post.create(tx, [answer], NOW_MS)
        is_written.set()
        await may_commit.wait()

    other = await Database.connect(database_url)
    try:
        first = asyncio.create_task(world.database.run_tx(slow))
        await is_written.wait()
        second = asyncio.create_task(World(other).create(answer, plain))
        await asyncio.wait([second], timeout=MEANWHILE_S)  # it waits for the first one
        may_commit.set()
        await first
        assert [settled(result).repeated for result in await second] == [True, False]
    finally:
        await other.close()
    assert (await world.counts(root)).replies == 1
    assert await world.tally(ada) == (0, 0, 3)
    assert await wrong_numbers(world.database) == []


async def test_one_post_may_answer_and_quote_the_same(world: World) -> None:
    ada = await world.person()
    root = await world.post(ada)
    before = await world.counts(root)
    await world.post(ada, reply_to=root, quote_of=root)
    after = await world.counts(root)
    assert (after.replies, after.quotes) == (1, 1)
    assert after.v > before.v


@pytest.mark.parametrize("field", ["reply_to", "quote_of"])
async def test_what_is_not_there_cannot_be_answered_or_quoted(world: World, field: str) -> None:
    ada, bob, eve, kay = await world.people(4)
    gone = await world.post(ada)
    await world.delete(ada, gone)
    by_bob = await world.post(bob)
    await world.block(bob, ada)
    by_eve = await world.post(eve)
    await world.block(ada, eve)
    by_kay = await world.post(kay)
    await world.mute(ada, kay)
    drafts = [
        world.draft(ada, str(post_id), **{field: post_id})  # type: ignore[arg-type]
        for post_id in (10**12, gone, by_bob, by_eve, by_kay)
    ]
    *no, yes = await world.create(*drafts)
    assert [refused(result) for result in no] == [("not_found", field)] * 4
    assert not settled(yes).repeated
    assert await world.tally(ada) == (0, 0, 1)
    assert await wrong_numbers(world.database) == []


async def test_a_refused_draft_leaves_nothing_and_the_others_go_through(world: World) -> None:
    ada, bob = await world.people(2)
    root = await world.post(bob)
    mine, theirs = await world.picture(ada), await world.picture(bob)
    results = await world.create(
        world.draft(ada, "one", media=[mine, theirs]),
        world.draft(ada, "two", media=[mine]),
        world.draft(ada, "three", media=[mine], reply_to=root),
        world.draft(ada, "four", key="k", media=[10**12]),
        world.draft(ada, "five", key="k", reply_to=root),
    )
    assert refused(results[0]) == ("not_found", "media")
    assert [picture.id for picture in settled(results[1]).post.media] == [str(mine)]
    assert refused(results[2]) == ("conflict", "media")
    assert refused(results[3]) == ("not_found", "media")
    assert settled(results[4]).post.text == "five"
    assert (await world.counts(root)).replies == 1
    assert await world.tally(ada) == (0, 0, 2)
    assert await wrong_numbers(world.database) == []
    page = await timeline.user(world.database, ada, frozenset(), None, 50)
    assert [int(entry.id) for entry in page.entries] == [
        int(settled(results[4]).post.id),
        int(settled(results[1]).post.id),
    ]


async def test_pictures_stand_in_the_order_given_and_in_one_post_only(world: World) -> None:
    ada = await world.person()
    pictures = [await world.picture(ada, f"{n}.webp") for n in range(4)]
    given = [pictures[n] for n in (2, 0, 3, 1)]
    posted = await world.posted(ada, "", media=given)
    assert [int(picture.id) for picture in posted.media] == given
    assert posted.media[0].url == "/media/2.webp"
    [again] = await world.create(world.draft(ada, media=[pictures[0]]))
    assert refused(again) == ("conflict", "media")
    quote = await world.posted(ada, "look", quote_of=int(posted.id))
    assert quote.quoted is not UNSET
    assert quote.quoted.media == posted.media


async def test_two_posts_that_want_one_picture_do_not_both_get_it(world: World) -> None:
    ada = await world.person()
    picture = await world.picture(ada)
    results = await asyncio.gather(
        *(world.create(world.draft(ada, str(n), media=[picture])) for n in range(8))
    )
    kept = [result for [result] in results if not isinstance(result, Refusal)]
    assert len(kept) == 1
    assert await world.tally(ada) == (0, 0, 1)


async def test_who_has_no_account_any_more_publishes_nothing(world: World) -> None:
    ada, bob = await world.people(2)
    by_ada = await world.post(ada, "kept")
    await world.erase(ada)
    theirs, answer = await world.create(world.draft(ada), world.draft(bob, reply_to=by_ada))
    assert refused(theirs) == ("unauthenticated", None)
    assert refused(answer) == ("not_found", "reply_to")  # it counts as deleted from then on


async def test_any_text_comes_back_as_it_went(world: World) -> None:
    ada = await world.person()
    text = '\'; DROP TABLE posts; -- \\ " :name $1 {"a": [1]} 👩‍👩‍👧‍👦 \u202e\n\u0301 %s ?'
    posted = await world.posted(ada, text)
    assert posted.text == text
    assert (await shown(world, int(posted.id))).text == text
    assert posted.created_at == "2023-11-14T22:13:20.000Z"
    assert NOW_MS == 1_700_000_000_000


async def test_publishing_takes_as_many_statements_for_fifty_as_for_one(world: World) -> None:
    ada, bob = await world.people(2)
    roots = [await world.post(bob) for _ in range(5)]

    async def statements(many: int) -> int:
        drafts = [
            world.draft(
                ada,
                str(n),
                media=[await world.picture(ada)],
                reply_to=roots[n % 5],
                quote_of=roots[n % 3],
            )
            for n in range(many)
        ]

        async def deed(tx: Tx) -> None:
            for result in await post.create(tx, drafts, NOW_MS):
                settled(result)

        return await world.statements(deed)

    assert await statements(1) == await statements(50) <= 20
    assert await wrong_numbers(world.database) == []


async def test_posts_that_are_only_text_take_a_handful_of_statements(world: World) -> None:
    writers = await world.people(3)
    drafts = [world.draft(writers[n % 3], f"words {n}") for n in range(50)]
    spent = await world.statements(lambda tx: post.create(tx, drafts, NOW_MS))
    assert spent <= (3 if world.database.dialect == "postgresql" else 8)
    assert await wrong_numbers(world.database) == []
