"""What every test may ask for: real servers."""

from __future__ import annotations

import fcntl
import logging
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.deployments import config, server, town
from tests.services import Postgres, Redis

__all__ = ["config", "server", "town"]

# A busy machine is no fault of the code, and a check of a commit gives the same answer twice.
settings.register_profile(
    "ours",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("ours")


@pytest.fixture(autouse=True)
def log_as_before() -> Iterator[None]:
    """A command that is run inside a test sets up the log of its process, which is ours."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    root.setLevel(level)
    root.handlers[:] = handlers


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """The PostgreSQL of this test process, to be used but not hurt."""
    with Postgres(url=os.environ.get("REALTIME_TEST_POSTGRES_URL")) as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: Postgres) -> Iterator[str]:
    """A new, empty PostgreSQL database."""
    url = postgres_server.database()
    yield url
    postgres_server.drop(url)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    """The Redis of this test process, to be used but not hurt."""
    with Redis(url=os.environ.get("REALTIME_TEST_REDIS_URL")) as server:
        yield server


@pytest.fixture
def redis_url(redis_server: Redis) -> Iterator[str]:
    """An empty Redis that no other test uses meanwhile: its channels know no numbered databases."""
    with (Path(tempfile.gettempdir()) / f"realtime-redis-{os.getuid()}.lock").open("w") as lock:
        if not redis_server.is_ours:
            fcntl.flock(lock, fcntl.LOCK_EX)
        redis_server.flush()
        yield redis_server.url


@pytest.fixture
def mortal_postgres() -> Iterator[Postgres]:
    """A durable PostgreSQL of this test alone, to be stopped, paused and killed."""
    with Postgres(durable=True) as server:
        yield server


@pytest.fixture
def mortal_redis() -> Iterator[Redis]:
    """A Redis of this test alone, to be stopped, paused and killed."""
    with Redis() as server:
        yield server
