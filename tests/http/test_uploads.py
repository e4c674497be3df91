"""Pictures come in counted, are kept only when they are pictures, and leave nothing behind."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from realtime.config import Config
from realtime.errors import Unavailable
from realtime.http import uploads
from realtime.media import BYTES_MAX
from realtime.store import media as pictures
from realtime.store.database import OutcomeUnknown
from tests.client import person
from tests.http.site import Site, assert_refused, cookie, register
from tests.pictures import GPS, SECRET, not_pictures, photo, png_of, polyglots, with_exif
from tests.server import serving as whole

BOUNDARY = "b0undary"
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


@pytest.fixture
async def ada(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with site.browser() as client:
        await register(client, "ada")
        yield client


@pytest.fixture
async def eve(small_site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """As Ada, where the database does not matter."""
    async with small_site.browser() as client:
        await register(client, "eve")
        yield client


def left(site: Site) -> list[str]:
    return sorted(path.name for path in site.house.config.uploads.iterdir())


async def rows(site: Site) -> int:
    count: int = await site.house.database.fetch_val("SELECT count(*) FROM media")
    return count


def part(name: str, body: bytes, more: str = "") -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return head.encode() + body + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


async def test_a_picture_comes_back_ready_to_be_named(site: Site, ada: httpx.AsyncClient) -> None:
    files = {"file": ("me & you.jpg", photo(1500, 1000), "image/jpeg")}
    answer = await ada.post("/api/media", files=files, data={"alt": " Two\r\npeople "})

    assert answer.status_code == 201
    media = answer.json()["media"]
    assert media["kind"] == "media"
    assert (media["type"], media["width"], media["height"]) == ("image/webp", 1500, 1000)
    assert media["alt"] == "Two\npeople"
    assert not media["animated"] and media["thumbhash"]
    assert [size["width"] for size in media["sizes"]] == [320, 640, 1280]
    urls = [media["url"], *(size["url"] for size in media["sizes"])]
    assert sorted(url.removeprefix("/media/") for url in urls) == left(site)
    for url in urls:
        served = await ada.get(url)
        assert served.status_code == 200
        assert served.headers["content-type"] == "image/webp"
        assert served.content[8:12] == b"WEBP"
    row = await site.house.database.fetch_one("SELECT owner_id, post_id, is_avatar FROM media")
    assert row is not None and row["post_id"] is None and not row["is_avatar"]


async def test_nothing_of_the_uploader_is_in_the_files(
    small_site: Site, eve: httpx.AsyncClient
) -> None:
    exif = with_exif(orientation=6)
    exif.get_ifd(0x8825).update(GPS)
    name = "../../etc/passwd\0.php"
    answer = await eve.post(
        "/api/media", files={"file": (name, photo(exif=exif.tobytes()), "text/html")}
    )

    assert answer.status_code == 201
    media = answer.json()["media"]
    assert (media["width"], media["height"]) == (300, 400)  # upright
    for file in left(small_site):
        content = (small_site.house.config.uploads / file).read_bytes()
        assert SECRET not in content and b"GPS" not in content and b"Exif" not in content


async def test_every_kind_of_disguise_is_refused_or_defused(
    small_site: Site, eve: httpx.AsyncClient
) -> None:
    for label, content in not_pictures().items():
        answer = await eve.post("/api/media", files={"file": (f"{label}.png", content)})
        assert answer.status_code in (415, 422), label
        assert answer.json()["field"] == "file"
    assert left(small_site) == []
    for label, content in list(polyglots())[:12]:
        answer = await eve.post("/api/media", files={"file": (f"{label}.html", content)})
        assert answer.status_code in (201, 415), label
    for file in left(small_site):
        assert b"<script" not in (small_site.house.config.uploads / file).read_bytes()


async def test_what_is_no_picture_is_415(small_site: Site, eve: httpx.AsyncClient) -> None:
    for content in (b"", b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>"):
        assert_refused(
            await eve.post("/api/media", files={"file": content}), 415, "invalid", "file"
        )
    assert left(small_site) == []


async def test_too_many_pixels_are_422_at_once(small_site: Site, eve: httpx.AsyncClient) -> None:
    began = time.perf_counter()
    answer = await eve.post("/api/media", files={"file": png_of(20_000, 20_000)})

    assert_refused(answer, 422, "invalid", "file")
    assert time.perf_counter() - began < 2
    assert left(small_site) == []


async def test_too_many_bytes_are_413_at_once(small_site: Site, eve: httpx.AsyncClient) -> None:
    """Told after 16 MiB, although the sender has announced nothing and does not stop."""
    port = int(small_site.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        f"POST /api/media HTTP/1.1\r\nHost: {small_site.host}\r\nOrigin: {small_site.url}\r\n"
        f"Cookie: {cookie(eve)}\r\nContent-Type: {FORM['Content-Type']}\r\n"
        "Transfer-Encoding: chunked\r\n\r\n"
    )
    writer.write(head.encode())
    chunk = b"x" * 2**20

    async def send(content: bytes) -> None:
        writer.write(b"%x\r\n%s\r\n" % (len(content), content))
        await writer.drain()

    async with asyncio.timeout(30):
        await send(part("file", photo(), '; filename="big.jpg"')[:-2])
        answered = asyncio.create_task(reader.readuntil(b"\r\n\r\n"))
        sent = 0
        while not answered.done() and sent < 40:
            await send(chunk)
            sent += 1
            await asyncio.sleep(0)
        status = await answered
    writer.close()

    assert b" 413 " in status
    assert sent <= 32  # what the kernel holds of it included
    assert left(small_site) == []


async def test_too_many_bytes_that_are_announced_are_not_waited_for(
    small_site: Site, eve: httpx.AsyncClient
) -> None:
    port = int(small_site.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        f"POST /api/media HTTP/1.1\r\nHost: {small_site.host}\r\nOrigin: {small_site.url}\r\n"
        f"Cookie: {cookie(eve)}\r\nContent-Type: {FORM['Content-Type']}\r\n"
        "Content-Length: 100000000\r\nConnection: close\r\n\r\n"
    )
    writer.write(head.encode())
    async with asyncio.timeout(10):
        answer = await reader.readuntil(b"}")
    writer.close()

    assert b" 413 " in answer
    assert b'"too_long"' in answer and b'"file"' in answer


async def test_exactly_16_mib_are_not_too_many(small_site: Site, eve: httpx.AsyncClient) -> None:
    full = photo().ljust(BYTES_MAX, b"\0")
    fits = await eve.post("/api/media", files={"file": full})
    over = await eve.post("/api/media", files={"file": full + b"\0"})

    assert fits.status_code == 201
    assert_refused(over, 413, "too_long", "file")


NOT_FORMS: list[tuple[bytes, tuple[int, str, str | None]]] = [
    (b"", (400, "invalid", None)),
    (b"no form at all", (400, "invalid", None)),
    (form(), (422, "invalid", "file")),
    (form(part("alt", b"a cat")), (422, "invalid", "file")),
    (form(part("file", b"x"), part("file", b"y")), (422, "invalid", "file")),
    (form(part("alt", b"x"), part("alt", b"y")), (422, "invalid", "alt")),
    (form(part("file", photo()), part("owner", b"7")), (422, "invalid", "owner")),
    (form(part("file", photo()), part("alt", b"\xff")), (422, "invalid", "alt")),
    (form(part("file", photo()), part("alt", b"x" * 1501)), (422, "too_long", "alt")),
    (form(part("file", photo()), part("alt", b"x" * 100_000)), (422, "too_long", "alt")),
    (form(part("file", photo()), part("alt", b"nul\0")), (422, "invalid", "alt")),
    (part("file", photo()), (400, "invalid", None)),  # the end is missing
    (form(part("file", photo())).replace(b"\r\n\r\n", b"\r\n", 1), (400, "invalid", None)),
]


async def test_a_form_that_is_wrong_is_told_what_is_wrong(
    small_site: Site, eve: httpx.AsyncClient, subtests: pytest.Subtests
) -> None:
    for body, expected in NOT_FORMS:
        with subtests.test(body=body):
            answer = await eve.post("/api/media", content=body, headers=FORM)

            assert_refused(answer, *expected)
            assert left(small_site) == []
            assert await rows(small_site) == 0


OTHER_KINDS: list[str] = [
    "application/json",
    "image/png",
    "multipart/form-data",
    "multipart/mixed; boundary=x",
]


async def test_only_a_multipart_form_is_read(
    small_site: Site, eve: httpx.AsyncClient, subtests: pytest.Subtests
) -> None:
    for kind in OTHER_KINDS:
        with subtests.test(kind=kind):
            answer = await eve.post("/api/media", content=photo(), headers={"Content-Type": kind})

            assert_refused(answer, 415, "invalid", "file")


async def test_a_form_in_one_byte_pieces_is_the_same_form(
    small_site: Site, eve: httpx.AsyncClient
) -> None:
    body = form(part("alt", b"a \xf0\x9f\x90\x88"), part("file", photo(40, 30)))

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(len(body)):
            yield body[at : at + 1]

    answer = await eve.post("/api/media", content=pieces(), headers=FORM)

    assert answer.status_code == 201
    assert answer.json()["media"]["alt"] == "a 🐈"


async def test_an_upload_that_breaks_off_leaves_nothing(
    small_site: Site, eve: httpx.AsyncClient
) -> None:
    port = int(small_site.url.rpartition(":")[2])
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        (
            f"POST /api/media HTTP/1.1\r\nHost: {small_site.host}\r\nOrigin: {small_site.url}\r\n"
            f"Cookie: {cookie(eve)}\r\nContent-Type: {FORM['Content-Type']}\r\n"
            "Content-Length: 1000000\r\n\r\n"
        ).encode()
        + part("file", b"x" * 500_000)
    )
    await writer.drain()
    await folder_has(small_site, 1)
    writer.close()
    await folder_has(small_site, 0)


async def folder_has(site: Site, count: int, within_s: float = 10) -> None:
    """Wait until there are so many files."""
    for _ in range(int(within_s / 0.01)):
        if len(left(site)) == count:
            return
        await asyncio.sleep(0.01)
    raise TimeoutError(f"{len(left(site))} files instead of {count}")


async def test_a_full_disk_is_503_and_leaves_nothing(
    small_site: Site, eve: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await eve.post("/api/media", files={"file": photo()})
    before = left(small_site)
    real = Path.open

    def onto_a_full_disk(self: Path, mode: str = "r", *more: Any, **others: Any) -> Any:
        if mode == "xb":
            self.touch()
            return real(Path("/dev/full"), "wb", buffering=0)
        return real(self, mode, *more, **others)

    monkeypatch.setattr(Path, "open", onto_a_full_disk)
    answer = await eve.post("/api/media", files={"file": photo()})
    monkeypatch.undo()

    assert_refused(answer, 503, "unavailable")
    assert left(small_site) == before
    assert await rows(small_site) == 1
    assert (await eve.post("/api/media", files={"file": photo()})).status_code == 201


async def test_a_picture_that_cannot_be_written_down_leaves_no_files(
    site: Site, ada: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def down(*_: Any) -> None:
        raise Unavailable("the database is down, for this test")

    monkeypatch.setattr(pictures, "insert", down)
    answer = await ada.post("/api/media", files={"file": photo()})

    assert_refused(answer, 503, "unavailable")
    assert left(site) == []
    assert await rows(site) == 0


async def test_files_stay_when_nobody_knows_whether_they_were_written_down(
    small_site: Site, eve: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unknown(*_: Any, **__: Any) -> None:
        raise OutcomeUnknown("for this test")

    monkeypatch.setattr(pictures, "insert", unknown)
    answer = await eve.post("/api/media", files={"file": photo()})

    assert_refused(answer, 503, "unavailable")
    assert len(left(small_site)) == 2  # the sweep knows what no row names


async def test_a_crash_after_the_picture_was_developed_leaves_no_row(
    small_site: Site, eve: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(*_: Any) -> None:
        raise RuntimeError("for this test")

    monkeypatch.setattr(uploads, "_written_down", crash)
    answer = await eve.post("/api/media", files={"file": photo()})

    assert_refused(answer, 500, "internal")
    assert await rows(small_site) == 0


async def test_only_what_this_machine_can_decode_is_offered_and_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.init()
    monkeypatch.delitem(Image.OPEN, "AVIF")
    config = Config(
        database_url=f"sqlite:///{tmp_path / 'test.db'}",
        uploads=tmp_path / "uploads",
        secret_keys=("a key for tests, of at least 32 characters",),
    )
    async with whole(config) as running, person(running.url, "ada") as ada, ada.window() as window:
        types = window.welcome["limits"]["media_types"]
        assert types == ["image/gif", "image/jpeg", "image/png", "image/webp"]
        for kind in types:
            format = kind.removeprefix("image/").upper()
            assert (await ada.upload(photo(8, 8, format)))["type"] == "image/webp"
        avif = {"file": ("a.avif", photo(8, 8, "AVIF"))}
        refused = await ada.http.post("/api/media", files=avif)
    assert_refused(refused, 415, "invalid", "file")
    assert refused.json()["message"] == "A picture is a JPEG, PNG, WebP or GIF file."
