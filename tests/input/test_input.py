"""Nothing that comes in breaks anything, and both databases give the same verdict on it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any, Final

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from realtime.errors import Refusal
from realtime.handlers import registry
from realtime.protocol import RESULTS, ProfileGet, tag
from realtime.results import Profile
from tests.input import frames
from tests.input.sides import Side
from tests.input.trial import Report, batch, listening, patient, sockets

COUNT: Final = int(os.environ.get("REALTIME_INPUTS", "20000"))
SEED: Final = int(os.environ.get("REALTIME_INPUT_SEED", "1"))
DEADLINE_S: Final = 20.0

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.timeout(300)
async def test_malformed_commands_are_answered_alike_and_break_nothing(sides: list[Side]) -> None:
    report = await sockets(sides, SEED, COUNT)
    assert report.problems == []
    assert report.inputs >= COUNT
    assert report.done == {tag(command) for command in RESULTS}, "some were never made as they are"
    assert report.verdicts["invalid"] > COUNT / 2, "most are broken, or this tries nothing"


@settings(
    max_examples=120,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(kind=st.sampled_from(list(RESULTS)), random=st.randoms(use_true_random=False))
async def test_any_command_however_broken_is_answered_alike(
    sides: list[Side], kind: type[Struct], random: Random
) -> None:
    """As above, but what fails is shrunk to the smallest frame that does."""
    made = [frames.broken(random, kind) for _ in range(3)]
    while any(frames.ends_its_socket(frames.sized(one)) for one in made[:-1]):
        made.pop()
    report = Report(SEED)
    with patient(), listening(report):
        await batch(sides, made, random.choice(("ada", "visitor")), report)
    assert report.problems == []


async def farewell(side: Side, first: bytes) -> tuple[list[Any], int | None]:
    """The frames that answer the first frame of a socket, and its close code."""
    heard = []
    async with connect(side.server.url.replace("http", "ws") + "/ws") as socket:
        try:
            await socket.send(first, text=True)
            async with asyncio.timeout(DEADLINE_S):
                while True:
                    heard.append(orjson.loads(await socket.recv(decode=False)))
        except ConnectionClosed:
            return [(frame["type"], frame.get("code")) for frame in heard], socket.close_code


async def test_a_socket_that_begins_with_anything_else_ends_alike(sides: list[Side]) -> None:
    random, report = Random(SEED), Report(SEED)
    with listening(report):
        for _ in range(60):
            first = frames.sized(frames.broken(random, random.choice(list(RESULTS))))
            if b'"hello"' in first:
                continue
            ends = [await farewell(side, first) for side in sides]
            assert ends[0] == ends[1], first
            assert ends[0][1] in (1007, 1009, 4400), first
    assert report.problems == []


async def raw_bytes(side: Side, sent: bytes) -> bytes:
    """What comes back for these bytes on an open socket, to the end of the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", side.server.port)
    try:
        handshake = (
            b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
        )
        writer.write(handshake)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(sent)
        writer.write_eof()
        async with asyncio.timeout(DEADLINE_S):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def test_bytes_that_are_no_frames_end_one_connection_and_nothing_else(
    sides: list[Side],
) -> None:
    random, report = Random(SEED), Report(SEED)
    with listening(report):
        for number in range(100):
            noise = random.randbytes(random.randint(1, 400))
            if number % 2:  # looks like a masked text or control frame, with any flags
                noise = bytes([random.randrange(256), 0x80 | random.randrange(128)]) + noise
            for side in sides:
                await raw_bytes(side, noise)
        await batch(sides, [b"{}"], "visitor", report)
    assert report.problems == []


@pytest.mark.parametrize("plant", ["raises", "differs"])
async def test_a_planted_bug_is_found(
    sides: list[Side], monkeypatch: pytest.MonkeyPatch, plant: str
) -> None:
    """A handler that fails on some text, and one that SQLite alone refuses."""
    planted = "a field that nobody thought of"
    as_ever: Callable[..., Awaitable[Profile]] = registry._handlers[ProfileGet]  # type: ignore[assignment]

    async def broken(context: Any, command: ProfileGet) -> Struct:
        if command.name == planted and plant == "raises":
            raise KeyError(planted)
        world = sides[0].server.application.world
        if command.name == planted and context.world is world:
            raise Refusal("conflict", "Not here.")
        return await as_ever(context, command)

    handlers: dict[Any, Any] = {**registry._handlers, ProfileGet: broken}
    monkeypatch.setattr(registry, "_handlers", handlers)
    report = Report(SEED)
    frame = orjson.dumps({"type": "profile.get", "ref": 1, "name": planted})
    with listening(report):
        await batch(sides, [frame], "visitor", report)
    assert report.problems
