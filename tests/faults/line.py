"""One person's way to the cluster: a socket at a time, to any node that answers."""

from __future__ import annotations

import asyncio
import random
import zlib
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address
from typing import Any, Final, Protocol

import orjson
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

SILENCE_S: Final = 45.0
FIRST_WAIT_S: Final = 0.5
LONGEST_WAIT_S: Final = 30.0
ANSWER_S: Final = 20.0
Json = dict[str, Any]


class Socket(Protocol):
    """One open socket."""

    @property
    def close_code(self) -> int | None: ...

    @property
    def transport(self) -> asyncio.Transport: ...

    async def send(self, message: bytes, *, text: bool) -> None:
        """Raises: ConnectionClosed: it has ended."""

    async def recv(self, *, decode: bool) -> bytes | str:
        """Raises: ConnectionClosed: it has ended."""


Dial = Callable[[int, str, float], Awaitable[Socket]]
"""A socket to this port with this cookie, within so many seconds."""


async def dial(port: int, cookie: str, within_s: float) -> Socket:
    """A socket of the websockets package.

    Raises:
        OSError, InvalidHandshake, TimeoutError: that node does not answer.
    """
    origin = f"http://127.0.0.1:{port}"
    return await connect(
        f"ws://127.0.0.1:{port}/ws",
        additional_headers={"Cookie": cookie, "X-Forwarded-For": _address(cookie)},
        origin=origin,  # type: ignore[arg-type]
        compression=None,
        open_timeout=within_s,
        ping_interval=None,
        close_timeout=0.5,
        max_size=2**23,
    )


def _address(cookie: str) -> str:
    """An address for each person, for a node that trusts this proxy."""
    return str(IPv4Address(0x0A000000 | zlib.crc32(cookie.encode()) & 0xFFFFFF))


class Away(Exception):
    """The socket is gone before the answer came."""


class Line:
    """One person's way to the cluster: a socket at a time, to any node that answers."""

    def __init__(
        self, ports: Sequence[int], cookie: str, chance: random.Random, dials: Dial = dial
    ) -> None:
        self._ports = ports
        self.cookie = cookie
        self._chance = chance
        self._dials = dials
        self._wait_s = FIRST_WAIT_S
        self._ref = 0
        self._answers: dict[int, asyncio.Future[Json]] = {}
        self.socket: Socket | None = None
        self.goodbye: Json | None = None
        self.open_timeout_s = 5.0
        self.opened = 0  # sockets so far
        self.is_passed_on = False  # by a proxy, from a node that refuses to the next

    def another(self) -> Line:
        """A further line of the same person."""
        line = Line(self._ports, self.cookie, self._chance, self._dials)
        line.is_passed_on = self.is_passed_on
        return line

    async def open(self, port: int | None = None) -> Socket:
        """A fresh socket to this node, or to any.

        Raises:
            OSError, InvalidHandshake, TimeoutError: that node does not answer.
        """
        self.goodbye = None
        nodes = [port] if port else self._chance.sample(self._ports, len(self._ports))
        for number, node in enumerate(nodes, 1):
            try:
                self.socket = await self._dials(node, self.cookie, self.open_timeout_s)
                break
            except (OSError, InvalidHandshake):
                if not self.is_passed_on or number == len(nodes):
                    raise
        assert self.socket is not None
        self.opened += 1
        return self.socket

    async def ask(self, type: str, within_s: float = ANSWER_S, **fields: Any) -> Json:
        """The answer to one command.

        Raises:
            Away: the socket ended first, or said nothing in time.
        """
        self._ref += 1
        ref, answer = self._ref, asyncio.get_running_loop().create_future()
        self._answers[ref] = answer
        try:
            if self.socket is None:
                raise Away
            await self.socket.send(orjson.dumps({"type": type, "ref": ref, **fields}), text=True)
            async with asyncio.timeout(within_s):
                frame: Json = await answer
                return frame
        except (ConnectionClosed, TimeoutError) as error:
            raise Away from error
        finally:
            self._answers.pop(ref, None)

    async def read(self, take: Callable[[Json], None]) -> int:
        """Take frames until the socket ends; its close code, 1006 without one."""
        assert self.socket is not None
        clock = asyncio.get_running_loop().time
        try:
            async with asyncio.timeout(SILENCE_S) as patience:
                while True:
                    text = await self.socket.recv(decode=False)
                    heard = clock()
                    if heard + SILENCE_S > (patience.when() or 0.0) + 1.0:
                        patience.reschedule(heard + SILENCE_S)  # not for each of many thousands
                    self._hear(orjson.loads(text), take)
        except (ConnectionClosed, TimeoutError):
            return self.socket.close_code or 1006
        finally:
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(Away())
                    answer.exception()  # whoever asked may have left
            self._answers.clear()
            self.socket.transport.abort()
            self.socket = None

    def _hear(self, frame: Json, take: Callable[[Json], None]) -> None:
        answer = self._answers.pop(frame.get("ref") or -1, None)
        if answer is not None and not answer.done():
            answer.set_result(frame)
        if frame["type"] == "goodbye":
            self.goodbye = frame
        take(frame)

    def is_welcome(self) -> None:
        """It went well: the next time away begins with short waits."""
        self._wait_s = FIRST_WAIT_S

    async def wait(self) -> None:
        """Full jitter, or as long as the goodbye said."""
        if self.goodbye is not None and "retry_after" in self.goodbye:
            await asyncio.sleep(self.goodbye["retry_after"])
            return
        await asyncio.sleep(self._chance.uniform(0, self._wait_s))
        self._wait_s = min(LONGEST_WAIT_S, self._wait_s * 2)
