"""The server refuses, hangs, leaves or dies: words are kept, said to wait, and arrive once."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import expect

from tests.browser.crowd import AWAY, Crowd
from tests.browser.site import Site
from tests.client import post, window

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_what_is_written_while_away_waits_and_arrives_once(
    few: Crowd, mortal_site: Site
) -> None:
    few.expects(AWAY)
    ada, bob = await few.person("Ada"), await few.person("Bob")
    adas, bobs = await asyncio.gather(ada.window(), bob.window("/explore"))
    await asyncio.to_thread(mortal_site.kill)
    await expect(adas.head).to_contain_text("What you write is kept and sent.")
    await expect(adas.feed.get_by_role("img", name="Not connected")).to_be_visible()

    await adas.write("Written in the dark")
    waiting = adas.post("Written in the dark")
    await expect(waiting).to_contain_text("Waiting")
    await expect(waiting).to_contain_text("Sent when you are back online.")
    await expect(adas.composer).to_have_value("")
    await waiting.get_by_role("button", name="Reply").click()
    await expect(adas.dialog).to_contain_text("Written in the dark")
    await adas.dialog.get_by_role("textbox", name="Reply to Ada").fill("By candle")
    await adas.dialog.get_by_role("button", name="Reply", exact=True).click()
    await expect(adas.post("By candle")).to_contain_text("To Ada")
    await adas.composer.fill("and this is not finished")

    await asyncio.to_thread(mortal_site.start)
    await adas.is_live()
    await bobs.is_live()
    await expect(adas.head).not_to_contain_text("Reconnecting")
    await expect(bobs.post("Written in the dark")).to_have_count(1)
    await expect(adas.post("Written in the dark")).to_have_count(1)
    await expect(waiting).not_to_contain_text("Waiting")
    await expect(waiting.get_by_role("link", name="now")).to_be_visible()
    await expect(adas.composer).to_have_value("and this is not finished")
    await expect(waiting.get_by_role("button", name="Reply, 1")).to_be_visible()
    assert (adas.loads, bobs.loads) == (1, 1)

    await adas.page.reload()
    await expect(adas.post("Written in the dark")).to_have_count(1)
    await expect(adas.composer).to_have_value("and this is not finished")


async def test_a_post_that_was_never_answered_arrives_once(few: Crowd, mortal_site: Site) -> None:
    few.expects(AWAY)
    ada, bob = await few.person("Ada"), await few.person("Bob")
    adas, bobs = await asyncio.gather(ada.window(), bob.window("/explore"))
    await asyncio.to_thread(mortal_site.pause)
    await adas.write("Into the silence")
    await expect(adas.post("Into the silence")).to_contain_text("Sending")
    await asyncio.to_thread(mortal_site.kill)
    await expect(adas.post("Into the silence")).to_contain_text("Waiting")
    await asyncio.to_thread(mortal_site.start)
    await asyncio.gather(adas.has_network(), bobs.has_network())
    await expect(adas.post("Into the silence")).not_to_contain_text("Waiting")
    for each in (adas, bobs):
        await expect(each.post("Into the silence")).to_have_count(1)
        await each.page.reload()
        await expect(each.post("Into the silence")).to_have_count(1)


async def test_what_happened_meanwhile_is_there_after_a_polite_restart(
    few: Crowd, mortal_site: Site
) -> None:
    few.expects(AWAY)
    ada, bob = await few.person("Ada"), await few.person("Bob")
    bobs = await bob.window(ada.address)
    await bobs.feed.get_by_role("button", name="Follow Ada").click()
    await bobs.page.get_by_role("link", name="Home", exact=True).first.click()
    await asyncio.to_thread(mortal_site.stop)
    await expect(bobs.feed.get_by_role("img", name="Not connected")).to_be_visible()
    await asyncio.to_thread(mortal_site.start)
    async with window(few.url, await ada.cookie()) as program:
        await post(program, "You were away when I said this.")
    await expect(bobs.post("You were away")).to_have_count(1)
    await bobs.is_live()
    assert bobs.loads == 1


async def test_a_post_that_comes_at_a_bad_moment_says_so_and_goes_again_by_itself(
    few: Crowd, mortal_site: Site
) -> None:
    ada, bob = await few.person("Ada"), await few.person("Bob")
    adas, bobs = await asyncio.gather(ada.window(), bob.window("/explore"))
    refused = adas.post("At the wrong moment")
    with mortal_site.busy():
        await adas.write("At the wrong moment")
        await expect(refused).to_contain_text("Waiting")
        await expect(refused).to_contain_text("Sent again in")
    await expect(refused.get_by_role("link", name="now")).to_be_visible()
    await expect(refused).not_to_contain_text("Sent again")
    for each in (adas, bobs):
        await expect(each.post("At the wrong moment")).to_have_count(1)


async def test_a_post_that_waits_can_be_taken_back_and_edited(
    few: Crowd, mortal_site: Site
) -> None:
    ada = await few.person("Ada")
    adas = await ada.window()
    waiting = adas.post("Words worth keeping")
    with mortal_site.busy():
        await adas.write("Words worth keeping")
        await waiting.get_by_role("button", name="Edit").click()
        await expect(waiting).to_have_count(0)
    await expect(adas.composer).to_have_value("Words worth keeping")
    await adas.write("Words worth keeping, better")
    await expect(waiting.get_by_role("link", name="now")).to_be_visible()
    await expect(waiting).to_have_count(1)


async def test_a_reaction_made_while_away_is_counted_later(few: Crowd, mortal_site: Site) -> None:
    few.expects(AWAY)
    ada, bob = await few.person("Ada"), await few.person("Bob")
    adas, bobs = await asyncio.gather(ada.window(), bob.window("/explore"))
    await adas.write("Look at this sky")
    await adas.react("Look at this sky", "🎉", "party")
    await expect(bobs.chip("Look at this sky", "🎉, 1")).to_be_visible()
    await asyncio.to_thread(mortal_site.kill)
    await expect(bobs.head).to_contain_text("What you write is kept and sent.")
    await bobs.chip("Look at this sky", "🎉, 1").click()
    await expect(bobs.chip("Look at this sky", "🎉, 2, yours")).to_be_visible()
    await asyncio.to_thread(mortal_site.start)
    await asyncio.gather(adas.has_network(), bobs.has_network())
    await expect(adas.chip("Look at this sky", "🎉, 2, yours")).to_be_visible()
    await expect(bobs.chip("Look at this sky", "🎉, 2, yours")).to_be_visible()


async def test_a_page_opened_for_the_first_time_says_when_the_server_is_gone(
    few: Crowd, mortal_site: Site
) -> None:
    few.expects(AWAY)
    ada = await few.person("Ada")
    async with window(few.url, await ada.cookie()) as program:
        await post(program, f"{ada.name} was here")
    adas = await ada.window()
    await asyncio.to_thread(mortal_site.kill)
    await adas.page.get_by_role("link", name="Explore").first.click()
    await expect(adas.head).to_contain_text(re.compile("Reconnecting"))
    await adas.page.get_by_role("button", name="Try now").click()
    await asyncio.to_thread(mortal_site.start)
    await adas.has_network()
    await adas.is_live()
    await expect(adas.post(f"{ada.name} was here")).to_have_count(1)


async def test_a_part_of_the_page_that_cannot_be_fetched_comes_with_the_connection(
    few: Crowd, mortal_site: Site
) -> None:
    few.expects(AWAY, "Unable to preload CSS", "Failed to fetch dynamically imported module")
    ada = await few.person("Ada", workers="block")
    adas = await ada.window()
    await adas.composer.fill("Half a thought")
    await asyncio.to_thread(mortal_site.kill)
    await expect(adas.feed.get_by_role("img", name="Not connected")).to_be_visible()
    await adas.page.get_by_role("link", name="Settings").first.click()
    await expect(adas.feed).to_contain_text("There is no connection right now.")
    await asyncio.to_thread(mortal_site.start)
    await adas.has_network()
    await expect(adas.feed.get_by_role("heading", name="Devices")).to_be_visible()
    await adas.page.get_by_role("link", name="Home", exact=True).first.click()
    await expect(adas.composer).to_have_value("Half a thought")
