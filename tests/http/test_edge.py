"""What all answers have in common, and what a stranger learns from a mistake of ours: nothing."""

from __future__ import annotations

import asyncio
import logging
from ipaddress import ip_network
from typing import Any

import httpx
import pytest

from realtime import api
from realtime.errors import Unavailable
from realtime.http import edge
from realtime.store import account
from realtime.store import session as sessions
from tests.http.site import Site, assert_refused, login, register

EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": (
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
    ),
}
FILE = f"{'0' * 32}.webp"


def assert_complete(answer: httpx.Response, *, is_secure: bool = False) -> None:
    headers = answer.headers
    assert {name: headers.get(name) for name in EVERYWHERE} == EVERYWHERE, answer.request.url
    assert "default-src 'none'" in headers["content-security-policy"]
    assert ("strict-transport-security" in headers) is is_secure
    assert "server" not in headers
    if answer.request.url.path.startswith("/api/") or answer.status_code in (405, 500, 503):
        assert headers["cache-control"] == "no-store"
    for name in headers:
        assert len(headers.get_list(name)) == 1, f"{name} twice"


def test_the_table_of_the_wire_is_what_is_served() -> None:
    promised = {(route.method, route.path) for route in api.ROUTES}
    served = {(method, path) for path, methods in edge.table().items() for method in methods}

    assert promised <= served
    extra = {path for _, path in served - promised}
    assert extra == {
        *("/", "/@{name}", "/@{name}/{part}", "/post/{id}", "/{path:path}", "/ws"),
        *("/api", "/api/{path:path}", "/media/{path:path}"),
    }


@pytest.mark.parametrize("is_secure", [False, True])
async def test_every_answer_has_its_headers(small_site: Site, is_secure: bool) -> None:
    small_site.configure(trusted_proxies=(ip_network("127.0.0.1/32"),))
    small_site.unwell["bus"] = "silent"
    (small_site.house.static / "assets" / "main-abc123.js").write_text("export {};")
    statuses = set()
    scheme = {"X-Forwarded-Proto": "https"} if is_secure else {}
    async with small_site.program(**scheme) as client:
        for path in [*edge.table(), "/assets/main-abc123.js", "/assets/no.js", "/robots.txt"]:
            address = path.replace("{file}", FILE).replace("{path:path}", "x").replace("{", "")
            for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
                answer = await client.request(method, address.replace("}", ""))
                statuses.add(answer.status_code)
                assert_complete(answer, is_secure=is_secure)
    assert {200, 400, 401, 404, 405, 426, 503} <= statuses


async def test_errors_that_need_more_have_their_headers_too(
    limited_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> None:
        raise RuntimeError("a secret of the inside")

    async def down(*_: Any) -> None:
        raise Unavailable("postgresql://user:secret@host is down")

    async with limited_site.program() as client:
        answers = [
            await client.post("/api/login", content=b"x" * 70_000),
            await client.post("/api/login", json={"name": "ada"}),
            await client.post("/api/login", json={}, headers={"Origin": "https://evil.example"}),
        ]
        for failure in (down, broken):
            monkeypatch.setattr(account, "by_name", failure)
            answers.append(await login(client, "ada"))
        monkeypatch.undo()
        for _ in range(11):
            answers.append(await login(client, "ada"))

    for answer in answers:
        assert_complete(answer)
        assert "secret" not in answer.text + str(answer.headers)
    statuses = [answer.status_code for answer in answers]
    assert statuses[:5] == [413, 422, 403, 503, 500]
    assert statuses[-1] == 429


async def test_our_mistake_is_told_to_the_log_and_to_nobody_else(
    small_site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: Any) -> None:
        raise RuntimeError("SELECT password FROM users")

    monkeypatch.setattr(account, "by_name", broken)
    async with small_site.program() as client:
        with caplog.at_level(logging.DEBUG):
            answer = await login(client, "ada", "a secret password")

    assert_refused(answer, 500, "internal")
    assert set(answer.json()) == {"code", "message"}
    assert "SELECT" not in answer.text
    errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert [error.getMessage() for error in errors] == ["POST /api/login failed"]
    assert "SELECT password FROM users" in caplog.text  # the traceback, once
    assert "a secret password" not in caplog.text


async def test_no_secret_is_ever_logged(small_site: Site, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="realtime"):
        async with small_site.browser() as ada:
            await register(ada, "ada")
            value = ada.cookies["sid"]
            ticket = (await ada.post("/api/ticket")).json()["ticket"]
            await login(ada, "ada", "a wrong password")
            await ada.put("/api/password", json={"current": "another one", "new": "the new one!"})
            await ada.post("/api/logout")
    ours = [record for record in caplog.records if record.name.startswith("realtime")]
    said = " ".join(record.getMessage() for record in ours)
    for secret in (value, ticket, "a wrong password", "another one", "the new one!"):
        assert secret not in said


@pytest.mark.parametrize(
    "path", ["/api/", "/api/nothing", "/api", "/api/session/", "/media/", "/media/a/b"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_an_unknown_address_is_not_found_in_json(
    small_site: Site, method: str, path: str
) -> None:
    async with small_site.program() as client:
        answer = await client.request(method, path)

    assert_refused(answer, 404, "not_found")


async def test_another_method_is_told_which_there_are(small_site: Site) -> None:
    async with small_site.program() as client:
        for path, allow in (
            ("/api/register", "POST"),
            ("/api/sessions/7", "DELETE"),
            ("/", "GET, HEAD"),
            ("/explore", "GET, HEAD"),
        ):
            answer = await client.request("PATCH", path)
            assert_refused(answer, 405, "invalid")
            assert answer.headers["allow"] == allow


async def test_the_address_of_the_socket_says_what_it_is(small_site: Site) -> None:
    async with small_site.program() as client:
        answer = await client.get("/ws")

    assert_refused(answer, 426, "invalid")
    assert answer.headers["upgrade"] == "websocket"


ODD_LINES: list[str] = [
    "OPTIONS * HTTP/1.1",
    "GET /%00 HTTP/1.1",
    "GET /%ff%fe HTTP/1.1",
    "GET //// HTTP/1.1",
]


async def test_odd_addresses_are_answered_like_others(
    small_site: Site, subtests: pytest.Subtests
) -> None:
    for line in ODD_LINES:
        with subtests.test(line=line):
            port = int(small_site.url.rpartition(":")[2])
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(f"{line}\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            async with asyncio.timeout(5):
                answer = (await reader.read()).decode()
            writer.close()

            assert answer.split()[1] in ("200", "404")
            assert "x-content-type-options: nosniff" in answer


async def test_head_is_get_without_the_body(small_site: Site) -> None:
    async with small_site.program() as client:
        for path in ("/", "/healthz", "/api/openapi.json", "/api/nothing"):
            got, asked = await client.get(path), await client.head(path)
            assert asked.status_code == got.status_code
            assert asked.content == b""
            assert asked.headers["content-length"] == str(len(got.content))


async def said(caplog: pytest.LogCaptureFixture, words: str, within_s: float = 5) -> None:
    """Wait until the log says so."""
    for _ in range(int(within_s / 0.01)):
        if words in caplog.text:
            return
        await asyncio.sleep(0.01)
    raise TimeoutError(f"the log did not say {words!r}")


async def test_a_client_that_goes_away_is_no_error(
    small_site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    port = int(small_site.url.rpartition(":")[2])
    with caplog.at_level(logging.DEBUG, logger="realtime.http.edge"):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            b"POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: 100\r\n\r\n{"
        )
        await writer.drain()
        writer.close()
        await said(caplog, "went away")

    assert [record.levelname for record in caplog.records if record.name.endswith("edge")] == [
        "DEBUG"
    ]


async def test_reading_goes_on_when_nothing_can_be_written(
    small_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: Any, **__: Any) -> None:
        raise Unavailable("the disk is full")

    async with small_site.browser() as ada:
        await register(ada, "ada")
        await small_site.house.database.run_tx(
            lambda tx: tx.execute("UPDATE sessions SET seen_ms = seen_ms - 600000")
        )
        monkeypatch.setattr(sessions, "touch", full)
        answer = await ada.get("/api/session")

    assert answer.status_code == 200


async def test_requests_are_measured_by_route_and_not_by_address(small_site: Site) -> None:
    async with small_site.program() as client:
        for path in ("/@ada", "/@bob", "/api/sessions/123", "/api/sessions/456", "/api/x/y"):
            await client.get(path)
        counted = (await client.get("/metrics")).text

    assert 'realtime_http_seconds_count{route="/@{name}"}' in counted
    assert 'realtime_http_seconds_count{route="/api/sessions/{id}"}' in counted
    assert "123" not in counted.split("route=")[1]
    assert "/@ada" not in counted
