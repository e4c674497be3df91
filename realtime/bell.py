"""One thing told, as it travels between processes: its line of the log, and its bytes."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Struct

from realtime import visibility
from realtime.codec import encode
from realtime.hub.fastlane import frame
from realtime.hub.ring import Told
from realtime.model import Noun, Post
from realtime.protocol import Event
from realtime.store.events import Line

CONTROL: Final = "control"  # the channel that every process hears


class Bell(Struct, frozen=True, array_like=True, tag="bell"):
    """A logged noun. `body` is the event's JSON, `bare` the same without the people of `inside`."""

    line: Line
    body: bytes
    bare: bytes | None
    inside: tuple[int, ...]
    embeds: tuple[int, ...]


class Dirty(Struct, frozen=True, array_like=True, tag="dirty"):
    """The numbers of these posts changed; whoever shows them reads them again."""

    post_ids: tuple[int, ...]


class State(Struct, frozen=True, array_like=True, tag="state"):
    """State that is not logged: the newest per key is all that matters."""

    topic: int
    key: str
    about: tuple[int, ...]
    body: bytes
    bare: bytes | None = None
    inside: tuple[int, ...] = ()


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
    inside = visibility.inside(noun)
    return Bell(
        line,
        event(line.topic, noun),
        event(line.topic, visibility.bare(noun)) if inside else None,
        inside,
        visibility.embeds(noun),
    )


def everybodys(post: Post) -> State:
    """What is published of a post for those who look at everybody's."""
    topic, inside = visibility.EXPLORE, visibility.inside(post)
    return State(
        topic,
        f"post:{post.id}",
        visibility.about(post),
        event(topic, post),
        event(topic, visibility.bare(post)) if inside else None,
        inside,
    )


def silent(line: Line) -> Bell:
    """What is published of a line that never leaves the server."""
    return Bell(line, b"", None, (), ())


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
    known.bare = None if bell.bare is None else frame(bell.bare)
    known.inside, known.embeds = bell.inside, bell.embeds
    return known
