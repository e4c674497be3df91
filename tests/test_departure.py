"""Accounts that go: nothing of theirs is left anywhere, and the numbers of others stay true."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import httpx

from realtime.config import Config
from realtime.store import account, departure
from realtime.store.database import Database, Row
from tests.client import PASSWORD, Json, Person, eventually, follow, person, post, window
from tests.deployments import Town
from tests.pictures import photo
from tests.server import Running, serving

MARKER = "zanzibarmarker"


async def delete_account(someone: Person, password: str = PASSWORD) -> httpx.Response:
    """Delete this account, as its owner does it."""
    return await someone.http.request("DELETE", "/api/account", json={"password": password})


async def everything(database: Database) -> list[tuple[str, Row]]:
    """Every row of every table, with its table's name."""
    if database.dialect == "sqlite":
        sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    else:
        sql = "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
    found: list[tuple[str, Row]] = []
    for table in await database.fetch_all(sql):
        rows = await database.fetch_all(f"SELECT * FROM {table['name']}")
        found += [(table["name"], row) for row in rows]
    return found


async def marked(database: Database) -> list[str]:
    """Every row that holds the marker, as text."""
    rows = [f"{table}: {dict(row)}" for table, row in await everything(database)]
    return [row for row in rows if MARKER in row]


def in_memory(running: Running) -> list[bytes]:
    """What this process would tell to whoever comes back."""
    world = running.application.world
    assert world is not None
    told = list(world.feed.tail.ring._told.values())
    return [each.frame for each in told if each.frame is not None]


async def test_nothing_of_a_deleted_account_is_left_anywhere(server: Running, town: Town) -> None:
    world, uploads = server.application.world, server.application.config.uploads
    assert world is not None
    ada = town.ada
    async with ada.window() as acting, town.bob.window() as bob:
        await follow(bob, ada)
        await follow(acting, town.bob)
        avatar = await ada.upload(photo(64, 64), alt=f"{MARKER} portrait")
        await acting.ask(
            "profile.update", display_name=MARKER, bio=f"a {MARKER}", avatar=avatar["id"]
        )
        shown = await ada.upload(photo(50, 40), alt=f"{MARKER} shown")
        await ada.upload(photo(30, 40), alt=f"{MARKER} never shown")
        theirs = await post(bob, "by bob")
        await post(acting, f"{MARKER} with a picture", media=[shown["id"]])
        await post(acting, f"{MARKER} answers", reply_to=theirs["id"])
        await acting.ask("retweet.set", post_id=theirs["id"], on=True)
        await acting.ask("react.set", post_id=theirs["id"], emoji="🌊", on=True)
        await acting.ask("draft.set", draft={"text": f"{MARKER} begun"})
        signs_in = {"name": "ada", "password": PASSWORD}
        async with httpx.AsyncClient(base_url=server.url, headers={"Origin": server.url}) as other:
            other.headers["User-Agent"] = f"{MARKER}/1.0"
            assert (await other.post("/api/login", json=signs_in)).status_code == 200
        assert "".join(await marked(world.database)).count(MARKER) >= 9
        assert any(MARKER.encode() in frame for frame in in_memory(server))
        kept = set(uploads.iterdir())

        assert (await delete_account(ada)).status_code == 204

        assert await marked(world.database) == []
        await eventually(lambda: not set(uploads.iterdir()), within_s=5)
        assert len(kept) >= 3
        await eventually(lambda: not any(MARKER.encode() in f for f in in_memory(server)))
        owners = ("user_id", "owner_id", "actor_id", "other_id")
        own = {
            table
            for table, row in await everything(world.database)
            if int(ada.id) in (row.get(name) for name in owners)
        }
        # For the log's day: that the account goes, and that Bob follows it no more.
        assert own == {"departures", "relations"}
        answer = await ada.http.post("/api/login", json=signs_in)
        assert answer.status_code == 401
        taken = await ada.http.post("/api/register", json=signs_in)
        assert (taken.status_code, taken.json()["field"]) == (409, "name")


async def test_a_wrong_password_or_none_keeps_the_account(town: Town) -> None:
    async with town.ada.window() as ada:
        for body in ({}, {"password": 7}, {"password": PASSWORD, "sure": True}):
            answer = await town.ada.http.request("DELETE", "/api/account", json=body)
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
        answer = await delete_account(town.ada, "not the password")
        assert answer.status_code == 403
        assert (answer.json()["code"], answer.json()["field"]) == ("forbidden", "password")
        assert (await ada.ask("profile.get", name="ada"))["user"]["name"] == "ada"
    async with httpx.AsyncClient(base_url=town.ada.url) as stranger:
        answer = await stranger.request("DELETE", "/api/account", json={"password": PASSWORD})
        assert answer.status_code == 401


async def test_posts_become_tombstones_without_an_author_and_the_numbers_of_others_stay_true(
    server: Running, town: Town
) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob, window(server.url) as visitor:
        theirs = await post(bob, "by bob")
        gone = await post(ada, "first")
        answer = await post(ada, "an answer", reply_to=theirs["id"])
        await post(ada, "a quote", quote_of=theirs["id"])
        below = await post(bob, "below hers", reply_to=answer["id"])
        for one in (ada, bob):
            await one.ask("react.set", post_id=theirs["id"], emoji="🌊", on=True)
            await one.ask("react.set", post_id=gone["id"], emoji="🌊", on=True)
        await ada.ask("react.set", post_id=theirs["id"], emoji="🔥", on=True)
        await ada.ask("retweet.set", post_id=theirs["id"], on=True)
        await bob.ask("retweet.set", post_id=gone["id"], on=True)
        ids = [theirs["id"], gone["id"], answer["id"]]
        await visitor.ask("watch.set", post_ids=ids, explore=True)

        assert (await delete_account(town.ada)).status_code == 204

        for post_id in (gone["id"], answer["id"]):
            tombstone = await visitor.noun("post", id=post_id, deleted=True)
            assert tombstone["author"] == {
                "id": town.ada.id,
                "name": "",
                "display_name": "",
                "avatar": None,
                "seq": tombstone["author"]["seq"],
            }
            assert (tombstone["text"], tombstone["media"]) == ("", [])
        await visitor.until(
            lambda f: (
                f.get("noun", {}).get("post_id") == theirs["id"]
                and numbers(f["noun"]) == ({"🌊": 1}, 0, 0, 0)
            )
        )
        thread = await visitor.ask("post.thread", post_id=below["id"])
        assert [found["deleted"] for found in thread["ancestors"]] == [False, True]
        assert numbers(thread["ancestors"][0]["counts"]) == ({"🌊": 1}, 0, 0, 0)
        assert numbers(thread["ancestors"][1]["counts"]) == ({}, 0, 1, 0)
        explored = await visitor.ask("timeline.get", name="explore")
        assert [found["id"] for found in explored["entries"]] == [theirs["id"]]
        reacted = await bob.ask("timeline.get", name="reactions", user_id=town.bob.id)
        assert [found["id"] for found in reacted["entries"]] == [theirs["id"]]


def numbers(counts: Json) -> tuple[dict[str, int], int, int, int]:
    return counts["reactions"], counts["retweets"], counts["replies"], counts["quotes"]


async def test_followers_are_told_also_those_who_come_back_later(
    server: Running, town: Town
) -> None:
    async with town.bob.window() as bob, town.eve.window() as eve, town.ada.window() as ada:
        await follow(bob, town.ada)
        await follow(eve, town.ada)
        await follow(ada, town.eve)
        await post(ada, "hello")
        await server.reconcile()
        cursor = eve.welcome["cursor"]
        await eve.shut()

        assert (await delete_account(town.ada)).status_code == 204

        told = await bob.noun("user", id=town.ada.id, deleted=True)
        assert (told["name"], told["display_name"], told["bio"]) == ("", "", "")
        assert (await bob.noun("relation", following=False))["user_id"] == town.ada.id
        profile = (await bob.ask("profile.get", name="eve"))["user"]
        assert (profile["followers"], profile["following"]) == (0, 0)
        async with town.eve.window(cursor) as later:
            assert later.welcome["resumed"] is True
            relation = await later.noun("relation", user_id=town.ada.id, following=False)
            assert relation["seq"] > 0
            assert [p["text"] for p in later.seen("post") if p["text"]] == []
        listed = await bob.ask("follow.list", user_id=town.bob.id, direction="following")
        assert listed["users"] == []
        refused = await bob.answer("profile.get", user_id=town.ada.id)
        assert refused["code"] == "not_found"


async def test_every_socket_of_the_account_closes_on_every_process(
    config: Config, server: Running, town: Town
) -> None:
    async with AsyncExitStack() as stack:
        other = server
        if config.redis_urls:  # SQLite serves one process
            other = await stack.enter_async_context(serving(config))
        here = await stack.enter_async_context(town.ada.window())
        there = await stack.enter_async_context(window(other.url, town.ada.cookie))
        ticket = (await town.ada.http.post("/api/ticket")).json()["ticket"]
        program = await stack.enter_async_context(window(other.url, ticket=ticket))

        assert (await delete_account(town.ada)).status_code == 204

        assert [await each.closed() for each in (here, there, program)] == [4401] * 3


async def test_what_is_on_its_way_when_the_account_goes_comes_to_nothing(
    server: Running, town: Town
) -> None:
    world = server.application.world
    assert world is not None
    async with person(server.url, "may") as may, may.window() as acting:
        posts = [
            acting.answer("post.create", key=f"00000000-0000-4000-8000-{n:012}", text=MARKER)
            for n in range(20)
        ]
        running = [asyncio.ensure_future(each) for each in posts]
        uploading = asyncio.ensure_future(may.upload(photo(300, 200), alt=MARKER))
        assert (await delete_account(may)).status_code == 204
        await asyncio.gather(uploading, return_exceptions=True)
        await asyncio.gather(*running, return_exceptions=True)
        await eventually(lambda: acting.close_code is not None)
    assert await marked(world.database) == []


async def test_a_large_account_is_gone_for_everybody_before_it_is_cleared_away(
    server: Running, town: Town
) -> None:
    world, ada, bob, eve = server.application.world, town.ada, town.bob, town.eve
    assert world is not None
    async with ada.window() as acting, bob.window() as one, eve.window() as two:
        await acting.ask("profile.update", display_name=MARKER)
        await follow(one, ada)
        await follow(one, eve)
        await follow(acting, bob)
        words = await post(acting, MARKER)
        root = await post(two, "a root")
        answer = await post(acting, MARKER, reply_to=root["id"])
        quote = await post(one, "a quote", quote_of=words["id"], reply_to=answer["id"])
        await two.ask("retweet.set", post_id=words["id"], on=True)
        await acting.ask("retweet.set", post_id=root["id"], on=True)
        await acting.ask("react.set", post_id=root["id"], emoji="👍", on=True)
        await one.ask("react.set", post_id=words["id"], emoji="👍", on=True)
        proven = await account.by_id(world.database, int(ada.id))
        assert proven is not None
        # As the door does it, up to where the pieces begin.
        assert await world.database.run_tx(lambda tx: departure.mark(tx, proven, 0)) is not None

        async with window(server.url) as visitor:
            for asking in (one, two, visitor):
                for command, fields in (
                    ("timeline.get", {"name": "explore"}),
                    ("timeline.get", {"name": "user", "user_id": eve.id}),
                    ("timeline.get", {"name": "reactions", "user_id": bob.id}),
                    ("post.thread", {"post_id": root["id"]}),
                    ("post.thread", {"post_id": quote["id"]}),
                    ("retweet.list", {"post_id": root["id"]}),
                    ("react.list", {"post_id": root["id"]}),
                    ("follow.list", {"user_id": bob.id, "direction": "followers"}),
                    ("follow.list", {"user_id": bob.id, "direction": "following"}),
                    ("search.query", {"q": MARKER, "kind": "posts"}),
                    ("search.query", {"q": MARKER, "kind": "users"}),
                ):
                    shown = await asking.ask(command, **fields)
                    assert MARKER not in str(shown), (command, fields)
                    assert "'name': ''" not in str(shown.get("users", shown.get("reactions")))
        home = (await one.ask("timeline.get", name="home"))["entries"]
        assert [entry["id"] for entry in home] == [quote["id"], root["id"]]
        assert not {"quoted", "parent"} & home[0].keys()
        gone = (await one.ask("post.thread", post_id=words["id"]))["post"]
        assert (gone["deleted"], gone["text"], gone["author"]["name"]) == (True, "", "")
        for command, fields in (
            ("react.set", {"emoji": "🎉", "on": True}),
            ("retweet.set", {"on": True}),
            ("react.list", {}),
        ):
            refused = await one.answer(command, post_id=words["id"], **fields)
            assert (refused["type"], refused["code"]) == ("error", "not_found"), command
