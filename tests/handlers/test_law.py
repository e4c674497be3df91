"""The general law, for every command that changes something: what a window had, and what it was
told since, is what a fresh load shows."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, suppress
from typing import Any

import pytest

from tests.client import PASSWORD, Json, Person, Refused, Window, follow, post, window
from tests.deployments import Town
from tests.pictures import photo
from tests.server import Running

STATE = {"followers", "following", "posts"}  # numbers that are fresh in pages, and not told


def nouns(found: Any) -> Iterator[Json]:
    """Every noun in an answer, however deep; each without the state that it carries along."""
    if isinstance(found, list):
        for item in found:
            yield from nouns(item)
    elif isinstance(found, dict):
        for value in found.values():
            yield from nouns(value)
        if found.get("kind") in (
            *("post", "retweet", "counts", "mine", "relation", "user", "notice"),
        ):
            yield found


def key(noun: Json) -> tuple[str, str]:
    return noun["kind"], noun.get("id") or noun.get("post_id") or noun["user_id"]


def number(noun: Json) -> int:
    found: int = noun["seq"] if "seq" in noun else noun["v"]
    return found


def plain(noun: Json) -> Json:
    """A noun by itself: what is inside of it is a noun of its own."""
    inside = {"counts", "mine", "quoted", "parent", "post", "author", "user", "also", "also_count"}
    if noun["kind"] == "notice":
        inside |= {"users", "read"}  # which follows from how far one has read
    if noun["kind"] == "mine":
        inside |= {"v"}  # another's deed moves it, and is not told as mine
    return {k: v for k, v in noun.items() if k not in inside | STATE}


class Mirror:
    """What one window knows: each noun once, the newest wins."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], Json] = {}

    def put(self, noun: Json) -> None:
        before = self.known.get(key(noun))
        if before is None or number(before) <= number(noun):
            self.known[key(noun)] = noun

    def take(self, found: Any) -> None:
        for noun in nouns(found):
            self.put(noun)


class Viewer:
    """One window, its mirror, and how it looks at the world."""

    def __init__(self, opened: Window, town: Town, *, hears_ada: bool) -> None:
        self.window = opened
        self.town = town
        self.hears_ada = hears_ada  # her own, or a follower's
        self.is_signed_in = opened.welcome["user"] is not None
        self.mirror = Mirror()
        self.taken = 0

    async def load(self) -> list[Json]:
        """A fresh look at everything that this person may see, and at the numbers on screen."""
        ask = self.window.ask
        pages = [await ask("timeline.get", name="explore")]
        if self.is_signed_in:
            pages.append(await ask("timeline.get", name="home"))
            pages.append(await ask("notice.list"))
        for someone in (self.town.ada, self.town.bob, self.town.eve):
            with suppress(Refused):  # whoever is gone has no profile
                pages.append(await ask("profile.get", user_id=someone.id))
                for name in ("user", "media"):
                    pages.append(await ask("timeline.get", name=name, user_id=someone.id))
        known = [*self.mirror.known.values(), *nouns(pages)]
        posts = {noun["id"] for noun in known if noun["kind"] == "post"}
        pages.append(await ask("watch.set", post_ids=sorted(posts), explore=True))
        return pages

    async def begin(self) -> None:
        self.mirror.take(await self.load())
        self.taken = len(self.window.events)

    async def hold(self) -> None:
        """The mirror, with what was told since, is what a fresh load shows."""
        fresh = Mirror()
        fresh.take(await self.load())

        def wrong() -> list[tuple[Json | None, Json]]:
            mirror = Mirror()
            mirror.known = dict(self.mirror.known)
            for event in self.window.events[self.taken :]:
                mirror.take(event["noun"])
            found: list[tuple[Json | None, Json]] = []
            for name, noun in fresh.known.items():
                known = mirror.known.get(name)
                if not self._is_due(noun):
                    continue
                if known is None and noun["kind"] in ("post", "retweet", "notice"):
                    found.append((None, plain(noun)))
                if known is not None and plain(known) != plain(noun):
                    found.append((plain(known), plain(noun)))
            return found

        with suppress(TimeoutError):
            if wrong():
                await self.window.until(lambda frame: not wrong(), within_s=8)
        assert wrong() == []

    def _is_due(self, noun: Json) -> bool:
        """Told without being asked for: whoever does not follow hears what they watch only."""
        return self.hears_ada or noun["kind"] not in ("user", "retweet")


class Stage:
    """Ada acts in one window; her other window, a follower, a stranger and a visitor look on."""

    def __init__(self, ada: Window, viewers: list[Viewer], town: Town) -> None:
        self.ada = ada
        self.viewers = viewers
        self.town = town
        self.own = town.ada.windows
        self.first: Json = {}
        self.theirs: Json = {}


Deed = Callable[[Stage], Awaitable[Any]]


async def publish(stage: Stage) -> None:
    await post(stage.ada, "a plain one")


async def reply(stage: Stage) -> None:
    await post(stage.ada, "an answer", reply_to=stage.theirs["id"])


async def quote(stage: Stage) -> None:
    await post(stage.ada, "look at this", quote_of=stage.theirs["id"])


async def picture(stage: Stage) -> None:
    media = await stage.town.ada.upload(photo(40, 30), alt="a small field")
    await post(stage.ada, "", media=[media["id"]])


async def delete(stage: Stage) -> None:
    await stage.ada.ask("post.delete", post_id=stage.first["id"])


async def retweet(stage: Stage) -> None:
    await stage.ada.ask("retweet.set", post_id=stage.theirs["id"], on=True)


async def retweet_own(stage: Stage) -> None:
    await stage.ada.ask("retweet.set", post_id=stage.first["id"], on=True)


async def undo_retweet(stage: Stage) -> None:
    await retweet(stage)
    await stage.ada.ask("retweet.set", post_id=stage.theirs["id"], on=False)


async def react(stage: Stage) -> None:
    await stage.ada.ask("react.set", post_id=stage.theirs["id"], emoji="🌊", on=True)


async def undo_reaction(stage: Stage) -> None:
    await react(stage)
    await stage.ada.ask("react.set", post_id=stage.theirs["id"], emoji="🌊", on=False)


async def rename(stage: Stage) -> None:
    avatar = await stage.town.ada.upload(photo(64, 64))
    await stage.ada.ask(
        "profile.update", display_name="Ada of the pier", bio="Lamps.", avatar=avatar["id"]
    )


async def mention(stage: Stage) -> None:
    await post(stage.ada, "hello @bob and @eve", reply_to=stage.theirs["id"])


async def take_back_a_mention(stage: Stage) -> None:
    made = await post(stage.ada, "hello @bob", quote_of=stage.theirs["id"])
    await stage.ada.ask("post.delete", post_id=made["id"])


async def read_notices(stage: Stage) -> None:
    [author] = [
        v.window
        for v in stage.viewers
        if v.window.welcome["user"] and v.window.welcome["user"]["id"] == stage.town.bob.id
    ]
    await react(stage)
    [notice] = (await author.ask("notice.list"))["notices"]
    await author.ask("notice.read", up_to=notice["id"])
    await stage.ada.ask("react.set", post_id=stage.theirs["id"], emoji="🔥", on=True)


async def start_following(stage: Stage) -> None:
    await follow(stage.ada, stage.town.bob)


async def stop_following(stage: Stage) -> None:
    await follow(stage.ada, stage.town.bob)
    await follow(stage.ada, stage.town.bob, on=False)


async def hide(stage: Stage, how: str, who: Person, on: bool = True) -> None:
    await stage.ada.ask(f"{how}.set", user_id=who.id, on=on)


async def block_a_follower(stage: Stage) -> None:
    await follow(stage.ada, stage.town.eve)
    await hide(stage, "block", stage.town.eve)


async def block_and_unblock(stage: Stage) -> None:
    await follow(stage.ada, stage.town.bob)
    await hide(stage, "block", stage.town.bob)
    await hide(stage, "block", stage.town.bob, on=False)


async def mute(stage: Stage) -> None:
    await follow(stage.ada, stage.town.bob)
    await hide(stage, "mute", stage.town.bob)


async def mute_and_unmute(stage: Stage) -> None:
    await mute(stage)
    await hide(stage, "mute", stage.town.bob, on=False)


async def begin_to_write(stage: Stage) -> None:
    await stage.ada.ask("draft.set", draft={"text": "not yet"})


async def leave_for_good(stage: Stage) -> None:
    await retweet(stage)
    await react(stage)
    await reply(stage)
    await stage.ada.ask(
        "post.create", key=str(uuid.uuid4()), text="mine", quote_of=stage.first["id"]
    )
    http = stage.town.ada.http
    left = await http.request("DELETE", "/api/account", json={"password": PASSWORD})
    assert left.status_code == 204
    stage.viewers = [viewer for viewer in stage.viewers if viewer.window not in stage.own]


DEEDS: list[Deed] = [
    *(publish, reply, quote, picture, delete, retweet, retweet_own, undo_retweet),
    *(mention, take_back_a_mention, read_notices),
    *(react, undo_reaction, rename, start_following, stop_following),
    *(block_a_follower, block_and_unblock, mute, mute_and_unmute),
    begin_to_write,
    leave_for_good,
]


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__)
async def test_what_a_window_had_and_was_told_is_what_a_fresh_load_shows(
    server: Running, town: Town, deed: Deed
) -> None:
    async with AsyncExitStack() as stack:
        acting = await stack.enter_async_context(town.ada.window())
        other = await stack.enter_async_context(town.ada.window())
        follower = await stack.enter_async_context(town.eve.window())
        author = await stack.enter_async_context(town.bob.window())
        visitor = await stack.enter_async_context(window(server.url))
        await follow(follower, town.ada)
        hearers = [Viewer(w, town, hears_ada=True) for w in (acting, other, follower)]
        others = [Viewer(w, town, hears_ada=False) for w in (author, visitor)]
        stage = Stage(acting, hearers + others, town)
        stage.first = await post(acting, "the first")
        stage.theirs = await post(author, "by bob")
        for viewer in stage.viewers:
            await viewer.begin()
        await deed(stage)
        for viewer in stage.viewers:
            await viewer.hold()


async def test_setting_again_what_is_set_is_ok_and_tells_nothing(town: Town) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob:
        mine = await post(bob, "again and again")
        key_of_post = str(uuid.uuid4())
        commands: list[Json] = [
            {"type": "react.set", "post_id": mine["id"], "emoji": "❤", "on": True},
            {"type": "retweet.set", "post_id": mine["id"], "on": True},
            {"type": "follow.set", "user_id": town.bob.id, "on": True},
            {"type": "post.create", "key": key_of_post, "text": "once"},
            {"type": "react.set", "post_id": mine["id"], "emoji": "❤️", "on": False},
            {"type": "retweet.set", "post_id": mine["id"], "on": False},
            {"type": "follow.set", "user_id": town.bob.id, "on": False},
            {"type": "mute.set", "user_id": town.bob.id, "on": True},
            {"type": "mute.set", "user_id": town.bob.id, "on": False},
            {"type": "block.set", "user_id": town.bob.id, "on": True},
            {"type": "block.set", "user_id": town.bob.id, "on": False},
        ]
        for command in commands:
            first = await ada.ask(**command)
            await ada.quiet()
            told = len(ada.events)
            assert await ada.ask(**command) == first
            await ada.quiet()
            assert len(ada.events) == told, command["type"]
