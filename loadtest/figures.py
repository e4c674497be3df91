"""A first look at speed: how long a post takes to its followers, and a page to its first byte.

`python -m loadtest.figures` starts its own servers on loopback: SQLite alone and, where the test
services are installed, PostgreSQL with Redis. It prints a table; nothing is asserted.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
from websockets.asyncio.client import ClientConnection, connect

from tests.deployments import KEY
from tests.processes import run, serve
from tests.services import Postgres, Redis


def percentile(values: list[float], part: float) -> float:
    """The value below which `part` (0 to 1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


class Reader:
    """A follower's socket that notes when each post came."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.came: dict[str, float] = {}
        self.task = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for text in self.socket:
            frame = json.loads(text)
            if frame["type"] == "event" and frame["noun"]["kind"] == "post":
                self.came.setdefault(frame["noun"]["text"], time.perf_counter())


async def opened(url: str, cookie: str) -> ClientConnection:
    """A socket that has been welcomed."""
    headers = {"Cookie": cookie, "Origin": url}
    address = url.replace("http", "ws") + "/ws"
    socket = await connect(address, additional_headers=headers, compression=None)
    await socket.send('{"type":"hello","ref":1}')
    assert json.loads(await socket.recv())["type"] == "welcome"
    return socket


async def deliveries(url: str, cookies: list[str], posts: int) -> tuple[list[float], list[float]]:
    """Milliseconds from sending each post to its `ok`, and to each follower's screen."""
    author = await opened(url, cookies[0])
    readers = [Reader(await opened(url, cookie)) for cookie in cookies[1:]]
    answered, delivered = [], []
    for ref in range(2, posts + 2):
        text = f"post {ref}"
        command = {"type": "post.create", "ref": ref, "key": str(uuid.uuid4()), "text": text}
        sent = time.perf_counter()
        await author.send(json.dumps(command))
        while json.loads(await author.recv()).get("ref") != ref:
            pass
        answered.append((time.perf_counter() - sent) * 1000)
        async with asyncio.timeout(10):
            while not all(text in reader.came for reader in readers):  # noqa: ASYNC110
                await asyncio.sleep(0.002)
        delivered += [(reader.came[text] - sent) * 1000 for reader in readers]
    for socket in (author, *(reader.socket for reader in readers)):
        await socket.close()
    await asyncio.gather(*(reader.task for reader in readers), return_exceptions=True)
    return answered, delivered


async def first_bytes(url: str, cookie: str, path: str, times: int) -> list[float]:
    """Milliseconds to the first byte of this page, over one kept connection."""
    found = []
    async with httpx.AsyncClient(base_url=url, headers={"Cookie": cookie}) as http:
        for _ in range(times):
            began = time.perf_counter()
            async with http.stream("GET", path) as answer:
                found.append((time.perf_counter() - began) * 1000)
                await answer.aread()
    return found


async def measure(name: str, env: Mapping[str, str], users: int, posts: int) -> None:
    """One deployment: a line for each figure."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        cookies = folder / "cookies"
        graph = ("--users", str(users + 1), "--star", "--cookies", str(cookies))
        status, said = await run(folder, "fixture", *graph, env=env)
        assert status == 0, said
        lines = [line.split("\t") for line in cookies.read_text(encoding="utf-8").splitlines()]
        async with serve(folder, env=env) as served:
            values = [line[2] for line in lines]
            answered, delivered = await deliveries(served.url, values, posts)
            report(name, f"post to its `ok`, {users} followers", answered)
            report(name, f"post to a follower's socket, {users} followers", delivered)
            for path in ("/", "/api/session"):
                times = await first_bytes(served.url, values[1], path, 200)
                report(name, f"first byte of {path}", times)


def report(name: str, what: str, times: list[float]) -> None:
    p50, p99 = statistics.median(times), percentile(times, 0.99)
    sys.stdout.write(f"{name:22} {what:46} p50 {p50:7.1f} ms   p99 {p99:7.1f} ms\n")


@contextlib.asynccontextmanager
async def production() -> AsyncIterator[dict[str, str]]:
    """PostgreSQL, as durable as in production, and Redis."""
    with Postgres(durable=True) as postgres, Redis() as redis:
        yield {"REALTIME_DATABASE_URL": postgres.database(), "REALTIME_REDIS_URL": redis.url}


async def main(users: int, posts: int) -> None:
    """Both deployments, one after the other."""
    shared = {"REALTIME_SECRET_KEYS": KEY, "REALTIME_RATE_LIMITS": "off"}
    await measure("SQLite", shared, users, posts)
    async with AsyncExitStack() as stack:
        env = await stack.enter_async_context(production())
        await measure("PostgreSQL and Redis", {**shared, **env}, users, posts)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--posts", type=int, default=200)
    options = parser.parse_args()
    asyncio.run(main(options.users, options.posts))
