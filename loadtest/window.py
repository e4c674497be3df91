"""One person's socket, in greenlets: commands go out, answers and events come in."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from gevent import Greenlet, spawn  # type: ignore[import-untyped]
from gevent.event import AsyncResult  # type: ignore[import-untyped]
from gevent.timeout import Timeout  # type: ignore[import-untyped]
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from loadtest.scenario import Inbox, Json, Push, frame
from realtime.protocol import SUBPROTOCOL

ANSWER_S: Final = 10.0
_ENDING_S: Final = 2.0


class Refused(Exception):
    """The server's answer was `error`."""


class Window:
    """One socket after the other, and what is told on them. `told` hears of each delivery, `ended`
    of each socket that ended unasked. Import Locust first: it makes sockets greenlets'."""

    def __init__(
        self, inbox: Inbox, told: Callable[[Push], None], ended: Callable[[Exception], None]
    ) -> None:
        self._inbox = inbox
        self._told = told
        self._ended = ended
        self._socket: ClientConnection | None = None
        self._reader: Greenlet | None = None
        self._answers: dict[int, AsyncResult] = {}
        self._ref = 0

    @property
    def is_open(self) -> bool:
        """Whether commands can be sent."""
        return self._socket is not None

    def open(self, site: str, cookie: str) -> None:
        """A socket, which has said nothing yet.

        Raises:
            OSError, InvalidHandshake, TimeoutError: there is none.
        """
        opened = AsyncResult()
        self._reader = spawn(self._live, opened, site, cookie)
        opened.get()

    def ask(self, type: str, **fields: Any) -> Json:
        """One command, and its result; of `hello` the welcome.

        Raises:
            Refused: the answer was `error`.
            ConnectionError: the socket ended before.
            TimeoutError: no answer within ANSWER_S.
        """
        connection = self._socket
        if connection is None:
            raise ConnectionError("the socket has ended")
        self._ref += 1
        waiting: AsyncResult = AsyncResult()
        self._answers[self._ref] = waiting
        try:
            connection.send(frame(type, self._ref, **fields))
            answer: Json = waiting.get(timeout=ANSWER_S)
        except ConnectionClosed as error:
            raise ConnectionError(f"the socket ended: {error}") from error
        except Timeout:
            raise TimeoutError(f"no answer within {ANSWER_S:g} s") from None
        if answer["type"] == "error":
            raise Refused(f"{answer['code']}: {answer['message']}")
        result: Json = answer.get("result", answer)
        return result

    def cut(self) -> None:
        """Lose the connection, as in a tunnel: without a word of goodbye."""
        connection, self._socket = self._socket, None
        if connection is not None:
            with suppress(OSError):
                connection.socket.shutdown(socket.SHUT_RDWR)
        self._join()

    def close(self) -> None:
        """Close the socket, if there is one."""
        connection, self._socket = self._socket, None
        if connection is not None:
            connection.close()
        self._join()

    def _join(self) -> None:
        if self._reader is not None:
            self._reader.join(timeout=_ENDING_S)

    def _live(self, opened: AsyncResult, site: str, cookie: str) -> None:
        """One socket, from its handshake to its end; `opened` gets None, or why it is not."""
        try:
            with connect(
                site.replace("http", "ws", 1) + "/ws",
                additional_headers={"Cookie": cookie},
                origin=Origin(site),
                subprotocols=[Subprotocol(SUBPROTOCOL)],
                compression=None,
                proxy=None,
                open_timeout=ANSWER_S,
                close_timeout=_ENDING_S,
                max_queue=None,
            ) as connection:
                self._socket = connection
                opened.set(None)
                self._listen(connection)
        except (OSError, InvalidHandshake, TimeoutError) as error:
            if not opened.ready():
                opened.set_exception(error)

    def _listen(self, connection: ClientConnection) -> None:
        """Take what comes, until the socket ends."""
        try:
            for text in connection:
                self._take(str(text), time.time())
            error: Exception = ConnectionError("the server closed the socket")
        except ConnectionClosed as closed:
            error = closed
        # Whoever closed it has let go of it before.
        if self._socket is connection:
            self._socket = None
            if self._inbox.away_s is None:
                self._ended(error)
        for waiting in self._answers.values():
            waiting.set_exception(ConnectionError("the socket ended"))
        self._answers.clear()

    def _take(self, text: str, now_s: float) -> None:
        told = json.loads(text)
        push = self._inbox.take(told, len(text), now_s)
        if push is not None:
            self._told(push)
        waiting = self._answers.pop(told.get("ref") or 0, None)
        if waiting is not None:
            waiting.set(told)
