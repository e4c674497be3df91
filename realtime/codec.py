"""Bytes into commands, frames into bytes."""

from __future__ import annotations

import json
import re
from typing import Any, Final, Literal, NoReturn

import msgspec
import orjson
from msgspec import Struct

from realtime.protocol import RESULTS, Command, Ref, tag


class DecodeError(Exception):
    """The frame is not a command that can be carried out; `ref` is None if none could be read.

    `kind` is the command that it would have been, if that is known.
    """

    def __init__(
        self,
        code: Literal["invalid", "unknown_type"],
        message: str,
        ref: int | None,
        field: str | None,
        kind: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code: Literal["invalid", "unknown_type"] = code
        self.message = message
        self.ref = ref
        self.field = field
        self.kind = kind


class _Envelope(Struct, frozen=True):
    type: str
    ref: Ref


_envelope: Final = msgspec.json.Decoder(_Envelope)
_decoders: Final[dict[str, msgspec.json.Decoder[Any]]] = {
    tag(command): msgspec.json.Decoder(command) for command in RESULTS
}
_PATH = re.compile(r" - at `\$\.?([a-z_]*)")
_MISSING = re.compile(r"(?:missing required|unknown) field `([^`]*)`")


def decode(frame: str | bytes) -> Command:
    """The command in this frame.

    Raises:
        DecodeError: the frame is no JSON object, has no usable `ref`, or is not a known command.
    """
    try:
        envelope = _envelope.decode(frame)
        decoder = _decoders.get(envelope.type)
        if decoder is None:
            raise DecodeError("unknown_type", "There is no such command.", envelope.ref, "type")
        command: Command = decoder.decode(frame)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        _explain(frame, error)
    return command


def _explain(frame: str | bytes, error: Exception) -> NoReturn:
    """Raise the clearest `DecodeError` for a frame that the fast path refused."""
    try:
        loose = json.loads(frame)
    except (ValueError, RecursionError):
        loose = None
    if not isinstance(loose, dict):
        raise DecodeError("invalid", "A frame is one JSON object.", None, None) from None
    ref, kind = loose.get("ref"), loose.get("type")
    if type(ref) is not int or not 0 <= ref < 2**53:
        message = "`ref` is a whole number from 0 to 2^53-1."
        raise DecodeError("invalid", message, None, "ref") from None
    if not isinstance(kind, str):
        raise DecodeError("invalid", "`type` is the name of a command.", ref, "type") from None
    if kind not in _decoders:
        raise DecodeError("unknown_type", "There is no such command.", ref, "type") from None
    broken = (k for k, v in loose.items() if _is_broken(v) and not _is_broken(k))
    field = _field(str(error)) or next(broken, None)
    message = (
        f"`{field}` is not as it should be." if field else "This command is not as it should be."
    )
    raise DecodeError("invalid", message, ref, field, kind) from None


def _field(why: str) -> str | None:
    found = _MISSING.search(why) or _PATH.search(why)
    return found.group(1) or None if found else None


def _is_broken(value: object) -> bool:
    """True for text that has no UTF-8 form (a lone surrogate), at any depth of a list."""
    # Not by calling itself: a reader of JSON stands deeper lists than a function that does.
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, str) and not _has_bytes(one):
            return True
    return False


def _has_bytes(text: str) -> bool:
    try:
        return text.encode() is not None
    except UnicodeEncodeError:
        return False


def encode(frame: Struct) -> bytes:
    """One frame's JSON. Fields that are UNSET are left out."""
    return orjson.dumps(msgspec.to_builtins(frame))
