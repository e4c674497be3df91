"""Timelines over the wire: what each holds, how one goes back, and who is left out."""

from __future__ import annotations

import uuid

from tests.client import Json, Window, follow, post, window
from tests.deployments import Town
from tests.handlers.asking import apart, pages, refusal
from tests.pictures import photo
from tests.server import Running


async def shown(window: Window, name: str, **fields: object) -> list[str]:
    """The texts of one page, those of retweets included."""
    page = await window.ask("timeline.get", name=name, **fields)
    return [entry.get("post", entry)["text"] for entry in page["entries"]]


async def test_each_timeline_holds_what_it_is_named_after(server: Running, town: Town) -> None:
    picture = await town.bob.upload(photo(20, 20))
    async with (
        town.ada.window() as ada,
        town.bob.window() as bob,
        town.eve.window() as eve,
        window(server.url) as visitor,
    ):
        await follow(ada, town.bob)
        root = await post(eve, "by eve")
        await post(bob, "plain")
        await post(bob, "an answer", reply_to=root["id"])
        await bob.ask("post.create", key=str(uuid.uuid4()), text="seen", media=[picture["id"]])
        await bob.ask("retweet.set", post_id=root["id"], on=True)
        await post(ada, "my own")
        await post(ada, "my own answer", reply_to=root["id"])
        bobs = ["by eve", "seen", "an answer", "plain"]
        assert await shown(ada, "home") == ["my own answer", "my own", *bobs]
        assert await shown(ada, "user", user_id=town.bob.id) == bobs
        assert await shown(ada, "media", user_id=town.bob.id) == ["seen"]
        for who in (ada, visitor):
            assert await shown(who, "explore") == ["my own", "seen", "plain", "by eve"]
            # Whose it is means nothing here, and is no error.
            assert await shown(who, "user", user_id=town.eve.id) == ["by eve"]
        page = await visitor.ask("timeline.get", name="user", user_id=town.bob.id)
        first = page["entries"][0]
        assert (first["kind"], first["post"]["id"]) == ("retweet", root["id"])
        assert all("mine" not in entry.get("post", entry) for entry in page["entries"])
        assert all(entry.get("post", entry)["counts"]["post_id"] for entry in page["entries"])
        plain = [entry for entry in page["entries"] if entry["kind"] == "post"]
        assert all("also" not in entry and "also_count" not in entry for entry in plain)


async def test_what_cannot_be_asked_for_is_named(server: Running, town: Town) -> None:
    async with town.ada.window() as ada, window(server.url) as visitor:
        for who in (ada, visitor):
            for name in ("user", "media", "reactions"):
                assert await refusal(who, "timeline.get", name=name) == ("invalid", "user_id")
                why = await refusal(who, "timeline.get", name=name, user_id="999999999")
                assert why == ("not_found", "user_id")
            for limit in (0, 101, -1, True, "5", None, 1.5):
                why = await refusal(who, "timeline.get", name="explore", limit=limit)
                assert why == ("invalid", "limit"), limit
        for before in ("x", "", "-1", "9" * 30, 7, None, "1\n"):
            why = await refusal(ada, "timeline.get", name="home", before=before)
            assert why == ("invalid", "before"), before
        assert await refusal(ada, "timeline.get") == ("invalid", "name")
    async with town.bob.window() as bob:
        for limit in (1, 100):
            page = await bob.ask("timeline.get", name="home", limit=limit)
            assert page == {"entries": []}
        assert await refusal(bob, "timeline.get", name="popular") == ("invalid", "name")


async def test_going_back_while_others_write_neither_repeats_nor_skips(town: Town) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob, town.eve.window() as eve:
        await follow(ada, town.bob)
        await follow(ada, town.eve)
        written: list[Json] = [await post(w, str(n)) for n in range(12) for w in (bob, eve)]
        newest = [p["id"] for p in reversed(written)]
        for name, fields in (
            ("home", {}),
            ("explore", {}),
            ("user", {"user_id": town.bob.id}),
        ):
            whole = [p for p in newest if name != "user" or p in {w["id"] for w in written[::2]}]
            found: list[str] = []
            before: Json = {}
            gone = ""
            above: list[str] = []
            while True:
                page = await ada.ask("timeline.get", name=name, limit=5, **fields, **before)
                found += [entry["id"] for entry in page["entries"]]
                if "next" not in page:
                    break
                before = {"before": page["next"]}
                await post(bob, "new", reply_to=written[0]["id"])
                if not gone:
                    # One above and one below where this page ended.
                    above = [p for p in whole if p in found]
                    gone = [p for p in whole if p not in found][2]
                    for one in (*above[:1], gone):
                        writer = bob if one in {w["id"] for w in written[::2]} else eve
                        await writer.ask("post.delete", post_id=one)
            assert [p for p in found if p in whole] == [p for p in whole if p != gone], name
            assert len(set(found)) == len(found), name
            newest = [p for p in newest if p not in (*above[:1], gone)]


async def test_a_retweet_from_below_does_not_come_twice_within_a_page(town: Town) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob, town.eve.window() as eve:
        for someone in (town.bob, town.eve):
            await follow(ada, someone)
        posts = [await post(bob, str(n)) for n in range(6)]
        for one in posts[:3]:
            await eve.ask("retweet.set", post_id=one["id"], on=True)
        entries = (await ada.ask("timeline.get", name="home"))["entries"]
        ids = [entry.get("post", entry)["id"] for entry in entries]
        assert ids == [posts[n]["id"] for n in (2, 1, 0, 5, 4, 3)]
        assert [entry["kind"] for entry in entries] == ["retweet"] * 3 + ["post"] * 3
        collapsed: dict[str, Json] = {}
        for page in await pages(ada, "entries", "timeline.get", name="home", limit=2):
            assert len(page) <= 2
            for entry in page:
                collapsed.setdefault(entry.get("post", entry)["id"], entry)
        assert list(collapsed) == ids


async def test_whoever_is_hidden_is_in_no_page_and_in_no_push(server: Running, town: Town) -> None:
    """A block hides both ways, a mute one way; at once for one's own doing."""
    for how in ("mute", "block"):
        async with (
            town.ada.window() as ada,
            town.bob.window() as bob,
            town.eve.window() as eve,
            town.eve.window() as watching,
        ):
            await follow(eve, town.ada)
            await follow(eve, town.bob)
            old = await post(bob, f"old {how}")
            mine = await post(ada, f"mine {how}")
            await watching.ask("watch.set", post_ids=[old["id"], mine["id"]], explore=True)
            await apart(server, town.eve, town.bob, how)
            begun = len(eve.frames), len(watching.frames)
            await ada.ask("retweet.set", post_id=old["id"], on=True)
            await bob.ask("retweet.set", post_id=mine["id"], on=True)
            await post(bob, "unheard")
            await post(bob, "unheard answer", reply_to=mine["id"])
            quoting = await post(ada, "look", quote_of=old["id"], reply_to=mine["id"])
            assert quoting["quoted"]["id"] == old["id"]
            heard = await eve.noun("post", id=quoting["id"])
            assert "quoted" not in heard and heard["quote_of"] == old["id"]
            await watching.noun("counts", post_id=mine["id"], retweets=1, replies=2)
            await post(ada, "the end")
            for hearer, start in zip((eve, watching), begun, strict=True):
                await hearer.noun("post", text="the end")
                await hearer.quiet()
                told = [f["noun"] for f in hearer.frames[start:] if f["type"] == "event"]
                assert {n["text"] for n in told if n["kind"] == "post"} == {"look", "the end"}
                assert [n for n in told if n["kind"] == "retweet"] == []
                assert {n["post_id"] for n in told if n["kind"] == "counts"} <= {mine["id"]}
            for name, fields in (
                ("home", {}),
                ("explore", {}),
                ("user", {"user_id": town.ada.id}),
            ):
                page = await eve.ask("timeline.get", name=name, **fields)
                posts = [entry.get("post", entry) for entry in page["entries"]]
                assert town.bob.id not in {p["author"]["id"] for p in posts}, name
                assert all("quoted" not in p for p in posts if p["quote_of"] == old["id"])
            if how == "mute":
                assert await shown(eve, "user", user_id=town.bob.id) == []
            watched = await eve.ask("watch.set", post_ids=[old["id"], mine["id"]])
            assert [c["post_id"] for c in watched["counts"]] == [mine["id"]]
            await apart(server, town.eve, town.bob, how, on=False)
            assert f"old {how}" in await shown(eve, "explore")


async def test_everybodys_posts_are_told_as_their_page_shows_them(
    server: Running, town: Town
) -> None:
    """With what they quote: `quoted` is there wherever it lives and is visible."""
    async with town.ada.window() as ada, town.eve.window() as eve, window(server.url) as visitor:
        for looking in (eve, visitor):
            await looking.ask("watch.set", post_ids=[], explore=True)
        first = await post(ada, "first")
        quoting = await post(ada, "quoting", quote_of=first["id"])
        for looking in (eve, visitor):
            told = await looking.noun("post", id=quoting["id"])
            assert looking.events[-1]["topic"] == "explore"
            assert told["quoted"]["id"] == first["id"]
        await apart(server, town.eve, town.ada, "mute")
        theirs = await post(ada, "unheard", quote_of=first["id"])
        await visitor.noun("post", id=theirs["id"])
        await eve.quiet()
        assert theirs["id"] not in [noun["id"] for noun in eve.seen("post")]
        async with town.bob.window() as bob:
            bare = await post(bob, "of one who is muted", quote_of=first["id"])
        assert "quoted" in await visitor.noun("post", id=bare["id"])
        assert "quoted" not in await eve.noun("post", id=bare["id"])
