"""Signing in, being refused, signed out from elsewhere: calm words, and nothing left behind."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect

from tests.browser.crowd import AWAY, Crowd, Person, Window
from tests.browser.site import Site
from tests.client import PASSWORD

pytestmark = pytest.mark.asyncio(loop_scope="session")

#: The browser's own line about an answer that refuses; the page says it in its own words.
REFUSED = "the server responded with a status of 40[139]"


UNFITTING = "Name and password do not fit together."


async def sign_in(window: Window, name: str, password: str = PASSWORD) -> None:
    """Fill in the form at the door and press the button."""
    await window.page.get_by_role("textbox", name="Name").fill(name)
    await window.page.get_by_role("textbox", name="Password").fill(password)
    await window.page.get_by_role("button", name="Sign in").click()


async def elsewhere(crowd: Crowd, person: Person) -> Window:
    """A window of `person` on another device, signed in by the form."""
    window = await crowd.visitor("/login")
    await sign_in(window, person.name)
    await window.is_live()
    return window


async def test_an_empty_form_says_what_is_missing(crowd: Crowd) -> None:
    window = await crowd.visitor("/login")
    await window.page.get_by_role("button", name="Sign in").click()
    name = window.page.get_by_role("textbox", name="Name")
    await expect(name).to_be_focused()
    await expect(name).to_have_accessible_description("A name, please.")
    password = window.page.get_by_role("textbox", name="Password")
    await expect(password).to_have_accessible_description("A password, please.")


async def test_a_wrong_password_and_a_wrong_name_read_alike(crowd: Crowd) -> None:
    crowd.expects(REFUSED)
    ada = await crowd.person("Ada")
    window = await crowd.visitor("/login")
    password = window.page.get_by_role("textbox", name="Password")
    for name in (ada.name, "nobody_of_this_name"):
        await sign_in(window, name, "not the password")
        await expect(password).to_have_accessible_description(UNFITTING)
        await expect(password).to_be_focused()
    await sign_in(window, ada.name.upper())
    await expect(window.page).to_have_url(f"{crowd.url}/")
    await window.is_live()


async def test_a_taken_name_and_a_common_password_are_said_beside_their_fields(
    crowd: Crowd,
) -> None:
    crowd.expects(REFUSED, "status of 422")
    ada = await crowd.person("Ada")
    window = await crowd.visitor("/register")
    name = window.page.get_by_role("textbox", name="Name", exact=True)
    password = window.page.get_by_role("textbox", name="Password")
    button = window.page.get_by_role("button", name="Make an account")
    await name.fill("A B")
    await password.fill("short")
    await button.click()
    await expect(name).to_have_attribute("aria-invalid", "true")
    await expect(password).to_have_attribute("aria-invalid", "true")
    await name.fill(ada.name)
    await password.fill(PASSWORD)
    await button.click()
    await expect(name).to_be_focused()
    await expect(name).to_have_attribute("aria-invalid", "true")
    await expect(password).not_to_have_attribute("aria-invalid", "true")
    await name.fill("somebody_else")
    await password.fill("password123")
    await button.click()
    await expect(password).to_be_focused()
    await expect(password).to_have_attribute("aria-invalid", "true")


async def test_the_form_keeps_what_was_typed_when_the_server_is_gone(
    few: Crowd, mortal_site: Site
) -> None:
    few.expects(AWAY)
    window = await few.visitor("/login")
    await expect(window.page.get_by_role("textbox", name="Name")).to_be_visible()
    await asyncio.to_thread(mortal_site.kill)
    await sign_in(window, "ada")
    await expect(window.page.get_by_role("main")).to_contain_text("The server cannot be reached.")
    await expect(window.page.get_by_role("textbox", name="Name")).to_have_value("ada")
    await expect(window.page.get_by_role("textbox", name="Password")).to_have_value(PASSWORD)


async def test_a_new_password_signs_the_other_device_out_calmly(crowd: Crowd) -> None:
    crowd.expects(REFUSED)
    ada = await crowd.person("Ada")
    here, there = await ada.window("/settings"), await elsewhere(crowd, ada)
    await there.composer.fill("Half a thought")
    await here.page.get_by_role("textbox", name="Now").fill("not my password")
    await here.page.get_by_role("textbox", name="New").fill("an even longer one, 2026")
    await here.page.get_by_role("button", name="Change password").click()
    await expect(here.page.get_by_role("textbox", name="Now")).to_have_attribute(
        "aria-invalid", "true"
    )
    await here.page.get_by_role("textbox", name="Now").fill(PASSWORD)
    await here.page.get_by_role("button", name="Change password").click()
    await expect(
        here.page.get_by_role("status").filter(has_text="Password changed")
    ).to_be_visible()

    await expect(there.head).to_contain_text("You were signed out on this device.")
    await expect(there.composer).to_have_value("Half a thought")
    await there.head.get_by_role("button", name="Sign in").click()
    await sign_in(there, ada.name, "an even longer one, 2026")
    await there.is_live()
    await expect(there.composer).to_have_value("Half a thought")
    await expect(here.feed.get_by_role("img", name="Live", exact=True)).to_be_visible()
    assert (here.loads, there.loads) == (1, 1)


async def test_a_device_can_be_signed_out_from_another_one(crowd: Crowd) -> None:
    crowd.expects(REFUSED)
    ada = await crowd.person("Ada")
    there = await elsewhere(crowd, ada)
    here = await ada.window("/settings")
    await expect(here.page.get_by_text("This one")).to_be_visible()
    await here.page.get_by_role("button", name="End the session on").click()
    await expect(there.head).to_contain_text("You were signed out on this device.")
    await expect(here.page.get_by_role("button", name="End the session on")).to_have_count(0)


async def test_signing_out_signs_out_this_browsers_other_windows(crowd: Crowd) -> None:
    ada = await crowd.person("Ada")
    adas, settings = await asyncio.gather(ada.window(), ada.window("/settings"))
    await settings.page.get_by_role("button", name="Sign out").click()
    for each in (settings, adas):
        await expect(each.page).to_have_url(f"{crowd.url}/login")


async def test_the_next_person_at_this_browser_finds_nothing_of_the_last(crowd: Crowd) -> None:
    ada, bob = await crowd.person("Ada"), await crowd.person("Bob")
    adas = await ada.window()
    await adas.write("For my followers only")
    await expect(adas.post("For my followers only")).to_have_count(1)
    await adas.composer.fill("A secret of mine")
    await adas.page.get_by_role("link", name="Settings").first.click()
    await adas.page.get_by_role("button", name="Sign out").click()
    await adas.dialog.get_by_role("button", name="Sign out and lose it").click()
    await sign_in(adas, bob.name)
    await adas.is_live()
    await expect(adas.feed).to_contain_text("Quiet so far")
    await expect(adas.composer).to_have_value("")
    await expect(adas.post("For my followers only")).to_have_count(0)


async def test_a_visitor_reads_and_is_asked_in_to_take_part(crowd: Crowd) -> None:
    ada = await crowd.person("Ada")
    adas = await ada.window()
    window = await crowd.visitor("/explore")
    await window.is_live()
    await adas.write("Anyone may read this.")
    await expect(window.post("Anyone may read this.")).to_have_count(1)
    await window.post("Anyone may read this.").get_by_role("button", name="Reply").click()
    await window.page.get_by_role("status").get_by_role("button", name="Sign in").click()
    await expect(window.page).to_have_url(f"{crowd.url}/login")
