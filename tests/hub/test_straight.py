"""The way straight to a descriptor, and how it is seen that its reader takes nothing."""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import AsyncIterator

import pytest

from realtime.hub.outbox import Outbox, take_some
from realtime.hub.straight import StraightLane, write_each
from tests.hub.test_outbox import until

LARGE = b"x" * 2**20  # more than the kernel takes at once


class _Whose:
    """Whoever a lane belongs to: nothing of it is asked here."""

    close_sent = False

    def take(self) -> list[str | bytes]:
        return []

    def rest(self, for_s: float) -> None:
        pass

    def part(self) -> None:
        pass


class Wire:
    """A lane on a real socket, and its other end, which reads when it is told to."""

    def __init__(self, lane: StraightLane, other: socket.socket) -> None:
        self.lane = lane
        self.other = other
        self.box = Outbox(lane, lambda outbox, first=False: None)

    async def read(self, size: int) -> bytes:
        data = b""
        async with asyncio.timeout(10):
            while len(data) < size:
                data += await asyncio.get_running_loop().sock_recv(self.other, 2**20)
        return data


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    ours, other = socket.socketpair()
    other.setblocking(False)
    lane = StraightLane(_Whose())
    transport, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, sock=ours)
    lane.open(transport)
    yield Wire(lane, other)
    transport.abort()
    other.close()


def write(*boxes: Outbox) -> None:
    """As the hub writes what each of these is owed."""
    lanes: list[StraightLane] = []
    frames: list[bytes] = []
    take_some(deque(boxes), len(boxes), lanes, frames)  # type: ignore[arg-type]
    write_each(lanes, frames)


async def test_a_reader_who_takes_everything_is_not_looked_at(wire: Wire) -> None:
    assert not wire.box.is_taken, "nothing is known before the first write"
    for word in (b"one", b"two"):
        wire.box.offer(word)
        write(wire.box)
    assert await wire.read(6) == b"onetwo"
    assert wire.box.is_taken


async def test_a_reader_who_takes_nothing_is_looked_at_until_all_is_taken(wire: Wire) -> None:
    wire.lane.write(b"first")
    assert wire.lane.descriptor is not None
    wire.box.offer(LARGE)
    write(wire.box)
    assert not wire.box.is_taken, "the kernel took a part, the rest waits in the transport"
    assert wire.box.stalled_s(100.0) == 0
    assert wire.box.stalled_s(116.0) == 16
    assert await wire.read(len(LARGE) + 5) == b"first" + LARGE
    await until(lambda: wire.lane.waiting_bytes() == 0)
    wire.box.offer(b"last")
    write(wire.box)
    assert await wire.read(4) == b"last"
    assert not wire.box.is_taken, "or its next stall would count from the first one"
    assert wire.box.stalled_s(130.0) == 0
    assert wire.box.is_taken


async def test_what_the_kernel_does_not_take_comes_before_what_is_written_next(wire: Wire) -> None:
    wire.lane.write(b"first")
    for word in (LARGE, b"then", b"last"):
        wire.box.offer(word)
        write(wire.box)
    assert await wire.read(len(LARGE) + 13) == b"first" + LARGE + b"thenlast"


async def test_several_events_and_an_answer_are_one_write_the_answer_first(wire: Wire) -> None:
    wire.lane.write(b"first")
    wire.box.offer(b"event")
    wire.box.answer(b"answer")
    wire.box.offer(b"more")
    write(wire.box)
    assert await wire.read(20) == b"firstanswereventmore"


async def test_a_lane_that_is_lost_takes_no_others_along(wire: Wire) -> None:
    ours, other = socket.socketpair()
    other.setblocking(False)
    transport, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, sock=ours)
    lane = StraightLane(_Whose())
    lane.open(transport)
    second = Wire(lane, other)
    wire.lane.write(b"a")
    second.lane.write(b"b")
    wire.other.close()
    for one in (wire, second):
        one.box.offer(b"event")
    write(wire.box, second.box)
    assert await second.read(6) == b"bevent"
    transport.abort()
    other.close()
