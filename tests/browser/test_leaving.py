"""The server leaves politely, or its database freezes: whoever writes is not alarmed, nor loses a
word."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.crowd import AWAY, Crowd, Window
from tests.browser.site import Site
from tests.client import post, window
from tests.services import Postgres

pytestmark = pytest.mark.asyncio(loop_scope="session")

#: Whatever the page ever said to ears as urgent, however short it stood there.
_LISTEN = """() => {
  window.alarming = [];
  const heard = () => {
    for (const each of document.querySelectorAll('[role=alert]')) {
      const words = each.textContent.trim();
      if (words && !window.alarming.includes(words)) window.alarming.push(words);
    }
  };
  new MutationObserver(heard).observe(document, {
    subtree: true, childList: true, characterData: true, attributes: true,
  });
}"""


async def alarms(page: Page) -> list[str]:
    """What the page said as urgent since it was listened to."""
    found: list[str] = await page.evaluate("window.alarming")
    return found


def goodbyes_of(seen: Window) -> list[str]:
    """The goodbyes that come from now on, as they come."""
    told: list[str] = []

    def frame(payload: str | bytes) -> None:
        if '"goodbye"' in str(payload):
            told.append(str(payload))

    seen.page.on("websocket", lambda socket: socket.on("framereceived", frame))
    return told


async def test_a_polite_restart_costs_neither_draft_nor_post_and_alarms_nobody(
    few: Crowd, mortal_site: Site
) -> None:
    few.expects(AWAY)
    ada, bob = await few.person("Ada"), await few.person("Bob")
    adas, bobs = await asyncio.gather(ada.window(), bob.window("/explore"))
    goodbyes = goodbyes_of(adas)
    await adas.page.reload()
    await adas.is_live()
    await adas.page.evaluate(_LISTEN)

    leaving = asyncio.create_task(asyncio.to_thread(mortal_site.stop))
    await adas.write("Sent while it leaves")
    await adas.composer.fill("and this is half a")
    await leaving
    await adas.write("Sent while nobody is there")
    await adas.composer.fill("thought, unfinished")
    await asyncio.to_thread(mortal_site.start)

    await asyncio.gather(adas.is_live(), bobs.is_live())
    assert any('"code":4000' in told and '"retry_after":' in told for told in goodbyes)
    for words in ("Sent while it leaves", "Sent while nobody is there"):
        await expect(adas.post(words).get_by_role("link", name="now")).to_be_visible()
        for each in (adas, bobs):
            await expect(each.post(words)).to_have_count(1)
    await expect(adas.composer).to_have_value("thought, unfinished")
    await expect(adas.head).not_to_contain_text("Reconnecting")
    assert await alarms(adas.page) == []
    await bobs.page.reload()
    for words in ("Sent while it leaves", "Sent while nobody is there"):
        await expect(bobs.post(words)).to_have_count(1)


@pytest_asyncio.fixture(loop_scope="session")
async def frozen_soon(browser: Browser) -> AsyncIterator[tuple[Crowd, Postgres]]:
    """People on a site of PostgreSQL, which is ours to freeze."""
    with Postgres() as postgres, Site(postgres.database()) as site:
        people = Crowd(browser, site.url)
        yield people, postgres
        await asyncio.to_thread(postgres.resume)
        assert await people.leave() == []


async def test_a_frozen_database_keeps_the_post_in_the_page_until_it_is_back(
    frozen_soon: tuple[Crowd, Postgres],
) -> None:
    people, postgres = frozen_soon
    ada = await people.person("Ada")
    adas = await ada.window()
    await adas.page.evaluate(_LISTEN)
    await asyncio.to_thread(postgres.pause)
    try:
        await adas.write("Into a frozen sea")
        waiting = adas.post("Into a frozen sea")
        await expect(waiting).to_contain_text("Sending")
        await expect(waiting).to_contain_text("Sent again in")
        await adas.composer.fill("Another thought meanwhile")
        await adas.is_live()  # the socket lives on, whatever the database does
    finally:
        await asyncio.to_thread(postgres.resume)
    await expect(waiting.get_by_role("link", name="now")).to_be_visible()
    await expect(waiting).to_have_count(1)
    await expect(adas.composer).to_have_value("Another thought meanwhile")
    assert (await alarms(adas.page), adas.loads) == ([], 1)
    async with window(people.url, await ada.cookie()) as program:
        page = await program.ask("timeline.get", name="home")
        assert [entry["text"] for entry in page["entries"]] == ["Into a frozen sea"]
        await post(program, "The ice is gone")
    await expect(adas.post("The ice is gone")).to_have_count(1)
