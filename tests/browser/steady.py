"""Where a post stands on the screen, looked at in every frame: whether it ever moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.async_api import Page

_LOOK = """([id, address]) => {
    if (address) history.pushState(null, '', address);
    const tops = new Map();
    const watch = { tops, stopped: false, frames: 0 };
    (window.steady ??= new Map()).set(id, watch);
    const look = () => {
        if (watch.stopped) return;
        const element = document.querySelector(`[data-key="${id}"]`);
        const top = element ? element.getBoundingClientRect().top : 'gone';
        // A page that is opened shows it as soon as it has it.
        if (element || tops.size || !address) tops.set(top, (tops.get(top) ?? 0) + 1);
        watch.frames += 1;
        requestAnimationFrame(look);
    };
    if (address) requestAnimationFrame(look); else look();
}"""
_STOP = """id => {
    const watch = window.steady.get(id);
    watch.stopped = true;
    return { tops: [...watch.tops.keys()], frames: watch.frames };
}"""
_FRAMES = """([id, count]) => {
    const watch = window.steady.get(id);
    const enough = watch.frames + count;
    return new Promise(done => {
        const wait = () => watch.frames >= enough ? done() : requestAnimationFrame(wait);
        wait();
    });
}"""
_AT_REST = """() => new Promise(done => {
    let last = -1, still = 0;
    const look = () => {
        still = scrollY === last ? still + 1 : 0;
        last = scrollY;
        if (still < 10) requestAnimationFrame(look);
        else done();
    };
    look();
})"""
_IN_SIGHT = """() => {
    const head = document.querySelector('header.head').getBoundingClientRect().bottom;
    const rows = [...document.querySelectorAll('.slot')]
        .map(slot => ({ id: slot.dataset.key, box: slot.getBoundingClientRect() }))
        .sort((a, b) => a.box.top - b.box.top);
    return rows.filter(({ box }) => box.top >= head && box.bottom <= innerHeight).map(r => r.id);
}"""


@dataclass
class Steady:
    """One post that is looked at from `of` until `stop`."""

    page: Page
    post_id: str

    async def pass_frames(self, count: int = 12) -> None:
        """Let the browser draw so many more."""
        await self.page.evaluate(_FRAMES, [self.post_id, count])

    async def stop(self) -> list[Any]:
        """Every place it was seen at, in px from the top of the window; one is still."""
        found = await self.page.evaluate(_STOP, self.post_id)
        assert found["frames"] > 1
        tops: list[Any] = found["tops"]
        return tops


async def steady(page: Page, post_id: str, address: str | None = None) -> Steady:
    """Begin to look at the post; where `address` is given, from when that page shows it."""
    await page.evaluate(_LOOK, [post_id, address])
    return Steady(page, post_id)


async def in_sight(page: Page) -> list[str]:
    """The posts that are whole on the screen, from the top down."""
    found: list[str] = await page.evaluate(_IN_SIGHT)
    return found


async def at_rest(page: Page) -> None:
    """Wait until the page has scrolled as far as it was told to."""
    await page.evaluate(_AT_REST)
