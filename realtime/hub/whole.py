"""Whole frames: how a server writes them, and a client's, read without the parser.

Nearly all that ever comes is one of two kinds.
"""

from __future__ import annotations

from struct import Struct
from typing import Final

from websockets.frames import Opcode
from websockets.utils import apply_mask

_FIN: Final = 0x80
_MASKED: Final = 0x80
_MIDDLE: Final = Struct("!BBH").pack
_LONG: Final = Struct("!BBQ").pack
TEXT: Final = _FIN | Opcode.TEXT
PONG: Final = _FIN | Opcode.PONG

Whole = tuple[int, bytes, int]  # its first byte, its payload, where the next one begins


def frame(payload: bytes, opcode: int = 1) -> bytes:
    """`payload` as one complete server frame (unmasked, not fragmented); text unless told."""
    size = len(payload)
    if size < 126:
        return b"%c%c%b" % (_FIN | opcode, size, payload)
    if size < 65536:
        return _MIDDLE(_FIN | opcode, 126, size) + payload
    return _LONG(_FIN | opcode, 127, size) + payload


def whole(data: bytes, start: int, most: int) -> Whole | None:
    """The text or pong that begins at `start`, if all of it is there.

    None where the parser has to look: at part of a frame or of a message, any other kind, what
    breaks the protocol, and payloads of over `most` bytes.
    """
    if len(data) - start < 6:
        return None
    head, size = data[start], data[start + 1] - _MASKED
    if size < 0 or (head != TEXT and (head != PONG or size > 125)):
        return None
    begin = start + 6
    if size > 125:
        if size == 127 or len(data) < start + 8:
            return None
        size, begin = data[start + 2] << 8 | data[start + 3], start + 8
    end = begin + size
    if size > most or end > len(data):
        return None
    return head, apply_mask(data[begin:end], data[begin - 4 : begin]), end
