"""Frames that are read without the parser: the same as with it, or left to it."""

from __future__ import annotations

import asyncio
from collections.abc import Generator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame

from realtime.hub.whole import PONG, TEXT, whole
from tests.hub.test_fastlane import Stage, collecting
from tests.hub.wires import BINARY, CLOSE, DEADLINE_S, PING, masked, raw, serving, until

MOST = 2_000


def parsed(data: bytes) -> tuple[Frame, int]:
    """The first frame, as the parser reads it, and where the next one begins."""
    left = bytearray(data)

    def read_exact(count: int) -> Generator[None, None, bytes]:
        while len(left) < count:
            yield
        piece = bytes(left[:count])
        del left[:count]
        return piece

    reading = Frame.parse(read_exact, mask=True, max_size=MOST)
    try:
        next(reading)
    except StopIteration as end:
        return end.value, len(data) - len(left)
    raise AssertionError("only a part of a frame")


heads = st.sampled_from([0x81, 0x8A, 0x01, 0x82, 0x89, 0x88, 0x80, 0xC1, 0x8B]) | st.integers(
    0, 255
)
sizes = st.sampled_from([0, 1, 124, 125, 126, 127]) | st.integers(0, 127)


@given(heads, sizes, st.booleans(), st.binary(max_size=300))
def test_what_is_read_of_any_bytes_is_what_the_parser_reads(
    head: int, size: int, is_masked: bool, rest: bytes
) -> None:
    data = bytes((head, size | (0x80 if is_masked else 0))) + rest
    found = whole(data, 0, MOST)
    if found is None:
        return
    frame, end = parsed(data)
    assert found[0] in (TEXT, PONG)
    assert (found[0] & 0x0F, found[1], found[2]) == (frame.opcode, bytes(frame.data), end)
    assert frame.fin
    assert not (frame.rsv1 or frame.rsv2 or frame.rsv3)


@given(st.binary(max_size=MOST), st.binary(max_size=20), st.binary(max_size=20))
def test_a_text_is_read_wherever_it_begins(payload: bytes, before: bytes, after: bytes) -> None:
    sent = masked(payload)
    data = before + sent + after
    assert whole(data, len(before), MOST) == (TEXT, payload, len(before) + len(sent))
    assert whole(before + sent[:-1], len(before), MOST) is None, "a part of it is not taken"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x81",
        masked(b"x" * (MOST + 1)),
        masked(b"x" * 126, opcode=0xA),
        masked(b"ping", opcode=PING),
        masked(b"", opcode=CLOSE),
        masked(b"bytes", opcode=BINARY),
        masked(b"a fragment", fin=False),
        b"\xc1" + masked(b"a reserved bit")[1:],
        b"\x81\x05plain",
    ],
)
def test_everything_else_is_left_to_the_parser(data: bytes) -> None:
    assert whole(data, 0, MOST) is None


@pytest.mark.parametrize("step", [1, 2, 3, 5, 7, 11, 64, 10_000])
async def test_however_the_bytes_come_the_messages_are_the_same(step: int) -> None:
    """Texts, what breaks off into the parser and back, in pieces of every size."""
    heard: list[str | bytes] = []
    long = "ä" * 400
    fragments = masked(b"in two ", fin=False) + masked(b"parts", opcode=0)
    stream = b"".join(
        (
            masked(b"one"),
            masked(b"two"),
            masked(b"\0\1", opcode=BINARY),
            masked(long.encode()),
            masked(b"unasked", opcode=0xA),
            fragments,
            masked(b""),
            masked(b"last"),
        )
    )
    async with serving(collecting(heard)) as port, raw(port) as socket:
        await socket.upgrade()
        for start in range(0, len(stream), step):
            socket.send(stream[start : start + step])
            await asyncio.sleep(0)
        await until(lambda: "last" in heard)
    assert heard == ["one", "two", b"\0\1", long, "in two parts", "", "last"]


async def test_a_text_that_is_none_ends_the_connection_after_those_before_it() -> None:
    stage = Stage()
    async with serving(stage) as port, raw(port) as socket:
        async with asyncio.timeout(DEADLINE_S):
            await socket.upgrade()
            socket.send(masked(b"first") + masked(b"fine") + masked(b"\xff") + masked(b"x"))
            assert (await stage.receive()).get("text") == "first"
            assert (await stage.receive()).get("text") == "fine"
            assert (await stage.receive())["type"] == "websocket.disconnect"
        stage.curtain.set()
