"""Measures what a clock tells whoever is blocked: `python -m tests.authorisation [--asks 300]`."""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.authorisation.commands import SAME, TABLE, Row
from tests.authorisation.people import People, people
from tests.authorisation.test_commands import filled
from tests.client import Window
from tests.input.both import configs
from tests.services import Postgres, Redis


def hidden() -> Iterator[tuple[Row, str]]:
    """Every command and thing about which the blocked one is to learn nothing."""
    for row in TABLE:
        for thing in row.things:
            if row.expected(thing, "blocked") == SAME and thing in ("post", "owner", "name"):
                yield row, thing


async def took_ms(window: Window, row: Row, named: str) -> float:
    """How long one answer takes."""
    began = time.perf_counter()
    await window.answer(row.type, **filled(row.fields, named))
    return (time.perf_counter() - began) * 1000


async def measure(found: People, asks: int) -> None:
    """Ask about what is hidden and about what is not there, in turn; a line for each command."""
    window = found.windows["blocked"]
    for row, thing in hidden():
        unknown = found.things["unknown name" if thing == "name" else "unknown"]
        there, nowhere = [], []
        for _ in range(asks):
            there.append(await took_ms(window, row, found.things[thing]))
            nowhere.append(await took_ms(window, row, unknown))
        pairs = [one - other for one, other in zip(there, nowhere, strict=True)]
        sys.stdout.write(
            f"  {row.type:14} {thing:6} hidden {statistics.median(there):6.2f} ms,"
            f" unknown {statistics.median(nowhere):6.2f} ms,"
            f" median difference {statistics.median(pairs):+6.2f} ms,"
            f" spread of one answer {statistics.quantiles(nowhere, n=10)[8]:6.2f} ms (p90)\n"
        )


async def main(asks: int, postgres_url: str, redis_url: str) -> None:
    """Both deployments, one after the other."""
    with tempfile.TemporaryDirectory(prefix="realtime-hiding-") as folder:
        for name, config in configs(Path(folder), postgres_url, redis_url).items():
            sys.stdout.write(f"{name}, {asks} asks each\n")
            async with people(config) as found:
                await measure(found, asks)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--asks", type=int, default=300, help="of each kind, for each command")
    asked = parser.parse_args()
    with Postgres() as postgres, Redis() as redis:
        asyncio.run(main(asked.asks, postgres.database(), redis.url))
