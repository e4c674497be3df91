"""Several processes: whatever one does, the windows of the others hear; and they leave politely."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from tests.client import Person, Window, follow, person, post, window
from tests.deployments import KEY
from tests.processes import Served, run, serve


def folder(parent: Path, name: str) -> Path:
    """An empty folder for one process."""
    path = parent / name
    path.mkdir()
    return path


@pytest.fixture
def env(postgres_url: str, redis_url: str, tmp_path: Path) -> dict[str, str]:
    """What two processes share."""
    return {
        "REALTIME_DATABASE_URL": postgres_url,
        "REALTIME_REDIS_URL": redis_url,
        "REALTIME_SECRET_KEYS": KEY,
        "REALTIME_UPLOADS": str(tmp_path / "uploads"),
        "REALTIME_RATE_LIMITS": "off",
    }


@pytest.fixture
async def workers(env: dict[str, str], tmp_path: Path) -> AsyncIterator[Served]:
    """One address, two processes behind it."""
    async with serve(folder(tmp_path, "workers"), "--workers", "2", env=env) as served:
        yield served


async def test_everything_arrives_on_another_process(env: dict[str, str], tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        here = await enter(serve(folder(tmp_path, "here"), env=env))
        there = await enter(serve(folder(tmp_path, "there"), env=env))
        ada = await enter(person(here.url, "ada"))
        bob = await enter(person(there.url, "bob"))
        acting = await enter(ada.window())
        other = await enter(window(there.url, ada.cookie))
        reader = await enter(bob.window())
        second = await enter(window(here.url, bob.cookie))

        await follow(reader, ada)
        for seen in (reader, second):
            assert (await seen.noun("relation"))["following"] is True
        assert (await other.noun("relation"))["followed_by"] is True
        readers = (other, reader, second)

        hello = await post(acting, "hello")
        for seen in readers:
            assert (await seen.noun("post", id=hello["id"]))["text"] == "hello"
            await seen.ask("watch.set", post_ids=[hello["id"]])
        await acting.ask("react.set", post_id=hello["id"], emoji="🌊", on=True)
        for seen in readers:
            assert (await seen.noun("counts", post_id=hello["id"]))["reactions"] == {"🌊": 1}
        assert (await other.noun("mine", post_id=hello["id"]))["reactions"] == ["🌊"]
        theirs = await post(reader, "by bob")
        await acting.ask("retweet.set", post_id=theirs["id"], on=True)
        for seen in readers:
            assert (await seen.noun("retweet"))["post"]["text"] == "by bob"
        await acting.ask("profile.update", display_name="Ada of the pier")
        for seen in readers:
            assert (await seen.noun("user"))["display_name"] == "Ada of the pier"
        await acting.ask("post.delete", post_id=hello["id"])
        for seen in readers:
            assert (await seen.noun("post", id=hello["id"], deleted=True))["text"] == ""
        (await ada.http.post("/api/logout")).raise_for_status()
        assert await acting.closed(within_s=1.5) == await other.closed(within_s=1.5) == 4401
        assert reader.close_code is None


async def test_behind_one_address_every_window_hears_and_numbers_are_summed(
    workers: Served,
) -> None:
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        ada: Person = await enter(person(workers.url, "ada"))
        bob: Person = await enter(person(workers.url, "bob"))
        acting = await enter(ada.window())
        readers: list[Window] = [await enter(bob.window()) for _ in range(8)]
        await follow(readers[0], ada)
        for reader in readers:
            await reader.noun("relation", following=True)
        hello = await post(acting, "hello")
        for reader in readers:
            await reader.noun("post", id=hello["id"])
        async with httpx.AsyncClient(base_url=workers.url) as http:
            found = {_sockets((await http.get("/metrics")).text) for _ in range(5)}
        assert found == {9.0}


def _sockets(text: str) -> float:
    line = re.search(r"^realtime_sockets(?:\{[^}]*\})? ([0-9.]+)$", text, re.MULTILINE)
    assert line is not None, text
    return float(line.group(1))


async def test_without_redis_two_workers_are_refused_with_a_sentence(tmp_path: Path) -> None:
    status, said = await run(tmp_path, "serve", "--workers", "2", env={})
    assert status == 2
    assert "Set REALTIME_REDIS_URL=redis://" in said and "Traceback" not in said


async def test_a_taken_port_is_a_sentence_that_says_what_to_type(tmp_path: Path) -> None:
    async with serve(folder(tmp_path, "first"), env={}) as first:
        port = first.url.rpartition(":")[2]
        status, said = await run(folder(tmp_path, "second"), "serve", "--port", port, env={})
        assert status == 2
        assert f"make run PORT={int(port) + 1}" in said and "Traceback" not in said


async def test_every_socket_hears_goodbye_before_the_process_ends(tmp_path: Path) -> None:
    async with (
        serve(tmp_path, env={}) as served,
        person(served.url, "ada") as ada,
        ada.window() as first,
        window(served.url) as visitor,
    ):
        asked = asyncio.create_task(post(first, "just before the end"))
        await asyncio.sleep(0)
        assert await served.stop() in (0, -signal.SIGTERM)
        assert (await asked)["text"] == "just before the end"
        for opened in (first, visitor):
            assert await opened.closed() == 4000
            goodbye = opened.frames[-1]
            assert (goodbye["type"], goodbye["code"]) == ("goodbye", 4000)
            assert goodbye["retry_after"] > 0


async def test_who_is_sent_away_is_told_nothing_again(env: dict[str, str], tmp_path: Path) -> None:
    """Between two reconciliations cursors stand still; who leaves gets one of that moment."""
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        here = await enter(serve(folder(tmp_path, "here"), env=env))
        there = await enter(serve(folder(tmp_path, "there"), env=env))
        ada = await enter(person(here.url, "ada"))
        away = await enter(ada.window())
        said = await post(away, "before the goodbye")
        await away.noun("post", id=said["id"])
        await here.stop()
        assert await away.closed() == 4000
        old, new = away.welcome["cursor"], away.frames[-1]["cursor"]
        late = await enter(window(there.url, ada.cookie, old))
        assert (await late.noun("post", id=said["id"]))["text"] == "before the goodbye"
        back = await enter(window(there.url, ada.cookie, new))
        assert back.welcome["resumed"]
        await back.quiet()
        assert back.seen("post") == []
