"""Everything can be done without a mouse, and the focus is never lost."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, expect

from tests.browser.crowd import Crowd, Window

pytestmark = pytest.mark.asyncio(loop_scope="session")

#: More presses of Tab than any of these pages has controls.
TABS = 60


async def tab_to(window: Window, target: Locator, key: str = "Tab") -> None:
    """Press `key` until `target` has the focus."""
    await expect(target).to_have_count(1)
    for _ in range(TABS):
        if await target.evaluate("element => element === document.activeElement"):
            return
        await window.page.keyboard.press(key)
    raise AssertionError(f"{TABS} times {key} did not lead to {target}")


async def test_a_post_is_written_and_sent_by_keys_alone(crowd: Crowd) -> None:
    ada = await crowd.person("Ada")
    adas = await ada.window()
    keys = adas.page.keyboard
    await keys.press("Tab")
    skip = adas.page.get_by_role("link", name="To the posts")
    await expect(skip).to_be_focused()
    await expect(skip).to_be_in_viewport()
    await keys.press("Enter")
    await tab_to(adas, adas.composer)
    await keys.type("Typed, not clicked")
    await keys.press("Control+Enter")
    await expect(adas.post("Typed, not clicked").get_by_role("link", name="now")).to_be_visible()
    await expect(adas.composer).to_have_value("")
    await expect(adas.composer).to_be_focused()
    await keys.type("And once more by the button")
    await tab_to(adas, adas.feed.get_by_role("button", name="Post", exact=True))
    await keys.press("Enter")
    sent = adas.post("And once more by the button")
    await expect(sent.get_by_role("link", name="now")).to_be_visible()


async def test_a_reaction_is_found_and_taken_back_by_keys_alone(crowd: Crowd) -> None:
    ada = await crowd.person("Ada")
    adas = await ada.window()
    keys = adas.page.keyboard
    await adas.composer.focus()
    await keys.type("React to me")
    await keys.press("Control+Enter")
    add = adas.post("React to me").get_by_role("button", name="Add a reaction")
    await tab_to(adas, add)
    await keys.press("Enter")
    search = adas.page.get_by_role("searchbox", name="Search emoji")
    await expect(search).to_be_focused()
    await keys.type("octopus")
    await expect(adas.page.get_by_role("gridcell")).to_have_count(1)
    await keys.press("ArrowDown")
    await keys.press("Enter")
    chip = adas.chip("React to me", "🐙, 1, yours")
    await expect(chip).to_be_visible()
    await expect(search).to_have_count(0)
    await expect(add).to_be_focused()
    await keys.press("Tab")
    await expect(chip).to_be_focused()
    await keys.press("Space")
    await expect(chip).to_have_count(0)

    await keys.press("Escape")
    await tab_to(adas, add, "Shift+Tab")
    await keys.press("Enter")
    await expect(search).to_be_focused()
    await keys.press("Escape")
    await expect(search).to_have_count(0)
    await expect(add).to_be_focused()


async def test_a_post_is_retweeted_and_deleted_by_keys_alone(crowd: Crowd) -> None:
    ada = await crowd.person("Ada")
    adas = await ada.window()
    keys = adas.page.keyboard
    await adas.composer.focus()
    await keys.type("Here today")
    await keys.press("Control+Enter")
    post = adas.post("Here today")
    await expect(post.get_by_role("link", name="now")).to_be_visible()
    retweet = post.get_by_role("button", name="Retweet")
    await tab_to(adas, retweet)
    await keys.press("Enter")
    await expect(adas.page.get_by_role("menuitem", name="Retweet")).to_be_focused()
    await keys.press("Enter")
    await expect(post.get_by_role("button", name="Retweet, 1")).to_be_focused()

    await tab_to(adas, post.get_by_role("button", name="More about this post"))
    await keys.press("Enter")
    await expect(adas.page.get_by_role("menuitem", name="Copy link")).to_be_focused()
    await keys.press("ArrowUp")
    await expect(adas.page.get_by_role("menuitem", name="Delete")).to_be_focused()
    await keys.press("Enter")
    asked = adas.page.get_by_role("alertdialog", name="Delete this post?")
    await expect(asked.get_by_role("button", name="Keep it")).to_be_focused()
    await keys.press("Escape")
    await expect(asked).to_have_count(0)
    await expect(post.get_by_role("button", name="More about this post")).to_be_focused()
    await keys.press("Enter")
    await keys.press("d")
    await keys.press("Enter")
    await keys.press("Tab")
    await expect(asked.get_by_role("button", name="Delete for good")).to_be_focused()
    await keys.press("Enter")
    await expect(post).to_have_count(0)


async def test_the_page_that_opens_has_the_focus(crowd: Crowd) -> None:
    ada = await crowd.person("Ada")
    adas = await ada.window()
    await adas.page.get_by_role("link", name="Settings").first.focus()
    await adas.page.keyboard.press("Enter")
    await expect(adas.feed.get_by_role("heading", name="Settings")).to_be_visible()
    await expect(adas.feed).to_be_focused()
