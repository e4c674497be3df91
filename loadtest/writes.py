"""How many posts and reactions a second are acknowledged: `python -m loadtest.writes`.

Fifty authors post as fast as they are answered, beside bare inserts into the same kind of database
in the same run, in turns. Then two hundred people react to one post while a window watches it.
Exit status 1 if anything acknowledged is not in the database, or a count is wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

import asyncpg
from websockets.asyncio.client import ClientConnection

from loadtest.figures import opened, production
from tests.deployments import KEY
from tests.processes import run, serve

AUTHORS: Final = 50
CROWD: Final = 200
EMOJI: Final = ("❤️", "😂", "🔥", "👏", "🌊", "✨")
TEXT: Final = "A post as people write them: the harbour lies in fog, the first tram is late again."

Json = dict[str, Any]


class Hand:
    """One socket that asks, and waits for each answer."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.told: list[tuple[float, Json]] = []  # events, if anybody wants them
        self.is_listening = False
        self._ref = 1

    async def ask(self, type: str, **fields: Any) -> Json:
        """The result.

        Raises:
            RuntimeError: it was refused.
        """
        self._ref += 1
        await self.socket.send(json.dumps({"type": type, "ref": self._ref, **fields}))
        head = f'"ref":{self._ref},'
        while True:
            text = await self.socket.recv()
            if head in str(text)[:60]:
                frame: Json = json.loads(text)
                if frame["type"] == "error":
                    raise RuntimeError(f"{type}: {frame['code']}")
                return dict(frame["result"])
            self._hear(str(text))

    async def listen(self) -> None:
        """Take events until cancelled."""
        async for text in self.socket:
            self._hear(str(text))

    def _hear(self, text: str) -> None:
        if self.is_listening:
            self.told.append((time.monotonic(), json.loads(text)))


async def keep_on(
    hands: list[Hand], seconds: float, once: Callable[[Hand, int], Awaitable[Json]]
) -> tuple[float, int]:
    """Everybody does `once` again and again; how often a second, and how often in all."""
    done = [0] * len(hands)
    ends = time.monotonic() + seconds

    async def one(place: int) -> None:
        while time.monotonic() < ends:
            await once(hands[place], done[place])
            done[place] += 1

    began = time.monotonic()
    await asyncio.gather(*(one(place) for place in range(len(hands))))
    return sum(done) / (time.monotonic() - began), sum(done)


async def posts(hands: list[Hand], seconds: float) -> tuple[float, int]:
    """Posts acknowledged a second, and in all."""

    async def once(hand: Hand, number: int) -> Json:
        return await hand.ask("post.create", key=str(uuid.uuid4()), text=f"{TEXT} {number}")

    return await keep_on(hands, seconds, once)


_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS bare (id bigint PRIMARY KEY, author bigint NOT NULL,"
    " key text NOT NULL, text text NOT NULL, at_ms bigint NOT NULL, UNIQUE (author, key))"
)


async def bare_postgres(url: str, seconds: float) -> float:
    """Single rows a second, each its own commit, by fifty tasks over ten connections."""
    async with asyncpg.create_pool(url, min_size=10, max_size=10) as pool:
        await pool.execute(_TABLE)
        numbers = iter(range(time.time_ns(), 2**62))
        ends, began, done = time.monotonic() + seconds, time.monotonic(), 0

        async def one(author: int) -> None:
            nonlocal done
            while time.monotonic() < ends:
                row = (next(numbers), author, str(uuid.uuid4()), TEXT, 0)
                await pool.execute("INSERT INTO bare VALUES ($1, $2, $3, $4, $5)", *row)
                done += 1

        await asyncio.gather(*(one(author) for author in range(AUTHORS)))
        return done / (time.monotonic() - began)


def bare_sqlite(path: Path, seconds: float) -> float:
    """Rows a second in one thread, fifty to a durable commit."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute(_TABLE)
    began, done, number = time.monotonic(), 0, time.time_ns()
    while time.monotonic() - began < seconds:
        db.execute("BEGIN IMMEDIATE")
        for author in range(AUTHORS):
            number += 1
            row = (number, author, str(uuid.uuid4()), TEXT, 0)
            db.execute("INSERT INTO bare VALUES (?, ?, ?, ?, ?)", row)
        db.execute("COMMIT")
        done += AUTHORS
    db.close()
    return done / (time.monotonic() - began)


async def reactions(hands: list[Hand], seconds: float) -> tuple[float, list[str]]:
    """Reactions acknowledged a second on one post, and what was wrong."""
    author, watcher, crowd = hands[0], hands[1], hands[2:]
    post = (await author.ask("post.create", key=str(uuid.uuid4()), text=TEXT))["post"]["id"]
    await watcher.ask("watch.set", post_ids=[post])
    watcher.is_listening = True
    listening = asyncio.create_task(watcher.listen())

    async def once(hand: Hand, number: int) -> Json:
        emoji = EMOJI[number // 2 % len(EMOJI)]
        return await hand.ask("react.set", post_id=post, emoji=emoji, on=number % 2 == 0)

    rate, _ = await keep_on(crowd, seconds, once)
    for hand in crowd:  # a state that can be counted
        await hand.ask("react.set", post_id=post, emoji=EMOJI[0], on=True)
        for emoji in EMOJI[1:]:
            await hand.ask("react.set", post_id=post, emoji=emoji, on=False)
    ends = time.monotonic() + 5
    while time.monotonic() < ends and _newest(watcher) != {EMOJI[0]: len(crowd)}:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    wrong = []
    if _newest(watcher) != {EMOJI[0]: len(crowd)}:
        wrong.append(f"the window shows {_newest(watcher)}, not {len(crowd)} of one")
    times = [at for at, frame in watcher.told if _is_counts(frame)]
    busiest = max((sum(t <= other < t + 1 for other in times) for t in times), default=0)
    if busiest > 5:  # four a second; the fifth may be late for its own second
        wrong.append(f"{busiest} frames of counts within a second")
    return rate, wrong


def _is_counts(frame: Json) -> bool:
    return bool(frame["type"] == "event" and frame["noun"]["kind"] == "counts")


def _newest(watcher: Hand) -> Json:
    counts = [frame["noun"] for _, frame in watcher.told if _is_counts(frame)]
    return dict(max(counts, key=lambda one: one["v"])["reactions"]) if counts else {}


async def measure(
    name: str, env: Mapping[str, str], folder: Path, seconds: float, rounds: int
) -> list[str]:
    """One deployment: prints its lines; what was wrong."""
    cookies = folder / "cookies"
    count = 2 + CROWD
    status, said = await run(
        folder,
        "fixture",
        "--users",
        str(count),
        "--follow",
        "0",
        "--cookies",
        str(cookies),
        env=env,
    )
    if status != 0:
        raise RuntimeError(said)
    values = [one.split("\t")[2] for one in cookies.read_text(encoding="utf-8").splitlines()]
    async with serve(folder, env=env) as served:
        hands = [Hand(await opened(served.url, value)) for value in values]
        ours, bare, total = [], [], 0
        await posts(hands[:AUTHORS], 1.0)
        for _ in range(rounds):
            if "postgresql" in env["REALTIME_DATABASE_URL"]:
                bare.append(await bare_postgres(env["REALTIME_DATABASE_URL"], seconds))
            else:
                bare.append(await asyncio.to_thread(bare_sqlite, folder / "bare.db", seconds))
            rate, done = await posts(hands[:AUTHORS], seconds)
            ours.append(rate)
            total += done
        ratio = statistics.median(a / b for a, b in zip(ours, bare, strict=True))
        _say(name, f"posts acknowledged a second, {AUTHORS} authors", statistics.median(ours))
        _say(name, "bare inserts a second", statistics.median(bare))
        _say(name, "ratio, the median of the rounds", ratio)
        wrong = await _missing(hands[0], hands[1:AUTHORS], total)
        rate, more = await reactions(hands, seconds)
        _say(name, f"reactions a second on one post, {CROWD} people", rate)
        for hand in hands:
            await hand.socket.close()
    return [f"{name}: {sentence}" for sentence in (*wrong, *more)]


async def _missing(asker: Hand, authors: list[Hand], acknowledged: int) -> list[str]:
    """What explore shows must be at least what was acknowledged in the rounds."""
    shown, fields = 0, Json(name="explore", limit=100)
    while True:
        page = await asker.ask("timeline.get", **fields)
        shown += len(page["entries"])
        if "next" not in page:
            break
        fields["before"] = page["next"]
    return [f"{acknowledged} acknowledged, {shown} there"] if shown < acknowledged else []


def _say(name: str, what: str, value: float) -> None:
    sys.stdout.write(f"{name:22} {what:48} {value:10,.2f}\n")
    sys.stdout.flush()


async def main(seconds: float, rounds: int) -> list[str]:
    """Both deployments; what was wrong."""
    shared = {"REALTIME_SECRET_KEYS": KEY, "REALTIME_RATE_LIMITS": "off"}
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "lite").mkdir()
        env = {**shared, "REALTIME_DATABASE_URL": f"sqlite:///{folder}/lite/writes.db"}
        wrong = await measure("SQLite", env, folder / "lite", seconds, rounds)
        (folder / "pg").mkdir()
        env = {**shared, **await stack.enter_async_context(production())}
        wrong += await measure("PostgreSQL and Redis", env, folder / "pg", seconds, rounds)
    return wrong


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=5.0, help="of each round")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    found = asyncio.run(main(asked.seconds, asked.rounds))
    for sentence in found:
        sys.stdout.write(f"WRONG: {sentence}\n")
    sys.exit(1 if found else 0)
