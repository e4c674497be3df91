"""The first frame: who is asking, and from where on to tell."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from msgspec import UNSET

from realtime import auth
from realtime.codec import encode
from realtime.errors import Goodbye, Refusal, Unavailable
from realtime.handlers.context import Context, World
from realtime.protocol import HEARTBEAT_S, Hello, Welcome
from realtime.store import session
from realtime.store.database import Tx
from realtime.store.session import Signed

SOCKETS: Final = 20  # of one person
ALL_SOCKETS: Final = 10_000  # of one process
TURN_S: Final = 12.0  # until a socket that waits to be greeted is told to come again


async def greet(context: Context, command: Hello) -> None:
    """Answer the first `hello`: the socket belongs to somebody from now on, or to a visitor.

    Raises:
        Refusal: `unauthenticated` for a ticket that is spent, old or false; `too_many` sockets.
        Unavailable: the database is down.
    """
    async with _turn(context.world):
        await _greet(context, command)


async def _greet(context: Context, command: Hello) -> None:
    signed = await _signed(context, command)
    feed = context.world.feed
    if len(feed.ears) >= ALL_SOCKETS:
        raise Refusal("too_many", "This server is full. Try again soon.", retry_after=10)
    if signed is None:
        feed.enter(context.ear, None, None)
    else:
        if feed.sockets_of(signed.user_id) >= SOCKETS:
            message = f"You have {SOCKETS} windows open already. Close one of them."
            raise Refusal("too_many", message)
        feed.enter(context.ear, signed.user_id, signed.session_id)
    context.client = command.client if isinstance(command.client, str) else ""
    await _welcome(context, command)


async def resume(context: Context, command: Hello) -> None:
    """Answer a later `hello`: what was missed since the cursor, on the same socket.

    Raises:
        Refusal: it carries a ticket; a socket never changes hands.
        Unavailable: the database is down.
    """
    if command.ticket is not UNSET:
        raise Refusal("invalid", "This socket belongs to somebody already.", field="ticket")
    async with _turn(context.world):
        await _welcome(context, command)
    try:
        await context.world.watch.resumed(context.ear)
    except (Unavailable, OSError):
        # It has been welcomed: no second answer, but a reason to come back for the numbers.
        context.ear.close(Goodbye(1011, "The server cannot reach its data right now."))


@asynccontextmanager
async def _turn(world: World) -> AsyncIterator[None]:
    """A few at once: when thousands come back together, each greeting is still a quick one, and
    the database has time for everybody else.

    Raises:
        Unavailable: so many came before that it would take too long.
    """
    try:
        async with asyncio.timeout(TURN_S):
            await world.greetings.acquire()
    except TimeoutError:
        raise Unavailable("too many sockets come back at once") from None
    try:
        yield
    finally:
        world.greetings.release()


async def _signed(context: Context, command: Hello) -> Signed | None:
    """A ticket wins over a cookie; neither is a visitor."""
    if command.ticket is UNSET:
        return await context.signed()
    digest = auth.token_hash(command.ticket)
    now_ms = time.time_ns() // 1_000_000

    async def deed(tx: Tx) -> Signed | None:
        return await session.use_ticket(tx, digest, now_ms)

    signed = await context.world.database.run_tx(deed)
    if signed is None:
        raise Refusal("unauthenticated", "This ticket is spent or too old. Ask for another.")
    return signed


async def _welcome(context: Context, command: Hello) -> None:
    def welcome(cursor: str, resumed: bool) -> Any:
        return encode(
            Welcome(
                ref=command.ref,
                user=context.ear.user,
                cursor=cursor,
                resumed=resumed,
                unread=context.ear.unread,
                draft=context.ear.draft,
                limits=context.world.wire_limits,
                heartbeat_s=HEARTBEAT_S,
            )
        )

    cursor = command.cursor if isinstance(command.cursor, str) else None
    await context.world.feed.hello(context.ear, cursor, welcome)
