"""The page speaks the reader's language, and fetches only that."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.browser.crowd import Crowd

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_german_browser_gets_a_german_page_with_german_dates(crowd: Crowd) -> None:
    ada = await crowd.person("Ada", locale="de-AT")
    adas = await ada.window()
    html = adas.page.locator("html")
    await expect(html).to_have_attribute("lang", "de")
    await expect(html).to_have_attribute("dir", "ltr")
    await expect(adas.page).to_have_title("Start · realtime")
    await adas.feed.get_by_role("textbox", name="Beitrag schreiben").fill("Guten Tag")
    await adas.feed.get_by_role("button", name="Senden", exact=True).click()
    await expect(adas.post("Guten Tag").get_by_role("link", name="jetzt")).to_be_visible()


async def test_a_language_is_chosen_in_the_settings_and_stays(crowd: Crowd) -> None:
    ada = await crowd.person("Ada")
    fetched: list[str] = []
    ada.context.on("request", lambda request: fetched.append(request.url))
    adas = await ada.window("/settings")
    await expect(adas.page.locator("html")).to_have_attribute("lang", "en")
    catalogue = re.compile(r"/assets/de-[^/]+\.js$")
    assert [url for url in fetched if catalogue.search(url)] == []

    await adas.feed.get_by_text("Deutsch", exact=True).click()
    await adas.feed.get_by_role("button", name="Auf Deutsch zeigen").click()
    await expect(adas.page.get_by_role("heading", name="Einstellungen")).to_be_visible()
    await expect(adas.page.locator("html")).to_have_attribute("lang", "de")
    again = await ada.window("/explore")
    await expect(again.page).to_have_title("Entdecken · realtime")
    assert [url for url in fetched if catalogue.search(url)] != []

    await adas.feed.get_by_text("Automatisch").click()
    await adas.feed.get_by_role("button", name="Show it in English").click()
    await expect(adas.page.locator("html")).to_have_attribute("lang", "en")


async def test_what_the_server_refuses_is_said_in_the_readers_language(crowd: Crowd) -> None:
    crowd.expects("the server responded with a status of 4")
    ada = await crowd.person("Ada")
    context = await crowd.context(locale="de")
    page = await context.new_page()
    await page.goto("/register")
    await page.get_by_label("Name", exact=True).fill(ada.name)
    await page.get_by_label("Passwort", exact=True).fill("four random words")
    await page.get_by_role("button", name="Konto anlegen").click()
    await expect(page.get_by_text("Diesen Namen gibt es schon.")).to_be_visible()
    await page.goto("/login")
    await page.get_by_label("Name", exact=True).fill(ada.name)
    await page.get_by_label("Passwort", exact=True).fill("three other words")
    await page.get_by_role("button", name="Anmelden", exact=True).click()
    await expect(page.get_by_text("Name und Passwort passen nicht zusammen.")).to_be_visible()


async def test_a_language_that_does_not_arrive_leaves_the_page_in_english(crowd: Crowd) -> None:
    crowd.expects("Failed to load resource")
    context = await crowd.context(locale="de")
    await context.route(re.compile(r"/assets/de-[^/]+\.js$"), lambda route: route.abort())
    page = await context.new_page()
    await page.goto("/explore")
    await expect(page).to_have_title("Explore · realtime")
    await expect(page.locator("html")).to_have_attribute("lang", "en")
