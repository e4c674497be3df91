"""What one hostile websocket can cost is bounded, and its end leaves no traceback behind."""

from __future__ import annotations

import asyncio
import logging
import struct
from collections.abc import AsyncIterator, Iterator

import pytest
from websockets.frames import Frame

from realtime.hub.fastlane import Lane, Socket, frame
from tests.hub.wires import (
    BINARY,
    CLOSE,
    DEADLINE_S,
    PING,
    PONG,
    TEXT,
    Receive,
    Scope,
    Send,
    echo,
    lane_of,
    masked,
    raw,
    serving,
    until,
)

CONT = 0


@pytest.fixture(autouse=True)
def quiet_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No client of these tests may bring anything worth a warning into the log."""
    caplog.set_level(logging.INFO)
    yield
    loud = [r for r in caplog.get_records("call") if r.levelno >= logging.WARNING or r.exc_info]
    assert [record.getMessage() for record in loud] == []


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async with serving(echo) as port:
        yield port


async def test_a_message_of_the_greatest_size_passes(port: int) -> None:
    async with raw(port) as client:
        await client.upgrade()
        client.frame(b"x" * 65536)
        assert await client.text() == "x" * 65536


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        (masked(b"x" * 65537), 1009),
        (masked(b"x" * 40_000, fin=False) + masked(b"x" * 40_000, CONT), 1009),
        (struct.pack("!BBQ", 0x81, 0xFF, 2**62), 1009),
        (masked(b"\xff\xfe"), 1007),
        (masked(b"\xc3", fin=False) + masked(b"(", CONT), 1007),
        (masked(b"\xed\xa0\x80"), 1007),
        (masked(struct.pack("!H", 1000) + b"\xff", CLOSE), 1007),
        (masked(struct.pack("!H", 999), CLOSE), 1002),
        (masked(b"x", CONT), 1002),
        (masked(b"x", 3), 1002),
        (masked(b"x" * 126, PING), 1002),
        (b"\x81\x01x", 1002),  # not masked
        (b"\xc1" + masked(b"x")[1:], 1002),  # of an extension
    ],
)
async def test_what_is_no_message_ends_the_connection(port: int, frames: bytes, code: int) -> None:
    async with raw(port) as client:
        await client.upgrade()
        client.frame(b"good")
        assert await client.text() == "good"
        client.send(frames)
        assert await client.close_code() == code
        assert await client.ended() == b""


async def test_what_came_before_a_violation_is_received_and_answering_it_is_no_error() -> None:
    got: list[object] = []

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (event := await receive())["type"] == "websocket.receive":
            got.append(event["text"])
        got.append(event["code"])
        await send({"type": "websocket.send", "text": "too late"})

    async with serving(answering) as port, raw(port) as client:
        await client.upgrade()
        client.send(masked(b"one") + masked(b"two") + masked(b"x", 3) + masked(b"three"))
        assert await client.close_code() == 1002
        assert await client.ended() == b""
    assert got == ["one", "two", 1002]


async def test_a_few_pings_are_answered(port: int) -> None:
    async with raw(port) as client:
        await client.upgrade()
        for turn in range(Socket.CONTROLS):
            client.frame(b"%d" % turn, PING)
            assert await client.next() == (PONG, b"%d" % turn)


@pytest.mark.parametrize("opcode", [PING, PONG])
async def test_a_flood_of_control_frames_is_cut(port: int, opcode: int) -> None:
    async with raw(port) as client:
        await client.upgrade()
        client.frame(b"x" * 125, opcode, times=100_000)
        assert await client.close_code() == 1008
        await client.ended()


async def test_a_slow_rhythm_of_pings_goes_on_for_ever() -> None:
    class Impatient(Socket):
        CONTROLS = 5
        CONTROLS_S = 0.05

    async with serving(echo, socket=Impatient) as port, raw(port) as client:
        await client.upgrade()
        for _ in range(20):
            client.frame(b"", PING)
            assert await client.next() == (PONG, b"")
            await asyncio.sleep(0.02)


async def fill(lane: Lane) -> None:
    """Write until the reader, who reads nothing, can take no more."""
    async with asyncio.timeout(DEADLINE_S):
        while lane.writable:
            lane.write(frame(b"x" * 60_000))
            await asyncio.sleep(0)


async def test_pongs_do_not_pile_up_for_one_who_does_not_read() -> None:
    waiting: list[int] = []

    async def flooding(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        lane = lane_of(scope)
        await fill(lane)
        for _ in range(2):
            await receive()  # all that came before it has been handled by now
            waiting.append(lane.waiting_bytes())
        lane.abort()

    async with serving(flooding) as port, raw(port) as client:
        await client.upgrade()
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        client.frame(b"first")
        await until(lambda: len(waiting) == 1)
        client.frame(b"p" * 125, PING, times=15)
        client.frame(b"second")
        await until(lambda: len(waiting) == 2)
    assert waiting[1] <= waiting[0]


async def test_as_many_fragments_as_allowed_make_one_message(port: int) -> None:
    async with raw(port) as client:
        await client.upgrade()
        client.frame(b"x", fin=False)
        client.frame(b"x", CONT, fin=False, times=Socket.FRAGMENTS - 2)
        client.frame(b"x", CONT)
        assert await client.text() == "x" * Socket.FRAGMENTS


async def test_a_flood_of_empty_fragments_is_cut(port: int) -> None:
    async with raw(port) as client:
        await client.upgrade()
        client.frame(b"", fin=False)
        client.frame(b"", CONT, fin=False, times=100_000)
        assert await client.close_code() == 1009
        await client.ended()


async def test_a_close_between_fragments_is_answered_as_a_close(port: int) -> None:
    async with raw(port) as client:
        await client.upgrade()
        client.frame(b"half", fin=False)
        client.frame(struct.pack("!H", 1000), CLOSE)
        client.frame(b"rest", CONT)
        assert await client.next() == (CLOSE, struct.pack("!H", 1000))
        assert await client.ended() == b""


async def test_nothing_is_read_after_a_violation(port: int) -> None:
    async with raw(port) as client:
        await client.upgrade()
        client.send(masked(b"\xff") + masked(b"after") + masked(b"", PING) + masked(b"", BINARY))
        assert await client.close_code() == 1007
        assert await client.ended() == b""


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n", 414),
        (b"GET / HTTP/1.1\r\ncookie: " + b"x" * 9000 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 200, 431),
        (b"POST / HTTP/1.1\r\n", 405),
        (b"GET / HTTP/1.1\r\ncontent-length: 5\r\n", 400),
        (b"GET / HTTP/1.1\r\ntransfer-encoding: chunked\r\n", 400),
    ],
)
async def test_an_upgrade_that_cannot_be_read_is_answered_and_ended(
    port: int, request_: bytes, status: int
) -> None:
    async with raw(port) as client:
        client.send(request_ + b"connection: upgrade\r\nupgrade: websocket\r\n\r\n")
        assert (await client.ended()).startswith(b"HTTP/1.1 %d " % status)


async def test_an_upgrade_without_a_key_is_refused(port: int) -> None:
    async with raw(port) as client:
        client.send(b"GET / HTTP/1.1\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n")
        assert (await client.ended()).startswith(b"HTTP/1.1 400 ")


async def test_clients_that_vanish_leave_no_trace(port: int) -> None:
    for farewell in (b"", masked(b"half")[:3], masked(b"whole"), masked(b"p", PING)):
        for _ in range(5):
            async with raw(port) as client:
                await client.upgrade()
                client.send(farewell)
    async with raw(port) as client:
        await client.upgrade()
        client.frame(b"still served")
        assert await client.text() == "still served"


@pytest.mark.parametrize("reads", [True, False])
async def test_one_who_is_told_to_go_is_not_listened_to_for_long(
    monkeypatch: pytest.MonkeyPatch, reads: bool
) -> None:
    """Its flood would be parsed for as long as its last words take."""
    monkeypatch.setattr(Socket, "CLOSE_S", 0.2)
    parsed, is_going, gone = 0, False, asyncio.Event()

    class Watched(Socket):
        def handle_text(self, event: Frame) -> None:
            nonlocal parsed
            parsed += is_going
            super().handle_text(event)

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            gone.set()

    async def going(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal is_going
        await receive()
        await send({"type": "websocket.accept"})
        await receive()
        is_going = True
        lane = lane_of(scope)
        lane.part()
        if reads:
            await send({"type": "websocket.close", "code": 4429})
        while (await receive())["type"] != "websocket.disconnect":
            pass

    async with serving(going, socket=Watched) as port, raw(port) as client:
        await client.upgrade()
        for _ in range(30):
            client.frame(b"x", times=10_000)
            await asyncio.sleep(0)
        if reads:
            assert await client.close_code() == 4429
            await asyncio.wait_for(gone.wait(), DEADLINE_S)
    await asyncio.wait_for(gone.wait(), DEADLINE_S)
    per_slice = Socket.SLICE_BYTES // len(masked(b"x")) + 1
    assert parsed <= Socket.PARTING_FRAMES + per_slice


@pytest.mark.parametrize("who_ends", ["the application", "the client", "a violation"])
async def test_one_who_does_not_take_the_last_bytes_is_dropped(
    monkeypatch: pytest.MonkeyPatch, who_ends: str
) -> None:
    monkeypatch.setattr(Socket, "LINGER_S", 0.2)
    monkeypatch.setattr(Socket, "CLOSE_S", 0.2)
    full, gone = asyncio.Event(), asyncio.Event()

    class Watched(Socket):
        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            gone.set()

    async def flooding(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await fill(lane_of(scope))
        full.set()
        if who_ends != "the application":
            while (await receive())["type"] != "websocket.disconnect":
                pass

    async with serving(flooding, socket=Watched) as port, raw(port) as client:
        await client.upgrade()
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.wait_for(full.wait(), DEADLINE_S)
        if who_ends == "the client":
            client.frame(struct.pack("!H", 1000), CLOSE)
        elif who_ends == "a violation":
            client.frame(b"\xff", TEXT)
        await asyncio.wait_for(gone.wait(), DEADLINE_S)
