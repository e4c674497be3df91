"""The websocket edge: who may enter, what is refused, and that nobody innocent is cut off."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from realtime.config import Config
from realtime.hub.limits import Rate
from tests.client import Window, eventually, follow, person, post, window
from tests.deployments import Town
from tests.server import Running, serving

DEADLINE_S = 10


def address(server: Running) -> str:
    return server.url.replace("http", "ws") + "/ws"


async def status_of(server: Running, headers: dict[str, str], **options: object) -> int:
    """The HTTP status of a handshake; 101 if it is accepted."""
    try:
        async with connect(address(server), additional_headers=headers, **options) as socket:  # type: ignore[arg-type]
            assert socket.response is not None
            return socket.response.status_code
    except InvalidStatus as error:
        return error.response.status_code


async def last_words(socket: ClientConnection) -> tuple[dict[str, object] | None, int | None]:
    """The last frame before the close, and the close code."""
    frame = None
    async with asyncio.timeout(DEADLINE_S):
        try:
            while True:
                frame = json.loads(await socket.recv())
        except ConnectionClosed:
            return frame, socket.close_code


@pytest.mark.parametrize(
    ("origin", "with_cookie", "status"),
    [
        ("{site}", True, 101),
        ("{site}", False, 101),
        (None, False, 101),
        (None, True, 403),
        ("null", False, 403),
        ("http://127.0.0.1:1", True, 403),
        ("https://127.0.0.1:{port}", True, 403),
        ("http://127.0.0.1:{port}.evil.example", True, 403),
        ("http://evil.example", False, 403),
    ],
)
async def test_only_our_own_pages_and_programs_enter(
    server: Running, town: Town, origin: str | None, with_cookie: bool, status: int
) -> None:
    headers = {"Cookie": town.ada.cookie} if with_cookie else {}
    if origin is not None:
        headers["Origin"] = origin.format(site=server.url, port=server.port)
    assert await status_of(server, headers) == status


async def test_a_client_of_another_protocol_is_refused_before_the_upgrade(server: Running) -> None:
    assert await status_of(server, {}, subprotocols=["soap.v7"]) == 400
    assert await status_of(server, {}, subprotocols=["soap.v7", "realtime.v1"]) == 101
    assert await status_of(server, {}, subprotocols=None) == 101


@pytest.mark.parametrize(
    "first", ['{"type":"post.thread","ref":1,"post_id":"1"}', "{", "", '{"type":"hello"}', b"\x00"]
)
async def test_anything_but_hello_first_ends_the_socket(
    server: Running, first: str | bytes
) -> None:
    async with connect(address(server)) as socket:
        await socket.send(first)
        frame, code = await last_words(socket)
    assert code == 4400
    assert frame is not None and (frame["type"], frame["code"]) == ("goodbye", 4400)


async def test_a_visitor_reads_and_nothing_more(server: Running, town: Town) -> None:
    async with town.ada.window() as ada, window(server.url) as visitor:
        assert visitor.welcome["user"] is None
        mine = await post(ada, "hello")
        page = await visitor.ask("timeline.get", name="explore")
        assert [entry["id"] for entry in page["entries"]] == [mine["id"]]
        assert "mine" not in page["entries"][0]
        profile = await visitor.ask("profile.get", name="ada")
        assert profile["relation"] is None
        for command in (
            {"type": "post.create", "key": "123e4567-e89b-12d3-a456-426614174000", "text": "x"},
            {"type": "react.set", "post_id": mine["id"], "emoji": "🌊", "on": True},
            {"type": "follow.set", "user_id": town.ada.id, "on": True},
            {"type": "timeline.get", "name": "home"},
            {"type": "profile.update", "bio": "x"},
        ):
            answer = await visitor.answer(**command)
            assert answer["code"] == "unauthenticated"


async def test_a_ticket_opens_one_socket_once(server: Running, town: Town) -> None:
    ticket = (await town.ada.http.post("/api/ticket")).json()["ticket"]
    async with window(server.url, ticket=ticket) as program:
        assert program.welcome["user"]["name"] == "ada"
    for spent in (ticket, "false"):
        async with connect(address(server)) as socket:
            await socket.send(json.dumps({"type": "hello", "ref": 1, "ticket": spent}))
            answer = json.loads(await socket.recv())
            assert (answer["type"], answer["code"]) == ("error", "unauthenticated")
            frame, code = await last_words(socket)
            assert code == 4401 and frame is not None and frame["code"] == 4401


async def test_a_ticket_wins_over_a_cookie(server: Running, town: Town) -> None:
    ticket = (await town.bob.http.post("/api/ticket")).json()["ticket"]
    async with window(server.url, town.ada.cookie, ticket=ticket) as program:
        assert program.welcome["user"]["name"] == "bob"


async def test_a_socket_ends_with_its_session(server: Running, town: Town) -> None:
    async with town.ada.window() as by_cookie:
        ticket = (await town.ada.http.post("/api/ticket")).json()["ticket"]
        async with window(server.url, ticket=ticket) as by_ticket:
            (await town.ada.http.post("/api/logout")).raise_for_status()
            assert await by_cookie.closed(within_s=1.5) == 4401
            assert await by_ticket.closed(within_s=1.5) == 4401
            assert by_cookie.frames[-1]["type"] == "goodbye"


async def test_a_new_password_ends_every_other_session(server: Running, town: Town) -> None:
    async with httpx.AsyncClient(base_url=server.url, headers={"Origin": server.url}) as other:
        login = {"name": "ada", "password": "correct horse battery"}
        (await other.post("/api/login", json=login)).raise_for_status()
        cookie = "; ".join(f"{name}={value}" for name, value in other.cookies.items())
        async with town.ada.window() as here, window(server.url, cookie) as there:
            change = {"current": login["password"], "new": "another horse battery"}
            (await town.ada.http.put("/api/password", json=change)).raise_for_status()
            assert await there.closed(within_s=1.5) == 4401
            assert (await here.ask("profile.get", name="ada"))["user"]["name"] == "ada"


async def test_bad_frames_are_answered_by_name_and_in_order(server: Running, town: Town) -> None:
    async with town.ada.window() as ada:
        begun = len(ada.frames)
        for frame in (
            '{"type":"profile.get","ref":101,"name":"bob"}',
            "{",
            '{"type":"nonsense","ref":102}',
            '{"type":"profile.get","ref":103,"name":7}',
            '{"type":"profile.get","ref":104,"name":"bob","x":1}',
            '{"type":"profile.get","ref":105,"name":"bob"}',
        ):
            await ada.socket.send(frame)
        await ada.until(lambda frame: frame.get("ref") == 105)
        answers = [f for f in ada.frames[begun:] if f["type"] in ("ok", "error")]
        assert [(f["ref"], f.get("code"), f.get("field")) for f in answers] == [
            (101, None, None),
            (None, "invalid", None),
            (102, "unknown_type", "type"),
            (103, "invalid", "name"),
            (104, "invalid", "x"),
            (105, None, None),
        ]


@pytest.mark.parametrize(
    ("text", "code"),
    [("nul \x00", "invalid"), ("\x07", "invalid"), ("cr\rlf", "invalid"), ("   ", "invalid"),
     ("x" * 501, "too_long")],
)  # fmt: skip
async def test_a_text_that_is_none_gets_a_typed_error(town: Town, text: str, code: str) -> None:
    async with town.ada.window() as ada:
        key = "123e4567-e89b-12d3-a456-426614174000"
        answer = await ada.answer("post.create", key=key, text=text)
        assert (answer["type"], answer["code"], answer["field"]) == ("error", code, "text")


async def test_a_lone_surrogate_gets_a_typed_error_and_the_socket_lives(town: Town) -> None:
    async with town.ada.window() as ada:
        key = "123e4567-e89b-12d3-a456-426614174000"
        await ada.socket.send(f'{{"type":"post.create","ref":500,"key":"{key}","text":"\\ud800"}}')
        answer = await ada.until(lambda frame: frame.get("ref") == 500)
        assert (answer["code"], answer["field"]) == ("invalid", "text")
        assert (await ada.ask("profile.get", name="bob"))["user"]["name"] == "bob"


async def test_a_frame_too_large_ends_this_socket_and_no_other(town: Town) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob:
        await ada.socket.send("x" * (64 * 1024 + 1))
        assert await ada.closed() in (1009, 4400)
        assert (await bob.ask("profile.get", name="ada"))["user"]["name"] == "ada"


async def test_a_binary_frame_ends_the_socket(town: Town) -> None:
    async with town.ada.window() as ada:
        await ada.socket.send(b"{}")
        assert await ada.closed() == 4400
        assert ada.frames[-1]["type"] == "goodbye"


async def test_twenty_broken_frames_in_ten_seconds_end_the_socket(town: Town) -> None:
    async with town.ada.window() as ada:
        for _ in range(20):
            await ada.socket.send("{")
        assert await ada.closed() == 4429
        assert ada.frames[-1]["retry_after"] > 0


async def test_more_than_32_waiting_commands_are_refused_in_their_turn(
    server: Running, town: Town
) -> None:
    async with town.ada.window() as ada:
        for ref in range(1_000, 1_100):
            await ada.socket.send(json.dumps({"type": "profile.get", "ref": ref, "name": "bob"}))
        await ada.until(lambda frame: frame.get("ref") == 1_099)
        answers = [f for f in ada.frames if f.get("ref") is not None and f["ref"] >= 1_000]
        assert [f["ref"] for f in answers] == list(range(1_000, 1_100))
        assert {f["type"] for f in answers[:32]} == {"ok"}
        refused = [f for f in answers if f["type"] == "error"]
        assert all(f["code"] == "rate_limited" and f["retry_after"] > 0 for f in refused)


async def test_a_flood_of_commands_ends_the_socket(town: Town) -> None:
    async with town.ada.window() as ada:
        frames = [
            json.dumps({"type": "timeline.get", "ref": ref, "name": "home"})
            for ref in range(2_000, 5_000)
        ]
        try:
            for frame in frames:
                await ada.socket.send(frame)
        except ConnectionClosed:
            pass
        assert await ada.closed() == 4429


@pytest.mark.parametrize(
    "frame",
    [
        '{"type":"profile.get","ref":9,"name":["' + "x" * 60_000 + '"]}',
        '{"type":"search.query","ref":9,"kind":"posts","q":"' + "x" * 60_000 + '"}',
    ],
)
async def test_a_network_that_wastes_our_time_is_read_later_and_its_polite_people_are_not(
    server: Running, town: Town, monkeypatch: pytest.MonkeyPatch, frame: str
) -> None:
    monkeypatch.setattr("realtime.socket.WASTE", Rate(100_000, 1_000_000.0))
    async with town.eve.window() as eve, town.bob.window() as bob:
        for _ in range(5):
            await eve.socket.send(frame)
        await eve.until(lambda answer: answer.get("ref") == 9)
        await eve.until(lambda answer: answer.get("ref") == 9)
        for _ in range(3):
            assert (await bob.ask("profile.get", name="eve"))["user"]["name"] == "eve"
        assert sum(answer.get("ref") == 9 for answer in eve.frames) == 2
        eve.socket.transport.abort()  # its polite close would wait as well


async def test_one_who_comes_back_from_a_flood_too_often_is_read_later_and_nobody_else_is(
    server: Running, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.socket.COMEBACKS", Rate(2, 2_000_000.0))
    for _ in range(3):
        async with town.eve.window() as eve:
            for _ in range(20):
                await eve.socket.send("{")
            assert await eve.closed() == 4429
    headers = {"Cookie": town.eve.cookie, "Origin": server.url}
    again = await connect(address(server), additional_headers=headers)
    await again.send('{"type":"hello","ref":1}')
    for _ in range(3):
        async with town.bob.window() as bob:
            assert (await bob.ask("profile.get", name="eve"))["user"]["name"] == "eve"
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await again.recv()
    again.transport.abort()


async def test_the_twenty_first_window_is_one_too_many(server: Running, town: Town) -> None:
    sockets = [await connect(address(server), additional_headers={
        "Cookie": town.ada.cookie, "Origin": server.url}) for _ in range(21)]  # fmt: skip
    try:
        for socket in sockets[:20]:
            await socket.send('{"type":"hello","ref":1}')
            assert json.loads(await socket.recv())["type"] == "welcome"
        await sockets[20].send('{"type":"hello","ref":1}')
        assert json.loads(await sockets[20].recv())["code"] == "too_many"
        assert (await last_words(sockets[20]))[1] == 4429
        await sockets[0].send('{"type":"profile.get","ref":2,"name":"bob"}')
        assert json.loads(await sockets[0].recv())["type"] == "ok"
    finally:
        for socket in sockets:
            await socket.close()


async def test_silence_instead_of_hello_ends_the_socket(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.socket.HELLO_S", 0.2)
    async with connect(address(server)) as socket:
        frame, code = await last_words(socket)
        assert code == 4408 and frame is not None and frame["code"] == 4408


async def test_welcome_says_what_may_be_sent(server: Running) -> None:
    async with window(server.url) as visitor:
        assert set(visitor.welcome["limits"]) == {
            *("text", "display_name", "bio", "alt", "media", "media_bytes", "media_types"),
            *("pixels", "reactions", "watch", "page", "frame_bytes"),
        }
        assert visitor.welcome["limits"]["text"] == 500
        assert set(visitor.welcome["limits"]["media_types"]) <= {
            *("image/jpeg", "image/png", "image/webp", "image/gif", "image/avif"),
        }
        assert visitor.welcome["heartbeat_s"] == 20
        assert visitor.welcome["resumed"] is False


async def test_nothing_is_left_of_a_socket_that_is_gone(server: Running, town: Town) -> None:
    world = server.application.world
    assert world is not None

    async def gone(opened: Window) -> None:
        await opened.shut()
        await eventually(lambda: not server.application.endpoint.connections)

    async with person(server.url, "zoe") as zoe:
        for _ in range(5):
            async with zoe.window() as opened:
                await opened.ask("watch.set", post_ids=[], explore=True)
                await gone(opened)
    assert list(world.feed.ears) == []
    assert list(world.feed.hub.topics) == []


async def test_a_server_without_the_fast_lane_serves_the_same(config: Config) -> None:
    async with (
        serving(config, fast=False) as server,
        person(server.url, "ada") as writer,
        person(server.url, "bob") as reader,
        writer.window() as ada,
        reader.window() as bob,
    ):
        await follow(bob, writer)
        texts = [(await post(ada, f"{i}"))["text"] for i in range(50)]
        await bob.noun("post", text="49")
        assert [found["text"] for found in bob.seen("post")] == texts
        (await writer.http.post("/api/logout")).raise_for_status()
        assert await ada.closed() == 4401
        assert ada.frames[-1]["type"] == "goodbye"
