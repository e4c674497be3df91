"""One reading for all who ask at once: whoever comes while one runs has a share in the next."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from typing import Final, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

AT_ONCE: Final = 64  # keys in one reading: it must not become a long one for those who wait


class Together(Generic[K, V]):
    """Asks for one key as often as it is called, and for many in each reading, one at a time.

    What is answered was read from a moment after the call, never before.
    """

    def __init__(self, read: Callable[[list[K]], Awaitable[Mapping[K, V]]]) -> None:
        self._read = read  # answers every key that it is given
        self._waiting: dict[K, list[asyncio.Future[V]]] = {}
        self._task: asyncio.Task[None] | None = None

    async def __call__(self, key: K) -> V:
        """What is found for `key`. Raises what the reading raised, to all who had a share in it."""
        future: asyncio.Future[V] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, []).append(future)
        if self._task is None:
            # A task of its own: whoever asked may be cut off, and others wait for it too.
            self._task = asyncio.create_task(self._run(), name="together")
        return await future

    async def _run(self) -> None:
        try:
            while self._waiting:
                keys = list(self._waiting)[:AT_ONCE]
                asked = {key: self._waiting.pop(key) for key in keys}
                try:
                    found = await self._read(keys)
                    answers = [(futures, found[key]) for key, futures in asked.items()]
                except Exception as error:  # noqa: BLE001 - each who asked gets it
                    _fail(asked, error)
                else:
                    for futures, answer in answers:
                        _answer(futures, answer)
        finally:
            self._task = None


def _answer(futures: list[asyncio.Future[V]], answer: V) -> None:
    for future in futures:
        if not future.done():  # else whoever asked has left
            future.set_result(answer)


def _fail(asked: Mapping[K, list[asyncio.Future[V]]], error: Exception) -> None:
    for futures in asked.values():
        for future in futures:
            if not future.done():
                future.set_exception(error)
                future.exception()  # whoever asked may be cut off in this very moment
