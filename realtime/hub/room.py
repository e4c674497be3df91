"""Whether a transport takes more: what uvicorn keeps an `asyncio.Event` for."""

from __future__ import annotations

import asyncio


class Room:
    """An event that costs next to nothing until somebody waits; asyncio's keeps 760 bytes.

    Nearly all that is sent goes through the lane, which never waits.
    """

    __slots__ = ("_event", "_is_set")

    def __init__(self) -> None:
        self._is_set = True
        self._event: asyncio.Event | None = None

    def is_set(self) -> bool:
        return self._is_set

    def set(self) -> None:
        self._is_set = True
        if self._event is not None:
            self._event.set()
            self._event = None

    def clear(self) -> None:
        self._is_set = False

    async def wait(self) -> None:
        """Return as soon as it is set."""
        while not self._is_set:
            if self._event is None:
                self._event = asyncio.Event()
            await self._event.wait()
