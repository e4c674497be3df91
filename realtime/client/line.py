"""One socket after the other: opened, greeted and read, until the server says to stay away."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from msgspec import UNSET, Struct
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.typing import Origin, Subprotocol

from realtime.client import comeback, wire
from realtime.client.asking import Asking
from realtime.client.inbox import Inbox
from realtime.client.site import is_near
from realtime.codec import encode
from realtime.errors import BROKEN, ENDED, Goodbye, Refusal
from realtime.protocol import (
    SUBPROTOCOL,
    Behind,
    Error,
    Event,
    GoodbyeFrame,
    Heartbeat,
    Hello,
    Welcome,
)

log = logging.getLogger(__name__)

FRAME_BYTES: Final = 16 * 2**20  # the largest that is read: a page of long posts is some MiB
_CLOSE_S: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls, and how patiently."""

    site: str
    cookie: str | None
    ticket: Callable[[], Awaitable[str]] | None
    name: str
    silence_s: float = comeback.SILENCE_S


@dataclass(slots=True)
class _Ending:
    code: int = comeback.LOST
    reason: str = "The connection was lost."
    retry_after: float | None = None


class Line:
    """Keeps `inbox` and `asking` on a greeted socket.

    `on_welcome` is told of each, and whether the socket is a new one.
    """

    def __init__(
        self, caller: Caller, inbox: Inbox, asking: Asking, on_welcome: Callable[[bool], None]
    ) -> None:
        self.welcome: Welcome | None = None
        self._caller = caller
        self._inbox = inbox
        self._asking = asking
        self._on_welcome = on_welcome
        self._socket: ClientConnection | None = None  # one that is greeted
        self._hello_ref = 0
        self._failures = 0
        self._live_since: float | None = None

    async def run(self) -> None:
        """Be there, for ever.

        Raises:
            ConnectionError: the very first socket could not be opened.
            Goodbye: the server ended the session (4401), or does not want this client (4400).
        """
        while True:
            try:
                ending = await self._one_socket()
            except (OSError, InvalidHandshake, ConnectionClosed, TimeoutError) as error:
                if self.welcome is None:
                    where = self._caller.site
                    raise ConnectionError(f"No server answers on {where}.") from error
                ending = _Ending(reason=str(error) or type(error).__name__)
            wait_s = comeback.wait_s(
                ending.code, ending.retry_after, self._count(), random.random()
            )
            if wait_s is None or self.welcome is None:
                raise Goodbye(ending.code, ending.reason, retry_after=ending.retry_after)
            log.info("away (%d, %s); back in %.1f s", ending.code, ending.reason, wait_s)
            await asyncio.sleep(wait_s)

    async def resume(self) -> None:
        """Ask for what the inbox had no room for; if away, the way back asks for it anyway."""
        self._inbox.is_asked = True
        if self._socket is not None:
            with contextlib.suppress(ConnectionClosed):
                await self._hello(self._socket)

    def _count(self) -> int:
        """How often in a row the way back had failed before this end."""
        now = asyncio.get_running_loop().time()
        is_good = self._live_since is not None and now - self._live_since >= comeback.GOOD_S
        before = 0 if is_good else self._failures
        self._failures, self._live_since = before + 1, None
        return before

    async def _one_socket(self) -> _Ending:
        try:
            ticket = None if self._caller.ticket is None else await self._caller.ticket()
        except Refusal as refused:
            code = ENDED if refused.code == "unauthenticated" else comeback.LOST
            return _Ending(code, refused.message)
        try:
            async with self._connect() as socket:
                try:
                    await self._hello(socket, ticket)
                    return await self._read(socket)
                finally:
                    self._socket = None
                    self._asking.pause()
        except InvalidStatus as error:
            status = error.response.status_code
            is_ours = 400 <= status < 500 and status not in (408, 429)
            return _Ending(BROKEN if is_ours else comeback.LOST, f"The server answered {status}.")

    def _connect(self) -> connect:
        site, cookie = self._caller.site, self._caller.cookie
        return connect(
            site.replace("http", "ws", 1) + "/ws",
            additional_headers={} if cookie is None else {"Cookie": cookie},
            origin=None if cookie is None else Origin(site),
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            user_agent_header=self._caller.name,
            compression=None,
            proxy=None if is_near(site) else True,
            open_timeout=comeback.GREET_S,
            close_timeout=_CLOSE_S,
            ping_interval=None,  # heartbeats come by themselves
            max_size=FRAME_BYTES,
        )

    async def _hello(self, socket: ClientConnection, ticket: str | None = None) -> None:
        self._hello_ref = next(self._asking.refs)
        hello = Hello(
            self._hello_ref,
            cursor=self._inbox.heard or UNSET,
            ticket=ticket or UNSET,
            client=self._caller.name,
        )
        await socket.send(encode(hello).decode())

    async def _read(self, socket: ClientConnection) -> _Ending:
        """Take what comes, all the time: whoever does not read is cut off."""
        until_s = comeback.GREET_S
        try:
            while True:
                async with asyncio.timeout(until_s):
                    text = await socket.recv()
                frame = wire.read(text)
                if isinstance(frame, GoodbyeFrame):
                    return self._goodbye(frame)
                if isinstance(frame, Welcome):
                    ending = await self._welcomed(socket, frame)
                    until_s = self._caller.silence_s
                else:
                    ending = await self._heard(socket, frame, len(text))
                if ending is not None:
                    return ending
        except TimeoutError:
            return _Ending(reason="Nothing was heard for too long.")
        except ConnectionClosed as closed:
            return _Ending(reason=str(closed)) if closed.rcvd is None else _Ending(closed.rcvd.code)

    async def _heard(
        self, socket: ClientConnection, frame: Struct | None, size_bytes: int
    ) -> _Ending | None:
        match frame:
            case Event():
                self._inbox.hear(frame, size_bytes)
            case Heartbeat():
                self._inbox.promise(frame.cursor)
            case Behind():
                self._inbox.promise(frame.cursor)
                await self._hello(socket)
            case wire.Answered():
                self._asking.answered(frame)
            case Error(ref=self._hello_ref) if self._socket is not None:
                return _Ending(reason=frame.message)  # no resuming in place: begin again
            case Error():
                self._asking.refused(frame)
        return None

    async def _welcomed(self, socket: ClientConnection, welcome: Welcome) -> _Ending | None:
        if welcome.ref != self._hello_ref:
            return None  # a later hello is on its way
        is_somebody = self._caller.cookie is not None or self._caller.ticket is not None
        if is_somebody and welcome.user is None:
            return _Ending(ENDED, "The session is over.")  # its cookie makes a visitor
        is_new = self._socket is None
        if is_new:
            self._live_since = asyncio.get_running_loop().time()
        self._socket, self.welcome = socket, welcome
        has_gap = self._inbox.heard is not None and not welcome.resumed
        self._inbox.resumed(welcome.cursor, has_gap=has_gap)
        self._on_welcome(is_new)
        await self._asking.resume(socket)
        return None

    def _goodbye(self, frame: GoodbyeFrame) -> _Ending:
        if isinstance(frame.cursor, str):
            self._inbox.promise(frame.cursor)
        retry_after = frame.retry_after if isinstance(frame.retry_after, float) else None
        return _Ending(frame.code, frame.reason, retry_after)
