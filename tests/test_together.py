"""One reading for all who ask at once."""

from __future__ import annotations

import asyncio

import pytest

from realtime.errors import Unavailable
from realtime.together import AT_ONCE, Together


class Shelf:
    """Answers with how many readings there have been, when it is let."""

    def __init__(self) -> None:
        self.readings: list[list[int]] = []
        self.gate = asyncio.Event()
        self.failure: Exception | None = None

    async def read(self, keys: list[int]) -> dict[int, int]:
        self.readings.append(keys)
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        return dict.fromkeys(keys, len(self.readings))


async def _begun(shelf: Shelf, readings: int) -> None:
    async with asyncio.timeout(5):
        while len(shelf.readings) < readings:  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0)


async def test_whoever_asks_while_a_reading_runs_is_answered_by_the_next() -> None:
    shelf = Shelf()
    together = Together(shelf.read)
    first = asyncio.create_task(together(1))
    await _begun(shelf, 1)
    later = [asyncio.create_task(together(key)) for key in (1, 2, 2, 3)]
    await asyncio.sleep(0)
    shelf.gate.set()
    assert await first == 1
    # Also for what was being read already: that reading began before the question.
    assert await asyncio.gather(*later) == [2, 2, 2, 2]
    assert shelf.readings == [[1], [1, 2, 3]]
    assert await together(4) == 3


async def test_a_reading_is_never_longer_than_some_keys() -> None:
    shelf = Shelf()
    shelf.gate.set()
    together = Together(shelf.read)
    await asyncio.gather(*(together(key) for key in range(AT_ONCE + 1)))
    assert [len(keys) for keys in shelf.readings] == [AT_ONCE, 1]


async def test_who_shares_a_reading_that_fails_is_told_and_the_next_is_another() -> None:
    shelf = Shelf()
    shelf.gate.set()
    shelf.failure = Unavailable("away")
    together = Together(shelf.read)
    told = await asyncio.gather(together(1), together(2), return_exceptions=True)
    assert set(told) == {shelf.failure}
    shelf.failure = None
    assert await together(1) == 2


async def test_an_answer_that_is_left_out_is_a_failure_and_nobody_waits_for_ever() -> None:
    async def forgetful(keys: list[int]) -> dict[int, int]:
        return {}

    with pytest.raises(KeyError):
        await Together(forgetful)(1)


async def test_whoever_is_cut_off_takes_nothing_from_the_others() -> None:
    shelf = Shelf()
    together = Together(shelf.read)
    leaving, staying = (asyncio.create_task(together(1)) for _ in range(2))
    await _begun(shelf, 1)
    leaving.cancel()
    await asyncio.wait([leaving])
    shelf.gate.set()
    assert await staying == 1
