"""The way out of one websocket: straight to its descriptor while nothing waits in its transport."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from realtime.hub.inbox import Inbox
from realtime.hub.outbox import Lane


class Ending(Protocol):
    """Whose lane it is."""

    close_sent: bool

    def take(self) -> list[str | bytes]: ...

    def rest(self, for_s: float) -> None: ...

    def part(self) -> None: ...


class StraightLane:
    """The `Lane` of one socket, once it has been opened on a transport.

    `descriptor` stands while it is that of this socket and nothing waits before what is written to
    it now. Whatever else writes to the transport, or closes it, takes it back; it is found out
    anew with the next write.
    """

    __slots__ = ("_number", "_socket", "_transport", "descriptor", "on_writable", "writable")

    def __init__(self, socket: Ending) -> None:
        self._socket = socket
        self._transport: asyncio.Transport | None = None
        self._number: int | None = None  # none: what is written is not what goes over the wire
        self.descriptor: int | None = None
        self.writable = True
        self.on_writable: Callable[[], None] | None = None

    def open(self, transport: asyncio.Transport) -> asyncio.Transport:
        """Write to this from now on; everybody else writes to it through what is returned."""
        self._transport = transport
        bare = transport.get_extra_info("socket")
        if bare is not None and transport.get_extra_info("sslcontext") is None:
            self._number = bare.fileno()
        return _Watched(transport, self)

    def lost(self, inbox: Inbox) -> None:
        """The connection is gone: the number of its descriptor may soon be another's."""
        self.descriptor = self._transport = self.on_writable = None
        # Or lane and socket would hold each other until the garbage is looked for.
        self._socket = _Ended(inbox)

    def write(self, data: bytes) -> None:
        transport = self._transport
        if transport is None or self._socket.close_sent or transport.is_closing():
            self.descriptor = None
        elif self._number is None or transport.get_write_buffer_size():
            transport.write(data)
        else:
            self.descriptor = self._number
            write_each([self], [data])

    def go_on(self, data: bytes) -> None:
        """The kernel did not take this: it is full, or the connection is broken."""
        self.descriptor = None
        if self._transport is not None:
            self._transport.write(data)  # finds out which

    def waiting_bytes(self) -> int:
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    def take(self) -> list[str | bytes]:
        return self._socket.take()

    def rest(self, for_s: float) -> None:
        self._socket.rest(for_s)

    def part(self) -> None:
        self._socket.part()

    def abort(self) -> None:
        self.descriptor = None
        if self._transport is not None:
            self._transport.abort()


class _Ended:
    """Whose lane it is when the connection is gone: only what had come by then is left."""

    __slots__ = ("_inbox", "close_sent")

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self.close_sent = True

    def take(self) -> list[str | bytes]:
        return self._inbox.take()

    def rest(self, for_s: float) -> None:
        pass

    def part(self) -> None:
        pass


def write_each(lanes: Sequence[Lane], frames: Sequence[bytes]) -> None:
    """Write to each of these lanes, all of which have their descriptors, what stands beside it.

    No line of Python runs between two of the calls: after each of them the processor would have
    to warm up to it again, which costs more than the line.
    """
    descriptors = [lane.descriptor for lane in lanes]
    taken: list[int] = []
    while (done := len(taken)) < len(frames):
        try:
            taken.extend(map(os.write, descriptors[done:], frames[done:]))  # type: ignore[arg-type]
        except OSError:
            taken.append(0)  # those before it stand in the list
    if taken != list(map(len, frames)):
        for lane, data, size in zip(lanes, frames, taken, strict=True):
            if size < len(data):
                lane.go_on(data[size:])


class _Watched(asyncio.Transport):
    """A transport that tells its lane when others write or close."""

    __slots__ = ("_lane", "_transport")

    def __init__(self, transport: asyncio.Transport, lane: StraightLane) -> None:
        self._transport = transport
        self._lane = lane

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._lane.descriptor = None
        self._transport.write(data)

    def close(self) -> None:
        self._lane.descriptor = None
        self._transport.close()

    def abort(self) -> None:
        self._lane.descriptor = None
        self._transport.abort()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()

    def get_write_buffer_size(self) -> int:
        return self._transport.get_write_buffer_size()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._transport.set_write_buffer_limits(high, low)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)
