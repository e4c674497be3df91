"""A large world in an empty database: people who post unequally, follow unequally, and have pasts.

Posts and followers are spread by Zipf's law, as they are among people. The oldest tenth of the
posts belongs to people who have been silent since. Everybody has a picture of themselves, one post
of ten shows another, and for ten posts there is one retweet.
"""

from __future__ import annotations

import functools
import itertools
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from loadtest.search import texts, vocabulary
from realtime import auth
from realtime.store import bulk, noting, publish
from realtime.store.bulk import Somebody
from realtime.store.database import Database, Tx
from realtime.store.words import Worded

PEOPLE: Final = 20_000
SILENT: Final = 4_000  # of them, who wrote only long ago
CELEBRITIES: Final = 200  # of them, who write most and are followed by most
TOGETHER: Final = 10_000  # posts in one transaction
FOLLOWED: Final = 20
EACH_TENTH: Final = 10  # shows a picture; and as often somebody retweets a post
REPLIES: Final = 2_000  # of the one long thread
ANSWERED: Final = 100  # of them in one transaction
SESSION_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who opens a window: what they follow, and the `Cookie` header's value."""

    name: str
    cookie: str
    user_id: int


@dataclass(frozen=True, slots=True)
class World:
    """What can be asked for."""

    readers: Sequence[Reader]
    busiest: int  # who wrote most
    thread: int  # a post with many replies
    words: Sequence[str]  # the commonest first


async def build(
    database: Database, posts: int, keys: tuple[str, ...], say: Callable[[str], None]
) -> World:
    """Fill an empty database with so many posts and the people who wrote them. Minutes.

    Raises:
        ValueError: somebody is there already.
    """
    if await bulk.has_people(database):
        raise ValueError("this database is not empty")
    chance = random.Random(7)
    known = vocabulary(random.Random(7))
    people = await _people(database, PEOPLE)
    silent, celebrities = people[-SILENT:], people[:CELEBRITIES]
    usual = people[CELEBRITIES:-SILENT]
    graph = {
        "200 usual": chance.sample(usual, 200),
        "1,000 usual": chance.sample(usual, 1_000),
        "200 silent": chance.sample(silent, 200),
        "1,000 silent": chance.sample(silent, 1_000),
        "200 celebrities": celebrities,
        "1,000 of all kinds": [*celebrities, *chance.sample(usual, 600), *silent[:200]],
    }
    readers = await _readers(database, graph, people, keys)
    await _write(database, posts, people, known, say)
    thread = await _thread(database, people, readers[0].user_id)
    await database.run_tx(lambda tx: tx.execute("ANALYZE"), deadline_s=600)
    return World(readers, people[0].id, thread, known)


async def _people(database: Database, count: int) -> list[Somebody]:
    now_ms = time.time_ns() // 1_000_000
    numbers = list(await database.run_tx(lambda tx: tx.next_seq(2 * count)))
    people = [
        Somebody(numbers[n], f"w{numbers[n]}", numbers[count + n], f"world {numbers[n]}")
        for n in range(count)
    ]

    async def deed(tx: Tx) -> None:
        await bulk.people(tx, people, "", now_ms, now_ms)
        faces = zip(await tx.next_seq(count), people, strict=True)
        await bulk.pictures(tx, [(id, one.id, None) for id, one in faces], now_ms)

    await database.run_tx(deed, deadline_s=600)
    return people


async def _readers(
    database: Database,
    graph: dict[str, list[Somebody]],
    crowd: Sequence[Somebody],
    keys: tuple[str, ...],
) -> list[Reader]:
    """One reader for each list of people to follow; the crowd follows each other unequally."""
    now_ms = time.time_ns() // 1_000_000
    tokens = [auth.new_token() for _ in graph]
    numbers = list(await database.run_tx(lambda tx: tx.next_seq(2 * len(graph))))
    people = [
        Somebody(id, f"r{id}", session, auth.token_hash(token))
        for id, session, token in zip(
            numbers[: len(graph)], numbers[len(graph) :], tokens, strict=True
        )
    ]
    pairs = [
        *_zipf(crowd),
        *(
            (reader.id, other.id)
            for reader, others in zip(people, graph.values(), strict=True)
            for other in others
        ),
    ]

    async def deed(tx: Tx) -> None:
        await bulk.people(tx, people, "", now_ms, now_ms + SESSION_MS)
        await bulk.follows(tx, pairs, await tx.next_seq(len(pairs)))

    await database.run_tx(deed, deadline_s=600)
    name = auth.cookie_name(secure=False)
    return [
        Reader(what, f"{name}={auth.sign(token, keys)}", person.id)
        for what, token, person in zip(graph, tokens, people, strict=True)
    ]


def _zipf(crowd: Sequence[Somebody]) -> set[tuple[int, int]]:
    """(follower, followed): each follows up to FOLLOWED, the first people far more often."""
    chance = random.Random(13)
    weights = list(itertools.accumulate(1 / (rank + 10) for rank in range(len(crowd))))
    return {
        (one.id, other.id)
        for one in crowd
        for other in chance.choices(crowd, cum_weights=weights, k=FOLLOWED)
        if other is not one
    }


async def _write(
    database: Database,
    count: int,
    people: Sequence[Somebody],
    known: Sequence[str],
    say: Callable[[str], None],
) -> None:
    """The silent ones write the oldest tenth, the others the rest."""
    chance = random.Random(11)
    loud = people[:-SILENT]
    weights = list(itertools.accumulate(1 / (rank + 10) for rank in range(len(loud))))
    left = texts(known, count, chance)
    began, done = time.monotonic(), 0
    while chunk := list(itertools.islice(left, TOGETHER)):
        is_past = done < count // 10
        authors = (
            chance.choices(people[-SILENT:], k=len(chunk))
            if is_past
            else chance.choices(loud, cum_weights=weights, k=len(chunk))
        )

        async def deed(
            tx: Tx, chunk: Sequence[str] = chunk, authors: Sequence[Somebody] = authors
        ) -> None:
            now_ms = time.time_ns() // 1_000_000
            ids = list(await tx.next_seq(len(chunk) + len(chunk) // EACH_TENTH))
            passed_on = ids[EACH_TENTH :: EACH_TENTH + 1]
            ids = sorted(set(ids).difference(passed_on))[: len(chunk)]
            said = [
                Worded(id, author.id, text)
                for id, author, text in zip(ids, authors, chunk, strict=True)
            ]
            pictured = said[::EACH_TENTH]
            await bulk.posts(tx, said, now_ms, {post.id for post in pictured})
            numbers = await tx.next_seq(len(pictured))
            shown = zip(numbers, pictured, strict=True)
            await bulk.pictures(tx, [(id, post.owner_id, post.id) for id, post in shown], now_ms)
            await bulk.retweets(tx, _passed_on(passed_on, said, authors), now_ms)

        await database.run_tx(deed, deadline_s=600)
        done += len(chunk)
        if done % 100_000 == 0:
            say(f"{done:,} posts, {done / (time.monotonic() - began):,.0f} a second")


def _passed_on(
    ids: Sequence[int], said: Sequence[Worded], people: Sequence[Somebody]
) -> list[tuple[int, int, int, int]]:
    """Retweets under these numbers, each of a post before it by somebody who posts as well."""
    posts = {post.id: post for post in said}
    found = []
    for place, (id, by) in enumerate(zip(ids, people, strict=False)):
        post = posts.get(id - 1 - place % EACH_TENTH)
        if post is not None:
            found.append((id, by.id, post.id, post.owner_id))
    return found


async def _thread(database: Database, people: Sequence[Somebody], author_id: int) -> int:
    """A post of this person with many replies, each with its notice; its id."""
    now_ms = time.time_ns() // 1_000_000

    def draft(who: int, key: str, reply_to: int | None) -> publish.Draft:
        return publish.Draft(who, key, f"{key} of the long thread", [], reply_to, None)

    async def say(tx: Tx, drafts: Sequence[publish.Draft]) -> list[int]:
        created = await publish.create(tx, drafts, now_ms)
        new = [one.post for one in created if isinstance(one, publish.Created)]
        await noting.said(tx, [noting.said_by(post) for post in new], now_ms)
        return [int(post.id) for post in new]

    root = (await database.run_tx(lambda tx: say(tx, [draft(author_id, "root", None)])))[0]
    for start in range(0, REPLIES, ANSWERED):
        drafts = [
            draft(people[place].id, f"reply-{place}", root)
            for place in range(start, start + ANSWERED)
        ]
        await database.run_tx(functools.partial(say, drafts=drafts), deadline_s=60)
    return root
