"""The lane: whole frames out, whole messages in, on a real server with raw clients."""

from __future__ import annotations

import asyncio
import struct

import pytest
import websockets

from realtime.hub.fastlane import Lane, Socket, frame
from tests.hub.wires import (
    BINARY,
    CLOSE,
    DEADLINE_S,
    PING,
    PONG,
    TEXT,
    App,
    Receive,
    Scope,
    Send,
    lane_of,
    masked,
    raw,
    serving,
    until,
)


class Stage:
    """An application that only accepts; the test plays its part with what it got."""

    def __init__(self) -> None:
        self.lane: Lane
        self.receive: Receive
        self.send: Send
        self.scope: Scope
        self.accepted = asyncio.Event()
        self.curtain = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert (await receive())["type"] == "websocket.connect"
        self.lane, self.receive, self.send, self.scope = lane_of(scope), receive, send, scope
        await send({"type": "websocket.accept"})
        self.accepted.set()
        await self.curtain.wait()


def collecting(into: list[str | bytes]) -> App:
    """Takes everything through the lane: `receive` for the first, `take` for the rest."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        lane = lane_of(scope)
        while (event := await receive())["type"] == "websocket.receive":
            text = event.get("text")
            into.append(event["bytes"] if text is None else text)
            into.extend(lane.take())

    return app


@pytest.mark.parametrize("size", [0, 1, 125, 126, 400, 65535, 65536, 200_000])
def test_a_frame_is_what_the_standard_library_of_websockets_makes(size: int) -> None:
    payload = b"x" * size
    for opcode in (websockets.Opcode.TEXT, websockets.Opcode.BINARY):
        made = websockets.Frame(opcode, payload).serialize(mask=False)
        assert frame(payload, opcode) == made


def test_a_frame_is_text_unless_told() -> None:
    assert frame(b"hi") == b"\x81\x02hi"


async def test_frames_written_by_the_lane_and_by_send_arrive_in_order() -> None:
    stage = Stage()
    async with serving(stage) as port, websockets.connect(f"ws://127.0.0.1:{port}/") as client:
        await stage.accepted.wait()
        for turn in range(50):
            stage.lane.write(frame(b"lane %d" % turn) + frame(b"lane again"))
            await stage.send({"type": "websocket.send", "text": f"send {turn}"})
        for turn in range(50):
            got = [await client.recv() for _ in range(3)]
            assert got == [f"lane {turn}", "lane again", f"send {turn}"]
        stage.curtain.set()


async def test_compression_is_never_negotiated() -> None:
    stage = Stage()
    stage.curtain.set()
    async with serving(stage) as port, raw(port) as client:
        head = await client.upgrade("/", "sec-websocket-extensions: permessage-deflate")
        assert "101 Switching" in head
        assert "extensions" not in head.lower()


async def test_what_a_reader_leaves_is_counted_and_the_lane_says_when_to_go_on() -> None:
    stage, calls = Stage(), []
    async with serving(stage) as port, raw(port) as client:
        await client.upgrade()
        await stage.accepted.wait()
        lane = stage.lane
        lane.on_writable = lambda: calls.append(lane.waiting_bytes())
        assert lane.writable
        assert lane.waiting_bytes() == 0
        big, sent = frame(b"x" * 60_000), 0
        while lane.writable:
            lane.write(big)
            sent += 1
            await asyncio.sleep(0)
            assert sent < 1000
        assert lane.waiting_bytes() > Socket.WRITE_HIGH
        assert calls == []
        for _ in range(sent):
            await client.next()
        await until(lambda: bool(calls))
        assert calls[0] <= Socket.WRITE_LOW
        assert lane.writable
        stage.curtain.set()


async def test_a_reader_that_stalls_gets_every_byte_in_order() -> None:
    """Some frames go straight to the kernel, one in part, the rest wait in the transport."""
    stage, expected = Stage(), []
    async with serving(stage) as port, raw(port) as client:
        await client.upgrade()
        await stage.accepted.wait()
        for turn in range(1_000):
            expected.append(b"%06d" % turn + b"x" * (turn * 37 % 30_000))
            stage.lane.write(frame(expected[-1]))
            if turn % 7 == 0 and stage.lane.writable:
                await stage.send({"type": "websocket.send", "text": f"sent {turn}"})
                expected.append(b"sent %d" % turn)
            if turn % 10 == 0:
                await asyncio.sleep(0)
        assert stage.lane.waiting_bytes() > 0
        for payload in expected:
            assert await client.next() == (TEXT, payload)
        stage.curtain.set()


async def test_writing_to_a_lane_that_closes_or_is_gone_does_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stage = Stage()
    async with serving(stage) as port, raw(port) as client:
        await client.upgrade()
        await stage.accepted.wait()
        await stage.send({"type": "websocket.close", "code": 4000})
        stage.lane.write(frame(b"too late"))
        assert await client.next() == (CLOSE, struct.pack("!H", 4000))
        client.writer.transport.abort()
        disconnect = await asyncio.wait_for(stage.receive(), DEADLINE_S)
        assert disconnect["type"] == "websocket.disconnect"
        for _ in range(20):
            stage.lane.write(frame(b"to nobody"))
            await asyncio.sleep(0)
        assert stage.lane.waiting_bytes() == 0
        stage.lane.abort()
        stage.curtain.set()
    assert [record for record in caplog.records if record.levelname != "INFO"] == []


async def test_abort_drops_a_reader_that_is_stuck_at_once() -> None:
    stage = Stage()
    async with serving(stage) as port, raw(port) as client:
        await client.upgrade()
        await stage.accepted.wait()
        while stage.lane.writable:
            stage.lane.write(frame(b"x" * 60_000))
            await asyncio.sleep(0)
        stage.lane.abort()
        disconnect = await asyncio.wait_for(stage.receive(), DEADLINE_S)
        assert disconnect["type"] == "websocket.disconnect"
        stage.curtain.set()


async def test_all_messages_of_a_read_are_taken_in_one_turn_and_in_order() -> None:
    stage = Stage()
    async with serving(stage) as port, raw(port) as client:
        await client.upgrade()
        await stage.accepted.wait()
        client.send(
            masked(b"one")
            + masked(b"\x00\xff", BINARY)
            + masked(b"thr", fin=False)
            + masked(b"", PING)
            + masked("ée".encode(), 0)
            + masked(struct.pack("!H", 1000), CLOSE)
        )
        first = await asyncio.wait_for(stage.receive(), DEADLINE_S)
        assert first["text"] == "one"
        assert stage.lane.take() == [b"\x00\xff", "thrée"]
        assert stage.lane.take() == []
        assert await client.next() == (PONG, b"")
        end = await asyncio.wait_for(stage.receive(), DEADLINE_S)
        assert (end["type"], end["code"]) == ("websocket.disconnect", 1000)
        assert await client.next() == (CLOSE, struct.pack("!H", 1000))
        stage.curtain.set()


async def test_an_unread_inbox_is_bounded_and_loses_nothing() -> None:
    stage = Stage()
    count = 30_000
    async with serving(stage) as port, raw(port) as client:
        await client.upgrade()
        await stage.accepted.wait()
        client.send(b"".join(masked(b"%d" % n) for n in range(count)))
        await asyncio.sleep(0.2)  # time for the server to read too much
        got: list[str | bytes] = []
        most = 0
        async with asyncio.timeout(DEADLINE_S):
            while len(got) < count:
                event = await stage.receive()
                messages = [event["text"], *stage.lane.take()]
                most = max(most, len(messages))
                got += messages
        assert got == [str(n) for n in range(count)]
        per_slice = Socket.SLICE_BYTES // len(masked(b""))
        assert most <= Socket.INBOX_MESSAGES + per_slice
        stage.curtain.set()


async def test_an_unread_inbox_is_bounded_in_bytes() -> None:
    stage = Stage()
    async with serving(stage) as port, raw(port) as client:
        await client.upgrade()
        await stage.accepted.wait()
        client.frame(b"x" * 60_000, times=20)
        await asyncio.sleep(0.2)  # time for the server to read too much
        async with asyncio.timeout(DEADLINE_S):
            event = await stage.receive()  # in this turn of the loop
        size = len(event["text"]) + sum(map(len, stage.lane.take()))
        assert size <= Socket.INBOX_BYTES + 65536
        for _ in range(20 - size // 60_000):
            await asyncio.wait_for(stage.receive(), DEADLINE_S)
        stage.curtain.set()


async def test_pongs_are_seen_while_messages_wait_unread() -> None:
    stage = Stage()
    async with (
        serving(stage, ws_ping_interval=0.2, ws_ping_timeout=0.3) as port,
        websockets.connect(f"ws://127.0.0.1:{port}/", ping_interval=None) as client,
    ):
        await stage.accepted.wait()
        for n in range(20):
            await client.send(str(n))
        await asyncio.sleep(1.2)  # longer than a ping and the wait for its pong
        stage.lane.write(frame(b"still here"))
        async with asyncio.timeout(DEADLINE_S):
            assert await client.recv() == "still here"
        assert (await stage.receive())["text"] == "0"
        assert stage.lane.take() == [str(n) for n in range(1, 20)]
        stage.curtain.set()


async def test_a_client_that_answers_no_ping_is_dropped() -> None:
    stage = Stage()
    async with (
        serving(stage, ws_ping_interval=0.1, ws_ping_timeout=0.2) as port,
        raw(port) as client,
    ):
        await client.upgrade()
        await stage.accepted.wait()
        assert await client.close_code() == 1011
        event = await asyncio.wait_for(stage.receive(), DEADLINE_S)
        assert event["type"] == "websocket.disconnect"
        stage.curtain.set()


@pytest.mark.parametrize("asks", ["early", "late"])
async def test_frames_before_the_handshake_is_answered_are_kept_for_later(asks: str) -> None:
    may_ask, may_accept = asyncio.Event(), asyncio.Event()
    got: list[str | bytes] = []

    async def slow_to_accept(scope: Scope, receive: Receive, send: Send) -> None:
        await may_ask.wait()
        await receive()
        await may_accept.wait()
        await send({"type": "websocket.accept"})
        while (event := await receive())["type"] == "websocket.receive":
            got.extend([event["text"], *lane_of(scope).take()])

    async with serving(slow_to_accept) as port, raw(port) as client:
        upgrade = asyncio.create_task(client.upgrade())
        if asks == "early":
            may_ask.set()
        await asyncio.sleep(0.1)  # time for the server to read the request alone
        client.frame(b"early")
        client.frame(b"", PING)
        await asyncio.sleep(0.1)  # time for it to answer too soon
        may_ask.set()
        await asyncio.sleep(0.1)  # the same, once asked
        may_accept.set()
        assert "101" in await upgrade
        assert await client.next() == (PONG, b"")
        assert got == ["early"]


async def test_a_flood_of_tiny_messages_is_parsed_a_few_at_a_time() -> None:
    """One read can hold tens of thousands of messages, which would hold up all other sockets."""
    got: list[str | bytes] = []
    async with serving(collecting(got)) as port, raw(port) as client:
        await client.upgrade()
        client.frame(b"", times=50_000)
        most = 0
        async with asyncio.timeout(30):
            while len(got) < 50_000:
                before = len(got)
                await asyncio.sleep(0)
                most = max(most, len(got) - before)
        per_slice = Socket.SLICE_BYTES // len(masked(b"")) + 1
        assert most <= Socket.INBOX_MESSAGES + per_slice


async def test_the_closing_handshake_ends_even_behind_unread_messages() -> None:
    stage = Stage()
    async with serving(stage) as port, raw(port) as client:
        await client.upgrade()
        await stage.accepted.wait()
        client.frame(b"x" * 1000, times=1000)
        client.frame(struct.pack("!H", 4000), CLOSE)
        await asyncio.sleep(0.1)
        await stage.send({"type": "websocket.close", "code": 4000, "reason": "bye"})
        stage.curtain.set()
        assert await client.next() == (CLOSE, struct.pack("!H", 4000) + b"bye")
        assert await client.ended() == b""


async def test_text_and_bytes_keep_their_types() -> None:
    got: list[str | bytes] = []
    async with serving(collecting(got)) as port, raw(port) as client:
        await client.upgrade()
        client.frame("grüße".encode(), TEXT)
        client.frame(b"\x01\x02", BINARY)
        await until(lambda: len(got) == 2)
        assert got == ["grüße", b"\x01\x02"]
        assert type(got[1]) is bytes


async def test_a_socket_has_few_enough_attributes_to_share_their_names_with_all_others() -> None:
    """Beyond thirty each has a whole dictionary, 1.3 KB of it, for as long as it stays."""
    made: list[Socket] = []

    class Kept(Socket):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            made.append(self)

    stage = Stage()
    async with serving(stage, socket=Kept) as port, raw(port) as client:
        await client.upgrade()
        assert len(vars(made[0])) <= 30
        assert len(vars(made[0].conn)) <= 30
        stage.curtain.set()
