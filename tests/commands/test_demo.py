"""The demo: a database that looks lived in, by the rules of the house, and goes on living."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import httpx
import pytest
from PIL import Image

from realtime import text
from realtime.commands.demo import PASSWORD, demo
from realtime.commands.town import live, plan
from realtime.commands.town.chatter import ANSWERS, EMOJI, QUOTES
from realtime.commands.town.people import CAST, GUEST, crowd
from realtime.commands.town.plan import PassOn, Publish, React
from realtime.commands.town.portraits import portrait
from realtime.commands.town.scenes import SCENES, draw
from realtime.commands.town.talk import PICTURES, conversations
from realtime.config import BadSettings, Config
from realtime.model import Post
from realtime.secret import secret_keys
from realtime.store import account, counts, post, timeline, user
from realtime.store.database import Database
from tests.client import Window, window
from tests.server import serving

FEW = 6


@asynccontextmanager
async def opened(config: Config) -> AsyncIterator[Database]:
    database = await Database.connect(config.database_url)
    try:
        yield database
    finally:
        await database.close()


async def signed_in(url: str, name: str, password: str) -> str:
    """A `Cookie` header."""
    async with httpx.AsyncClient(base_url=url, headers={"Origin": url}) as http:
        answer = await http.post("/api/login", json={"name": name, "password": password})
        answer.raise_for_status()
        return "; ".join(f"{name}={value}" for name, value in http.cookies.items())


async def every_post(visitor: Window) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    page: dict[str, Any] = {"next": None}
    while "next" in page:
        before = {"before": page["next"]} if page["next"] else {}
        page = await visitor.ask("timeline.get", name="explore", limit=100, **before)
        found += page["entries"]
    return found


async def test_a_newcomer_signs_in_and_finds_a_town(config: Config) -> None:
    assert await demo(config, FEW) == 0
    async with (
        serving(config) as server,
        window(server.url, await signed_in(server.url, GUEST, PASSWORD)) as guest,
    ):
        home = await guest.ask("timeline.get", name="home")
        assert len(home["entries"]) >= 10
        posts = await every_post(guest)
        assert {entry["author"]["name"] for entry in posts} >= {"mira", "jonas", "haruki"}
        assert any(entry["counts"]["reactions"] for entry in posts)
        pictures = [picture for entry in posts for picture in entry["media"]]
        assert pictures and all(picture["alt"] for picture in pictures)
        notices = (await guest.ask("notice.list"))["notices"]
        assert {"reaction", "reply"} <= {notice["what"] for notice in notices}
        async with httpx.AsyncClient(base_url=server.url) as http:
            for size in (pictures[0], *pictures[0]["sizes"]):
                assert (await http.get(size["url"])).status_code == 200


async def test_newer_posts_have_larger_ids_and_none_is_from_the_future(config: Config) -> None:
    await demo(config, FEW)
    async with serving(config) as server, window(server.url) as visitor:
        posts = await every_post(visitor)
        now = datetime.now(UTC).isoformat()
    for newer, older in pairwise(posts):
        assert int(newer["id"]) > int(older["id"])
        assert newer["created_at"] >= older["created_at"]
    assert posts[0]["created_at"] < now
    days = {entry["created_at"][:10] for entry in posts}
    assert len(days) >= 4


async def test_counts_are_what_the_rows_say(config: Config) -> None:
    await demo(config, FEW)
    async with opened(config) as database:
        page = await timeline.explore(database, frozenset(), None, 50)
        ids = [int(entry.id) for entry in page.entries]
        told = await counts.by_ids(database, ids)
        for post_id in ids:
            replies = await post.replies(database, post_id, 0, 100, frozenset())
            assert told[post_id].replies == len(replies)
        authors = {int(entry.author.id) for entry in page.entries if isinstance(entry, Post)}
        for person in await user.by_ids(database, authors):
            mine = await timeline.user(database, int(person.id), frozenset(), None, 100)
            assert person.posts == sum(isinstance(entry, Post) for entry in mine.entries)
            assert person.following > 0


async def test_a_second_time_adds_nothing(
    config: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    await demo(config, 3)
    async with opened(config) as database:
        before = await timeline.explore(database, frozenset(), None, 1)
        assert await demo(config, 3) == 0
        assert await timeline.explore(database, frozenset(), None, 1) == before
    assert "here already" in capsys.readouterr().out


async def test_real_people_are_left_alone_unless_forced(
    config: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    async with serving(config) as server, httpx.AsyncClient(base_url=server.url) as http:
        account_of_robin = {"name": GUEST, "password": "not the demo's password"}
        (await http.post("/api/register", json=account_of_robin)).raise_for_status()
    with pytest.raises(BadSettings, match="has people already"):
        await demo(config, 3)
    assert await demo(config, 3, force=True) == 0
    said = capsys.readouterr().out
    assert f"Sign in as {GUEST}2 with the password: " in said
    # Among real people a password that everybody can look up would be an open door.
    assert PASSWORD not in said
    async with opened(config) as database:
        real = await account.by_name(database, GUEST)
        assert real is not None
        assert (await timeline.user(database, real.user_id, frozenset(), None, 9)).entries == []


async def test_the_town_goes_on_talking_over_the_wire(config: Config) -> None:
    await demo(config, FEW)
    async with serving(config) as server, window(server.url) as visitor, opened(config) as database:
        await visitor.ask("watch.set", post_ids=[], explore=True)
        here = Config(**{**vars_of(config), "port": server.port})
        voices = []
        for person in CAST[1:FEW]:
            known = await account.by_name(database, person.name)
            assert known is not None
            voices.append(live.Voice(known.user_id, person.name))
        done = await live.live(
            here, database, secret_keys(here), voices, deeds=25, pause_s=(0.0, 0.01)
        )
        assert done == 0
        talked = await visitor.noun("post")
        assert talked["author"]["name"] in {voice.name for voice in voices}
        rows = await database.fetch_all("SELECT id FROM sessions WHERE device = 'demo'")
        assert rows == []


def vars_of(config: Config) -> dict[str, Any]:
    return {name: getattr(config, name) for name in Config.__slots__}


async def test_live_says_so_when_no_server_answers(
    tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    config = Config(
        database_url=f"sqlite:///{tmp_path / 'quiet.db'}", uploads=tmp_path / "uploads", port=9
    )
    assert await demo(config, 2, live_on=True) == 1
    assert "No server answers on http://127.0.0.1:9 (Connection refused)" in capsys.readouterr().out


@pytest.mark.parametrize("users", [1, 0, -3, 100_000])
async def test_a_town_has_a_size(users: int) -> None:
    with pytest.raises(BadSettings, match="--users"):
        await demo(Config(), users)


def test_whatever_is_said_may_be_said() -> None:
    names = {person.name for person in CAST}
    said = [say for root in conversations() for say in (root, *root.answers, *root.quotes)]
    assert len(said) > 100
    for say in said:
        assert say.who in names
        assert names.issuperset(text.mentions(say.text)), say.text
        assert text.post_text(say.text, may_be_empty=False) == say.text
    for words in (*ANSWERS, *QUOTES):
        assert text.post_text(words, may_be_empty=False) == words
    for emoji in EMOJI:
        assert text.emoji(emoji) == emoji


def test_the_town_writes_in_many_scripts_and_both_directions() -> None:
    letters = "".join(say.text for root in conversations() for say in (root, *root.answers))
    for script in ("ا", "ש", "猫", "비", "δ", "и", "न", "á"):
        assert script in letters, script


def test_a_crowd_of_any_size_has_proper_and_different_names() -> None:
    people = crowd(2_000)
    names = [text.user_name(person.name) for person in people]
    assert names == [person.name for person in people]
    assert len(set(names)) == 2_000
    for person in people:
        text.display_name(person.display_name)
        text.bio(person.bio)


@pytest.mark.parametrize("users", [2, 7, 32, 60])
def test_deeds_come_in_order_and_only_of_those_who_are_here(users: int) -> None:
    people = crowd(users)
    names = {person.name for person in people}
    now_ms = 1_800_000_000_000
    published: set[int] = set()
    for before, deed in pairwise([None, *plan.past(people, now_ms)]):
        assert deed is not None and deed.at_ms < now_ms
        assert before is None or before.at_ms <= deed.at_ms
        if isinstance(deed, Publish):
            assert deed.say.who in names
            assert {deed.answers, deed.quotes} <= {None, *published}
            published.add(deed.number)
        else:
            assert isinstance(deed, React | PassOn)
            assert deed.who in names and deed.number in published
    assert len(published) >= users


def test_nobody_follows_themselves_or_anybody_twice() -> None:
    pairs = plan.follows(crowd(50))
    assert len(set(pairs)) == len(pairs)
    assert all(one != other for one, other in pairs)
    assert {one for one, _ in pairs} == set(range(50))


@pytest.mark.parametrize("scene", sorted(SCENES))
def test_every_scene_is_a_picture(scene: str) -> None:
    with Image.open(io.BytesIO(draw(scene, 3))) as image:
        image.load()
        assert image.format == "JPEG" and min(image.size) >= 700
        assert len(image.resize((16, 16)).getcolors(256) or []) > 30  # more than one flat colour


def test_portraits_differ() -> None:
    assert portrait(1) != portrait(2)
    assert {scene for scene, _ in PICTURES.values()} == set(SCENES)
