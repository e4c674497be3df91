"""Pictures in a real browser: they push nothing, stop where motion is too much, open large."""

from __future__ import annotations

import asyncio

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Route, expect

from tests.browser.crowd import Crowd, Window
from tests.client import post, window
from tests.pictures import animation, photo

pytestmark = pytest.mark.asyncio(loop_scope="session")

SHAPES = ((600, 400), (300, 600), (900, 200), (320, 320))
SHIFTS = """() => {
  window.shifts = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.shifts += entry.value;
  }).observe({type: 'layout-shift'});
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def gallery(crowd: Crowd) -> Window:
    """Ada's own posts: four pictures, and one that moves; no picture has come yet."""
    ada = await crowd.person("Ada")
    async with window(crowd.url, await ada.cookie()) as adas:
        for number, files in enumerate(([animation(3)], [photo(*shape) for shape in SHAPES])):
            ids = []
            for at, data in enumerate(files):
                answer = await ada.context.request.post(
                    "/api/media",
                    headers={"Origin": crowd.url},
                    multipart={
                        "file": {"name": "p", "mimeType": "image/png", "buffer": data},
                        "alt": f"Picture {number} {at}",
                    },
                )
                ids.append((await answer.json())["media"]["id"])
            await post(adas, f"Pictures {number}", media=ids)
    return await ada.window("/settings")


def files(window: Window) -> Locator:
    return window.feed.locator(".pictures img")


async def test_pictures_push_nothing_and_stand_still_for_whom_motion_is_too_much(
    gallery: Window,
) -> None:
    page = gallery.page
    gate = asyncio.Event()

    async def late(route: Route) -> None:
        await gate.wait()
        await route.continue_()

    await page.route("**/media/*", late)
    await page.emulate_media(reduced_motion="reduce")
    await page.get_by_role("link", name="You", exact=True).first.click()
    await expect(files(gallery)).to_have_count(5)
    before = [await file.bounding_box() for file in await files(gallery).all()]
    hashes = await files(gallery).evaluate_all("all => all.map((img) => img.style.backgroundImage)")
    assert all(each.startswith('url("data:image/png') for each in hashes)
    await page.evaluate(SHIFTS)
    gate.set()
    for file in await files(gallery).all():
        await file.scroll_into_view_if_needed()
        await expect(file).to_have_js_property("complete", True)
    await page.evaluate("scrollTo(0, 0)")
    assert [await file.bounding_box() for file in await files(gallery).all()] == before
    assert await page.evaluate("window.shifts") == 0
    moving = files(gallery).last
    assert "-still.webp" in (await moving.get_attribute("src") or "")
    await page.get_by_role("button", name="Play").click()
    assert "-still.webp" not in (await moving.get_attribute("src") or "")
    await page.get_by_role("button", name="Pause").click()
    assert "-still.webp" in (await moving.get_attribute("src") or "")
    await page.unroute("**/media/*")

    # Large: by keys, then by a finger.
    opener = page.get_by_role("button", name="Open picture: Picture 1 1")
    await opener.click()
    words = gallery.dialog.locator(".lightbox-words")
    await expect(words).to_have_text("Picture 1 1")
    for key, shown in (
        ("ArrowRight", "Picture 1 2"),
        ("End", "Picture 1 3"),
        ("ArrowRight", "Picture 1 0"),
        ("ArrowLeft", "Picture 1 3"),
        ("Home", "Picture 1 0"),
    ):
        await page.keyboard.press(key)
        await expect(words).to_have_text(shown)
    image = gallery.dialog.locator("img")
    await image.click()
    await page.keyboard.press("ArrowRight")
    await expect(words).to_have_text("Picture 1 1")
    await swipe(gallery, -160)
    await expect(words).to_have_text("Picture 1 2")
    await swipe(gallery, 160)
    await expect(words).to_have_text("Picture 1 1")
    await page.keyboard.press("Escape")
    await expect(gallery.dialog).to_have_count(0)
    await expect(opener).to_be_focused()


async def swipe(window: Window, by: int) -> None:
    """Push the large picture aside with one finger."""
    box = await window.dialog.locator("img").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    finger = await window.page.context.new_cdp_session(window.page)
    for kind, at in (("touchStart", x), ("touchMove", x + by / 2), ("touchMove", x + by)):
        await finger.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": at, "y": y}]}
        )
    await finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    await finger.detach()
