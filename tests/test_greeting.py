"""Many sockets come back at once: they are greeted in turns, and nobody else waits for them."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest

from realtime import visibility
from realtime.handlers import hello
from realtime.handlers.context import GREETINGS
from tests.client import eventually, post, window
from tests.deployments import Town
from tests.server import Running

SOCKETS = 19  # one person may have a window more


async def test_a_crowd_is_greeted_in_turns_and_nobody_else_waits(
    server: Running, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, audience = asyncio.Event(), visibility.audience
    reading, most = 0, 0

    async def held(*given: Any) -> Any:
        nonlocal reading, most
        reading += 1
        most = max(most, reading)
        await gate.wait()
        try:
            return await audience(*given)
        finally:
            reading -= 1

    async with town.bob.window() as bystander, AsyncExitStack() as stack:
        monkeypatch.setattr(visibility, "audience", held)
        coming = [
            asyncio.create_task(stack.enter_async_context(window(server.url, town.ada.cookie)))
            for _ in range(SOCKETS)
        ]
        await eventually(lambda: len(server.application.endpoint.connections) == SOCKETS + 1)
        await eventually(lambda: reading == GREETINGS)
        assert (await post(bystander, "I have been here before"))["text"]
        gate.set()
        opened = await asyncio.gather(*coming)
        assert [one.welcome["type"] for one in opened] == ["welcome"] * SOCKETS
        assert most == GREETINGS


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
