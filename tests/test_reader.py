"""The reader of a socket never waits: who is here stays, whatever the database does; and who is
gone without a word is found out."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from pathlib import Path
from typing import Final

from realtime.config import Config
from tests.client import Window, eventually, person, window
from tests.deployments import KEY
from tests.faults.proxy import FaultProxy
from tests.server import serving
from tests.services import Postgres

KEEPALIVE_S: Final = 1.0  # the ping, and as much patience for its pong
WINDOWS: Final = 3
WAITING: Final = 140  # commands of a window: more than its connection holds unread


async def test_a_database_that_stands_still_closes_no_socket(
    mortal_postgres: Postgres, tmp_path: Path
) -> None:
    """Far longer than the keepalive: a reader that waited for an answer would miss every pong."""
    config = Config(
        database_url=mortal_postgres.database(),
        uploads=tmp_path / "uploads",
        secret_keys=(KEY,),
        rate_limits=False,
    )
    async with (
        serving(config, keepalive_s=KEEPALIVE_S) as server,
        person(server.url, "ada") as ada,
        contextlib.AsyncExitStack() as stack,
    ):
        windows = [await stack.enter_async_context(ada.window()) for _ in range(WINDOWS)]
        await asyncio.to_thread(mortal_postgres.pause)
        try:
            asked = [
                asyncio.create_task(one.answer("timeline.get", name="explore"))
                for one in windows
                for _ in range(WAITING)
            ]
            first = await asyncio.gather(*(asked[i * WAITING] for i in range(WINDOWS)))
        finally:
            await asyncio.to_thread(mortal_postgres.resume)
        assert {(one["code"], one["retry_after"]) for one in first} == {("unavailable", 2.0)}
        assert len(await asyncio.gather(*asked)) == WINDOWS * WAITING
        assert [one.close_code for one in windows] == [None] * WINDOWS
        await eventually_posts(windows[0])


async def eventually_posts(window: Window) -> None:
    """Ask again, as `retry_after` says, until the database is found again."""
    key = str(uuid.uuid4())
    for _ in range(10):
        answer = await window.answer("post.create", key=key, text="It lives.")
        if answer["type"] == "ok":
            return
        await asyncio.sleep(answer["retry_after"])
    raise AssertionError(answer)


async def test_a_socket_whose_peer_vanished_is_dropped_and_nobody_else(tmp_path: Path) -> None:
    config = Config(
        database_url=f"sqlite:///{tmp_path / 'test.db'}",
        uploads=tmp_path / "uploads",
        secret_keys=(KEY,),
        rate_limits=False,
    )
    async with (
        serving(config, keepalive_s=KEEPALIVE_S) as server,
        FaultProxy(server.port) as wire,
        person(server.url, "ada") as ada,
        ada.window() as here,
        window(f"http://127.0.0.1:{wire.port}", ada.cookie),
    ):
        connections = server.application.endpoint.connections
        assert len(connections) == 2
        wire.swallows_up = wire.swallows_down = True
        await eventually(lambda: len(connections) == 1)
        assert server.application.world is not None
        assert server.application.world.feed.sockets_of(int(ada.id)) == 1
        assert here.close_code is None
        wire.reset_all()
