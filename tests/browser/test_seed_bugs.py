"""Those faults of the seed application that only a page can have; docs/seed.md lists all."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from playwright.async_api import WebSocket, expect

from tests.browser.crowd import Crowd
from tests.browser.site import Site
from tests.client import post, window

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_seed_15_the_page_of_one_post_shows_what_is_done_to_it(crowd: Crowd) -> None:
    ada, bob = await crowd.person("Ada"), await crowd.person("Bob")
    async with window(crowd.url, await ada.cookie()) as adas:
        mine = await post(adas, "Look at this one")
        page = await bob.window(f"/post/{mine['id']}")
        await adas.ask("react.set", post_id=mine["id"], emoji="🔥", on=True)
        await page.chip("Look at this one", "🔥, 1").click()
        await expect(page.chip("Look at this one", "🔥, 2, yours")).to_be_visible()
        await page.choose("Look at this one", "Retweet", "Retweet")
        await expect(page.feed.get_by_role("button", name="Retweet, 1")).to_have_count(1)
        await adas.ask("post.delete", post_id=mine["id"])
    await expect(page.feed.get_by_text("Look at this one")).to_have_count(0)
    await expect(page.feed).to_contain_text("deleted")


async def test_seed_16_the_composer_keeps_what_is_refused_and_says_why(
    crowd: Crowd, tmp_path: Path
) -> None:
    ada = await crowd.person("Ada")
    page = await ada.window()
    notes = tmp_path / "notes.txt"
    notes.write_text("no picture at all")
    await page.composer.fill("With a picture that is none")
    await page.attach("Add pictures", notes)
    await expect(page.feed.locator(".upload")).to_contain_text("This is not a picture")
    button = page.feed.get_by_role("button", name="A picture was refused.")
    await expect(button).to_have_attribute("aria-disabled", "true")
    await page.composer.press("Control+Enter")
    await expect(page.composer).to_have_value("With a picture that is none")
    await expect(page.feed.get_by_role("article")).to_have_count(0)
    await page.feed.get_by_role("button", name="Remove picture 1").click()
    # Signed out from elsewhere: the words stay, and the page says what happened.
    await ada.context.request.post("/api/logout", headers={"Origin": crowd.url})
    await expect(page.head).to_contain_text("You were signed out on this device.")
    await expect(page.composer).to_have_value("With a picture that is none")


async def test_seed_17_a_fresh_post_is_now_and_an_old_one_is_not(crowd: Crowd, site: Site) -> None:
    ada = await crowd.person("Ada")
    async with window(crowd.url, await ada.cookie()) as adas:
        old, fresh = await post(adas, "Five minutes old"), await post(adas, "Just written")
    assert site.folder is not None
    with closing(sqlite3.connect(site.folder / "site.db")) as database, database:
        sql = "UPDATE posts SET created_ms = created_ms - 300000 WHERE id = ?"
        database.execute(sql, [int(old["id"])])
    page = await ada.window(ada.address)
    assert fresh["id"] > old["id"]
    await expect(page.post("Just written").locator("time")).to_have_text("now")
    await expect(page.post("Five minutes old").locator("time")).to_have_text("5 min")


async def test_seed_18_going_from_page_to_page_asks_once_who_one_is(crowd: Crowd) -> None:
    ada = await crowd.person("Ada")
    page = await ada.window()
    said: list[str] = []
    asked: list[str] = []

    def opened(socket: WebSocket) -> None:
        said.append("a socket")
        socket.on("framesent", lambda frame: said.append(json.loads(frame)["type"]))

    page.page.on("websocket", opened)
    page.page.on("request", lambda request: asked.append(request.url))
    await page.page.reload()
    await page.is_live()
    for name in ("Explore", "You", "Settings", "Home"):
        await page.page.get_by_role("link", name=name, exact=True).first.click()
        await expect(page.feed.get_by_role("heading", level=1)).to_be_visible()
    await page.is_live()
    assert (said.count("a socket"), said.count("hello")) == (1, 1)
    assert sum("/api/session" in url and "/api/sessions" not in url for url in asked) <= 1
