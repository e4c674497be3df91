"""Drafts over the wire: the same in every window of one person, and nobody else's business."""

from __future__ import annotations

from typing import Any

import pytest

from realtime.store import draft as drafts
from tests.client import PASSWORD, Refused, Window, window
from tests.deployments import Town
from tests.server import Running

BEGUN = {"slot": "home", "text": "half a thought \u0000 \U0001f525", "n": [1, 2.5, None, True]}


def told(opened: Window) -> list[Any]:
    """Every draft that this window was told, in order."""
    nouns = [event["noun"] for event in opened.events]
    return [noun["draft"] for noun in nouns if noun["kind"] == "draft"]


async def test_a_draft_is_told_to_every_window_of_its_owner_alone(town: Town) -> None:
    async with town.ada.window() as one, town.ada.window() as two, town.bob.window() as bob:
        assert one.welcome["draft"] is None
        assert await one.ask("draft.set", draft=BEGUN) == {"draft": BEGUN}
        first = [await each.noun("draft", draft=BEGUN) for each in (one, two)]
        assert await one.ask("draft.set", draft=None) == {"draft": None}
        last = [await each.noun("draft", draft=None) for each in (one, two)]
        assert first[0]["seq"] == first[1]["seq"] < last[0]["seq"] == last[1]["seq"]
        await bob.ask("draft.set", draft={"text": "mine"})
        await bob.noun("draft", draft={"text": "mine"})
        assert (told(two), told(bob)) == ([BEGUN, None], [{"text": "mine"}])


async def test_the_next_welcome_holds_what_the_last_event_said(town: Town) -> None:
    async with town.ada.window() as one:
        for text in ("a", "ab", "abc"):
            await one.ask("draft.set", draft={"text": text})
    async with town.ada.window() as two:
        assert two.welcome["draft"] == {"text": "abc"}


async def test_a_resume_tells_the_draft_as_it_is_now_and_once(town: Town) -> None:
    async with town.ada.window() as one, town.ada.window() as other:
        cursor = one.welcome["cursor"]
        await other.ask("draft.set", draft={"text": "old"})
        await other.ask("draft.set", draft={"text": "new"})
        await one.noun("draft", draft={"text": "new"})
    async with town.ada.window(cursor=cursor) as back:
        assert (back.welcome["resumed"], back.welcome["draft"]) == (True, {"text": "new"})
        await back.noun("draft")
        await other_draft(town)
        await back.noun("draft", draft={"text": "newer"})
        assert told(back) == [{"text": "new"}, {"text": "newer"}]


async def other_draft(town: Town) -> None:
    async with town.ada.window() as other:
        await other.ask("draft.set", draft={"text": "newer"})


async def test_the_same_draft_again_is_no_news(town: Town) -> None:
    async with town.ada.window() as one:
        await one.ask("draft.set", draft={"text": "a"})
        await one.noun("draft")
        await one.ask("draft.set", draft={"text": "a"})
        await one.ask("draft.set", draft={"text": "b"})
        await one.noun("draft", draft={"text": "b"})
        assert told(one) == [{"text": "a"}, {"text": "b"}]


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        ({"text": "x" * 32_768}, "too_long"),
        ({"n": 2**70}, "invalid"),
        ("text", "invalid"),
        ([], "invalid"),
    ],
)
async def test_a_draft_that_cannot_be_kept_is_refused_with_its_field(
    town: Town, draft: Any, code: str
) -> None:
    async with town.ada.window() as one:
        with pytest.raises(Refused) as refused:
            await one.ask("draft.set", draft=draft)
        assert (refused.value.code, refused.value.frame["field"]) == (code, "draft")
        with pytest.raises(Refused) as refused:
            await one.ask("draft.set")
        assert (refused.value.code, refused.value.frame["field"]) == ("invalid", "draft")


def nested(depth: int) -> Any:
    """Objects within each other."""
    found: Any = 1
    for _ in range(depth):
        found = {"a": found}
    return found


async def test_the_deepest_draft_that_is_taken_is_told_and_welcomed(town: Town) -> None:
    taken = None
    async with town.ada.window() as one, town.ada.window() as two:
        for depth in range(245, 260):
            try:
                await one.ask("draft.set", draft=nested(depth))
            except Refused as refused:
                assert (refused.code, refused.frame["field"]) == ("invalid", "draft")
            else:
                taken = nested(depth)
                await two.noun("draft", draft=taken)
    assert taken is not None
    async with town.ada.window() as three:
        assert three.welcome["draft"] == taken


async def test_a_visitor_has_no_draft(server: Running) -> None:
    async with window(server.url) as visitor:
        assert visitor.welcome["draft"] is None
        with pytest.raises(Refused) as refused:
            await visitor.ask("draft.set", draft={})
        assert refused.value.code == "unauthenticated"


async def test_a_deleted_account_leaves_no_draft(town: Town, server: Running) -> None:
    world, owner = server.application.world, int(town.ada.id)
    assert world is not None
    async with town.ada.window() as one:
        await one.ask("draft.set", draft=BEGUN)
    assert (await drafts.by_users(world.database, [owner]))[owner].draft == BEGUN
    left = await town.ada.http.request("DELETE", "/api/account", json={"password": PASSWORD})
    assert left.status_code == 204
    assert await drafts.by_users(world.database, [owner]) == {}
