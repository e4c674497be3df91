"""Frames into commands: each bad one gets the clearest no that can be given."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.codec import DecodeError, decode, encode
from realtime.model import Author, Post
from realtime.protocol import RESULTS, Hello, Ok, PostThread, ReactSet, number, tag
from realtime.results import Posted

KEY = "123e4567-e89b-12d3-a456-426614174000"


def deep(times: int, middle: str = "") -> str:
    """A thread's id is lists in lists, `times` deep."""
    return f'{{"type":"post.thread","ref":1,"post_id":{"[" * times}{middle}{"]" * times}}}'


def test_a_good_frame_becomes_its_command() -> None:
    frame = '{"type":"react.set","ref":7,"post_id":"12","emoji":"🌊","on":true}'
    assert decode(frame) == ReactSet(ref=7, post_id="12", emoji="🌊", on=True)
    assert decode('{"ref":0,"type":"hello"}') == Hello(ref=0)


@pytest.mark.parametrize(
    ("frame", "code", "ref", "field"),
    [
        ("", "invalid", None, None),
        ("{", "invalid", None, None),
        ("[]", "invalid", None, None),
        ("7", "invalid", None, None),
        ("null", "invalid", None, None),
        ("\x00", "invalid", None, None),
        ("{}", "invalid", None, "ref"),
        ('{"type":"hello"}', "invalid", None, "ref"),
        ('{"type":"hello","ref":true}', "invalid", None, "ref"),
        ('{"type":"hello","ref":"1"}', "invalid", None, "ref"),
        ('{"type":"hello","ref":-1}', "invalid", None, "ref"),
        ('{"type":"hello","ref":1.0}', "invalid", None, "ref"),
        ('{"type":"hello","ref":9007199254740992}', "invalid", None, "ref"),
        ('{"type":"hello","ref":NaN}', "invalid", None, "ref"),
        ('{"ref":1}', "invalid", 1, "type"),
        ('{"type":7,"ref":1}', "invalid", 1, "type"),
        ('{"type":"post.eat","ref":1}', "unknown_type", 1, "type"),
        ('{"type":"react.set","ref":1,"post_id":"12","emoji":"x"}', "invalid", 1, "on"),
        ('{"type":"react.set","ref":1,"post_id":"12","emoji":"x","on":"1"}', "invalid", 1, "on"),
        ('{"type":"react.set","ref":1,"post_id":"12","emoji":"x","on":1}', "invalid", 1, "on"),
        ('{"type":"post.thread","ref":1,"post_id":true}', "invalid", 1, "post_id"),
        ('{"type":"post.thread","ref":1,"post_id":12}', "invalid", 1, "post_id"),
        ('{"type":"post.thread","ref":1,"post_id":"x"}', "invalid", 1, "post_id"),
        ('{"type":"post.thread","ref":1,"post_id":"012"}', "invalid", 1, "post_id"),
        ('{"type":"post.thread","ref":1,"post_id":"1","like":1}', "invalid", 1, "like"),
        ('{"type":"post.thread","ref":1,"post_id":"1","before":null}', "invalid", 1, "before"),
        ('{"type":"timeline.get","ref":1,"name":"home","limit":0}', "invalid", 1, "limit"),
        ('{"type":"timeline.get","ref":1,"name":"home","limit":101}', "invalid", 1, "limit"),
        ('{"type":"timeline.get","ref":1,"name":"mine"}', "invalid", 1, "name"),
        ('{"type":"watch.set","ref":1,"post_ids":["1",2]}', "invalid", 1, "post_ids"),
        (f'{{"type":"post.create","ref":1,"key":"{KEY}","text":"\\ud800"}}', "invalid", 1, "text"),
        (f'{{"type":"post.create","ref":1,"key":"{KEY}","text":7}}', "invalid", 1, "text"),
        ('{"type":"post.create","ref":1,"key":"mine","text":"x"}', "invalid", 1, "key"),
        ("[" * 60_000, "invalid", None, None),
        ('{"a":' * 10_000, "invalid", None, None),
        (deep(64), "invalid", 1, "post_id"),
        (deep(600), "invalid", 1, "post_id"),
        (deep(900, '"\\ud800"'), "invalid", 1, "post_id"),
        (deep(2_000), "invalid", None, None),
    ],
)
def test_a_bad_frame_is_refused_by_name(
    frame: str, code: str, ref: int | None, field: str | None
) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(frame)
    assert (caught.value.code, caught.value.ref, caught.value.field) == (code, ref, field)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
TYPES = st.sampled_from([tag(command) for command in RESULTS] + ["", "x.y"])


@given(TYPES, st.dictionaries(st.sampled_from(["ref", "post_id", "on", "text", "key"]), JSON))
def test_no_frame_at_all_is_answered_with_anything_but_a_command_or_a_decode_error(
    kind: str, fields: dict[str, object]
) -> None:
    try:
        command = decode(json.dumps({"type": kind, **fields}))
    except DecodeError as error:
        assert error.code in ("invalid", "unknown_type")
    else:
        assert tag(type(command)) == kind


def test_fields_that_are_unset_are_left_out_and_null_stays() -> None:
    author = Author("1", "ada", "Ada", None, 1)
    post = Post("5", 5, author, "hi", [], None, None, "2026-01-01T00:00:00.000Z", False)
    assert json.loads(encode(Ok(3, Posted(post)))) == {
        "type": "ok",
        "ref": 3,
        "result": {
            "post": {
                "kind": "post",
                "id": "5",
                "seq": 5,
                "author": {
                    "id": "1",
                    "name": "ada",
                    "display_name": "Ada",
                    "avatar": None,
                    "seq": 1,
                },
                "text": "hi",
                "media": [],
                "reply_to": None,
                "quote_of": None,
                "created_at": "2026-01-01T00:00:00.000Z",
                "deleted": False,
            }
        },
    }


def test_an_id_too_large_for_the_database_is_one_that_nobody_has() -> None:
    command = decode('{"type":"post.thread","ref":1,"post_id":"9999999999999999999"}')
    assert isinstance(command, PostThread)
    assert number(command.post_id) == 2**63 - 1
