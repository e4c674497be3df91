"""Retweets over the wire: who hears them, and one entry a post."""

from __future__ import annotations

from tests.client import follow, person, post, window
from tests.deployments import Town
from tests.handlers.asking import WHEN, apart, pages, refusal
from tests.handlers.test_post import AUTHOR, POST
from tests.server import Running

RETWEET = {"kind", "seq", "id", "user", "post", "created_at", "deleted"}


async def test_a_retweet_is_told_to_followers_and_its_number_to_those_who_watch(
    server: Running, town: Town
) -> None:
    async with (
        town.ada.window() as ada,
        town.bob.window() as bob,
        town.bob.window() as other,
        town.eve.window() as eve,
    ):
        mine = await post(ada, "pass it on")
        await follow(eve, town.bob)
        await ada.ask("watch.set", post_ids=[mine["id"]])
        answer = await bob.ask("retweet.set", post_id=mine["id"], on=True)
        assert set(answer) == {"counts", "mine"}
        assert (answer["counts"]["kind"], answer["counts"]["retweets"]) == ("counts", 1)
        assert (answer["mine"]["kind"], answer["mine"]["retweeted"]) == ("mine", True)
        assert answer["mine"]["v"] == answer["counts"]["v"]
        told = await eve.noun("retweet")
        assert set(told) == RETWEET and set(told["user"]) == AUTHOR
        assert set(told["post"]) == POST and told["post"]["text"] == "pass it on"
        assert (told["user"]["name"], told["deleted"]) == ("bob", False)
        assert WHEN.fullmatch(told["created_at"])
        assert (await ada.noun("counts"))["retweets"] == 1
        await other.noun("mine", post_id=mine["id"], retweeted=True)
        assert await bob.ask("retweet.set", post_id=mine["id"], on=True) == answer
        undone = await bob.ask("retweet.set", post_id=mine["id"], on=False)
        assert (undone["counts"]["retweets"], undone["mine"]["retweeted"]) == (0, False)
        gone = await eve.noun("retweet", deleted=True)
        assert gone["id"] == told["id"] and gone["seq"] > told["seq"]
        page = await eve.ask("timeline.get", name="home")
        assert page["entries"] == []
        for watcher in (ada, eve):
            await watcher.quiet()
            assert watcher.seen("mine") == []


async def test_a_post_is_one_entry_however_many_retweeted_it(server: Running, town: Town) -> None:
    async with (
        town.ada.window() as ada,
        town.bob.window() as bob,
        town.eve.window() as eve,
        person(server.url, "fay") as fay,
        person(server.url, "gil") as gil,
        person(server.url, "hal") as hal,
        fay.window() as fays,
        gil.window() as gils,
        hal.window() as hals,
    ):
        for someone in (town.ada, town.bob, fay, gil, hal):
            await follow(eve, someone)
        alone = await post(ada, "once")
        await ada.ask("retweet.set", post_id=alone["id"], on=True)  # one's own may be
        many = await post(ada, "everybody's")
        for retweeter in (bob, fays, gils, hals, ada):
            await retweeter.ask("retweet.set", post_id=many["id"], on=True)
        entries = (await eve.ask("timeline.get", name="home"))["entries"]
        assert [entry["post"]["id"] for entry in entries] == [many["id"], alone["id"]]
        first, second = entries
        assert set(first) == RETWEET | {"also", "also_count"}
        assert first["user"]["name"] == "ada"
        assert [user["name"] for user in first["also"]] == ["hal", "gil", "fay"]
        assert first["also_count"] == 1
        assert (second["also"], second["also_count"]) == ([], 0)
        assert first["post"]["counts"]["retweets"] == 5 and "mine" in first["post"]
        whole = await pages(ada, "users", "retweet.list", post_id=many["id"])
        assert [user["name"] for user in whole[0]] == ["ada", "hal", "gil", "fay", "bob"]
        assert {user["kind"] for user in whole[0]} == {"user"}
        await apart(server, town.eve, hal)
        hidden = await eve.ask("retweet.list", post_id=many["id"])
        assert [user["name"] for user in hidden["users"]] == ["ada", "gil", "fay", "bob"]
        [first, _] = (await eve.ask("timeline.get", name="home"))["entries"]
        assert [user["name"] for user in first["also"]] == ["gil", "fay", "bob"]
        assert first["also_count"] == 0
        await ada.ask("post.delete", post_id=many["id"])
        entries = (await eve.ask("timeline.get", name="home"))["entries"]
        assert [entry["post"]["id"] for entry in entries] == [alone["id"]]
        async with window(server.url) as visitor:
            why = await refusal(visitor, "retweet.list", post_id=many["id"])
            assert why == ("not_found", "post_id")
            page = await visitor.ask("retweet.list", post_id=alone["id"])
            assert [user["name"] for user in page["users"]] == ["ada"]
