"""The first frame, and what every frame after it has to be."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.client import DEADLINE_S, Json, Window, window
from tests.deployments import Town
from tests.handlers.asking import ID, WHEN, refusal
from tests.server import Running

USER = {
    *("kind", "seq", "id", "name", "display_name", "bio", "avatar"),
    *("followers", "following", "posts", "created_at", "deleted"),
}


async def all_frames(url: str, first: str) -> tuple[list[Json], int | None]:
    """What a socket is told after this first frame, up to its close."""
    frames = []
    async with connect(url.replace("http://", "ws://") + "/ws") as socket:
        await socket.send(first)
        async with asyncio.timeout(DEADLINE_S):
            try:
                while True:
                    frames.append(json.loads(await socket.recv()))
            except ConnectionClosed:
                return frames, socket.close_code


async def answered(opened: Window, ref: int) -> Json:
    """The answer to a frame that was sent by hand."""
    return await opened.until(lambda frame: frame.get("ref") == ref)


async def test_welcome_is_the_answer_and_says_who_one_is(server: Running, town: Town) -> None:
    async with town.ada.window() as ada, window(server.url, client="test/1") as visitor:
        welcome = ada.welcome
        assert {"type", "ref", "user", "cursor", "resumed", "unread", "draft", "limits"} < set(
            welcome
        )
        assert (welcome["type"], welcome["resumed"], welcome["unread"]) == ("welcome", False, 0)
        assert (welcome["draft"], welcome["heartbeat_s"]) == (None, 20)
        assert set(welcome["user"]) == USER
        assert (welcome["user"]["kind"], welcome["user"]["name"]) == ("user", "ada")
        assert ID.fullmatch(welcome["user"]["id"]) and WHEN.fullmatch(welcome["user"]["created_at"])
        assert isinstance(welcome["cursor"], str)
        assert visitor.welcome["user"] is None
        assert ada.frames[0]["type"] == "welcome"


async def test_a_hello_that_cannot_be_read_is_answered_before_the_socket_ends(
    server: Running,
) -> None:
    bad: list[Json] = [{"x": 1}, {"cursor": None}, {"ticket": 7}, {"client": "x" * 201}]
    for fields in bad:
        first = json.dumps({"type": "hello", "ref": 9, **fields})
        frames, code = await all_frames(server.url, first)
        assert code == 4400
        assert [frame["type"] for frame in frames] == ["error", "goodbye"]
        [field] = fields
        assert (frames[0]["ref"], frames[0]["code"], frames[0]["field"]) == (9, "invalid", field)
        assert frames[1]["code"] == 4400


@pytest.mark.parametrize("cursor", ["", ".", "no cursor", "\u00e9" * 2_000, "9" * 600])
async def test_a_cursor_that_means_nothing_begins_afresh(town: Town, cursor: str) -> None:
    async with town.ada.window(cursor) as ada:
        assert (ada.welcome["type"], ada.welcome["resumed"]) == ("welcome", False)


async def test_a_later_hello_is_welcomed_too_and_never_changes_hands(town: Town) -> None:
    async with town.ada.window() as ada:
        again = await ada.answer("hello")
        assert (again["type"], again["resumed"]) == ("welcome", False)
        again = await ada.answer("hello", cursor=ada.cursor)
        assert (again["type"], again["resumed"]) == ("welcome", True)
        ticket = (await town.bob.http.post("/api/ticket")).json()["ticket"]
        assert await refusal(ada, "hello", ticket=ticket) == ("invalid", "ticket")
        assert await refusal(ada, "hello", cursor=None) == ("invalid", "cursor")
        assert (await ada.ask("profile.get", name="ada"))["relation"] is None


async def test_a_ref_is_a_whole_number_that_a_browser_can_hold(town: Town) -> None:
    async with town.ada.window() as ada:
        for ref in (0, 2**53 - 1):
            await ada.socket.send(f'{{"type":"profile.get","ref":{ref},"name":"bob"}}')
            assert (await answered(ada, ref))["type"] == "ok"
        begun = len(ada.frames)
        bad = ("-1", str(2**53), "1.5", "true", '"1"', "null", "[]")
        for text in bad:
            await ada.socket.send(f'{{"type":"profile.get","ref":{text},"name":"bob"}}')
        await ada.socket.send('{"type":"profile.get","name":"bob"}')
        await ada.socket.send("")
        await ada.socket.send("[]")
        await ada.socket.send('"x"')
        await ada.quiet()
        answers = [f for f in ada.frames[begun:] if f["type"] == "error" and f["ref"] is None]
        assert len(answers) == len(bad) + 4
        assert {f["code"] for f in answers} == {"invalid"}


async def test_names_of_fields_that_are_no_text_are_answered_like_any_other(town: Town) -> None:
    """A lone surrogate in what is unknown must not stop the answers of this socket."""
    async with town.ada.window() as ada:
        for ref, inside in ((601, r'"\ud800":"\ud800"'), (602, r'"\ud800":1'), (603, '"a`b":1')):
            await ada.socket.send(f'{{"type":"profile.get","ref":{ref},{inside}}}')
            answer = await answered(ada, ref)
            assert (answer["type"], answer["code"]) == ("error", "invalid")
        assert (await ada.ask("profile.get", name="bob"))["user"]["name"] == "bob"


@pytest.mark.parametrize(
    "fields",
    [{"type": "nonsense"}, {"type": "timeline.get", "name": "user"},
     {"type": "react.set", "post_id": "1", "emoji": "x", "on": True}],
    ids=["unknown", "judged late", "no emoji"],
)  # fmt: skip
async def test_twenty_frames_answered_invalid_end_the_socket_whoever_judged_them(
    town: Town, fields: dict[str, Any]
) -> None:
    async with town.ada.window() as ada:
        for ref in range(100, 119):
            await ada.socket.send(json.dumps({"ref": ref, **fields}))
        await ada.until(lambda frame: frame.get("ref") == 118)
        assert (await ada.ask("profile.get", name="bob"))["user"]["name"] == "bob"
        await ada.socket.send(json.dumps({"ref": 119, **fields}))
        assert await ada.closed() == 4429
        assert (ada.frames[-1]["type"], ada.frames[-1]["code"]) == ("goodbye", 4429)
