"""Search, through the door: who may ask, what is refused, and what a page holds."""

from __future__ import annotations

import pytest

from tests.client import Json, Refused, follow, post, window
from tests.deployments import Town
from tests.handlers.asking import apart
from tests.server import Running


async def test_posts_are_found_newest_first_with_their_numbers(town: Town) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob:
        first = await post(ada, "The #harbour lamp is lit")
        answer = await post(bob, "a lamp in the harbour?", reply_to=first["id"])
        await post(bob, "no such word")
        await ada.ask("react.set", post_id=answer["id"], emoji="🔥", on=True)
        page = await ada.ask("search.query", q="lamp #harb", kind="posts")
        assert [p["id"] for p in page["posts"]] == [answer["id"], first["id"]]
        assert "users" not in page and "next" not in page
        assert page["posts"][0]["counts"]["reactions"] == {"🔥": 1}
        assert page["posts"][0]["mine"]["reactions"] == ["🔥"]
        assert page["posts"][0]["parent"]["id"] == first["id"]
        await ada.ask("post.delete", post_id=first["id"])
        page = await ada.ask("search.query", q="lamp", kind="posts")
        assert [p["id"] for p in page["posts"]] == [answer["id"]]


async def test_pages_follow_each_other_while_others_write(town: Town) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob:
        written = [(await post(bob, f"buoy {n}"))["id"] for n in range(53)]
        first = await ada.ask("search.query", q="buoy", kind="posts")
        await post(bob, "buoy, later")
        await bob.ask("post.delete", post_id=written[50])
        second = await ada.ask("search.query", q="buoy", kind="posts", before=first["next"])
        assert "next" not in second
        found = [p["id"] for p in first["posts"] + second["posts"]]
        assert found == written[::-1]


async def test_people_are_found_by_the_start_of_their_names(town: Town) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob:
        await bob.ask("profile.update", display_name="Roberta Stone")
        await follow(ada, town.bob)
        for query in ("bo", "@bob", "robe", "STONE", "roberta s"):
            page = await ada.ask("search.query", q=query, kind="users")
            assert [user["id"] for user in page["users"]] == [town.bob.id], query
        assert page["users"][0]["followers"] == 1
        assert (await ada.ask("search.query", q="tone", kind="users"))["users"] == []


async def test_a_visitor_may_search(server: Running, town: Town) -> None:
    async with town.ada.window() as ada, window(server.url) as visitor:
        await post(ada, "for everybody")
        page = await visitor.ask("search.query", q="everybody", kind="posts")
        assert [p["text"] for p in page["posts"]] == ["for everybody"]
        assert "mine" not in page["posts"][0]
        page = await visitor.ask("search.query", q="ad", kind="users")
        assert [user["name"] for user in page["users"]] == ["ada"]


async def test_what_is_no_question_is_refused(town: Town) -> None:
    cases: list[tuple[Json, str, str]] = [
        ({"q": ""}, "invalid", "q"),
        ({"q": "x" * 201}, "too_long", "q"),
        ({"q": "x", "kind": "media"}, "invalid", "kind"),
        ({"q": "x", "before": "yesterday"}, "invalid", "before"),
        ({"q": 7}, "invalid", "q"),
        ({"q": "x", "limit": 3}, "invalid", "limit"),
    ]
    async with town.ada.window() as ada:
        for fields, code, field in cases:
            with pytest.raises(Refused) as refused:
                await ada.ask("search.query", **{"kind": "posts", **fields})
            assert (refused.value.code, refused.value.frame["field"]) == (code, field), fields


async def test_what_holds_no_word_finds_nothing(town: Town) -> None:
    async with town.ada.window() as ada:
        await post(ada, "👍 *")
        for query in (" ", "👍", "*", '"', "\\", "%", "\u0000", "é" * 200):
            for kind in ("posts", "users"):
                page = await ada.ask("search.query", q=query, kind=kind)
                assert page == {kind: []}, query


async def test_whoever_is_hidden_is_not_found(server: Running, town: Town) -> None:
    for how in ("mute", "block"):
        async with town.ada.window() as ada, town.bob.window() as bob, town.eve.window() as eve:
            mine = await post(ada, f"anchor {how}")
            theirs = await post(bob, f"anchor {how}", quote_of=mine["id"])
            await apart(server, town.eve, town.ada, how)
            query = {"q": f"anchor {how}", "kind": "posts"}
            page = await eve.ask("search.query", **query)
            assert [p["id"] for p in page["posts"]] == [theirs["id"]]
            assert "quoted" not in page["posts"][0]
            assert (await eve.ask("search.query", q="ada", kind="users"))["users"] == []
            page = await ada.ask("search.query", q="eve", kind="users")
            assert len(page["users"]) == (how == "mute")
            await apart(server, town.eve, town.ada, how, on=False)
            page = await eve.ask("search.query", **query)
            assert [p["id"] for p in page["posts"]] == [theirs["id"], mine["id"]]


async def test_an_account_that_is_gone_is_found_no_more(town: Town) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob:
        await post(bob, "here and then gone")
        gone = {"password": "correct horse battery"}
        (await town.bob.http.request("DELETE", "/api/account", json=gone)).raise_for_status()
        assert await bob.closed() == 4401
        assert (await ada.ask("search.query", q="gone", kind="posts"))["posts"] == []
        assert (await ada.ask("search.query", q="bob", kind="users"))["users"] == []
