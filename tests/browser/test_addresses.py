"""Every page has an address that can be typed, loaded again, sent to a friend and come back to."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.crowd import Crowd
from tests.client import post, window

pytestmark = pytest.mark.asyncio(loop_scope="session")

#: The bare page with 404, for what is not there: the browser says so, the page too.
NOT_FOUND = "the server responded with a status of 404"


async def test_a_post_is_found_by_its_address_and_after_loading_again(crowd: Crowd) -> None:
    ada = await crowd.person("Ada")
    async with window(crowd.url, await ada.cookie()) as program:
        first = await post(program, "At the root of it")
        answer = await post(program, "And on it goes", reply_to=first["id"])
    address = f"/post/{answer['id']}"
    for reader in (await ada.window(address), await crowd.visitor(address)):
        for _ in range(2):
            await expect(reader.post("And on it goes")).to_be_visible()
            await expect(reader.post("At the root of it")).to_be_visible()
            await expect(reader.page).to_have_title("Ada: And on it goes · realtime")
            await reader.page.reload()


async def test_a_person_is_found_by_name_and_so_are_their_lists(crowd: Crowd) -> None:
    ada, bob = await crowd.person("Ada"), await crowd.person("Bob")
    reader = await bob.window(ada.address)
    await expect(reader.page).to_have_title(f"Ada (@{ada.name}) · realtime")
    await reader.feed.get_by_role("button", name="Follow Ada").click()
    await expect(reader.feed.get_by_role("button", name="Following Ada")).to_be_visible()
    await reader.page.reload()
    await expect(reader.feed.get_by_role("button", name="Following Ada")).to_be_visible()
    await reader.open(f"{ada.address}/followers")
    await expect(reader.feed.get_by_role("listitem").filter(has_text=bob.name)).to_be_visible()
    await reader.feed.get_by_role("link", name="Following", exact=True).click()
    await expect(reader.page).to_have_url(f"{crowd.url}{ada.address}/following")
    await expect(reader.feed).to_contain_text("Not following anybody yet.")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/post/1", "There is no post here"),
        ("/@nobody_of_this_name", "There is nobody here"),
        ("/nowhere/at/all", "Nothing lives here"),
    ],
)
async def test_an_address_of_nothing_says_so_and_leads_home(
    crowd: Crowd, path: str, words: str
) -> None:
    crowd.expects(NOT_FOUND)
    ada = await crowd.person("Ada")
    adas = await ada.window(path)
    await expect(adas.page.get_by_role("heading", name=words)).to_be_visible()
    await adas.feed.get_by_role("button", name="Home").click()
    await expect(adas.composer).to_be_visible()


async def test_going_back_is_going_back_to_the_same_line(crowd: Crowd) -> None:
    ada = await crowd.person("Ada")
    adas = await ada.window()
    async with window(crowd.url, await ada.cookie()) as program:
        for number in range(30):
            await post(program, f"A long day, hour {number:02}")
    await expect(adas.post("hour 29")).to_be_visible()
    await adas.page.mouse.move(600, 500)
    for _ in range(4):
        await adas.page.mouse.wheel(0, 400)
    line = adas.post("hour 16")
    await expect(line).to_be_in_viewport()
    await line.get_by_role("link", name="now").click()
    await expect(adas.page).to_have_title("Ada: A long day, hour 16 · realtime")
    await adas.feed.get_by_role("button", name="Back").click()
    await expect(line).to_be_in_viewport()
    assert await adas.page.evaluate("window.scrollY") > 500


async def test_the_theme_that_was_chosen_is_worn_by_every_window_and_kept(crowd: Crowd) -> None:
    ada = await crowd.person("Ada")
    settings, other = await ada.window("/settings"), await ada.window()
    await settings.page.get_by_text("Dark", exact=True).click()
    for each in (settings, other):
        await expect(each.page.locator("html")).to_have_attribute("data-theme", "dark")
    await other.page.reload()
    await expect(other.page.locator("html")).to_have_attribute("data-theme", "dark")


async def test_what_the_policy_refuses_does_not_pass_unheard(crowd: Crowd) -> None:
    crowd.expects("Content Security Policy")
    visitor = await crowd.visitor("/explore")
    await visitor.is_live()
    assert crowd.complaints == []
    async with visitor.page.expect_console_message():
        await visitor.page.evaluate("""() => {
            const style = document.createElement('style');
            style.textContent = 'body { display: none }';
            document.head.append(style);
        }""")
    await expect(visitor.feed).to_be_visible()
    assert len(crowd.complaints) == 1
