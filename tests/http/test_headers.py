"""Every route, every method and every status: all headers are there, and each says the right."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute

from realtime.app import create
from realtime.config import Config
from realtime.errors import Unavailable
from realtime.headers import DEFAULTS, PAGE_POLICY
from realtime.http import edge
from realtime.http.house import House
from tests.http.site import Site, assert_refused, login, register, serving
from tests.http.walk import (
    ADDRESSES,
    API,
    BUNDLE,
    FILE,
    METHODS,
    PAGE,
    PICTURE,
    SCRIPT,
    Kind,
    flaws,
)

SECRET = "SELECT password FROM users -- /srv/realtime/store/account.py"
#: Every status that this server ever answers over HTTP, 101 apart.
STATUSES = {
    *(200, 201, 204, 206, 304),
    *(400, 401, 403, 404, 405, 409, 413, 415, 416, 422, 426, 429, 500, 503),
}


class Failing:
    """What every route answers with while `error` is set."""

    error: Exception | None = None


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Failing:
    """For a site that is asked for after this."""
    switch, table = Failing(), edge.table()

    def guarded(endpoint: edge.Endpoint) -> edge.Endpoint:
        async def answer(house: House, request: Request) -> Response:
            if switch.error is not None:
                raise switch.error
            return await endpoint(house, request)

        return answer

    fragile = {
        path: {method: guarded(endpoint) for method, endpoint in methods.items()}
        for path, methods in table.items()
    }
    monkeypatch.setattr(edge, "table", lambda: fragile)
    return switch


@pytest.fixture
async def whole_site(failing: Failing, tmp_path: Path) -> AsyncIterator[Site]:
    """With a page, a bundle and a picture; behind a proxy that is believed; Ada lives there."""
    proxies = (ip_network("127.0.0.1/32"),)
    url = f"sqlite:///{tmp_path / 'test.db'}"
    async with serving(url, tmp_path, rate_limits=True, trusted_proxies=proxies) as site:
        (site.house.static / BUNDLE).write_text("export {};")
        (site.house.static / "manifest.webmanifest").write_text("{}")
        (site.house.config.uploads / FILE).write_bytes(bytes(1000))
        async with site.browser() as ada:
            await register(ada, "ada")
        yield site


def test_no_route_is_left_out(tmp_path: Path) -> None:
    app = create(Config(database_url=f"sqlite:///{tmp_path / 'x.db'}"))
    sockets = {route.path for route in app.routes if isinstance(route, WebSocketRoute)}
    pages = {route.path for route in app.routes if isinstance(route, Route)}

    assert pages == set(ADDRESSES)
    assert sockets == {"/ws"}
    others = [route for route in app.routes if not isinstance(route, Route | WebSocketRoute)]
    assert len(others) == 1  # whatever is no path at all


@pytest.mark.parametrize("is_secure", [False, True])
async def test_every_route_and_method_has_its_headers_for_whoever_asks(
    whole_site: Site, is_secure: bool
) -> None:
    scheme = {"X-Forwarded-Proto": "https"} if is_secure else {}
    origin = whole_site.url.replace("http:", "https:" if is_secure else "http:")
    whole_site.configure(rate_limits=False)
    wrong, count = [], 0
    async with (
        whole_site.program(**scheme) as visitor,
        whole_site.program(**scheme, Origin=origin) as bob,
    ):
        answer = await bob.post("/api/register", json={"name": "bob", "password": "bob's own word"})
        assert answer.status_code == 201
        # The jar of a client keeps a Secure cookie to itself where it speaks http.
        bob.headers["Cookie"] = answer.headers["set-cookie"].partition(";")[0]
        for addresses in ADDRESSES.values():
            for address, kind in addresses.items():
                # The scheme changes nothing but HSTS and cookies, so two methods do.
                for method in ("GET", "POST") if is_secure else METHODS:
                    for client in (visitor, bob):
                        answer = await client.request(method, address)
                        wrong += flaws(answer, kind, is_secure=is_secure)
                        count += 1
    assert wrong == []
    assert count > 100


async def test_every_status_has_its_headers(whole_site: Site, failing: Failing) -> None:
    told: list[tuple[httpx.Response, Kind]] = []
    async with whole_site.browser() as ada, whole_site.program() as eve:

        async def tell(kind: Kind, method: str, path: str, **how: Any) -> None:
            told.append((await ada.request(method, path, **how), kind))

        await tell(API, "GET", "/api/session")  # 401
        await login(ada, "ada")
        await tell(API, "GET", "/api/session")
        await tell(API, "POST", "/api/ticket")  # 201
        etag = (await ada.get("/")).headers["etag"]
        await tell(PAGE, "GET", "/", headers={"If-None-Match": etag})
        for path, kind in ((f"/media/{FILE}", PICTURE), (f"/{BUNDLE}", SCRIPT)):
            etag = (await ada.get(path)).headers["etag"]
            await tell(kind, "GET", path, headers={"If-None-Match": etag})
            await tell(kind, "GET", path, headers={"Range": "bytes=0-3"})
            await tell(kind, "GET", path, headers={"Range": "bytes=5000-"})
        await tell(API, "POST", "/api/login", content=b"{")  # 400
        await tell(API, "POST", "/api/login", json={}, headers={"Origin": "https://evil.example"})
        await tell(API, "DELETE", "/api/sessions/123")  # 404
        await tell(API, "PATCH", "/api/session")  # 405
        await tell(API, "POST", "/api/register", json={"name": "ada", "password": "long enough 1"})
        await tell(API, "POST", "/api/login", content=b"x" * 70_000)  # 413
        await tell(API, "POST", "/api/media", files={"file": b"no picture"})  # 415
        await tell(API, "POST", "/api/register", json={"name": "!", "password": "long enough 1"})
        await tell(API, "GET", "/ws")  # 426
        whole_site.unwell["bus"] = "silent"
        await tell(API, "GET", "/readyz")  # 503
        whole_site.unwell.clear()
        (whole_site.house.static / "index.html").rename(whole_site.house.static / "gone")
        unbuilt = await ada.get("/")
        for error in (RuntimeError(SECRET), Unavailable(SECRET)):
            failing.error = error
            await tell(API, "GET", "/api/session")  # 500, 503
        failing.error = None
        for _ in range(11):
            refused = await login(eve, "ada", "a wrong password")
        told.append((refused, API))  # 429
        await tell(API, "POST", "/api/logout")  # 204

    assert [flaw for answer, kind in told for flaw in flaws(answer, kind)] == []
    assert {answer.status_code for answer, _ in told} == STATUSES
    assert told[-1][0].headers["clear-site-data"] == '"cookies"'
    assert unbuilt.status_code == 503
    assert {name: unbuilt.headers.get(name) for name in DEFAULTS} == DEFAULTS


async def test_a_fault_of_any_route_tells_nothing_of_the_inside(
    whole_site: Site, failing: Failing
) -> None:
    wrong: list[str] = []
    tried: set[tuple[str, str]] = set()
    async with whole_site.browser() as client:
        for error, status, code in (
            (RuntimeError(SECRET), 500, "internal"),
            (Unavailable(SECRET), 503, "unavailable"),
        ):
            failing.error = error
            for path, methods in edge.table().items():
                address = next(iter(ADDRESSES[path]))
                for method in methods:
                    answer = await client.request(method, address)
                    assert_refused(answer, status, code)
                    wrong += flaws(answer, API)
                    told = answer.text + str(answer.headers)
                    wrong += [word for word in _INSIDE if word.lower() in told.lower()]
                    tried.add((path, method))
    assert wrong == []
    assert tried == {(path, method) for path, methods in edge.table().items() for method in methods}


_INSIDE = ("SELECT", "password", "/srv/", ".py", "Traceback", "RuntimeError", "Unavailable(")


async def test_only_a_believed_proxy_says_that_it_is_https(whole_site: Site) -> None:
    whole_site.configure(trusted_proxies=())
    async with whole_site.program() as client:
        answer = await client.get("/", headers={"X-Forwarded-Proto": "https"})

    assert "strict-transport-security" not in answer.headers


def test_the_policy_of_a_page_lets_nothing_in_but_our_own_files() -> None:
    policy = dict(part.partition(" ")[::2] for part in PAGE_POLICY.split("; "))

    assert policy["default-src"] == policy["object-src"] == policy["base-uri"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert policy["trusted-types"] == "realtime-worker"
    for word in ("unsafe", "*", "http:", "https:", "'nonce", "strict-dynamic", "'default'"):
        assert word not in PAGE_POLICY


async def raw(site: Site, request: bytes) -> str:
    """Everything that comes back for these bytes."""
    port = int(site.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        async with asyncio.timeout(10):
            return (await reader.read()).decode("latin-1")
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"NO HTTP AT ALL\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000, 431),
    ],
)
async def test_what_no_route_ever_sees_is_answered_with_all_headers_too(
    small_site: Site, request_: bytes, status: int
) -> None:
    head = (await raw(small_site, request_)).partition("\r\n\r\n")[0].split("\r\n")

    assert head[0].split()[1] == str(status)
    found = dict(line.split(": ", 1) for line in head[1:])
    assert {name: found.get(name) for name in DEFAULTS} == DEFAULTS
    assert "server" not in found
