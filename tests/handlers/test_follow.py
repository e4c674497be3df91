"""Following over the wire: at once on every window, and whom lists show."""

from __future__ import annotations

from realtime.change import Telling
from realtime.store import relation
from realtime.store.database import Tx
from tests.client import Json, follow, post, window
from tests.deployments import Town
from tests.handlers.asking import apart, pages, refusal
from tests.handlers.test_profile import RELATION
from tests.people import register
from tests.server import Running


async def test_following_takes_effect_on_every_window_before_it_is_answered(town: Town) -> None:
    async with town.ada.window() as ada, town.ada.window() as other, town.bob.window() as bob:
        done = await ada.ask("follow.set", user_id=town.bob.id, on=True)
        assert set(done) == {"relation"} and set(done["relation"]) == RELATION
        assert (done["relation"]["kind"], done["relation"]["following"]) == ("relation", True)
        first = await post(bob, "heard at once")
        for hearer in (ada, other):
            assert (await hearer.noun("post"))["id"] == first["id"]
            assert (await hearer.noun("relation", following=True))["user_id"] == town.bob.id
        assert (await bob.noun("relation", user_id=town.ada.id))["followed_by"] is True
        topics = {e["topic"] for e in bob.events if e["noun"]["kind"] == "relation"}
        assert topics == {f"me:{town.bob.id}"}
        assert await ada.ask("follow.set", user_id=town.bob.id, on=True) == done
        undone = await ada.ask("follow.set", user_id=town.bob.id, on=False)
        assert undone["relation"]["seq"] > done["relation"]["seq"]
        second = await post(bob, "not heard")
        await bob.noun("post", id=second["id"])
        for hearer in (ada, other):
            await hearer.quiet()
            assert [noun["id"] for noun in hearer.seen("post")] == [first["id"]]
        assert (await bob.noun("relation", followed_by=False))["user_id"] == town.ada.id


async def test_nobody_follows_themselves_or_nobody(server: Running, town: Town) -> None:
    async with town.ada.window() as ada, window(server.url) as visitor:
        for on in (True, False):
            why = await refusal(ada, "follow.set", user_id=town.ada.id, on=on)
            assert why == ("invalid", "user_id")
            why = await refusal(ada, "follow.set", user_id="999999999", on=on)
            assert why == ("not_found", "user_id")
        assert await refusal(ada, "follow.set", user_id=town.bob.id) == ("invalid", "on")
        assert await refusal(ada, "follow.set", user_id=town.bob.id, on=1) == ("invalid", "on")
        never = await ada.ask("follow.set", user_id=town.bob.id, on=False)
        assert never["relation"]["following"] is False
        for who in (ada, visitor):
            fields: Json = {"user_id": "999999999", "direction": "followers"}
            assert await refusal(who, "follow.list", **fields) == ("not_found", "user_id")
            fields = {"user_id": town.bob.id, "direction": "sideways"}
            assert await refusal(who, "follow.list", **fields) == ("invalid", "direction")
            fields = {"user_id": town.bob.id, "direction": "blocking"}
            assert (await refusal(who, "follow.list", **fields))[0] in (
                "forbidden", "unauthenticated",
            )  # fmt: skip


async def test_lists_of_people_are_newest_first_and_neither_repeat_nor_skip(
    server: Running, town: Town
) -> None:
    world = server.application.world
    assert world is not None
    people = [await register(world.database, f"fan{n}") for n in range(54)]
    bob = int(town.bob.id)

    async def set_follow(user_id: int, other_id: int, on: bool = True) -> None:
        async def deed(tx: Tx, telling: Telling) -> None:
            await relation.follow(tx, user_id, other_id, on, 1)

        assert world is not None
        await world.change(deed)

    for user_id in people:
        await set_follow(user_id, bob)
        await set_follow(bob, user_id)
    async with town.ada.window() as ada, window(server.url) as visitor:
        newest = [str(user_id) for user_id in reversed(people)]
        for who in (ada, visitor):
            for direction in ("followers", "following"):
                found = await pages(
                    who, "users", "follow.list", user_id=town.bob.id, direction=direction
                )
                assert [len(page) for page in found] == [50, 4]
                assert [user["id"] for page in found for user in page] == newest
                assert {user["kind"] for page in found for user in page} == {"user"}
        first = await ada.ask("follow.list", user_id=town.bob.id, direction="followers")
        await set_follow(people[-1], bob, on=False)
        await set_follow(int(town.eve.id), bob)
        await set_follow(people[0], bob, on=False)
        rest = await ada.ask(
            "follow.list", user_id=town.bob.id, direction="followers", before=first["next"]
        )
        assert [user["id"] for user in rest["users"]] == newest[50:53]
        await apart(server, town.ada, town.eve, "mute")
        again = await ada.ask("follow.list", user_id=town.bob.id, direction="followers")
        assert town.eve.id not in [user["id"] for user in again["users"]]


async def test_a_window_that_opens_later_hears_whom_one_follows(
    server: Running, town: Town
) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob:
        await follow(ada, town.bob)
        async with town.ada.window() as later:
            mine = await post(bob, "to all")
            assert (await later.noun("post"))["id"] == mine["id"]
            assert later.events[-1]["topic"] == f"author:{town.bob.id}"
