"""Many sockets come back at once: they are greeted together, a few dozen at a time, and nobody else
waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from realtime.handlers import hello
from realtime.handlers.context import GREETINGS
from realtime.store import audience, greeting, session
from tests.client import eventually, post, window
from tests.deployments import Town
from tests.server import Running

SOCKETS = 19  # one person may have a window more
FEW = 6


@asynccontextmanager
async def few(server: Running) -> AsyncIterator[None]:
    """All turns but a few are taken while the body runs."""
    assert server.application.world is not None
    greetings = server.application.world.greetings
    for _ in range(GREETINGS - FEW):
        await greetings.acquire()
    try:
        yield
    finally:
        for _ in range(GREETINGS - FEW):
            greetings.release()


async def test_a_crowd_is_greeted_in_turns_and_nobody_else_waits(
    server: Running, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, turn = asyncio.Event(), hello._greet
    now, most = 0, 0

    async def held(*given: Any) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await gate.wait()
        try:
            await turn(*given)
        finally:
            now -= 1

    async with town.bob.window() as bystander, AsyncExitStack() as stack:
        await stack.enter_async_context(few(server))
        monkeypatch.setattr(hello, "_greet", held)
        coming = [
            asyncio.create_task(stack.enter_async_context(window(server.url, town.ada.cookie)))
            for _ in range(SOCKETS)
        ]
        await eventually(lambda: len(server.application.endpoint.connections) == SOCKETS + 1)
        await eventually(lambda: now == FEW)
        assert (await post(bystander, "I have been here before"))["text"]
        gate.set()
        opened = await asyncio.gather(*coming)
        assert [one.welcome["type"] for one in opened] == ["welcome"] * SOCKETS
        assert most == FEW


class Counted:
    """A reading of the store, and how often it was made; the first one waits for `gate`."""

    def __init__(self, read: Any, gate: asyncio.Event) -> None:
        self._read = read
        self._gate = gate
        self.readings = 0

    async def __call__(self, *given: Any) -> Any:
        self.readings += 1
        await self._gate.wait()
        return await self._read(*given)


async def test_who_comes_with_others_shares_what_is_read_for_all(
    server: Running, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = asyncio.Event()
    counted = []
    for module, name in ((session, "by_hashes"), (greeting, "by_users"), (audience, "by_users")):
        counted.append(Counted(getattr(module, name), gate))
        monkeypatch.setattr(module, name, counted[-1])
    world = server.application.world
    assert world is not None
    async with AsyncExitStack() as stack:
        coming = [
            asyncio.create_task(stack.enter_async_context(person.window()))
            for person in (town.ada, town.bob, town.eve)
            for _ in range(3)
        ]
        await eventually(lambda: GREETINGS - world.greetings._value == len(coming))
        gate.set()
        opened = await asyncio.gather(*coming)
        names = [one.welcome["user"]["name"] for one in opened]
        assert names == ["ada"] * 3 + ["bob"] * 3 + ["eve"] * 3
    # One for whoever came first, one for all the others; what follows may part them once more.
    assert [one.readings <= 3 for one in counted] == [True] * 3


async def test_whoever_waits_too_long_is_told_to_come_again_and_gives_its_turn_back(
    server: Running, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hello, "TURN_S", 0.1)
    assert server.application.world is not None
    greetings = server.application.world.greetings
    for _ in range(GREETINGS):
        await greetings.acquire()
    async with window(server.url, town.ada.cookie) as refused:
        assert (refused.welcome["code"], refused.welcome["retry_after"]) == ("unavailable", 2.0)
        assert await refused.closed() == 1011
    for _ in range(GREETINGS):
        greetings.release()
    async with window(server.url, town.ada.cookie) as greeted:
        assert greeted.welcome["type"] == "welcome"


async def test_whoever_resumes_in_place_waits_for_its_turn_too(
    server: Running, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert server.application.world is not None
    greetings = server.application.world.greetings
    async with town.ada.window() as ada:
        monkeypatch.setattr(hello, "TURN_S", 0.1)
        for _ in range(GREETINGS):
            await greetings.acquire()
        try:
            assert (await ada.answer("hello"))["code"] == "unavailable"
            assert await ada.closed() == 1011
        finally:
            for _ in range(GREETINGS):
                greetings.release()
