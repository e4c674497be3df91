"""People who read, react and come and go: the load of a soak, at a pace that can be set."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from tests.faults.cluster import Cluster
from tests.faults.history import History
from tests.faults.line import Line
from tests.faults.people import Author
from tests.faults.trial import Crowd

STAY: Final = (40, 160)  # commands, until a reader closes the window and opens another
FIRST_PER_S: Final = 100.0
MOST_PER_S: Final = 3_000.0


@dataclass(slots=True)
class Pace:
    """How many commands all readers together say in a second, and how many they have said."""

    readers: int
    per_s: float = FIRST_PER_S
    said: int = 0

    def pause_s(self, chance: random.Random) -> float:
        """So long one of them waits before the next."""
        return self.readers / self.per_s * chance.uniform(0.5, 1.5)


class Reader(Author):
    """Somebody who looks at pages, reacts, and closes the window after a while."""

    def __init__(self, user_id: int, line: Line, history: History, chance: random.Random) -> None:
        super().__init__(user_id, line, history, chance)
        self._chance = chance
        self._known: list[str] = []  # posts of the last page

    async def wander(self, pace: Pace, authors: list[int]) -> None:
        """Live for ever."""
        async with self.connected():
            for author in authors:
                await self._insist("follow.set", None, user_id=str(author), on=True)
        while True:
            async with self.connected():
                for _ in range(self._chance.randint(*STAY)):
                    await asyncio.sleep(pace.pause_s(self._chance))
                    await self._say(str(self._chance.choice(authors)))
                    pace.said += 1

    async def _say(self, author: str) -> None:
        post = self._chance.choice(self._known) if self._known else None
        what = self._chance.random()
        if post is None or what < 0.45:
            await self._page(name="home", limit=50)
        elif what < 0.6:
            await self._page(name="explore", limit=20)
        elif what < 0.7:
            await self._page(name="user", user_id=author, limit=20)
        elif what < 0.8:
            await self._insist("post.thread", None, post_id=post)
        elif what < 0.92:
            emoji, on = self._chance.choice("👍🎉😀"), self._chance.random() < 0.7
            await self._insist("react.set", None, post_id=post, emoji=emoji, on=on)
        elif what < 0.97:
            await self._insist("watch.set", None, post_ids=self._known[:20])
        else:
            await self._insist("profile.get", None, user_id=author)

    async def _page(self, **fields: Any) -> None:
        answer = await self._insist("timeline.get", None, **fields)
        entries = answer["result"]["entries"]
        self._known = [entry["id"] for entry in entries if entry["kind"] == "post"]


@asynccontextmanager
async def reading(
    built: Cluster, crowd: Crowd, count: int, fail: Callable[[str], None]
) -> AsyncIterator[Pace]:
    """So many readers live while the body runs; `fail` hears of one who ended by a mistake."""
    cookies = built.folder / "readers"
    more = ("--follow", "0", "--cookies", str(cookies), "--force")
    await built.run("fixture", "--users", str(count), *more)
    pace = Pace(count)
    authors = [author.user_id for author in crowd.authors]

    async def live(text: str) -> None:
        user_id, _, cookie = text.split("\t")
        chance = random.Random(crowd.chance.random())
        line = Line(built.ports, cookie, chance)
        try:
            await Reader(int(user_id), line, crowd.history, chance).wander(pace, authors)
        except (KeyError, ValueError, IndexError) as error:
            fail(f"a reader met an answer that has another shape: {error!r}")

    lines = cookies.read_text(encoding="utf-8").splitlines()
    tasks = [asyncio.create_task(live(line)) for line in lines]
    try:
        yield pace
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
