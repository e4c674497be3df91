"""What one socket is owed: in order, one write a turn, and never more bytes than the bound."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from realtime.hub.fastlane import frame
from realtime.hub.hub import Hub, Said
from realtime.hub.outbox import BEHIND_BYTES, Outbox
from realtime.hub.plain import PlainLane, unframed
from realtime.hub.ring import Bares, Told


class Pipe:
    """A lane whose other end can stop reading."""

    descriptor: Final = None

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.stuck = 0  # bytes that the reader has not taken
        self.writable = True
        self.on_writable: Callable[[], None] | None = None
        self.is_aborted = False

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def waiting_bytes(self) -> int:
        return self.stuck

    def go_on(self, data: bytes) -> None:
        self.write(data)

    def abort(self) -> None:
        self.is_aborted = True

    def resume(self) -> None:
        self.writable, self.stuck = True, 0
        if self.on_writable is not None:
            self.on_writable()


def told(seq: int, data: bytes, about: tuple[int, ...] = ()) -> Told:
    line = Told(xid=seq, seq=seq, topic=1, kind=1, noun_id=seq, about=about, at_ms=0)
    line.frame = frame(data)
    return line


async def until(done: Callable[[], bool]) -> None:
    """Turns of the loop, until it is done."""
    for _ in range(10_000):
        if done():
            return
        await asyncio.sleep(0)
    raise AssertionError("never done")


async def turn() -> None:
    """One turn of the loop and the flush at its end."""
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def test_all_that_is_due_in_a_turn_leaves_in_one_write_and_in_order() -> None:
    hub, pipe = Hub(), Pipe()
    box = Outbox(pipe, hub.due)
    hub.join(box, [1])
    for seq in range(5):
        hub.deliver(told(seq, b"event %d" % seq))
    await turn()
    assert len(pipe.written) == 1
    assert unframed(pipe.written[0]) == [b"event %d" % seq for seq in range(5)]


async def test_a_stuck_reader_never_holds_more_than_the_bound_and_is_told_behind() -> None:
    hub, pipe = Hub(), Pipe()
    box = Outbox(pipe, hub.due)
    dropped: list[int] = []
    box.on_behind = dropped.append
    pipe.writable, pipe.stuck = False, 64 * 1024
    most = 0
    for _ in range(10_000):
        box.offer(b"x" * 400)
        most = max(most, box.waiting_bytes)
    assert most <= BEHIND_BYTES + 64 * 1024 + 400
    assert box.waiting_bytes == 64 * 1024, "what waited is dropped"
    assert len(dropped) == 1 and dropped[0] * 400 > BEHIND_BYTES - 400
    assert box.is_behind


async def test_answers_still_come_to_a_reader_that_fell_behind() -> None:
    hub, pipe = Hub(), Pipe()
    box = Outbox(pipe, hub.due, behind_bytes=100)
    pipe.writable = False
    box.offer(b"e" * 101)
    box.answer(b"answer")
    box.offer(b"dropped")
    pipe.resume()
    assert pipe.written == [b"answer"]


async def test_a_slow_reader_never_delays_another() -> None:
    hub, slow, quick = Hub(), Pipe(), Pipe()
    slow.writable = False
    hub.join(Outbox(slow, hub.due), [1])
    hub.join(Outbox(quick, hub.due), [1])
    for seq in range(2_000):
        hub.deliver(told(seq, b"x" * 400))
        if seq % 10 == 0:
            await turn()
    await turn()
    assert sum(len(unframed(data)) for data in quick.written) == 2_000
    assert slow.written == []


async def test_a_burst_to_a_reader_that_keeps_up_is_written_not_dropped() -> None:
    hub, pipe = Hub(), Pipe()
    box = Outbox(pipe, hub.due, behind_bytes=1_000)
    for seq in range(100):
        box.offer(frame(b"%04d" % seq * 25))
    await turn()
    assert [p[:4] for data in pipe.written for p in unframed(data)] == [
        b"%04d" % seq for seq in range(100)
    ]


async def test_a_replay_may_be_larger_than_what_a_live_socket_may_owe() -> None:
    hub, pipe = Hub(), Pipe()
    box = Outbox(pipe, hub.due, behind_bytes=1_000)
    pipe.writable = False
    box.replay([b"r" * 100] * 50)
    assert not box.is_behind
    box.offer(b"e" * 900)
    assert not box.is_behind
    box.offer(b"e" * 200)
    assert box.is_behind


async def test_numbers_that_wait_are_merged_by_key() -> None:
    hub, pipe = Hub(), Pipe()
    box = Outbox(pipe, hub.due)
    pipe.writable = False
    box.offer(b"x" * 65 * 1024)
    for v in range(1_000):
        box.offer_latest("post 1", b"counts %04d" % v)
        box.offer_latest("post 2", b"counts %04d" % v)
    assert box.waiting_bytes < 66 * 1024
    pipe.resume()
    assert pipe.written[0].endswith(b"counts 0999" * 2)


async def test_refused_people_are_left_out_and_those_within_cut_away_one_by_one() -> None:
    hub = Hub()
    refused = [frozenset[int](), {7}, {8}, {9}, {8, 9, 10}, {10}]
    pipes = [Pipe() for _ in refused]
    boxes = [Outbox(pipe, hub.due) for pipe in pipes]
    for box, people in zip(boxes, refused, strict=True):
        box.refuses = frozenset(people)
        hub.join(box, [1])
    line = told(1, b"whole", about=(7,))
    line.bares = Bares(
        {
            frozenset({8}): frame(b"without 8"),
            frozenset({9}): frame(b"without 9"),
            frozenset({8, 9}): frame(b"without both"),
        }
    )
    expected = [[b"whole"], [], [b"without 8"], [b"without 9"], [b"without both"], [b"whole"]]
    assert hub.deliver(line) == 5
    await turn()
    assert [[p for d in pipe.written for p in unframed(d)] for pipe in pipes] == expected
    assert line.frame is not None
    hub.state(1, "key", Said(line.frame, line.about, line.bares))
    await turn()
    assert [[p for d in pipe.written[1:] for p in unframed(d)] for pipe in pipes] == expected


async def test_a_reader_without_progress_is_noticed_and_one_with_progress_is_not() -> None:
    pipe = Pipe()
    box = Outbox(pipe, Hub().due)
    pipe.writable, pipe.stuck = False, 1_000
    assert box.stalled_s(10.0) == 0
    assert box.stalled_s(20.0) == 10
    pipe.stuck = 900
    assert box.stalled_s(30.0) == 0
    assert box.stalled_s(41.0) == 11
    pipe.resume()
    assert box.stalled_s(50.0) == 0


async def test_without_a_fast_lane_each_frame_goes_out_as_text_in_order() -> None:
    sent: list[str] = []

    async def send(message: object) -> None:
        assert isinstance(message, dict)
        await asyncio.sleep(0)
        sent.append(message["text"])

    lane = PlainLane(send)
    hub = Hub()
    box = Outbox(lane, hub.due)
    texts = ["short", "m" * 200, "l" * 70_000]
    for text in texts:
        box.offer(frame(text.encode()))
    await turn()
    await lane.drained()
    assert sent == texts
    assert lane.waiting_bytes() == 0
