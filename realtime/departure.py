"""Accounts that go: told at once, cleared away in pieces by whichever process is there."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from typing import Final

from realtime import visibility
from realtime.change import Change, Telling
from realtime.errors import Unavailable
from realtime.store import clearing, departure, vanishing, words
from realtime.store.account import Credentials
from realtime.store.clearing import Cleared
from realtime.store.database import Database, Tx
from realtime.store.departure import Departure, Marked

log = logging.getLogger(__name__)

EVERY_S: Final = 30.0  # a look for what another process left unfinished
PATIENCE_S: Final = 10.0  # for all of an account to go before its owner is answered
PAUSE_S: Final = 1.0  # between two pieces at most
PURGE_S: Final = 0.05  # between two parts of an index that is written anew
ELSEWHERE_S: Final = 0.25  # while another process clears what somebody waits for here
LOG_KEPT_MS: Final = 26 * 3600 * 1000  # longer than the log names their relations
AT_ONCE: Final = 20  # accounts that take turns


class Departures:
    """Takes accounts from everybody, and clears away what they leave. One per process.

    `ended` hears of sessions that are over, `remove_files` of files that nobody shows any more;
    both after the commit.
    """

    def __init__(
        self,
        database: Database,
        change: Change,
        ended: Callable[[Sequence[int]], None],
        remove_files: Callable[[list[str]], None],
    ) -> None:
        self._database = database
        self._change = change
        self._ended = ended
        self._remove_files = remove_files
        self._soon = asyncio.Event()
        self._awaited: dict[int, asyncio.Event] = {}

    async def begin(self, proven: Credentials) -> bool:
        """Delete this account; False when the credentials are no longer good.

        After the commit nobody can use it or see its profile, and its sockets close. Returns when
        all of it is cleared away, but after ten seconds at the latest: a large account goes on
        without its owner, whatever becomes of this process.

        Raises:
            Unavailable: the database is down; nothing was changed.
        """
        user_id = proven.user_id

        async def deed(tx: Tx, telling: Telling) -> Marked | None:
            marked = await departure.mark(tx, proven, _now_ms())
            if marked is not None:
                telling.noun(visibility.author(user_id), marked.user)
                telling.noun(visibility.me(user_id), marked.user)
                telling.left(user_id)
            return marked

        marked = await self._change(deed)
        if marked is None:
            return False
        log.info("an account is gone user=%d", user_id)
        self._ended(marked.sessions)
        if marked.files:
            self._remove_files(marked.files)
        is_cleared = self._awaited[user_id] = asyncio.Event()
        self._soon.set()
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE_S):
                    await is_cleared.wait()
        finally:
            self._awaited.pop(user_id, None)
        return True

    async def run(self) -> None:
        """Clear away what waits: at once when an account goes here, else every 30 seconds."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ELSEWHERE_S if self._awaited else EVERY_S):
                    await self._soon.wait()
            self._soon.clear()
            try:
                await self._clear_all()
            except (Unavailable, OSError) as error:
                log.warning("clearing accounts waits: %s", type(error).__name__)

    async def _clear_all(self) -> None:
        """Clear the accounts that wait, a piece of each in turn, until none is left for us."""
        moves = True
        while moves:
            before_ms = _now_ms() - LOG_KEPT_MS
            ids = await departure.waiting(self._database, before_ms, AT_ONCE)
            awaited = dict(self._awaited)
            left = await departure.uncleared(self._database, awaited)
            for user_id in awaited.keys() - left:
                awaited[user_id].set()
            moves = False
            for user_id in ids:
                began_s = time.monotonic()
                moves |= await self._step(user_id)
                # Half of the time belongs to everybody else: SQLite has one writer.
                await asyncio.sleep(min(PAUSE_S, time.monotonic() - began_s))

    async def _step(self, user_id: int) -> bool:
        """One piece of one account; False when another process has it."""

        async def deed(tx: Tx, telling: Telling) -> Cleared | Departure | None:
            gone = await departure.hold(tx, user_id)
            if gone is None:
                return None
            if gone.is_cleared:
                await departure.forget(tx, user_id)
                return Cleared()
            return await _piece(tx, telling, gone) or gone

        async def end(tx: Tx, telling: Telling) -> None:
            if await departure.hold(tx, user_id) is not None:
                await departure.cleared(tx, user_id, _now_ms())
                telling.left(user_id)

        did = await self._change(deed)
        if isinstance(did, Cleared) and did.files:
            self._remove_files(did.files)
        if isinstance(did, Departure):  # nothing of it is left
            await self._purge()
            await self._change(end)
        return did is not None

    async def _purge(self) -> None:
        """Have the index of words forget what is deleted, where it would keep it."""
        left = await words.pieces(self._database)
        while left > 0 and await self._database.run_tx(words.purge):
            left -= 1
            await asyncio.sleep(PURGE_S)


async def _piece(tx: Tx, telling: Telling, gone: Departure) -> Cleared | None:
    """Clear the next piece; None when nothing is left."""
    user_id = gone.user_id
    owed = await vanishing.account_gone(tx, user_id)
    if owed is not None:
        telling.owed(owed)
        return Cleared()
    # Asked before its deeds go, locked after what they lock.
    gathering = await vanishing.gathering(tx, user_id)
    done = await clearing.entries(tx, user_id) or await clearing.reactions(tx, user_id)
    if done is not None:
        _tell(telling, done)
        gone_with = await vanishing.posts_gone(tx, [int(found.id) for found in done.posts])
        telling.owed(gone_with + await vanishing.changed(tx, gathering))
        return done
    parted = await departure.relations(tx, gone)
    if parted is not None:
        for other_id, relation in parted:
            telling.noun(visibility.me(other_id), relation)
        return Cleared()
    if await clearing.remains(tx, user_id):
        return Cleared()
    files = await departure.pictures(tx, user_id)
    return Cleared(files=files) if files else None


def _tell(telling: Telling, done: Cleared) -> None:
    for tombstone in done.posts:
        telling.noun(visibility.post(int(tombstone.id)), tombstone)
        if tombstone.reply_to is None:
            telling.explore(tombstone)
        else:
            telling.noun(visibility.post(int(tombstone.reply_to)), tombstone)
    if done.posts:
        telling.gone(*(int(tombstone.id) for tombstone in done.posts))
    for post_id in done.counted:
        telling.counts(post_id)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
