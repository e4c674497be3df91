"""What one has begun to write is in one's other windows, and takes nothing from under a hand."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.crowd import Crowd

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_words_go_on_in_another_window_until_they_are_posted(crowd: Crowd) -> None:
    ada = await crowd.person("Ada")
    one, two = await ada.window(), await ada.window()
    await one.composer.fill("Begun at the desk")
    await expect(two.composer).to_have_value("Begun at the desk")
    await two.composer.fill("Begun at the desk, ended on the phone")
    await two.page.bring_to_front()
    await two.feed.get_by_role("button", name="Post", exact=True).click()
    await expect(one.composer).to_have_value("")
    for each in (one, two):
        await expect(each.post("ended on the phone")).to_have_count(1)
