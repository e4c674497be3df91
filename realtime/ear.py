"""One socket's place in the feed."""

from __future__ import annotations

import asyncio
import itertools
from array import array
from collections.abc import Callable, Set
from typing import Any, Final

from realtime.errors import Goodbye
from realtime.hub.outbox import Outbox
from realtime.model import User

_NONE: Final = array("q")
_beats: Final = itertools.count()


class Ear:
    """What is known of one socket: whose it is, what it hears, and what it has been promised."""

    def __init__(self, outbox: Outbox, close: Callable[[Goodbye], None]) -> None:
        self.outbox = outbox
        self.close = close  # ends the socket; may be called at any time, more than once
        self.user_id: int | None = None
        self.session_id: int | None = None
        self._topics: array[int] = _NONE
        self.watched: Set[int] = frozenset()  # topics of posts on the screen, and explore
        self.claim = 0  # an xid: everything below it has been sent
        self.is_live = False  # has been welcomed, and has not fallen behind
        self.is_marked = False  # its audience changed and has not been read again
        self.is_gone = False
        self.changes = 0  # grows whenever it is unsettled
        self.told: Set[int] = frozenset()  # people to whom the relation is to be told
        self.freed: Set[int] = frozenset()  # people who have hidden from this one, or no longer do
        self.said: dict[int, int] = {}  # person → `seq` of the relation told last
        self.refreshing: asyncio.Task[None] | None = None
        self.user: User | None = None  # whose it is, as read for its welcome; None: a visitor's
        self.unread = 0  # notices that waited then
        self.draft: dict[str, Any] | None = None  # as it was then
        self.is_greeted = False  # its welcome is being prepared: what comes now is told after it
        self.owed: dict[int, int] = {}  # what is told as it is then (`personal`) → since when
        self.beat = next(_beats)  # heartbeats are spread by it

    def note(self, person: int, *, is_relation: bool) -> None:
        """Their relation is to be told; or they have hidden from this one, or no longer do."""
        if is_relation:
            self.told |= {person}
        else:
            self.freed |= {person}

    @property
    def topics(self) -> set[int]:
        """Those of the audience, in a set of the caller's own.

        Kept as plain numbers: as a set, those of somebody who follows 200 take 15 KB a socket.
        """
        return set(self._topics)

    @topics.setter
    def topics(self, topics: set[int]) -> None:
        self._topics = array("q", topics)

    @property
    def is_settled(self) -> bool:
        return self.is_live and not self.is_marked and self.refreshing is None
