"""Waiting for room: as with `asyncio.Event`, for as many as wait."""

from __future__ import annotations

import asyncio

from realtime.hub.room import Room
from tests.hub.test_outbox import turn


async def test_nobody_waits_while_there_is_room() -> None:
    room = Room()
    async with asyncio.timeout(10):
        await room.wait()
    assert room.is_set()


async def test_all_who_wait_go_on_once_there_is_room() -> None:
    room = Room()
    room.clear()
    waiting = [asyncio.create_task(room.wait()) for _ in range(3)]
    await turn()
    assert not room.is_set()
    assert not any(task.done() for task in waiting)
    room.set()
    async with asyncio.timeout(10):
        await asyncio.gather(*waiting)


async def test_who_is_woken_waits_on_if_the_room_is_gone_by_then() -> None:
    room = Room()
    room.clear()
    waiting = asyncio.create_task(room.wait())
    await turn()
    room.set()
    room.clear()
    await turn()
    assert not waiting.done()
    room.set()
    async with asyncio.timeout(10):
        await waiting
