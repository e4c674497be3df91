"""Who hears whom, at random: people follow, block and mute as chance will have it, and then speak.

Whatever a socket heard of them is what a fresh load shows to the same person, for every pair, down
to who is mentioned within, though a fifth of the doorbells is lost and only repaired. A planted
omission must be caught, or the trial proves nothing.
"""

from __future__ import annotations

import random
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from realtime.change import Telling
from realtime.config import Config
from realtime.hub.ring import Bares
from tests.client import Json, Person, Window, eventually, person, post
from tests.deployments import KEY
from tests.server import Running, serving

PEOPLE, ROUNDS, STANCES, WORDS = 5, 4, 14, 14
LOSS = 0.2
Parts = tuple[bool, bool, bool]


def parts(found: Json) -> Parts:
    """Which people within a post are shown."""
    quoted = found.get("quoted", {})
    return "parent" in found, bool(quoted), "parent" in quoted


def told(nouns: list[Json], start: int, gone: set[str]) -> dict[str, Parts]:
    """The posts that these nouns, told or read, show for the first time after `start`."""
    shown: dict[str, Parts] = {}
    for noun in nouns:
        found = noun.get("post", noun)
        if noun["kind"] not in ("post", "retweet") or int(noun["id"]) <= start:
            continue
        is_settled = not {found["reply_to"], found["quote_of"]} & gone
        if found["id"] not in gone and is_settled:
            shown[found["id"]] = parts(found)
    return shown


class Trial:
    """People with a window each, and chance."""

    def __init__(self, server: Running, people: list[Person], windows: list[Window]) -> None:
        self.server = server
        self.people = people
        self.windows = windows
        self.chance = random.Random()
        self.posts: list[str] = []
        self.gone: set[str] = set()

    def lose(self, patch: pytest.MonkeyPatch) -> None:
        """From here on the bus forgets some of what it is given."""
        bus: Any = self.server.application._bus
        spoken, chance = bus.publish, self.chance

        def publish(channel: str, payload: bytes) -> None:
            if chance.random() >= LOSS:
                spoken(channel, payload)

        patch.setattr(bus, "publish", publish)

    async def stand(self) -> None:
        """Somebody follows, blocks or mutes somebody, or no longer does; it may be refused."""
        who, whom = self.chance.sample(range(PEOPLE), 2)
        how = self.chance.choice(("follow", "follow", "follow", "block", "mute"))
        on = self.chance.random() < (0.8 if how == "follow" else 0.6)
        await self.windows[who].answer(f"{how}.set", user_id=self.people[whom].id, on=on)

    async def speak(self) -> None:
        """Somebody writes, answers, quotes, passes on, or takes a post of theirs back."""
        window, chance = self.chance.choice(self.windows), self.chance
        what = chance.choice(("plain", "reply", "quote", "both", "retweet", "delete"))
        named = [chance.choice(self.posts) for _ in range(2)] if self.posts else []
        if what == "plain" or not named:
            self.posts.append((await post(window, "plain"))["id"])
        elif what == "retweet":
            await window.answer("retweet.set", post_id=named[0], on=True)
        elif what == "delete":
            answer = await window.answer("post.delete", post_id=named[0])
            self.gone |= {named[0]} if answer["type"] == "ok" else set()
        else:
            fields: Json = {"reply_to": named[0]} if what != "quote" else {}
            fields |= {"quote_of": named[1]} if what != "reply" else {}
            key = f"{chance.getrandbits(128):032x}"
            key = f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}"
            answer = await window.answer("post.create", key=key, text=what, **fields)
            if answer["type"] == "ok":
                self.posts.append(answer["result"]["post"]["id"])

    async def settle(self) -> None:
        """What the bus lost is repaired, and everybody hears what they should."""
        world = self.server.application.world
        assert world is not None
        await self.server.reconcile()
        await eventually(lambda: all(ear.is_settled for ear in world.feed.ears))
        for window in self.windows:
            await window.quiet()

    async def round(self) -> list[str]:
        """Change who stands how, then speak; who heard something else than a page shows."""
        for _ in range(STANCES):
            await self.stand()
        await self.settle()
        start = int((await post(self.windows[0], "from here on"))["id"])
        await self.settle()
        for window in self.windows:
            window.events.clear()
        for _ in range(WORDS):
            await self.speak()
        await self.settle()
        wrong = []
        for someone, window in zip(self.people, self.windows, strict=True):
            authors = [e["noun"] for e in window.events if e["topic"].startswith("author:")]
            page = await window.ask("timeline.get", name="home", limit=100)
            heard = told(authors, start, self.gone)
            shown = told(page["entries"], start, self.gone)
            if heard != shown:
                wrong.append(f"{someone.name} heard {heard} and reads {shown}")
        return wrong


async def trial(server: Running, seed: int) -> list[str]:
    """One random history; what went wrong in it."""
    async with AsyncExitStack() as stack:
        names = [f"p{seed}_{n}" for n in range(PEOPLE)]
        people = [await stack.enter_async_context(person(server.url, name)) for name in names]
        windows = [await stack.enter_async_context(each.window()) for each in people]
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        history = Trial(server, people, windows)
        history.chance.seed(seed)
        history.lose(patch)
        return [wrong for _ in range(ROUNDS) for wrong in await history.round()]


async def test_what_everybody_heard_is_what_a_page_shows_them(server: Running) -> None:
    assert await trial(server, 1) == []


def no_audience(patch: pytest.MonkeyPatch) -> None:
    """The other side of a block does not look at its audience again."""
    patch.setattr(Telling, "audience", lambda self, user_id, other_id, seq: None)


def no_forms(patch: pytest.MonkeyPatch) -> None:
    """Whoever is mentioned within is shown to all."""
    patch.setattr(Bares, "form", lambda self, frame, refuses: frame)


@pytest.mark.parametrize("plant", [no_audience, no_forms])
async def test_a_planted_omission_is_caught(tmp_path: Path, plant: Any) -> None:
    config = Config(
        database_url=f"sqlite:///{tmp_path / 'test.db'}",
        uploads=tmp_path / "uploads",
        secret_keys=(KEY,),
        rate_limits=False,
    )
    async with serving(config) as server:
        with pytest.MonkeyPatch.context() as patch:
            plant(patch)
            for seed in range(6):
                if await trial(server, seed):
                    return
    pytest.fail("six histories, and nobody noticed")
