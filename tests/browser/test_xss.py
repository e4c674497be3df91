"""Every text that somebody may write is only ever text: nothing of it runs, loads or leads away."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from realtime.http.card import Card, Image, render
from realtime.store.media import Picture
from tests.browser.crowd import Crowd, Window, blank
from tests.browser.hostile import Hostile, payloads, settle
from tests.browser.site import ROOT, Site
from tests.browser.town import picture
from tests.client import PASSWORD, post, window
from tests.pictures import photo

pytestmark = pytest.mark.asyncio(loop_scope="session")

TALL = {"width": 1280, "height": 9000}

#: Whatever runs is counted, and whatever the policy had to stop.
_WATCH = """
  const seen = { ran: 0, stopped: [] };
  Object.defineProperty(window, '__seen', { value: seen });
  for (const name of ['alert', 'confirm', 'prompt', 'open', 'print'])
    window[name] = () => { seen.ran += 1; };
  document.addEventListener('securitypolicyviolation', (event) => {
    seen.stopped.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
  });
"""
_SEEN = """() => [
  ...Array(window.__seen.ran).fill('a dialog'),
  ...window.__seen.stopped,
  ...('__ran' in window ? ['__ran'] : []),
  ...(document.title === 'ran' ? ['the title'] : []),
]"""
#: What no text may ever become.
_FLAWS = """() => {
  const wrong = [];
  const never = 'IFRAME FRAME OBJECT EMBED BASE TEMPLATE STYLE MATH FORM-X PORTAL MARQUEE APPLET';
  for (const element of document.querySelectorAll('*')) {
    const name = element.tagName.toUpperCase();
    if (never.split(' ').includes(name) || name === 'X') wrong.push(`a ${name}`);
    for (const { name: attribute } of element.attributes)
      if (/^on|^(srcdoc|formaction|ping|http-equiv|xlink:href|background)$/i.test(attribute))
        wrong.push(`${name} ${attribute}`);
  }
  for (const { src } of document.scripts)
    if (new URL(src).origin !== location.origin) wrong.push(`a script from ${src}`);
  for (const { src } of document.images)
    if (!/^(blob:|data:image)/.test(src) && new URL(src).origin !== location.origin)
      wrong.push(`an image from ${src}`);
  for (const link of document.links) {
    const { href, protocol, origin, rel, target } = link;
    if (protocol !== 'http:' && protocol !== 'https:') wrong.push(`a link to ${href}`);
    const asked = ['noopener', 'nofollow', 'ugc'];
    const isKind = asked.every((word) => rel.split(' ').includes(word)) && target === '_blank';
    if (origin !== location.origin && !isKind) wrong.push(`a link to ${href} with ${rel}`);
  }
  return wrong;
}"""


@pytest.fixture(scope="module")
def walled() -> Iterator[Site]:
    """A site of these tests alone: nobody else should have to meet who lives there."""
    with Site() as running:
        yield running


class Reader:
    """Ada, who reads it all in one window; `strangers` is whatever else was asked for or opened."""

    def __init__(self, window: Window, hostile: Hostile, me: str) -> None:
        self.window = window
        self.me = me
        self.page = window.page
        self.hostile = hostile
        self.strangers: list[str] = []

    async def open(self, path: str) -> None:
        await self.check()
        await self.window.open(path)
        await expect(self.window.feed).to_be_visible()

    async def check(self) -> None:
        """Nothing ran, nothing had to be stopped, nothing is there but text."""
        if self.page.url == "about:blank":
            return
        found = await self.page.evaluate(_SEEN) + await self.page.evaluate(_FLAWS)
        assert found == [], self.page.url
        assert self.strangers == []

    async def read(self, selector: str, wanted: set[str]) -> set[str]:
        """Scroll down until all of `wanted` was seen, or long enough; what stood in `selector`."""
        seen: set[str] = set()
        for _ in range(40):
            seen.update(await self.page.locator(selector).all_text_contents())
            await self.check()
            if wanted <= seen:
                break
            await self.page.evaluate(_FURTHER)
        return seen


_FURTHER = """async () => {
  window.scrollBy(0, 6000);
  for (let n = 0; n < 6; n += 1) await new Promise((done) => requestAnimationFrame(done));
  await new Promise((done) => setTimeout(done, 60));
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def reader(browser: Browser, walled: Site) -> AsyncIterator[Reader]:
    crowd = Crowd(browser, walled.url)
    ada = await crowd.person("Ada", workers="block")
    first = (await picture(crowd, ada, photo(40, 30), ""), walled.folder)
    assert walled.folder is not None and first[0]
    [file] = [path.name for path in (walled.folder / "uploads").iterdir()][:1]
    shown = Picture("image/webp", file, 40, 30, (), "", False, "")
    me = await (await ada.context.request.get("/api/session")).json()
    hostile = await settle(walled.folder, int(me["user"]["id"]), shown)
    await ada.context.add_init_script(_WATCH)
    await _answer_aloud(crowd, hostile, me["user"]["name"])
    opened = await blank(ada.context)
    await opened.page.set_viewport_size({"width": TALL["width"], "height": TALL["height"]})
    reader = Reader(opened, hostile, ada.name)
    _listen(ada.context, reader, walled.url)
    yield reader
    assert await crowd.leave() == []


async def _answer_aloud(crowd: Crowd, hostile: Hostile, name: str) -> None:
    """Some of them do it through the door, where it lets them: so the reader has notices."""
    for cookie in hostile.cookies[:: len(hostile.cookies) // 12]:
        async with window(crowd.url, cookie) as loud:
            await post(loud, f"<img src=x onerror=alert(1)> @{name}", reply_to=hostile.root)
            await loud.ask("react.set", post_id=hostile.root, emoji="🔥", on=True)
            await loud.ask("retweet.set", post_id=hostile.root, on=True)


def _listen(context: Any, reader: Reader, url: str) -> None:
    own = (url, url.replace("http:", "ws:"), "data:image/", "blob:")

    def asked(request: Any) -> None:
        if not request.url.startswith(own):
            reader.strangers.append(f"asked for {request.url}")

    context.on("request", asked)
    context.on("page", lambda page: reader.strangers.append(f"opened {page.url}"))
    context.on("dialog", lambda dialog: reader.strangers.append(f"a dialog {dialog.message}"))


async def test_there_are_enough_of_them() -> None:
    texts = payloads()
    assert len(set(texts)) == len(texts) >= 300


def plain(texts: list[str]) -> set[str]:
    """Those without an address: what leads somewhere is shown shorter than it was written."""
    return {text for text in texts if "://" not in text}


async def test_the_watch_sees_what_runs_and_what_is_stopped(browser: Browser, walled: Site) -> None:
    context = await browser.new_context(base_url=walled.url, service_workers="block")
    await context.add_init_script(_WATCH)
    page = await context.new_page()
    await page.goto("/")
    assert await page.evaluate(_SEEN) == []
    thrown = await page.evaluate(_PLANTED)
    found = " ".join(await page.evaluate(_SEEN))
    flaws = await page.evaluate(_FLAWS)
    await context.close()
    assert thrown == ["TypeError"] * 4
    assert "a dialog" in found and "img-src" in found
    assert "require-trusted-types-for" in found
    assert {"A ping", "a IFRAME", "a link to javascript:alert(1)"} <= set(flaws)


#: A little of everything that must not happen; what the browser threw at whoever tried.
_PLANTED = """async () => {
  const thrown = [];
  const tried = (deed) => { try { deed(); } catch (error) { thrown.push(error.name); } };
  tried(() => { document.createElement('p').innerHTML = '<b>'; });
  tried(() => { document.createElement('script').text = 'window.__ran = 1'; });
  tried(() => { trustedTypes.createPolicy('default', {}); });
  const inline = document.createElementNS('http://www.w3.org/1999/xhtml', 'script');
  inline.append('window.__ran = 1');
  document.head.append(inline);
  inline.remove();
  const image = document.createElement('img');
  image.src = 'https://evil.example/x.png';
  tried(() => { image.setAttribute('onerror', '0'); });
  const link = document.createElement('a');
  link.href = 'javascript:alert(1)';
  link.setAttribute('ping', '/');
  document.body.append(image, link, document.createElement('iframe'));
  alert(1);
  await new Promise((done) => setTimeout(done, 100));
  return thrown;
}"""


@pytest.mark.parametrize("where", ["/", "/explore", "the thread", "/@x7"])
async def test_posts_are_text_in_every_list(reader: Reader, where: str) -> None:
    hostile = reader.hostile
    await reader.open(f"/post/{hostile.root}" if where == "the thread" else where)
    await expect(reader.window.feed.get_by_role("article").first).to_be_visible()
    said = {
        "/": hostile.texts,
        "/explore": hostile.texts[-60:],
        "the thread": [f"{text} @ada" for text in hostile.texts],
        "/@x7": [hostile.texts[7]],
    }
    wanted = plain(said[where])
    seen = await reader.read("main article .text", wanted)
    assert wanted <= seen, sorted(wanted - seen)[:5]


async def test_display_names_are_text(reader: Reader) -> None:
    await reader.open("/@" + reader.me + "/followers")
    more = reader.window.feed.get_by_role("button", name="More")
    names = reader.window.feed.locator("li.person b")
    for _ in range(10):
        await expect(names.first).to_be_visible()
        if not await more.is_visible():
            break
        count = await names.count()
        await more.click()
        await expect(names.nth(count)).to_be_visible()
    assert set(reader.hostile.texts) <= set(await names.all_text_contents())


async def test_a_bio_and_what_describes_pictures_are_text(reader: Reader) -> None:
    hostile = reader.hostile
    await reader.open("/@x0")
    bio = await reader.page.locator(".bio").text_content() or ""
    assert all(text in bio for text in plain(hostile.texts))
    await reader.open("/@x0/pictures")
    opener = reader.page.locator("main figure > button").first
    await expect(opener).to_be_visible()
    wanted, described = {f"Open picture: {text}" for text in hostile.texts}, set[str]()
    for _ in range(30):
        described |= set(await reader.page.evaluate(_DESCRIBED))
        if described >= wanted:
            break
        await reader.page.evaluate(_FURTHER)
    assert wanted <= described
    await reader.page.evaluate("scrollTo(0, 0)")
    await opener.click()
    await expect(reader.window.dialog).to_be_visible()
    await reader.check()


_DESCRIBED = """() =>
  [...document.querySelectorAll('main figure > button')].map((button) => button.ariaLabel)"""


async def test_an_address_is_only_an_address(reader: Reader) -> None:
    await reader.open("/")
    for text in reader.hostile.texts[::16]:
        for path in ("/search?q=", "/@", "/post/", "/", "/explore#"):
            await reader.page.evaluate(_GO, path + quote(text, safe=""))
        await reader.check()
    for text in reader.hostile.texts[::70]:
        await reader.open("/search?q=" + quote(text, safe=""))
        await expect(reader.page.get_by_role("searchbox").first).to_have_value(
            " ".join(text.split())
        )


_GO = """async (path) => {
  history.pushState(null, '', path);
  dispatchEvent(new PopStateEvent('popstate'));
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
}"""


async def test_what_is_found_noticed_and_being_written_is_text(reader: Reader) -> None:
    await reader.open("/search?q=alert")
    await expect(reader.window.feed.get_by_role("article").first).to_be_visible()
    await reader.open("/notices")
    await expect(reader.window.feed).to_contain_text("<img src=x onerror=alert(1)>")
    await reader.open("/")
    written = "\n".join(reader.hostile.texts)
    await reader.window.composer.fill(written)
    await reader.check()
    assert await reader.window.composer.input_value() == written
    await reader.window.composer.fill("")


async def test_the_page_of_the_protocol_shows_frames_as_text(reader: Reader) -> None:
    await reader.open("/docs#timeline.get")
    page = reader.page
    await page.get_by_role("button", name="Try it timeline.get").click()
    await page.get_by_role("button", name="Connect").click()
    log = page.get_by_role("log", name="Frames")
    await expect(log).to_contain_text('"type":"welcome"')
    frame = {"type": "timeline.get", "ref": 1, "name": "explore", "limit": 100}
    await page.get_by_role("textbox", name="Frame to send").fill(json.dumps(frame))
    await page.get_by_role("button", name="Send").click()
    await expect(log).to_contain_text("window.__ran=1")
    await page.get_by_role("searchbox", name="Search").fill("<img src=x onerror=alert(1)>")
    await reader.check()


async def test_the_devices_of_an_account_are_text(reader: Reader, walled: Site) -> None:
    agent = "<svg/onload=alert(1)> <script>alert(1)</script>"
    answer = await reader.page.request.post(
        walled.url + "/api/login",
        headers={"Origin": walled.url, "User-Agent": agent},
        data={"name": reader.me, "password": PASSWORD},
    )
    assert answer.status == 200
    await reader.open("/settings")
    await expect(reader.window.feed).to_contain_text("<svg")
    await reader.check()


async def test_a_shared_link_carries_only_words(browser: Browser) -> None:
    shell = (ROOT / "static/index.html").read_text(encoding="utf-8")
    bare = await (await browser.new_context()).new_page()
    kept = await bare.evaluate(_PARSED, shell)
    for text in payloads():
        image = Image("https://here.example/media/x.webp", 1, 1, text)
        drawn = render(shell, Card("article", text, text, "https://here.example/post/1", image))
        found = await bare.evaluate(_PARSED, drawn)
        assert found["titles"] == [text], text
        assert found["others"] == kept["others"], text
        assert set(found["metas"]) <= {*kept["metas"], "content property"}, text
        assert found["described"] == text
    await bare.context.close()


#: What a browser makes of a whole page, on one that no policy guards.
_PARSED = """(page) => {
  const all = [...new DOMParser().parseFromString(page, 'text/html').querySelectorAll('*')];
  const names = (element) => [...element.attributes].map(({ name }) => name).sort().join(' ');
  const isOurs = (element) => element.rel === 'canonical' || element.hasAttribute('property');
  return {
    titles: all.filter((e) => e.tagName === 'TITLE').map((e) => e.text),
    metas: all.filter((e) => e.tagName === 'META').map(names),
    others: all.filter((e) => !isOurs(e)).map((e) => `${e.tagName} ${names(e)}`),
    described: all.find((e) => e.getAttribute('property') === 'og:image:alt')?.content,
  };
}"""
