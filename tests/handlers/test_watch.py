"""What is on the screen: the state now, and then every change of it."""

from __future__ import annotations

from tests.client import follow, post, window
from tests.deployments import Town
from tests.handlers.asking import apart, refusal
from tests.server import Running


async def test_two_hundred_posts_are_watched_and_no_more(server: Running, town: Town) -> None:
    async with town.ada.window() as ada, window(server.url) as visitor:
        for who in (ada, visitor):
            why = await refusal(who, "watch.set", post_ids=[str(n) for n in range(1, 202)])
            assert why == ("too_many", "post_ids")
            unknown = await who.ask("watch.set", post_ids=[str(n) for n in range(1, 201)])
            assert unknown == {"counts": [], "mine": [], "posts": []}
            for bad in (None, "1", [1], ["x"], [None]):
                assert await refusal(who, "watch.set", post_ids=bad) == ("invalid", "post_ids")
            assert await refusal(who, "watch.set") == ("invalid", "post_ids")
            why = await refusal(who, "watch.set", post_ids=[], explore="yes")
            assert why == ("invalid", "explore")


async def test_what_is_watched_comes_back_as_it_is_now(server: Running, town: Town) -> None:
    async with (
        town.ada.window() as ada,
        town.bob.window() as bob,
        town.eve.window() as eve,
        window(server.url) as visitor,
    ):
        living, gone, hidden = (
            await post(ada, "living"),
            await post(ada, "gone"),
            await post(eve, "hidden"),
        )
        await bob.ask("react.set", post_id=living["id"], emoji="🌊", on=True)
        await ada.ask("post.delete", post_id=gone["id"])
        await apart(server, town.bob, town.eve)
        ids = [living["id"], gone["id"], hidden["id"], "999", living["id"]]
        state = await bob.ask("watch.set", post_ids=ids)
        assert set(state) == {"counts", "mine", "posts"}
        counts = {found["post_id"]: found for found in state["counts"]}
        mine = {found["post_id"]: found for found in state["mine"]}
        assert counts[living["id"]]["reactions"] == {"🌊": 1}
        assert mine[living["id"]]["reactions"] == ["🌊"]
        assert hidden["id"] not in counts and hidden["id"] not in mine
        assert len(state["counts"]) == len(counts)
        [tombstone] = state["posts"]
        assert (tombstone["id"], tombstone["deleted"], tombstone["text"]) == (gone["id"], True, "")
        state = await visitor.ask("watch.set", post_ids=ids)
        assert (state["mine"], [p["id"] for p in state["posts"]]) == ([], [gone["id"]])
        assert {c["post_id"] for c in state["counts"]} >= {living["id"], hidden["id"]}


async def test_changes_follow_and_the_next_set_replaces_this_one(
    server: Running, town: Town
) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob, window(server.url) as visitor:
        first, second = await post(ada, "first"), await post(ada, "second")
        await visitor.ask("watch.set", post_ids=[first["id"]])
        answer = await post(bob, "an answer", reply_to=first["id"])
        told = await visitor.noun("post", id=answer["id"])
        assert told["parent"]["id"] == first["id"]
        assert (await visitor.noun("counts", replies=1))["post_id"] == first["id"]
        await post(bob, "a quote", quote_of=first["id"])
        assert (await visitor.noun("counts", quotes=1))["replies"] == 1
        assert {event["topic"] for event in visitor.events} == {f"post:{first['id']}"}
        await visitor.ask("watch.set", post_ids=[second["id"]])
        begun = len(visitor.events)
        await bob.ask("react.set", post_id=first["id"], emoji="🌊", on=True)
        await bob.ask("react.set", post_id=second["id"], emoji="🌊", on=True)
        await visitor.noun("counts", post_id=second["id"], reactions={"🌊": 1})
        await ada.ask("post.delete", post_id=second["id"])
        gone = await visitor.noun("post", id=second["id"], deleted=True)
        assert (gone["text"], gone["media"]) == ("", [])
        await visitor.quiet()
        assert first["id"] not in {e["noun"].get("post_id") for e in visitor.events[begun:]}
        await visitor.ask("watch.set", post_ids=[])
        begun = len(visitor.events)
        await bob.ask("react.set", post_id=first["id"], emoji="🌊", on=False)
        await visitor.quiet()
        assert visitor.events[begun:] == []


async def test_whoever_looks_at_everybody_hears_posts_and_neither_answers_nor_retweets(
    server: Running, town: Town
) -> None:
    async with (
        town.ada.window() as ada,
        town.bob.window() as bob,
        town.bob.window() as other,
        window(server.url) as visitor,
    ):
        for looking in (bob, visitor):
            await looking.ask("watch.set", post_ids=[], explore=True)
        root = await post(ada, "root")
        await post(ada, "an answer", reply_to=root["id"])
        await ada.ask("retweet.set", post_id=root["id"], on=True)
        last = await post(ada, "last")
        for looking in (bob, visitor):
            await looking.noun("post", id=last["id"])
            await looking.quiet()
            assert {event["topic"] for event in looking.events} == {"explore"}
            assert [noun["text"] for noun in looking.seen("post")] == ["root", "last"]
        await visitor.ask("watch.set", post_ids=[], explore=False)
        await bob.ask("watch.set", post_ids=[])  # left out, it is off
        await post(ada, "alone again")
        await follow(other, town.ada)
        end = await post(ada, "the end")
        await other.noun("post", id=end["id"])
        for silent in (bob, visitor):
            await silent.quiet()
        assert [noun["text"] for noun in visitor.seen("post")] == ["root", "last"]
        topics = {e["topic"] for e in bob.events if e["noun"].get("text") == "the end"}
        assert "explore" not in topics


async def test_a_post_of_everybodys_that_no_doorbell_told_comes_with_the_next_reconciliation(
    server: Running, town: Town
) -> None:
    """Also right after the first window began to look, and in a town without a single post."""
    world = server.application.world
    assert world is not None
    bus = world.feed.channels._bus
    async with town.ada.window() as ada, window(server.url) as visitor:
        await visitor.ask("watch.set", post_ids=[], explore=True)
        spoken, bus.publish = bus.publish, lambda channel, payload: None  # type: ignore[method-assign]
        try:
            lost = await post(ada, "nobody rang")
        finally:
            bus.publish = spoken  # type: ignore[method-assign]
        await server.reconcile()
        assert (await visitor.noun("post", id=lost["id"]))["text"] == "nobody rang"
        await server.reconcile()
        await visitor.quiet()
        assert len(visitor.seen("post")) == 1
