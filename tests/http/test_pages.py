"""The page answers every address; shared links carry a card, for whoever may see what it shows."""

from __future__ import annotations

import html
import os
import re
from typing import Any

import httpx
import pytest

from realtime.errors import Unavailable
from realtime.http.card import Card, Image, render
from realtime.store import media as pictures
from realtime.store import post as posts
from realtime.store import relation
from realtime.store import user as users
from realtime.store.media import Picture
from realtime.store.post import Draft
from tests.http.site import INDEX, Site, assert_refused, register

NOW = 1_700_000_000_000


async def write(site: Site, author_id: str, text: str, **fields: Any) -> str:
    """A post; its id."""
    draft = Draft(
        author_id=int(author_id),
        key=os.urandom(16).hex(),
        text=text,
        media=fields.get("media", []),
        reply_to=None,
        quote_of=None,
    )
    [made] = await site.house.database.run_tx(lambda tx: posts.create(tx, [draft], NOW))
    assert not isinstance(made, Exception)
    return made.post.id


async def block(site: Site, who: str, whom: str) -> None:
    await site.house.database.run_tx(lambda tx: relation.block(tx, int(who), int(whom), True, NOW))


def card(answer: httpx.Response) -> dict[str, str]:
    """What another program reads out of the head."""
    found = re.findall(r'<meta property="([^"]+)" content="([^"]*)" />', answer.text)
    return {name: html.unescape(value) for name, value in found}


ADDRESSES: list[str] = [
    "/",
    "/explore",
    "/settings",
    "/explore/",
    "/login",
    "/register",
    "/index.html",
]


async def test_every_address_of_the_page_is_the_page(
    small_site: Site, subtests: pytest.Subtests
) -> None:
    for path in ADDRESSES:
        with subtests.test(path=path):
            async with small_site.program() as client:
                answer = await client.get(path)

            assert answer.status_code == 200
            assert answer.text == INDEX
            assert answer.headers["content-type"] == "text/html; charset=utf-8"
            assert answer.headers["cache-control"] == "no-cache"
            policy = answer.headers["content-security-policy"]
            assert "script-src 'self';" in policy and "require-trusted-types-for 'script'" in policy
            assert "unsafe" not in policy


async def test_the_lists_of_a_person_are_there_where_the_person_is(site: Site) -> None:
    async with site.browser() as client:
        await register(client, "ada")
        for part in ("pictures", "reactions", "followers", "following"):
            assert (await client.get(f"/@Ada/{part}")).status_code == 200
            assert (await client.get(f"/@nobody/{part}")).status_code == 404


async def test_the_page_is_not_sent_again_until_it_is_built_again(small_site: Site) -> None:
    async with small_site.program() as client:
        first = await client.get("/")
        headers = {"If-None-Match": first.headers["etag"]}
        again = await client.get("/explore", headers=headers)
        (small_site.house.static / "index.html").write_text(INDEX.replace("abc123", "def456"))
        rebuilt = await client.get("/", headers=headers)

    assert again.status_code == 304
    assert again.content == b""
    assert rebuilt.status_code == 200
    assert "def456" in rebuilt.text


async def test_a_page_that_was_not_built_says_what_to_type(small_site: Site) -> None:
    (small_site.house.static / "index.html").unlink()
    async with small_site.program() as client:
        answers = [await client.get(path) for path in ("/", "/explore", "/@nobody")]

    for answer in answers:
        assert answer.status_code == 503
        assert answer.headers["content-type"].startswith("text/plain")
        assert answer.text == "The page has not been built yet: run `make build`.\n"


async def test_hashed_files_are_kept_for_ever(small_site: Site) -> None:
    assets = small_site.house.static / "assets"
    (assets / "main-abc123.js").write_text("export {};")
    (assets / "font-abc123.woff2").write_bytes(b"wOF2")
    async with small_site.program() as client:
        script = await client.get("/assets/main-abc123.js")
        font = await client.get("/assets/font-abc123.woff2")
        again = await client.get(
            "/assets/main-abc123.js", headers={"If-None-Match": script.headers["etag"]}
        )

    assert script.text == "export {};"
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert font.headers["content-type"] == "font/woff2"
    assert again.status_code == 304


CODINGS: list[tuple[str, str | None]] = [
    ("br, gzip", "br"),
    ("gzip, deflate, br;q=0.5", "br"),
    ("gzip", "gzip"),
    ("GZIP", "gzip"),
    ("br;q=0, gzip", "gzip"),
    ("br; q=0.000, gzip;q=0", None),
    ("identity", None),
    ("", None),
]


async def test_a_file_that_was_packed_goes_out_packed(
    small_site: Site, subtests: pytest.Subtests
) -> None:
    for accepted, coding in CODINGS:
        with subtests.test(accepted=accepted):
            assets = small_site.house.static / "assets"
            (assets / "main-abc123.js").write_bytes(b"plain")
            (assets / "main-abc123.js.br").write_bytes(b"packed by br")
            (assets / "main-abc123.js.gz").write_bytes(b"packed by gzip")
            async with (
                small_site.program(**{"Accept-Encoding": accepted}) as client,
                client.stream("GET", "/assets/main-abc123.js") as answer,
            ):
                sent = b"".join([piece async for piece in answer.aiter_raw()])

            assert answer.headers.get("content-encoding") == coding
            assert answer.headers["vary"] == "Accept-Encoding"
            assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
            assert sent.decode() == (f"packed by {coding}" if coding else "plain")


async def test_other_files_of_the_page_are_asked_for_each_time(small_site: Site) -> None:
    (small_site.house.static / "favicon.svg").write_text("<svg/>")
    async with small_site.program() as client:
        answer = await client.get("/favicon.svg")

    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["cache-control"] == "no-cache"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


NOT_FILES: list[str] = [
    "/assets/gone-abc123.js",
    "/assets/",
    "/favicon.ico",
    "/wp-login.php",
    "/.env",
    "/.gitkeep",
    "/assets/..%2f..%2ftest.db",
    "/..%2ftest.db",
    "/%2e%2e/test.db",
    "/assets%2f%2e%2e%2f%2e%2e%2ftest.db",
]


async def test_a_file_that_is_not_there_is_not_the_page(
    small_site: Site, subtests: pytest.Subtests
) -> None:
    for path in NOT_FILES:
        with subtests.test(path=path):
            (small_site.house.static / ".gitkeep").touch()
            async with small_site.program() as client:
                answer = await client.get(path)

            assert_refused(answer, 404, "not_found")


async def test_a_shared_post_carries_its_words(site: Site) -> None:
    async with site.browser() as ada, site.program() as visitor:
        user = await register(ada, "ada", display_name='Ada "<b>" Lovelace')
        text = 'Hello & "welcome" </title><script>alert(1)</script>\nsecond line'
        post_id = await write(site, user["id"], text)
        answer = await visitor.get(f"/post/{post_id}")

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"
    assert "<script>alert" not in answer.text
    assert card(answer) == {
        "og:site_name": "realtime",
        "og:type": "article",
        "og:title": 'Ada "<b>" Lovelace (@ada)',
        "og:description": 'Hello & "welcome" </title><script>alert(1)</script> second line',
        "og:url": f"{site.url}/post/{post_id}",
        "twitter:card": "summary",
    }
    assert f'<link rel="canonical" href="{site.url}/post/{post_id}" />' in answer.text
    described = re.search('<meta name="description" content="([^"]*)" />', answer.text)
    assert described is not None
    assert html.unescape(described[1]) == card(answer)["og:description"]
    title = re.search("<title>(.*?)</title>", answer.text)
    assert title is not None and html.unescape(title[1]) == 'Ada "<b>" Lovelace (@ada)'
    assert answer.text.count("<head>") == answer.text.count("</head>") == 1


async def test_a_shared_picture_is_shown_and_described(site: Site) -> None:
    async with site.browser() as ada, site.program() as visitor:
        user = await register(ada, "ada")
        stem = "0123456789abcdef" * 2
        picture = Picture(
            type="image/webp",
            file=f"{stem}.webp",
            width=1600,
            height=1200,
            sizes=((f"{stem}-320.webp", 320, 240), (f"{stem}-640.webp", 640, 480)),
            thumbhash="aGFzaA==",
            animated=False,
            alt='A "cat" <3',
        )
        media_id = await site.house.database.run_tx(
            lambda tx: pictures.insert(tx, int(user["id"]), picture, NOW)
        )
        post_id = await write(site, user["id"], "", media=[media_id])
        answer = await visitor.get(f"/post/{post_id}")
        forged = await visitor.get(f"/post/{post_id}", headers={"Host": '"><script>'})

    shown = card(answer)
    assert shown["og:description"] == shown["og:image:alt"] == 'A "cat" <3'
    assert shown["og:image"] == f"{site.url}/media/{stem}-640.webp"
    assert (shown["og:image:width"], shown["og:image:height"]) == ("640", "480")
    assert shown["twitter:card"] == "summary_large_image"
    assert not {"og:image", "og:url"} & card(forged).keys()
    assert "canonical" not in forged.text
    assert '"><script>' not in forged.text


async def test_a_shared_profile_carries_its_bio(site: Site) -> None:
    async with site.browser() as ada, site.program() as visitor:
        user = await register(ada, "ada", display_name="Ada")
        plain = await visitor.get("/@ada")
        await site.house.database.run_tx(
            lambda tx: users.update(
                tx, int(user["id"]), display_name=None, bio="First\nprogrammer", avatar=None
            )
        )
        told = await visitor.get("/@ADA")

    assert card(plain)["og:title"] == "Ada (@ada)"
    assert card(plain)["og:description"] == "0 posts, 0 followers"
    assert card(told)["og:description"] == "First programmer"
    assert card(told)["og:type"] == "profile"
    # However the name was typed, it is one page.
    assert card(told)["og:url"] == f"{site.url}/@ada"


NOWHERE: list[str] = [
    "/@nobody",
    "/@x",
    "/@%00",
    "/@" + "x" * 500,
    "/@a%20b",
    "/post/0",
    "/post/123456",
    "/post/abc",
    "/post/-1",
    "/post/" + "9" * 19,
    "/post/" + "9" * 40,
    "/post/%31%00",
    *("/post", "/post/1/2", "/a/b/c", "/nowhere", "/explore/more", "/@", "/@nobody/followers"),
]


async def test_what_does_not_exist_is_the_bare_page_with_404(
    small_site: Site, subtests: pytest.Subtests
) -> None:
    for path in NOWHERE:
        with subtests.test(path=path):
            async with small_site.program() as client:
                answer = await client.get(path)

            assert answer.status_code == 404
            assert answer.text == INDEX


async def test_a_deleted_post_is_the_bare_page_with_404(site: Site) -> None:
    async with site.browser() as ada:
        user = await register(ada, "ada")
        post_id = await write(site, user["id"], "soon gone")
        await site.house.database.run_tx(
            lambda tx: posts.delete(tx, int(user["id"]), int(post_id), frozenset(), NOW)
        )
        answer = await ada.get(f"/post/{post_id}")

    assert answer.status_code == 404
    assert answer.text == INDEX


async def test_who_is_blocked_sees_the_same_as_for_what_does_not_exist(site: Site) -> None:
    async with site.browser() as ada, site.browser() as bob, site.program() as visitor:
        ada_id = (await register(ada, "ada"))["id"]
        bob_id = (await register(bob, "bob"))["id"]
        hers = await write(site, ada_id, "not for Bob")
        his = await write(site, bob_id, "not for Ada")
        await block(site, ada_id, bob_id)

        to_bob = [await bob.get(path) for path in ("/@ada", f"/post/{hers}")]
        to_ada = await ada.get("/@bob"), await ada.get(f"/post/{his}")
        to_all = [await visitor.get(path) for path in ("/@ada", f"/post/{hers}")]

    for answer in to_bob:
        assert (answer.status_code, answer.text) == (404, INDEX)
    assert [answer.status_code for answer in to_ada] == [200, 404]
    assert [answer.status_code for answer in to_all] == [200, 200]


async def test_during_an_outage_the_page_comes_bare(
    small_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def down(*_: Any) -> None:
        raise Unavailable("the database is down, for this test")

    monkeypatch.setattr(users, "by_name", down)
    monkeypatch.setattr(posts, "may_name", down)
    async with small_site.program() as client:
        answers = [await client.get(path) for path in ("/@ada", "/post/7", "/")]

    for answer in answers:
        assert (answer.status_code, answer.text) == (200, INDEX)


@pytest.mark.parametrize("words", ["$& \\1 \\g<0>", "{}", "%s", "</head>", "<!--", "\u202e", "‘’"])
def test_words_in_a_card_are_only_words(words: str) -> None:
    page = render(INDEX, Card("article", words, words, None, Image(words, 1, 1, words)))

    assert page.count("</head>") == 1
    assert f"<title>{html.escape(words)}</title>" in page
    assert f'<meta property="og:description" content="{html.escape(words)}" />' in page


async def test_long_words_are_cut_between_words(site: Site) -> None:
    async with site.browser() as ada:
        user = await register(ada, "ada")
        spaced = await write(site, user["id"], "word " * 99 + "end")
        solid = await write(site, user["id"], "x" * 400)
        answers = [await ada.get(f"/post/{one}") for one in (spaced, solid)]

    first, second = (card(answer)["og:description"] for answer in answers)
    assert first.endswith("word…") and 270 <= len(first) <= 280
    assert second == "x" * 279 + "…"
