"""A running HTTP side: on both databases, or on one where the database does not matter."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.http.site import Site, serving


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a new, empty database of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
async def site(database_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """Without rates."""
    async with serving(database_url, tmp_path) as site:
        yield site


@pytest.fixture
async def small_site(tmp_path: Path) -> AsyncIterator[Site]:
    """On SQLite alone: for what is the same on every database."""
    async with serving(f"sqlite:///{tmp_path / 'test.db'}", tmp_path) as site:
        yield site


@pytest.fixture
async def limited_site(tmp_path: Path) -> AsyncIterator[Site]:
    """On SQLite, with rates."""
    async with serving(f"sqlite:///{tmp_path / 'test.db'}", tmp_path, rate_limits=True) as site:
        yield site


@pytest.fixture
async def browser(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """A browser on this site's pages."""
    async with site.browser() as client:
        yield client


@pytest.fixture
async def program(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """A program, which has no pages."""
    async with site.program() as client:
        yield client
