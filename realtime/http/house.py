"""What the HTTP edge is given by the one file that wires this process."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from realtime.auth import PasswordPool
from realtime.config import Config
from realtime.darkroom import Darkroom
from realtime.hub.limits import Limits
from realtime.store.account import Credentials
from realtime.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """All of it is opened and closed by whoever made it."""

    config: Config
    database: Database
    passwords: PasswordPool
    darkroom: Darkroom
    limits: Limits
    ended: Callable[[Sequence[int]], None]
    """Told after the commit, with the ids of sessions that are over: their sockets close."""
    leave: Callable[[Credentials], Awaitable[bool]]
    """Deletes an account for good; False when the credentials are no longer good."""
    ready: Callable[[], Awaitable[dict[str, str]]]
    """What is not well, by name; empty when this process is able to serve."""
    static: Path
    """Where the built page lies."""
