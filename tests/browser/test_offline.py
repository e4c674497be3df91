"""Without a server: the page opens, all of it, and what was on it is there."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect

from tests.browser.crowd import AWAY, Crowd
from tests.browser.site import Site

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_page_that_was_never_opened_opens_without_a_server(
    few: Crowd, mortal_site: Site
) -> None:
    few.expects(AWAY)
    ada = await few.person("Ada")
    adas = await ada.window()
    await adas.has_all_files()
    await asyncio.to_thread(mortal_site.kill)
    await adas.page.get_by_role("link", name="Settings").first.click()
    await expect(adas.feed.get_by_role("heading", name="Devices")).to_be_visible()
    await adas.page.goto("/explore")
    await expect(adas.feed.get_by_role("img", name="Not connected")).to_be_visible()
    await asyncio.to_thread(mortal_site.start)
    await adas.is_live()
    await expect(adas.feed).to_contain_text("Nobody has written anything yet.")
