"""One's own account in a real browser: everything taken home, and everything deleted."""

from __future__ import annotations

import zipfile

import pytest
from playwright.async_api import expect

from tests.browser.crowd import Crowd, blank
from tests.client import PASSWORD

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_ones_data_is_downloaded_and_the_account_deleted_for_good(crowd: Crowd) -> None:
    crowd.expects("the server responded with a status of 40[34]")
    ada, bob = await crowd.person("Ada"), await crowd.person("Bob")
    window = await ada.window()
    await window.write("Something to take home")
    bobs = await bob.window("/explore")
    await expect(bobs.post("Something to take home")).to_have_count(1)
    await window.page.get_by_role("link", name="Settings").first.click()
    async with window.page.expect_download() as downloading:
        await window.page.get_by_role("link", name="Download your data").click()
    download = await downloading.value
    assert download.suggested_filename.startswith(f"{ada.name}-20")
    with zipfile.ZipFile(await download.path()) as archive:
        assert "Something to take home" in archive.read("posts.json").decode()

    await window.page.get_by_role("button", name="Delete my account").click()
    password = window.dialog.get_by_role("textbox", name="Your password")
    await expect(password).to_be_focused()
    await password.fill("not my password")
    await window.dialog.get_by_role("button", name="Delete for good").click()
    await expect(password).to_have_accessible_description("That is not your password.")
    await password.fill(PASSWORD)
    await password.press("Enter")

    said = window.page.get_by_role("status").filter(has_text="Your account is deleted.")
    await expect(said).to_have_count(1)
    await expect(window.page).to_have_url(f"{crowd.url}/explore")
    await expect(bobs.post("Something to take home")).to_have_count(0)
    await bobs.open(f"/@{ada.name}")
    await expect(bobs.feed).to_contain_text("There is nobody here")


async def test_other_windows_go_on_with_whoever_signs_in_or_out(crowd: Crowd) -> None:
    ada, bob = await crowd.person("Ada"), await crowd.person("Bob")
    bobs = await bob.window(ada.address)
    await bobs.feed.get_by_role("button", name="Follow Ada").click()
    await expect(bobs.feed.get_by_role("button", name="Following Ada")).to_be_visible()

    context = await crowd.context()
    followers, found, door = [await blank(context) for _ in range(3)]
    await followers.open(f"{ada.address}/followers")
    await found.open(f"/search?q={bob.name}&kind=people")
    await door.open("/login")
    for each in (followers, found):
        await expect(each.feed.get_by_role("listitem")).to_contain_text("Bob")
    await door.page.get_by_role("textbox", name="Name").fill(ada.name)
    await door.page.get_by_role("textbox", name="Password").fill(PASSWORD)
    await door.page.get_by_role("button", name="Sign in").click()
    for each in (followers, found):
        await expect(each.feed.get_by_role("button", name="Follow back Bob")).to_be_visible()

    await followers.open(ada.address)
    await followers.page.get_by_role("button", name="Edit profile").click()
    await expect(followers.dialog).to_be_visible()
    await door.open("/settings")
    await door.page.get_by_role("button", name="Sign out").click()
    await expect(followers.dialog).to_have_count(0)
    await expect(found.feed.get_by_role("listitem")).to_contain_text("Bob")
