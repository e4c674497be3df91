"""Opens one stranger's picture and writes what we serve of it; runs in a process of its own."""

from __future__ import annotations

import base64
import contextlib
import ctypes
import io
import json
import os
import resource
import signal
import sys
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import thash
from PIL import Image, ImageCms, ImageFile

from realtime.media import PIXELS_MAX, TEMPORARY, WIDTHS, file_name

SIDE_MAX: Final = 2_048  # of the longer side of what is kept
FRAMES_MAX: Final = 300
FRAMES_PIXELS_MAX: Final = 100_000_000  # of all frames together, as they come
MOVING_SIDE_MAX: Final = 800
MOVING_PIXELS_MAX: Final = 40_000_000  # of all frames together, as they are kept
FEW_COLOURS: Final = 256  # drawn rather than photographed

_QUALITY: Final = 80
_EFFORT: Final = 2  # of 6: half the time of 4, as few bytes
_HASH_SIDE: Final = 32
_BROWSERS_FASTEST_MS: Final = 10  # browsers play anything faster as if it said 100
_PR_SET_PDEATHSIG: Final = 1

_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ORIENTATION: Final = 0x0112
_FLAGS_AT: Final = 20  # in a WebP of the extended kind
_ALPHA_FLAG: Final = 0x10


class Refused(Exception):
    """The picture is not taken: `pixels`, `frames`, `picture`, `memory` or `disk`."""

    def __init__(self, why: str, detail: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Print:
    """A picture ready to be kept: upright, sRGB, RGB or RGBA, with nothing attached."""

    still: Image.Image
    few_colours: bool
    frames: list[Image.Image] = field(default_factory=list)
    durations_ms: list[int] = field(default_factory=list)
    loop: int = 0


def develop(source: Path, format: str, folder: Path, stem: str, pixels_max: int) -> dict[str, Any]:
    """Write `folder/stem….webp.tmp`, return the facts about them.

    Raises:
        Refused: some of the files may have been written.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is odd about a label does not matter here
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            ready = _opened(source, format, pixels_max)
    except (Refused, MemoryError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise Refused("pixels") from bomb
    except Exception as error:  # decoders raise anything on what a stranger sends
        raise Refused("picture", f"{type(error).__name__}: {error}") from error
    try:
        return _kept(ready, folder, stem)
    except OSError as error:
        raise Refused("disk", str(error)) from error


def self_test(formats: Iterable[str]) -> frozenset[str]:
    """Return those of Pillow's `formats` that this build can write and read again."""
    able = set()
    for name in formats:
        file = io.BytesIO()
        with contextlib.suppress(OSError, KeyError, ValueError):
            Image.new("RGB", (16, 16), "teal").save(file, name)
            Image.open(file, formats=[name]).load()
            able.add(name)
    return frozenset(able)


def _opened(source: Path, format: str, pixels_max: int) -> Print:
    with Image.open(source, formats=[format]) as image:
        if image.width * image.height > pixels_max:
            raise Refused("pixels")
        # A JPEG of several is a photo with a preview or a depth map behind it.
        count = 1 if format == "JPEG" else _count_frames(image, source)
        if count > FRAMES_MAX or (
            count > 1 and count * image.width * image.height > FRAMES_PIXELS_MAX
        ):
            raise Refused("frames")
        return _moving(image, count) if count > 1 else _still(image)


def _count_frames(image: ImageFile.ImageFile, source: Path) -> int:
    if image.format == "GIF":
        return count_gif_frames(source.read_bytes(), FRAMES_MAX + 1)
    return int(getattr(image, "n_frames", 1))


def count_gif_frames(gif: bytes, enough: int) -> int:
    """Count frames up to `enough`, without decoding one; a broken end ends the count."""

    def colours(flags: int) -> int:
        return 3 << ((flags & 7) + 1) if flags & 0x80 else 0

    def blocks(at: int) -> int:
        while gif[at]:
            at += gif[at] + 1
        return at + 1

    count = 0
    with contextlib.suppress(IndexError):
        at = 13 + colours(gif[10])
        while count < enough and gif[at] in b"!,":
            if gif[at] == ord(","):
                count += 1
                at = blocks(at + 11 + colours(gif[at + 9]))
            else:
                at = blocks(at + 2)
    return count


def _still(image: ImageFile.ImageFile) -> Print:
    _draft(image)
    orientation = _orientation(image)
    profile = image.info.get("icc_profile")
    flat = _flat(image)
    few = image.format != "JPEG" and flat.mode != "CMYK" and bool(flat.getcolors(FEW_COLOURS))
    size = _within(flat.size, SIDE_MAX)
    small = flat if size == flat.size else flat.resize(size, reducing_gap=2.0)
    few = few and small is flat
    upright = _in_srgb(small, profile)
    if orientation in _UPRIGHT:
        upright = upright.transpose(_UPRIGHT[orientation])
    return Print(still=_bare(upright), few_colours=few)


def _moving(image: ImageFile.ImageFile, count: int) -> Print:
    # Of an APNG whose first picture is for those who can't play it, that one is left out.
    first = 1 if getattr(image, "default_image", False) and count > 1 else 0
    width, height = _within(image.size, MOVING_SIDE_MAX)
    shrink = min(1.0, (MOVING_PIXELS_MAX / (count * width * height)) ** 0.5)
    size = (max(1, int(width * shrink)), max(1, int(height * shrink)))
    profile = image.info.get("icc_profile")
    frames, durations = [], []
    for number in range(first, count):
        image.seek(number)
        frame = image.convert("RGBA")
        durations.append(_duration_ms(image))
        frames.append(_in_srgb(frame.resize(size, reducing_gap=2.0), profile))
    if all(_is_opaque(frame) for frame in frames):
        frames = [frame.convert("RGB") for frame in frames]
    loop = int(image.info.get("loop", 1 if image.format == "GIF" else 0))
    frames = [_stripped(frame) for frame in frames]
    if len(frames) == 1:
        return Print(still=frames[0], few_colours=False)
    return Print(frames[0], False, frames, durations, loop)


def _duration_ms(image: Image.Image) -> int:
    duration = int(image.info.get("duration", 0))
    return min(duration, 65_535) if duration > _BROWSERS_FASTEST_MS else 100


def _draft(image: ImageFile.ImageFile) -> None:
    """Let the JPEG decoder itself shrink, by 8, 4 or 2, where that is near enough to the bound."""
    longer = max(image.size)
    for divisor in (8, 4, 2):
        if longer / divisor >= SIDE_MAX * 0.9:
            image.draft(None, (image.width // divisor, image.height // divisor))
            return


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - a broken label is no reason to refuse the picture
        return 1


def _flat(image: Image.Image) -> Image.Image:
    """Return it as L, RGB, RGBA or CMYK, of 8 bits a channel."""
    image.load()
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode in ("LA", "PA", "La", "RGBa") or "transparency" in image.info:
        return image.convert("RGBA")
    if image.mode == "1":
        return image.convert("L")
    if image.mode in ("L", "RGB", "RGBA", "CMYK"):
        return image
    return image.convert("RGB")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return it as RGB or RGBA, its colours meant as browsers take them."""
    converted = None
    if profile:
        # A broken profile is no reason to refuse the picture.
        with contextlib.suppress(ImageCms.PyCMSError, ValueError, OSError, TypeError):
            theirs = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if "sRGB" not in ImageCms.getProfileDescription(theirs):
                source = image.convert("RGB") if image.mode == "RGBA" else image
                converted = ImageCms.profileToProfile(
                    source, theirs, ImageCms.createProfile("sRGB"), outputMode="RGB"
                )
    if image.mode != "RGBA":
        return converted or image.convert("RGB")
    if converted:
        converted.putalpha(image.getchannel("A"))
    return converted or image


def _bare(image: Image.Image) -> Image.Image:
    return _stripped(image.convert("RGB") if _is_opaque(image) else image)


def _is_opaque(image: Image.Image) -> bool:
    return image.mode != "RGBA" or image.getchannel("A").getextrema() == (255, 255)


def _stripped(image: Image.Image) -> Image.Image:
    # The encoders write what they find in here: profile, place, comments.
    image.info = {}
    return image


def _kept(ready: Print, folder: Path, stem: str) -> dict[str, Any]:
    still = ready.still
    whole = folder / (file_name(stem) + TEMPORARY)
    if ready.frames:
        moving: dict[str, Any] = {"duration": ready.durations_ms, "loop": ready.loop}
        moving |= {"save_all": True, "append_images": ready.frames[1:]}
        total = _write(ready.frames[0], whole, **moving)
    else:
        total = _write(still, whole, lossless=ready.few_colours)
    wanted = [(f"-{width}", width) for width in WIDTHS if width < still.width]
    if ready.frames:
        wanted.append(("-still", still.width))
    sizes = []
    # From large to small: each is made from the one before, which is quicker and as good.
    rendition = still
    for suffix, width in reversed(wanted):
        if width < rendition.width:
            size = (width, max(1, round(still.height * width / still.width)))
            rendition = rendition.resize(size, reducing_gap=2.0)
        path = folder / (file_name(stem, suffix) + TEMPORARY)
        total += _write(rendition, path, lossless=ready.few_colours and rendition is still)
        sizes.append({"suffix": suffix, "width": rendition.width, "height": rendition.height})
    return {
        "width": still.width,
        "height": still.height,
        "sizes": sizes[::-1],
        "thumbhash": _thumbhash(rendition),
        "animated": bool(ready.frames),
        "bytes": total,
    }


def _write(image: Image.Image, path: Path, **options: Any) -> int:
    encoded = io.BytesIO()
    image.save(encoded, "WEBP", quality=_QUALITY, method=_EFFORT, **options)
    with path.open("xb") as file:
        file.write(_with_alpha_flag(bytearray(encoded.getvalue()), image.mode))
        file.flush()
        os.fsync(file.fileno())
        return file.tell()


def _with_alpha_flag(webp: bytearray, mode: str) -> bytearray:
    # The encoder of animations forgets it where each frame covers its own opaque rectangle;
    # players would then show black where nothing was drawn.
    if mode == "RGBA" and webp[12:16] == b"VP8X":
        webp[_FLAGS_AT] |= _ALPHA_FLAG
    return webp


def _thumbhash(image: Image.Image) -> str:
    small = image.resize(_within(image.size, _HASH_SIDE), reducing_gap=2.0).convert("RGBA")
    encoded = thash.rgba_to_thumb_hash(small.width, small.height, list(small.tobytes()))
    return base64.b64encode(bytes(encoded)).decode("ascii")


def _within(size: tuple[int, int], side: int) -> tuple[int, int]:
    scale = min(1.0, side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _answer(job: dict[str, Any]) -> dict[str, Any]:
    source, folder = Path(job.pop("source")), Path(job.pop("folder"))
    try:
        return develop(source, folder=folder, **job)
    except Refused as refused:
        return {"refused": refused.why, "detail": refused.detail}
    except MemoryError:
        return {"refused": "memory"}


def _die_with(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(1)


def main(parent: int, memory_bytes: int) -> None:
    """Answer one JSON line for each that comes in, until the other side is gone."""
    _die_with(parent)
    os.nice(5)  # delivering posts comes first
    if sys.platform == "linux":  # elsewhere the limit is refused, or is not kept
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    Image.MAX_IMAGE_PIXELS = PIXELS_MAX
    # Whatever a library prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    for line in sys.stdin:
        answers.write(json.dumps(_answer(json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
