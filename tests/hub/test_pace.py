"""How fast one socket is read, and how little once it is told to go; nothing of it is lost."""

from __future__ import annotations

import asyncio
import struct

import pytest
from websockets.frames import Frame

from realtime.hub.fastlane import Socket
from tests.hub.wires import (
    CLOSE,
    DEADLINE_S,
    Receive,
    Scope,
    Send,
    lane_of,
    masked,
    raw,
    serving,
    until,
)


async def test_large_frames_are_not_listened_to_for_long_either(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Socket, "CLOSE_S", 0.2)
    parsed, gone = 0, asyncio.Event()

    class Watched(Socket):
        def handle_text(self, event: Frame) -> None:
            nonlocal parsed
            parsed += len(event.data)
            super().handle_text(event)

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            gone.set()

    async def going(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        lane_of(scope).part()
        await send({"type": "websocket.close", "code": 4429})

    async with serving(going, socket=Watched) as port, raw(port) as client:
        await client.upgrade()
        for _ in range(30):
            client.frame(b"x" * 60_000, times=10)
            await asyncio.sleep(0)
        assert await client.close_code() == 4429
        await asyncio.wait_for(gone.wait(), DEADLINE_S)
    assert parsed <= Socket.PARTING_BYTES


@pytest.mark.parametrize("payload", [b"x" * 60_000, b"x" * 100])
async def test_one_who_sends_too_much_at_once_is_read_no_further(payload: bytes) -> None:
    class Slow(Socket):
        READ_BURST = 200_000
        READ_RATE = 1

    got: list[str | bytes] = []

    async def collecting(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (event := await receive())["type"] == "websocket.receive":
            got.append(event["text"])

    async with serving(collecting, socket=Slow) as port, raw(port) as client:
        await client.upgrade()
        for _ in range(30):
            client.send(masked(payload) * (100_000 // len(payload)))
            await asyncio.sleep(0.01)  # time for the server to read too much
        async with raw(port) as other:
            await other.upgrade()
            other.frame(b"hello")
            await until(lambda: "hello" in got)
        assert sum(map(len, got)) <= Slow.READ_BURST + len("hello")


async def test_one_who_sends_too_fast_is_read_later_and_loses_nothing() -> None:
    class Slow(Socket):
        READ_BURST = 1_000
        READ_RATE = 1_000_000

    count = 3_000
    got: list[str | bytes] = []

    async def collecting(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (event := await receive())["type"] == "websocket.receive":
            got.extend([event["text"], *lane_of(scope).take()])

    async with serving(collecting, socket=Slow) as port, raw(port) as client:
        await client.upgrade()
        client.send(b"".join(masked(b"%d" % n + b" " * 100) for n in range(count)))
        await until(lambda: len(got) == count)
    assert [str(one).strip() for one in got] == [str(n) for n in range(count)]


async def test_one_who_rests_and_is_told_to_go_is_heard_agreeing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else each such connection would stay for as long as a peer that is gone."""
    gone = asyncio.Event()

    class Watched(Socket):
        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            gone.set()

    async def going(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await receive()
        lane = lane_of(scope)
        lane.rest(1_000)
        lane.part()
        await send({"type": "websocket.close", "code": 4429})

    monkeypatch.setattr(Socket, "CLOSE_S", 1_000)
    async with serving(going, socket=Watched) as port, raw(port) as client:
        await client.upgrade()
        client.frame(b"go")
        assert await client.close_code() == 4429
        client.frame(struct.pack("!H", 4429), CLOSE)
        await asyncio.wait_for(gone.wait(), DEADLINE_S)


async def test_the_longer_of_two_rests_counts_and_then_all_is_read() -> None:
    got: list[str | bytes] = []

    async def resting(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        lane = lane_of(scope)
        for pause_s in (0.05, 0.2, 0.05):
            lane.rest(pause_s)
        while (event := await receive())["type"] == "websocket.receive":
            got.append(event["text"])

    async with serving(resting) as port, raw(port) as client:
        await client.upgrade()
        client.frame(b"later")
        await until(lambda: got == ["later"])
