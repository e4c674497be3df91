"""How quickly search answers among many posts: `python -m loadtest.search --posts 1000000`.

Fills an empty database (REALTIME_DATABASE_URL) with made-up posts, whose words are as unequally
common as those of a language, and asks for words of every kind. Filled before, it only asks.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from realtime.config import Config
from realtime.store import bulk, post, search
from realtime.store.bulk import Somebody
from realtime.store.database import Database, Tx
from realtime.store.migrate import migrate
from realtime.store.words import Worded

PEOPLE: Final = 1_000
TOGETHER: Final = 10_000  # posts in one transaction
PAGE: Final = 50
VOCABULARY: Final = 60_000
# Two words that each stand in every seventh post, and in the same one only once in 50,000.
APART: Final = ("northern", "southern")
TIMES: Final = 200  # each kind of question


def vocabulary(chance: random.Random) -> list[str]:
    """Words of one to five syllables, the commonest first; short ones are the common ones."""
    found: dict[str, None] = {}
    while len(found) < VOCABULARY:
        longest = min(5, 1 + len(found) // 400)
        syllables = chance.randint(1, longest)
        found["".join(chance.choice(SYLLABLES) for _ in range(syllables))] = None
    return list(found)


SYLLABLES: Final = [
    f"{head}{vowel}{tail}"
    for head in ("", *"bcdfghjklmnprstvw", "sh", "th", "st")
    for vowel in "aeiou"
    for tail in ("", "", *"nrst")
]


def texts(known: Sequence[str], count: int, chance: random.Random) -> Iterator[str]:
    """`count` posts of 4 to 22 words by Zipf's law."""
    weights = list(itertools.accumulate(1 / (rank + 2) for rank in range(len(known))))
    for place in range(count):
        said = chance.choices(known, cum_weights=weights, k=chance.randint(4, 22))
        if chance.random() < 0.28:
            said.append(APART[place // 1_000 % 2])
        if place % 50_000 == 17:
            said += APART
        yield " ".join(said)


async def fill(database: Database, count: int, known: Sequence[str]) -> None:
    """`count` posts by a thousand people."""
    chance = random.Random(7)
    now_ms = time.time_ns() // 1_000_000
    numbers = list(await database.run_tx(lambda tx: tx.next_seq(2 * PEOPLE)))
    people = [
        Somebody(numbers[n], f"s{numbers[n]}", numbers[PEOPLE + n], f"search {numbers[n]}")
        for n in range(PEOPLE)
    ]
    await database.run_tx(lambda tx: bulk.people(tx, people, "", now_ms, now_ms))
    left = texts(known, count, chance)
    while chunk := list(itertools.islice(left, TOGETHER)):

        async def deed(tx: Tx, chunk: Sequence[str] = chunk) -> None:
            ids = await tx.next_seq(len(chunk))
            said = [
                Worded(id, chance.choice(people).id, text)
                for id, text in zip(ids, chunk, strict=True)
            ]
            await bulk.posts(tx, said, now_ms)

        await database.run_tx(deed, deadline_s=600)
    await database.run_tx(lambda tx: tx.execute("ANALYZE"), deadline_s=600)


def questions(known: Sequence[str], chance: random.Random) -> dict[str, Callable[[], str]]:
    """What is asked, by kind."""

    def word(low: int, high: int) -> str:
        return known[chance.randrange(low, high)]

    return {
        "one of the 50 commonest words": lambda: word(0, 50),
        "a word of one post in 200 or so": lambda: word(100, 1_000),
        "a rare word": lambda: word(20_000, VOCABULARY),
        "a word that nobody wrote": lambda: f"zzz{word(0, VOCABULARY)}",
        "one letter": lambda: chance.choice("abcdefghijklmnoprstuvw"),
        "two letters": lambda: word(0, VOCABULARY)[:2],
        "the first half of a word": lambda: (w := word(500, VOCABULARY))[: len(w) // 2 + 1],
        "two common words": lambda: f"{word(0, 50)} {word(0, 50)}",
        "a common and a rare word": lambda: f"{word(0, 50)} {word(20_000, VOCABULARY)}",
        "a rare word and one letter": lambda: f"{word(20_000, VOCABULARY)} {word(0, 50)[:1]}",
        "two common words that rarely meet": lambda: " ".join(APART),
        "the same, the other way": lambda: " ".join(reversed(APART)),
        "five words": lambda: " ".join(word(0, 2_000) for _ in range(5)),
    }


async def ask(database: Database, query: str, before_id: int | None) -> tuple[float, int]:
    """The milliseconds that a page took, and how many posts are on it."""
    began = time.perf_counter()
    wanted = search.wanted(query)
    assert wanted is not None
    ids, _ = await search.ids(database, "posts", wanted, (), before_id, PAGE)
    found = await post.by_ids(database, ids)
    return (time.perf_counter() - began) * 1000, len(found)


async def measure(database: Database, known: Sequence[str]) -> float:
    """Ask everything, half of it from the middle backwards; the worst p99 in milliseconds."""
    chance = random.Random(11)
    newest = await database.fetch_val("SELECT max(id) FROM posts")
    worst = 0.0
    sys.stdout.write(f"{'a page of':<36}{'found':>7}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}\n")
    for kind, question in questions(known, chance).items():
        await ask(database, question(), None)  # once to prepare the statements
        results = sorted(
            [await ask(database, question(), (None, newest // 2)[n % 2]) for n in range(TIMES)]
        )
        spent = [ms for ms, _ in results]
        p50, p99 = spent[TIMES // 2], spent[TIMES * 99 // 100]
        found = sum(count for _, count in results) / TIMES
        sys.stdout.write(f"{kind:<36}{found:>7.1f}{p50:>9.1f}{p99:>9.1f}{spent[-1]:>9.1f}\n")
        worst = max(worst, p99)
    return worst


async def main(posts: int) -> None:
    config = Config.from_env(os.environ)
    database = await Database.connect(config.database_url)
    try:
        await migrate(database)
        known = vocabulary(random.Random(7))
        if not await bulk.has_people(database):
            began = time.monotonic()
            await fill(database, posts, known)
            sys.stdout.write(f"{posts / (time.monotonic() - began):,.0f} posts a second\n")
        worst = await measure(database, known)
        sys.stdout.write(f"the worst p99: {worst:.1f} ms\n")
    finally:
        await database.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="loadtest.search", description=__doc__)
    parser.add_argument("--posts", type=int, default=1_000_000)
    asyncio.run(main(parser.parse_args().posts))
