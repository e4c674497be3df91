"""The websocket edge: who may enter, the read loop, the worker, and the goodbye.

The reader never waits for the database or the bus: it puts what it reads into a bounded queue.
A reader that waits would miss pongs, and one slow query would cut every socket.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from msgspec import UNSET

from realtime import metrics
from realtime.codec import DecodeError, decode, encode
from realtime.errors import (
    BROKEN,
    ENDED,
    FLOODED,
    SILENT,
    Goodbye,
    Refusal,
    Unavailable,
)
from realtime.feed import Ear
from realtime.handlers import hello, registry
from realtime.handlers.context import Context, NetworkOf, SignedBy, World
from realtime.hub.fastlane import frame
from realtime.hub.limits import Rate
from realtime.hub.outbox import Outbox
from realtime.hub.plain import PlainLane
from realtime.protocol import HELLO_S, SUBPROTOCOL, Command, Error, GoodbyeFrame, Hello, tag

log = logging.getLogger(__name__)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

WAITING: Final = 32  # commands of one socket that wait with all their fields
FLOOD: Final = 1_000  # commands of one socket that wait at all
BAD_FRAMES: Final = 20
BAD_FRAMES_S: Final = 10.0
# Nobody is refused by these: beyond them a socket is read later. The first is of a network, the
# second of an address and a cookie.
WASTE: Final = Rate(4 * 2**20, 8.0)  # bytes of frames that are large, or no commands
COMEBACKS: Final = Rate(5, 5.0)  # sockets that were closed for too much
LARGE: Final = 8 * 2**10  # bytes of a frame that are paid for, whatever it says
LAST_WORDS_S: Final = 2.0  # for a goodbye to leave

_BUSY: Final = Refusal("rate_limited", "Too many commands at once.", retry_after=1.0)


class Connection:
    """One socket, from its handshake to its end."""

    __slots__ = (
        "_bad",
        "_comer",
        "_context",
        "_ear",
        "_ending",
        "_has_hello",
        "_lane",
        "_outbox",
        "_queue",
        "_scope",
        "_send",
        "_worker",
        "_world",
        "is_greeted",
    )

    def __init__(
        self, world: World, signed: SignedBy, network: str, scope: Message, send: Send
    ) -> None:
        self._scope = scope
        self._send = send
        offered = scope.get("extensions", {}).get("realtime.lane")
        self._lane = PlainLane(send) if offered is None else offered
        self._outbox = Outbox(self._lane, world.feed.hub.due)
        self._ear = Ear(self._outbox, self.close)
        self._context = Context(world, self._ear, lambda: signed(scope), network)
        self._world = world
        cookies = tuple(value for name, value in scope["headers"] if name == b"cookie")
        self._comer = f"comer:{network}:{hash(cookies)}"  # who this is, before it has said so
        # Lists, since an empty deque takes 700 bytes and most sockets are idle.
        self._queue: list[Command | Error] = []
        self._worker: asyncio.Task[None] | None = None
        self._ending: asyncio.Task[None] | None = None
        self._has_hello = False
        self.is_greeted = False
        self._bad: list[float] = []

    # -- reading ---------------------------------------------------------------

    async def run(self, receive: Receive) -> None:
        """Read until the connection ends; then leave nothing behind."""
        loop = asyncio.get_running_loop()
        away_s = self._world.waste.owe(self._comer, COMEBACKS, 0)
        if away_s > 0:
            self._lane.rest(away_s)
        deadline = loop.call_later(HELLO_S + away_s, self._is_silent)
        metrics.sockets.inc()
        try:
            while True:
                message = await receive()
                if message["type"] == "websocket.disconnect":
                    break
                text: str | None = message.get("text")
                self._take(message["bytes"] if text is None else text)
                for more in self._lane.take():
                    self._take(more)
        finally:
            deadline.cancel()
            metrics.sockets.dec()
            self._world.watch.leave(self._ear)
            self._world.feed.leave(self._ear)
            await self._stop()
            # Or these would hold each other until the garbage is looked for: with thousands that
            # come and go that is a hundred megabytes.
            self._ear.close = _is_closed
            self._outbox.on_behind = None

    async def _stop(self) -> None:
        for task in (self._worker, self._ending):
            if task is not None and not task.done():
                task.cancel()
                await asyncio.wait([task])
        self._lane.abort()

    def _take(self, data: str | bytes) -> None:
        """One inbound frame: into the queue, or the end. Never waits."""
        if self._ending is not None:
            return
        if isinstance(data, bytes):
            self.close(Goodbye(BROKEN, "Frames are text."))
            return
        try:
            command = decode(data)
        except DecodeError as error:
            self._pay(len(data))
            self._take_broken(error)
            return
        if len(data) > LARGE:
            self._pay(len(data))
        if not self._has_hello:
            if not isinstance(command, Hello):
                self.close(Goodbye(BROKEN, "Say `hello` first."))
                return
            self._has_hello = True
        self._enqueue(command)

    def _pay(self, size: int) -> None:
        """So many bytes took their time to read; of a network that sends too many this socket is
        not read for a while. Who sends small commands never pays, wherever they sit."""
        rest_s = self._world.waste.owe(self._context.network, WASTE, size)
        if rest_s > 0:
            self._lane.rest(rest_s)

    def _take_broken(self, error: DecodeError) -> None:
        """An inbound frame that is no command: its answer waits in its turn."""
        answer = _bad(error)
        if not self._has_hello:
            if error.kind == tag(Hello):
                self._outbox.answer(frame(encode(answer)))
            self.close(Goodbye(BROKEN, "Say `hello` first."))
            return
        metrics.commands.labels("?", error.code).inc()
        if not self._is_too_bad():
            self._enqueue(answer)

    def _enqueue(self, command: Command | Error) -> None:
        if len(self._queue) >= FLOOD:
            self._flooded("Too many commands at once.")
            return
        if len(self._queue) >= WAITING and isinstance(command, Command):
            command = registry.failure(command.ref, _BUSY)
        self._queue.append(command)
        if self._worker is None:
            self._worker = asyncio.create_task(self._work(), name="worker")

    def _is_silent(self) -> None:
        if not self._has_hello:
            self.close(Goodbye(SILENT, "No `hello` came in time."))

    def _is_too_bad(self) -> bool:
        """Count a frame that is answered `invalid` or `unknown_type`; one too many is the end."""
        now = asyncio.get_running_loop().time()
        self._bad = [*self._bad[1 - BAD_FRAMES :], now]
        if len(self._bad) < BAD_FRAMES or now - self._bad[0] > BAD_FRAMES_S:
            return False
        self._flooded("Too many broken frames.")
        return True

    def _flooded(self, why: str) -> None:
        """It was too much: the end. Who comes back too often, and too soon, is read later."""
        if self._ending is None:
            self._world.waste.owe(self._comer, COMEBACKS, 1)
        self.close(Goodbye(FLOODED, why, retry_after=10))

    # -- answering -------------------------------------------------------------

    async def _work(self) -> None:
        """Answer what waits, one after the other, in the order in which it came."""
        try:
            while self._queue:
                await self._outbox.room()
                command = self._queue[0]
                if isinstance(command, Error):
                    self._outbox.answer(frame(encode(command)))
                elif isinstance(command, Hello):
                    await self._hello(command)
                else:
                    answer = await registry.dispatch(self._context, command)
                    self._outbox.answer(frame(encode(answer)))
                    if isinstance(answer, Error) and answer.code == "invalid":
                        self._is_too_bad()
                del self._queue[0]
        except Exception:
            # What has no answer would be done again before each further command.
            log.exception("an answer failed; the socket comes back")
            self.close(Goodbye(1011, "Something went wrong here. Come back."))
        finally:
            self._worker = None

    async def _hello(self, command: Hello) -> None:
        """Greet, or resume in place; a first hello that is refused ends the socket."""
        code, goodbye = "ok", None
        try:
            if self.is_greeted:
                await hello.resume(self._context, command)
            else:
                await hello.greet(self._context, command)
                self.is_greeted = True
                self._scope["headers"] = []  # who it is is known
        except Refusal as error:
            code, refusal = error.code, error
            goodbye = Goodbye(_CLOSES.get(error.code, BROKEN), error.message)
        except (Unavailable, OSError):
            code, refusal = "unavailable", registry.unavailable()
            goodbye = Goodbye(1011, refusal.message, retry_after=refusal.retry_after)
        except Exception:
            log.exception("hello failed")
            code, refusal = "internal", Refusal("internal", "Something went wrong here.")
            goodbye = Goodbye(1011, refusal.message, retry_after=5)
        metrics.commands.labels("hello", code).inc()
        if goodbye is not None:
            self._outbox.answer(frame(encode(registry.failure(command.ref, refusal))))
            if not self.is_greeted or goodbye.code in (1011, ENDED):
                self.close(goodbye)
            elif code == "invalid":
                self._is_too_bad()

    # -- ending ------------------------------------------------------------------

    def close(self, goodbye: Goodbye) -> None:
        """Say goodbye and end this socket. May be called at any time; the first one counts."""
        if self._ending is None:
            self._lane.part()
            self._ending = asyncio.create_task(self._end(goodbye), name="goodbye")

    async def finish(self, goodbye: Goodbye, within_s: float) -> None:
        """Let the commands that wait be answered, then say goodbye."""
        worker = self._worker
        if worker is not None:
            await asyncio.wait([worker], timeout=within_s)
        self.close(goodbye)
        if self._ending is not None:
            await asyncio.wait([self._ending])

    async def _end(self, goodbye: Goodbye) -> None:
        metrics.goodbyes.labels(goodbye.code).inc()
        cursor = self._world.feed.cursor(self._ear.claim) if self._ear.claim else UNSET
        retry_after = UNSET if goodbye.retry_after is None else goodbye.retry_after
        farewell = GoodbyeFrame(goodbye.code, goodbye.reason, retry_after, cursor)
        self._world.feed.leave(self._ear)
        if self._worker is not None and goodbye.code == ENDED:
            self._worker.cancel()  # nothing more is done in this session's name
        # After the events that its cursor promises; who is behind is owed none of them any more.
        say = self._outbox.answer if self._outbox.is_behind else self._outbox.offer
        say(frame(encode(farewell)))
        self._outbox.flush()
        try:
            async with asyncio.timeout(LAST_WORDS_S):
                if isinstance(self._lane, PlainLane):
                    await self._lane.drained()
                await self._send({"type": "websocket.close", "code": goodbye.code})
        except (TimeoutError, OSError, RuntimeError):
            pass  # it reads nothing, or is gone already
        # A peer that never answers the close must not keep its place.
        asyncio.get_running_loop().call_later(LAST_WORDS_S, self._lane.abort)


def _is_closed(goodbye: Goodbye) -> None:
    """What there is to do for a socket that has ended."""


_CLOSES: Final = {"unauthenticated": ENDED, "too_many": FLOODED}


def _bad(error: DecodeError) -> Error:
    field = UNSET if error.field is None else error.field
    return Error(error.ref, error.code, error.message, field)


class Endpoint:
    """`GET /ws`: the handshake, then a `Connection`."""

    def __init__(
        self,
        world: Callable[[], World],
        may_enter: Callable[[Message], bool],
        signed: SignedBy,
        network_of: NetworkOf,
    ) -> None:
        self._world = world
        self._may_enter = may_enter
        self._signed = signed
        self._network_of = network_of
        self.connections: dict[Connection, None] = {}
        self.is_closing = False

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        status = self._refused(scope)
        if status is not None:
            await _deny(scope, send, status)
            return
        offered = scope.get("subprotocols") or []
        subprotocol = SUBPROTOCOL if SUBPROTOCOL in offered else None
        await send({"type": "websocket.accept", "subprotocol": subprotocol})
        network = self._network_of(scope)
        connection = Connection(self._world(), self._signed, network, scope, send)
        self.connections[connection] = None
        try:
            await connection.run(receive)
        finally:
            del self.connections[connection]

    def _refused(self, scope: Message) -> int | None:
        """The status of a handshake that is refused; None for one that is not."""
        if self.is_closing:
            return 503
        if not self._may_enter(scope):
            return 403
        offered = scope.get("subprotocols") or []
        return 400 if offered and SUBPROTOCOL not in offered else None


#: Why a handshake is refused, as the HTTP side tells it.
_DENIED: Final = {
    400: b'{"code":"invalid","message":"This server speaks realtime.v1."}',
    403: b'{"code":"forbidden","message":"Only this site\'s own pages may do that."}',
    503: b'{"code":"unavailable","message":"The server restarts.","retry_after":2.0}',
}


async def _deny(scope: Message, send: Send, status: int) -> None:
    """Refuse the upgrade with an HTTP status; 403 where the server offers no other."""
    if "websocket.http.response" in scope.get("extensions", {}):
        headers = [(b"content-type", b"application/json")]
        if status == 503:
            headers.append((b"retry-after", b"2"))
        start = {"type": "websocket.http.response.start", "status": status, "headers": headers}
        await send(start)
        await send({"type": "websocket.http.response.body", "body": _DENIED[status]})
    else:
        await send({"type": "websocket.close", "code": 1008})
