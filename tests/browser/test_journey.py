"""What one person does, everybody else sees in their windows, and nobody loads a page again."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.crowd import Crowd, Person, Window
from tests.client import PASSWORD, post, window
from tests.pictures import photo

pytestmark = pytest.mark.asyncio(loop_scope="session")


@dataclass
class Scene:
    """Ada in two windows and Bob, who follows her, all of them at home."""

    ada: Person
    bob: Person
    adas: Window
    adas_other: Window
    bobs: Window

    @property
    def windows(self) -> tuple[Window, Window, Window]:
        return self.adas, self.adas_other, self.bobs


@pytest_asyncio.fixture(loop_scope="session")
async def scene(crowd: Crowd) -> Scene:
    ada, bob = await asyncio.gather(crowd.person("Ada"), crowd.person("Bob"))
    async with window(crowd.url, await bob.cookie()) as program:
        relation = await program.ask("profile.get", name=ada.name)
        await program.ask("follow.set", user_id=relation["user"]["id"], on=True)
    windows = await asyncio.gather(ada.window(), ada.window(), bob.window())
    return Scene(ada, bob, *windows)


def stayed(*windows: Window) -> bool:
    """No window was loaded again: what it shows came by itself."""
    return all(each.loads == 1 for each in windows)


async def test_somebody_makes_an_account_and_is_at_home(crowd: Crowd) -> None:
    window = await crowd.visitor("/")
    await expect(window.page).to_have_url(f"{crowd.url}/explore")
    await window.page.get_by_role("link", name="Make an account").click()
    await window.page.get_by_role("textbox", name="Name", exact=True).fill("dorothea")
    await window.page.get_by_role("textbox", name="Shown as").fill("Dorothea 🌊")
    await window.page.get_by_role("textbox", name="Password").fill(PASSWORD)
    await window.page.get_by_role("button", name="Make an account").click()
    await expect(window.page).to_have_url(f"{crowd.url}/")
    await window.is_live()
    await expect(window.feed).to_contain_text("Quiet so far")
    await window.write("Is anybody here?")
    await expect(window.post("Is anybody here?")).to_contain_text("Dorothea 🌊")
    await expect(window.feed.get_by_role("button", name="Look around")).to_be_visible()
    await expect(window.page).to_have_title("Home · realtime")


async def test_a_post_arrives_in_every_window_by_itself(scene: Scene) -> None:
    await scene.adas.write("The bread is out of the oven.")
    for each in scene.windows:
        await expect(each.post("The bread is out of the oven.")).to_have_count(1)
    await expect(scene.adas.composer).to_have_value("")
    assert stayed(*scene.windows)


async def test_a_post_with_a_picture_is_seen_with_its_description(
    scene: Scene, tmp_path: Path
) -> None:
    (tmp_path / "harbour.jpg").write_bytes(photo(800, 600))
    adas, bobs = scene.adas, scene.bobs
    await adas.composer.fill("Came in this morning")
    await adas.attach("Add pictures", tmp_path / "harbour.jpg")
    await adas.feed.get_by_role("button", name="Describe it , picture 1").click()
    await adas.dialog.get_by_role("textbox").fill("Three boats in the harbour")
    await adas.dialog.get_by_role("button", name="Keep description").click()
    await adas.feed.get_by_role("button", name="Post", exact=True).click()

    for each in scene.windows:
        post = each.post("Came in this morning")
        await expect(
            post.get_by_role("button", name="Open picture: Three boats in the harbour")
        ).to_have_count(1)
        picture = post.locator(".pictures img")
        await expect(picture).to_have_js_property("complete", True)
        assert await picture.evaluate("picture => picture.naturalWidth") > 0
    post = bobs.post("Came in this morning")
    await post.get_by_role("button", name="ALT, show the description").click()
    await expect(post.get_by_text("Three boats in the harbour")).to_be_visible()
    await post.get_by_role("button", name="Open picture: Three boats in the harbour").click()
    large = bobs.dialog.get_by_role("img", name="Three boats in the harbour")
    await expect(large).to_be_visible()
    await bobs.page.keyboard.press("Escape")
    await expect(bobs.dialog).to_have_count(0)
    assert stayed(*scene.windows)


async def test_a_reaction_is_counted_in_every_window_and_undone_there(scene: Scene) -> None:
    await scene.adas.write("Swam to the buoy and back.")
    await scene.bobs.react("Swam to the buoy", "🔥", "fire")
    await expect(scene.bobs.chip("Swam to the buoy", "🔥, 1, yours")).to_be_visible()
    for each in (scene.adas, scene.adas_other):
        await expect(each.chip("Swam to the buoy", "🔥, 1")).to_be_visible()
    await scene.adas.chip("Swam to the buoy", "🔥, 1").click()
    await expect(scene.adas_other.chip("Swam to the buoy", "🔥, 2, yours")).to_be_visible()
    await expect(scene.bobs.chip("Swam to the buoy", "🔥, 2, yours")).to_be_visible()
    await scene.bobs.chip("Swam to the buoy", "🔥, 2, yours").click()
    await expect(scene.bobs.chip("Swam to the buoy", "🔥, 1")).to_be_visible()
    for each in (scene.adas, scene.adas_other):
        await expect(each.chip("Swam to the buoy", "🔥, 1, yours")).to_be_visible()
    assert stayed(*scene.windows)


async def test_a_retweet_carries_a_post_to_followers_and_takes_it_away(
    scene: Scene, crowd: Crowd
) -> None:
    cleo = await crowd.person("Cleo")
    cleos = await cleo.window(scene.bob.address)
    await cleos.feed.get_by_role("button", name="Follow Bob").click()
    await cleos.page.get_by_role("link", name="Home", exact=True).first.click()
    await scene.adas.write("The ferry runs again.")
    await scene.bobs.choose("The ferry runs again.", "Retweet", "Retweet")
    carried = cleos.post("The ferry runs again.")
    await expect(carried).to_contain_text("Bob retweeted")
    await expect(carried).to_contain_text(scene.ada.name)
    for each in (scene.adas, scene.adas_other):
        counted = each.post("The ferry runs again.").get_by_role("button", name="Retweet, 1")
        await expect(counted).to_be_visible()
    await scene.bobs.choose("The ferry runs again.", "Retweet", "Undo retweet")
    await expect(carried).to_have_count(0)
    plain = scene.adas.post("The ferry runs again.").get_by_role("button", name="Retweet, 1")
    await expect(plain).to_have_count(0)
    assert stayed(*scene.windows, cleos)


async def test_a_reply_arrives_in_an_open_thread(scene: Scene) -> None:
    await scene.adas.write("Who has a ladder?")
    await scene.bobs.post("Who has a ladder?").get_by_role("link", name="now").click()
    await expect(scene.bobs.page).to_have_title("Ada: Who has a ladder? · realtime")
    await scene.bobs.reply("Ada", "I have, of wood.")
    await expect(scene.bobs.post("I have, of wood.")).to_have_count(1)
    counted = scene.adas.post("Who has a ladder?").get_by_role("button", name="Reply, 1")
    await expect(counted).to_be_visible()
    await scene.adas.post("Who has a ladder?").get_by_role("link", name="now").click()
    await expect(scene.adas.post("I have, of wood.")).to_be_visible()
    await scene.adas.reply("Ada", "Perfect, I come by at six.")
    await expect(scene.bobs.post("Perfect, I come by at six.")).to_have_count(1)
    assert stayed(*scene.windows)


async def test_a_quote_shows_what_it_quotes_until_that_is_deleted(scene: Scene) -> None:
    await scene.adas.write("It will rain at four.")
    await scene.bobs.choose("It will rain at four.", "Retweet", "Quote")
    words = scene.bobs.dialog.get_by_role("textbox")
    await words.fill("Take the washing in.")
    await scene.bobs.dialog.get_by_role("button", name="Quote", exact=True).click()
    quote = scene.bobs.post("Take the washing in.")
    await expect(quote).to_contain_text("It will rain at four.")
    await scene.adas.choose("It will rain at four.", "More about this post", "Delete")
    await scene.adas.dialog.get_by_role("button", name="Delete for good").click()
    await expect(quote).to_contain_text("The quoted post is not here.")
    await expect(scene.bobs.post("It will rain at four.")).to_have_count(0)
    assert stayed(*scene.windows)


async def test_a_changed_profile_is_seen_on_posts_that_are_there(
    scene: Scene, tmp_path: Path
) -> None:
    (tmp_path / "me.png").write_bytes(photo(300, 300, "PNG"))
    await scene.adas.write("Written before I had a picture.")
    await expect(scene.bobs.post("Written before")).to_have_count(1)
    await scene.adas.page.get_by_role("link", name="You", exact=True).first.click()
    await scene.adas.feed.get_by_role("button", name="Edit profile").click()
    dialog = scene.adas.dialog
    await dialog.get_by_role("textbox", name="Name").fill("Ada of the Harbour")
    await dialog.get_by_role("textbox", name="About you").fill("Bread, boats, weather.")
    await scene.adas.attach("Choose a picture", tmp_path / "me.png")
    await expect(dialog.get_by_role("button", name="Use my flag")).not_to_have_attribute(
        "aria-disabled", "true"
    )
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_have_count(0)
    await expect(scene.adas.feed.get_by_text("Bread, boats, weather.")).to_be_visible()
    for each in (scene.bobs, scene.adas_other):
        post = each.post("Written before")
        await expect(post).to_contain_text("Ada of the Harbour")
        picture = post.locator(".flag img").first
        await expect(picture).to_have_js_property("complete", True)
        assert await picture.evaluate("picture => picture.naturalWidth") > 0
    assert stayed(*scene.windows)


async def test_a_deleted_post_leaves_every_window(scene: Scene) -> None:
    await scene.adas.write("I should not have said this.")
    await scene.bobs.post("should not have").get_by_role("link", name="now").click()
    await expect(scene.adas_other.post("should not have")).to_have_count(1)
    await scene.adas.choose("should not have", "More about this post", "Delete")
    asked = scene.adas.page.get_by_role("alertdialog", name="Delete this post?")
    await expect(asked.get_by_role("button", name="Keep it")).to_be_focused()
    await asked.get_by_role("button", name="Delete for good").click()
    await expect(scene.bobs.feed).to_contain_text("Ada deleted this post.")
    for each in scene.windows:
        await expect(each.post("should not have")).to_have_count(0)
    assert stayed(*scene.windows)


async def test_following_brings_somebodys_posts_and_later_ones_by_themselves(
    crowd: Crowd,
) -> None:
    ada, bob = await crowd.person("Ada"), await crowd.person("Bob")
    adas = await ada.window()
    await adas.write("Before anybody followed me.")
    bobs, bobs_other = await asyncio.gather(bob.window(), bob.window("/explore"))
    await expect(bobs.feed).to_contain_text("Quiet so far")
    found = bobs_other.post("Before anybody followed me.")
    await found.get_by_role("link", name="Ada", exact=True).click()
    await bobs_other.feed.get_by_role("button", name="Follow Ada").click()
    await expect(bobs_other.feed.get_by_role("button", name="Following Ada")).to_be_visible()
    await expect(bobs.post("Before anybody followed me.")).to_have_count(1)
    await adas.write("Hello, whoever you are.")
    for each in (bobs, bobs_other):
        await expect(each.post("Hello, whoever you are.")).to_have_count(1)
    assert stayed(adas, bobs, bobs_other)


async def test_unfollowing_empties_home_of_somebody_in_all_ones_windows(scene: Scene) -> None:
    await scene.adas.write("One more about boats.")
    bobs_other = await scene.bob.window(scene.ada.address)
    await expect(scene.bobs.post("One more about boats.")).to_have_count(1)
    await bobs_other.feed.get_by_role("button", name="Following Ada").click()
    await expect(scene.bobs.post("One more about boats.")).to_have_count(0)
    await scene.adas.write("He will not see this one.")
    await expect(scene.adas_other.post("He will not see this one.")).to_have_count(1)
    await scene.bobs.write("Quiet here.")
    await expect(scene.bobs.post("Quiet here.")).to_have_count(1)
    await expect(scene.bobs.post("He will not see this one.")).to_have_count(0)
    await bobs_other.feed.get_by_role("button", name="Follow Ada").click()
    await expect(scene.bobs.post("He will not see this one.")).to_have_count(1)
    assert stayed(*scene.windows, bobs_other)


async def test_posts_wait_in_the_head_for_who_has_scrolled_away(scene: Scene, crowd: Crowd) -> None:
    async with window(crowd.url, await scene.ada.cookie()) as program:
        for number in range(15):
            await post(program, f"Long ago, number {number}")
        bobs = scene.bobs
        await expect(bobs.post("number 14")).to_have_count(1)
        above = bobs.post("number 3")
        await above.scroll_into_view_if_needed()
        await expect(above).to_be_in_viewport()
        before = await above.bounding_box()
        await post(program, "The newest of all")
        pill = bobs.head.get_by_role("button", name="1 new post")
        await expect(pill).to_be_visible()
        assert await above.bounding_box() == before
        await pill.click()
    await expect(bobs.post("The newest of all")).to_be_in_viewport()
    await expect(pill).to_have_count(0)
