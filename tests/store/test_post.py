"""Posts: shown as they are now, in their conversation, and taken back."""

from __future__ import annotations

import asyncio

import pytest
from msgspec import UNSET

from realtime.errors import Refusal
from realtime.model import Post
from realtime.store import post
from realtime.store.database import Database
from realtime.store.migrate import migrate
from tests.store.world import World, refused, wrong_numbers


@pytest.fixture
async def world(database: Database) -> World:
    await migrate(database)
    return World(database)


async def shown(world: World, post_id: int, hidden: frozenset[int] = frozenset()) -> Post:
    [found] = await post.by_ids(world.database, [post_id], hidden)
    return found


async def test_an_answer_and_a_quote_carry_what_they_name(world: World) -> None:
    ada, bob, eve = [await world.person(name) for name in ("ada", "bob", "eve")]
    root = await world.post(ada, "root")
    answer = await world.posted(bob, "answer", reply_to=root)
    assert answer.reply_to == str(root)
    assert answer.parent is not UNSET
    assert (answer.parent.id, answer.parent.author.name) == (str(root), "ada")
    quote = await world.posted(eve, "look", quote_of=int(answer.id))
    assert quote.quoted is not UNSET
    assert (quote.quoted.text, quote.quoted.author.name) == ("answer", "bob")
    assert quote.quoted.parent is not UNSET
    assert quote.quoted.parent.author.name == "ada"
    nested = await world.posted(ada, "look at the looking", quote_of=int(quote.id))
    assert nested.quoted is not UNSET
    assert nested.quoted.quote_of == answer.id
    assert nested.quoted.quoted is UNSET
    assert (await world.counts(root)).replies == 1
    assert (await world.counts(int(answer.id))).quotes == 1


async def test_what_is_hidden_or_gone_is_not_shown_inside(world: World) -> None:
    ada, bob = await world.people(2)
    root = await world.post(ada, "root")
    answer = await world.post(bob, "answer", reply_to=root, quote_of=root)
    quote = await world.post(bob, "quote", quote_of=answer)
    seen = await shown(world, answer, frozenset({ada}))
    assert seen.parent is seen.quoted is UNSET
    assert seen.reply_to == seen.quote_of == str(root)
    deep = await shown(world, quote, frozenset({ada}))
    assert deep.quoted is not UNSET
    assert deep.quoted.parent is UNSET
    await world.delete(ada, root)
    seen = await shown(world, answer)
    assert seen.parent is seen.quoted is UNSET
    assert seen.text == "answer"


async def test_a_deleted_post_is_a_tombstone(world: World) -> None:
    ada, bob = [await world.person(name) for name in ("ada", "bob")]
    root = await world.post(bob, "root")
    picture = await world.picture(ada, "b.webp")
    post_id = await world.post(ada, "secret", reply_to=root, quote_of=root, media=[picture])
    answer = await world.post(bob, "answer", reply_to=post_id)
    await world.react(bob, post_id)
    await world.retweet(bob, post_id)
    before, roots = await world.counts(post_id), await world.counts(root)
    living = await shown(world, post_id)
    deleted = await world.delete(ada, post_id)
    tomb = deleted.post
    assert deleted.was_new
    assert (deleted.parent_id, deleted.quoted_id) == (root, root)
    assert sorted(deleted.files) == ["b.webp", "small-b.webp"]
    assert (tomb.deleted, tomb.text, tomb.media) == (True, "", [])
    assert tomb.quote_of is None
    assert tomb.quoted is UNSET
    assert (tomb.author.name, tomb.reply_to) == ("ada", str(root))
    assert tomb.seq > living.seq
    assert tomb == await shown(world, post_id)
    after = await world.counts(post_id)
    assert (after.reactions, after.retweets, after.replies) == ({}, 0, 1)
    assert after.v > before.v
    parents = await world.counts(root)
    assert (parents.replies, parents.quotes) == (0, 0)
    assert parents.v > roots.v
    assert (await world.tally(ada))[2] == 0
    assert (
        await world.database.fetch_val("SELECT text FROM posts WHERE id = :i", {"i": post_id}) == ""
    )
    assert await wrong_numbers(world.database) == []
    [still] = await post.replies(world.database, post_id, 0, 10, frozenset())
    assert int(still.id) == answer


async def test_deleting_again_changes_nothing(world: World) -> None:
    ada = await world.person()
    post_id = await world.post(ada)
    first = await world.delete(ada, post_id)
    now = await world.counts(post_id)
    again = await world.delete(ada, post_id)
    assert not again.was_new
    assert again.files == []
    assert again.post == first.post
    assert await world.counts(post_id) == now


async def test_only_its_author_deletes_a_post(world: World) -> None:
    ada, bob, eve = await world.people(3)
    by_ada = await world.post(ada)
    with pytest.raises(Refusal) as caught:
        await world.delete(bob, by_ada)
    assert caught.value.code == "forbidden"
    await world.mute(bob, ada)
    with pytest.raises(Refusal) as caught:
        await world.delete(bob, by_ada, frozenset({ada}))
    assert caught.value.code == "forbidden"
    await world.block(ada, eve)
    for nobodys, hidden in ((by_ada, frozenset({ada})), (10**12, frozenset[int]())):
        with pytest.raises(Refusal) as caught:
            await world.delete(eve, nobodys, hidden)
        assert refused(caught.value) == ("not_found", "post_id")
    assert not (await shown(world, by_ada)).deleted


async def test_deleting_at_once_counts_once(world: World) -> None:
    ada = await world.person()
    root = await world.post(ada)
    post_id = await world.post(ada, reply_to=root)
    deeds = await asyncio.gather(*(world.delete(ada, post_id) for _ in range(12)))
    assert [deed.was_new for deed in deeds].count(True) == 1
    assert (await world.counts(root)).replies == 0
    assert await world.tally(ada) == (0, 0, 1)


async def test_answering_a_post_while_it_is_deleted_is_refused_or_counted(world: World) -> None:
    ada, bob = await world.people(2)
    for _ in range(10):
        root = await world.post(ada)
        await asyncio.gather(
            world.delete(ada, root),
            *(world.create(world.draft(bob, reply_to=root, quote_of=root)) for _ in range(4)),
            return_exceptions=False,
        )
    assert await wrong_numbers(world.database) == []


async def test_posts_come_in_the_order_asked_for(world: World) -> None:
    ada = await world.person()
    ids = [await world.post(ada) for _ in range(4)]
    wanted = [ids[2], 10**12, ids[0], ids[3]]
    found = await post.by_ids(world.database, wanted)
    assert [int(p.id) for p in found] == [ids[2], ids[0], ids[3]]
    assert await post.by_ids(world.database, []) == []


async def test_a_thread_runs_from_the_root_down(world: World) -> None:
    ada, bob, eve = await world.people(3)
    root = await world.post(ada, "root")
    second = await world.post(bob, "second", reply_to=root)
    third = await world.post(eve, "third", reply_to=second)
    leaf = await world.post(ada, "leaf", reply_to=third)
    await world.delete(bob, second)
    line = await post.ancestors(world.database, leaf, frozenset())
    assert [int(p.id) for p in line] == [root, second, third]
    assert [p.deleted for p in line] == [False, True, False]
    without = await post.ancestors(world.database, leaf, frozenset({eve}))
    assert [int(p.id) for p in without] == [root, second]
    assert await post.ancestors(world.database, root, frozenset()) == []
    assert await post.ancestors(world.database, 10**12, frozenset()) == []


async def test_an_endless_thread_is_read_to_a_bound(world: World) -> None:
    ada = await world.person()
    chain = [await world.post(ada)]
    for _ in range(post.DEPTH + 3):
        chain.append(await world.post(ada, reply_to=chain[-1]))
    line = await post.ancestors(world.database, chain[-1], frozenset())
    assert [int(p.id) for p in line] == chain[-1 - post.DEPTH : -1]


async def test_replies_are_oldest_first_and_paged(world: World) -> None:
    ada, bob = await world.people(2)
    root = await world.post(ada)
    ids = [await world.post(who, reply_to=root) for who in (ada, bob, ada, ada)]
    await world.delete(ada, ids[2])
    read = await post.replies(world.database, root, 0, 10, frozenset())
    assert [int(p.id) for p in read] == [ids[0], ids[1], ids[3]]
    later = await post.replies(world.database, root, ids[0], 1, frozenset())
    assert [int(p.id) for p in later] == [ids[1]]
    without = await post.replies(world.database, root, 0, 10, frozenset({bob}))
    assert [int(p.id) for p in without] == [ids[0], ids[3]]
