"""Every page, light and wide, dark and narrow: axe finds nothing, nothing sticks out sideways."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, WebSocketRoute, expect

from tests.browser.crowd import NARROW, WIDE, Crowd, Window
from tests.browser.site import Site
from tests.browser.town import Town, town

pytestmark = pytest.mark.asyncio(loop_scope="session")

AXE = Path(__file__).parent.parent.parent / "web/node_modules/axe-core/axe.min.js"
ROUTE = Path(__file__).parent.parent.parent / "web/src/app/route.ts"
#: The colours of a theme are the same at every width, so each is looked at in one.
LOOKS: tuple[tuple[Literal["light", "dark"], dict[str, int]], ...] = (
    ("light", WIDE),
    ("dark", NARROW),
)

_RUN = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ['violations'] });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(' ')}: ${failureSummary}`));
}"""
_SIDEWAYS = """() => {
  const { scrollWidth, clientWidth } = document.documentElement;
  return scrollWidth > clientWidth ? [`the page is ${scrollWidth} px wide`] : [];
}"""


# 400 % zoom of 1280 px is 320 px; text alone is to bear 200 %.
_TURNED = """async (how) => {
  const root = document.documentElement;
  const dir = root.dir;
  if (how === 'rtl') root.dir = 'rtl';
  if (how === 'large') root.style.fontSize = '200%';
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const { scrollWidth, clientWidth } = root;
  const out = ({ left, right }) => right > clientWidth + 1 || left < -1;
  const whose = [...document.querySelectorAll('main *')]
    .filter((element) => out(element.getBoundingClientRect()))
    .map((element) => `${element.tagName}.${element.className}`);
  root.dir = dir;
  root.style.fontSize = '';
  const said = `the page is ${scrollWidth} px wide: ${whose.slice(0, 4).join(', ')}`;
  return scrollWidth > clientWidth ? [said] : [];
}"""


async def flaws(page: Page) -> list[str]:
    """What is wrong on this page as it stands, in both themes, wide and narrow."""
    found: list[str] = []
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text(encoding="utf-8"))
    for theme, viewport in LOOKS:
        width = viewport["width"]
        await page.set_viewport_size({"width": width, "height": viewport["height"]})
        await page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        await page.evaluate("document.fonts.ready.then(() => {})")
        found += [f"{width} px: {flaw}" for flaw in await page.evaluate(_SIDEWAYS)]
        found += [f"{theme}, {width} px: {flaw}" for flaw in await page.evaluate(_RUN)]
    found += await sideways(page)
    await page.set_viewport_size({"width": WIDE["width"], "height": WIDE["height"]})
    return found


async def sideways(page: Page) -> list[str]:
    """Where something sticks out: at the widths between, with large text, read from the right."""
    found: list[str] = []
    for width, how in ((800, ""), (320, ""), (360, "large"), (360, "rtl")):
        await page.set_viewport_size({"width": width, "height": 800})
        flaws = await page.evaluate(_TURNED, how)
        found += [f"{width} px {how}: {flaw}" for flaw in flaws]
    return found


#: Whether it, or its mark, is filled with the system's colour for what is chosen.
_LIT = """(element) => {
  const probe = document.body.appendChild(document.createElement('i'));
  probe.style.background = 'Highlight';
  const highlight = getComputedStyle(probe).backgroundColor;
  probe.remove();
  return ['', '::before', '::after'].some(
    (part) => getComputedStyle(element, part || null).backgroundColor === highlight);
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def visitors(browser: Browser, site: Site) -> AsyncIterator[Crowd]:
    """People on `site` who stay for all tests of this file."""
    people = Crowd(browser, site.url)
    people.expects("the server responded with a status of 404")
    yield people
    assert await people.leave() == []


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def here(visitors: Crowd) -> Town:
    """A town to look at; it is not to be changed."""
    return await town(visitors)


PAGES = {
    "home": "/",
    "explore": "/explore",
    "thread": "{thread}",
    "no post": "/post/1",
    "profile": "/@{ada}",
    "pictures": "/@{ada}/pictures",
    "reactions": "/@{ada}/reactions",
    "followers": "/@{ada}/followers",
    "following": "/@{ada}/following",
    "somebody else": "/@{bob}",
    "nobody": "/@nobody_of_this_name",
    "notices": "/notices",
    "search": "/search?q=pier",
    "people found": "/search?q=ada&kind=people",
    "settings": "/settings",
    "nowhere": "/nowhere/at/all",
}


#: What each page of `route.ts` is called here, or below.
ROUTES = {
    "home": "home",
    "explore": "explore",
    "notices": "notices",
    "search": "search",
    "settings": "settings",
    "post": "thread",
    "profile": "profile",
    "people": "followers",
    "missing": "nowhere",
}
#: Looked at by tests of their own.
BY_THEMSELVES = {"login", "register", "docs"}


async def test_no_page_is_left_out() -> None:
    union = re.search(r"export type Route =(.*?);\n\n", ROUTE.read_text(), re.DOTALL)
    assert union is not None
    pages = {
        name
        for names in re.findall(r"page:([^;}]+)", union[1])
        for name in re.findall(r"'([a-z]+)'", names)
    }
    assert pages == ROUTES.keys() | BY_THEMSELVES
    assert set(ROUTES.values()) <= PAGES.keys()


async def looked_at(window: Window) -> None:
    """Wait until nothing on this page is on its way."""
    await expect(window.page.locator("h1, h2").first).to_be_attached()
    await expect(window.page.locator("[aria-busy=true], .skeleton")).to_have_count(0)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def adas(here: Town) -> Window:
    """The one window in which Ada goes from page to page."""
    return await here.ada.window()


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
async def test_a_page_of_somebody_signed_in_is_for_everybody(
    here: Town, adas: Window, path: str
) -> None:
    await adas.open(path.format(thread=here.thread, ada=here.ada.name, bob=here.bob.name))
    await looked_at(adas)
    assert await flaws(adas.page) == []


async def test_a_page_without_anything_is_for_everybody(visitors: Crowd) -> None:
    newcomer = await visitors.person("Newcomer", workers="block")
    window = await newcomer.window()
    for path in ("/", newcomer.address, f"{newcomer.address}/followers", "/search?q=zzzz"):
        await window.open(path)
        await looked_at(window)
        assert await flaws(window.page) == []
    await window.page.close()


async def test_a_german_page_is_for_everybody(visitors: Crowd) -> None:
    ada = await visitors.person("Ada", locale="de", workers="block")
    window = await ada.context.new_page()
    for path in ("/settings", "/explore"):
        await window.goto(path)
        await expect(window.locator("html")).to_have_attribute("lang", "de")
        await expect(window.locator("[aria-busy=true], .skeleton")).to_have_count(0)
        assert await flaws(window) == []
    await window.close()


async def test_a_page_of_a_visitor_is_for_everybody(visitors: Crowd, here: Town) -> None:
    window = await visitors.visitor("/explore")
    for path in ("/login", "/register", "/explore", here.thread, here.ada.address):
        await window.open(path)
        await looked_at(window)
        assert await flaws(window.page) == []
        if path in ("/login", "/register"):
            await window.page.locator("form button[type=submit]").click()
            await expect(window.page.locator("[aria-invalid=true]").first).to_be_visible()
            assert await flaws(window.page) == []
    await window.page.close()


async def test_the_page_of_the_protocol_is_for_everybody(visitors: Crowd) -> None:
    window = await visitors.visitor("/docs")
    # A few of each kind: all of them would tell the same, and take long.
    await window.page.get_by_role("searchbox").fill("retweet")
    assert await flaws(window.page) == []
    await window.page.close()


async def _write(here: Town, window: Window) -> None:
    await window.page.get_by_role("link", name="Explore").first.click()
    await window.page.get_by_role("button", name="Write a post").first.click()
    await window.dialog.get_by_role("textbox").fill("Too long. " * 60)


async def _reply(here: Town, window: Window) -> None:
    await window.post("It moves").get_by_role("button", name="Reply").click()


async def _quote(here: Town, window: Window) -> None:
    await window.choose("It moves", "Retweet", "Quote")


async def _picker(here: Town, window: Window) -> None:
    await window.post("It moves").get_by_role("button", name="Add a reaction").click()
    await expect(window.page.get_by_role("gridcell").first).to_be_visible()


async def _menu(here: Town, window: Window) -> None:
    await window.post("It moves").get_by_role("button", name="More about this post").click()


async def _delete(here: Town, window: Window) -> None:
    await window.choose("مرحبا", "More about this post", "Delete")


async def _lightbox(here: Town, window: Window) -> None:
    await window.post("Pictures: 4").get_by_role("button", name="Open picture").first.click()


async def _profile(here: Town, window: Window) -> None:
    await window.page.get_by_role("link", name="You", exact=True).first.click()
    await window.feed.get_by_role("button", name="Edit profile").click()


async def _who_reacted(here: Town, window: Window) -> None:
    await window.page.goto(here.thread)
    await window.feed.get_by_role("button", name="6 reactions").click()
    await expect(window.dialog.get_by_role("listitem").first).to_be_visible()


async def _speed(here: Town, window: Window) -> None:
    await window.page.keyboard.press("Shift+L")
    await expect(window.dialog.get_by_text("Delivery, p50")).to_be_visible()


async def _keys(here: Town, window: Window) -> None:
    await window.page.keyboard.press("?")


async def _farewell(here: Town, window: Window) -> None:
    await window.page.get_by_role("link", name="Settings").first.click()
    await window.page.get_by_role("button", name="Delete my account").click()


OPEN: dict[str, Callable[[Town, Window], Awaitable[None]]] = {
    "the composer": _write,
    "a reply": _reply,
    "a quote": _quote,
    "the picker": _picker,
    "a menu": _menu,
    "a question": _delete,
    "a picture": _lightbox,
    "the profile": _profile,
    "who reacted": _who_reacted,
    "the connection in figures": _speed,
    "the keys": _keys,
    "the question before the account goes": _farewell,
}


@pytest.mark.parametrize("opened", OPEN.values(), ids=OPEN)
async def test_what_opens_over_a_page_is_for_everybody(
    here: Town, adas: Window, opened: Callable[[Town, Window], Awaitable[None]]
) -> None:
    await adas.open("/")
    await looked_at(adas)
    await opened(here, adas)
    over = adas.page.locator("dialog[open], :popover-open")
    await expect(over).to_have_count(1)
    assert await flaws(adas.page) == []
    await expect(over).to_have_count(1)


async def test_in_forced_colours_what_is_chosen_can_be_told(here: Town, adas: Window) -> None:
    await adas.page.emulate_media(forced_colors="active")
    for path, chosen, other in (
        ("/", 'nav [aria-current="page"]', "nav a:not([aria-current])"),
        (here.thread, '.chip[aria-pressed="true"]', '.chip[aria-pressed="false"]'),
        (
            here.ada.address,
            'main .tabs-line [aria-current="page"]',
            "main .tabs-line a:not([aria-current])",
        ),
        ("/settings", "label:has(:checked)", "label:has(input:not(:checked))"),
    ):
        await adas.open(path)
        await looked_at(adas)
        for selector, is_lit in ((chosen, True), (other, False)):
            found = adas.page.locator(selector).first
            assert await found.evaluate(_LIT) is is_lit, selector
    button = adas.page.locator("main .button").first
    assert await button.evaluate("(button) => getComputedStyle(button).borderStyle") == "solid"
    await adas.page.emulate_media(forced_colors="none")


async def test_the_states_of_trouble_are_for_everybody(visitors: Crowd) -> None:
    ada = await visitors.person("Ada", workers="block")
    away = asyncio.Event()
    open_now: list[WebSocketRoute] = []

    async def between(socket: WebSocketRoute) -> None:
        if away.is_set():
            await socket.close(code=1013)
            return
        server = socket.connect_to_server()
        open_now.append(socket)

        def said(frame: str | bytes) -> None:
            command = json.loads(frame)
            if command["type"] != "post.create":
                server.send(frame)
                return
            refused = {"code": "unavailable", "message": "Busy.", "retry_after": 60}
            socket.send(json.dumps({"type": "error", "ref": command["ref"], **refused}))

        socket.on_message(said)

    await ada.context.route_web_socket(re.compile("/ws$"), between)
    window = await ada.window()
    await window.write("Refused for now")
    await expect(window.post("Refused for now")).to_contain_text("Sent again in")
    assert await flaws(window.page) == []
    away.set()
    await open_now[-1].close(code=1013)
    await window.write("Waiting for better times")
    await expect(window.post("Waiting for better times")).to_contain_text("Waiting")
    await expect(window.head).to_contain_text("Reconnecting")
    assert await flaws(window.page) == []
    await window.page.close()


async def test_being_signed_out_is_for_everybody(crowd: Crowd) -> None:
    crowd.expects("the server responded with a status of 401")
    ada = await crowd.person("Ada", workers="block")
    adas = await ada.window()
    answer = await ada.context.request.post("/api/logout", headers={"Origin": crowd.url})
    assert answer.status == 204
    await expect(adas.head).to_contain_text("You were signed out on this device.")
    assert await flaws(adas.page) == []
