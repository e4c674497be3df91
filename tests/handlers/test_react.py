"""Reactions over the wire: one emoji each, eight different ones, and who."""

from __future__ import annotations

import asyncio
import json

from tests.client import Json, post, window
from tests.deployments import Town
from tests.handlers.asking import WHEN, apart, pages, refusal
from tests.server import Running

EIGHT = ["😀", "😁", "😂", "🤣", "😃", "😄", "😅", "😆"]


async def test_an_emoji_is_one_and_is_kept_as_the_standard_writes_it(town: Town) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob:
        target = await post(ada, "judge me")
        target_id = target["id"]
        for plain, whole in (("❤", "❤️"), ("👩‍❤‍👩", "👩‍❤️‍👩"), ("☺", "☺️")):
            done = await bob.ask("react.set", post_id=target_id, emoji=plain, on=True)
            assert whole in done["counts"]["reactions"]
            assert await bob.ask("react.set", post_id=target_id, emoji=whole, on=True) == done
            page = await ada.ask("react.list", post_id=target_id, emoji=plain)
            assert [r["emoji"] for r in page["reactions"]] == [whole]
            await bob.ask("react.set", post_id=target_id, emoji=plain, on=False)
        for bad in ("x", "", "😀😀", "7", ":wave:", "🇽🇽", "\u200d", " 😀", "😀" * 200):
            why = await refusal(bob, "react.set", post_id=target_id, emoji=bad, on=True)
            assert why == ("invalid", "emoji"), bad
        whole_family = await bob.ask("react.set", post_id=target_id, emoji="👩🏽‍🚀", on=True)
        assert whole_family["counts"]["reactions"] == {"👩🏽‍🚀": 1}
        for on in (1, "true", None):
            why = await refusal(bob, "react.set", post_id=target_id, emoji="😀", on=on)
            assert why == ("invalid", "on")


async def test_the_ninth_different_one_is_too_many_and_one_may_change_ones_mind(
    town: Town,
) -> None:
    async with town.ada.window() as ada, town.ada.window() as other, town.bob.window() as bob:
        target = await post(ada, "mine, and I like it")
        await bob.ask("watch.set", post_ids=[target["id"]])
        for emoji in EIGHT:
            done = await ada.ask("react.set", post_id=target["id"], emoji=emoji, on=True)
        assert (done["mine"]["kind"], done["mine"]["reactions"]) == ("mine", EIGHT)
        why = await refusal(ada, "react.set", post_id=target["id"], emoji="🌊", on=True)
        assert why == ("too_many", "emoji")
        again = await ada.ask("react.set", post_id=target["id"], emoji=EIGHT[0], on=True)
        assert again == done
        off = await ada.ask("react.set", post_id=target["id"], emoji=EIGHT[0], on=False)
        assert off["counts"]["v"] > done["counts"]["v"]
        assert await ada.ask("react.set", post_id=target["id"], emoji=EIGHT[0], on=False) == off
        last = await ada.ask("react.set", post_id=target["id"], emoji="🌊", on=True)
        await bob.noun("counts", v=last["counts"]["v"])
        assert last["counts"]["reactions"] == dict.fromkeys([*EIGHT[1:], "🌊"], 1)
        assert (await other.noun("mine", v=last["mine"]["v"])) == last["mine"]
        assert bob.seen("mine") == []


async def test_who_reacted_is_listed_newest_first_and_paged(server: Running, town: Town) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob, town.eve.window() as eve:
        target = await post(ada, "popular")
        for w in (bob, eve, ada):
            for emoji in EIGHT[:2]:
                await w.ask("react.set", post_id=target["id"], emoji=emoji, on=True)
        page = await ada.ask("react.list", post_id=target["id"])
        rows = [(r["user"]["name"], r["emoji"]) for r in page["reactions"]]
        assert rows == [(n, e) for n in ("ada", "eve", "bob") for e in reversed(EIGHT[:2])]
        assert set(page["reactions"][0]) == {"user", "emoji", "at"} and "next" not in page
        assert page["reactions"][0]["user"]["kind"] == "user"
        assert WHEN.fullmatch(page["reactions"][0]["at"])
        await apart(server, town.ada, town.eve)
        page = await ada.ask("react.list", post_id=target["id"], emoji=EIGHT[0])
        assert [r["user"]["name"] for r in page["reactions"]] == ["ada", "bob"]
        for before in ("x", "", "-1", "1" * 30, None, 7):
            why = await refusal(ada, "react.list", post_id=target["id"], before=before)
            assert why == ("invalid", "before")
        assert await refusal(ada, "react.list", post_id=target["id"], emoji="x") == (
            "invalid", "emoji",
        )  # fmt: skip
        async with window(server.url) as visitor:
            assert len((await visitor.ask("react.list", post_id=target["id"]))["reactions"]) == 6
        # What was undone can be undone after a block, and nothing can be added.
        undone = {"post_id": target["id"], "emoji": EIGHT[0], "on": False}
        assert await refusal(eve, "react.set", **undone) == (None, None)
        undone["on"] = True
        assert await refusal(eve, "react.set", **undone) == ("not_found", "post_id")


async def test_what_someone_reacted_to_is_ordered_by_their_newest_reaction(town: Town) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob:
        posts = [await post(ada, str(n)) for n in range(4)]

        async def react(n: int, emoji: str, on: bool = True) -> None:
            await bob.ask("react.set", post_id=posts[n]["id"], emoji=emoji, on=on)

        async def shown(**fields: object) -> list[str]:
            found = await pages(
                ada, "entries", "timeline.get", name="reactions", user_id=town.bob.id, **fields
            )
            return [entry["text"] for page in found for entry in page]

        for n, emoji in ((0, "😀"), (1, "😀"), (2, "😀"), (3, "😀"), (1, "😁"), (0, "😁")):
            await react(n, emoji)
        assert await shown() == ["0", "1", "3", "2"]
        assert await shown(limit=1) == ["0", "1", "3", "2"]
        page = await ada.ask("timeline.get", name="reactions", user_id=town.bob.id, limit=2)
        await react(2, "😂")  # goes up: it was below, and may not be skipped for having moved
        await react(3, "😀", on=False)
        rest = await ada.ask(
            "timeline.get", name="reactions", user_id=town.bob.id, before=page["next"]
        )
        assert [entry["text"] for entry in rest["entries"]] in (["2"], [])
        await ada.ask("post.delete", post_id=posts[0]["id"])
        assert await shown() == ["2", "1"]
        assert "counts" in page["entries"][0] and page["entries"][0]["kind"] == "post"


async def test_fifty_reactions_are_a_page_and_going_back_neither_repeats_nor_skips(
    town: Town,
) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob, town.eve.window() as eve:
        posts = [await post(ada, str(n)) for n in range(56)]
        for one in posts:
            await bob.ask("react.set", post_id=one["id"], emoji="😀", on=True)
        first = await eve.ask("timeline.get", name="reactions", user_id=town.bob.id)
        assert len(first["entries"]) == 50
        await bob.ask("react.set", post_id=posts[-1]["id"], emoji="😀", on=False)
        await ada.ask("post.delete", post_id=posts[20]["id"])
        fields: Json = {"name": "reactions", "user_id": town.bob.id, "before": first["next"]}
        rest = await eve.ask("timeline.get", **fields)
        assert [entry["text"] for entry in rest["entries"]] == ["5", "4", "3", "2", "1", "0"]
        assert "next" not in rest


async def test_two_windows_at_once_count_every_reaction_once(town: Town) -> None:
    async with town.ada.window() as ada, town.ada.window() as other, town.bob.window() as bob:
        target = await post(bob, "hit me")
        await bob.ask("watch.set", post_ids=[target["id"]])
        for n in range(60):
            on = n % 3 != 2
            frame = {"type": "react.set", "ref": 1_000 + n, "post_id": target["id"],
                     "emoji": EIGHT[n % 8], "on": on}  # fmt: skip
            await asyncio.gather(*(w.socket.send(json.dumps(frame)) for w in (ada, other)))
        for w in (ada, other):
            await w.until(lambda f: f.get("ref") == 1_059)
        thread = await bob.ask("post.thread", post_id=target["id"])
        page = await bob.ask("react.list", post_id=target["id"])
        held: dict[str, int] = {}
        for reaction in page["reactions"]:
            held[reaction["emoji"]] = held.get(reaction["emoji"], 0) + 1
        assert held == thread["post"]["counts"]["reactions"]
        assert set(held.values()) <= {1}
        await bob.noun("counts", v=thread["post"]["counts"]["v"])
