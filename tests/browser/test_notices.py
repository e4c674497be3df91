"""Notices in real browser windows: they come by themselves, and are read in all of them at once."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.browser.crowd import NARROW, Crowd

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_notices_come_by_themselves_and_are_read_in_all_windows_at_once(
    crowd: Crowd,
) -> None:
    ada, bob = await crowd.person("Ada"), await crowd.person("Bob")
    first, second = await ada.window(), await ada.window("/explore")
    await first.write("On my way with the good chairs.")
    bobs = await bob.window("/explore")
    await bobs.react("good chairs", "🌊", "wave")
    await bobs.open(ada.address)
    await bobs.feed.get_by_role("button", name="Follow Ada").click()

    for each in (first, second):
        bell = each.page.get_by_role("link", name=re.compile("Notices.*unread: 2")).first
        await expect(bell).to_be_visible()
        await expect(each.page).to_have_title(re.compile(r"^\(2\) "))
    said = first.page.get_by_role("status").filter(has_text="2 unread notices")
    await expect(said).to_have_count(1)

    await first.page.get_by_role("link", name=re.compile("^Notices")).first.click()
    await expect(first.head.get_by_role("heading", name="Notices")).to_be_visible()
    fresh = first.feed.get_by_role("region", name="New")
    await expect(fresh.get_by_role("article")).to_have_count(2)
    reaction = first.feed.get_by_role("article").filter(has_text="Bob reacted 🌊 to your post")
    await expect(reaction).to_contain_text("On my way with the good chairs.")
    await expect(second.page).to_have_title(re.compile(r"^Explore"))
    await expect(second.page.get_by_role("link", name="Notices", exact=True).first).to_be_visible()

    # While one looks, what comes is there, and what is undone goes.
    await bobs.feed.get_by_role("button", name="Following Ada").click()
    await expect(first.feed.get_by_role("article")).to_have_count(1)
    await reaction.get_by_role("link", name=re.compile("Bob reacted")).click()
    await expect(first.page).to_have_url(re.compile(r"/post/\d+$"))


async def test_notices_fit_a_phone_and_say_so_when_there_are_none(crowd: Crowd) -> None:
    ada = await crowd.person("Ada")
    window = await ada.window()
    await window.page.set_viewport_size({"width": NARROW["width"], "height": NARROW["height"]})
    bar = window.page.get_by_role("navigation", name="Main, below")
    await bar.get_by_role("link", name="Notices").click()
    await expect(window.feed.get_by_role("heading", name="Nothing yet")).to_be_visible()
    wide = await window.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= NARROW["width"]
