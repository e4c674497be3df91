"""Who is asking is never what a stranger says, only what our own proxies and cookies say."""

from __future__ import annotations

import logging
from ipaddress import ip_network

import httpx
import pytest
from starlette.requests import HTTPConnection

from realtime import auth
from realtime.config import Config
from realtime.http import guard
from tests.http.site import KEY, PASSWORD, Site, assert_refused, cookie, login, register

PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
CONFIG = Config(trusted_proxies=PROXIES, origins=frozenset({"https://app.example"}))


def connection(client: str | None, scheme: str = "http", **headers: str) -> HTTPConnection:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    address = None if client is None else (client, 50_000)
    return HTTPConnection({"type": "http", "scheme": scheme, "client": address, "headers": raw})


@pytest.mark.parametrize(
    ("client", "forwarded", "address"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # no proxy of ours: not believed
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),  # the left part is the client's
        ("10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1, nonsense", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        ("10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"),
        ("10.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("fd00::1", "198.51.100.1", "198.51.100.1"),
        (None, "198.51.100.1", "unknown"),
    ],
)
def test_an_address_is_what_a_trusted_proxy_saw(
    client: str | None, forwarded: str, address: str
) -> None:
    assert guard.peer(connection(client, x_forwarded_for=forwarded), CONFIG).address == address


@pytest.mark.parametrize(
    ("client", "scheme", "forwarded", "is_secure"),
    [
        ("203.0.113.9", "http", "https", False),
        ("203.0.113.9", "https", "http", True),
        ("10.0.0.1", "http", "https", True),
        ("10.0.0.1", "http", "https, http", True),
        ("10.0.0.1", "ws", "wss", True),
        ("10.0.0.1", "http", "", False),
        ("203.0.113.9", "wss", "", True),
    ],
)
def test_https_is_what_a_trusted_proxy_spoke(
    client: str, scheme: str, forwarded: str, is_secure: bool
) -> None:
    peer = guard.peer(connection(client, scheme, x_forwarded_proto=forwarded), CONFIG)
    assert peer.is_secure is is_secure
    assert peer.scheme == ("https" if is_secure else "http")


@pytest.mark.parametrize(
    ("origin", "host", "scheme", "is_allowed"),
    [
        ("https://good.example", "good.example", "https", True),
        ("https://good.example", "GOOD.example", "https", True),
        ("https://good.example", "good.example:443", "https", True),
        ("http://good.example", "good.example:80", "http", True),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", "http", True),
        ("http://[::1]:8000", "[::1]:8000", "http", True),
        ("https://app.example", "good.example", "https", True),  # configured
        ("http://app.example", "good.example", "https", False),
        ("https://good.example:8443", "good.example", "https", False),
        ("https://good.example", "good.example:8443", "https", False),
        ("http://good.example", "good.example", "https", False),
        ("https://good.example", "good.example", "http", False),
        ("https://good.example.evil.tld", "good.example", "https", False),
        ("https://evil-good.example", "good.example", "https", False),
        ("https://sub.good.example", "good.example", "https", False),
        ("https://GOOD.example", "good.example", "https", False),
        ("https://good.example/", "good.example", "https", False),
        ("null", "good.example", "https", False),
        ("", "good.example", "https", False),
        ("https://", "", "https", False),
        ("null", "null", "null", False),
    ],
)
def test_an_origin_is_allowed_letter_by_letter(
    origin: str, host: str, scheme: str, is_allowed: bool
) -> None:
    assert guard.origin_allowed(origin, host, scheme, CONFIG) is is_allowed


def test_a_proxy_that_is_not_trusted_yet_is_named_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    guard._suspect_proxy.cache_clear()
    with caplog.at_level(logging.WARNING):
        assert not guard.origin_allowed("https://new.example", "new.example", "http", CONFIG)
        assert not guard.origin_allowed("https://new.example", "new.example", "http", CONFIG)

    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "REALTIME_TRUSTED_PROXIES" in caplog.text


OWN = "own"
SOURCES = [
    # origin, sec-fetch-site, allowed with the cookie, allowed without
    (OWN, None, True, True),
    (OWN, "same-origin", True, True),
    (None, "same-origin", True, True),
    (None, None, False, True),
    (None, "none", False, True),
    (None, "same-site", False, False),
    (None, "cross-site", False, False),
    ("null", None, False, False),
    ("null", "same-origin", False, False),
    ("https://evil.example", None, False, False),
    ("https://evil.example", "same-origin", False, False),
]


@pytest.mark.parametrize(("origin", "fetched", "with_cookie", "without"), SOURCES)
async def test_only_our_own_pages_change_anything_in_a_signed_in_persons_name(
    small_site: Site, origin: str | None, fetched: str | None, with_cookie: bool, without: bool
) -> None:
    headers = {}
    if origin is not None:
        headers["Origin"] = small_site.url if origin == OWN else origin
    if fetched is not None:
        headers["Sec-Fetch-Site"] = fetched
    async with small_site.browser() as ada, small_site.program(**headers) as asker:
        await register(ada, "ada")

        stranger = await login(asker, "ada", "not her password")
        signed = await asker.post("/api/ticket", headers={"Cookie": cookie(ada)})
        forged = await asker.post("/api/ticket", headers={"Cookie": "sid=forged"})

    assert stranger.status_code == (401 if without else 403)
    assert signed.status_code == (201 if with_cookie else 403)
    assert forged.status_code == (401 if with_cookie else 403)
    if not with_cookie:
        assert_refused(signed, 403, "forbidden")


async def test_reading_needs_no_origin(small_site: Site) -> None:
    async with small_site.browser() as ada, small_site.program() as program:
        await register(ada, "ada")
        answer = await program.get("/api/session", headers={"Cookie": cookie(ada)})

    assert answer.status_code == 200


async def test_a_configured_origin_is_as_good_as_our_own(small_site: Site) -> None:
    small_site.configure(origins=frozenset({"https://app.example"}))
    async with small_site.browser(**{"Sec-Fetch-Site": "cross-site"}) as ada:
        await register(ada, "ada")
        answer = await ada.post("/api/ticket", headers={"Origin": "https://app.example"})

    assert answer.status_code == 201


async def test_over_https_the_cookie_is_secure_and_bound_to_the_host(small_site: Site) -> None:
    small_site.configure(trusted_proxies=(ip_network("127.0.0.1/32"),))
    headers = {"Origin": f"https://{small_site.host}", "X-Forwarded-Proto": "https"}
    async with small_site.program(**headers) as ada:
        answer = await ada.post("/api/register", json={"name": "ada", "password": PASSWORD})
        given = answer.headers["set-cookie"]
        value = given.partition(";")[0].removeprefix("__Host-sid=")
        ada.cookies.clear()
        right = await ada.get("/api/session", headers={"Cookie": f"__Host-sid={value}"})
        wrong = await ada.get("/api/session", headers={"Cookie": f"sid={value}"})
        ada.headers.pop("X-Forwarded-Proto")
        plain = await ada.get("/api/session", headers={"Cookie": f"__Host-sid={value}"})

    parts = {part.strip().lower() for part in given.split(";")[1:]}
    assert given.startswith("__Host-sid=")
    assert {"httponly", "secure", "path=/", "samesite=lax", "max-age=7776000"} == parts
    assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert [right.status_code, wrong.status_code, plain.status_code] == [200, 401, 401]


async def test_over_http_the_cookie_is_plain_and_hidden_from_scripts(small_site: Site) -> None:
    async with small_site.browser() as ada:
        answer = await ada.post("/api/register", json={"name": "ada", "password": PASSWORD})

    given = answer.headers["set-cookie"]
    parts = {part.strip().lower() for part in given.split(";")[1:]}
    assert given.startswith("sid=")
    assert {"httponly", "path=/", "samesite=lax", "max-age=7776000"} == parts


async def test_another_programs_cookie_of_the_same_name_does_not_sign_us_out(
    small_site: Site,
) -> None:
    async with small_site.browser() as ada, small_site.program() as program:
        await register(ada, "ada")
        both = f"sid=of another program; theme=dark; {cookie(ada)}; sid="
        answer = await program.get("/api/session", headers={"Cookie": both})

    assert answer.status_code == 200


async def test_keys_are_changed_without_signing_anybody_out(small_site: Site) -> None:
    newer = "a newer key, also of at least 32 characters"
    async with small_site.browser() as ada:
        await register(ada, "ada")
        small_site.configure(secret_keys=(newer, KEY))
        rotated = await ada.get("/api/session")
        small_site.configure(secret_keys=(newer,))
        dropped = await ada.get("/api/session")

    assert [rotated.status_code, dropped.status_code] == [200, 401]


async def test_the_database_holds_nothing_that_signs_anybody_in(site: Site) -> None:
    async with site.browser() as ada:
        await register(ada, "ada")
        ticket = (await ada.post("/api/ticket")).json()["ticket"]
        value = ada.cookies["sid"]

    token = auth.unsign(value, [KEY])
    assert token is not None
    rows: list[object] = []
    for table in ("users", "sessions", "tickets"):
        rows += map(dict, await site.house.database.fetch_all(f"SELECT * FROM {table}"))
    assert len(rows) == 3
    for secret in (value, token, ticket, PASSWORD):
        assert secret not in repr(rows)


async def test_a_session_is_seen_again_every_few_minutes(site: Site) -> None:
    async with site.browser() as ada:
        await register(ada, "ada")
        ago = guard.now_ms() - 6 * 60_000

        async def seen() -> int:
            found: int = await site.house.database.fetch_val("SELECT seen_ms FROM sessions")
            return found

        await site.house.database.run_tx(
            lambda tx: tx.execute("UPDATE sessions SET seen_ms = :ago", {"ago": ago})
        )
        await ada.get("/api/session")
        first = await seen()
        await ada.get("/api/session")
        second = await seen()

    assert first > ago
    assert second == first


@pytest.mark.parametrize("column", ["seen_ms", "expires_ms"])
async def test_an_expired_session_is_none(site: Site, column: str) -> None:
    async with site.browser() as ada:
        await register(ada, "ada")
        past = guard.now_ms() - 15 * 24 * 3_600_000
        await site.house.database.run_tx(
            lambda tx: tx.execute(f"UPDATE sessions SET {column} = :past", {"past": past})
        )
        answer = await ada.get("/api/session")

    assert_refused(answer, 401, "unauthenticated")


def test_httpx_sends_what_these_tests_think() -> None:
    """A client that adds an Origin by itself would make the tables above worthless."""
    with httpx.Client() as client:
        request = client.build_request("POST", "http://127.0.0.1/")
    assert not {"origin", "sec-fetch-site", "cookie"} & set(request.headers)
