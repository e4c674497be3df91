"""What one has begun to write is in one's other windows, and takes nothing from under a hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.crowd import Crowd
from tests.pictures import photo

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


async def test_a_picture_that_was_not_posted_yet_outlives_its_page(
    crowd: Crowd, tmp_path: Path
) -> None:
    (tmp_path / "sky.jpg").write_bytes(photo(60, 40))
    ada = await crowd.person("Ada")
    adas = await ada.window()
    await adas.composer.fill("The sky at seven")
    await adas.attach("Add pictures", tmp_path / "sky.jpg")
    standing = adas.feed.locator(".upload img")
    await expect(standing).to_be_visible()
    await adas.page.reload()
    await expect(standing).to_be_visible()
    await expect(standing).to_have_js_property("naturalWidth", 60)
    await adas.feed.get_by_role("button", name="Post", exact=True).click()
    await expect(adas.post("The sky at seven").locator(".pictures img")).to_be_visible()
    await adas.page.reload()
    await expect(adas.post("The sky at seven")).to_have_count(1)
    await expect(standing).to_have_count(0)
