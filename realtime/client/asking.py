"""Commands that have no answer yet: sent again on each new socket, until they have one."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import msgspec
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from realtime.client import wire
from realtime.client.site import refusal
from realtime.codec import encode
from realtime.protocol import Command, Error

R = TypeVar("R")

IN_FLIGHT: Final = 24  # the server keeps 32 waiting commands of a socket


@dataclass(slots=True, eq=False)
class _Asked:
    command: Command
    kind: type[Any]
    answer: asyncio.Future[Any]
    ref: int | None = None  # under which it was sent on this socket


class Asking:
    """What is asked, in order, on whichever socket is greeted; at most 24 commands at a time."""

    def __init__(self) -> None:
        self.refs = itertools.count(1)
        self._socket: ClientConnection | None = None
        self._asked: dict[_Asked, None] = {}
        self._slots = asyncio.Semaphore(IN_FLIGHT)
        self._over: Exception | None = None

    async def ask(self, command: Command, kind: type[R]) -> R:
        """The result, from whichever socket brings it.

        Raises:
            Refusal: the answer was `error`.
            Exception: what `end` was given.
        """
        async with self._slots:
            if self._over is not None:
                raise self._over
            asked = _Asked(command, kind, asyncio.get_running_loop().create_future())
            self._asked[asked] = None
            try:
                await self._send()
                answer: R = await asked.answer
                return answer
            finally:
                del self._asked[asked]

    def is_waiting_for(self, kind: type[Command]) -> bool:
        """Whether a command of this type has no answer yet."""
        return any(isinstance(asked.command, kind) for asked in self._asked)

    async def resume(self, socket: ClientConnection) -> None:
        """This socket is greeted: ask on it. Told again of the same one, nothing is repeated."""
        if socket is not self._socket:
            self._socket = socket
            for asked in self._asked:
                asked.ref = None
        await self._send()

    def pause(self) -> None:
        """The socket is gone."""
        self._socket = None

    def end(self, error: Exception) -> None:
        """No socket will come any more: whoever waits, and whoever asks from now on, gets this."""
        self._over = error
        for asked in self._asked:
            if not asked.answer.done():
                asked.answer.set_exception(error)

    def answered(self, frame: wire.Answered) -> None:
        """An `ok`; what nobody waits for any more is dropped."""
        asked = self._find(frame.ref)
        if asked is None:
            return
        try:
            asked.answer.set_result(wire.result(frame.result, asked.kind))
        except msgspec.ValidationError as error:
            asked.answer.set_exception(error)

    def refused(self, frame: Error) -> None:
        """An `error`."""
        asked = self._find(frame.ref)
        if asked is not None:
            asked.answer.set_exception(refusal(frame))

    def _find(self, ref: int | None) -> _Asked | None:
        found = (a for a in self._asked if a.ref == ref and not a.answer.done())
        return None if ref is None else next(found, None)

    async def _send(self) -> None:
        with contextlib.suppress(ConnectionClosed):  # the next socket begins with them
            for asked in list(self._asked):
                socket = self._socket
                if socket is None or asked.ref is not None or asked.answer.done():
                    continue
                asked.ref = next(self.refs)
                command = msgspec.structs.replace(asked.command, ref=asked.ref)
                await socket.send(encode(command).decode())
