"""Nothing moves under the finger: a list and a thread stand still while the world goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, expect

from tests.browser.crowd import Crowd, Person, Window
from tests.browser.site import Site
from tests.browser.steady import at_rest, in_sight, steady
from tests.browser.town import picture
from tests.client import Window as Program
from tests.client import post, window
from tests.pictures import photo

pytestmark = pytest.mark.asyncio(loop_scope="session")

MANY = 230
WORDS = "Wind from the side, passengers from all sides, one accordion. " * 3


@dataclass
class Scene:
    """Bob reads Ada and Cleo, not Dan; their programs write."""

    crowd: Crowd
    ada: Person
    bob: Person
    adas: Program
    cleos: Program
    dans: Program
    posts: list[str]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def scene(browser: Browser, site: Site) -> AsyncIterator[Scene]:
    crowd = Crowd(browser, site.url)
    names = ("Ada", "Bob", "Cleo", "Dan")
    ada, bob, cleo, dan = [await crowd.person(name) for name in names]
    async with (
        window(crowd.url, await ada.cookie()) as adas,
        window(crowd.url, await cleo.cookie()) as cleos,
        window(crowd.url, await dan.cookie()) as dans,
        window(crowd.url, await bob.cookie()) as bobs,
    ):
        for each in (ada, cleo):
            found = await bobs.ask("profile.get", name=each.name)
            await bobs.ask("follow.set", user_id=found["user"]["id"], on=True)
        posts = []
        for first in range(0, MANY, 20):
            some = [
                post(adas, f"{number:03} {WORDS[: number * 7 % 180]}")
                for number in range(first, min(MANY, first + 20))
            ]
            posts += [made["id"] for made in await asyncio.gather(*some)]
        yield Scene(crowd, ada, bob, adas, cleos, dans, posts)
    assert await crowd.leave() == []


async def home(scene: Scene, wheels: int) -> Window:
    """Bob's home, scrolled down by so many turns of the wheel."""
    bobs = await scene.bob.window()
    await bobs.page.mouse.move(640, 500)
    await expect(bobs.post("2").first).to_be_visible()
    for _ in range(wheels):
        await bobs.page.mouse.wheel(0, 500)
    await at_rest(bobs.page)
    return bobs


async def point_at(window: Window, post_id: str) -> None:
    """Hold the mouse over this post."""
    box = await window.page.locator(f'[data-key="{post_id}"]').bounding_box()
    assert box is not None
    await window.page.mouse.move(box["x"] + 200, box["y"] + 30)


async def top_of(window: Window, post_id: str) -> float:
    """How far below the top of the window this post begins, in px."""
    row = window.page.locator(f'[data-key="{post_id}"]')
    found: float = await row.evaluate("row => row.getBoundingClientRect().top")
    return found


async def to_the_end(window: Window, last: Locator) -> None:
    """Scroll down until `last` is on the screen."""
    await window.page.mouse.move(640, 500)
    for _ in range(120):
        box = await last.first.bounding_box() if await last.count() else None
        if box is not None and 100 < box["y"] < 800:
            break
        await window.page.mouse.wheel(0, 3_000 if box is None else box["y"] - 400)
        await at_rest(window.page)
    await expect(last.first).to_be_in_viewport()


async def conversation(scene: Scene) -> tuple[str, str]:
    """A post with twelve above it and sixty below; its id, and that of the one above it."""
    above = (await post(scene.adas, f"Step 0. {WORDS}"))["id"]
    for number in range(1, 12):
        above = (await post(scene.adas, f"Step {number}. {WORDS}", reply_to=above))["id"]
    focal = (await post(scene.adas, "The one", reply_to=above))["id"]
    for first in range(0, 60, 20):
        numbers = range(first, first + 20)
        await asyncio.gather(
            *(post(scene.dans, f"Answer {number}", reply_to=focal) for number in numbers)
        )
    return focal, above


async def react(program: Program, post_id: str, emojis: str) -> None:
    for emoji in emojis:
        await program.ask("react.set", post_id=post_id, emoji=emoji, on=True)


async def test_a_list_that_is_read_stands_still(scene: Scene) -> None:
    bobs = await home(scene, 6)
    seen = await in_sight(bobs.page)
    finger = seen[1]
    place = scene.posts.index(finger)
    above = scene.posts[place + 3 : place + 12]
    await point_at(bobs, finger)
    eye = await steady(bobs.page, finger)
    media = await picture(scene.crowd, scene.ada, photo(900, 700), "A pier")
    for number in range(5):
        await post(scene.adas, f"New {number}")
    await scene.cleos.ask("retweet.set", post_id=scene.posts[place + 5], on=True)
    await post(scene.adas, "With a picture", media=[media])
    await react(scene.cleos, above[1], "🔥🎉👏🐙🌊🌙🍋🐈")
    await react(scene.cleos, seen[0], "🔥🎉👏🐙🌊🌙🍋🐈")
    await expect(bobs.chip(f"{scene.posts.index(seen[0]):03}", "🐈, 1")).to_be_visible()
    for gone in (above[0], above[2], seen[0]):
        await scene.adas.ask("post.delete", post_id=gone)
    await expect(bobs.page.locator(f'[data-key="{seen[0]}"]')).to_have_count(0)
    await eye.pass_frames()
    assert len(await eye.stop()) == 1
    await bobs.head.get_by_role("button", name="new posts").click()
    await expect(bobs.post("With a picture")).to_be_in_viewport()
    assert await bobs.page.evaluate("scrollY") == 0


async def test_the_post_one_came_to_read_stays_where_it_is(scene: Scene) -> None:
    focal, above = await conversation(scene)
    bobs = await scene.bob.window()
    await expect(bobs.post("The one").first).to_be_visible()
    eye = await steady(bobs.page, focal, address=f"/post/{focal}")
    await expect(bobs.post("Answer 1").first).to_be_visible()
    await expect(bobs.post("Step 11.")).to_be_attached()
    await post(scene.dans, "A fresh answer", reply_to=focal)
    await react(scene.cleos, above, "🔥🎉👏🐙🌊🌙🍋🐈")
    await scene.adas.ask("post.delete", post_id=above)
    await expect(bobs.page.get_by_text("Ada deleted this post.")).to_be_attached()
    await eye.pass_frames()
    assert len(await eye.stop()) == 1
    await to_the_end(bobs, bobs.post("A fresh answer"))
    await expect(bobs.post("A fresh answer")).to_contain_text("New")
    await expect(bobs.post("Answer 59")).to_be_attached()
    assert await bobs.page.locator(".slot").count() < 40


async def test_an_answer_to_an_answer_stands_below_it(scene: Scene) -> None:
    root = (await post(scene.adas, "Who has a ladder?"))["id"]
    answer = (await post(scene.cleos, "I have one.", reply_to=root))["id"]
    await post(scene.cleos, "Not mine.", reply_to=root)
    await post(scene.adas, "Of wood?", reply_to=answer)
    bobs = await scene.bob.window(f"/post/{root}")
    await bobs.feed.get_by_role("button", name="Show 1 reply").click()
    await expect(bobs.post("Of wood?")).to_be_visible()
    await post(scene.cleos, "Of iron.", reply_to=answer)
    await expect(bobs.post("Of iron.")).to_be_visible()
    await bobs.post("Not mine.").get_by_role("button", name="Reply").click()
    await bobs.dialog.get_by_role("textbox").fill("Whose then?")
    await bobs.dialog.get_by_role("button", name="Reply", exact=True).click()
    await expect(bobs.post("Whose then?")).to_be_visible()
    words = await bobs.feed.locator(".slot .text").all_inner_texts()
    expected = ["Who has a ladder?", "I have one.", "Of wood?", "Of iron.", "Not mine."]
    assert words == [*expected, "Whose then?"]


async def test_a_place_deep_in_a_list_is_found_again(scene: Scene) -> None:
    bobs = await scene.bob.window(scene.ada.address)
    await to_the_end(bobs, bobs.feed.get_by_text("That is everything, back to the first post."))
    await expect(bobs.post("000")).to_be_attached()
    assert await bobs.page.locator(".slot").count() < 40
    for _ in range(8):
        await bobs.page.mouse.wheel(0, -500)
    await at_rest(bobs.page)
    line = (await in_sight(bobs.page))[1]
    before = await top_of(bobs, line)
    link = bobs.page.locator(f'[data-key="{line}"] a.at')
    await link.click()
    await expect(bobs.page).to_have_url(f"{scene.crowd.url}/post/{line}")
    await post(scene.adas, "While he was away")
    await bobs.feed.get_by_role("button", name="Back").click()
    await expect(link).to_be_in_viewport()
    assert await top_of(bobs, line) == before
    await bobs.page.reload()
    await expect(link).to_be_in_viewport()
    assert await top_of(bobs, line) == before
