"""The server's frames into structs; what this version does not know is left out."""

from __future__ import annotations

from typing import Any, Final, TypeVar, get_args

import msgspec
from msgspec import Raw, Struct

from realtime.model import Noun
from realtime.protocol import FRAMES, Ok, tag

R = TypeVar("R")

_KINDS: Final = frozenset(tag(kind) for kind in get_args(Noun))


class _Envelope(Struct, frozen=True):
    type: str = ""


class Answered(Struct, frozen=True, tag="ok"):
    """An `ok` whose result waits to be read as what its command is answered by."""

    ref: int
    result: Raw


_envelope: Final = msgspec.json.Decoder(_Envelope)
_decoders: Final[dict[str, msgspec.json.Decoder[Any]]] = {
    **{tag(frame): msgspec.json.Decoder(frame) for frame in FRAMES},
    tag(Ok): msgspec.json.Decoder(Answered),
}


def read(frame: str | bytes) -> Struct | None:
    """One of `FRAMES` (an `ok` as Answered); None for what another version may know."""
    try:
        decoder = _decoders.get(_envelope.decode(frame).type)
        return None if decoder is None else decoder.decode(frame)
    except msgspec.MsgspecError:
        return None


def result(raw: Raw, kind: type[R]) -> R:
    """The result of a command, without the nouns of kinds that are not known here.

    Raises:
        msgspec.ValidationError: the server speaks another protocol.
    """
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.ValidationError:
        return msgspec.convert(_known(msgspec.json.decode(raw)), kind)


def _known(value: Any) -> Any:
    if isinstance(value, list):
        return [_known(one) for one in value if not _is_strange(one)]
    if isinstance(value, dict):
        return {name: _known(one) for name, one in value.items()}
    return value


def _is_strange(value: Any) -> bool:
    return isinstance(value, dict) and value.get("kind", next(iter(_KINDS))) not in _KINDS | {
        "media"
    }
