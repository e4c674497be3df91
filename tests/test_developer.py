"""What becomes of a picture's pixels, turn, colours, transparency and motion."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from realtime import developer
from realtime.developer import Refused
from tests import pictures

STEM = "0123456789abcdef" * 2
LIMIT = 50_000_000


def develop(folder: Path, picture: bytes, format: str) -> dict[str, Any]:
    source = folder / "source"
    source.write_bytes(picture)
    return developer.develop(source, format, folder, STEM, LIMIT)


def refused(folder: Path, picture: bytes, format: str) -> str:
    with pytest.raises(Refused) as caught:
        develop(folder, picture, format)
    return caught.value.why


def kept(folder: Path, which: int | str | None = None) -> Image.Image:
    suffix = "" if which is None else f"-{which}"
    image = pictures.opened(folder, f"{STEM}{suffix}.webp.tmp")
    assert image.format == "WEBP"
    return image


def pixel(image: Image.Image, x: int, y: int) -> tuple[int, ...]:
    value = image.convert("RGBA").getpixel((x, y))
    assert isinstance(value, tuple)
    return value


def near(one: tuple[int, ...], two: tuple[int, ...], by: int = 24) -> bool:
    return all(abs(a - b) <= by for a, b in zip(one, two, strict=False))


@pytest.mark.parametrize("format", pictures.KINDS)
def test_every_accepted_format_is_kept_as_webp(tmp_path: Path, format: str) -> None:
    facts = develop(tmp_path, pictures.photo(400, 300, format), format)
    assert (facts["width"], facts["height"], facts["animated"]) == (400, 300, False)
    assert facts["sizes"] == [{"suffix": "-320", "width": 320, "height": 240}]
    assert kept(tmp_path).size == (400, 300)
    assert kept(tmp_path, 320).size == (320, 240)
    original = pictures.gradient(400, 300)
    for at in ((20, 20), (380, 20), (200, 280)):
        assert near(pixel(kept(tmp_path), *at), pixel(original, *at))


@pytest.mark.parametrize(
    ("size", "bounded", "widths"),
    [
        ((100, 50), (100, 50), []),
        ((320, 240), (320, 240), []),
        ((321, 240), (321, 240), [320]),
        ((1_281, 10), (1_281, 10), [320, 640, 1_280]),
        ((3_000, 1_500), (2_048, 1_024), [320, 640, 1_280]),
        ((4_000, 3_000), (2_000, 1_500), [320, 640, 1_280]),
        ((4_100, 100), (2_048, 50), [320, 640, 1_280]),
        ((100, 4_000), (51, 2_048), []),
        ((30_000, 1), (2_048, 1), [320, 640, 1_280]),
        ((1, 1), (1, 1), []),
    ],
)
def test_sides_are_bounded_and_narrower_ones_made(
    tmp_path: Path, size: tuple[int, int], bounded: tuple[int, int], widths: list[int]
) -> None:
    format = "JPEG" if size == (4_000, 3_000) else "PNG"
    facts = develop(tmp_path, pictures.photo(*size, format), format)
    assert (facts["width"], facts["height"]) == kept(tmp_path).size == bounded
    assert [each["width"] for each in facts["sizes"]] == widths
    for each in facts["sizes"]:
        assert kept(tmp_path, each["width"]).size == (each["width"], each["height"])
    stored = sum(path.stat().st_size for path in tmp_path.glob("*.tmp"))
    assert facts["bytes"] == stored
    assert len(list(tmp_path.glob("*.tmp"))) == 1 + len(widths)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_stands_upright_and_says_nothing_more(tmp_path: Path, orientation: int) -> None:
    back = {2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}.get(orientation)
    stored = pictures.quarters()
    if back:
        stored = stored.transpose(developer._UPRIGHT[back])
    exif = pictures.with_exif(orientation)
    facts = develop(tmp_path, pictures.encoded(stored, "JPEG", exif=exif, quality=95), "JPEG")
    assert (facts["width"], facts["height"]) == (80, 40)
    image = kept(tmp_path)
    assert near(pixel(image, 10, 10), (255, 0, 0))
    assert near(pixel(image, 70, 10), (0, 128, 0))
    assert near(pixel(image, 10, 30), (0, 0, 255))
    assert near(pixel(image, 70, 30), (255, 255, 255))
    assert not image.getexif()


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_place_comment_and_profile_are_gone(tmp_path: Path, format: str) -> None:
    picture = pictures.photo(
        400,
        300,
        format,
        exif=pictures.with_exif(),
        icc_profile=pictures.swapped_profile(),
        **({} if format == "PNG" else {"xmp": b"<x:xmpmeta>" + pictures.SECRET}),
    )
    assert pictures.SECRET in picture
    develop(tmp_path, picture, format)
    for path in tmp_path.glob("*.tmp"):
        stored = path.read_bytes()
        assert pictures.SECRET not in stored
        assert not any(mark in stored for mark in (b"EXIF", b"Exif", b"XMP ", b"ICCP", b"acsp"))
        with Image.open(path) as image:
            assert not image.getexif()
            assert not {"exif", "xmp", "icc_profile", "comment"} & set(image.info)


@pytest.mark.parametrize(("format", "mode"), [("JPEG", "RGB"), ("PNG", "RGB"), ("PNG", "RGBA")])
def test_colours_of_another_profile_are_made_srgb(tmp_path: Path, format: str, mode: str) -> None:
    image = Image.new("RGB", (64, 64), "red").convert(mode)
    if mode == "RGBA":
        image.putpixel((0, 0), (0, 0, 0, 0))
    picture = pictures.encoded(image, format, icc_profile=pictures.swapped_profile())
    develop(tmp_path, picture, format)
    assert kept(tmp_path).mode == mode
    assert near(pixel(kept(tmp_path), 32, 32), (0, 255, 0, 255))


def test_a_cmyk_photo_keeps_its_colours(tmp_path: Path) -> None:
    cmyk = Image.new("CMYK", (64, 64), (0, 255, 255, 0))
    develop(tmp_path, pictures.encoded(cmyk, "JPEG", quality=95), "JPEG")
    assert kept(tmp_path).mode == "RGB"
    assert near(pixel(kept(tmp_path), 32, 32), (255, 0, 0))


@pytest.mark.parametrize(("level", "grey"), [(0, 0), (65_535, 255), (32_896, 128), (300, 1)])
def test_a_png_of_16_bits_keeps_its_brightness(tmp_path: Path, level: int, grey: int) -> None:
    deep = Image.new("I;16", (64, 64), level)
    develop(tmp_path, pictures.encoded(deep, "PNG"), "PNG")
    assert near(pixel(kept(tmp_path), 32, 32), (grey, grey, grey), by=2)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_a_png_of_any_mode_can_be_kept(tmp_path: Path, mode: str) -> None:
    picture = pictures.encoded(pictures.gradient(64, 64).convert(mode), "PNG")
    facts = develop(tmp_path, picture, "PNG")
    assert facts["width"] == 64


def test_a_palette_with_a_transparent_colour_stays_transparent(tmp_path: Path) -> None:
    image = Image.new("P", (64, 64), 0)
    image.putpalette([255, 0, 0, 0, 0, 255] + [0] * 750)
    image.paste(1, (32, 0, 64, 64))
    for format in ("PNG", "GIF"):
        develop(tmp_path, pictures.encoded(image, format, transparency=0), format)
        stored = kept(tmp_path)
        assert stored.mode == "RGBA"
        assert pixel(stored, 5, 5)[3] == 0
        assert pixel(stored, 60, 5) == (0, 0, 255, 255)
        for path in tmp_path.glob("*.tmp"):
            path.unlink()


def test_a_transparent_png_stays_so_in_every_size(tmp_path: Path) -> None:
    image = pictures.gradient(800, 600).convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 400, 600))
    develop(tmp_path, pictures.encoded(image, "PNG"), "PNG")
    for width in (None, 640, 320):
        stored = kept(tmp_path, width)
        assert pixel(stored, 10, 10)[3] == 0
        assert pixel(stored, stored.width - 10, 10)[3] == 255


def test_full_opacity_is_not_kept(tmp_path: Path) -> None:
    picture = pictures.encoded(pictures.gradient(64, 64).convert("RGBA"), "PNG")
    develop(tmp_path, picture, "PNG")
    assert kept(tmp_path).mode == "RGB"


def test_a_drawing_keeps_each_pixel(tmp_path: Path) -> None:
    image = Image.new("RGB", (300, 200), "white")
    for x in range(0, 300, 3):
        image.paste("black", (x, 0, x + 1, 200))
    develop(tmp_path, pictures.encoded(image, "PNG"), "PNG")
    assert kept(tmp_path).tobytes() == image.tobytes()


def test_the_thumbhash_is_short_and_of_this_picture(tmp_path: Path) -> None:
    red = develop(tmp_path, pictures.encoded(Image.new("RGB", (400, 300), "red"), "PNG"), "PNG")
    for path in tmp_path.glob("*.tmp"):
        path.unlink()
    blue = develop(tmp_path, pictures.encoded(Image.new("RGB", (400, 300), "blue"), "PNG"), "PNG")
    assert red["thumbhash"] != blue["thumbhash"]
    assert 5 <= len(base64.b64decode(red["thumbhash"], validate=True)) <= 30


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG", "AVIF"])
def test_what_moves_is_kept_moving_with_stills_beside_it(tmp_path: Path, format: str) -> None:
    facts = develop(tmp_path, pictures.animation(4, format, size=(400, 300)), format)
    assert facts["animated"]
    assert facts["sizes"] == [
        {"suffix": "-320", "width": 320, "height": 240},
        {"suffix": "-still", "width": 400, "height": 300},
    ]
    with Image.open(tmp_path / f"{STEM}.webp.tmp") as moving:
        assert (moving.format, moving.size, getattr(moving, "n_frames", 1)) == (
            "WEBP",
            (400, 300),
            4,
        )
        assert moving.info["loop"] == 0
        moving.seek(2)
        moving.load()
        assert moving.info["duration"] == 70
    for which in (320, "still"):
        still = kept(tmp_path, which)
        assert getattr(still, "n_frames", 1) == 1
        assert near(pixel(still, 10, 10), (0, 128, 128))


@pytest.mark.parametrize(("shown", "moves"), [(1, False), (2, True)])
def test_what_an_apng_shows_to_those_who_cannot_play_it_is_left_out(
    tmp_path: Path, shown: int, moves: bool
) -> None:
    fallback = Image.new("RGB", (32, 24), "white")
    apng = pictures.encoded(
        fallback, "PNG", save_all=True, append_images=pictures.frames(shown), default_image=True
    )
    assert develop(tmp_path, apng, "PNG")["animated"] == moves
    assert near(pixel(kept(tmp_path, "still" if moves else None), 10, 10), (0, 128, 128))


def test_a_moving_picture_keeps_its_transparency_and_plays_once_if_told(tmp_path: Path) -> None:
    drawn = []
    for number in range(3):
        image = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
        image.paste((255, 0, 0, 255), (number * 20, 0, number * 20 + 20, 64))
        drawn.append(image)
    first, *rest = drawn
    gif = pictures.encoded(first, "GIF", save_all=True, append_images=rest, duration=0, disposal=2)
    develop(tmp_path, gif, "GIF")
    with Image.open(tmp_path / f"{STEM}.webp.tmp") as moving:
        assert moving.info["loop"] == 1
        moving.seek(1)
        moving.load()
        assert moving.info["duration"] == 100  # as browsers play what says 0
        assert pixel(moving, 5, 5)[3] == 0
        assert near(pixel(moving, 30, 5), (255, 0, 0, 255))


def test_a_large_moving_picture_is_made_smaller(tmp_path: Path) -> None:
    facts = develop(tmp_path, pictures.animation(3, size=(1_600, 1_200)), "GIF")
    assert (facts["width"], facts["height"]) == (800, 600)


def test_300_frames_are_kept_and_301_are_not(tmp_path: Path) -> None:
    facts = develop(tmp_path, pictures.animation(300), "GIF")
    assert facts["animated"]
    with Image.open(tmp_path / f"{STEM}.webp.tmp") as moving:
        assert getattr(moving, "n_frames", 1) == 300
    for format in ("GIF", "WEBP", "PNG"):
        assert refused(tmp_path, pictures.animation(301, format), format) == "frames"


def test_frames_are_bounded_in_pixels_too(tmp_path: Path) -> None:
    assert refused(tmp_path, pictures.gif_bomb(26, 2_000, 2_000), "GIF") == "frames"
    assert develop(tmp_path, pictures.gif_bomb(26, 200, 200), "GIF")["animated"]


@pytest.mark.parametrize("count", [1, 2, 7, 40])
def test_gif_frames_are_counted_without_decoding(count: int) -> None:
    gif = pictures.animation(count)
    assert developer.count_gif_frames(gif, 301) == count
    assert developer.count_gif_frames(gif, 5) == min(count, 5)


def test_a_million_frames_are_not_all_counted() -> None:
    assert developer.count_gif_frames(pictures.gif_bomb(1_000_000, 9, 9), 301) == 301


@given(st.binary(max_size=200))
def test_counting_gif_frames_ends_on_anything(tail: bytes) -> None:
    assert developer.count_gif_frames(b"GIF89a" + tail, 301) <= 301
    assert developer.count_gif_frames(pictures.animation(2)[:-1] + tail, 301) >= 2


def test_too_many_pixels_are_refused_before_decoding(tmp_path: Path) -> None:
    assert refused(tmp_path, pictures.jpeg_of(20_000, 20_000), "JPEG") == "pixels"
    assert refused(tmp_path, pictures.jpeg_of(8_000, 7_000), "JPEG") == "pixels"


def test_a_photo_with_a_preview_behind_it_is_the_photo(tmp_path: Path) -> None:
    main, preview = pictures.gradient(400, 300), pictures.gradient(40, 30)
    mpo = pictures.encoded(main, "MPO", save_all=True, append_images=[preview])
    facts = develop(tmp_path, mpo, "JPEG")
    assert (facts["width"], facts["animated"]) == (400, False)


@pytest.mark.parametrize("format", pictures.KINDS)
def test_half_a_file_is_no_picture(tmp_path: Path, format: str) -> None:
    whole = pictures.photo(200, 200, format)
    for cut in (0.1, 0.5, 0.9):
        assert refused(tmp_path, whole[: int(len(whole) * cut)], format) == "picture"


def test_a_broken_profile_or_orientation_is_no_reason_to_refuse(tmp_path: Path) -> None:
    exif = b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\xff" * 40
    picture = pictures.photo(64, 64, exif=exif, icc_profile=b"not a profile" * 20)
    assert develop(tmp_path, picture, "JPEG")["width"] == 64


def test_a_full_disk_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / f"{STEM}-320.webp.tmp").mkdir()
    assert refused(tmp_path, pictures.photo(), "JPEG") == "disk"


@pytest.mark.timeout(60)
def test_no_polyglot_keeps_its_other_half(tmp_path: Path) -> None:
    count = 0
    for name, polyglot in pictures.polyglots():
        format = name.split()[0]
        try:
            develop(tmp_path, polyglot, format)
        except Refused as refusal:
            assert refusal.why == "picture", name
        for path in tmp_path.glob("*.tmp"):
            stored = path.read_bytes()
            assert not any(mark in stored for mark in (b"script", b"<?php", b"%PDF", b"PK\x03")), (
                name
            )
            assert int.from_bytes(stored[4:8], "little") + 8 == len(stored), name
            path.unlink()
        count += 1
    assert count >= 200
