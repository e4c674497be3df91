"""Who is hidden: what every command answers to whoever blocks, is blocked or mutes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest

from realtime.protocol import RESULTS, tag
from realtime.store.database import Database, Tx
from tests.client import Json, Person, Window, follow, person, post
from tests.handlers.asking import apart
from tests.server import Running

STANCES = ("blocked", "blocker", "muter")
UNKNOWN = "as for an unknown id"
OK = "ok"


@dataclass(frozen=True)
class Row:
    """One command that names Zoe or her post, and what each stance is answered."""

    type: str
    fields: Json
    blocked: str
    blocker: str
    muter: str


def same(type: str, answer: str, **fields: Any) -> Row:
    """The same answer for all three."""
    return Row(type, fields, answer, answer, answer)


def apart_only(type: str, **fields: Any) -> Row:
    """A block makes it unknown, a mute leaves it as it was."""
    return Row(type, fields, UNKNOWN, UNKNOWN, OK)


KEY = "11111111-2222-4333-8444-5555555555{:02d}"
# Rows run from the top, so what changes the stance stands last.
TABLE = [
    apart_only("post.create", key=KEY.format(1), text="an answer", reply_to="POST"),
    apart_only("post.create", key=KEY.format(2), text="a quote", quote_of="POST"),
    Row("post.delete", {"post_id": "POST"}, UNKNOWN, UNKNOWN, "forbidden"),
    apart_only("post.thread", post_id="POST"),
    apart_only("retweet.list", post_id="POST"),
    apart_only("react.list", post_id="POST"),
    apart_only("react.set", post_id="POST", emoji="🎈", on=True),
    same("react.set", OK, post_id="POST", emoji="🌊", on=False),
    apart_only("react.set", post_id="POST", emoji="🌊", on=False),
    same("retweet.set", OK, post_id="POST", on=False),
    apart_only("retweet.set", post_id="POST", on=False),
    apart_only("retweet.set", post_id="POST", on=True),
    Row("profile.get", {"user_id": "USER"}, UNKNOWN, OK, OK),
    Row("profile.get", {"name": "NAME"}, UNKNOWN, OK, OK),
    apart_only("follow.list", user_id="USER", direction="followers"),
    apart_only("follow.list", user_id="USER", direction="following"),
    same("follow.list", "forbidden", user_id="USER", direction="blocking"),
    same("follow.list", "forbidden", user_id="USER", direction="muting"),
    apart_only("timeline.get", name="user", user_id="USER"),
    apart_only("timeline.get", name="media", user_id="USER"),
    apart_only("timeline.get", name="reactions", user_id="USER"),
    apart_only("follow.set", user_id="USER", on=True),
    apart_only("follow.set", user_id="USER", on=False),
    apart_only("mute.set", user_id="USER", on=True),
    apart_only("mute.set", user_id="USER", on=False),
    Row("block.set", {"user_id": "USER", "on": True}, UNKNOWN, OK, OK),
    same("block.set", OK, user_id="USER", on=False),
]
# These name nobody, or answer for one's own things only; what they show is tried below.
NAMES_NOBODY = {"hello", "profile.update", "watch.set"}
NAMES_NOBODY |= {"search.query", "notice.list", "notice.read", "draft.set"}


@dataclass
class Scene:
    """Zoe, who is hidden; Carol, who mentions her; and somebody of each stance with a window."""

    server: Running
    zoe: Person
    zoes: Window
    carol: Person
    carols: Window
    people: dict[str, Person]
    windows: dict[str, Window]
    posts: dict[str, Json] = field(default_factory=dict)

    async def hide(self, *, on: bool = True) -> None:
        await apart(self.server, self.zoe, self.people["blocked"], on=on)
        await apart(self.server, self.people["blocker"], self.zoe, on=on)
        await apart(self.server, self.people["muter"], self.zoe, "mute", on=on)


@pytest.fixture
async def scene(server: Running) -> AsyncIterator[Scene]:
    """Everybody follows Zoe and Carol; nobody is hidden yet."""
    async with AsyncExitStack() as stack:
        names = ["zoe", "carol", *STANCES]
        people = {n: await stack.enter_async_context(person(server.url, n)) for n in names}
        windows = {n: await stack.enter_async_context(p.window()) for n, p in people.items()}
        zoe, carol = people["zoe"], people["carol"]
        found = Scene(
            server,
            zoe,
            windows["zoe"],
            carol,
            windows["carol"],
            {n: people[n] for n in STANCES},
            {n: windows[n] for n in STANCES},
        )
        for window in found.windows.values():
            await follow(window, zoe)
            await follow(window, carol)
        yield found


def filled(fields: Json, scene: Scene | None) -> Json:
    """The fields with Zoe and her post in them, or, without a scene, with what nobody knows."""
    names = {"USER": "999999999", "POST": "999999999", "NAME": "nobody_at_all"}
    if scene is not None:
        names = {"USER": scene.zoe.id, "POST": scene.posts["hers"]["id"], "NAME": scene.zoe.name}
    return {name: names.get(value, value) for name, value in fields.items()}


def test_every_command_has_its_row() -> None:
    assert {tag(command) for command in RESULTS} <= {row.type for row in TABLE} | NAMES_NOBODY


async def test_every_command_answers_by_who_is_hidden(scene: Scene) -> None:
    scene.posts["hers"] = await post(scene.zoes, "hers")
    for window in scene.windows.values():
        await window.ask("react.set", post_id=scene.posts["hers"]["id"], emoji="🌊", on=True)
        await window.ask("retweet.set", post_id=scene.posts["hers"]["id"], on=True)
    await scene.hide()
    for row in TABLE:
        for stance, window in scene.windows.items():
            answer = await window.answer(row.type, **filled(row.fields, scene))
            expected = getattr(row, stance)
            what = f"{row.type} {row.fields} of the {stance}: {answer}"
            if expected == UNKNOWN:
                unknown = await window.answer(row.type, **filled(row.fields, None))
                assert answer["type"] == "error", what
                assert {**answer, "ref": 0} == {**unknown, "ref": 0}, what
            else:
                assert answer.get("code", OK) == expected, what


def noting(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What commands ask the database from now on."""
    asked: list[str] = []
    alone, together = Database._read, Database.read

    def is_ours() -> bool:
        return (task := asyncio.current_task()) is not None and task.get_name() == "worker"

    async def counting(self: Database, sql: str, values: Mapping[str, Any]) -> Any:
        if is_ours():
            asked.append(sql)
        return await alone(self, sql, values)

    async def counting_all(self: Database, deed: Callable[[Tx], Any]) -> Any:
        assert is_ours()

        async def counted(tx: Tx) -> Any:
            ask = tx._ask

            async def noted(sql: str, values: Mapping[str, Any]) -> Any:
                asked.append(sql)
                return await ask(sql, values)

            monkeypatch.setattr(tx, "_ask", noted)
            return await deed(tx)

        return await together(self, counted)

    monkeypatch.setattr(Database, "_read", counting)
    monkeypatch.setattr(Database, "read", counting_all)
    return asked


@pytest.mark.parametrize("type", ["post.thread", "retweet.list", "react.list"])
async def test_a_blocked_post_takes_as_many_questions_as_none(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, type: str
) -> None:
    """Else the time would tell what the answer does not."""
    scene.posts["hers"] = await post(scene.zoes, "hers")
    await scene.hide()
    asked = noting(monkeypatch)
    for stance in ("blocked", "blocker"):
        questions = []
        for whose in (scene, None):
            asked.clear()
            fields = filled({"post_id": "POST"}, whose)
            answer = await scene.windows[stance].answer(type, **fields)
            assert answer["code"] == "not_found"
            questions.append(list(asked))
        assert questions[0] == questions[1] != []


def forget(window: Window) -> None:
    """Look only at what comes from here on."""
    window.frames.clear()
    window.events.clear()


async def entries(window: Window, **fields: Any) -> dict[str, Json]:
    """What a timeline shows, by post."""
    page = await window.ask("timeline.get", **fields)
    return {entry.get("post", entry)["id"]: entry for entry in page["entries"]}


async def seen_in_timelines(window: Window, posts: dict[str, Json]) -> set[str]:
    """What home and explore show of Zoe."""
    found = set()
    for name in ("home", "explore"):
        shown = await entries(window, name=name)
        found |= {f"{name}: {what}" for what in posts if posts[what]["id"] in shown}
        found -= {f"{name}: {what}" for what in ("carol", "below", "quote")}
        if "quoted" in shown[posts["quote"]["id"]]:
            found.add(f"{name}: quoted")
        if "parent" in shown.get(posts["below"]["id"], {}):
            found.add(f"{name}: parent")
        if shown[posts["carol"]["id"]]["kind"] == "retweet":
            found.add(f"{name}: retweet by zoe")
    return found


async def seen_in_lists(window: Window, scene: Scene) -> set[str]:
    """What threads and lists around Carol show of Zoe."""
    ask, posts, found = window.ask, scene.posts, set()
    thread = await ask("post.thread", post_id=posts["below"]["id"])
    found |= {f"ancestor {a['text']}" for a in thread["ancestors"]}
    thread = await ask("post.thread", post_id=posts["carol"]["id"])
    found |= {f"reply {reply['text']}" for reply in thread["replies"]}
    listed = await ask("react.list", post_id=posts["carol"]["id"])
    found |= {f"reaction by {each['user']['name']}" for each in listed["reactions"]}
    listed = await ask("retweet.list", post_id=posts["carol"]["id"])
    found |= {f"retweet by {each['name']}" for each in listed["users"]}
    for direction in ("followers", "following"):
        listed = await ask("follow.list", user_id=scene.carol.id, direction=direction)
        found |= {f"{direction} {each['name']}" for each in listed["users"]}
    page = await ask("search.query", q="zoe", kind="posts")
    found |= {f"found {each['text']}" for each in page["posts"]}
    page = await ask("search.query", q="zoe", kind="users")
    found |= {f"found {each['name']}" for each in page["users"]}
    watched = await ask("watch.set", post_ids=[posts["hers"]["id"], posts["carol"]["id"]])
    found |= {"watched" for each in watched["counts"] if each["post_id"] == posts["hers"]["id"]}
    return {what for what in found if "zoe" in what or what == "watched"}


async def seen(window: Window, scene: Scene) -> set[str]:
    return await seen_in_timelines(window, scene.posts) | await seen_in_lists(window, scene)


async def test_lists_show_nothing_of_the_hidden(scene: Scene) -> None:
    """But oneself may see whom one blocks and mutes, and all of it is back when they are not."""
    zoes, carols, posts = scene.zoes, scene.carols, scene.posts
    posts["hers"] = await post(zoes, "by zoe")
    posts["carol"] = await post(carols, "by carol")
    posts["answer"] = await post(zoes, "zoe answers", reply_to=posts["carol"]["id"])
    posts["below"] = await post(carols, "carol answers", reply_to=posts["answer"]["id"])
    posts["quote"] = await post(carols, "carol quotes", quote_of=posts["hers"]["id"])
    posts["both"] = await post(zoes, "look", quote_of=posts["carol"]["id"])
    await zoes.ask("react.set", post_id=posts["carol"]["id"], emoji="🌊", on=True)
    await zoes.ask("retweet.set", post_id=posts["carol"]["id"], on=True)
    await carols.ask("retweet.set", post_id=posts["hers"]["id"], on=True)
    await follow(zoes, scene.carol)

    before = {stance: await seen(window, scene) for stance, window in scene.windows.items()}
    assert all(len(found) == 18 for found in before.values()), before
    await scene.hide()
    for stance, window in scene.windows.items():
        assert await seen(window, scene) == set(), stance
        me = scene.people[stance].id
        for direction, who in (("blocking", "blocker"), ("muting", "muter")):
            listed = await window.ask("follow.list", user_id=me, direction=direction)
            names = [each["name"] for each in listed["users"]]
            assert names == (["zoe"] if stance == who else [])
    mine = await scene.windows["blocker"].ask("profile.get", name="zoe")
    assert (mine["relation"]["blocking"], mine["relation"]["following"]) == (True, False)
    mine = await scene.windows["muter"].ask("profile.get", name="zoe")
    assert (mine["relation"]["muting"], mine["relation"]["following"]) == (True, True)
    await scene.hide(on=False)
    assert await seen(scene.windows["muter"], scene) == before["muter"]


async def test_pushes_hold_nothing_of_the_hidden_and_are_what_pages_show(scene: Scene) -> None:
    carol = await post(scene.carols, "by carol")
    hers = await post(scene.zoes, "by zoe")
    after = await post(scene.zoes, "zoe answers carol", reply_to=carol["id"])
    for window in scene.windows.values():
        await window.ask("watch.set", post_ids=[carol["id"], hers["id"]], explore=True)
    await scene.hide()
    for window in scene.windows.values():
        forget(window)
    silent = [
        await post(scene.zoes, "more by zoe"),
        await post(scene.zoes, "another answer", reply_to=carol["id"]),
    ]
    await scene.zoes.ask("retweet.set", post_id=carol["id"], on=True)
    await scene.carols.ask("retweet.set", post_id=hers["id"], on=True)
    shown = {
        "quote": await post(scene.carols, "a quote", quote_of=hers["id"]),
        "answer": await post(scene.carols, "an answer", reply_to=hers["id"]),
        "both": await post(scene.carols, "both", reply_to=carol["id"], quote_of=hers["id"]),
        "other": await post(scene.carols, "other", reply_to=hers["id"], quote_of=carol["id"]),
        "deep": await post(scene.carols, "deep", quote_of=after["id"]),
    }
    inner = await post(scene.carols, "inner", reply_to=hers["id"])
    shown["nested"] = await post(scene.carols, "nested", quote_of=inner["id"])
    last = await post(scene.carols, "the last")
    for stance, window in scene.windows.items():
        await window.noun("post", id=last["id"])
        heard = {noun["id"]: noun for noun in window.seen("post")}
        page = await entries(window, name="home")
        for what, found in shown.items():
            pushed = heard[found["id"]]
            read = page[found["id"]]
            for part in ("parent", "quoted"):
                assert pushed.get(part) == read.get(part), (stance, what, part)
        assert "quoted" not in heard[shown["both"]["id"]], "zoe is quoted"
        assert heard[shown["both"]["id"]]["parent"]["id"] == carol["id"], "and carol answered"
        assert "parent" not in heard[shown["other"]["id"]]
        assert heard[shown["other"]["id"]]["quoted"]["id"] == carol["id"]
        assert "parent" not in heard[shown["nested"]["id"]]["quoted"]
        assert not heard.keys() & {found["id"] for found in silent}
        assert window.seen("retweet") == [], "by zoe, or of hers"
        assert hers["id"] not in {counts["post_id"] for counts in window.seen("counts")}


async def test_a_block_ends_follows_and_tells_the_other_one_nothing_more(scene: Scene) -> None:
    blocked = scene.windows["blocked"]
    await follow(blocked, scene.zoe, on=False)
    for name, window in (("blocked", blocked), ("muter", scene.windows["muter"])):
        forget(window)
        who = scene.people[name]
        done = await scene.zoes.ask("block.set", user_id=who.id, on=True)
        assert done["relation"]["blocking"] is True
        again = await scene.zoes.ask("block.set", user_id=who.id, on=True)
        assert again == done
    told = await scene.windows["muter"].noun("relation", user_id=scene.zoe.id)
    ended = {"following": False, "followed_by": False, "blocking": False, "muting": False}
    assert {name: told[name] for name in ended} == ended
    await post(scene.carols, "a while later")
    await blocked.noun("post", text="a while later")
    assert blocked.seen("relation") == [], "there was no follow that could have ended"
    hers = await scene.zoes.noun("relation", user_id=scene.people["muter"].id, blocking=True)
    assert (hers["following"], hers["followed_by"]) == (False, False)


async def test_whoever_blocks_stands_in_no_list_of_the_blocked_one(scene: Scene) -> None:
    blocked, whose = scene.windows["blocked"], scene.people["blocked"].id
    await blocked.ask("mute.set", user_id=scene.zoe.id, on=True)
    for is_blocked in (True, False):
        await apart(scene.server, scene.zoe, scene.people["blocked"], on=is_blocked)
        for direction in ("following", "followers", "blocking", "muting"):
            found = await blocked.ask("follow.list", user_id=whose, direction=direction)
            is_listed = scene.zoe.id in [user["id"] for user in found["users"]]
            assert is_listed == (direction == "muting" and not is_blocked), direction


async def test_whoever_is_seen_again_is_asked_for_again(scene: Scene) -> None:
    """What was not heard meanwhile comes with a page, for which a relation is the sign."""
    scene.posts["hers"] = await post(scene.zoes, "hers")
    await scene.hide()
    for window in scene.windows.values():
        forget(window)
    await scene.carols.ask("retweet.set", post_id=scene.posts["hers"]["id"], on=True)
    await scene.hide(on=False)
    for stance, window in scene.windows.items():
        told = await window.noun("relation", user_id=scene.zoe.id, blocking=False, muting=False)
        assert told["following"] is (stance == "muter")
        assert scene.posts["hers"]["id"] in await entries(window, name="home")
        await window.quiet()
    loud = await post(scene.carols, "look", quote_of=scene.posts["hers"]["id"])
    for window in scene.windows.values():
        heard = await window.noun("post", id=loud["id"])
        assert heard["quoted"]["id"] == scene.posts["hers"]["id"]
