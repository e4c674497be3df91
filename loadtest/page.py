"""What the page costs a browser: first load, a flood of posts, and days of them.

`python -m loadtest.page` starts a server on loopback (SQLite) and Chromium without a screen, and
prints a table; nothing is asserted. `make build` must have built the page.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, CDPSession, Page, async_playwright
from websockets.asyncio.client import ClientConnection

from loadtest.figures import opened
from tests.chromium import CHROMIUM_FLAGS, find_chromium
from tests.deployments import KEY
from tests.processes import run, serve

AUTHORS: Final = 5  # the fixture's first people; all follow one another
MANY: Final = 10_000
UNDER_WAY: Final = 24
SLOWER: Final = 4
MIB: Final = 2**20

# Noted by the page itself: a question from outside would wait for the very task it asks about.
_NOTE_USABLE: Final = """
window.usable_ms = null;
new MutationObserver((_, observer) => {
  if (document.querySelector('main article') === null) return;
  window.usable_ms = performance.now();
  observer.disconnect();
}).observe(document, { subtree: true, childList: true });
"""


def report(what: str, figure: str) -> None:
    sys.stdout.write(f"{what:64} {figure}\n")
    sys.stdout.flush()


class Author:
    """Somebody who posts without waiting for each answer, as long as few are under way."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._ref = 1
        self._answered = 0
        self._reading = asyncio.create_task(self._read())

    async def post(self, text: str) -> None:
        # A socket takes 32 commands at a time.
        while self._ref - self._answered > UNDER_WAY:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        self._ref += 1
        command = {"type": "post.create", "ref": self._ref, "key": str(uuid.uuid4()), "text": text}
        await self._socket.send(json.dumps(command))

    async def settled(self) -> None:
        """Wait until every post was acknowledged."""
        async with asyncio.timeout(60):
            while self._answered < self._ref - 1:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def _read(self) -> None:
        async for text in self._socket:
            frame = json.loads(text)
            if frame["type"] == "error":
                raise RuntimeError(f"a post was refused: {frame}")
            self._answered += frame["type"] == "ok"

    async def leave(self) -> None:
        await self._socket.close()
        await self._reading


async def flood(authors: list[Author], posts: int, per_s: float) -> None:
    """`posts` posts at this rate, the authors taking turns, each acknowledged at the end."""
    start = time.perf_counter()
    for number in range(posts):
        await asyncio.sleep(max(0.0, start + number / per_s - time.perf_counter()))
        await authors[number % len(authors)].post(
            f"Post {number}: boats at seven, @f{number} and #harbour https://example.org/{number}"
        )
    for author in authors:
        await author.settled()


@asynccontextmanager
async def window(browser: Browser, url: str, cookie: str) -> AsyncIterator[Page]:
    """A fresh browser, signed in, that has not opened a page."""
    name, _, value = cookie.partition("=")
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    await context.add_cookies([{"name": name, "value": value, "url": url}])
    await context.add_init_script(_NOTE_USABLE)
    try:
        yield await context.new_page()
    finally:
        await context.close()


async def first_loads(browser: Browser, url: str, cookie: str, times: int) -> None:
    """From the address to posts on the screen, with nothing cached, on a slower processor."""
    found = []
    for _ in range(times):
        async with window(browser, url, cookie) as page:
            cdp = await page.context.new_cdp_session(page)
            await cdp.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
            await page.goto(url)
            await page.wait_for_selector("main article")
            found.append(float(await page.evaluate("window.usable_ms")))
    figure = f"{statistics.median(found):.0f} ms (of {times}: {min(found):.0f} to {max(found):.0f})"
    report(f"cold load to a timeline, {SLOWER}x slower processor", figure)


async def sizes(browser: Browser, url: str, cookie: str) -> None:
    """Script and style that the first load of home fetches, as gzip makes them."""
    script, style = 0, 0
    async with window(browser, url, cookie) as page:
        # Whatever is fetched for later, when nothing else is to be done, is not the first load.
        answers: list[Any] = []
        page.on("response", lambda answer: answers.append(answer))
        await page.goto(url)
        await page.wait_for_selector("main article")
        for answer in list(answers):
            kind = answer.request.resource_type
            if kind in ("script", "stylesheet"):
                size = len(gzip.compress(await answer.body(), 9))
                script, style = (
                    script + size * (kind == "script"),
                    style + size * (kind != "script"),
                )
    report("script of the first load, gz", f"{script / 1024:.1f} KiB")
    report("style of the first load, gz", f"{style / 1024:.1f} KiB")


def longest_tasks(trace: bytes) -> list[float]:
    """Milliseconds of every task of the page's main thread, the longest first."""
    events: list[dict[str, Any]] = json.loads(trace)["traceEvents"]
    mains = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    tasks = _durations(event for event in events if (event["pid"], event["tid"]) in mains)
    return sorted(tasks, reverse=True)


def _durations(events: Iterable[dict[str, Any]]) -> list[float]:
    names = ("RunTask", "ThreadControllerImpl::RunTask")
    return [event["dur"] / 1000 for event in events if event["name"] in names and "dur" in event]


async def busy_minutes(browser: Browser, page: Page, authors: list[Author], seconds: int) -> None:
    """Fifty posts a second: how long the page's one thread is away at most."""
    categories = ["toplevel", "disabled-by-default-devtools.timeline"]
    for place in ("at the top", "while reading below"):
        if place != "at the top":
            await page.mouse.move(600, 500)
            await page.mouse.wheel(0, 3_000)
        await page.wait_for_timeout(1_000)
        await browser.start_tracing(page=page, categories=categories)
        await flood(authors, 50 * seconds, 50)
        tasks = longest_tasks(await browser.stop_tracing())
        over = sum(task > 50 for task in tasks)
        figure = f"longest {tasks[0]:.0f} ms, {over} of {len(tasks)} tasks over 50 ms"
        report(f"50 posts/s for {seconds} s, {place}", figure)


async def weight(cdp: CDPSession) -> tuple[float, int]:
    """MiB of live objects, and nodes of the document."""
    for _ in range(2):
        await cdp.send("HeapProfiler.collectGarbage")
    found = (await cdp.send("Performance.getMetrics"))["metrics"]
    by_name = {metric["name"]: metric["value"] for metric in found}
    return by_name["JSHeapUsedSize"] / MIB, int(by_name["Nodes"])


async def long_stay(page: Page, authors: list[Author]) -> None:
    """Memory while ten thousand posts come and go."""
    await page.evaluate("scrollTo(0, 0)")
    cdp = await page.context.new_cdp_session(page)
    await cdp.send("Performance.enable")
    come = 0
    for upto in (1_000, 4_000, MANY):
        await flood(authors, upto - come, 200)
        come = upto
        await page.wait_for_timeout(2_000)
        heap, nodes = await weight(cdp)
        report(f"memory after {come} more posts", f"{heap:.1f} MiB, {nodes} nodes")


async def main(seconds: int, times: int) -> None:
    """One server, one browser, all figures."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        env = {"REALTIME_SECRET_KEYS": KEY, "REALTIME_RATE_LIMITS": "off"}
        cookies = folder / "cookies"
        graph = ("--users", str(AUTHORS + 1), "--follow", str(AUTHORS), "--cookies", str(cookies))
        status, said = await run(folder, "fixture", *graph, env=env)
        assert status == 0, said
        people = [line.split("\t")[2] for line in cookies.read_text("utf-8").splitlines()]
        async with serve(folder, env=env) as served, async_playwright() as playwright:
            authors = [Author(await opened(served.url, one)) for one in people[1:]]
            await flood(authors, 200, 200)
            browser = await playwright.chromium.launch(
                executable_path=find_chromium(), args=list(CHROMIUM_FLAGS)
            )
            await sizes(browser, served.url, people[0])
            await first_loads(browser, served.url, people[0], times)
            async with window(browser, served.url, people[0]) as page:
                await page.goto(served.url)
                await page.wait_for_selector("main article")
                await busy_minutes(browser, page, authors, seconds)
                await long_stay(page, authors)
            await browser.close()
            for author in authors:
                await author.leave()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=30, help="of fifty posts each")
    parser.add_argument("--times", type=int, default=5, help="cold loads; the median counts")
    options = parser.parse_args()
    asyncio.run(main(options.seconds, options.times))
