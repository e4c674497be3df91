"""Both deployments, side by side."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.input.both import both
from tests.input.sides import Side
from tests.services import Postgres, Redis


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sides(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: Postgres, redis_server: Redis
) -> AsyncIterator[list[Side]]:
    """Both deployments, with people and things in them."""
    url = postgres_server.database()
    async with both(tmp_path_factory.mktemp("input"), url, redis_server.url) as found:
        yield found
    postgres_server.drop(url)
