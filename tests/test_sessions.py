"""A session that ends, ends on every process; its key may change, and the database betrays none."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path
from typing import Final

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from realtime import auth
from realtime.config import Config
from tests.client import DEADLINE_S, PASSWORD, Person, Refused, Window, person, post, window
from tests.deployments import KEY
from tests.processes import Served, serve
from tests.server import serving
from tests.services import Redis

log = logging.getLogger(__name__)

OLDER: Final = "an-older-key-of-more-than-32-characters"
Deed = Callable[[Person], Awaitable[httpx.Response]]


@pytest.fixture
async def nodes(
    postgres_url: str, mortal_redis: Redis, tmp_path: Path
) -> AsyncIterator[tuple[Served, Served]]:
    """Two processes that compare with the database every second."""
    env = {
        "REALTIME_DATABASE_URL": postgres_url,
        "REALTIME_REDIS_URL": mortal_redis.url,
        "REALTIME_SECRET_KEYS": KEY,
        "REALTIME_UPLOADS": str(tmp_path / "uploads"),
        "REALTIME_RECONCILE_S": "1",
        "REALTIME_RATE_LIMITS": "off",
    }
    async with AsyncExitStack() as stack:
        here, there = tmp_path / "here", tmp_path / "there"
        for folder in (here, there):
            folder.mkdir()
        enter = stack.enter_async_context
        yield await enter(serve(here, env=env)), await enter(serve(there, env=env))


async def log_out(who: Person) -> httpx.Response:
    return await who.http.post("/api/logout")


async def change_password(who: Person) -> httpx.Response:
    wish = {"current": PASSWORD, "new": "a new and longer phrase"}
    return await who.http.put("/api/password", json=wish)


async def delete_account(who: Person) -> httpx.Response:
    return await who.http.request("DELETE", "/api/account", json={"password": PASSWORD})


@asynccontextmanager
async def second_session(node: Served, who: Person) -> AsyncIterator[str]:
    """The cookie of another session of this person, begun at `node`."""
    async with httpx.AsyncClient(base_url=node.url, headers={"Origin": node.url}) as http:
        answer = await http.post("/api/login", json={"name": who.name, "password": PASSWORD})
        answer.raise_for_status()
        yield f"sid={http.cookies['sid']}"


async def writing(opened: Window) -> list[str]:
    """Posts one after the other until the socket is closed; the ids of those that were `ok`."""
    written = []
    try:
        while True:
            written.append((await post(opened, "as long as I may"))["id"])
    except (ConnectionError, ConnectionClosed):
        return written
    except Refused as refused:
        assert refused.code == "unauthenticated"  # the account is gone, its socket about to
        return written


async def ends_there(nodes: tuple[Served, Served], name: str, deed: Deed) -> float:
    """Do it on one process; the seconds until the sockets of the other were closed.

    After the last word of a closed socket nothing is told to it and nothing done in its name.
    """
    here, there = nodes
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        ada = await enter(person(here.url, name))
        eve = await enter(person(here.url, f"eve_{name}"))
        telling = await enter(eve.window())
        ends_others = deed is change_password
        cookie = await enter(second_session(there, ada)) if ends_others else ada.cookie
        listening = await enter(window(there.url, cookie))
        busy = await enter(window(there.url, cookie))
        await listening.ask("follow.set", user_id=eve.id, on=True)
        await post(telling, "before")
        await listening.noun("post", text="before")
        at_work = asyncio.create_task(writing(busy))
        await busy.until(lambda frame: "post" in frame.get("result", ()))

        began_s = time.perf_counter()
        (await deed(ada)).raise_for_status()
        codes = [await opened.closed(within_s=2 * DEADLINE_S) for opened in (listening, busy)]
        took_s = time.perf_counter() - began_s

        assert codes == [4401, 4401]
        written = await at_work
        for opened in (listening, busy):
            assert opened.frames[-1]["type"] == "goodbye", "something was told after the goodbye"
        await post(telling, "after")
        assert "after" not in str(listening.frames)
        await assert_nothing_is_done_with(cookie, there, eve)
        if ends_others:
            own = await enter(window(there.url, ada.cookie))
            assert own.welcome["user"]["id"] == ada.id
            page = await own.ask("timeline.get", name="user", user_id=ada.id, limit=100)
            found = [entry["id"] for entry in page["entries"]]
            # The last one may have been committed just before its socket closed.
            assert set(written[-50:]) <= set(found) and len(found) <= len(written) + 1
        return took_s


async def assert_nothing_is_done_with(cookie: str, node: Served, eve: Person) -> None:
    headers = {"Cookie": cookie, "Origin": node.url}
    async with httpx.AsyncClient(base_url=node.url, headers=headers) as http:
        assert (await http.get("/api/session")).status_code == 401
        assert (await http.post("/api/ticket")).status_code == 401
        answer = await http.post("/api/media", files={"file": b"no picture"})
        assert answer.status_code == 401
    async with window(node.url, cookie) as nobody:
        assert nobody.welcome["user"] is None
        for type, fields in (
            ("post.create", {"key": str(uuid.uuid4()), "text": "once more"}),
            ("follow.set", {"user_id": eve.id, "on": False}),
        ):
            answer_frame = await nobody.answer(type, **fields)
            assert answer_frame["code"] == "unauthenticated"


async def test_a_session_that_ended_is_ended_on_every_process(
    nodes: tuple[Served, Served], mortal_redis: Redis
) -> None:
    took = {
        "log out": await ends_there(nodes, "ada", log_out),
        "change the password": await ends_there(nodes, "bob", change_password),
        "delete the account": await ends_there(nodes, "cleo", delete_account),
    }
    mortal_redis.stop()
    took["log out, without Redis"] = await ends_there(nodes, "dora", log_out)
    took["delete, without Redis"] = await ends_there(nodes, "ella", delete_account)
    for what, seconds in took.items():
        log.info("%s: the other process's sockets were closed %.3f s later", what, seconds)


async def test_keys_change_over_restarts_and_nobody_has_to_sign_in_again(tmp_path: Path) -> None:
    def with_keys(*keys: str) -> Config:
        return Config(
            database_url=f"sqlite:///{tmp_path / 'test.db'}",
            uploads=tmp_path / "uploads",
            secret_keys=keys,
        )

    async def is_in(url: str, cookie: str) -> bool:
        async with httpx.AsyncClient(base_url=url, headers={"Cookie": cookie}) as http:
            status = (await http.get("/api/session")).status_code
        async with window(url, cookie) as opened:
            assert (opened.welcome["user"] is not None) == (status == 200)
        assert status in (200, 401)
        return status == 200

    async with serving(with_keys(OLDER)) as server, person(server.url, "ada") as ada:
        old = ada.cookie
    async with serving(with_keys(KEY, OLDER)) as server, person(server.url, "bob") as bob:
        new = bob.cookie
        assert await is_in(server.url, old) and await is_in(server.url, new)
    async with serving(with_keys(OLDER)) as server:  # a process that knows the new key not yet
        assert not await is_in(server.url, new)
    async with serving(with_keys(KEY)) as server:
        assert not await is_in(server.url, old) and await is_in(server.url, new)


async def test_whoever_reads_the_database_can_sign_in_as_nobody(tmp_path: Path) -> None:
    path = tmp_path / "test.db"
    config = Config(
        database_url=f"sqlite:///{path}", uploads=tmp_path / "uploads", secret_keys=(KEY,)
    )
    async with serving(config) as server, person(server.url, "ada") as ada:
        ticket = (await ada.http.post("/api/ticket")).json()["ticket"]
        with closing(sqlite3.connect(path)) as database:
            dump = "\n".join(database.iterdump())
            kept = [row[0] for row in database.execute("SELECT token_hash FROM sessions")]
        value = ada.http.cookies["sid"]
        token = auth.unsign(value, (KEY,))
        assert token is not None and len(kept) == 1
        for secret in (value, token, ticket, PASSWORD, KEY):
            assert secret not in dump
        # Not even together with the key: what is kept opens nothing.
        for forged in (kept[0], auth.sign(kept[0], (KEY,)), f"{token}.{kept[0]}"):
            async with httpx.AsyncClient(base_url=server.url) as http:
                answer = await http.get("/api/session", headers={"Cookie": f"sid={forged}"})
            assert answer.status_code == 401
