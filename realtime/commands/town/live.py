"""`realtime demo --live`: the people go on talking, through the real wire of a running server."""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from realtime import auth
from realtime.client import Client, Event, Goodbye, Refusal, Session
from realtime.commands.address import address
from realtime.commands.town.chatter import ANSWERS, EMOJI, QUOTES, remark
from realtime.commands.town.scenes import draw
from realtime.config import Config
from realtime.errors import ENDED
from realtime.model import Noun, Post
from realtime.store import session
from realtime.store.database import Database, Tx

VOICES: Final = 24  # people who talk at the same time
PAUSE_S: Final = (0.4, 2.6)  # between two deeds
_REMEMBERED: Final = 60  # posts that may still be answered
_PICTURED: Final = 0.25


@dataclass(frozen=True, slots=True)
class Voice:
    """Somebody who talks."""

    user_id: int
    name: str


@dataclass(slots=True)
class _Scene:
    """What is going on, as those who talk see it."""

    windows: dict[str, Client]  # by name
    chance: random.Random
    recent: deque[tuple[str, str]] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    visitors: deque[tuple[str, str]] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def heard(self, noun: Noun) -> None:
        """Remember a post: those of visitors are answered first."""
        if not isinstance(noun, Post) or noun.deleted:
            return
        entry = noun.id, noun.author.name
        if entry in self.recent or entry in self.visitors:
            return
        (self.recent if entry[1] in self.windows else self.visitors).append(entry)

    def pick(self) -> tuple[str, str] | None:
        """A post to do something with, (id, author); now and then the one of a visitor."""
        if self.visitors and self.chance.random() < 0.5:
            return self.chance.choice(self.visitors)
        # The newest are seen most.
        if not self.recent:
            return None
        place = min(int(self.chance.expovariate(1 / 8)), len(self.recent) - 1)
        return self.recent[-1 - place]

    def forget(self, post_id: str) -> None:
        """It is gone, or not for them."""
        for kept in (self.recent, self.visitors):
            for entry in [entry for entry in kept if entry[0] == post_id]:
                kept.remove(entry)


async def live(  # noqa: PLR0913 - the last two are for tests: how much, how fast
    config: Config,
    database: Database,
    keys: Sequence[str],
    voices: Sequence[Voice],
    *,
    deeds: int | None = None,
    pause_s: tuple[float, float] = PAUSE_S,
) -> int:
    """Talk until interrupted, or for so many deeds; the exit status.

    1: there is no server to talk to, or it is another one than this database's.
    """
    url = address(config)
    async with _signed_in(database, keys, voices) as cookies:
        try:
            async with _gathered(url, cookies) as scene:
                _say(f"{len(scene.windows)} people talk on {url}. Ctrl+C ends it.")
                left = deeds
                while left is None or left > 0:
                    await asyncio.sleep(scene.chance.uniform(*pause_s))
                    await _act(scene)
                    left = None if left is None else left - 1
                return 0
        except ConnectionError as error:
            return _nobody(url, error.__cause__ or error)
        except Goodbye as goodbye:
            return _another(url) if goodbye.code == ENDED else _sent_away(url, goodbye)


@asynccontextmanager
async def _signed_in(
    database: Database, keys: Sequence[str], voices: Sequence[Voice]
) -> AsyncIterator[dict[str, str]]:
    """A session for each of them, ended in the end: `Cookie` headers by name."""
    tokens = [auth.new_token() for _ in voices]
    now_ms = time.time_ns() // 1_000_000

    async def begin(tx: Tx) -> list[tuple[int, int]]:
        begun = []
        for voice, token in zip(voices, tokens, strict=True):
            new = session.Start(voice.user_id, auth.token_hash(token), "demo", "127.0.0.1")
            begun.append((voice.user_id, await session.start(tx, new, now_ms)))
        return begun

    async def end(tx: Tx) -> None:
        for user_id, session_id in begun:
            await session.end(tx, user_id, session_id)

    begun = await database.run_tx(begin)
    name = auth.cookie_name(secure=False)
    try:
        yield {
            voice.name: f"{name}={auth.sign(token, keys)}"
            for voice, token in zip(voices, tokens, strict=True)
        }
    finally:
        await database.run_tx(end)


@asynccontextmanager
async def _gathered(url: str, cookies: dict[str, str]) -> AsyncIterator[_Scene]:
    """Everybody at an open window. One of them listens for all.

    Raises:
        ConnectionError: no server answers.
        Goodbye: the server does not know them.
    """
    scene = _Scene({}, random.Random())
    async with AsyncExitStack() as stack:
        for name, cookie in cookies.items():
            window = Client(url, session=Session(url, cookie), name="realtime-demo")
            scene.windows[name] = await stack.enter_async_context(window)
        ears = next(iter(scene.windows.values()))
        page = await ears.timeline_get(name="explore", limit=_REMEMBERED // 2)
        for entry in reversed(page.entries):
            scene.heard(entry)
        await ears.watch_set(post_ids=[], explore=True)
        listening = asyncio.create_task(_listen(ears, scene), name="ears")
        try:
            yield scene
        finally:
            listening.cancel()
            await asyncio.wait([listening])


async def _listen(ears: Client, scene: _Scene) -> None:
    with suppress(Goodbye):  # whoever speaks next is told the same
        async for told in ears.events():
            if isinstance(told, Event):
                scene.heard(told.noun)


async def _act(scene: _Scene) -> None:
    """One deed of one person. What the server refuses is left alone."""
    name = scene.chance.choice(list(scene.windows))
    window, found = scene.windows[name], scene.pick()
    dice = scene.chance.random()
    try:
        if found is None or dice < 0.3:
            await _post(scene, name)
        elif dice < 0.75:
            await window.react_set(post_id=found[0], emoji=scene.chance.choice(EMOJI), on=True)
        elif dice < 0.85:
            await window.retweet_set(post_id=found[0], on=scene.chance.random() < 0.9)
        elif dice < 0.95:
            said = await window.post(scene.chance.choice(ANSWERS), reply_to=found[0])
            _published(scene, said)
        else:
            said = await window.post(scene.chance.choice(QUOTES), quote_of=found[0])
            _published(scene, said)
    except Refusal as refused:
        if refused.code == "not_found" and found is not None:
            scene.forget(found[0])
    except OSError:
        _say("The server is away, and no picture reaches it.")  # the next deed waits for it


async def _post(scene: _Scene, name: str) -> None:
    """Something new, sometimes with a picture."""
    said, window = remark(scene.chance, name, pictured=_PICTURED), scene.windows[name]
    media = []
    for what, alt in said.scenes:
        drawn = await asyncio.to_thread(draw, what, scene.chance.randrange(1_000_000))
        media.append((await window.upload(drawn, alt)).id)
    _published(scene, await window.post(said.text, media=media))


def _published(scene: _Scene, post: Post) -> None:
    scene.heard(post)
    _say(f"@{post.author.name}: {post.text}")


def _nobody(url: str, error: BaseException) -> int:
    number = getattr(error, "errno", None)
    reason = os.strerror(number) if number else type(error).__name__
    _say(f"No server answers on {url} ({reason}). Start one first, with: make run")
    return 1


def _another(url: str) -> int:
    _say(
        f"The server on {url} does not know these people: it has another database or other keys "
        "(REALTIME_DATABASE_URL, REALTIME_SECRET_KEYS)."
    )
    return 1


def _sent_away(url: str, goodbye: Goodbye) -> int:
    _say(f"The server on {url} ended it: {goodbye.reason}")
    return 1


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
