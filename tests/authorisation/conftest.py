"""Everybody who may want something, on each deployment."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.authorisation.people import People, people
from tests.input.both import configs, paged
from tests.services import Postgres, Redis


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["embedded", "production"])
async def everybody(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    postgres_server: Postgres,
    redis_server: Redis,
) -> AsyncIterator[People]:
    """All actors, on one deployment, with the pages of a built front."""
    folder: Path = tmp_path_factory.mktemp("everybody")
    url = postgres_server.database()
    with paged(folder):
        async with people(configs(folder, url, redis_server.url)[request.param]) as found:
            yield found
    postgres_server.drop(url)
