"""Our own migrations, killed within each, leave whole ones only; whoever comes next completes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.cuts import cut_everywhere, schemas
from tests.services import Postgres

STRIDE = 7  # `make faults ROW=migration-killed` goes through all of them


@pytest.fixture
def urls(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[list[str]]:
    """Two empty databases of one kind."""
    if database_url.startswith("sqlite"):
        yield [database_url, f"sqlite:///{tmp_path / 'other.db'}"]
        return
    server: Postgres = request.getfixturevalue("postgres_server")
    other = server.database()
    yield [database_url, other]
    server.drop(other)


async def test_a_migration_that_is_killed_leaves_none_of_itself_and_is_run_again(
    urls: list[str],
) -> None:
    undisturbed = await schemas(urls[0])
    assert all(one != next for one, next in itertools.pairwise(undisturbed))
    killed, problems = await cut_everywhere(urls[1], undisturbed, first=2, stride=STRIDE)
    assert problems == []
    assert killed >= 2 * len(undisturbed)
