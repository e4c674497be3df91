"""`realtime demo --live`: the people go on talking, through the real wire of a running server."""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
import uuid
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from websockets.exceptions import ConnectionClosed, InvalidHandshake

from realtime import auth
from realtime.commands.town.chatter import ANSWERS, EMOJI, QUOTES, remark
from realtime.commands.town.scenes import draw
from realtime.commands.town.window import Refused, Window, address, upload
from realtime.config import Config
from realtime.store import session
from realtime.store.database import Database, Tx

VOICES: Final = 24  # people who talk at the same time
PAUSE_S: Final = (0.4, 2.6)  # between two deeds
_REMEMBERED: Final = 60  # posts that may still be answered
_PICTURED: Final = 0.25
_AWAY = (OSError, ConnectionClosed, InvalidHandshake, TimeoutError)


@dataclass(frozen=True, slots=True)
class Voice:
    """Somebody who talks."""

    user_id: int
    name: str


@dataclass(slots=True)
class _Scene:
    """What is going on, as those who talk see it."""

    windows: dict[str, Window]  # by name
    cookies: dict[str, str]
    chance: random.Random
    recent: deque[tuple[str, str]] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    visitors: deque[tuple[str, str]] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def heard(self, noun: dict[str, Any]) -> None:
        """Remember a post: those of visitors are answered first."""
        if noun["kind"] != "post" or noun["deleted"]:
            return
        entry = noun["id"], noun["author"]["name"]
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
        left, wait_s = deeds, 0.0
        while True:
            try:
                async with _gathered(url, cookies) as scene:
                    if scene is None:
                        return _another(url)
                    wait_s = 1.0
                    _say(f"{len(scene.windows)} people talk on {url}. Ctrl+C ends it.")
                    while left is None or left > 0:
                        await asyncio.sleep(scene.chance.uniform(*pause_s))
                        await _act(url, scene)
                        left = None if left is None else left - 1
                    return 0
            except _AWAY as error:
                if not wait_s:
                    return _nobody(url, error)
                _say(f"The server went away. Trying again in {wait_s:g} s.")
                await asyncio.sleep(wait_s)
                wait_s = min(30.0, wait_s * 2)


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
async def _gathered(url: str, cookies: dict[str, str]) -> AsyncIterator[_Scene | None]:
    """Everybody at an open window; None where the server does not know them."""
    scene = _Scene({}, cookies, random.Random())
    async with AsyncExitStack() as stack:
        for name, cookie in cookies.items():
            hears = scene.heard if not scene.windows else None  # one of them listens for all
            window = await stack.enter_async_context(Window.open(url, cookie, hears))
            if window.user is None:
                yield None
                return
            scene.windows[name] = window
        ears = next(iter(scene.windows.values()))
        page = await ears.ask("timeline.get", name="explore", limit=_REMEMBERED // 2)
        for entry in reversed(page["entries"]):
            scene.heard(entry)
        await ears.ask("watch.set", post_ids=[], explore=True)
        yield scene


async def _act(url: str, scene: _Scene) -> None:
    """One deed of one person. What the server refuses is left alone."""
    name = scene.chance.choice(list(scene.windows))
    window, found = scene.windows[name], scene.pick()
    dice = scene.chance.random()
    try:
        if found is None or dice < 0.3:
            await _post(url, scene, name)
        elif dice < 0.75:
            emoji = scene.chance.choice(EMOJI)
            await window.ask("react.set", post_id=found[0], emoji=emoji, on=True)
        elif dice < 0.85:
            on = scene.chance.random() < 0.9
            await window.ask("retweet.set", post_id=found[0], on=on)
        elif dice < 0.95:
            await _publish(scene, name, scene.chance.choice(ANSWERS), reply_to=found[0])
        else:
            await _publish(scene, name, scene.chance.choice(QUOTES), quote_of=found[0])
    except Refused as refused:
        if refused.code == "not_found" and found is not None:
            scene.forget(found[0])


async def _post(url: str, scene: _Scene, name: str) -> None:
    """Something new, sometimes with a picture."""
    said = remark(scene.chance, name, pictured=_PICTURED)
    media = []
    for what, alt in said.scenes:
        drawn = await asyncio.to_thread(draw, what, scene.chance.randrange(1_000_000))
        media.append(await asyncio.to_thread(upload, url, scene.cookies[name], drawn, alt))
    await _publish(scene, name, said.text, **({"media": media} if media else {}))


async def _publish(scene: _Scene, name: str, text: str, **fields: Any) -> None:
    window = scene.windows[name]
    result = await window.ask("post.create", key=str(uuid.uuid4()), text=text, **fields)
    scene.heard(result["post"])
    _say(f"@{name}: {text}")


def _nobody(url: str, error: Exception) -> int:
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


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
