"""The rows of one person with several windows, small, on two servers within this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from realtime.config import Config
from realtime.store import publish
from tests.client import person
from tests.deployments import KEY
from tests.faults.history import History
from tests.faults.nemesis.windows import Member, submit_twice, two_tabs
from tests.faults.planted import no_key
from tests.server import serving

POSTS = 24
ROUNDS = 25


@dataclass(frozen=True)
class Place:
    """Two nodes and two people."""

    ports: list[int]
    ada: Member
    bob: Member


@pytest.fixture
async def place(postgres_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Place]:
    config = Config(
        database_url=postgres_url,
        redis_urls=(redis_url,),
        uploads=tmp_path / "uploads",
        secret_keys=(KEY,),
        rate_limits=False,
        pool=4,
    )
    async with AsyncExitStack() as stack:
        nodes = [await stack.enter_async_context(serving(config)) for _ in range(2)]
        people = [
            await stack.enter_async_context(person(nodes[0].url, name)) for name in ("ada", "bob")
        ]
        ada, bob = (Member(int(one.id), one.cookie) for one in people)
        yield Place([node.port for node in nodes], ada, bob)


async def test_a_post_that_is_asked_for_ten_times_at_once_is_one_post(place: Place) -> None:
    history = History(1)
    verdict = await submit_twice(place.ports, place.ada, place.bob, history, POSTS)
    assert verdict.is_clean, verdict
    assert verdict.acked == POSTS and history.figures["answers"] == str(10 * POSTS)


async def test_the_judge_condemns_a_server_that_knows_no_keys(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish, "create", publish.create)  # what is planted is taken out again
    no_key()
    verdict = await submit_twice(place.ports, place.ada, place.bob, History(1), 3)
    assert verdict.doubled == 3


async def test_two_tabs_on_two_nodes_show_the_same_and_hear_each_deed_once(place: Place) -> None:
    verdict = await two_tabs(place.ports, place.ada, place.bob, History(1), ROUNDS)
    assert verdict.is_clean, verdict
    assert verdict.due > 0
