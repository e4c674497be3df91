"""Rates over three real processes: one allowance with Redis, each its own without."""

from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from realtime.hub.limits import (
    FOLLOWS,
    LOGIN_FAILURES,
    LOGINS,
    POSTS,
    REACTIONS,
    READS,
    REGISTRATIONS,
    UPLOADS,
    Rate,
)
from tests.client import PASSWORD, Json, Person, Window, window
from tests.deployments import KEY
from tests.processes import Served, serve
from tests.services import Redis

NODES: Final = 3
AT_ONCE: Final = 10  # commands that a window has under way
NOBODY: Final = "999999"
MORE: Final = 1.25  # times the allowance are asked for


@pytest.fixture
async def nodes(
    postgres_url: str, mortal_redis: Redis, tmp_path: Path
) -> AsyncIterator[list[Served]]:
    """Three processes that share a database and a Redis."""
    env = {
        "REALTIME_DATABASE_URL": postgres_url,
        "REALTIME_REDIS_URL": mortal_redis.url,
        "REALTIME_SECRET_KEYS": KEY,
        "REALTIME_UPLOADS": str(tmp_path / "uploads"),
    }
    async with AsyncExitStack() as stack:
        served = []
        for number in range(NODES):
            folder = tmp_path / f"node{number}"
            folder.mkdir()
            served.append(await stack.enter_async_context(serve(folder, env=env)))
        yield served


class Count:
    """How many were let through, and in how long: a bucket refills meanwhile."""

    def __init__(self, rate: Rate) -> None:
        self.rate = rate
        self.through = 0
        self.refused = 0
        self._began_s = time.monotonic()

    def note(self, is_refused: bool) -> None:
        self.refused += is_refused
        self.through += not is_refused

    def is_right(self) -> bool:
        """Whether it is the allowance, within a tenth, and what came back meanwhile."""
        elapsed_s = time.monotonic() - self._began_s
        least = min(window.count for window in self.rate.windows)
        most = min(
            window.count + elapsed_s * window.count / window.per_s for window in self.rate.windows
        )
        return self.refused > 0 and 0.9 * least <= self.through <= 1.1 * most + 1

    def __repr__(self) -> str:
        return f"{self.through} through, {self.refused} refused of {self.rate}"


async def spread(
    rate: Rate, tries: int, doors: Sequence[Callable[[], Awaitable[bool]]], at_once: int = 1
) -> Count:
    """Try in turn at each door, `at_once` at the same moment at each; a door says: refused."""
    count = Count(rate)

    async def at(door: Callable[[], Awaitable[bool]], tries: int) -> None:
        for _ in range(tries):
            count.note(await door())

    each = -(-tries // (len(doors) * at_once))
    await asyncio.gather(*(at(door, each) for door in doors for _ in range(at_once)))
    return count


def asking(opened: Window, type: str, **fields: Any) -> Callable[[], Awaitable[bool]]:
    """A command that is sent again and again, with a new key each time if it has one."""

    async def ask() -> bool:
        sent = {**fields, "key": str(uuid.uuid4())} if type == "post.create" else fields
        answer: Json = await opened.answer(type, **sent)
        return answer.get("code") == "rate_limited"

    return ask


def sending(http: httpx.AsyncClient, url: str, **sent: Any) -> Callable[[], Awaitable[bool]]:
    """A request that is sent again and again."""

    async def send() -> bool:
        return (await http.post(url, **sent)).status_code == 429

    return send


@asynccontextmanager
async def everywhere(nodes: Sequence[Served], who: Person) -> AsyncIterator[list[Window]]:
    """A window of this person at each node."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(window(node.url, who.cookie)) for node in nodes]


async def test_an_allowance_is_one_over_three_processes(
    nodes: list[Served], mortal_redis: Redis
) -> None:
    async with AsyncExitStack() as stack:
        ada, bob, eve, cleo, *_ = await registered_until_refused(nodes, stack)
        await each_rate_of_a_person(nodes, ada)
        async with everywhere(nodes, eve) as windows:
            await a_repeated_key_uses_nothing(windows)
        await failures_are_counted_together(nodes, bob)
        mortal_redis.stop()
        await alone_each_has_its_own(nodes, cleo)


async def each_rate_of_a_person(nodes: list[Served], ada: Person) -> None:
    async with everywhere(nodes, ada) as windows:
        for rate, type, fields in (
            (POSTS, "post.create", {"text": "hello"}),
            (REACTIONS, "react.set", {"post_id": NOBODY, "emoji": "🌊", "on": True}),
            (FOLLOWS, "follow.set", {"user_id": NOBODY, "on": True}),
            (READS, "profile.get", {"name": "nobody_of_this_name"}),
        ):
            doors = [asking(opened, type, **fields) for opened in windows]
            least = min(each.count for each in rate.windows)
            count = await spread(rate, int(least * MORE) + NODES, doors, AT_ONCE)
            assert count.is_right(), (type, count)
    doors = [
        sending(
            ada.http, f"{node.url}/api/media", files={"file": b"no picture"}, headers=_from(node)
        )
        for node in nodes
    ]
    count = await spread(UPLOADS, int(UPLOADS.count * MORE), doors)
    assert count.is_right(), count


def _from(node: Served) -> dict[str, str]:
    return {"Origin": node.url}


async def registered_until_refused(nodes: list[Served], stack: AsyncExitStack) -> list[Person]:
    """As many people as one address may register, at all nodes in turn."""
    count = Count(REGISTRATIONS)
    people = []
    for number, node in zip(range(14), itertools.cycle(nodes), strict=False):
        http = httpx.AsyncClient(base_url=node.url, headers=_from(node), timeout=30)
        await stack.enter_async_context(http)
        sent = {"name": f"person_{number}", "password": PASSWORD}
        answer = await http.post("/api/register", json=sent)
        count.note(answer.status_code == 429)
        if answer.status_code == 201:
            people.append(Person(node.url, sent["name"], http, answer.json()["user"]))
    assert count.is_right(), count
    return people


async def a_repeated_key_uses_nothing(windows: list[Window]) -> None:
    wish = {"key": str(uuid.uuid4()), "text": "once"}
    first = (await windows[0].ask("post.create", **wish))["post"]["id"]
    for _ in range(12):
        said = [each.ask("post.create", **wish) for each in windows for _ in range(3)]
        assert {each["post"]["id"] for each in await asyncio.gather(*said)} == {first}
    for opened in windows * 3:
        await opened.ask("post.create", key=str(uuid.uuid4()), text="another")


async def failures_are_counted_together(nodes: list[Served], someone: Person) -> None:
    async with httpx.AsyncClient(timeout=30) as http:

        def door(node: Served, name: str) -> Callable[[], Awaitable[bool]]:
            sent = {"name": name, "password": "a wrong guess"}
            return sending(http, f"{node.url}/api/login", json=sent)

        count = await spread(LOGIN_FAILURES, 12, [door(node, someone.name) for node in nodes])
        assert count.is_right(), count
        others = iter(f"nobody_{number}" for number in range(100))

        def any_name(node: Served) -> Callable[[], Awaitable[bool]]:
            async def guess() -> bool:
                return await door(node, next(others))()

            return guess

        more = await spread(LOGINS, 24, [any_name(node) for node in nodes])
        more.through += count.through + count.refused  # all were counted at the address
        assert more.is_right(), more


async def alone_each_has_its_own(nodes: list[Served], someone: Person) -> None:
    async with everywhere(nodes[:2], someone) as windows:
        for opened in windows:
            count = await spread(POSTS, 20, [asking(opened, "post.create", text="alone")])
            assert count.is_right(), count
