"""What a handler may use: who is asking, and the doors to the database, the feed and the limits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final

from realtime.change import Change
from realtime.errors import Refusal
from realtime.feed import Ear, Feed
from realtime.hub.limits import Limits, LocalLimits, Rate, rate_limited
from realtime.protocol import Limits as WireLimits
from realtime.store.database import Database
from realtime.store.session import Signed
from realtime.watch import Watch

SignedBy = Callable[[MutableMapping[str, Any]], Awaitable[Signed | None]]
"""Whose cookie came with a handshake, by its ASGI scope."""
NetworkOf = Callable[[MutableMapping[str, Any]], str]
"""What counts as one address for rates, by the ASGI scope of a handshake."""

LIST: Final = 50  # people or reactions on a page
GREETINGS: Final = 64  # sockets of a process that are being greeted at once


@dataclass(frozen=True, slots=True)
class World:
    """What all sockets of this process share."""

    database: Database
    change: Change
    feed: Feed
    watch: Watch
    limits: Limits
    wire_limits: WireLimits
    remove_files: Callable[[list[str]], None]  # after the commit, in the background
    waste: LocalLimits = field(default_factory=LocalLimits)  # of frames, by network
    greetings: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(GREETINGS))


@dataclass(slots=True)
class Context:
    """One socket, as handlers see it. Every command of it runs alone."""

    world: World
    ear: Ear
    signed: Callable[[], Awaitable[Signed | None]]  # by the cookie of the handshake
    network: str  # where the handshake came from: what counts as one address for rates
    client: str = ""

    @property
    def user_id(self) -> int | None:
        """Who is asking; None is a visitor."""
        return self.ear.user_id

    @property
    def me(self) -> int:
        """Who is asking.

        Raises:
            Refusal: nobody is signed in.
        """
        if self.ear.user_id is None:
            raise Refusal("unauthenticated", "Sign in first.")
        return self.ear.user_id

    async def spend(self, name: str, rate: Rate) -> None:
        """Take one of this person's allowance; visitors share that of their network.

        Raises:
            Refusal: it is used up; `retry_after` says for how long.
        """
        who = f"user:{self.user_id}" if self.user_id is not None else f"address:{self.network}"
        wait_s = await self.world.limits.take(f"{name}:{who}", rate)
        if wait_s > 0:
            raise rate_limited(wait_s)

    async def refund(self, name: str, rate: Rate) -> None:
        """Put back what a command took that turned out to change nothing."""
        await self.world.limits.refund(f"{name}:user:{self.me}", rate)
