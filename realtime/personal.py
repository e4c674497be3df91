"""What is one person's own and told as it is at that moment: notices, the read mark, the draft.

A line of the log says only that something changed. It is owed from then on to the sockets of its
owner, read once for all of them, and told: at once, but a gathered notice at most once a second.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from realtime import bell, metrics, visibility
from realtime.ear import Ear
from realtime.errors import Unavailable
from realtime.hub.fastlane import frame
from realtime.hub.ring import Told
from realtime.model import Draft, Notice, Read
from realtime.store import draft, events, greeting, inbox, notice
from realtime.store.database import Database
from realtime.store.greeting import Greeting
from realtime.store.user import gone
from realtime.together import Together

log = logging.getLogger(__name__)

PACE_S: Final = 1.05  # a gathered notice; a little over a second, so that no network makes it less
RETRY_S: Final = 1.0  # after the database was away
GATHERED: Final = frozenset({"reaction", "retweet"})
READ: Final = 0  # no notice has this id
DRAFT: Final = -1  # nor this
_KEYS: Final = {events.READ: READ, events.DRAFT: DRAFT}

_Due = dict[Ear, dict[int, int]]


@dataclass(frozen=True, slots=True)
class _Found:
    """What was read to be told: notices by id, the rest by whose it is."""

    notices: dict[int, Notice]
    reads: dict[int, Read]
    drafts: dict[int, Draft]

    def noun(self, user_id: int, key: int) -> Notice | Read | Draft | None:
        """What this person is owed under this key; None where there is nothing any more."""
        if key == DRAFT:
            return self.drafts.get(user_id)
        return self.reads.get(user_id) if key == READ else self.notices.get(key)


class Personal:
    """What the sockets of this process are still owed of their owners' own."""

    def __init__(self, database: Database, *, pace_s: float = PACE_S) -> None:
        self._database = database
        self._greetings = Together(self._by_users)
        self.pace_s = pace_s
        self._owing: dict[Ear, None] = {}
        self._told_at: dict[int, float] = {}  # gathered notice → loop time
        self._order = itertools.count(1)
        self._telling = asyncio.Lock()
        self._wake = asyncio.Event()

    def takes(self, told: Told) -> bool:
        """Whether a line tells of something that belongs here."""
        return told.kind == events.NOTICE or told.kind in _KEYS

    def begin(self, ear: Ear) -> None:
        """A welcome is being prepared: what was owed before it is in the page or in the replay."""
        ear.owed.clear()
        ear.is_greeted = True

    async def read_for_welcome(self, ear: Ear, user_id: int) -> None:
        """What the welcome of this socket says of its owner.

        Raises:
            Refusal: `unauthenticated`; the account is gone.
        """
        found = await self._greetings(user_id)
        if found is None:
            raise gone()
        ear.user, ear.unread, ear.draft = found.user, found.unread, found.draft

    async def _by_users(self, user_ids: list[int]) -> dict[int, Greeting | None]:
        return await greeting.by_users(self._database, user_ids)

    def owe(self, ear: Ear, told: Told) -> None:
        """This changed; the socket is to hear of it, if it hears anything or will in a moment."""
        if ear.is_live or ear.is_greeted:
            self._owe(ear, told)

    def welcomed(self, ear: Ear, missed: Iterable[Told]) -> None:
        """The socket is live from here on; of what it missed, this is told as it is now."""
        ear.is_greeted = False
        for told in missed:
            if self.takes(told):
                self._owe(ear, told)
        if ear.owed:
            self._owing[ear] = None
            self._wake.set()

    def _owe(self, ear: Ear, told: Told) -> None:
        key = _KEYS.get(told.kind, told.noun_id)
        ear.owed.setdefault(key, next(self._order))
        if ear.is_live:
            self._owing[ear] = None
            self._wake.set()

    async def run(self) -> None:
        """Tell what is owed, as soon as it may be."""
        loop, alarm = asyncio.get_running_loop(), None
        while True:
            await self._wake.wait()
            self._wake.clear()
            if alarm is not None:
                alarm.cancel()
            try:
                await self._tell()
                wait_s = self._wait_s(self._owing)
            except (Unavailable, OSError) as error:
                log.warning("notices wait: %s", type(error).__name__)
                wait_s = RETRY_S
            alarm = None if wait_s is None else loop.call_later(wait_s, self._wake.set)

    async def flush(self) -> None:
        """Tell all that is owed at this moment, each at its own pace.

        Raises:
            Unavailable: the database is down; it is still owed.
        """
        order = next(self._order)
        while True:
            await self._tell()
            late = [ear for ear in self._owing if self._owes_since(ear, order)]
            wait_s = self._wait_s(late)
            if wait_s is None:
                return
            await asyncio.sleep(wait_s)

    def _owes_since(self, ear: Ear, order: int) -> bool:
        return ear.is_live and any(since < order for since in ear.owed.values())

    def _wait_s(self, ears: Iterable[Ear]) -> float | None:
        """In how many seconds something is due that these sockets are owed; None if nothing is."""
        now = asyncio.get_running_loop().time()
        waits = [self._due_at(key) - now for ear in ears for key in ear.owed]
        return max(0.0, min(waits)) if waits else None

    def _due_at(self, key: int) -> float:
        told_at = self._told_at.get(key)
        return 0.0 if told_at is None else told_at + self.pace_s

    async def _tell(self) -> None:
        """Read what is due, once for all sockets, and tell it. One at a time."""
        async with self._telling:
            due = self._take()
            if not due:
                return
            try:
                ids = {key for keys in due.values() for key in keys} - {READ, DRAFT}
                notices = await notice.by_ids(self._database, ids) if ids else {}
                readers, writers = _owners(due, READ), _owners(due, DRAFT)
                reads = await inbox.reads(self._database, readers) if readers else {}
                drafts = await draft.by_users(self._database, writers) if writers else {}
            except BaseException:
                self._give_back(due)
                raise
            # No await from here on: a socket that is live hears it before its claim can move.
            self._say(due, _Found(notices, reads, drafts))

    def _take(self) -> _Due:
        """What may be told now; it is not owed any more."""
        now = asyncio.get_running_loop().time()
        due: _Due = {}
        for ear in list(self._owing):
            if not ear.is_live:
                del self._owing[ear]  # what it is owed is told after its next welcome
                continue
            keys = {key: since for key, since in ear.owed.items() if self._due_at(key) <= now}
            for key in keys:
                del ear.owed[key]
            if not ear.owed:
                del self._owing[ear]
            if keys:
                due[ear] = keys
        return due

    def _give_back(self, due: _Due) -> None:
        for ear, keys in due.items():
            if ear.is_live:
                ear.owed = keys | ear.owed | keys  # the earlier moment counts
                self._owing[ear] = None

    def _say(self, due: _Due, found: _Found) -> None:
        now = asyncio.get_running_loop().time()
        self._told_at = {k: at for k, at in self._told_at.items() if at + self.pace_s > now}
        frames: dict[tuple[int, int], bytes] = {}
        for ear, keys in due.items():
            if ear.user_id is None or not ear.is_live:
                continue  # it resumes from its claim, and is told then
            for key in sorted(keys):
                noun = found.noun(ear.user_id, key)
                if noun is None:
                    continue
                if isinstance(noun, Notice) and noun.what in GATHERED:
                    self._told_at[key] = now
                data = frames.get((ear.user_id, key))
                if data is None:
                    topic = visibility.me(ear.user_id)
                    data = frames[ear.user_id, key] = frame(bell.event(topic, noun))
                ear.outbox.offer(data)
                metrics.deliveries.inc()


def _owners(due: _Due, key: int) -> list[int]:
    """Whose this is, of all that is due under this key."""
    people = {ear.user_id for ear, keys in due.items() if key in keys}
    return sorted(user_id for user_id in people if user_id is not None)
