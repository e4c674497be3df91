"""Single keys: from post to post, what they do there, the sheet of them, and when they rest."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Locator, expect

from tests.browser.crowd import Crowd, Person, Window
from tests.browser.site import Site
from tests.client import post, window
from tests.pictures import photo

pytestmark = pytest.mark.asyncio(loop_scope="session")

POSTS = 40


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def ada(browser: object, site: Site) -> AsyncIterator[Person]:
    """Somebody with forty posts, the newest of them "Post 39"."""
    people = Crowd(browser, site.url)  # type: ignore[arg-type]
    someone = await people.person("Ada")
    async with window(people.url, await someone.cookie()) as program:
        for number in range(POSTS):
            await post(program, f"Post {number:02} and some words")
    yield someone
    assert await people.leave() == []


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def adas(ada: Person) -> Window:
    """Her one window for all tests of this file."""
    return await ada.window()


async def start(adas: Window) -> None:
    """At the top of home, with the focus nowhere."""
    await adas.open("/")
    await adas.is_live()
    await adas.page.keyboard.press("Home")
    await expect(adas.composer).to_be_in_viewport()
    await expect(adas.feed.get_by_role("article").first).to_be_visible()


async def is_ringed(post: Locator) -> None:
    """The whole post has the focus, and it shows."""
    await expect(post).to_be_focused()
    await expect(post).to_be_in_viewport()
    assert await post.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"


async def press(adas: Window, *keys: str) -> None:
    for key in keys:
        await adas.page.keyboard.press(key)


async def test_j_and_k_go_from_post_to_post_further_than_is_drawn(adas: Window) -> None:
    await start(adas)
    await press(adas, "j")
    await is_ringed(adas.post("Post 39"))
    await press(adas, *"jj")
    await is_ringed(adas.post("Post 37"))
    await press(adas, "k")
    await is_ringed(adas.post("Post 38"))
    for number in range(37, 9, -1):
        await press(adas, "j")
        await expect(adas.post(f"Post {number:02}")).to_be_focused()
    await is_ringed(adas.post("Post 10"))


async def test_a_post_is_opened_left_and_found_again(adas: Window) -> None:
    await start(adas)
    await press(adas, *"jjj", "Enter")
    await expect(adas.head.get_by_role("heading", name="Thread")).to_be_visible()
    await expect(adas.feed).to_be_focused()
    await expect(adas.page.locator("[data-opened]")).to_contain_text("Post 37")
    await adas.page.go_back()
    await expect(adas.post("Post 37")).to_be_focused()
    await press(adas, "j")
    await is_ringed(adas.post("Post 36"))


async def test_the_post_in_the_ring_is_acted_on(adas: Window) -> None:
    await start(adas)
    here = adas.post("Post 38")
    await press(adas, *"jj", "r")
    await expect(adas.dialog.get_by_role("textbox", name="Reply to Ada")).to_be_focused()
    await press(adas, "Escape")
    await expect(adas.dialog).to_have_count(0)
    await is_ringed(here)
    await press(adas, "q")
    await expect(adas.dialog.get_by_role("heading", name="Quote Ada")).to_be_visible()
    await press(adas, "Escape")
    await is_ringed(here)
    await press(adas, "e")
    await expect(adas.page.get_by_role("searchbox", name="Search emoji")).to_be_focused()
    await press(adas, *"jk")
    await expect(adas.page.get_by_role("searchbox", name="Search emoji")).to_have_value("jk")
    await press(adas, "Escape", "Escape", "t")
    await expect(adas.page.get_by_role("menuitem", name="Retweet")).to_be_focused()
    await press(adas, "Enter")
    await expect(here.get_by_role("button", name="Retweet, 1")).to_be_visible()
    await press(adas, "t", "Enter")
    await expect(here.get_by_role("button", name="Retweet", exact=True)).to_be_visible()
    await press(adas, "m")
    await expect(adas.page.get_by_role("menuitem", name="Copy link")).to_be_focused()
    await press(adas, "Escape")


async def test_a_post_that_is_deleted_hands_the_focus_to_the_next(adas: Window) -> None:
    await start(adas)
    gone = adas.post("Post 39")
    await press(adas, "j")
    await is_ringed(gone)
    await press(adas, "m", "d", "Enter")
    await adas.dialog.get_by_role("button", name="Delete for good").press("Enter")
    await expect(gone).to_have_count(0)
    await expect(adas.post("Post 38")).to_be_focused()


async def test_what_arrives_leaves_the_focus_where_it_is(ada: Person, adas: Window) -> None:
    await start(adas)
    await press(adas, *"jj")
    here = adas.post("Post 37")
    await is_ringed(here)
    async with window(adas.page.url.rstrip("/"), await ada.cookie()) as program:
        await post(program, "From elsewhere")
    pill = adas.head.get_by_role("button", name="1 new post")
    await expect(pill).to_be_visible()
    await is_ringed(here)
    await press(adas, ".")
    await expect(adas.post("From elsewhere")).to_be_visible()
    await press(adas, "j")
    await is_ringed(adas.post("From elsewhere"))


async def test_keys_lead_to_pages_and_write(ada: Person, adas: Window) -> None:
    await start(adas)
    for keys, title in (("ge", "Explore"), ("gs", "Settings"), ("gp", "Ada"), ("gh", "Home")):
        await press(adas, *keys)
        await expect(adas.head.get_by_role("heading", name=title)).to_be_attached()
    await press(adas, "/")
    await expect(adas.page.get_by_role("searchbox")).to_be_focused()
    await press(adas, "Tab", "n")
    # Home's own composer is in sight: it is the one to write in.
    await expect(adas.composer).to_be_focused()
    await adas.page.keyboard.type("jk n? ge")
    await expect(adas.composer).to_have_value("jk n? ge")
    await expect(adas.page).to_have_url(f"{adas.page.url}")
    await adas.composer.fill("")


async def test_the_sheet_lists_the_keys_and_they_can_be_switched_off(adas: Window) -> None:
    await start(adas)
    await press(adas, "?")
    await expect(adas.dialog.get_by_role("heading", name="Keys")).to_be_visible()
    told = await adas.dialog.locator("dt").all_inner_texts()
    assert {"j", "k", "Enter", "r", "t", "q", "e", "o", "l", "m", "n", ".", "/", "?", "g h"} <= {
        " ".join(each.replace("then", "").split()) for each in told
    }
    await press(adas, "n")
    await expect(adas.dialog.get_by_role("heading", name="Keys")).to_be_visible()
    await press(adas, "Escape")
    await expect(adas.dialog).to_have_count(0)

    await adas.open("/settings")
    await adas.feed.get_by_role("group", name="Keyboard").get_by_text("Off").click()
    await adas.page.evaluate("() => document.activeElement?.blur()")
    await press(adas, "?", *"gh")
    await expect(adas.dialog).to_have_count(0)
    await expect(adas.head.get_by_role("heading", name="Settings")).to_be_visible()
    await adas.feed.get_by_role("button", name="Show all keys").click()
    await expect(adas.dialog.get_by_role("heading", name="Keys")).to_be_visible()
    await press(adas, "Escape")
    await adas.feed.get_by_role("group", name="Keyboard").get_by_text("On").click()


async def test_people_and_pictures_are_reached_by_keys(crowd: Crowd) -> None:
    ada, bob = await crowd.person("Ada"), await crowd.person("Bob")
    async with window(crowd.url, await ada.cookie()) as program:
        found = await program.ask("profile.get", name=bob.name)
        await program.ask("follow.set", user_id=found["user"]["id"], on=True)
    answer = await ada.context.request.post(
        "/api/media",
        headers={"Origin": crowd.url},
        multipart={"file": {"name": "p", "mimeType": "image/png", "buffer": photo(60, 40)}},
    )
    async with window(crowd.url, await ada.cookie()) as program:
        await post(program, "With a picture", media=[(await answer.json())["media"]["id"]])
    adas = await ada.window(f"{ada.address}/following")
    await expect(adas.feed.get_by_role("link", name="Bob")).to_be_visible()
    await press(adas, "j", "Enter")
    await expect(adas.page).to_have_url(f"{crowd.url}{bob.address}")
    await press(adas, *"gp")
    await expect(adas.post("With a picture")).to_be_visible()
    await press(adas, *"jo")
    await expect(adas.dialog).to_be_visible()
    await press(adas, "Escape")
    await expect(adas.post("With a picture")).to_be_focused()
