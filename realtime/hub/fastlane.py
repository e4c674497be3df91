"""The server's two protocols: pre-built frames pass straight through, floods and stalls do not.

Given to uvicorn by import string: `http="realtime.hub.fastlane:Http"`,
`ws="realtime.hub.fastlane:Socket"`. Both build on private parts of uvicorn 0.54, so its version is
pinned, and a test holds every promise made here.
"""

from __future__ import annotations

import asyncio
import logging
from asyncio import TimerHandle
from asyncio.transports import BaseTransport
from typing import Any, Final, cast

from uvicorn._types import ASGIReceiveEvent, ASGISendEvent
from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol
from websockets.typing import StatusLike

from realtime.headers import DEFAULTS
from realtime.hub.inbox import Inbox
from realtime.hub.lane import Lane
from realtime.hub.room import Room
from realtime.hub.slowlane import Http, drop_later, refusal
from realtime.hub.straight import StraightLane
from realtime.hub.whole import PONG, frame, whole

__all__ = ["EXTENSION", "Http", "Lane", "Socket", "frame"]

EXTENSION: Final = "realtime.lane"  # the key of the `Lane` in `scope["extensions"]`

_PONG: Final = bytes((PONG,))


class _Connection(ServerProtocol):
    """Counts frames; takes a close between fragments for the close that it is (RFC 6455 5.4)."""

    frames = 0
    is_between = False  # it has been given no part of a frame, nor of a message

    def receive_data(self, data: bytes | bytearray) -> None:
        self.is_between = False
        super().receive_data(data)

    def recv_frame(self, frame: Frame) -> None:
        self.frames += 1
        if frame.opcode is Opcode.CLOSE:
            self.current_size = None
        super().recv_frame(frame)
        self.is_between = self.current_size is None and not self.reader.buffer

    def reject(self, status: StatusLike, text: str) -> Response:
        response = super().reject(status, text)
        response.headers.update(DEFAULTS)
        return response


class Socket(WebSocketsSansIOProtocol):
    """uvicorn's websocket with a `Lane`; what one client can make it hold or do is bounded."""

    # Instances share the keys of their dictionaries up to thirty of them; with more, each has a
    # whole one. So ours are not in it, and some of uvicorn's neither: 2 KB a socket.
    __slots__ = (
        *("_controls", "_controls_since", "_dropping", "_inbox", "_is_parting", "_lane"),
        *("_parting_bytes", "_parting_from", "_read_at", "_resting", "_resuming", "_unparsed"),
        *("conn", "frames", "ping_timer", "pong_timer", "queue", "request", "response"),
        *("scope", "transport", "writable"),
    )

    WRITE_HIGH = 64 * 2**10  # bytes
    WRITE_LOW = 16 * 2**10
    INBOX_MESSAGES = 128  # unread; beyond it the client is not read until half is gone
    INBOX_BYTES = 32 * 2**10  # so of the largest messages one is handled in a turn of the loop
    SLICE_BYTES = 2 * 2**10  # parsed at a time: a read can hold 40,000 empty messages
    READ_BURST = 2**20  # bytes that are read as they come,
    READ_RATE = 2**20  # and how many a second once so many have come at once
    PARTING_FRAMES = 1_024  # parsed once a close is due: the client's own may be among them
    PARTING_BYTES = 2**20
    CONTROLS = 20  # pings and pongs within CONTROLS_S
    CONTROLS_S = 10.0
    FRAGMENTS = 256  # of one message
    CLOSE_S = 10.0  # for the client to answer a close
    LINGER_S = 10.0  # to take the last bytes after it

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        # No extension is ever negotiated: a deflated frame could not be shared between sockets.
        logger = logging.getLogger("uvicorn.error")
        self.conn: _Connection = _Connection(max_size=config.ws_max_size, logger=logger)
        self.queue = self._inbox = Inbox()  # type: ignore[assignment]
        self.writable = Room()  # type: ignore[assignment]
        self._unparsed = b""  # read, but the inbox is full or the handshake not answered
        self._resuming = False
        self._read_at = 0.0  # when all that was read would have come, at READ_RATE
        self._resting: TimerHandle | None = None
        self._is_parting = False
        self._parting_from = 0  # frames, when this was first seen
        self._parting_bytes = 0
        self._lane = StraightLane(self)
        self.close_timeout = self.CLOSE_S
        self._controls = 0
        self._controls_since = 0.0
        self._dropping: TimerHandle | None = None

    # The transport's side.

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(high=self.WRITE_HIGH, low=self.WRITE_LOW)
        self.transport = self._lane.open(self.transport)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._unparsed = b""
        self._lane.lost(self._inbox)
        for timer in (self._dropping, self._resting):
            if timer is not None:
                timer.cancel()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._lane.writable = False

    def resume_writing(self) -> None:
        super().resume_writing()
        self._lane.writable = True
        if self._lane.on_writable is not None:
            self._lane.on_writable()

    def data_received(self, data: bytes) -> None:
        now = self.loop.time()
        self._read_at = max(self._read_at, now) + len(data) / self.READ_RATE
        too_fast_s = self._read_at - now - self.READ_BURST / self.READ_RATE
        if too_fast_s > 0:
            self.rest(too_fast_s)
        if self._unparsed or self._is_early():
            self._unparsed += data
            self._pause()
        else:
            self._parse(data)

    def _is_early(self) -> bool:
        """Frames that come before the handshake is answered wait for the answer."""
        return self.handshake_initiated and not self.handshake_complete

    # Reading, in bounded steps.

    def _parse(self, data: bytes) -> None:
        if self.conn.is_between:
            data = self._take_whole(data)
        for start in range(0, len(data), self.SLICE_BYTES):
            if self.transport.is_closing():
                return
            if self.read_paused and not self.close_sent:
                self._unparsed = data[start:]
                return
            piece = data[start : start + self.SLICE_BYTES]
            if not self._is_heard(len(piece)):
                return
            self.conn.receive_data(piece)
            self.handle_events()  # what came before a violation counts
            if self.conn.parser_exc is not None:
                self.handle_parser_exception()
                return
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            self._refuse_handshake()

    def _take_whole(self, data: bytes) -> bytes:
        """Hand on the whole messages with which this begins; the rest is the parser's."""
        end, most = 0, self.config.ws_max_size
        while not self.read_paused and not self._is_parting and not self._ended:
            found = whole(data, end, most)
            if found is None:
                break
            head, payload, end = found
            self.conn.frames += 1
            if head == PONG:
                self.handle_pong(Frame(Opcode.PONG, payload))
            else:
                self.handle_text(Frame(Opcode.TEXT, payload))
        return data[end:]

    def _is_heard(self, size: int) -> bool:
        """Whether what came is parsed; if not, it is dropped and no more is read."""
        if not (self._is_parting or self.close_sent):
            return True
        self._parting_from = self._parting_from or self.conn.frames
        self._parting_bytes += size
        is_little = self._parting_bytes <= self.PARTING_BYTES
        if is_little and self.conn.frames - self._parting_from <= self.PARTING_FRAMES:
            return True
        self._pause()
        return False

    def _refuse_handshake(self) -> None:
        """The upgrade request itself is unreadable; the parser has prepared an answer, or none."""
        self.handshake_initiated = self.handshake_complete = self.close_sent = True
        answer = b"".join(self.conn.data_to_send())
        self.transport.write(answer or refusal(400))
        self._end()

    def _pause(self) -> None:
        if not self.read_paused and not self.transport.is_closing():
            self.read_paused = True
            self.transport.pause_reading()

    def _drained(self) -> None:
        """Some messages have been received: go on reading when half of the room is free."""
        bytes_left, left = self._inbox.bytes, len(self._inbox)
        if bytes_left <= self.INBOX_BYTES // 2 and left <= self.INBOX_MESSAGES // 2:
            self._resume_soon()

    def rest(self, for_s: float) -> None:
        """See `Lane.rest`."""
        if self._is_parting or self._ended:
            return
        self._pause()
        if self._resting is not None:
            if self._resting.when() >= self.loop.time() + for_s:
                return
            self._resting.cancel()
        self._resting = self.loop.call_later(for_s, self._rested)

    def _rested(self) -> None:
        self._resting = None
        if self.read_paused:
            self._drained()

    def part(self) -> None:
        """See `Lane.part`."""
        self._is_parting = True
        if self._resting is not None:
            self._resting.cancel()
            self._rested()

    def _resume_soon(self) -> None:
        if not self._resuming and self._resting is None:
            # In its own loop turn: what waits to be parsed must not prolong this one.
            self._resuming = True
            self.loop.call_soon(self._resume)

    def _resume(self) -> None:
        self._resuming = False
        if self.transport.is_closing() or self._is_early() or self._resting is not None:
            return
        self.read_paused = False
        data, self._unparsed = self._unparsed, b""
        self._parse(data)
        # Parsing may have filled the inbox again; then the transport has stayed paused.
        if not self.read_paused and not self.transport.is_closing():
            self.transport.resume_reading()

    def take(self) -> list[str | bytes]:
        """See `Lane.take`."""
        messages = self._inbox.take()
        if messages and self.read_paused:
            self._drained()
        return messages

    # The application's side.

    async def receive(self) -> ASGIReceiveEvent:
        event = await self._inbox.get()
        if self.read_paused:
            self._drained()
        return event

    async def send(self, message: ASGISendEvent) -> None:
        await super().send(message)
        if message["type"] == "websocket.accept":
            # Several KiB, of which nobody asks any more; the parser would keep them all the same.
            self.request.headers.clear()
            del self.request, self.response
        if message["type"] == "websocket.http.response.body" and self.close_sent:
            self.handshake_complete = True  # it has its answer: no line in the log
        if message["type"] != "websocket.send" and self.handshake_complete and self._unparsed:
            self._resume_soon()

    async def run_asgi(self) -> None:
        await super().run_asgi()
        self._end(close=False, after_s=self.CLOSE_S + self.LINGER_S)

    # Frames.

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.close_sent:
            self._end()
        else:
            extensions = cast(dict[str, object], self.scope["extensions"])
            extensions[EXTENSION] = self._lane

    def handle_cont(self, event: Frame) -> None:
        if len(self.frames) >= self.FRAGMENTS:
            self._fail(1009, "too many fragments")
        elif not self._ended:
            super().handle_cont(event)

    def send_receive_event_to_app(self) -> None:
        payload = self.frames[0] if len(self.frames) == 1 else b"".join(self.frames)
        self.frames = []
        if self._ended:
            return
        if self.curr_msg_data_type == "text":
            try:
                text = payload.decode()
            except UnicodeDecodeError:
                self._fail(1007, "invalid UTF-8")
                return
            self._inbox.put_nowait({"type": "websocket.receive", "text": text})
        else:
            self._inbox.put_nowait({"type": "websocket.receive", "bytes": bytes(payload)})
        if self._inbox.bytes > self.INBOX_BYTES or len(self._inbox) >= self.INBOX_MESSAGES:
            self._pause()

    def handle_ping(self) -> None:
        if not self._count_control():
            return
        waiting = self.conn.data_to_send()
        if self.transport.get_write_buffer_size() > self.WRITE_HIGH:
            # Pongs for one who does not read would pile up; RFC 6455 5.5.3 lets them be skipped.
            waiting = [bytes_ for bytes_ in waiting if bytes_[:1] != _PONG]
        self.transport.write(b"".join(waiting))

    def handle_pong(self, event: Frame) -> None:
        if self._count_control():
            super().handle_pong(event)

    def _count_control(self) -> bool:
        """Whether this ping or pong may be looked at; one too many ends the connection."""
        if self._ended:
            return False
        now = self.loop.time()
        if now - self._controls_since > self.CONTROLS_S:
            self._controls_since, self._controls = now, 0
        self._controls += 1
        if self._controls > self.CONTROLS:
            self._fail(1008, "too many pings or pongs")
            return False
        return True

    # Endings.

    @property
    def _ended(self) -> bool:
        return self.close_sent or self.transport.is_closing()

    def _fail(self, code: int, reason: str) -> None:
        if not self._ended:
            self.conn.fail(code, reason)
            self.handle_parser_exception()

    def handle_parser_exception(self) -> None:
        if not self._ended:
            super().handle_parser_exception()
        self._give_up()

    def handle_close(self, event: Frame) -> None:
        super().handle_close(event)
        self._end(close=False)

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self._give_up()

    def shutdown(self) -> None:
        super().shutdown()
        self._end()

    def _give_up(self) -> None:
        """The client broke the connection; a `send` from now on is met as if it had left."""
        self._end()
        self.disconnected = True

    def _end(self, *, close: bool = True, after_s: float | None = None) -> None:
        if close:
            self.transport.close()
        if self._dropping is None and not self.disconnected:
            self._dropping = drop_later(self.loop, self.transport, after_s or self.LINGER_S)
