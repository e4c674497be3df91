"""Searching in a browser: by key, by hashtag and by address, for posts and for people."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.crowd import NARROW, Crowd
from tests.client import post, window

pytestmark = pytest.mark.asyncio(loop_scope="session")

FIELD = "Search posts and people"


async def test_a_word_is_searched_by_keys_alone_and_stays_live(crowd: Crowd) -> None:
    ada, bob = await crowd.person("Ada"), await crowd.person("Bob")
    async with window(crowd.url, await bob.cookie()) as program:
        first = await post(program, "The Kittiwake is back #seabird")
        await post(program, "Kittiwakes at noon")
        adas = await ada.window()
        await adas.page.keyboard.press("/")
        field = adas.page.get_by_role("searchbox", name=FIELD)
        await expect(field).to_be_focused()
        await adas.page.keyboard.type("KITTIWAKE")
        await adas.page.keyboard.press("Enter")
        await expect(adas.page).to_have_url(f"{crowd.url}/search?q=KITTIWAKE")
        await expect(adas.page).to_have_title("Search: KITTIWAKE · realtime")
        await expect(adas.feed.get_by_role("article").first).to_contain_text("at noon")
        await expect(adas.post("is back")).to_be_visible()
        await program.ask("react.set", post_id=first["id"], emoji="🐦", on=True)
        await expect(adas.chip("is back", "🐦, 1")).to_be_visible()
        await program.ask("post.delete", post_id=first["id"])
        await expect(adas.post("is back")).to_have_count(0)
        await adas.page.reload()
        await expect(adas.post("at noon")).to_be_visible()
        await expect(field).to_have_value("KITTIWAKE")


async def test_a_hashtag_leads_to_what_holds_it_and_back_again(crowd: Crowd) -> None:
    ada = await crowd.person("Ada")
    async with window(crowd.url, await ada.cookie()) as program:
        await post(program, "Line 2 runs #Fährtag")
        await post(program, "no hash: fährtag")
    adas = await ada.window()
    await adas.post("Line 2").get_by_role("link", name="#Fährtag").click()
    await expect(adas.page).to_have_url(f"{crowd.url}/search?q=%23F%C3%A4hrtag")
    await expect(adas.post("no hash")).to_be_visible()
    await expect(adas.post("Line 2")).to_be_visible()
    await adas.page.go_back()
    await expect(adas.composer).to_be_visible()


async def test_people_are_found_and_followed(crowd: Crowd) -> None:
    ada, bob = await crowd.person("Ada"), await crowd.person("Kittybob")
    adas = await ada.window("/search?q=kittyb")
    await expect(adas.page.get_by_role("heading", name="Nothing for “kittyb”")).to_be_visible()
    await adas.feed.get_by_role("link", name="People").click()
    await expect(adas.page).to_have_url(f"{crowd.url}/search?q=kittyb&kind=people")
    await adas.feed.get_by_role("button", name="Follow Kittybob").click()
    await expect(adas.feed.get_by_role("button", name="Following Kittybob")).to_be_visible()
    await adas.feed.get_by_role("link", name=f"@{bob.name}").click()
    await expect(adas.page).to_have_url(f"{crowd.url}{bob.address}")
    await adas.page.go_back()
    await expect(adas.feed.get_by_role("button", name="Following Kittybob")).to_be_visible()


async def test_a_visitor_with_a_small_screen_finds_the_box(crowd: Crowd) -> None:
    narrow = await crowd.context(NARROW)
    page = await narrow.new_page()
    await page.goto("/explore")
    await page.get_by_role("main").get_by_role("link", name="Search").click()
    field = page.get_by_role("searchbox", name=FIELD)
    await expect(field).to_be_focused()
    await expect(page.get_by_role("heading", name="What are you looking for?")).to_be_visible()
    await field.fill("nobodywrotethis")
    await field.press("Enter")
    await expect(page.get_by_role("heading", name="Nothing for “nobodywrotethis”")).to_be_visible()
