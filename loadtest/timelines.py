"""How long pages take among a million posts, asked over a socket: `python -m loadtest.timelines`.

Each deployment gets its own servers and a large world (loadtest/world.py). Every kind of page is
asked for from the top and twenty pages deep; `reads` is the number of statements a page needed.
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
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec
from websockets.asyncio.client import ClientConnection, connect

from loadtest import results
from loadtest.figures import percentile, production
from loadtest.results import Row, at_most
from loadtest.world import Reader, World, build
from realtime.store.database import Database
from realtime.store.migrate import migrate
from tests.deployments import KEY
from tests.processes import serve

TIMES: Final = 200  # each page from the top
DEEP: Final = 20  # pages
WALKS: Final = 10  # down to there
PAGE: Final = 50
HOME_MS: Final = 20  # of the slowest of a hundred home pages, at most
HOME_READS: Final = 6  # statements for one

Json = dict[str, Any]
Asked = tuple[str, Json]  # a command and its fields


@dataclass(frozen=True, slots=True)
class Figure:
    """One kind of page, in milliseconds at the socket, with the entries on it."""

    deployment: str
    page: str
    entries: float
    reads: float
    p50_ms: float
    p99_ms: float
    deep_p99_ms: float | None  # of pages 2 to DEEP; None where there is no second one


class Window:
    """One reader's socket; one command at a time."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._ref = 0

    async def ask(self, type: str, **fields: Any) -> tuple[Json, float]:
        """The result, and the milliseconds until it was here.

        Raises:
            RuntimeError: it was refused.
        """
        self._ref += 1
        began = time.perf_counter()
        await self._socket.send(json.dumps({"type": type, "ref": self._ref, **fields}))
        while True:
            text = await self._socket.recv()
            took_ms = (time.perf_counter() - began) * 1000
            frame: Json = json.loads(text)
            if frame.get("ref") == self._ref:
                break
        if frame["type"] == "error":
            raise RuntimeError(f"{type}: {frame['code']}: {frame['message']}")
        return frame.get("result", frame), took_ms


@asynccontextmanager
async def opened(url: str, reader: Reader) -> AsyncIterator[Window]:
    """A window that has been welcomed."""
    headers = {"Cookie": reader.cookie, "Origin": url}
    address = url.replace("http", "ws") + "/ws"
    async with connect(address, additional_headers=headers, compression=None) as socket:
        window = Window(socket)
        await window.ask("hello")
        yield window


def pages(world: World, reader: Reader) -> dict[str, Asked]:
    """What this reader asks for: a name, the command, its fields."""
    home: dict[str, Asked] = {
        f"home, follows {reader.name}": ("timeline.get", {"name": "home", "limit": PAGE})
    }
    if reader is not world.readers[0]:
        return home
    common, rare = world.words[20], world.words[800]
    return {
        **home,
        "user, the busiest": (
            "timeline.get",
            {"name": "user", "user_id": str(world.busiest), "limit": PAGE},
        ),
        "explore": ("timeline.get", {"name": "explore", "limit": PAGE}),
        "thread of 2,000 replies": ("post.thread", {"post_id": str(world.thread)}),
        "search, a common word": ("search.query", {"q": common, "kind": "posts"}),
        "search, two words": ("search.query", {"q": f"{common} {rare}", "kind": "posts"}),
        "notices, 2,000": ("notice.list", {}),
    }


async def measure(url: str, window: Window, what: tuple[str, str], asked: Asked) -> Figure:
    """One kind of page (`what`: deployment and page): from the top, then down."""
    type, fields = asked
    await window.ask(type, **fields)  # the statements are prepared
    before = await _reads(url)
    results = [await window.ask(type, **fields) for _ in range(TIMES)]
    reads = (await _reads(url) - before) / TIMES
    spent = [ms for _, ms in results]
    entries = statistics.mean(_entries(result) for result, _ in results)
    deep: list[float] = []
    for _ in range(WALKS):
        result = results[0][0]
        for _ in range(DEEP - 1):
            if "next" not in result:
                break
            result, ms = await window.ask(type, **fields, before=result["next"])
            deep.append(ms)
    return Figure(
        *what,
        entries,
        reads,
        statistics.median(spent),
        percentile(spent, 0.99),
        percentile(deep, 0.99) if deep else None,
    )


def _entries(result: Json) -> int:
    for name in ("entries", "replies", "posts", "notices"):
        if name in result:
            return len(result[name])
    return 0


async def _reads(url: str) -> float:
    async with httpx.AsyncClient() as http:
        text = (await http.get(f"{url}/metrics")).text
    lines = [line for line in text.splitlines() if line.startswith("realtime_reads_total ")]
    return float(lines[0].rsplit(" ", 1)[1])


async def deployment(
    name: str, env: Mapping[str, str], folder: Path, posts: int, say: Callable[[str], None]
) -> list[Figure]:
    """All pages of one deployment, in an order that warms nothing for the next.

    The world is built, or, where `folder` says that it was, taken as it is.
    """
    kept = folder / f"{name.partition(' ')[0].lower()}.json"
    world = _known(kept) or await _built(name, env, posts, say)
    kept.write_bytes(msgspec.json.encode(world))
    found: list[Figure] = []
    async with serve(folder, env=env) as served:
        for reader in world.readers:
            async with opened(served.url, reader) as window:
                for page, asked in pages(world, reader).items():
                    figure = await measure(served.url, window, (name, page), asked)
                    found.append(figure)
                    say(line(figure))
    return found


def _known(path: Path) -> World | None:
    return msgspec.json.decode(path.read_bytes(), type=World) if path.exists() else None


async def _built(
    name: str, env: Mapping[str, str], posts: int, say: Callable[[str], None]
) -> World:
    database = await Database.connect(env["REALTIME_DATABASE_URL"])
    try:
        await migrate(database)
        return await build(database, posts, (KEY,), lambda line: say(f"{name}: {line}"))
    finally:
        await database.close()


def line(figure: Figure) -> str:
    """One figure, as a line of the table."""
    deep = "" if figure.deep_p99_ms is None else f"{figure.deep_p99_ms:9.1f}"
    return (
        f"{figure.deployment:22} {figure.page:34}{figure.entries:6.0f}{figure.reads:7.1f}"
        f"{figure.p50_ms:9.1f}{figure.p99_ms:9.1f}{deep}"
    )


def rows(figures: Sequence[Figure]) -> list[Row]:
    """All figures as a report reads them; what was to be reached is said of home from the top."""
    found = []
    for figure in figures:
        name, page = figure.deployment, figure.page
        p99 = Row(f"{page}: p99", name, figure.p99_ms, "ms")
        found += [
            Row(f"{page}: p50", name, figure.p50_ms, "ms"),
            at_most(p99, HOME_MS) if _is_home(figure) else p99,
            Row(f"{page}: queries", name, figure.reads),
        ]
        if figure.deep_p99_ms is not None:
            found.append(Row(f"{page}, deep: p99", name, figure.deep_p99_ms, "ms"))
    for name in dict.fromkeys(figure.deployment for figure in figures):
        most = max(one.reads for one in figures if one.deployment == name and _is_home(one))
        found.append(at_most(Row("home: queries of a page, at most", name, most), HOME_READS))
    return found


def _is_home(figure: Figure) -> bool:
    return figure.page.startswith("home")


async def main(
    options: argparse.Namespace, folder: Path, say: Callable[[str], None]
) -> list[Figure]:
    """Both deployments, or the named one, one after the other; databases are in `folder`."""
    found: list[Figure] = []
    say(f"{'':22} {'page':34}{'shown':>6}{'reads':>7}{'p50 ms':>9}{'p99 ms':>9}{'deep p99':>9}")
    shared = {"REALTIME_SECRET_KEYS": KEY, "REALTIME_RATE_LIMITS": "off"}
    async with AsyncExitStack() as stack:
        if options.only in (None, "sqlite"):
            env = {**shared, "REALTIME_DATABASE_URL": f"sqlite:///{folder}/world.db"}
            found += await deployment("SQLite", env, folder, options.posts, say)
        if options.only in (None, "postgresql"):
            env = {**shared, **await stack.enter_async_context(production())}
            if options.postgresql:
                env["REALTIME_DATABASE_URL"] = options.postgresql
            else:  # it goes with its server, and so must what is known of it
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            found += await deployment("PostgreSQL and Redis", env, folder, options.posts, say)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--keep", type=Path, help="a folder for the worlds, to be asked again")
    parser.add_argument("--postgresql", help="a database of your own; to be kept it must be one")
    parser.add_argument("--out", type=Path, help="a file for the figures, as loadtest.report reads")
    asked = parser.parse_args()

    def out(text: str) -> None:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()

    with tempfile.TemporaryDirectory() as scratch, contextlib.suppress(KeyboardInterrupt):
        place = Path(asked.keep or scratch).resolve()
        place.mkdir(parents=True, exist_ok=True)
        figures = asyncio.run(main(asked, place, out))
        if asked.out is not None:
            results.write(asked.out, results.result(rows(figures)))
