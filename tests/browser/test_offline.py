"""Without a server: the page opens, all of it, and what was on it is there."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.crowd import AWAY, Crowd, Window
from tests.browser.site import Site
from tests.client import post, window
from tests.pictures import photo

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_page_that_was_never_opened_opens_without_a_server(
    few: Crowd, mortal_site: Site
) -> None:
    few.expects(AWAY)
    ada = await few.person("Ada")
    async with window(few.url, await ada.cookie()) as program:
        await post(program, f"{ada.name} was here")
    adas = await ada.window()
    await adas.has_all_files()
    await asyncio.to_thread(mortal_site.kill)
    await adas.page.get_by_role("link", name="Settings").first.click()
    await expect(adas.feed.get_by_role("heading", name="Devices")).to_be_visible()
    await adas.page.goto("/explore")
    await expect(adas.feed.get_by_role("img", name="Not connected")).to_be_visible()
    await asyncio.to_thread(mortal_site.start)
    await adas.has_network()
    await adas.is_live()
    await expect(adas.post(f"{ada.name} was here")).to_have_count(1)


#: The view that the next page begins with holds this many posts.
_KEPT = """async (rows) => {
  const asked = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  for (;;) {
    const db = await asked(indexedDB.open('realtime'));
    const views = await asked(db.transaction('views').objectStore('views').getAll());
    db.close();
    const home = views[0]?.timelines.get('home');
    if (home && home.rows.length >= rows) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}"""
EMOJIS = (("🔥", "fire"), ("🎉", "party"), ("🐙", "octopus"), ("🍞", "bread"), ("🌊", "wave"))


async def _write(adas: Window, words: str, picture: Path) -> None:
    await adas.composer.fill(words)
    await adas.attach("Add pictures", picture)
    await expect(adas.feed.locator(".upload")).to_have_count(1)
    await adas.feed.get_by_role("button", name="Post", exact=True).click()
    await expect(adas.post(words)).to_contain_text("Waiting")


async def test_what_was_written_and_done_without_a_server_arrives_once_and_in_order(
    few: Crowd, mortal_site: Site, tmp_path: Path
) -> None:
    few.expects(AWAY)
    picture = tmp_path / "sky.jpg"
    picture.write_bytes(photo(60, 40))
    ada, bob = await few.person("Ada"), await few.person("Bob")
    async with window(few.url, await ada.cookie()) as program:
        found = await program.ask("profile.get", name=bob.name)
        await program.ask("follow.set", user_id=found["user"]["id"], on=True)
    async with window(few.url, await bob.cookie()) as program:
        seen = [(await post(program, f"Bob, number {n}"))["id"] for n in range(5)]
    adas = await ada.window()
    await expect(adas.post("Bob, number")).to_have_count(5)
    await adas.has_all_files()
    await adas.page.evaluate(_KEPT, 5)

    await asyncio.to_thread(mortal_site.kill)
    for n in range(3):
        await _write(adas, f"Ada, number {n}", picture)
    for n, (emoji, search) in enumerate(EMOJIS):
        await adas.react(f"Bob, number {n}", emoji, search)
        await expect(adas.chip(f"Bob, number {n}", f"{emoji}, 1, yours")).to_be_visible()
    await adas.page.reload()
    await expect(adas.post("Ada, number")).to_have_count(3)
    await expect(adas.post("Ada, number 1").locator(".small-pictures img")).to_be_visible()
    await expect(adas.head).to_contain_text("What you write is kept and sent.")
    for n, (emoji, _) in enumerate(EMOJIS):
        await expect(adas.chip(f"Bob, number {n}", f"{emoji}, 1, yours")).to_be_visible()

    await asyncio.to_thread(mortal_site.start)
    await adas.has_network()
    await adas.is_live()
    for n in range(3):
        sent = adas.post(f"Ada, number {n}")
        await expect(sent.get_by_role("link", name="now")).to_be_visible()
        await expect(sent).to_have_count(1)
    async with window(few.url, await ada.cookie()) as program:
        page = await program.ask("timeline.get", name="home")
        mine = [entry for entry in page["entries"] if entry["text"].startswith("Ada")]
        assert [entry["text"] for entry in mine] == [f"Ada, number {n}" for n in (2, 1, 0)]
        assert [len(entry["media"]) for entry in mine] == [1, 1, 1]
        state = await program.ask("watch.set", post_ids=seen)
    counts = {one["post_id"]: one["reactions"] for one in state["counts"]}
    assert [counts[id] for id in seen] == [{emoji: 1} for emoji, _ in EMOJIS]


async def test_a_refused_post_outlives_its_page_and_says_why(few: Crowd, mortal_site: Site) -> None:
    few.expects(AWAY)
    ada, bob = await few.person("Ada"), await few.person("Bob")
    async with window(few.url, await bob.cookie()) as program:
        first = (await post(program, "Who comes along?"))["id"]
    adas = await ada.window(f"/post/{first}")
    await asyncio.to_thread(mortal_site.kill)
    await adas.reply("Bob", "I do, gladly.")
    await expect(adas.post("I do, gladly.")).to_contain_text("Waiting")
    await adas.page.close()
    await asyncio.to_thread(mortal_site.start)
    async with window(few.url, await bob.cookie()) as program:
        await program.ask("post.delete", post_id=first)
    adas = await ada.window()
    refused = adas.post("I do, gladly.")
    await expect(refused).to_contain_text("Not sent")
    await expect(refused.get_by_role("alert")).to_contain_text("not here any more")
    await adas.page.reload()
    await expect(refused.get_by_role("alert")).to_contain_text("not here any more")
    await refused.get_by_role("button", name="Discard").click()
    await expect(refused).to_have_count(0)
    await adas.page.get_by_role("button", name="Bring it back").click()
    await expect(adas.dialog.get_by_role("textbox")).to_have_value("I do, gladly.")
