"""A client reads the frames of a newer server as far as it knows them."""

from __future__ import annotations

import json

import msgspec
import pytest

from realtime.client import wire
from realtime.codec import encode
from realtime.model import Counts
from realtime.protocol import Event
from realtime.results import Timeline, Watched

COUNTS = Counts("7", 3, {"❤️": 1}, 0, 0, 0)


def test_a_known_frame_is_its_struct() -> None:
    event = Event("post:7", COUNTS)
    assert wire.read(encode(event)) == event


@pytest.mark.parametrize(
    "frame",
    [
        b"{",
        b"[1]",
        b'{"type": "aurora"}',
        b'{"type": "event", "topic": "me:1", "noun": {"kind": "aurora", "seq": 3}}',
        b'{"type": "heartbeat"}',
    ],
)
def test_what_only_another_version_knows_is_none(frame: bytes) -> None:
    assert wire.read(frame) is None


def test_unknown_fields_and_kinds_in_a_page_are_left_out() -> None:
    known = {"kind": "counts", **msgspec.to_builtins(COUNTS), "glow": 1}
    page = {"counts": [known, {"kind": "aurora", "seq": 1}], "mine": [], "posts": [], "sky": []}
    raw = msgspec.Raw(json.dumps(page).encode())
    assert wire.result(raw, Watched) == Watched([COUNTS], [], [])


def test_a_result_of_another_shape_is_an_error() -> None:
    with pytest.raises(msgspec.ValidationError):
        wire.result(msgspec.Raw(b'{"entries": 3}'), Timeline)
