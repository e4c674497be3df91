"""The two deployments next to each other: SQLite in one process, PostgreSQL with Redis."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from realtime import app
from realtime.config import Config
from tests.deployments import KEY
from tests.http.site import INDEX
from tests.input.sides import Side, side


def configs(folder: Path, postgres_url: str, redis_url: str) -> dict[str, Config]:
    """The settings of both, without rates; what they keep lies in `folder`."""
    shared: dict[str, Any] = {"secret_keys": (KEY,), "rate_limits": False}
    embedded = Config(
        database_url=f"sqlite:///{folder / 'test.db'}", uploads=folder / "embedded", **shared
    )
    production = Config(
        database_url=postgres_url,
        redis_urls=(redis_url,),
        uploads=folder / "production",
        pool=4,
        **shared,
    )
    return {"embedded": embedded, "production": production}


@contextmanager
def paged(folder: Path) -> Iterator[None]:
    """Servers that start meanwhile have a page that is the same whether or not it was built."""
    static = folder / "static"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_text(INDEX, encoding="utf-8")
    with patch.object(app, "STATIC", static):
        yield


@asynccontextmanager
async def both(folder: Path, postgres_url: str, redis_url: str) -> AsyncIterator[list[Side]]:
    """Serve both while the body runs, with the same people and things."""
    one, two = configs(folder, postgres_url, redis_url).items()
    with paged(folder):
        async with side(*one) as embedded, side(*two) as production:
            yield [embedded, production]
