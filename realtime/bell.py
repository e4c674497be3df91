"""One thing told, as it travels between processes: its line of the log, and its bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import Struct

from realtime import visibility
from realtime.codec import encode
from realtime.hub.fastlane import frame
from realtime.hub.ring import Bares, Ring, Told
from realtime.model import Mine, Noun, Post
from realtime.protocol import Event
from realtime.store.events import Line

CONTROL: Final = "control"  # the channel that every process hears


class Bare(Struct, frozen=True, array_like=True):
    """An event's JSON for those from whom exactly these people within are hidden."""

    hidden: tuple[int, ...]
    body: bytes


class Bell(Struct, frozen=True, array_like=True, tag="bell"):
    """A logged noun. `body` is the event's JSON, `bares` the same without people within."""

    line: Line
    body: bytes
    bares: tuple[Bare, ...]
    embeds: tuple[int, ...]


class Dirty(Struct, frozen=True, array_like=True, tag="dirty"):
    """The numbers of these posts changed at `at_ms`; whoever shows them reads them again."""

    post_ids: tuple[int, ...]
    at_ms: int = 0


class State(Struct, frozen=True, array_like=True, tag="state"):
    """State that is not logged: the newest per key is all that matters. `at_ms` 0: long known."""

    topic: int
    key: str
    about: tuple[int, ...]
    body: bytes
    bares: tuple[Bare, ...] = ()
    at_ms: int = 0


class Ended(Struct, frozen=True, array_like=True, tag="ended"):
    """These sessions are over: their sockets close, on every process."""

    session_ids: tuple[int, ...]


class Gone(Struct, frozen=True, array_like=True, tag="gone"):
    """These posts were deleted: their words are forgotten, on every process."""

    post_ids: tuple[int, ...]


class Left(Struct, frozen=True, array_like=True, tag="left"):
    """These people's accounts are gone: every word of theirs is forgotten, on every process."""

    user_ids: tuple[int, ...]


Message = Bell | Dirty | State | Ended | Gone | Left


class Unreadable(Exception):
    """A message of the bus that no process of ours wrote."""


class _Own(Struct):
    noun: Mine


_owns: Final = msgspec.json.Decoder(_Own)
_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(Message)


def pack(message: Message) -> bytes:
    """The bytes that go over the bus."""
    return _encoder.encode(message)


def unpack(payload: bytes) -> Message:
    """Raises: Unreadable: this came from no process of ours."""
    try:
        message: Message = _decoder.decode(payload)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Unreadable from error
    return message


def event(topic: int, noun: Noun) -> bytes:
    """The event's JSON."""
    return encode(Event(visibility.wire_name(topic), noun))


def of(line: Line, noun: Noun) -> Bell:
    """What is published of a logged noun: encoded once for the whole cluster."""
    topic = line.topic
    return Bell(line, event(topic, noun), _bares(topic, noun), visibility.embeds(noun))


def everybodys(post: Post) -> State:
    """What is published of a post for those who look at everybody's."""
    topic = visibility.EXPLORE
    key, about = f"post:{post.id}", visibility.about(post)
    return State(topic, key, about, event(topic, post), _bares(topic, post))


def _bares(topic: int, noun: Noun) -> tuple[Bare, ...]:
    return tuple(
        Bare(tuple(hidden), event(topic, without)) for hidden, without in visibility.forms(noun)
    )


def bare_frames(bares: Sequence[Bare]) -> Bares | None:
    """The frames for those from whom somebody within is hidden; built once for this process."""
    if not bares:
        return None
    return Bares({frozenset(bare.hidden): frame(bare.body) for bare in bares})


def fill(ring: Ring, told: Told, noun: Noun) -> None:
    """Give `told` the words of its noun, as they are now."""
    topic = told.topic
    bares = bare_frames(_bares(topic, noun))
    ring.fill(told, frame(event(topic, noun)), bares, visibility.embeds(noun))


def mine(state: State) -> Mine | None:
    """What a person did to a post, if this says so."""
    if not state.key.startswith("mine:"):
        return None
    try:
        return _owns.decode(state.body).noun
    except msgspec.MsgspecError:
        return None


def silent(line: Line) -> Bell:
    """What is published of a line that never leaves the server."""
    return Bell(line, b"", (), ())


def key_of(line: Line) -> Told:
    """What the ring remembers of a line whose noun has not been read."""
    return Told(
        xid=line.xid,
        seq=line.seq,
        topic=line.topic,
        kind=line.kind,
        noun_id=line.noun_id,
        about=line.about,
        at_ms=line.at_ms,
    )


def told(bell: Bell) -> Told:
    """What the ring remembers of a bell: the frames are built here, once for this process."""
    known = key_of(bell.line)
    known.frame = frame(bell.body)
    known.bares, known.embeds = bare_frames(bell.bares), bell.embeds
    return known
