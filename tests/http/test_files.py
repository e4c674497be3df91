"""Pictures and bundles go out whole, in ranges, or not at all when the browser has them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from realtime.headers import MEDIA_POLICY
from realtime.http.files import matches
from tests.http.site import Site, assert_refused

NAME = f"{'0123456789abcdef' * 2}.webp"
CONTENT = bytes(range(256)) * 4_000  # in several pieces


@pytest.fixture
async def site(small_site: Site) -> Site:
    (small_site.house.config.uploads / NAME).write_bytes(CONTENT)
    return small_site


async def get(site: Site, path: str = f"/media/{NAME}", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with site.program() as client:
        return await client.get(path, headers=named)


async def test_a_picture_may_be_kept_for_ever_and_do_nothing(site: Site) -> None:
    answer = await get(site)

    assert answer.status_code == 200
    assert answer.content == CONTENT
    headers = answer.headers
    assert headers["content-type"] == "image/webp"
    assert headers["content-length"] == str(len(CONTENT))
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    assert headers["content-security-policy"] == MEDIA_POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["accept-ranges"] == "bytes"


async def test_a_picture_that_the_browser_has_is_not_sent_again(site: Site) -> None:
    etag = (await get(site)).headers["etag"]
    again = await get(site, If_None_Match=etag)
    weak = await get(site, If_None_Match=f'"other", W/{etag}')
    other = await get(site, If_None_Match='"other"')

    for answer in (again, weak):
        assert answer.status_code == 304
        assert answer.content == b""
        assert answer.headers["etag"] == etag
        assert "immutable" in answer.headers["cache-control"]
        assert "content-length" not in answer.headers
    assert other.status_code == 200


SIZE = len(CONTENT)


RANGES: list[tuple[str, int, int]] = [
    ("bytes=0-0", 0, 1),
    ("bytes=100-199", 100, 200),
    ("bytes=1023000-", 1_023_000, SIZE),
    ("bytes=-500", SIZE - 500, SIZE),
    ("bytes=0-99999999", 0, SIZE),
    ("bytes=-99999999", 0, SIZE),
    ("bytes=100-700000", 100, 700_001),
]


async def test_a_range_is_sent_alone(site: Site, subtests: pytest.Subtests) -> None:
    for asked, start, end in RANGES:
        with subtests.test(asked=asked):
            answer = await get(site, Range=asked)

            assert answer.status_code == 206
            assert answer.content == CONTENT[start:end]
            assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{SIZE}"
            assert answer.headers["content-length"] == str(end - start)


RANGES_BEYOND: list[str] = [f"bytes={SIZE}-", "bytes=9999999-99999999", "bytes=-0"]


async def test_a_range_that_is_not_there_is_416(site: Site, subtests: pytest.Subtests) -> None:
    for asked in RANGES_BEYOND:
        with subtests.test(asked=asked):
            answer = await get(site, Range=asked)

            assert answer.status_code == 416
            assert answer.headers["content-range"] == f"bytes */{SIZE}"
            assert answer.content == b""


NOT_RANGES: list[str] = [
    "bytes=",
    "bytes=-",
    "bytes=a-b",
    "lines=1-2",
    "bytes=0-1,5-6",
    "bytes=5-" + "9" * 40,
]


async def test_what_is_no_single_range_is_answered_whole(
    site: Site, subtests: pytest.Subtests
) -> None:
    for asked in NOT_RANGES:
        with subtests.test(asked=asked):
            answer = await get(site, Range=asked)

            assert answer.status_code == 200
            assert answer.content == CONTENT


async def test_a_range_of_another_version_is_answered_whole(site: Site) -> None:
    etag = (await get(site)).headers["etag"]

    assert (await get(site, Range="bytes=0-9", If_Range=etag)).status_code == 206
    assert (await get(site, Range="bytes=0-9", If_Range='"other"')).status_code == 200


async def test_head_tells_the_size_only(site: Site) -> None:
    async with site.program() as client:
        answer = await client.head(f"/media/{NAME}")

    assert answer.status_code == 200
    assert answer.content == b""
    assert answer.headers["content-length"] == str(SIZE)


async def test_a_deleted_picture_is_not_found_even_if_it_was_kept(site: Site) -> None:
    etag = (await get(site)).headers["etag"]
    (site.house.config.uploads / NAME).unlink()

    assert_refused(await get(site), 404, "not_found")
    assert_refused(await get(site, If_None_Match=etag), 404, "not_found")
    assert (await get(site)).headers["cache-control"] == "no-store"


NOT_NAMES: list[str] = [
    "..%2ftest.db",
    "%2e%2e%2ftest.db",
    "%2e%2e",
    "..",
    f"{NAME}%00",
    f"{NAME}%0a",
    NAME.upper(),
    NAME.replace("webp", "html"),
    "x" * 3_000,
    "realtime.keys",
    f"{'0' * 32}.webp.tmp",
    "%ff%fe",
    "",
]


async def test_only_names_of_our_making_are_looked_up(
    site: Site, subtests: pytest.Subtests
) -> None:
    for name in NOT_NAMES:
        with subtests.test(name=name):
            (site.house.config.uploads / "realtime.keys").write_text("secret")
            (site.house.config.uploads / f"{'0' * 32}.webp.tmp").write_text("half a picture")
            port = int(site.url.rpartition(":")[2])
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(
                f"GET /media/{name} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
            )
            async with asyncio.timeout(5):
                answer = await reader.read()
            writer.close()

            assert answer.startswith(b"HTTP/1.1 404 ")
            assert b'"code":"not_found"' in answer


async def test_a_folder_or_a_link_to_one_is_no_file(site: Site) -> None:
    (site.house.config.uploads / f"{'1' * 32}.webp").mkdir()
    (site.house.config.uploads / f"{'2' * 32}.webp").symlink_to("/")

    for digit in "12":
        assert_refused(await get(site, f"/media/{digit * 32}.webp"), 404, "not_found")


async def test_a_picture_that_is_deleted_while_it_is_sent_arrives_whole(site: Site) -> None:
    async with (
        site.program() as client,
        client.stream("GET", f"/media/{NAME}") as answer,
    ):
        (site.house.config.uploads / NAME).unlink()
        assert await answer.aread() == CONTENT


async def test_no_file_stays_open(site: Site) -> None:
    def handles() -> int:
        return sum(1 for _ in Path("/proc/self/fd").iterdir())

    async with site.program() as client:
        await client.get(f"/media/{NAME}")
        before = await asyncio.to_thread(handles)
        for _ in range(20):
            etag = (await client.get(f"/media/{NAME}")).headers["etag"]
            await client.get(f"/media/{NAME}", headers={"If-None-Match": etag})
            await client.get(f"/media/{NAME}", headers={"Range": "bytes=9999999-"})
            await client.head(f"/media/{NAME}")
            async with client.stream("GET", f"/media/{NAME}"):
                pass
        after = await asyncio.to_thread(handles)

    assert after - before < 15


@pytest.mark.parametrize(
    ("asked", "is_match"),
    [
        (None, False),
        ("", False),
        ("*", True),
        ('"a"', True),
        ('W/"a"', True),
        ('"b", "a"', True),
        ('"b","c"', False),
        ("a", False),
    ],
)
def test_a_version_is_recognised(asked: str | None, is_match: bool) -> None:
    assert matches(asked, '"a"') is is_match
