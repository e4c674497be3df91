"""Profiles over the wire: who is shown to whom, and what one may change."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.client import eventually, follow, person, post, window
from tests.deployments import Town
from tests.handlers.asking import apart, refusal
from tests.handlers.test_hello import USER
from tests.pictures import photo
from tests.server import Running

RELATION = {"kind", "seq", "user_id", "following", "followed_by", "blocking", "muting"}


async def test_a_profile_is_asked_for_by_exactly_one_of_name_and_id(
    server: Running, town: Town
) -> None:
    async with town.ada.window() as ada, window(server.url) as visitor:
        by_name = await ada.ask("profile.get", name="bob")
        assert by_name == await ada.ask("profile.get", user_id=town.bob.id)
        assert by_name == await ada.ask("profile.get", name="BOB")
        assert set(by_name) == {"user", "relation"}
        assert set(by_name["user"]) == USER and set(by_name["relation"]) == RELATION
        assert by_name["relation"] == {
            **{"kind": "relation", "seq": by_name["relation"]["seq"], "user_id": town.bob.id},
            **dict.fromkeys(("following", "followed_by", "blocking", "muting"), False),
        }
        assert (await ada.ask("profile.get", name="ada"))["relation"] is None
        assert (await visitor.ask("profile.get", user_id=town.bob.id))["relation"] is None
        assert (await refusal(ada, "profile.get"))[0] == "invalid"
        both = await refusal(ada, "profile.get", name="bob", user_id=town.bob.id)
        assert both[0] == "invalid" and both[1] in ("name", "user_id")
        assert await refusal(ada, "profile.get", name="nobody") == ("not_found", "name")
        assert await refusal(ada, "profile.get", user_id="999999999") == ("not_found", "user_id")


async def test_a_name_is_text_and_never_a_number(server: Running, town: Town) -> None:
    async with (
        person(server.url, "007") as bond,
        person(server.url, "07") as seven,
        town.ada.window() as ada,
    ):
        for name, whose in (("007", bond), ("07", seven)):
            found = (await ada.ask("profile.get", name=name))["user"]
            assert (found["id"], found["name"]) == (whose.id, name)
        assert await refusal(ada, "profile.get", name="7") == ("not_found", "name")
        assert await refusal(ada, "profile.get", name=7) == ("invalid", "name")


async def test_the_three_numbers_are_fresh_in_profiles(town: Town) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob:

        async def numbers(name: str) -> tuple[int, int, int]:
            user = (await ada.ask("profile.get", name=name))["user"]
            return user["followers"], user["following"], user["posts"]

        await follow(ada, town.bob)
        await follow(ada, town.bob)
        first = await post(bob, "one")
        await post(bob, "two", reply_to=first["id"])
        assert (await numbers("ada"), await numbers("bob")) == ((0, 1, 0), (1, 0, 2))
        await bob.ask("post.delete", post_id=first["id"])
        await bob.ask("post.delete", post_id=first["id"])
        await follow(ada, town.bob, on=False)
        assert (await numbers("ada"), await numbers("bob")) == ((0, 0, 0), (0, 0, 1))


async def test_a_changed_profile_is_told_to_followers_and_ones_own_windows(town: Town) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob, town.eve.window() as eve:
        await follow(bob, town.ada)
        before = (await ada.ask("profile.get", name="ada"))["user"]
        done = await ada.ask("profile.update", display_name=" Ada  L. ", bio="Lamps.\n\nAnd oil.")
        assert set(done) == {"user"}
        user = done["user"]
        assert (user["display_name"], user["bio"]) == ("Ada  L.", "Lamps.\n\nAnd oil.")
        assert user["seq"] > before["seq"] and user["id"] == before["id"]
        assert (await bob.noun("user", seq=user["seq"]))["display_name"] == "Ada  L."
        assert bob.events[-1]["topic"] == f"author:{town.ada.id}"
        await ada.noun("user", seq=user["seq"])
        await ada.quiet()
        topics = {e["topic"] for e in ada.events if e["noun"]["kind"] == "user"}
        assert f"me:{town.ada.id}" in topics
        assert (await post(ada, "signed"))["author"]["display_name"] == "Ada  L."
        await eve.quiet()
        assert eve.seen("user") == []
        cases: list[tuple[dict[str, Any], tuple[str, str]]] = [
            ({"display_name": ""}, ("invalid", "display_name")),
            ({"display_name": "two\nlines"}, ("invalid", "display_name")),
            ({"display_name": "x" * 51}, ("too_long", "display_name")),
            ({"display_name": None}, ("invalid", "display_name")),
            ({"bio": "x" * 301}, ("too_long", "bio")),
            ({"bio": "\x07"}, ("invalid", "bio")),
            ({"bio": None}, ("invalid", "bio")),
            ({"name": "other"}, ("invalid", "name")),
        ]
        for fields, why in cases:
            assert await refusal(ada, "profile.update", **fields) == why
        kept = (await ada.ask("profile.update", bio=""))["user"]
        assert (kept["display_name"], kept["bio"]) == ("Ada  L.", "")
        assert (await ada.ask("profile.update", display_name="é" * 50))["user"]["bio"] == ""


async def test_an_avatar_is_replaced_by_naming_another(town: Town) -> None:
    first, second = [await town.ada.upload(photo(90, 60)) for _ in range(2)]
    theirs = await town.bob.upload(photo(20, 20))
    async with town.ada.window() as ada:
        for avatar, code in (
            (theirs["id"], "not_found"),
            ("999999", "not_found"),
            ("x", "invalid"),
        ):
            assert await refusal(ada, "profile.update", avatar=avatar) == (code, "avatar")
        done = (await ada.ask("profile.update", avatar=first["id"]))["user"]
        assert done["avatar"]["id"] == first["id"] and done["avatar"]["kind"] == "media"
        why = await refusal(
            ada, "post.create", key="123e4567-e89b-12d3-a456-426614174000", text="x",
            media=[first["id"]],
        )  # fmt: skip
        assert why == ("conflict", "media")
        again = (await ada.ask("profile.update", avatar=first["id"]))["user"]
        assert again["avatar"] == done["avatar"]
        assert (await town.bob.http.get(first["url"])).status_code == 200
        other = (await ada.ask("profile.update", avatar=second["id"]))["user"]
        assert other["avatar"]["id"] == second["id"]
        assert (await post(ada, "x"))["author"]["avatar"]["id"] == second["id"]
        async with asyncio.timeout(5):
            while (await town.bob.http.get(first["url"])).status_code != 404:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        kept = (await ada.ask("profile.update", bio="with a face"))["user"]
        assert kept["avatar"]["id"] == second["id"]
        assert (await ada.ask("profile.update", avatar=None))["user"]["avatar"] is None
        assert (await ada.ask("profile.update", avatar=None))["user"]["avatar"] is None


async def test_who_blocks_is_unknown_to_the_blocked_and_still_sees_them(
    server: Running, town: Town
) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob, town.eve.window() as eve:
        await follow(bob, town.ada)
        await follow(ada, town.bob)
        await apart(server, town.ada, town.bob)
        found = await ada.ask("profile.get", name="bob")
        assert found["relation"]["blocking"] and not found["relation"]["following"]
        assert not found["relation"]["followed_by"]
        assert await refusal(bob, "profile.get", name="ada") == ("not_found", "name")
        assert await refusal(bob, "profile.get", user_id=town.ada.id) == ("not_found", "user_id")
        for who, other in ((ada, town.bob), (bob, town.ada)):
            for type, fields in (
                ("follow.set", {"on": True}),
                ("follow.list", {"direction": "followers"}),
                ("timeline.get", {"name": "user"}),
                ("timeline.get", {"name": "media"}),
                ("timeline.get", {"name": "reactions"}),
            ):
                why = await refusal(who, type, user_id=other.id, **fields)
                assert why == ("not_found", "user_id"), (type, fields)
        await apart(server, town.ada, town.eve, "mute")
        assert (await ada.ask("profile.get", name="eve"))["relation"]["muting"]
        stood = (await eve.ask("profile.get", name="ada"))["relation"]
        assert not stood["muting"] and not stood["blocking"]
        lists = {
            direction: await ada.ask("follow.list", user_id=town.ada.id, direction=direction)
            for direction in ("blocking", "muting", "followers", "following")
        }
        assert [u["name"] for u in lists["blocking"]["users"]] == ["bob"]
        assert [u["name"] for u in lists["muting"]["users"]] == ["eve"]
        assert lists["followers"]["users"] == lists["following"]["users"] == []
        await eventually(lambda: any(r["blocking"] for r in ada.seen("relation")))
