"""A person's own data as one file: all of theirs, nothing that others wrote."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest

from realtime.store import export
from tests.client import follow, post, window
from tests.deployments import Town
from tests.http.site import Site, register
from tests.pictures import photo
from tests.server import Running

OTHERS = "wordsofothers"


def opened(answer: httpx.Response) -> dict[str, Any]:
    """The files of a ZIP by name; JSON is read."""
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name) for name in archive.namelist()}
    return {n: json.loads(d) if n.endswith(".json") else d for n, d in files.items()}


async def test_an_export_holds_all_of_ones_own_and_no_words_of_others(
    server: Running, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "PAGE", 2)
    uploads = server.application.config.uploads
    ada = town.ada
    async with ada.window() as acting, town.bob.window() as bob:
        await bob.ask("profile.update", display_name=OTHERS, bio=OTHERS)
        theirs = await post(bob, f"{OTHERS} by bob")
        avatar = await ada.upload(photo(64, 64))
        await acting.ask("profile.update", display_name="Ada", bio="Lamps.", avatar=avatar["id"])
        shown = [await ada.upload(photo(50 + n, 40), alt=f"a field {n}") for n in range(3)]
        first = await post(acting, "one", media=[each["id"] for each in shown[:2]])
        await post(acting, "two", reply_to=theirs["id"], media=[shown[2]["id"]])
        await post(acting, "three 🌊", quote_of=theirs["id"])
        gone = await post(acting, "taken back")
        await acting.ask("post.delete", post_id=gone["id"])
        await acting.ask("retweet.set", post_id=theirs["id"], on=True)
        for emoji in ("🌊", "🔥", "❤️"):
            await acting.ask("react.set", post_id=theirs["id"], emoji=emoji, on=True)
        await follow(acting, town.bob)
        await follow(bob, ada)
        await acting.ask("draft.set", draft={"text": "begun"})
        await acting.ask("block.set", user_id=town.eve.id, on=True)
        await acting.ask("mute.set", user_id=town.bob.id, on=True)

        answer = await ada.http.get("/api/export")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    name = answer.headers["content-disposition"]
    assert name.startswith('attachment; filename="ada-20') and name.endswith('.zip"')
    assert answer.headers["cache-control"] == "no-store"
    files = opened(answer)
    assert files["profile.json"].pop("exported_at").endswith("Z")
    assert files["profile.json"] == {
        "id": ada.id,
        "name": "ada",
        "display_name": "Ada",
        "bio": "Lamps.",
        "picture": f"pictures/{avatar['id']}.webp",
        "created_at": ada.user["created_at"],
    }
    posts = files["posts.json"]
    assert [each["text"] for each in posts] == ["one", "two", "three 🌊"]
    assert posts[0]["id"] == first["id"]
    assert (posts[1]["reply_to"], posts[2]["quote_of"]) == (theirs["id"], theirs["id"])
    pictures = [picture for each in posts for picture in each["pictures"]]
    assert [picture["alt"] for picture in pictures] == ["a field 0", "a field 1", "a field 2"]
    for picture, media in zip(pictures, shown, strict=True):
        assert files[picture["file"]] == (uploads / media["url"].rpartition("/")[2]).read_bytes()
        assert (picture["width"], picture["height"]) == (media["width"], media["height"])
    assert [each["post_id"] for each in files["retweets.json"]] == [theirs["id"]]
    assert [each["emoji"] for each in files["reactions.json"]] == ["🌊", "🔥", "❤️"]
    assert files["following.json"] == [{"user_id": town.bob.id, "name": "bob"}]
    assert files["blocking.json"] == [{"user_id": town.eve.id, "name": "eve"}]
    assert files["muting.json"] == [{"user_id": town.bob.id, "name": "bob"}]
    assert files["draft.json"] == {"text": "begun"}
    assert not any(OTHERS in str(content) for content in files.values())
    names = {"README.txt", *(n for n in files if n.endswith(".json"))}
    assert names | {f"pictures/{m['id']}.webp" for m in (avatar, *shown)} == set(files)


async def test_an_export_leaves_out_what_came_after_it_began_and_survives_what_goes(
    server: Running, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "PAGE", 1)
    ada = town.ada
    async with ada.window() as acting:
        shown = await ada.upload(photo(2_000, 1_500))
        kept = await post(acting, "before", media=[shown["id"]])
        newest = await export.newest(acting_database(server))
        await post(acting, "after")
        pages = []
        after: int | None = 0
        while after is not None:
            items, after = await export.posts(acting_database(server), int(ada.id), after, newest)
            pages += items
        assert [each["id"] for each in pages] == [kept["id"]]
        file = server.application.config.uploads / Path(shown["url"]).name
        file.unlink()
        files = opened(await ada.http.get("/api/export"))
        assert [each["text"] for each in files["posts.json"]] == ["before", "after"]
        assert not any(name.startswith("pictures/") for name in files)


def acting_database(server: Running) -> Any:
    assert server.application.world is not None
    return server.application.world.database


async def test_whoever_leaves_in_the_middle_of_an_export_harms_nobody(
    server: Running, town: Town
) -> None:
    async with window(server.url, town.ada.cookie) as acting:
        media = [(await town.ada.upload(photo(1_600, 1_200)))["id"] for _ in range(4)]
        await post(acting, "", media=media)
        async with town.ada.http.stream("GET", "/api/export") as answer:
            async for _ in answer.aiter_raw(256):
                break
        assert (await town.ada.http.head("/api/export")).status_code == 200
        assert opened(await town.ada.http.get("/api/export"))["posts.json"]


async def test_a_visitor_has_nothing_to_export(small_site: Site) -> None:
    async with small_site.browser() as visitor:
        assert (await visitor.get("/api/export")).status_code == 401


async def test_ten_exports_a_day_are_enough_and_asking_how_is_free(limited_site: Site) -> None:
    async with limited_site.browser() as client:
        await register(client, "ada")
        for _ in range(10):
            assert (await client.head("/api/export")).status_code == 200
            assert (await client.get("/api/export")).status_code == 200
        refused = await client.get("/api/export")
    assert refused.status_code == 429
    assert refused.json()["code"] == "rate_limited"
    assert 3_000 < int(refused.headers["retry-after"]) <= 8_640
