"""Hostile pictures for the whole way through a server: bombs, halves, disguises and secrets."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from tests import pictures
from tests.pictures import GPS, KINDS, SCRIPT, SECRET, chunk, photo

BIG = 24 * 2**20  # what a chunk becomes when it is unpacked
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><exif:GPSLatitude>52,31N' + SECRET + b"</x:xmpmeta>"


def corpus() -> Iterator[tuple[str, bytes]]:
    """Over 200 files with their names; whatever is in them, SECRET and SCRIPT must not come out."""
    yield from pictures.not_pictures().items()
    yield from list(pictures.polyglots())[::2]
    yield from _bombs()
    yield from _halves()
    yield from _places()


def _bombs() -> Iterator[tuple[str, bytes]]:
    for side in (8_000, 20_000, 60_000):
        yield f"png of {side}", pictures.png_of(side, side)
        yield f"gif of {side}", pictures.gif_of(side, side)
        yield f"jpeg of {side}", pictures.jpeg_of(side, side)
    yield "webp of 16,000", pictures.webp_of(16_000, 16_000)
    yield "png whose pixels are too many", _packed_pixels(64, 64)
    for count, side in ((301, 10), (2_000, 5_000), (300, 4_000)):
        yield f"gif of {count} frames of {side}", pictures.gif_bomb(count, side, side)
    for format in ("WEBP", "PNG"):
        yield f"{format} of 301 frames", pictures.animation(301, format, size=(8, 8))
    plain = photo(24, 24, "PNG")
    packed = zlib.compress(bytes(BIG), 9)
    for kind, head in (
        (b"zTXt", b"Comment\0\0"),
        (b"iTXt", b"Comment\0\1\0\0\0"),
        (b"iCCP", b"profile\0\0"),
    ):
        yield f"png with a packed {kind!r}", plain[:33] + chunk(kind, head + packed) + plain[33:]
    yield "png of 20,000 chunks", plain[:33] + chunk(b"tEXt", b"a\0b") * 20_000 + plain[33:]
    yield "jpeg with a large profile", photo(24, 24, icc_profile=SECRET * 60_000)
    yield "png that says 4 GiB", plain[:33] + struct.pack(">I", 2**32 - 1) + b"tEXt" + SECRET


def _packed_pixels(width: int, height: int) -> bytes:
    return pictures.png_of(width, height, body=zlib.compress(bytes(BIG), 9))


def _halves() -> Iterator[tuple[str, bytes]]:
    for format in KINDS:
        whole = photo(120, 90, format)
        for part in (1, 4, 10, 25, 50, 75, 90, 99):
            yield f"{part} % of {format}", whole[: len(whole) * part // 100]
        yield f"{format} without its last byte", whole[:-1]


def _places() -> Iterator[tuple[str, bytes]]:
    exif = pictures.with_exif()
    exif.get_ifd(0x8825).update(GPS)
    for format in ("JPEG", "PNG", "WEBP", "AVIF"):
        yield f"{format} with a place", photo(40, 30, format, exif=exif.tobytes())
        if format != "PNG":
            yield f"{format} with a place in XMP", photo(40, 30, format, xmp=XMP)
    jpeg = photo(40, 30)
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\x30\x1c\x02\x5a\0\x13" + SECRET
    segment = b"\xff\xed" + struct.pack(">H", len(iptc) + 2) + iptc
    yield "JPEG with a place in IPTC", jpeg[:2] + segment + jpeg[2:]
    yield "JPEG with a comment", photo(40, 30, comment=SECRET + SCRIPT)
