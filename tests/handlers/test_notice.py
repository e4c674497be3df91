"""Notices over the wire: each deed and its undoing, reading, and who makes none."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from realtime.change import Telling
from realtime.store import noting, relation, vanishing
from realtime.store.database import Tx
from tests.client import PASSWORD, Json, Window, eventually, follow, post, window
from tests.deployments import Town
from tests.handlers.asking import WHEN, apart, pages, refusal
from tests.people import register
from tests.server import Running

Deed = Callable[[Window, str, bool], Awaitable[str]]


async def page(window: Window) -> Json:
    return await window.ask("notice.list")


def short(notices: list[Json]) -> list[tuple[str, list[str], int, str | None]]:
    """What each of these says: what, by whom, how many, with what."""
    return [
        (n["what"], [u["name"] for u in n["users"]], n["count"], n.get("emoji")) for n in notices
    ]


async def react(window: Window, post_id: str, on: bool = True, emoji: str = "🌊") -> None:
    await window.ask("react.set", post_id=post_id, emoji=emoji, on=on)


async def retweet(window: Window, post_id: str, on: bool = True) -> None:
    await window.ask("retweet.set", post_id=post_id, on=on)


async def test_each_deed_makes_one_notice_that_is_told_and_listed_alike(town: Town) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob:
        mine = await post(ada, "look at the harbour")
        await react(bob, mine["id"])
        await retweet(bob, mine["id"])
        reply = await post(bob, "I see it", reply_to=mine["id"])
        quote = await post(bob, "this harbour", quote_of=mine["id"])
        named = await post(bob, "ask @Ada, and @nobody_there, and @bob")
        await follow(bob, town.ada)
        due = [
            ("follow", None, None),
            ("mention", named["id"], None),
            ("quote", quote["id"], None),
            ("reply", reply["id"], None),
            ("retweet", mine["id"], None),
            ("reaction", mine["id"], "🌊"),
        ]
        await ada.noun("read", unread=6)
        found = await page(ada)
        assert (found["unread"], "next" in found) == (6, False)
        assert [(n["what"], n.get("post_id"), n.get("emoji")) for n in found["notices"]] == due
        for notice in found["notices"]:
            assert (notice["kind"], notice["count"], notice["read"]) == ("notice", 1, False)
            assert [user["id"] for user in notice["users"]] == [town.bob.id]
            assert set(notice["users"][0]) == {"id", "name", "display_name", "avatar", "seq"}
            assert WHEN.fullmatch(notice["created_at"])
            assert await ada.noun("notice", id=notice["id"], seq=notice["seq"]) == notice
        assert bob.seen("notice") == bob.seen("read") == []
        assert (await page(bob)) == {"notices": [], "unread": 0}


async def test_undoing_removes_and_the_last_one_makes_the_notice_vanish(town: Town) -> None:
    async with (
        town.ada.window() as ada,
        town.bob.window() as bob,
        town.eve.window() as eve,
    ):
        mine = await post(ada, "popular")
        for emoji in ("😀", "🌊"):
            await react(bob, mine["id"], emoji=emoji)
        await react(eve, mine["id"], emoji="🔥")
        first = (await page(ada))["notices"]
        assert short(first) == [("reaction", ["eve", "bob"], 2, "🔥")]
        await react(eve, mine["id"], on=False, emoji="🔥")
        assert short((await page(ada))["notices"]) == [("reaction", ["bob"], 1, "🌊")]
        await react(bob, mine["id"], on=False)
        assert short((await page(ada))["notices"]) == [("reaction", ["bob"], 1, "😀")]
        await react(bob, mine["id"], on=False, emoji="😀")
        assert await page(ada) == {"notices": [], "unread": 0}
        gone = await ada.noun("notice", id=first[0]["id"], count=0)
        assert gone["users"] == [] and "emoji" not in gone
        for deed in (retweet, react):
            await deed(bob, mine["id"])
            assert (await page(ada))["unread"] == 1
            await deed(bob, mine["id"], False)
            assert await page(ada) == {"notices": [], "unread": 0}
        await follow(bob, town.ada)
        before = (await page(ada))["notices"]
        await follow(bob, town.ada, on=False)
        assert await page(ada) == {"notices": [], "unread": 0}
        await follow(bob, town.ada)
        again = (await page(ada))["notices"]
        assert [n["id"] for n in again] == [n["id"] for n in before]
        assert again[0]["seq"] > before[0]["seq"]


async def test_a_deleted_post_takes_its_notices_along(town: Town) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob, town.eve.window() as eve:
        mine = await post(ada, "soon gone")
        await react(bob, mine["id"])
        await retweet(eve, mine["id"])
        reply = await post(bob, "hello @eve", reply_to=mine["id"])
        assert (await page(ada))["unread"] == 3 and (await page(eve))["unread"] == 1
        await ada.ask("post.delete", post_id=mine["id"])
        assert [n["what"] for n in (await page(ada))["notices"]] == ["reply"]
        await bob.ask("post.delete", post_id=reply["id"])
        for owner in (ada, eve):
            assert await page(owner) == {"notices": [], "unread": 0}
            await owner.until(
                lambda f: (
                    f["type"] == "event"
                    and f["noun"]["kind"] == "read"
                    and f["noun"]["seq"] > 0
                    and f["noun"]["unread"] == 0
                )
            )


async def test_one_post_makes_one_notice_a_person(town: Town) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob, town.eve.window() as eve:
        mine, theirs = await post(ada, "one"), await post(eve, "two")
        all_of_it = {"reply_to": mine["id"], "quote_of": theirs["id"]}
        await post(bob, "@ada @ada @eve @bob", **all_of_it)
        await post(bob, "@ada", quote_of=mine["id"])
        assert [n["what"] for n in (await page(ada))["notices"]] == ["quote", "reply"]
        assert [n["what"] for n in (await page(eve))["notices"]] == ["quote"]
        await post(ada, "@ada talks to herself", reply_to=mine["id"], quote_of=mine["id"])
        await react(ada, mine["id"])
        await retweet(ada, mine["id"])
        assert (await page(ada))["unread"] == 2


async def test_reading_is_shared_by_all_windows_and_the_next_deed_begins_another(
    town: Town,
) -> None:
    async with (
        town.ada.window() as ada,
        town.ada.window() as other,
        town.bob.window() as bob,
        town.eve.window() as eve,
    ):
        mine = await post(ada, "read me")
        await react(bob, mine["id"])
        [first] = (await page(ada))["notices"]
        assert await ada.ask("notice.read", up_to=first["id"]) == {"unread": 0}
        for each in (ada, other):
            assert (await each.noun("read", up_to=first["id"]))["unread"] == 0
        seq = max(n["seq"] for n in other.seen("read"))
        for up_to in (first["id"], "0"):
            assert await ada.ask("notice.read", up_to=up_to) == {"unread": 0}
        assert (await other.noun("read", up_to=first["id"]))["seq"] == seq
        await react(eve, mine["id"], emoji="🔥")
        await react(bob, mine["id"], emoji="🔥")
        assert (await other.noun("read", unread=1, up_to=first["id"]))["seq"] > seq
        second, read = (await page(ada))["notices"]
        assert short([second, read]) == [
            ("reaction", ["bob", "eve"], 2, "🔥"),
            ("reaction", ["bob"], 1, "🌊"),
        ]
        assert (second["read"], read["read"]) == (False, True)
        # What is to come has not been read, whatever number is named.
        assert await ada.ask("notice.read", up_to=str(2**63 - 1)) == {"unread": 0}
        await post(bob, "and now?", reply_to=mine["id"])
        assert (await page(ada))["unread"] == 1
        # Undoing reaches into what was read, and leaves the rest alone.
        await react(bob, mine["id"], on=False)
        assert [n["id"] for n in (await page(ada))["notices"]][1:] == [second["id"]]
        async with town.ada.window() as fresh:
            assert fresh.welcome["unread"] == 1
        async with town.eve.window() as hers:
            assert hers.welcome["unread"] == 0


@pytest.mark.parametrize("how", ["block", "mute"])
async def test_the_hidden_make_none_and_what_they_made_vanishes(
    server: Running, town: Town, how: str
) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob, town.eve.window() as eve:
        mine = await post(ada, "for some")
        for each in (bob, eve):
            await react(each, mine["id"])
        await post(eve, "hello @ada")
        await follow(eve, town.ada)
        assert (await page(ada))["unread"] == 3
        await apart(server, town.ada, town.eve, how)
        await ada.noun("read", unread=1)
        found = await page(ada)
        assert (short(found["notices"]), found["unread"]) == (
            [("reaction", ["bob"], 1, "🌊")],
            1,
        )
        await post(eve, "are you there, @ada?")
        if how == "mute":
            await react(eve, mine["id"], emoji="🔥")
            await retweet(eve, mine["id"])
            await follow(eve, town.ada, on=False)
            await follow(eve, town.ada)
        assert await page(ada) == found
        await apart(server, town.ada, town.eve, how, on=False)
        back = await page(ada)
        assert back["unread"] == (3 if how == "mute" else 2)


def is_told(window: Window, unread: int) -> bool:
    """Whether so many wait, by what this window was told last."""
    newest = max(window.seen("read"), key=lambda noun: int(noun["seq"]))
    return bool(newest["unread"] == unread)


@pytest.mark.parametrize("how", ["block", "mute"])
async def test_notices_that_vanish_beneath_many_newer_ones_are_counted_out_too(
    server: Running, town: Town, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vanishing, "AROUND", 1)
    async with town.ada.window() as ada, town.bob.window() as bob, town.eve.window() as eve:
        for words in ("hello @ada", "hello again @ada"):
            await post(eve, words)
        await post(ada, "hello @eve")
        for n in range(3):
            await post(bob, f"@ada @eve {n}")
        await ada.noun("notice", post_id=(await page(ada))["notices"][0]["post_id"])
        await apart(server, town.ada, town.eve, how)
        for each, unread in ((ada, 3), (eve, 3 if how == "block" else 4)):
            assert (await page(each))["unread"] == unread
            await eventually(partial(is_told, each, unread))


async def test_an_account_that_goes_takes_its_notices_along(town: Town) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob, town.eve.window() as eve:
        mine = await post(ada, "for a while")
        for each in (bob, eve):
            await react(each, mine["id"])
        await retweet(eve, mine["id"])
        await follow(eve, town.ada)
        theirs = await post(eve, "hi @ada")
        await react(ada, theirs["id"])
        before = (await page(ada))["notices"]
        assert len(before) == 4
        gone = await town.eve.http.request("DELETE", "/api/account", json={"password": PASSWORD})
        assert gone.status_code == 204
        assert short((await page(ada))["notices"]) == [("reaction", ["bob"], 1, "🌊")]
        last = {n["id"]: int(n["what"] == "reaction") for n in before}
        for notice_id, count in last.items():
            await ada.noun("notice", id=notice_id, count=count)
        await ada.until(lambda f: f["type"] == "event" and f["noun"].get("unread") == 1)


async def test_a_gathered_notice_is_told_at_once_and_then_at_its_pace(
    server: Running, town: Town
) -> None:
    world = server.application.world
    assert world is not None
    world.feed.personal.pace_s = 3_600
    async with town.ada.window() as ada, town.bob.window() as bob:
        mine = await post(ada, "hit me")
        for emoji in ("😀", "😁", "😂", "🤣", "😃", "😄", "😅"):
            await react(bob, mine["id"], emoji=emoji)
            await ada.noun("notice", what="reaction")
        reply = await post(bob, "this is told at once", reply_to=mine["id"])
        await ada.noun("notice", post_id=reply["id"])
        assert len([n for n in ada.seen("notice") if n["what"] == "reaction"]) == 1
        world.feed.personal.pace_s = 0
        await react(bob, mine["id"], emoji="😆")
        assert (await ada.noun("notice", emoji="😆"))["count"] == 1


async def test_a_resume_tells_what_was_missed_once_and_as_it_is_now(
    server: Running, town: Town
) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob:
        mine = await post(ada, "away")
        await react(bob, mine["id"], emoji="🔥")
        await ada.noun("notice")
        await server.reconcile()
        world = server.application.world
        assert world is not None
        world.feed.heartbeat(list(world.feed.ears))
        cursor = (await ada.until(lambda f: f["type"] == "heartbeat"))["cursor"]
        await ada.shut()
        for emoji in ("😀", "😁"):
            await react(bob, mine["id"], emoji=emoji)
        reply = await post(bob, "and", reply_to=mine["id"])
        await bob.ask("post.delete", post_id=reply["id"])
        async with town.ada.window(cursor) as back:
            assert (back.welcome["resumed"], back.welcome["unread"]) == (True, 1)
            await back.noun("notice", what="reaction")
            await back.noun("notice", what="reply", count=0)
            await back.noun("read", unread=1)
            await back.quiet()
            [told] = [n for n in back.seen("notice") if n["what"] == "reaction"]
            assert (told["emoji"], told["count"]) == ("😁", 1)
            assert len(back.seen("notice")) == 2 and len(back.seen("read")) == 1


async def test_a_lost_doorbell_is_repaired(server: Running, town: Town) -> None:
    world = server.application.world
    assert world is not None
    async with town.ada.window() as ada, town.bob.window() as bob:
        mine = await post(ada, "unheard")
        heard, world.feed.tail.heard = world.feed.tail.heard, lambda rung: None  # type: ignore[method-assign]
        await react(bob, mine["id"])
        await ada.quiet()
        assert ada.seen("notice") == []
        world.feed.tail.heard = heard  # type: ignore[method-assign]
        await server.reconcile()
        await ada.noun("notice", what="reaction")
        await ada.noun("read", unread=1)


async def test_notices_are_paged_newest_first(server: Running, town: Town) -> None:
    world = server.application.world
    assert world is not None
    people = [await register(world.database, f"fan{n}") for n in range(53)]
    async with town.ada.window() as ada:

        async def deed(tx: Tx, telling: Telling) -> None:
            for person in people:
                await relation.follow(tx, person, int(town.ada.id), True, 1)
                telling.owed(await noting.followed(tx, int(town.ada.id), person, True, 1))

        await world.change(deed)
        found = await pages(ada, "notices", "notice.list")
        assert [len(each) for each in found] == [50, 3]
        names = [n["users"][0]["name"] for each in found for n in each]
        assert names == [f"fan{n}" for n in reversed(range(53))]
        await ada.noun("read", unread=53)
        for before in ("x", "", "-1", "1" * 30, None, 7):
            assert await refusal(ada, "notice.list", before=before) == ("invalid", "before")
        for up_to in ("x", "", "-1", None, 7, "1" * 30):
            assert await refusal(ada, "notice.read", up_to=up_to) == ("invalid", "up_to")


async def test_a_visitor_has_no_notices(server: Running) -> None:
    async with window(server.url) as visitor:
        assert visitor.welcome["unread"] == 0
        assert await refusal(visitor, "notice.list") == ("unauthenticated", None)
        assert await refusal(visitor, "notice.read", up_to="1") == ("unauthenticated", None)


async def test_many_people_at_once_make_one_notice(server: Running, town: Town) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob, town.eve.window() as eve:
        mine = await post(ada, "for all")
        await asyncio.gather(
            *(react(w, mine["id"], emoji=e) for w in (bob, eve) for e in "😀😁😂🤣")
        )
        [notice] = (await page(ada))["notices"]
        assert (notice["count"], len(notice["users"])) == (2, 2)
        assert (await page(ada))["unread"] == 1
