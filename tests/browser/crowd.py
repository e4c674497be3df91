"""People before real browser windows: their verbs, and whatever their windows complain of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

from tests.client import PASSWORD

WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 360, "height": 740}
DEADLINE_MS = 20_000
#: The browser itself says so of every connection and answer that fails, however calm the page is.
AWAY = (
    r"ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|net::ERR_FAILED|WebSocket connection to .* failed"
)

Workers = Literal["allow", "block"]


class Window:
    """One tab. `page` is Playwright's; `loads` counts how often it was loaded from the server."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.loads = 0
        page.on("load", self._loaded)

    def _loaded(self, _page: Page) -> None:
        self.loads += 1

    @property
    def feed(self) -> Locator:
        """The middle of the page, between the navigation and the side."""
        return self.page.get_by_role("main")

    @property
    def head(self) -> Locator:
        """The sticky head of the page."""
        return self.feed.locator("header.head")

    @property
    def composer(self) -> Locator:
        """Where a post is written, in the page itself."""
        return self.feed.get_by_role("textbox", name="Write a post")

    @property
    def dialog(self) -> Locator:
        """The dialog that is open."""
        return self.page.locator("dialog[open]")

    def post(self, words: str) -> Locator:
        """The posts on this page with these words in them."""
        return self.feed.get_by_role("article").filter(has_text=words)

    def chip(self, words: str, label: str) -> Locator:
        """Below the post with these words, the reaction that ears know as `label`."""
        return self.post(words).get_by_role("button", name=label, exact=True)

    async def is_live(self) -> None:
        """Wait until the lamp is lit."""
        await expect(self.feed.get_by_role("img", name="Live", exact=True)).to_be_visible()

    async def has_network(self) -> None:
        """Say so, as the system would: the page tries to connect at once."""
        await self.page.evaluate("dispatchEvent(new Event('online'))")

    async def open(self, path: str) -> None:
        """Go there as somebody who types the address."""
        await self.page.goto(path)

    async def write(self, words: str) -> None:
        """Write in the page's own composer and send."""
        await self.composer.fill(words)
        await self.feed.get_by_role("button", name="Post", exact=True).click()

    async def reply(self, shown: str, words: str) -> None:
        """Answer the post of this open thread, which is by `shown`."""
        await self.feed.get_by_role("textbox", name=f"Reply to {shown}").fill(words)
        await self.feed.locator("[data-composer]").get_by_role("button", name="Reply").click()

    async def react(self, words: str, emoji: str, search: str) -> None:
        """Choose `emoji` in the picker, found by the word `search`, for the post with `words`."""
        await self.post(words).get_by_role("button", name="Add a reaction").click()
        await self.page.get_by_role("searchbox", name="Search emoji").fill(search)
        await self.page.get_by_role("gridcell").filter(has_text=emoji).first.click()

    async def choose(self, words: str, menu: str, item: str) -> None:
        """Open the menu of the post with `words` whose button begins with `menu`; choose `item`."""
        opener = self.post(words).get_by_role("button", name=re.compile(f"^{re.escape(menu)}"))
        await opener.click()
        await self.page.get_by_role("menuitem", name=item, exact=True).click()

    async def has_all_files(self) -> None:
        """Wait until every file of the page is kept in this browser."""
        await self.page.evaluate(_KEPT)

    async def attach(self, button: str, *files: Path) -> None:
        """Press `button` and choose these files in the window that the system opens."""
        async with self.page.expect_file_chooser() as opening:
            await self.page.get_by_role("button", name=button, exact=True).click()
        await (await opening.value).set_files(list(files))


class Person:
    """Somebody with an account and a browser of their own, with any number of windows."""

    def __init__(self, context: BrowserContext, name: str, shown: str) -> None:
        self.context = context
        self.name = name
        self.shown = shown
        self.address = f"/@{name}"

    async def window(self, path: str = "/") -> Window:
        """A new window of this browser, live."""
        window = await blank(self.context)
        await window.open(path)
        await window.is_live()
        return window

    async def cookie(self) -> str:
        """What proves who this is, as a header for programs."""
        cookies = await self.context.cookies()
        return "; ".join(f"{each['name']}={each['value']}" for each in cookies)


class Crowd:
    """Everybody in one test. `complaints` is all that any window wrote as an error or threw."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser = browser
        self.url = url
        self.complaints: list[str] = []
        self._expected: list[str] = ["Service Worker registration blocked"]
        self._contexts: list[BrowserContext] = []

    async def person(self, shown: str, locale: str = "en-GB", workers: Workers = "allow") -> Person:
        """Somebody new, signed in. `shown` is their display name; their name is theirs alone."""
        context = await self.context(locale=locale, workers=workers)
        name = f"{shown.lower()}_{len(_NAMES)}"
        _NAMES.append(name)
        answer = await context.request.post(
            "/api/register",
            headers={"Origin": self.url},
            data={"name": name, "password": PASSWORD, "display_name": shown},
        )
        assert answer.status == 201, await answer.text()
        return Person(context, name, shown)

    async def visitor(self, path: str) -> Window:
        """A window of somebody who is not signed in."""
        window = await blank(await self.context())
        await window.open(path)
        return window

    async def context(
        self, viewport: dict[str, int] = WIDE, locale: str = "en-GB", workers: Workers = "allow"
    ) -> BrowserContext:
        """A browser that nobody has used yet; with `block`, one that knows no service workers."""
        context = await self.browser.new_context(
            base_url=self.url,
            viewport={"width": viewport["width"], "height": viewport["height"]},
            locale=locale,
            timezone_id="UTC",
            service_workers=workers,
        )
        context.set_default_timeout(DEADLINE_MS)
        context.on("console", self._said)
        context.on("weberror", lambda error: self.complaints.append(f"thrown: {error.error}"))
        self._contexts.append(context)
        return context

    def expects(self, *patterns: str) -> None:
        """From now on errors like these are part of the story."""
        self._expected += patterns

    async def leave(self) -> Sequence[str]:
        """Close every window; what they complained of that nobody expected."""
        for context in self._contexts:
            await context.close()
        patterns = self._expected
        return [said for said in self.complaints if not any(re.search(p, said) for p in patterns)]

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")


#: Sooner than the page itself would say that it has time.
_KEPT = """async () => {
  const { active } = await navigator.serviceWorker.ready;
  const listed = await (await fetch('/sw.js')).text();
  const files = new Set(listed.match(/\\/assets\\/[\\w./-]+\\.\\w+/g));
  for (;;) {
    active.postMessage('idle');
    const missing = await Promise.all([...files].map(async (file) => !(await caches.match(file))));
    if (!missing.includes(true)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}"""
#: Names given in this test process: no two people of one site may have the same.
_NAMES: list[str] = []


async def blank(context: BrowserContext) -> Window:
    """A window in which nothing is open yet."""
    return Window(await context.new_page())
