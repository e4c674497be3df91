"""The two deployments, as one fixture: every contract holds on both."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from realtime.config import Config
from tests.client import Person, person
from tests.server import Running, serving

KEY = "a-key-for-tests-of-at-least-32-characters"


@pytest.fixture(params=["embedded", "production"])
def config(request: pytest.FixtureRequest, tmp_path: Path) -> Config:
    """SQLite with the bus in the process, then PostgreSQL with Redis. No rates, quick repairs."""
    shared: dict[str, Any] = {
        "uploads": tmp_path / "uploads",
        "secret_keys": (KEY,),
        "rate_limits": False,
    }
    if request.param == "embedded":
        return Config(database_url=f"sqlite:///{tmp_path / 'test.db'}", **shared)
    postgres_url: str = request.getfixturevalue("postgres_url")
    redis_url: str = request.getfixturevalue("redis_url")
    return Config(database_url=postgres_url, redis_urls=(redis_url,), pool=4, **shared)


@pytest.fixture
async def server(config: Config) -> AsyncIterator[Running]:
    """A running server of this deployment."""
    async with serving(config) as running:
        yield running


@dataclass
class Town:
    """Three people who know each other by name."""

    ada: Person
    bob: Person
    eve: Person


@pytest.fixture
async def town(server: Running) -> AsyncIterator[Town]:
    """Ada, Bob and Eve have accounts; nobody follows anybody."""
    async with (
        person(server.url, "ada") as ada,
        person(server.url, "bob") as bob,
        person(server.url, "eve") as eve,
    ):
        yield Town(ada, bob, eve)
