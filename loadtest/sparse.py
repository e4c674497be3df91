"""A sparse graph: everybody follows many people, and each post goes to a handful of sockets."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from typing import Final

from loadtest.ledger import STRAYED, Ledger, Verdict, judge
from realtime import auth
from realtime.store import bulk
from realtime.store.bulk import Somebody
from realtime.store.database import Database, Tx
from realtime.store.migrate import migrate

FOLLOWED: Final = 200
HEARD_BY: Final = 20  # readers of each author, on average
AUTHORS: Final = 200  # of those who are followed, who post
SESSION_MS: Final = 86_400_000

Graph = Sequence[frozenset[int]]  # for each reader, which of the authors they follow


def build(url: str, readers: int, key: str) -> tuple[list[str], list[str], Graph]:
    """Fill an empty database; the cookies of authors and of readers, and who follows whom."""
    people = max(AUTHORS, FOLLOWED, readers * FOLLOWED // HEARD_BY)
    tokens = [auth.new_token() for _ in range(people + readers)]
    chance = random.Random(7)
    followed = [chance.sample(range(people), FOLLOWED) for _ in range(readers)]
    asyncio.run(_fill(url, tokens, followed, people))
    name = auth.cookie_name(secure=False)
    cookies = [f"{name}={auth.sign(token, (key,))}" for token in tokens]
    graph = [frozenset(one for one in each if one < AUTHORS) for each in followed]
    return cookies[:AUTHORS], cookies[people:], graph


async def _fill(
    url: str, tokens: Sequence[str], followed: Sequence[Sequence[int]], people: int
) -> None:
    now_ms = time.time_ns() // 1_000_000

    async def deed(tx: Tx) -> None:
        numbers = await tx.next_seq(2 * len(tokens))
        everybody = [
            Somebody(numbers[2 * n], f"s{numbers[2 * n]}", numbers[2 * n + 1], auth.token_hash(one))
            for n, one in enumerate(tokens)
        ]
        await bulk.people(tx, everybody, "", now_ms, now_ms + SESSION_MS)
        pairs = [
            (everybody[people + reader].id, everybody[one].id)
            for reader, each in enumerate(followed)
            for one in each
        ]
        await bulk.follows(tx, pairs, await tx.next_seq(len(pairs)))

    database = await Database.connect(url)
    try:
        await migrate(database)
        await database.run_tx(deed, deadline_s=3600)
    finally:
        await database.close()


class SparseLedger(Ledger):
    """Each socket is owed the posts of whom its reader follows; post n is of author n % AUTHORS."""

    def __init__(self, graph: Graph) -> None:
        super().__init__(AUTHORS)
        self._graph = graph
        self._readers: dict[int, int] = {}  # by socket
        self._hear = [sum(author in each for each in graph) for author in range(AUTHORS)]
        self._owed = 0

    def join(self, sockets: Sequence[int]) -> None:
        self.at.update(dict.fromkeys(sockets, STRAYED))
        self.strays.update({socket: [] for socket in sockets})
        self._readers = {socket: reader for reader, socket in enumerate(sockets)}

    def post(self, due: float) -> int:
        number = super().post(due)
        self.order.append(b"%08d" % number)
        self._owed += self._hear[number % AUTHORS]
        return number

    def differs(self, socket: int, found: list[bytes]) -> int:
        now = time.perf_counter()
        self.strays[socket] += found
        for number in found:
            self.reads.extend((now, int(number), 1))
        return STRAYED

    @property
    def outstanding(self) -> float:
        return self._owed - self.heard

    @property
    def is_settled(self) -> bool:
        return self.heard >= self._owed

    def verdict(self) -> Verdict:
        total = Verdict()
        for socket, came in self.strays.items():
            follows = self._graph[self._readers[socket]]
            numbers = range(len(self.posted))
            owed = [b"%08d" % number for number in numbers if number % AUTHORS in follows]
            total += judge(owed, came, AUTHORS)
        return total
