"""Requests that try to be taken for others: paths, methods, hosts, line ends, origins."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.http.site import INDEX, Site, register, serving
from tests.http.walk import FILE

PLANTED = "the-secret-beside-the-served-folders"


@pytest.fixture
async def walled(tmp_path: Path) -> AsyncIterator[Site]:
    """Secrets lie around the folders that are served, and in one of them below a dot."""
    url = f"sqlite:///{tmp_path / 'test.db'}"
    async with serving(url, tmp_path) as site:
        (site.house.config.uploads / FILE).write_bytes(b"a picture")
        for place in (tmp_path, site.house.static, site.house.config.uploads):
            (place / ".env").write_text(PLANTED)
        for name in ("secret.txt", "realtime.key", "index.html.bak"):
            (tmp_path / name).write_text(PLANTED)
        (site.house.config.uploads / "secret.txt").write_text(PLANTED)
        (site.house.static / "assets" / "link.txt").symlink_to(tmp_path / "nothing-there")
        yield site


async def ask(site: Site, path: bytes, head: bytes = b"", method: bytes = b"GET") -> str:
    """The whole answer to a request that no ordinary client would send."""
    port = int(site.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        host = b"" if head.startswith(b"Host:") else b"Host: 127.0.0.1:%d\r\n" % port
        end = b"Connection: close\r\n\r\n"
        writer.write(method + b" " + path + b" HTTP/1.1\r\n" + host + head + end)
        async with asyncio.timeout(10):
            return (await reader.read()).decode("latin-1")
    finally:
        writer.close()


UPWARD = (
    *("../secret.txt", "..%2fsecret.txt", "%2e%2e/secret.txt", "%2e%2e%2fsecret.txt"),
    *("....//secret.txt", "..;/secret.txt", "..\\secret.txt", "..%5csecret.txt"),
    *("%252e%252e%252fsecret.txt", "..%c0%afsecret.txt", "..%ef%bc%8fsecret.txt"),
    *("%00/../secret.txt", "secret.txt%00.webp", "./../secret.txt", "/../secret.txt"),
    *(f"{FILE}/../../secret.txt", f"{FILE}%2f..%2f..%2fsecret.txt", "x" * 4000 + "/../secret.txt"),
    *(".env", "%2eenv", "../.env", "secret.txt", "../realtime.key", "../test.db", "../static/.env"),
    *("//etc/passwd", "/etc/passwd", "file:///etc/passwd", "%2fetc%2fpasswd"),
)


@pytest.mark.parametrize("root", ["/media/", "/assets/", "/", "/@ada/", "/post/", "/api/"])
async def test_no_path_leads_out_of_the_served_folders(walled: Site, root: str) -> None:
    for path in UPWARD:
        answer = await ask(walled, (root + path).encode())

        status = int(answer.split()[1])
        assert status in (400, 404), (root + path, answer[:200])
        assert PLANTED not in answer and "root:" not in answer
        assert "realtime.db" not in answer and str(walled.house.static) not in answer


@pytest.mark.parametrize(
    "head",
    [
        b"X-HTTP-Method-Override: DELETE\r\n",
        b"X-HTTP-Method: DELETE\r\n",
        b"X-Method-Override: DELETE\r\n",
        b"Content-Type: application/x-www-form-urlencoded\r\n",
    ],
)
async def test_a_method_is_what_the_request_line_says(walled: Site, head: bytes) -> None:
    async with walled.browser() as ada:
        await register(ada, "ada")
        sid = f"Cookie: sid={ada.cookies['sid']}\r\nOrigin: {walled.url}\r\n".encode()
        for path in (b"/api/account?_method=DELETE", b"/api/session?_method=DELETE"):
            for method in (b"GET", b"POST"):
                await ask(walled, path, sid + head + b"Content-Length: 0\r\n", method)
        still = await ada.get("/api/session")

    assert still.status_code == 200


async def test_who_names_another_host_changes_only_what_they_themselves_are_shown(
    walled: Site,
) -> None:
    async with walled.browser() as ada:
        await register(ada, "ada")
    heads = (
        "X-Forwarded-Host: evil.example",
        "X-Host: evil.example",
        "Forwarded: for=1.2.3.4;host=evil.example;proto=https",
        "X-Original-URL: /healthz",
        "X-Rewrite-URL: /healthz",
        "X-Forwarded-Prefix: //evil.example",
        "X-Forwarded-Scheme: https",
    )
    for head in heads:
        answer = await ask(walled, b"/@ada", head.encode() + b"\r\n")
        assert f'<meta property="og:url" content="{walled.url}/@ada" />' in answer
        assert "evil.example" not in answer
    # What the request itself calls this host is where it went, and stands in no one else's answer.
    own = await ask(walled, b"/@ada", b"Host: evil.example\r\n")
    assert 'content="http://evil.example/@ada"' in own and "cache-control: no-cache" in own
    for odd in (b"evil.example/x", b"a@evil.example", b'"><script>', b"", b"a b", b"x:99999999"):
        answer = await ask(walled, b"/@ada", b"Host: " + odd + b"\r\n")
        assert "og:url" not in answer and "canonical" not in answer
        assert "<script>" not in answer.replace(INDEX, "")


SPLITS = ("%0d%0aX-Planted:%201", "%0aX-Planted: 1", "%E5%98%8D%E5%98%8AX-Planted: 1", "\x85X: 1")


async def test_nothing_of_a_request_becomes_a_header_of_the_answer(walled: Site) -> None:
    for split in SPLITS:
        word = split.encode("latin-1", "replace").replace(b" ", b"%20")
        for path in (b"/", b"/@", b"/post/", b"/media/", b"/api/", b"/explore?next=", b"/login?n="):
            answer = await ask(walled, path + word, b"Range: bytes=0-" + word + b"\r\n")
            head = answer.partition("\r\n\r\n")[0].lower()
            assert not re.search(r"(?m)^x-planted", head), answer[:300]


async def test_there_is_no_way_to_be_sent_elsewhere(walled: Site) -> None:
    async with walled.browser() as ada:
        await register(ada, "ada")
        for name in ("next", "url", "redirect", "return_to", "continue", "r"):
            for place in (
                "https://evil.example",
                "//evil.example",
                "/\\evil.example",
                "%2f%2fevil",
            ):
                for path in ("/login", "/", "/register", "//evil.example", "/@ada", "/docs/"):
                    answer = await ada.get(walled.url + path, params={name: place})
                    assert answer.status_code in (200, 404)
                    assert "location" not in answer.headers
                    assert "http-equiv" not in answer.text and "evil" not in answer.text


async def test_no_other_site_may_read_an_answer(walled: Site) -> None:
    async with walled.browser() as ada:
        await register(ada, "ada")
        for origin in ("https://evil.example", "null", f"{walled.url}.evil.example"):
            for method in ("GET", "OPTIONS"):
                for path in ("/api/session", "/", "/api/openapi.json", f"/media/{FILE}"):
                    answer = await ada.request(
                        method,
                        path,
                        headers={"Origin": origin, "Access-Control-Request-Method": "DELETE"},
                    )
                    assert not [n for n in answer.headers if n.startswith("access-control")]
                    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
