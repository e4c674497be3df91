"""Bodies: JSON objects of known fields, and a sentence about everything else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.http.site import Site, assert_refused

JSON = "application/json"


NOT_BODIES: list[tuple[bytes, int, str | None]] = [
    (b"", 400, None),
    (b"{", 400, None),
    (b"\xff\xfe", 400, None),
    (b'{"name": "ada", "password": "\xff"}', 400, None),
    (b'{"name": NaN}', 400, None),
    (b'{"name": 7, ', 400, None),
    (b'{"name": "ada", "password": "x"} and more', 400, None),
    (b"\xef\xbb\xbf{}", 400, None),
    (b"[" * 60_000, 400, None),
    (b'{"x":' * 10_000, 400, None),
    (b"[]", 422, None),
    (b"null", 422, None),
    (b'"ada"', 422, None),
    (b"7", 422, None),
    (b"[" * 500 + b"]" * 500, 422, None),
    (b"{}", 422, "name"),
    (b'{"name": "ada"}', 422, "password"),
    (b'{"name": null, "password": "x"}', 422, "name"),
    (b'{"name": true, "password": "x"}', 422, "name"),
    (b'{"name": ["ada"], "password": "x"}', 422, "name"),
    (b'{"name": "ada", "password": 1e400}', 422, "password"),
    (b'{"name": "ada", "password": "x", "more": 1}', 422, "more"),
    (b'{"name": "ada", "password": "x", "`odd`": 1}', 422, "`odd`"),
    (b'{"name": "\\ud800", "password": "x"}', 422, "name"),
    (b'{"name": "ada", "password": "\\udfff"}', 422, "password"),
]


async def test_what_is_no_proper_body_is_refused(
    small_site: Site, subtests: pytest.Subtests
) -> None:
    for body, status, field in NOT_BODIES:
        with subtests.test(body=body):
            async with small_site.program() as client:
                answer = await client.post(
                    "/api/login", content=body, headers={"Content-Type": JSON}
                )

            assert_refused(answer, status, "invalid", field)


async def test_the_body_has_to_be_json_and_to_say_so(small_site: Site) -> None:
    body = b'{"name": "ada", "password": "x"}'
    async with small_site.program() as client:

        async def status(**headers: str) -> int:
            return (await client.post("/api/login", content=body, headers=headers)).status_code

        assert await status(**{"Content-Type": "application/json; charset=utf-8"}) == 401
        assert await status(**{"Content-Type": "Application/JSON"}) == 401
        assert await status() == 401
        for other in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
            assert await status(**{"Content-Type": other}) == 415
        wrong = await client.post("/api/login", data={"name": "ada", "password": "x"})

    assert_refused(wrong, 415, "invalid")


async def test_a_body_has_at_most_64_kib(small_site: Site) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(70):
            yield b" " * 1024

    async with small_site.program() as client:
        announced = await client.post(
            "/api/login", content=b" " * 65_537, headers={"Content-Type": JSON}
        )
        streamed = await client.post("/api/login", content=chunks(), headers={"Content-Type": JSON})
        full = b'{"name": "ada", "password": "x"}'.ljust(65_536)
        fits = await client.post("/api/login", content=full, headers={"Content-Type": JSON})

    assert_refused(announced, 413, "too_long")
    assert_refused(streamed, 413, "too_long")
    assert_refused(fits, 401, "unauthenticated")


async def test_a_body_that_is_announced_too_long_is_not_waited_for(small_site: Site) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(small_site.url.split(":")[-1]))
    writer.write(
        b"POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: 1000000000\r\n\r\n"
    )
    async with asyncio.timeout(5):
        status = await reader.readline()
    writer.close()

    assert b" 413 " in status


async def test_the_connection_is_good_for_more_after_a_refused_body(small_site: Site) -> None:
    limits = httpx.Limits(max_connections=1)
    async with httpx.AsyncClient(base_url=small_site.url, limits=limits, timeout=5) as client:
        for _ in range(3):
            refused = await client.post(
                "/api/login", content=b"x" * 3_000_000, headers={"Content-Type": JSON}
            )
            assert_refused(refused, 413, "too_long")
        assert (await client.get("/healthz")).status_code == 200
