"""How many posts and reactions a second are acknowledged: `python -m loadtest.writes`.

Fifty authors post as fast as they are answered, beside bare inserts into the same kind of database
in the same run, in turns. Then two hundred people react to one post while a window watches it.
Exit status 1 if anything acknowledged is not in the database, or a count is wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import asyncpg

from loadtest import results
from loadtest.figures import production
from loadtest.hands import Hand, Json
from loadtest.results import Row, at_least, at_most
from tests.deployments import KEY
from tests.processes import run, serve

AUTHORS: Final = 50
CROWD: Final = 200
RATIO: Final = 0.5  # of bare inserts, at least
REACTIONS: Final = 2_000  # acknowledged in a second, at least
FRAMES: Final = 4  # of numbers in a second, at most
EMOJI: Final = ("❤️", "😂", "🔥", "👏", "🌊", "✨")
TEXT: Final = "A post as people write them: the harbour lies in fog, the first tram is late again."


async def keep_on(
    hands: list[Hand], seconds: float, once: Callable[[Hand, int], Awaitable[bytes]]
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

    async def once(hand: Hand, number: int) -> bytes:
        return await hand.answer("post.create", key=str(uuid.uuid4()), text=f"{TEXT} {number}")

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


async def reactions(hands: list[Hand], seconds: float) -> tuple[float, int, list[str]]:
    """Reactions acknowledged a second on one post; the most frames of its numbers that a window
    got within a second; and what was wrong."""
    author, watcher, crowd = hands[0], hands[1], hands[2:]
    post = (await author.ask("post.create", key=str(uuid.uuid4()), text=TEXT))["post"]["id"]
    await watcher.ask("watch.set", post_ids=[post])
    watcher.is_listening = True

    async def once(hand: Hand, number: int) -> bytes:
        emoji = EMOJI[number // 2 % len(EMOJI)]
        return await hand.answer("react.set", post_id=post, emoji=emoji, on=number % 2 == 0)

    rate, _ = await keep_on(crowd, seconds, once)
    for hand in crowd:  # a state that can be counted
        await hand.ask("react.set", post_id=post, emoji=EMOJI[0], on=True)
        for emoji in EMOJI[1:]:
            await hand.ask("react.set", post_id=post, emoji=emoji, on=False)
    ends = time.monotonic() + 5
    while time.monotonic() < ends and _newest(watcher) != {EMOJI[0]: len(crowd)}:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    wrong = []
    if _newest(watcher) != {EMOJI[0]: len(crowd)}:
        wrong.append(f"the window shows {_newest(watcher)}, not {len(crowd)} of one")
    times = [at for at, frame in watcher.told if _is_counts(frame)]
    busiest = max((sum(t <= other < t + 1 for other in times) for t in times), default=0)
    return rate, busiest, wrong


def _is_counts(frame: Json) -> bool:
    return bool(frame["type"] == "event" and frame["noun"]["kind"] == "counts")


def _newest(watcher: Hand) -> Json:
    counts = [frame["noun"] for _, frame in watcher.told if _is_counts(frame)]
    return dict(max(counts, key=lambda one: one["v"])["reactions"]) if counts else {}


async def measure(
    name: str, env: Mapping[str, str], folder: Path, seconds: float, rounds: int
) -> tuple[list[Row], list[str]]:
    """One deployment: its figures, and what was wrong."""
    cookies = folder / "cookies"
    graph = ("--users", str(2 + CROWD), "--follow", "0", "--cookies", str(cookies))
    status, said = await run(folder, "fixture", *graph, env=env)
    if status != 0:
        raise RuntimeError(said)
    values = [one.split("\t")[2] for one in cookies.read_text(encoding="utf-8").splitlines()]
    async with serve(folder, env=env) as served:
        hands = [await Hand.open(served.url, value) for value in values]
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
        wrong = await _missing(hands[0], total)
        reacted, busiest, more = await reactions(hands, seconds)
        for hand in hands:
            hand.close()
    ratio = statistics.median(a / b for a, b in zip(ours, bare, strict=True))
    raw = "asyncpg's" if "postgresql" in env["REALTIME_DATABASE_URL"] else "sqlite3's"
    each = f"{AUTHORS} authors at once"
    crowd = f"{CROWD} people on one post"
    rows = [
        Row(f"posts acknowledged, {each}", name, statistics.median(ours), "/s"),
        Row("bare inserts", name, statistics.median(bare), "/s"),
        at_least(Row(f"posts acknowledged, a part of {raw} bare inserts", name, ratio), RATIO),
        at_least(Row(f"reactions acknowledged, {crowd}", name, reacted, "/s"), REACTIONS),
        at_most(Row(f"frames of numbers in a second, {crowd}", name, busiest), FRAMES),
    ]
    return rows, [f"{name}: {sentence}" for sentence in (*wrong, *more)]


async def _missing(asker: Hand, acknowledged: int) -> list[str]:
    """What explore shows must be at least what was acknowledged in the rounds."""
    shown, fields = 0, Json(name="explore", limit=100)
    while True:
        page = await asker.ask("timeline.get", **fields)
        shown += len(page["entries"])
        if "next" not in page:
            break
        fields["before"] = page["next"]
    return [f"{acknowledged} acknowledged, {shown} there"] if shown < acknowledged else []


async def main(seconds: float, rounds: int) -> tuple[list[Row], list[str]]:
    """Both deployments: their figures, which are printed as they come, and what was wrong."""
    shared = {"REALTIME_SECRET_KEYS": KEY, "REALTIME_RATE_LIMITS": "off"}
    rows: list[Row] = []
    wrong: list[str] = []

    async def one(name: str, folder: Path, env: Mapping[str, str]) -> None:
        found, sentences = await measure(name, {**shared, **env}, folder, seconds, rounds)
        rows.extend(found)
        wrong.extend(sentences)
        sys.stdout.writelines(map(line, found))
        sys.stdout.flush()

    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        await one("SQLite", folder, {"REALTIME_DATABASE_URL": f"sqlite:///{folder}/writes.db"})
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        large = await stack.enter_async_context(production())
        await one("PostgreSQL and Redis", folder, large)
    return rows, wrong


def line(row: Row) -> str:
    """A row for people."""
    value = results.short(row.value, row.unit)
    verdict = "" if row.met is None else f"  {row.aim}: {'yes' if row.met else 'NO'}"
    return f"{row.deployment:22} {row.what:58} {value:>12}{verdict}\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=5.0, help="of each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, help="a file for the figures, as loadtest.report reads")
    asked = parser.parse_args()
    figures, sentences = asyncio.run(main(asked.seconds, asked.rounds))
    if asked.out is not None:
        results.write(asked.out, results.result(figures, wrong=sentences))
    for sentence in sentences:
        sys.stdout.write(f"WRONG: {sentence}\n")
    sys.exit(1 if sentences else 0)
