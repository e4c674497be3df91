"""The page of the protocol: all of it is there, and a command can be tried on a live socket."""

from __future__ import annotations

import json
import re

import pytest
from msgspec import Struct
from playwright.async_api import Locator, Page, expect

from realtime.errors import CLOSES, CODES
from realtime.protocol import FRAMES, RESULTS, tag
from tests.browser.crowd import NARROW, Crowd

pytestmark = pytest.mark.asyncio(loop_scope="session")


def log(page: Page) -> Locator:
    return page.get_by_role("log", name="Frames")


async def write(page: Page, **fields: object) -> None:
    """Change fields of the frame that is about to be sent."""
    box = page.get_by_role("textbox", name="Frame to send")
    frame = {**json.loads(await box.input_value()), **fields}
    await box.fill(json.dumps(frame))


async def test_every_command_frame_and_code_is_drawn(crowd: Crowd) -> None:
    page = (await crowd.visitor("/docs")).page
    await expect(page.get_by_role("heading", name="Commands")).to_be_visible()
    drawn = set(await page.locator("main h3").all_inner_texts())
    structs: list[type[Struct]] = [*RESULTS, *FRAMES]
    told = {tag(struct) for struct in structs}
    assert told | {*CODES, *map(str, CLOSES), "Post", "Limits", "POST /api/media"} <= drawn
    buttons = await page.get_by_role("button", name=re.compile("^Try it ")).all()
    assert len(buttons) == len(RESULTS)
    search = page.get_by_role("searchbox", name="Search")
    await search.fill("post.create")
    await expect(page.locator("main").get_by_role("heading", name="react.set")).to_have_count(0)
    await search.fill("nothing at all like this")
    await expect(page.locator("main")).to_contain_text("Nothing fits these words.")


async def test_a_visitor_tries_a_command_from_a_deep_link_on_a_phone(crowd: Crowd) -> None:
    page = (await crowd.visitor("/docs#timeline.get")).page
    await page.set_viewport_size({"width": NARROW["width"], "height": NARROW["height"]})
    await expect(page.get_by_role("heading", name="timeline.get")).to_be_in_viewport()
    await page.get_by_role("button", name="Try it timeline.get").click()
    await expect(page.get_by_role("textbox", name="Frame to send")).to_be_focused()
    await page.get_by_role("button", name="Connect").click()
    await expect(page.get_by_text("Connected as a visitor.")).to_be_visible()
    await expect(log(page)).to_contain_text('"type":"welcome"')
    await page.get_by_role("button", name="Send").click()
    await expect(log(page)).to_contain_text('"type":"ok"')
    await expect(log(page).get_by_role("listitem").first).to_contain_text(re.compile(r"\d\d:\d\d"))
    await page.get_by_role("combobox", name="Command").select_option("post.create")
    await page.get_by_role("button", name="Send").click()
    await expect(log(page)).to_contain_text('"code":"unauthenticated"')


async def test_whoever_is_signed_in_posts_reacts_and_sees_the_event(crowd: Crowd) -> None:
    ada = await crowd.person("Ada")
    page = await ada.context.new_page()
    await page.goto("/docs")
    await page.get_by_role("button", name="Connect").click()
    await expect(page.get_by_text(f"Connected as @{ada.name}.")).to_be_visible()
    await page.get_by_role("button", name="Try it post.create").click()
    await write(page, text="From the docs")
    await page.get_by_role("button", name="Send").click()
    await expect(log(page)).to_contain_text('"type":"event","topic":"author:')
    # What was just said is what the next command begins with.
    await page.get_by_role("button", name="Try it react.set").click()
    await page.get_by_role("button", name="Send").click()
    await expect(log(page)).to_contain_text('"reactions":{"🌊":1}')
    await page.get_by_role("combobox", name="Command").select_option("post.create")
    await page.get_by_role("button", name="Add reply_to").click()
    await write(page, text="And an answer")
    await page.get_by_role("textbox", name="Frame to send").press("Tab")
    await page.get_by_role("button", name="Send").press("Enter")
    await expect(log(page)).to_contain_text('"parent":{')
    await page.get_by_role("textbox", name="Frame to send").fill("{")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_text("This is no JSON object.")).to_be_visible()
    home = await ada.window()
    await expect(home.post("From the docs").first).to_be_visible()
