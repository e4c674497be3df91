"""Pictures for tests: honest ones, odd ones and hostile ones, made on the spot."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms

GPS = {1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)}
SECRET = b"PLANTED-SECRET-7f3a"
SCRIPT = b"<script>alert(1)</script>"
KINDS = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "AVIF": "image/avif",
}


def encoded(image: Image.Image, format: str, **options: Any) -> bytes:
    """Return the bytes of `image` as a file."""
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def photo(width: int = 400, height: int = 300, format: str = "JPEG", **options: Any) -> bytes:
    """Return a picture with many colours."""
    return encoded(gradient(width, height), format, **options)


def gradient(width: int, height: int) -> Image.Image:
    """Return a smooth picture, bright at the top right."""
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    down = Image.linear_gradient("L").rotate(180).resize((width, height))
    return Image.merge("RGB", (across, down, across))


def quarters(width: int = 80, height: int = 40) -> Image.Image:
    """Return red, green (above), blue, white (below): any turn of it can be told."""
    image = Image.new("RGB", (width, height), "white")
    image.paste("red", (0, 0, width // 2, height // 2))
    image.paste("green", (width // 2, 0, width, height // 2))
    image.paste("blue", (0, height // 2, width // 2, height))
    return image


def frames(count: int, width: int = 32, height: int = 24) -> list[Image.Image]:
    """Return as many pictures, no two in a row alike; the first is teal."""
    return [
        Image.new("RGB", (width, height), (number * 67 % 256, 128 - number // 3, 128))
        for number in range(count)
    ]


def animation(count: int, format: str = "GIF", *, size: tuple[int, int] = (32, 24)) -> bytes:
    """Return a moving picture of `count` frames, 70 ms each, for ever."""
    first, *rest = frames(count, *size)
    return encoded(first, format, save_all=True, append_images=rest, duration=70, loop=0)


def with_exif(orientation: int = 1) -> Image.Exif:
    """Return EXIF with a place, a comment and an orientation."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = SECRET.decode()
    exif.get_ifd(0x8825).update(GPS)
    return exif


def swapped_profile() -> bytes:
    """Return an ICC profile in which red and green have changed places."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = profile.replace(b"rXYZ", b"____", 1).replace(b"gXYZ", b"rXYZ", 1)
    renamed = swapped.replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))
    return renamed.replace(b"____", b"gXYZ", 1)


def chunk(kind: bytes, body: bytes) -> bytes:
    """Return one chunk of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_of(width: int, height: int, *, depth: int = 8, colour: int = 2, body: bytes = b"") -> bytes:
    """Return a PNG that claims a size; without `body` its pixels are missing."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    pixels = body or zlib.compress(bytes(100))
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", pixels), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def flat_png(width: int, height: int, *, colour: int = 0) -> bytes:
    """Return a whole black PNG, grey (0) or RGB (2): few bytes for as many pixels as asked for."""
    packer = zlib.compressobj(9)
    row = bytes(1 + width * (3 if colour else 1))
    body = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return png_of(width, height, colour=colour, body=body)


def gif_of(width: int, height: int) -> bytes:
    """Return a GIF that claims a size and ends there."""
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\0\0\0;"


def gif_bomb(count: int, width: int, height: int) -> bytes:
    """Return a GIF of `count` whole frames of a few bytes each on a large canvas."""
    head = b"GIF89a" + struct.pack("<HH", width, height) + b"\x80\0\0" + bytes(3) + b"\xff" * 3
    frame = b"," + struct.pack("<HHHH", 0, 0, 1, 1) + b"\0" + b"\x02\x02\x44\x01\0"
    return head + frame * count + b";"


def webp_of(width: int, height: int) -> bytes:
    """Return a WebP that claims a size and ends there."""
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + size


def jpeg_of(width: int, height: int) -> bytes:
    """Return a small JPEG whose header claims a size."""
    jpeg = bytearray(photo(16, 16))
    at = jpeg.index(b"\xff\xc0")
    jpeg[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(jpeg)


def not_pictures() -> dict[str, bytes]:
    """Return files that must be refused, by what they are."""
    return {
        "empty": b"",
        "one byte": b"\xff",
        "text": b"hello",
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "svg with a declaration": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
        "html": b"<!doctype html><script>alert(1)</script>",
        "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n",
        "zip": b"PK\x03\x04" + bytes(60),
        "bmp": encoded(gradient(8, 8), "BMP"),
        "tiff": encoded(gradient(8, 8), "TIFF"),
        "icon": encoded(gradient(16, 16), "ICO"),
        "ppm": encoded(gradient(8, 8), "PPM"),
        "mp4": b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(60),
        "wave": b"RIFF\x24\0\0\0WAVEfmt " + bytes(60),
        "html before a picture": SCRIPT + photo(),
        "a jpeg's name only": b"\xff\xd8\xff\xe0" + SCRIPT,
        "a png's name only": b"\x89PNG\r\n\x1a\n" + SCRIPT,
        "a gif's name only": b"GIF89a\x20\0\x20\0/*" + SCRIPT + b"*/=1;",
        "a webp's name only": b"RIFF\0\0\0\0WEBP" + SCRIPT,
        "an avif's name only": b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + SCRIPT,
        "a png without pixels": png_of(64, 64),
        "a png that is not its checksum's": photo(64, 64, "PNG").replace(b"IDAT", b"IDAX"),
    }


def polyglots() -> Iterator[tuple[str, bytes]]:
    """Yield pictures that are something else as well: over 200, with their names."""
    payloads = {
        "script": SCRIPT,
        "svg": b'<svg onload="alert(1)">' + SCRIPT + b"</svg>",
        "php": b"<?php system($_GET[0]); ?>" + SCRIPT,
        "pdf": b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(alert)>>>>\n" + SCRIPT,
        "zip": b"PK\x03\x04" + bytes(26) + SCRIPT + b"PK\x05\x06" + bytes(18),
        "html": b"<!doctype html><html><body>" + SCRIPT,
        "shell": b"\n#!/bin/sh\ntouch /tmp/x\n" + SCRIPT,
        "utf-7": b"+ADw-script+AD4-" + SCRIPT,
    }
    for format in KINDS:
        for size in (1, 7, 40):
            image = photo(size, size, format)
            for name, payload in payloads.items():
                yield f"{format} {size} {name} tail", image + payload
    for name, payload in payloads.items():
        exif = Image.Exif()
        exif[0x010E] = payload.decode("latin-1")
        for format in ("JPEG", "PNG", "WEBP", "AVIF"):
            yield f"{format} {name} exif", photo(24, 24, format, exif=exif)
        for format in ("JPEG", "WEBP", "AVIF"):
            yield f"{format} {name} profile", photo(24, 24, format, icc_profile=payload * 20)
            yield f"{format} {name} xmp", photo(24, 24, format, xmp=payload)
        yield f"JPEG {name} comment", photo(24, 24, "JPEG", comment=payload)
        yield f"GIF {name} comment", photo(24, 24, "GIF", comment=payload)
        plain = photo(24, 24, "PNG")
        for kind in (b"tEXt", b"iTXt", b"prVt"):
            extra = chunk(kind, b"Comment\0" + payload)
            yield f"PNG {name} {kind!r}", plain[:33] + extra + plain[33:]


def opened(folder: Path, file: str) -> Image.Image:
    """Open what was stored, whole; its pixels are read."""
    with Image.open(folder / file) as image:
        image.load()
        return image
