"""The test servers are real, can be hurt, and leave nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
import redis.asyncio
from playwright.sync_api import sync_playwright
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from tests.guard import family
from tests.services import CHROMIUM_FLAGS, NotOurs, Postgres, Redis, Server, find_chromium

ROOT = Path(__file__).parent.parent


async def ask(url: str, question: str = "SELECT 1") -> object:
    connection = await asyncpg.connect(url, timeout=5)
    try:
        return await connection.fetchval(question, timeout=5)
    finally:
        await connection.close()


async def test_each_test_gets_an_empty_database(postgres_url: str) -> None:
    assert await ask(postgres_url, "SELECT count(*) FROM pg_stat_user_tables") == 0
    await ask(postgres_url, "CREATE TABLE trace (id int)")


async def test_what_the_last_test_wrote_is_not_in_the_next_ones_database(postgres_url: str) -> None:
    assert await ask(postgres_url, "SELECT to_regclass('trace')") is None


async def test_a_database_can_be_a_copy_of_another(postgres_server: Postgres) -> None:
    first = postgres_server.database()
    await ask(first, "CREATE TABLE kept AS SELECT 7 AS id")
    second = postgres_server.database(template=first.rpartition("/")[2])
    assert await ask(second, "SELECT id FROM kept") == 7
    postgres_server.drop(first)
    postgres_server.drop(second)
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await ask(first)


async def test_each_test_gets_an_empty_redis(redis_url: str) -> None:
    async with redis.asyncio.Redis.from_url(redis_url) as client:
        assert await client.dbsize() == 0
        await client.set("trace", "1")


async def test_what_the_last_test_set_is_not_in_the_next_ones_redis(redis_url: str) -> None:
    async with redis.asyncio.Redis.from_url(redis_url) as client:
        assert await client.get("trace") is None


async def test_a_killed_postgres_keeps_what_was_committed(mortal_postgres: Postgres) -> None:
    url, port = mortal_postgres.database(), mortal_postgres.port
    await ask(url, "CREATE TABLE kept AS SELECT 7 AS id")
    open_connection = await asyncpg.connect(url, timeout=5)
    mortal_postgres.kill()
    with pytest.raises((OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError)):
        await open_connection.fetchval("SELECT 1", timeout=5)
    open_connection.terminate()
    with pytest.raises(ConnectionRefusedError):
        await ask(url)
    mortal_postgres.start()
    assert mortal_postgres.port == port
    assert await ask(url, "SELECT id FROM kept") == 7


async def test_a_durable_postgres_waits_for_the_disk(mortal_postgres: Postgres) -> None:
    assert await ask(mortal_postgres.url, "SHOW fsync") == "on"


async def test_a_paused_postgres_answers_nobody_until_it_is_resumed(
    mortal_postgres: Postgres,
) -> None:
    connection = await asyncpg.connect(mortal_postgres.url, timeout=5)
    mortal_postgres.pause()
    with pytest.raises(TimeoutError):
        await connection.fetchval("SELECT 1", timeout=0.2)
    mortal_postgres.resume()
    connection.terminate()
    assert await ask(mortal_postgres.url) == 1


async def test_a_restarted_postgres_is_where_it_was(mortal_postgres: Postgres) -> None:
    url = mortal_postgres.database()
    mortal_postgres.restart()
    assert await ask(url) == 1


async def test_a_redis_can_be_killed_paused_and_restarted(mortal_redis: Redis) -> None:
    once = Retry(NoBackoff(), 0)
    async with redis.asyncio.Redis.from_url(
        mortal_redis.url, socket_timeout=0.2, retry=once
    ) as client:
        await client.set("word", "1")
        mortal_redis.pause()
        with pytest.raises(redis.exceptions.TimeoutError):
            await client.get("word")
        mortal_redis.resume()
        assert await client.get("word") == b"1"
        mortal_redis.kill()
        with pytest.raises(redis.exceptions.ConnectionError):
            await client.get("word")
        mortal_redis.start()
        assert await client.get("word") is None
        mortal_redis.restart()
    async with redis.asyncio.Redis.from_url(mortal_redis.url) as client:
        assert await client.ping()


@pytest.mark.parametrize("make", [Postgres, Redis])
def test_a_closed_server_leaves_neither_process_nor_folder(make: Callable[[], Server]) -> None:
    server = make()
    server.start()
    pid, folder = server.pid, server.folder
    assert folder is not None and folder.exists() and family(pid)
    server.close()
    assert not folder.exists() and not family(pid)
    server.close()


@pytest.mark.parametrize("name", ["Postgres", "Redis"])
def test_a_server_dies_with_the_process_that_started_it(name: str) -> None:
    """Even a paused server, even when the starter was killed and could not clean up."""
    script = (
        f"from tests.services import {name} as Kind\n"
        "s = Kind(); s.start(); s.pause()\n"
        "print(s.pid, s.folder, flush=True)\n"
        "input()\n"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert starter.stdout is not None and starter.stdin is not None
    pid, folder = starter.stdout.readline().split()
    assert family(int(pid))
    os.kill(starter.pid, signal.SIGKILL)
    starter.communicate()
    deadline = time.monotonic() + 10
    while (family(int(pid)) or Path(folder).exists()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not family(int(pid)) and not Path(folder).exists()


def test_a_server_that_was_given_by_url_is_not_hurt() -> None:
    server = Redis(url="redis://127.0.0.1:6390/3")
    server.start()
    assert (server.url, server.port) == ("redis://127.0.0.1:6390/3", 6390)
    for verb in (server.stop, server.kill, server.pause, server.resume):
        with pytest.raises(NotOurs):
            verb()
    server.close()


def test_a_server_that_cannot_start_says_why() -> None:
    server = Postgres(settings={"nonsense": "1"})
    with pytest.raises(RuntimeError, match="nonsense"):
        server.start()
    assert server.folder is None


def test_two_servers_do_not_meet() -> None:
    with Redis() as one, Redis() as other:
        assert one.port != other.port
        for server in (one, other):
            socket.create_connection(("127.0.0.1", server.port), 1).close()


def test_there_is_a_browser_that_shows_a_page() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=list(CHROMIUM_FLAGS)
        )
        page = browser.new_page()
        page.set_content("<p></p><script>document.querySelector('p').append(6 * 7)</script>")
        assert page.inner_text("p") == "42"
        browser.close()
