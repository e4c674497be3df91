"""What a picture may be, what became of it, and the files that belong to it."""

from __future__ import annotations

import contextlib
import re
import struct
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from realtime.errors import Refusal, Unavailable

FORMATS: Final = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/avif": "AVIF",
}
"""What may be uploaded: MIME type to the decoder's name for it."""

BYTES_MAX: Final = 16 * 2**20
PIXELS_MAX: Final = 50_000_000
WIDTHS: Final = (320, 640, 1_280)  # of the narrower copies
SUFFIXES: Final = ("", *(f"-{width}" for width in WIDTHS), "-still")
TEMPORARY: Final = ".tmp"  # ends the name of a file that is not finished

_FILE_NAME: Final = re.compile(r"[0-9a-f]{32}(?:-(?:320|640|1280|still))?\.webp")


class TooBig(Refusal):
    """The file has too many bytes."""

    status: ClassVar[int] = 413

    def __init__(self) -> None:
        message = f"A picture has at most {BYTES_MAX // 2**20} MiB."
        super().__init__("too_long", message, field="file")


class NotAPicture(Refusal):
    """The file is none of the accepted kinds, or it is damaged."""

    status: ClassVar[int] = 415

    def __init__(self, message: str = "") -> None:
        super().__init__("invalid", message or accepted(FORMATS), field="file")


class TooManyPixels(Refusal):
    """The picture is one, but opening it would take too much."""

    status: ClassVar[int] = 422

    def __init__(self, message: str = "") -> None:
        most = f"A picture has at most {PIXELS_MAX // 1_000_000} megapixels."
        super().__init__("invalid", message or most, field="file")


@dataclass(frozen=True, slots=True)
class Rendition:
    """One narrower copy of a picture, in pixels."""

    file: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What became of an upload. Every file lies in the darkroom's folder."""

    type: str  # MIME type of all the files
    file: str
    width: int  # of `file`, in pixels, upright
    height: int
    sizes: tuple[Rendition, ...]  # narrowest first; of a moving picture, all stand still
    thumbhash: str  # base64
    animated: bool  # `file` moves
    bytes: int  # of all the files together

    @property
    def files(self) -> tuple[str, ...]:
        """Every file, for `remove`."""
        return (self.file, *(size.file for size in self.sizes))


def accepted(formats: Collection[str]) -> str:
    """Say in a sentence which of `FORMATS`, a few MIME types of it, are taken."""
    *most, last = [
        name.replace("WEBP", "WebP") for kind, name in FORMATS.items() if kind in formats
    ]
    kinds = f"{', '.join(most)} or {last}" if most else last
    return f"A picture is a {kinds} file.".replace("WEBP", "WebP")


def sniff(head: bytes) -> str | None:
    """Return the MIME type of which `head` is the beginning (32 bytes are enough), or None."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp" and {b"avif", b"avis"} & _brands(head):
        return "image/avif"
    return None


def self_test() -> frozenset[str]:
    """Return those of `FORMATS` that can really be opened here. Takes some 0.1 s, once.

    Raises:
        RuntimeError: not even the format in which everything is stored can be written.
    """
    from realtime import developer  # the decoders are loaded only where they are needed

    able = developer.self_test(FORMATS.values())
    if "WEBP" not in able:
        raise RuntimeError("Pillow was built without WebP; install a wheel of it.")
    return frozenset(mime for mime, name in FORMATS.items() if name in able)


def file_name(stem: str, suffix: str = "") -> str:
    """Return the name of one of a picture's files; `suffix` is one of `SUFFIXES`."""
    return f"{stem}{suffix}.webp"


def is_file_name(name: str) -> bool:
    """Whether `name` is one that this module makes: no path, nothing of the uploader's."""
    return _FILE_NAME.fullmatch(name) is not None


def remove(folder: Path, files: Collection[str]) -> None:
    """Delete `files`; those that are gone already are fine. Blocks.

    Raises:
        ValueError: a name is none of ours; nothing is deleted then.
        Unavailable: the disk refuses.
    """
    strange = [name for name in files if not is_file_name(name)]
    if strange:
        raise ValueError(f"not a picture's file name: {strange[0]!r}")
    try:
        for name in files:
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise Unavailable(f"cannot delete from {folder}: {error.strerror}") from error


def largest(name: str) -> str:
    """Return the name of the largest file of the picture that `name` is a copy of."""
    stem = name.partition(".")[0].partition("-")[0]
    return f"{stem}.{name.rpartition('.')[2]}"


def sweep_temporary(folder: Path, older_than_s: float) -> int:
    """Delete what uploads that never ended have left; return how many files. Blocks."""
    swept = 0
    for path in _older(folder, older_than_s):
        if path.name.endswith(TEMPORARY):
            path.unlink(missing_ok=True)
            swept += 1
    return swept


def stored(folder: Path, older_than_s: float) -> set[str]:
    """Return our files in `folder` that are older: those that no row names are orphans. Blocks."""
    return {path.name for path in _older(folder, older_than_s) if is_file_name(path.name)}


def _brands(head: bytes) -> set[bytes]:
    length = min(int.from_bytes(head[:4], "big"), len(head))
    return {head[at : at + 4] for at in (8, *range(16, length - 3, 4))}


def pixels(head: bytes, kind: str) -> int:
    """Read the size where it stands at a fixed place; 0 where only the decoder can find it."""
    if kind == "image/png" and head[12:16] == b"IHDR" and len(head) >= 24:
        width, height = struct.unpack(">II", head[16:24])
    elif kind == "image/gif" and len(head) >= 10:
        width, height = struct.unpack("<HH", head[6:10])
    elif kind == "image/webp" and head[12:16] == b"VP8X" and len(head) >= 30:
        width = int.from_bytes(head[24:27], "little") + 1
        height = int.from_bytes(head[27:30], "little") + 1
    else:
        return 0
    return int(width * height)


def _older(folder: Path, older_than_s: float) -> Iterator[Path]:
    before = time.time() - older_than_s
    for path in list(folder.iterdir()):
        with contextlib.suppress(FileNotFoundError):
            if path.is_file() and path.stat().st_mtime < before:
                yield path
