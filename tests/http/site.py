"""The HTTP side alone, on a real server and a real database; what it tells others is kept."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette

from realtime import tasks
from realtime.auth import PasswordPool
from realtime.change import Change
from realtime.config import Config
from realtime.darkroom import Darkroom
from realtime.departure import Departures
from realtime.http import edge
from realtime.http.house import House
from realtime.hub.bus import LocalBus
from realtime.hub.limits import LocalLimits
from realtime.reconcile import remover
from realtime.store.database import Database
from realtime.store.migrate import migrate

KEY = "a key for tests, of at least 32 characters"
PASSWORD = "correct horse battery"
INDEX = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="description" content="Posts that arrive by themselves." />
    <title>realtime</title>
    <script type="module" src="/assets/main-abc123.js"></script>
  </head>
  <body><div id="root"></div></body>
</html>
"""

Json = dict[str, Any]


@dataclass
class Site:
    """A server that serves. `ended` are the sessions of which it said that they are over."""

    url: str
    house: House
    ended: list[int] = field(default_factory=list)
    unwell: dict[str, str] = field(default_factory=dict)

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://")

    def configure(self, **changes: Any) -> None:
        """Change settings, from the next request on."""
        self.house = replace(self.house, config=replace(self.house.config, **changes))

    @asynccontextmanager
    async def browser(self, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
        """Somebody with a jar for cookies, on this site's own pages."""
        own = {"Origin": self.url, **headers}
        async with httpx.AsyncClient(base_url=self.url, headers=own, timeout=30) as client:
            yield client

    @asynccontextmanager
    async def program(self, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
        """Somebody without a page: no Origin, no Sec-Fetch-Site."""
        async with httpx.AsyncClient(base_url=self.url, headers=headers, timeout=30) as client:
            yield client


async def register(client: httpx.AsyncClient, name: str, **fields: Any) -> Json:
    """Make an account with this client; the user."""
    answer = await client.post("/api/register", json={"name": name, "password": PASSWORD, **fields})
    assert answer.status_code == 201, answer.text
    user: Json = answer.json()["user"]
    return user


async def login(client: httpx.AsyncClient, name: str, password: str = PASSWORD) -> httpx.Response:
    """Try to sign in."""
    return await client.post("/api/login", json={"name": name, "password": password})


def cookie(client: httpx.AsyncClient) -> str:
    """The client's session, as the header `Cookie` says it."""
    return f"sid={client.cookies['sid']}"


def assert_refused(
    answer: httpx.Response, status: int, code: str, field: str | None = None
) -> None:
    """Whether this is exactly that kind of no, in the shape of every no."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert (body["code"], body.get("field")) == (code, field)
    assert isinstance(body["message"], str) and body["message"]
    assert set(body) <= {"code", "message", "field", "retry_after"}
    if "retry_after" in body:
        assert float(answer.headers["retry-after"]) == body["retry_after"] > 0


@asynccontextmanager
async def serving(database_url: str, folder: Path, **settings: Any) -> AsyncIterator[Site]:
    """Serve while the body runs. `settings` are those of Config."""
    uploads, static = folder / "uploads", folder / "static"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_text(INDEX)
    settings = {"uploads": uploads, "secret_keys": (KEY,), "rate_limits": False, **settings}
    config = Config(database_url=database_url, **settings)
    async with contextlib.AsyncExitStack() as stack:
        database = await Database.connect(database_url, pool=4)
        stack.push_async_callback(database.close)
        await migrate(database)
        passwords = PasswordPool()
        stack.callback(passwords.close)
        room = await stack.enter_async_context(Darkroom(uploads))

        def ended(session_ids: Sequence[int]) -> None:
            site.ended.extend(session_ids)

        async def ready() -> dict[str, str]:
            return site.unwell

        bus = LocalBus()
        await bus.start(lambda messages: None, on_reconnect=lambda: None)
        stack.push_async_callback(bus.stop)
        departures = Departures(database, Change(database, bus), ended, remover(uploads, set()))
        await stack.enter_async_context(tasks.running({"departures": departures.run()}))
        house = House(
            config=config,
            database=database,
            passwords=passwords,
            darkroom=room,
            # Time stands still for rates: a busy machine must not refill them meanwhile.
            limits=LocalLimits(clock=lambda: 0.0),
            ended=ended,
            leave=departures.begin,
            ready=ready,
            static=static,
        )

        def get_house() -> House:
            return site.house

        app = Starlette(routes=edge.routes(get_house), middleware=edge.middleware(get_house))
        port = await stack.enter_async_context(_listening(app))
        site = Site(f"http://127.0.0.1:{port}", house)
        yield site


@asynccontextmanager
async def _listening(app: Starlette) -> AsyncIterator[int]:
    # Without the protocol asyncio leaves Nagle's algorithm on: 40 ms for every answer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            http="realtime.hub.fastlane:Http",
            lifespan="off",
            proxy_headers=False,
            server_header=False,
            access_log=False,
            log_config=None,
            timeout_graceful_shutdown=5,
        )
    )
    server.config.load()
    # The signals belong to the test runner.
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
    task = asyncio.create_task(server.serve(sockets=[listener]))
    async with asyncio.timeout(20):
        while not server.started:
            if task.done():
                raise RuntimeError("the server did not start")
            await asyncio.sleep(0.01)
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        await task
        listener.close()
