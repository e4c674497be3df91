"""What a page of another site can do in somebody's name: nothing, whatever its browser sends."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import httpx
import pytest
import pytest_asyncio

from realtime.config import Config
from realtime.http import edge
from tests.client import Person, person
from tests.deployments import KEY
from tests.server import Running, serving

HOST: Final = "good.example"
OWN: Final = f"http://{HOST}"
EXTRA: Final = "https://app.example"
ORIGINS: Final = (
    *(OWN, EXTRA, None, "null", "", f"{OWN}:8443", f"{OWN}.evil.tld", "https://good.evil.tld"),
    *(f"https://{HOST}", f"http://evil.{HOST}", OWN.upper(), f"{OWN}/", f"http://evil.tld/@{HOST}"),
    *("http://app.example", f"{EXTRA}:443", f"{OWN}, {EXTRA}"),
)
FETCHED: Final = (None, "none", "same-origin", "same-site", "cross-site", "Same-Origin", "x")
SAFE: Final = frozenset({"GET", "HEAD"})
CLICK: Final = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-User": "?1"}


def may_change(origin: str | None, fetched: str | None, has_cookie: bool) -> bool:
    """The whole rule for what changes something, and for nothing else."""
    if origin is not None:
        return origin in (OWN, EXTRA)
    if has_cookie:
        return fetched == "same-origin"
    return fetched in (None, "none", "same-origin")


def may_enter(origin: str | None, has_cookie: bool) -> bool:
    """The whole rule for the handshake of a socket."""
    return not has_cookie if origin is None else origin in (OWN, EXTRA)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """A server that lets one more origin in; it asks no database about any of this."""
    folder: Path = tmp_path_factory.mktemp("cross-site")
    config = Config(
        database_url=f"sqlite:///{folder / 'test.db'}",
        uploads=folder / "uploads",
        secret_keys=(KEY,),
        rate_limits=False,
        origins=frozenset({EXTRA}),
    )
    async with serving(config) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ada(server: Running) -> AsyncIterator[Person]:
    """Somebody who is signed in."""
    async with person(server.url, "ada") as found:
        yield found


def headers_of(origin: str | None, fetched: str | None, cookie: str | None) -> dict[str, str]:
    """What a browser sends along."""
    given = {"Origin": origin, "Sec-Fetch-Site": fetched, "Cookie": cookie}
    return {"Host": HOST, **{name: value for name, value in given.items() if value is not None}}


def unsafe() -> list[tuple[str, str]]:
    """Every method and path that may change something."""
    return [
        (method, path.replace("{id}", "1").replace("{path:path}", "x/y"))
        for path, methods in edge.table().items()
        for method in methods
        if method not in SAFE
    ]


@pytest.mark.asyncio(loop_scope="module")
async def test_only_our_own_pages_change_anything_by_any_route(
    server: Running, ada: Person
) -> None:
    """Nobody's cookie asks here: what passes is refused for another reason, and nothing is done."""
    wrong = []
    limits = httpx.Limits(max_connections=1)
    async with httpx.AsyncClient(base_url=server.url, limits=limits) as http:
        for (method, path), origin, fetched, has_cookie in itertools.product(
            unsafe(), ORIGINS, FETCHED, (True, False)
        ):
            headers = headers_of(origin, fetched, "sid=forged" if has_cookie else None)
            answer = await http.request(method, path, headers=headers)
            is_refused = answer.status_code == 403 and answer.json()["code"] == "forbidden"
            if is_refused == may_change(origin, fetched, has_cookie):
                wrong.append((method, path, headers, answer.status_code))
            assert answer.status_code >= 400
    assert len(unsafe()) >= 20
    assert not wrong, wrong[:5]


async def status_of(server: Running, headers: dict[str, str]) -> int:
    """The status of a handshake with exactly these headers."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    lines = [
        "GET /ws HTTP/1.1",
        *(f"{name}: {value}" for name, value in headers.items()),
        *("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"),
        *("Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==", "", ""),
    ]
    try:
        writer.write("\r\n".join(lines).encode())
        async with asyncio.timeout(10):
            return int((await reader.readline()).split()[1])
    finally:
        writer.close()


@pytest.mark.asyncio(loop_scope="module")
async def test_only_our_own_pages_and_programs_open_a_socket(server: Running, ada: Person) -> None:
    wrong = []
    for origin, fetched, cookie in itertools.product(
        ORIGINS, FETCHED, (None, "sid=forged", ada.cookie)
    ):
        headers = headers_of(origin, fetched, cookie)
        status = await status_of(server, headers)
        if status != (101 if may_enter(origin, cookie is not None) else 403):
            wrong.append((headers, status))
    assert not wrong, wrong[:5]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_another_sites_page_cannot_use_up_an_export(
    server: Running, ada: Person, method: str
) -> None:
    """One of ten a day: for our own pages, programs, and whoever clicks on a link anywhere."""
    ways: list[tuple[str | None, dict[str, str], int]] = [
        (None, {}, 200),
        ("none", CLICK, 200),
        ("same-origin", {}, 200),
        ("same-origin", CLICK, 200),
        ("cross-site", CLICK, 200),
        ("cross-site", {}, 403),
        ("same-site", {}, 403),
        ("cross-site", {**CLICK, "Sec-Fetch-User": ""}, 403),
        ("cross-site", {**CLICK, "Sec-Fetch-Dest": "iframe"}, 403),
        ("same-site", {**CLICK, "Sec-Fetch-Dest": "image", "Sec-Fetch-Mode": "no-cors"}, 403),
    ]
    for fetched, more, status in ways:
        headers = {**headers_of(None, fetched, ada.cookie), **more}
        answer = await ada.http.request(method, "/api/export", headers=headers)
        assert answer.status_code == status, (headers, answer.text)
