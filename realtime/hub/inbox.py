"""What has come on one socket and has not been received."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from uvicorn._types import ASGIReceiveEvent


class Inbox:
    """Events in their order, for one who receives at a time; next to nothing while it is empty."""

    __slots__ = ("_events", "_reader", "bytes")

    def __init__(self) -> None:
        self._events: list[ASGIReceiveEvent] = []
        self._reader: asyncio.Future[None] | None = None
        self.bytes = 0  # of the messages that wait; text counts its characters

    def __len__(self) -> int:
        return len(self._events)

    def put_nowait(self, event: ASGIReceiveEvent) -> None:
        """Add an event; its reader is woken."""
        self._events.append(event)
        self.bytes += _size(event)
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    async def get(self) -> ASGIReceiveEvent:
        """Take the oldest event, as soon as there is one."""
        while not self._events:
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        event = self._events.pop(0)
        self.bytes -= _size(event)
        return event

    def take(self) -> list[str | bytes]:
        """All messages up to the first event of another kind."""
        messages = []
        for event in self._events:
            if event["type"] != "websocket.receive":
                break
            messages.append(_message(event))
        if messages:
            del self._events[: len(messages)]
            self.bytes -= sum(map(len, messages))
        return messages


def _message(event: ASGIReceiveEvent) -> str | bytes:
    received = cast(dict[str, Any], event)
    text: str | None = received.get("text")
    return received["bytes"] if text is None else text


def _size(event: ASGIReceiveEvent) -> int:
    return len(_message(event)) if event["type"] == "websocket.receive" else 0
