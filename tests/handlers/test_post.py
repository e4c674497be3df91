"""Posts over the wire: what one is, what it may name, and how it goes."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from tests.client import Json, Refused, follow, post
from tests.deployments import Town
from tests.handlers.asking import ID, WHEN, apart, pages, refusal
from tests.pictures import photo
from tests.server import Running

POST = {
    *("kind", "seq", "id", "author", "text", "media", "reply_to", "quote_of"),
    *("created_at", "deleted"),
}
AUTHOR = {"id", "name", "display_name", "avatar", "seq"}
MEDIA = {
    *("kind", "id", "type", "url", "sizes", "width", "height", "alt", "thumbhash", "animated"),
}


async def test_a_post_has_these_fields_and_is_told_as_it_is_answered(town: Town) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob:
        await follow(bob, town.ada)
        mine = await post(ada, "  Cafe\u0301\n\nat noon ")
        assert set(mine) == POST and set(mine["author"]) == AUTHOR
        assert (mine["kind"], mine["text"], mine["media"]) == ("post", "Caf\u00e9\n\nat noon", [])
        assert (mine["reply_to"], mine["quote_of"], mine["deleted"]) == (None, None, False)
        assert ID.fullmatch(mine["id"]) and WHEN.fullmatch(mine["created_at"])
        assert isinstance(mine["seq"], int) and mine["author"]["id"] == town.ada.id
        for hearer in (ada, bob):
            assert await hearer.noun("post", id=mine["id"]) == mine
            assert hearer.events[-1]["topic"] == f"author:{town.ada.id}"
        page = await bob.ask("timeline.get", name="home")
        [shown] = page["entries"]
        assert set(shown) == POST | {"counts", "mine"}
        assert shown["counts"] == {
            **{"kind": "counts", "post_id": mine["id"], "v": shown["counts"]["v"]},
            **{"reactions": {}, "retweets": 0, "replies": 0, "quotes": 0},
        }
        assert shown["mine"] == {
            **{"kind": "mine", "post_id": mine["id"], "v": shown["counts"]["v"]},
            **{"reactions": [], "retweeted": False},
        }
        later = await post(ada, "later")
        assert int(later["id"]) > int(mine["id"])


async def test_five_pictures_are_too_many_and_one_belongs_to_one_post(
    server: Running, town: Town
) -> None:
    pictures = [await town.ada.upload(photo(20, 20), alt=f"number {n}") for n in range(5)]
    ids = [picture["id"] for picture in pictures]
    theirs = await town.bob.upload(photo(20, 20))
    async with town.ada.window() as ada:
        key = str(uuid.uuid4())

        async def why(media: list[str], text: str = "x") -> tuple[str | None, str | None]:
            return await refusal(ada, "post.create", key=str(uuid.uuid4()), text=text, media=media)

        assert await why(ids) == ("too_many", "media")
        assert await why([theirs["id"]]) == ("not_found", "media")
        assert await why(["999999999"]) == ("not_found", "media")
        assert await why([ids[0], ids[0]]) == ("invalid", "media")
        assert await why([], " ") == ("invalid", "text")
        four = (await ada.ask("post.create", key=key, text="", media=ids[:4]))["post"]
        assert [picture["alt"] for picture in four["media"]] == [f"number {n}" for n in range(4)]
        assert all(set(picture) == MEDIA for picture in four["media"])
        assert await why([ids[3]]) == ("conflict", "media")
        assert await refusal(ada, "profile.update", avatar=ids[3]) == ("conflict", "avatar")
        again = (await ada.ask("post.create", key=key.upper(), text="", media=ids[:4]))["post"]
        assert again == four
        urls = [picture["url"] for picture in four["media"]]
        assert (await town.bob.http.get(urls[0])).status_code == 200
        gone = (await ada.ask("post.delete", post_id=four["id"]))["post"]
        assert gone["media"] == []
        async with asyncio.timeout(5):
            for url in urls:
                while (await town.bob.http.get(url)).status_code != 404:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
        assert await why([ids[0]]) == ("not_found", "media")


async def test_what_is_gone_takes_no_more_part_in_anything(town: Town) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob:
        target = await post(ada, "soon gone")
        key = str(uuid.uuid4())
        answer = (await bob.ask("post.create", key=key, text="yes", reply_to=target["id"]))["post"]
        assert answer["parent"]["id"] == target["id"]
        await ada.ask("post.delete", post_id=target["id"])
        for gone in (target["id"], "999999999999"):
            for name in ("reply_to", "quote_of"):
                why = await refusal(
                    bob, "post.create", key=str(uuid.uuid4()), text="x", **{name: gone}
                )
                assert why == ("not_found", name)
            react = {"emoji": "🌊", "on": True}
            assert await refusal(bob, "react.set", post_id=gone, **react) == (
                "not_found",
                "post_id",
            )
            why = await refusal(bob, "retweet.set", post_id=gone, on=True)
            assert why == ("not_found", "post_id")
        again = (await bob.ask("post.create", key=key, text="yes", reply_to=target["id"]))["post"]
        assert (again["id"], again["text"], again["reply_to"]) == (
            answer["id"], "yes", target["id"],
        )  # fmt: skip
        assert "parent" not in again


async def test_quoted_and_parent_are_there_while_what_they_name_lives(town: Town) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob:
        root = await post(ada, "root")
        first = await post(bob, "first", quote_of=root["id"])
        assert first["quoted"]["id"] == root["id"] and set(first["quoted"]) == POST
        second = await post(bob, "second", quote_of=first["id"], reply_to=root["id"])
        assert second["quoted"]["id"] == first["id"]
        assert second["quoted"]["quote_of"] == root["id"]
        assert "quoted" not in second["quoted"]
        assert set(second["parent"]) == {"id", "author"}
        assert set(second["parent"]["author"]) == AUTHOR
        told = await bob.noun("post", id=second["id"])
        assert told == second
        await ada.ask("post.delete", post_id=root["id"])
        await bob.ask("post.delete", post_id=first["id"])
        page = await bob.ask("timeline.get", name="user", user_id=town.bob.id)
        [shown] = page["entries"]
        assert "quoted" not in shown and "parent" not in shown
        assert (shown["quote_of"], shown["reply_to"]) == (first["id"], root["id"])


async def test_a_tombstone_is_told_wherever_the_post_was_shown(town: Town) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob, town.eve.window() as eve:
        parent = await post(bob, "parent")
        mine = await post(ada, "mine", reply_to=parent["id"])
        await follow(bob, town.ada)
        await eve.ask("watch.set", post_ids=[mine["id"], parent["id"]])
        gone = (await ada.ask("post.delete", post_id=mine["id"]))["post"]
        assert (gone["deleted"], gone["text"], gone["media"]) == (True, "", [])
        assert gone["seq"] > mine["seq"] and gone["author"]["id"] == town.ada.id
        assert (await bob.noun("post", id=mine["id"], deleted=True))["seq"] == gone["seq"]
        await eve.noun("counts", post_id=parent["id"], replies=0)
        await eve.quiet()
        topics = {
            event["topic"]
            for event in eve.events
            if event["noun"]["kind"] == "post" and event["noun"]["deleted"]
        }
        assert topics == {f"post:{mine['id']}", f"post:{parent['id']}"}
        assert (await ada.ask("post.delete", post_id=mine["id"]))["post"] == gone
        assert await refusal(bob, "post.delete", post_id=parent["id"]) == (None, None)
        other = await post(bob, "other")
        assert (await refusal(ada, "post.delete", post_id=other["id"]))[0] == "forbidden"
        assert await refusal(ada, "post.delete", post_id="999") == ("not_found", "post_id")


async def test_a_thread_runs_from_the_root_down_and_its_answers_begin_with_the_oldest(
    server: Running, town: Town
) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob, town.eve.window() as eve:
        chain = [await post(ada, "0")]
        for n, author in enumerate((bob, eve, ada), start=1):
            chain.append(await post(author, str(n), reply_to=chain[-1]["id"]))
        answers = [await post(w, "answer", reply_to=chain[3]["id"]) for w in (bob, ada, eve, bob)]
        await bob.ask("post.delete", post_id=chain[1]["id"])
        await ada.ask("post.delete", post_id=answers[1]["id"])
        thread = await ada.ask("post.thread", post_id=chain[3]["id"])
        assert [p["id"] for p in thread["ancestors"]] == [p["id"] for p in chain[:3]]
        assert [p["deleted"] for p in thread["ancestors"]] == [False, True, False]
        assert [p["id"] for p in thread["replies"]] == [answers[n]["id"] for n in (0, 2, 3)]
        assert thread["post"]["counts"]["replies"] == 3 and "next" not in thread
        assert "mine" in thread["post"] and thread["replies"][0]["parent"]["id"] == chain[3]["id"]
        tomb = (await eve.ask("post.thread", post_id=chain[1]["id"]))["post"]
        assert (tomb["deleted"], tomb["text"]) == (True, "")
        assert await refusal(ada, "post.thread", post_id="1") == ("not_found", "post_id")
        # Eve wrote the second and one answer.
        await apart(server, town.ada, town.eve, "mute")
        thread = await ada.ask("post.thread", post_id=chain[3]["id"])
        assert [p["id"] for p in thread["ancestors"]] == [chain[0]["id"], chain[1]["id"]]
        assert [p["id"] for p in thread["replies"]] == [answers[n]["id"] for n in (0, 3)]
        assert "parent" not in thread["post"]
        theirs = await ada.ask("post.thread", post_id=chain[2]["id"])  # a mute: by name it is there
        assert theirs["post"]["text"] == "2"
        await apart(server, town.eve, town.ada)
        assert await refusal(ada, "post.thread", post_id=chain[2]["id"]) == (
            "not_found", "post_id",
        )  # fmt: skip
        assert await refusal(ada, "post.delete", post_id=chain[2]["id"]) == (
            "not_found", "post_id",
        )  # fmt: skip
        why = await refusal(
            ada, "post.create", key=str(uuid.uuid4()), text="x", reply_to=chain[2]["id"]
        )
        assert why == ("not_found", "reply_to")


async def test_a_long_thread_is_paged_and_neither_repeats_nor_skips(town: Town) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob:
        root = await post(ada, "root")
        keys = [str(uuid.uuid4()) for _ in range(53)]
        written: list[Json] = []
        for key in keys:
            created = await bob.ask("post.create", key=key, text="r", reply_to=root["id"])
            written.append(created["post"])
        first = await ada.ask("post.thread", post_id=root["id"])
        assert [p["id"] for p in first["replies"]] == [p["id"] for p in written[:50]]
        await bob.ask("post.delete", post_id=written[49]["id"])
        await bob.ask("post.delete", post_id=written[0]["id"])
        late = await post(bob, "late", reply_to=root["id"])
        rest = await pages(ada, "replies", "post.thread", post_id=root["id"], before=first["next"])
        assert [p["id"] for page in rest for p in page] == [
            *(p["id"] for p in written[50:]), late["id"],
        ]  # fmt: skip


async def test_an_id_is_digits_and_nothing_else(town: Town) -> None:
    bad = ("007", "7\n", 7, "", "-1", None, "７", "1" * 20)
    async with town.ada.window() as ada, town.bob.window() as bob:
        for id in bad:
            assert await refusal(ada, "post.thread", post_id=id) == ("invalid", "post_id")
            assert await refusal(bob, "follow.set", user_id=id, on=True) == ("invalid", "user_id")
        for unknown in ("0", "9" * 19):
            assert await refusal(ada, "post.delete", post_id=unknown) == ("not_found", "post_id")


async def test_a_key_is_a_uuid_and_a_text_is_a_text(town: Town) -> None:
    async with town.ada.window() as ada:
        for key in ("x", "", "123e4567-e89b-12d3-a456-42661417400", 7, None,
                    "123e4567-e89b-12d3-a456-426614174000\n"):  # fmt: skip
            assert await refusal(ada, "post.create", key=key, text="x") == ("invalid", "key")
        key = str(uuid.uuid4())
        assert await refusal(ada, "post.create", key=key) == ("invalid", "text")
        assert await refusal(ada, "post.create", key=key, text=None) == ("invalid", "text")
        assert await refusal(ada, "post.create", key=key, text="x", reply_to=None) == (
            "invalid", "reply_to",
        )  # fmt: skip
        family = "👨‍👩‍👧‍👦"
        with pytest.raises(Refused) as refused:
            await ada.ask("post.create", key=key, text=family * 501)
        assert (refused.value.code, refused.value.frame["field"]) == ("too_long", "text")
        assert (await ada.ask("post.create", key=key, text=family * 500))["post"]["text"]
