"""uvicorn's HTTP protocol with deadlines and bounds for what a client sends, and leaves unread."""

from __future__ import annotations

import asyncio
from asyncio import TimerHandle
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from realtime.headers import LINES


def drop_later(
    loop: asyncio.AbstractEventLoop, transport: asyncio.Transport, after_s: float
) -> TimerHandle:
    """A closed transport waits for its reader without limit; give it `after_s` seconds."""
    return loop.call_later(after_s, transport.abort)


def refusal(status: int) -> bytes:
    """The whole answer to a request of which nothing reaches the application."""
    return STATUS_LINE[status] + LINES + b"content-length: 0\r\nconnection: close\r\n\r\n"


class Http(HttpToolsProtocol):
    """A request has HEADER_S for its head; its body must keep coming; the answer must be read.

    Between requests uvicorn's own keep-alive timeout holds.
    """

    HEADER_S = 10.0  # from the connection, or the first byte of a later request, to the empty line
    HEAD_BYTES = 64 * 2**10  # of a head, of trailers, or of chunk signs around nothing
    BODY_S = 30.0  # in each such stretch, BODY_S * BODY_RATE bytes of the body, or its end
    BODY_RATE = 4 * 2**10  # bytes a second
    UNREAD_S = 60.0  # to take enough of an answer for more of it to be written
    LINGER_S = 10.0  # to take the last bytes of a closed connection
    PIPELINED = 32  # requests that wait for the answer to an earlier one

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._coming: TimerHandle | None = None  # what the client owes: a head, or a body
        self._unread: TimerHandle | None = None
        self._dropping: TimerHandle | None = None
        self._loose = 0  # bytes since the parser last made something of them
        self._body = 0  # bytes in this stretch
        self._upgraded = False

    # The transport's side.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._cancel("_coming", "_unread", "_dropping")

    def pause_writing(self) -> None:
        super().pause_writing()
        self._cancel("_unread")
        self._unread = self.loop.call_later(self.UNREAD_S, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._cancel("_unread")

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        self._loose += len(data)
        super().data_received(data)
        if self._upgraded:
            return
        if self.transport.is_closing():
            self._drop()
        elif self._loose > self.HEAD_BYTES:
            self._refuse(431)
        elif self._coming is None and self._is_idle():
            # Empty lines between requests have stopped uvicorn's own timer.
            self._expect_head()

    def _is_idle(self) -> bool:
        answered = self.cycle is None or self.cycle.response_complete
        return answered and self.timeout_keep_alive_task is None

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._drop()

    def shutdown(self) -> None:
        super().shutdown()
        if self.transport.is_closing():
            self._drop()

    def handle_websocket_upgrade(self) -> None:
        self._upgraded = True
        super().handle_websocket_upgrade()
        # They hold each other, and would wait for the collector while thousands connect.
        self.parser = None  # type: ignore[assignment]

    # The parser's side.

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._coming is None:
            self._expect_head()

    def on_headers_complete(self) -> None:
        self._loose = 0
        self._expect_body()
        super().on_headers_complete()
        if len(self.pipeline) > self.PIPELINED:
            self._refuse(429)

    def on_body(self, body: bytes) -> None:
        self._loose = 0
        self._body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._loose = 0
        self._cancel("_coming")
        super().on_message_complete()

    # The deadlines.

    def _expect_head(self) -> None:
        self._cancel("_coming")
        self._coming = self.loop.call_later(self.HEADER_S, self._too_slow)

    def _expect_body(self) -> None:
        self._cancel("_coming")
        self._body = 0
        self._coming = self.loop.call_later(self.BODY_S, self._judge_body)

    def _judge_body(self) -> None:
        # While the application takes nothing, nothing can come.
        if self.flow.read_paused or self._body >= self.BODY_S * self.BODY_RATE:
            self._expect_body()
        else:
            self._too_slow()

    def _too_slow(self) -> None:
        self._coming = None
        if self._loose or self._is_receiving():
            self._refuse(408)
        else:
            self.transport.close()
            self._drop()

    def _is_receiving(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _refuse(self, status: int) -> None:
        """End the connection, saying why unless an answer is already on its way."""
        if self.transport.is_closing():
            return
        if not self._is_receiving() or not self.cycle.response_started:
            self.transport.write(refusal(status))
        self.transport.close()
        self._drop()

    def send_400_response(self, msg: str) -> None:
        # The words are uvicorn's, for its log; whoever speaks no HTTP reads none.
        self.transport.write(refusal(400))
        self.transport.close()

    def _drop(self) -> None:
        if self._dropping is None:
            self._dropping = drop_later(self.loop, self.transport, self.LINGER_S)

    def _cancel(self, *timers: str) -> None:
        for name in timers:
            timer: TimerHandle | None = getattr(self, name)
            if timer is not None:
                timer.cancel()
                setattr(self, name, None)
