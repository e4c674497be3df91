"""Throws malformed input at both deployments: `python -m tests.input --count 1000000 --seed 1`."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from tests.input.both import both
from tests.input.calls import http
from tests.input.trial import Report, sockets
from tests.services import Postgres, Redis


async def main(seed: int, count: int, step: int, postgres_url: str, redis_url: str) -> bool:
    """Run to the end, frames and, one in ten, requests; whether all of it was clean."""
    began, done, is_clean = time.monotonic(), 0, True
    with tempfile.TemporaryDirectory(prefix="realtime-input-") as folder:
        async with both(Path(folder), postgres_url, redis_url) as sides:
            while done < count and is_clean:
                some = min(step, count - done)
                for throw, part in ((sockets, some - some // 10), (http, some // 10)):
                    report = await throw(sides, seed, part)
                    done, is_clean = done + report.inputs, is_clean and not report.problems
                    _tell(report, done, done / (time.monotonic() - began))
                seed += 1
    return is_clean


def _tell(report: Report, done: int, rate: float) -> None:
    sys.stdout.write(f"{done:,} done, {rate:,.0f}/s. {report}\n")
    for problem in report.problems:
        sys.stdout.write(f"    {problem}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=1_000_000, help="inputs, to each deployment")
    parser.add_argument("--seed", type=int, default=1, help="the first one")
    parser.add_argument("--step", type=int, default=20_000, help="inputs of one seed")
    asked = parser.parse_args()
    with Postgres() as postgres, Redis() as redis:
        found = asyncio.run(
            main(asked.seed, asked.count, asked.step, postgres.database(), redis.url)
        )
    sys.exit(0 if found else 1)
