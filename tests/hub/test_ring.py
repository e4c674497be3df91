"""The last minutes of the log: nothing from the floor on is ever missing from it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from realtime.hub.ring import Ring, Told


def line(xid: int, *, topic: int = 1, noun: int | None = None, size: int = 0) -> Told:
    told = Told(
        xid=xid,
        seq=xid,
        topic=topic,
        kind=1,
        noun_id=xid if noun is None else noun,
        about=(),
        at_ms=xid,
    )
    told.frame = b"x" * size if size else None
    return told


def test_a_later_line_of_the_same_noun_supersedes_the_earlier_one() -> None:
    ring = Ring()
    first, second = line(1, noun=9, size=10), line(2, noun=9, size=20)
    ring.add(first)
    ring.add(second)
    assert list(ring.on([1], 0)) == [second]
    assert first.frame is None and ring.bytes == 20
    assert (1, 1) in ring, "it is still known, so that it is not told twice"


def test_an_earlier_line_that_comes_late_is_superseded_already() -> None:
    ring = Ring()
    second, first = line(2, noun=9, size=20), line(1, noun=9, size=10)
    ring.add(second)
    ring.add(first)
    assert first.superseded and list(ring.on([1], 0)) == [second]


def test_words_of_a_noun_that_is_gone_are_forgotten_wherever_they_are() -> None:
    ring = Ring()
    told = line(1)
    ring.add(told)
    ring.fill(told, b"retweet of 7", None, (7,))
    ring.scrub(8)
    assert told.frame is not None
    ring.scrub(7)
    assert told.frame is None and ring.bytes == 0


def test_frames_are_dropped_for_room_but_keys_above_the_watermark_stay() -> None:
    ring = Ring(limit_bytes=1_000)
    for xid in range(1, 101):
        ring.add(line(xid, size=100))
    ring.trim(watermark=1)
    assert ring.bytes <= 1_000
    assert len(ring) == 100, "the log will be read again from the watermark on"
    assert ring.floor == 0


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(0, 400)), max_size=60), st.integers(0, 60))
def test_the_floor_says_truly_from_where_on_the_ring_is_whole(
    added: list[tuple[int, int]], watermark: int
) -> None:
    ring = Ring(limit_bytes=1_000, limit_keys=20)
    lines = [line(xid, topic=topic, size=size) for xid, (topic, size) in enumerate(added, 1)]
    for told in lines:
        ring.add(told)
        ring.trim(min(watermark, told.xid))
    for told in lines:
        if told.xid >= ring.floor:
            assert (told.topic, told.seq) in ring
    assert ring.bytes == sum(told.size_bytes for told in lines if (told.topic, told.seq) in ring)


def test_what_is_old_and_settled_is_let_go_of() -> None:
    ring = Ring()
    for xid in range(1, 11):
        ring.add(line(xid, size=10))
    ring.forget(before_ms=6, watermark=4)
    assert ring.floor == 4
    assert sorted(seq for _, seq in ((1, t.seq) for t in ring.on([1], 0))) == list(range(4, 11))
