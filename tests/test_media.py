"""What a picture may be, and the files that belong to one."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime import media
from realtime.errors import Unavailable
from realtime.media import Facts, Rendition
from tests import pictures

STEM = "0123456789abcdef" * 2


@pytest.mark.parametrize("format", pictures.KINDS)
def test_accepted_pictures_are_known_by_their_first_bytes(format: str) -> None:
    assert media.sniff(pictures.photo(8, 8, format)[:32]) == pictures.KINDS[format]


def test_a_moving_avif_is_known_too() -> None:
    assert media.sniff(pictures.animation(2, "AVIF")) == "image/avif"


@pytest.mark.parametrize(
    "head",
    [b"", b"\xff\xd8", b"RIFF\0\0\0\0WAVE", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", b"<svg", b"BM"],
)
def test_anything_else_is_unknown(head: bytes) -> None:
    assert media.sniff(head) is None


@given(st.binary(max_size=300))
def test_first_bytes_of_any_kind_are_judged_without_an_error(head: bytes) -> None:
    for start in (b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\0\0\0\0WEBP", b"\0\0\xff\xffftyp"):
        kind = media.sniff(start + head)
        assert kind is None or media.pixels(start + head, kind) >= 0


@pytest.mark.parametrize(
    ("picture", "kind"),
    [
        (pictures.png_of(20_000, 20_000), "image/png"),
        (pictures.gif_of(20_000, 20_000), "image/gif"),
        (pictures.webp_of(16_000, 16_000), "image/webp"),
    ],
)
def test_a_size_that_stands_in_the_header_is_read_there(picture: bytes, kind: str) -> None:
    assert media.sniff(picture) == kind
    assert media.pixels(picture[:64], kind) in (400_000_000, 256_000_000)


def test_every_format_can_be_opened_here() -> None:
    assert media.self_test() == frozenset(media.FORMATS)


@pytest.mark.parametrize(
    ("name", "is_ours"),
    [
        (f"{STEM}.webp", True),
        (f"{STEM}-320.webp", True),
        (f"{STEM}-still.webp", True),
        (f"{STEM}-321.webp", False),
        (f"{STEM}.webp.tmp", False),
        (f"{STEM}.html", False),
        (f"{STEM.upper()}.webp", False),
        (f"../{STEM}.webp", False),
        (f"{STEM}.webp\n", False),
        (f"{STEM}.webp\0", False),
        ("../../etc/passwd", False),
        ("%2e%2e/x", False),
        ("x" * 300, False),
        ("", False),
    ],
)
def test_only_names_that_we_make_are_ours(name: str, is_ours: bool) -> None:
    assert media.is_file_name(name) == is_ours


@pytest.mark.parametrize("suffix", media.SUFFIXES)
def test_every_name_that_we_make_is_ours(suffix: str) -> None:
    assert media.is_file_name(media.file_name(STEM, suffix))


def test_facts_name_every_file() -> None:
    facts = Facts("image/webp", "a", 640, 480, (Rendition("b", 320, 240),), "", False, 9)
    assert facts.files == ("a", "b")


def test_removing_is_idempotent(tmp_path: Path) -> None:
    (tmp_path / f"{STEM}.webp").touch()
    (tmp_path / "other").touch()
    for _ in range(2):
        media.remove(tmp_path, [f"{STEM}.webp", f"{STEM}-320.webp"])
        assert [path.name for path in tmp_path.iterdir()] == ["other"]


def test_nothing_outside_the_folder_can_be_removed(tmp_path: Path) -> None:
    folder = tmp_path / "uploads"
    folder.mkdir()
    kept = [tmp_path / "precious", folder / f"{STEM}.webp"]
    for path in kept:
        path.touch()
    with pytest.raises(ValueError, match="precious"):
        media.remove(folder, [f"{STEM}.webp", "../precious"])
    assert all(path.exists() for path in kept)


def test_a_disk_that_refuses_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / f"{STEM}.webp").mkdir()
    with pytest.raises(Unavailable):
        media.remove(tmp_path, [f"{STEM}.webp"])


def test_sweeping_takes_old_unfinished_files_only(tmp_path: Path) -> None:
    an_hour_ago = time.time() - 3_600
    names = [f"{STEM}.webp.tmp", f"{STEM}.tmp", f"{STEM}.webp", f"{STEM}-320.webp", "other"]
    for name in names:
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (an_hour_ago, an_hour_ago))
    (tmp_path / "young.webp.tmp").touch()
    assert media.stored(tmp_path, older_than_s=60) == {f"{STEM}.webp", f"{STEM}-320.webp"}
    assert media.stored(tmp_path, older_than_s=7_200) == set()
    assert media.sweep_temporary(tmp_path, older_than_s=60) == 2
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == sorted([*names[2:], "young.webp.tmp"])
    assert media.sweep_temporary(tmp_path, older_than_s=60) == 0
