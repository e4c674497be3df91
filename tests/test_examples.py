"""The examples in the docs do what they say, against a real server."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from realtime.errors import RESTARTING, Goodbye
from tests.client import PASSWORD, Json, Window, follow, person, post
from tests.deployments import Town
from tests.server import Running

ROOT = Path(__file__).parent.parent
#: With the client of this repository, and with nothing but a socket.
ECHOES = {"echo": ("-m", "docs.examples.echo"), "echo_raw": ("docs/examples/echo_raw.py",)}

both = pytest.mark.parametrize("program", ECHOES)


@asynccontextmanager
async def echoing(
    server: Running, name: str, whom: str, program: str = "echo"
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The program, while the body runs."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *ECHOES[program], server.url, name, PASSWORD, whom),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


@asynccontextmanager
async def echoed(town: Town, server: Running, program: str = "echo") -> AsyncIterator[Window]:
    """Ada's window; Bob's program follows her, and she follows him to hear it."""
    async with town.ada.window() as ada:
        await follow(ada, town.bob)
        async with echoing(server, "bob", "ada", program):
            await ada.noun("relation", user_id=town.bob.id, followed_by=True)
            yield ada


async def answers(ada: Window, one: Json) -> list[str]:
    """Who answered this post with the same words, once somebody has."""
    await ada.noun("post", reply_to=one["id"], text=one["text"])
    thread = await ada.ask("post.thread", post_id=one["id"])
    return [reply["author"]["name"] for reply in thread["replies"]]


async def test_the_echo_answers_each_post_once(server: Running, town: Town) -> None:
    async with echoed(town, server) as ada:
        for number in range(3):
            said = await post(ada, f"number {number} ♪")
            assert await answers(ada, said) == ["bob"]


async def test_the_echo_leaves_answers_alone(server: Running, town: Town) -> None:
    async with echoed(town, server) as ada:
        first = await post(ada, "a question")
        await post(ada, "its own answer", reply_to=first["id"])
        last = await post(ada, "something else")
        assert await answers(ada, last) == ["bob"]
        assert len([one for one in ada.seen("post") if one["author"]["name"] == "bob"]) == 2


@both
async def test_the_echo_goes_on_where_it_was_cut_off(
    server: Running, town: Town, program: str
) -> None:
    async with echoed(town, server, program) as ada:
        before = await post(ada, "before the break")
        assert await answers(ada, before) == ["bob"]
        world = server.application.world
        assert world is not None
        for ear in list(world.feed.ears):
            if ear.user_id == int(town.bob.id):
                ear.close(Goodbye(RESTARTING, "A break.", retry_after=0))
        meanwhile = await post(ada, "while it is away")
        assert await answers(ada, meanwhile) == ["bob"]
        assert await answers(ada, before) == ["bob"]


async def test_the_echo_says_when_there_is_nobody_to_follow(server: Running) -> None:
    async with person(server.url, "bob"), echoing(server, "bob", "nobody_here") as process:
        async with asyncio.timeout(20):
            said, _ = await process.communicate()
        assert process.returncode == 1
        assert said.decode().strip() == "There is no such person."


@pytest.mark.parametrize(("file", "most"), [("echo.py", 25), ("echo_raw.py", 50)])
def test_the_echo_is_short_enough_to_read(file: str, most: int) -> None:
    lines = (ROOT / "docs/examples" / file).read_text(encoding="utf-8").splitlines()
    code = [line for line in lines if line.strip() and not line.lstrip().startswith(("#", '"""'))]
    assert len(code) <= most
