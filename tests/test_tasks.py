"""Every endless loop has an owner who notices its death."""

from __future__ import annotations

import asyncio

import pytest

from realtime import tasks


async def test_a_loop_that_dies_stops_the_process_and_says_which(
    caplog: pytest.LogCaptureFixture,
) -> None:
    died = asyncio.Event()

    async def dying() -> None:
        raise ValueError("a bug")

    async def living() -> None:
        await asyncio.Event().wait()

    async with tasks.running({"dying": dying(), "living": living()}, died.set):
        async with asyncio.timeout(5):
            await died.wait()
    assert "background loop dying died" in caplog.text


async def test_all_loops_end_with_the_body_through_their_finally() -> None:
    ended: list[str] = []
    begun = asyncio.Event()

    async def loop(name: str) -> None:
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            ended.append(name)

    async with tasks.running({"a": loop("a"), "b": loop("b")}):
        await begun.wait()
        await asyncio.sleep(0)
    assert sorted(ended) == ["a", "b"]
