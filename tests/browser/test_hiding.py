"""Blocking and muting in real windows: gone at once, everywhere, and back by one press."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.crowd import Crowd, Person, Window
from tests.client import post, window

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def write(crowd: Crowd, person: Person, *texts: str) -> str:
    """Publish these without a browser; the id of the last post."""
    async with window(crowd.url, await person.cookie()) as program:
        made = [await post(program, text) for text in texts]
    found: str = made[-1]["id"]
    return found


async def follow(crowd: Crowd, who: Person, whom: Person) -> None:
    async with window(crowd.url, await who.cookie()) as program:
        found = await program.ask("profile.get", name=whom.name)
        await program.ask("follow.set", user_id=found["user"]["id"], on=True)


async def more(ada: Window, item: str) -> None:
    """Choose this from the menu of a profile."""
    await ada.page.get_by_role("button", name="More about Bob").click()
    await ada.page.get_by_role("menuitem", name=item).click()


async def test_whoever_is_blocked_or_muted_is_gone_from_every_window_at_once(crowd: Crowd) -> None:
    ada, bob = await crowd.person("Ada"), await crowd.person("Bob")
    await follow(crowd, ada, bob)
    await write(crowd, bob, "A boat at seven")
    first, second = await ada.window(), await ada.window("/explore")
    for each in (first, second):
        await expect(each.post("A boat at seven")).to_be_visible()

    await first.choose("A boat at seven", "More about this post", "Mute Bob")
    for each in (first, second):
        await expect(each.post("A boat at seven")).to_have_count(0)
    await first.page.get_by_role("button", name="Undo").click()
    for each in (first, second):
        await expect(each.post("A boat at seven")).to_be_visible()

    await second.choose("A boat at seven", "More about this post", "Block Bob")
    await expect(second.dialog).to_contain_text("Block Bob?")
    await expect(second.dialog.get_by_role("button", name="Not now")).to_be_focused()
    await second.dialog.get_by_role("button", name="Block", exact=True).click()
    for each in (first, second):
        await expect(each.post("A boat at seven")).to_have_count(0)
    await expect(second.page.get_by_text("Bob is blocked.")).to_be_visible()

    await first.open(bob.address)
    await expect(first.feed.get_by_role("heading", name="You block Bob")).to_be_visible()
    await first.feed.get_by_role("button", name="Unblock Bob").click()
    await expect(first.post("A boat at seven")).to_be_visible()
    await expect(first.feed.get_by_role("button", name="Follow Bob")).to_be_visible()
    await expect(second.post("A boat at seven")).to_be_visible()


async def test_whom_one_hides_is_listed_in_the_settings_and_seen_again_from_there(
    crowd: Crowd,
) -> None:
    ada, bob = await crowd.person("Ada"), await crowd.person("Bob")
    await write(crowd, bob, "Quiet, please")
    adas = await ada.window(bob.address)
    await more(adas, "Mute Bob")
    await expect(adas.feed.get_by_role("heading", name="You mute Bob")).to_be_visible()
    await expect(adas.post("Quiet, please")).to_have_count(0)

    await adas.open("/settings")
    await adas.page.get_by_role("button", name="Whom you block").click()
    await expect(adas.feed.get_by_text("You block nobody.")).to_be_visible()
    await adas.page.get_by_role("button", name="Whom you mute").click()
    await adas.feed.get_by_role("button", name="Unmute Bob").click()
    await expect(adas.feed.get_by_text("You mute nobody.")).to_be_visible()
    await adas.open(bob.address)
    await expect(adas.post("Quiet, please")).to_be_visible()


async def test_the_list_of_who_reacted_follows_while_it_is_open(crowd: Crowd) -> None:
    ada, bob = await crowd.person("Ada"), await crowd.person("Bob")
    post_id = await write(crowd, ada, "Count with me")
    adas = await ada.window()
    await adas.react("Count with me", "🐙", "octopus")
    await adas.choose("Count with me", "More about this post", "Who reacted")
    await expect(adas.dialog.get_by_role("listitem").filter(has_text="Ada")).to_be_visible()
    async with window(crowd.url, await bob.cookie()) as program:
        await program.ask("react.set", post_id=post_id, emoji="🔥", on=True)
        await expect(adas.dialog.get_by_role("listitem").filter(has_text="Bob")).to_be_visible()
        await program.ask("react.set", post_id=post_id, emoji="🔥", on=False)
        await expect(adas.dialog.get_by_role("listitem").filter(has_text="Bob")).to_have_count(0)
