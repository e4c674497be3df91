"""Shift+L: the page says how quickly things come, and it is what they took."""

from __future__ import annotations

import re
import statistics
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from realtime import reconcile
from realtime.config import Config
from tests.browser.crowd import Crowd, Window
from tests.client import Window as Socket
from tests.client import eventually, follow, person, post
from tests.client import window as open_socket
from tests.server import Running, serving
from tests.test_speed import SLOW_S, age_s, slow

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_slow_bus_shows_in_the_panel(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "HEARTBEAT_S", 0.5)
    config = Config(
        database_url=f"sqlite:///{tmp_path / 'test.db'}",
        uploads=tmp_path / "uploads",
        secret_keys=("a-key-for-tests-of-at-least-32-characters",),
        rate_limits=False,
    )
    async with serving(config) as server, person(server.url, "writer") as writer:
        crowd = Crowd(browser, server.url)
        reader = await crowd.person("Reader")
        window = await reader.window()
        cookie = await reader.cookie()
        async with (
            writer.window() as writing,
            open_socket(server.url, cookie) as own,
        ):
            await follow(own, writer)
            slow(server, monkeypatch)
            ages = [await told(server, writing, own, window, f"number {n}") for n in range(6)]
        await window.page.keyboard.press("Shift+L")
        figure = window.dialog.locator("div", has=window.page.get_by_text("Delivery, p50"))
        await expect(figure.last).to_contain_text("ms")
        shown = re.search(r"(\d[\d,]*) ms", await figure.last.inner_text())
        assert shown is not None
        assert statistics.median(ages) >= SLOW_S * 1000
        assert float(shown[1].replace(",", "")) == pytest.approx(statistics.median(ages), rel=0.1)
        assert await crowd.leave() == []


async def told(server: Running, writer: Socket, own: Socket, window: Window, text: str) -> float:
    """How old a new post was when its reader had it, in ms; returns when the page has settled."""
    said = await post(writer, text)
    age_ms = age_s(await own.noun("post", id=said["id"])) * 1000
    await expect(window.post(text)).to_be_visible()
    world = server.application.world
    assert world is not None
    # Watching a post reads the log, which would bring the next one before its doorbell.
    await eventually(lambda: int(said["id"]) in world.watch._watchers)
    return age_ms
