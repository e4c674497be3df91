"""What durations betray: `python -m loadtest.timing` compares two kinds of no with each other.

Names that exist with names that do not, at the login; a post whose author blocks the one who asks
with one that was never written. The two kinds are asked in random order; printed are the medians
and how likely a difference like theirs is by chance (Mann-Whitney, two-sided). Nothing is asserted.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import httpx

from tests.client import Window, person, post
from tests.deployments import KEY
from tests.processes import serve
from tests.services import Postgres

WARM_UP: Final = 20
Ask = Callable[[], Awaitable[object]]


def chance(a: Sequence[float], b: Sequence[float]) -> float:
    """How likely two samples of one distribution differ as much as these: the p of Mann-Whitney.

    By the normal approximation, with ties: good from some twenty values each.
    """
    counted = Counter([*a, *b])
    ranks: dict[float, float] = {}
    below = 0
    for value in sorted(counted):
        ranks[value] = below + (counted[value] + 1) / 2
        below += counted[value]
    n, m, both = len(a), len(b), below
    u = sum(ranks[value] for value in a) - n * (n + 1) / 2
    ties = sum(t**3 - t for t in counted.values()) / (both * (both - 1))
    deviation = math.sqrt(n * m / 12 * (both + 1 - ties))
    if deviation == 0:
        return 1.0
    distance = max(0.0, abs(u - n * m / 2) - 0.5) / deviation
    return math.erfc(distance / math.sqrt(2))


async def timed(kinds: dict[str, Ask], times: int, seed: int) -> dict[str, list[float]]:
    """Milliseconds of each kind, asked one after the other in random order."""
    order = list(kinds) * times
    random.Random(seed).shuffle(order)
    took: dict[str, list[float]] = {kind: [] for kind in kinds}
    for kind in [*list(kinds) * WARM_UP, *order]:
        began_s = time.perf_counter()
        await kinds[kind]()
        took[kind].append((time.perf_counter() - began_s) * 1_000)
    return {kind: values[WARM_UP:] for kind, values in took.items()}


def told(what: str, took: dict[str, list[float]]) -> str:
    """One line for a person: the medians, their gap, and the chance."""
    (one, first), (other, second) = took.items()
    medians = statistics.median(first), statistics.median(second)
    return (
        f"{what}: {one} {medians[0]:.2f} ms, {other} {medians[1]:.2f} ms, "
        f"gap {medians[0] - medians[1]:+.2f} ms, p {chance(first, second):.3f}, {len(first)} each"
    )


def login(http: httpx.AsyncClient, name: str) -> Ask:
    """A wrong guess at the password of `name`."""

    async def ask() -> None:
        sent = {"name": name, "password": "a wrong guess"}
        answer = await http.post("/api/login", json=sent)
        if answer.status_code != 401:
            raise RuntimeError(f"{answer.status_code} instead of 401: {answer.text}")

    return ask


def thread(opened: Window, post_id: str) -> Ask:
    """A conversation that is not to be seen."""

    async def ask() -> None:
        answer = await opened.answer("post.thread", post_id=post_id)
        if answer.get("code") != "not_found":
            raise RuntimeError(f"{answer} instead of not_found")

    return ask


async def main(arguments: argparse.Namespace) -> None:
    """Serve, ask, print."""
    async with AsyncExitStack() as stack:
        enter, use = stack.enter_async_context, stack.enter_context
        folder = Path(use(tempfile.TemporaryDirectory()))
        env = {"REALTIME_SECRET_KEYS": KEY, "REALTIME_RATE_LIMITS": "off"}
        if arguments.postgresql:
            env["REALTIME_DATABASE_URL"] = use(Postgres()).database()
        served = await enter(serve(folder, env=env))
        ada = await enter(person(served.url, "ada"))
        bob = await enter(person(served.url, "bob"))
        hers = await enter(ada.window())
        his = await enter(bob.window())
        blocked = await post(hers, "not for bob")
        await post(hers, "something between the two ids")
        await hers.ask("block.set", user_id=bob.id, on=True)
        http = await enter(httpx.AsyncClient(base_url=served.url, timeout=30))
        logins = {"known": login(http, "ada"), "unknown": login(http, "eva")}
        threads = {
            "blocked": thread(his, blocked["id"]),
            "unknown": thread(his, str(int(blocked["id"]) + 10_000)),
        }
        for what, kinds in (("login", logins), ("post.thread", threads)):
            sys.stdout.write(told(what, await timed(kinds, arguments.times, arguments.seed)) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=500, help="askings of each kind")
    parser.add_argument("--seed", type=int, default=1, help="of the order")
    parser.add_argument("--postgresql", action="store_true", help="instead of SQLite")
    asyncio.run(main(parser.parse_args()))
