"""One real browser for all these tests; a site, and people in windows of their own, for each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from tests.browser.crowd import DEADLINE_MS, Crowd
from tests.browser.site import Site
from tests.chromium import CHROMIUM_FLAGS, find_chromium

expect.set_options(timeout=DEADLINE_MS)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A Chromium without a screen."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find_chromium(), args=list(CHROMIUM_FLAGS)
        )
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """A site to be used but not hurt."""
    with Site() as running:
        yield running


@pytest.fixture(scope="session")
def mortal() -> Iterator[Site]:
    """Whatever was done to it: for `mortal_site`."""
    with Site() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def mortal_site(mortal: Site) -> Site:
    """A site to be stopped, paused and killed; what earlier tests wrote is on it."""
    await asyncio.to_thread(mortal.revive)
    return mortal


@pytest_asyncio.fixture(loop_scope="session")
async def crowd(browser: Browser, site: Site) -> AsyncIterator[Crowd]:
    """People on `site`; whatever their windows complain of fails the test."""
    people = Crowd(browser, site.url)
    yield people
    assert await people.leave() == []


@pytest_asyncio.fixture(loop_scope="session")
async def few(browser: Browser, mortal_site: Site) -> AsyncIterator[Crowd]:
    """People on `mortal_site`."""
    people = Crowd(browser, mortal_site.url)
    yield people
    assert await people.leave() == []
