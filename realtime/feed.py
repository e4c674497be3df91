"""What each socket hears: whom it follows, what it missed, and what has been promised to it.

The order of steps is what keeps a feed whole. First listen to what changes the audience, then
read the audience; then, in one step without an await, say `welcome`, replay, and listen.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from realtime import bell, metrics, visibility
from realtime.channels import Channels
from realtime.codec import encode
from realtime.ear import Ear
from realtime.errors import ENDED, Forgotten, Goodbye, Unavailable
from realtime.hub.bus import Bus
from realtime.hub.fastlane import frame
from realtime.hub.hub import Hub
from realtime.hub.outbox import REPLAY_BYTES
from realtime.hub.ring import Ring, Told
from realtime.model import Relation
from realtime.personal import Personal
from realtime.protocol import Behind, Heartbeat
from realtime.store import events, relation
from realtime.store.audience import NOBODY, Audience
from realtime.store.database import Database
from realtime.tail import Tail
from realtime.together import Together

log = logging.getLogger(__name__)

__all__ = ["Ear", "Feed"]

_EARS: Final = frozenset(
    {events.RELATION, events.AUDIENCE, events.NOTICE, events.READ, events.DRAFT}
)
ENDED_KEPT: Final = 1_000  # sessions that ended lately
TRIES: Final = 50  # readings of an audience that changes all the time


class Feed:
    """All sockets of this process, and what they are due."""

    def __init__(self, database: Database, hub: Hub, bus: Bus, ring: Ring | None = None) -> None:
        self._database = database
        self._hub = hub
        self.tail = Tail(database, hub, self._mark_user, ring or Ring())
        self._ears: dict[Ear, None] = {}
        self._by_user: dict[int, dict[Ear, None]] = {}
        self._by_session: dict[int, dict[Ear, None]] = {}
        self.channels = Channels(bus, hub, self.tail)
        self.personal = Personal(database)
        self._audiences = Together(partial(visibility.audiences, database))
        self._ended: dict[int, None] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def ears(self) -> Collection[Ear]:
        """Every socket that said `hello`."""
        return self._ears.keys()

    @property
    def hub(self) -> Hub:
        return self._hub

    # -- coming and going --------------------------------------------------

    def enter(self, ear: Ear, user_id: int | None, session_id: int | None) -> None:
        """This socket belongs to this person from now on; its audience is watched for changes."""
        ear.user_id, ear.session_id = user_id, session_id
        ear.outbox.on_behind = lambda dropped: self._fell_behind(ear, dropped)
        self._ears[ear] = None
        if user_id is not None:
            self._by_user.setdefault(user_id, {})[ear] = None
        if session_id is not None:
            self._by_session.setdefault(session_id, {})[ear] = None
            if session_id in self._ended:
                self.end_sessions([session_id])  # while the socket was being greeted

    def leave(self, ear: Ear) -> None:
        """This socket is gone."""
        ear.is_gone = True
        ear.is_live = False
        self._hub.leave(ear.outbox, ear.topics | ear.watched)
        self._ears.pop(ear, None)
        for index, key in ((self._by_user, ear.user_id), (self._by_session, ear.session_id)):
            if key is not None and key in index:
                index[key].pop(ear, None)
                if not index[key]:
                    del index[key]

    def sockets_of(self, user_id: int) -> int:
        """How many sockets of this person are open on this process."""
        return len(self._by_user.get(user_id, ()))

    def sessions(self) -> list[int]:
        """The sessions that have a socket here."""
        return list(self._by_session)

    def end_sessions(self, session_ids: Iterable[int]) -> None:
        """These sessions are over: close their sockets."""
        for session_id in session_ids:
            self._ended[session_id] = None
            if len(self._ended) > ENDED_KEPT:
                del self._ended[next(iter(self._ended))]
            for ear in list(self._by_session.get(session_id, ())):
                ear.close(Goodbye(ENDED, "You are signed out here. Sign in to go on."))

    # -- hello --------------------------------------------------------------

    async def hello(
        self, ear: Ear, cursor: str | None, welcome: Callable[[str, bool], Any]
    ) -> None:
        """Resume from `cursor`, or start afresh.

        `welcome(cursor, resumed)` makes the answer's bytes; it is queued, then what was missed,
        and from then on the socket hears what is live, with nothing between.

        Raises:
            Refusal: `unauthenticated`; the account is gone.
            Unavailable: the database or the bus is down.
        """
        ear.is_live = False
        self.personal.begin(ear)
        self._hub.leave(ear.outbox, ear.topics)
        if ear.refreshing is not None:
            await asyncio.wait([ear.refreshing])  # what it has read is older than what we read
        since = await self.tail.reached(self._horizon(cursor))
        if ear.user_id is not None:
            await self.channels.need(visibility.topics(ear.user_id, NOBODY))
            # Whatever comes from here on is told after the welcome that says this.
            await self.personal.read_for_welcome(ear, ear.user_id)
        for _ in range(TRIES):
            ear.is_marked, ear.told, ear.freed = False, frozenset(), frozenset()
            heard = await self._audience(ear.user_id)
            topics = visibility.topics(ear.user_id, heard)
            await self.channels.need(topics)
            since, missed = await self._missed(topics, since)
            relations = await self._relations(ear, missed, heard)
            # A frame may have gone from the ring while the relations were read.
            if any(t.frame is None and t.kind not in _EARS for t in missed):
                continue
            if not ear.is_marked and visibility.agree(heard, relations):
                break
        else:
            raise Unavailable("the audience of this socket changes all the time")
        if since is not None:
            missed = await self.tail.complete(topics, since, missed)
        self._welcome(ear, heard, topics, since, missed, relations, welcome)

    def _welcome(  # noqa: PLR0913 - one step without an await, with all that was read for it
        self,
        ear: Ear,
        heard: Audience,
        topics: set[int],
        since: int | None,
        missed: list[Told],
        relations: list[Relation],
        welcome: Callable[[str, bool], Any],
    ) -> None:
        resumed = since is not None
        ear.claim = since if since is not None else self.tail.watermark
        ear.outbox.clear()
        ear.said.clear()
        ear.outbox.refuses = heard.hidden
        ear.outbox.answer(frame(welcome(self.cursor(ear.claim), resumed)))
        ear.user = ear.draft = None  # said; nobody keeps them for each of ten thousand sockets
        ear.topics = topics
        ear.is_live = not ear.is_gone
        ear.changes += 1
        self._tell(ear, missed, relations)
        self.personal.welcomed(ear, missed)
        if not ear.is_gone:
            self._hub.join(ear.outbox, topics | ear.watched)
        if ear.is_marked:
            self._refresh_soon(ear)
        metrics.resumes.labels("resumed" if resumed else "afresh").inc()

    async def _audience(self, user_id: int | None) -> Audience:
        """Whom this person hears and does not, as of a moment after this call."""
        return NOBODY if user_id is None else await self._audiences(user_id)

    async def _missed(self, topics: set[int], since: int | None) -> tuple[int | None, list[Told]]:
        """What was told on `topics` from `since` on; (None, nothing) if it can't be said whole."""
        if since is None:
            return None, []
        below: list[Told] = []
        try:
            if since < self.tail.ring.floor:
                lines = await events.since(self._database, topics, since)
                floor = self.tail.ring.floor
                await self.tail.admit([line for line in lines if line.xid >= floor])
                below = [bell.key_of(line) for line in lines if line.xid < floor]
        except Forgotten:
            return None, []
        missed = await self.tail.complete(topics, since, below)
        size = sum(len(told.frame or b"") for told in missed)
        if len(missed) > events.REPLAY or size > REPLAY_BYTES:
            return None, []
        return since, missed

    async def _relations(self, ear: Ear, missed: Iterable[Told], heard: Audience) -> list[Relation]:
        """The relations that were told meanwhile, as they are now; and to who is seen again."""
        people = {
            told.noun_id
            for told in missed
            if told.kind == events.RELATION
            or (told.kind == events.AUDIENCE and told.noun_id not in heard.hidden)
        }
        if ear.user_id is None or not people:
            return []
        return list((await relation.get(self._database, ear.user_id, people)).values())

    def _tell(self, ear: Ear, missed: Iterable[Told], relations: Iterable[Relation]) -> None:
        if ear.user_id is not None:
            topic = visibility.me(ear.user_id)
            for found in relations:
                other = int(found.user_id)
                if ear.said.get(other, 0) < found.seq:
                    ear.said[other] = found.seq
                    ear.outbox.offer(frame(bell.event(topic, found)))
        refuses = ear.outbox.refuses
        frames = []
        for told in missed:
            if told.frame is not None and refuses.isdisjoint(told.about):
                bares = told.bares
                frames.append(bares.form(told.frame, refuses) if bares else told.frame)
        if frames:
            ear.outbox.replay(frames)

    # -- an audience that changes ------------------------------------------

    def _mark_user(self, told: Told) -> int:
        """A line of one person: what changes their audience is read before it is told, and so are
        their notices; how many of their sockets it concerns."""
        user_id = visibility.subject(told.topic)
        heard = 0
        for ear in self._by_user.get(user_id, ()):
            if self.personal.takes(told):
                self.personal.owe(ear, told)
                heard += ear.is_live
                continue
            ear.note(told.noun_id, is_relation=told.kind == events.RELATION)
            self._mark(ear)
            heard += ear.is_live
        return heard

    def _mark(self, ear: Ear) -> None:
        ear.is_marked = True
        ear.changes += 1
        if ear.is_live:
            self._refresh_soon(ear)

    def _refresh_soon(self, ear: Ear) -> asyncio.Task[None]:
        if ear.refreshing is None:
            ear.refreshing = asyncio.create_task(self._refresh(ear), name="refresh")
            self._tasks.add(ear.refreshing)
            ear.refreshing.add_done_callback(self._tasks.discard)
        return ear.refreshing

    async def settle(self, user_id: int) -> None:
        """Make every socket of this person here hear what it should, as of now."""
        tasks = []
        for ear in list(self._by_user.get(user_id, ())):
            if ear.is_live:
                self._mark(ear)
                tasks.append(self._refresh_soon(ear))
        if tasks:
            await asyncio.wait(tasks)

    async def _refresh(self, ear: Ear) -> None:
        """One at a time per socket: read the audience, leave, tell, join from the claim."""
        try:
            while ear.is_marked and ear.is_live:
                ear.is_marked = False
                await self._refresh_once(ear)
        except (Unavailable, OSError):
            # Its claim stands still until a later reading succeeds; nothing is lost meanwhile.
            ear.is_marked = True
        except Exception:
            log.exception("a refresh failed; the socket comes back and resumes")
            ear.close(Goodbye(1011, "Something went wrong here. Come back."))
        finally:
            ear.changes += 1
            ear.refreshing = None

    async def _refresh_once(self, ear: Ear) -> None:
        assert ear.user_id is not None
        people, ear.told = ear.told, frozenset()
        try:
            heard = await self._audience(ear.user_id)
            topics = visibility.topics(ear.user_id, heard)
            new = topics - ear.topics
            # The client asks for what it missed of them; of a block it learns nothing.
            freed = ear.freed - heard.hidden
            people |= freed
            # Whoever comes or goes is told with it, however late their own line may be.
            people |= {visibility.subject(topic) for topic in ear.topics ^ topics}
            found = await relation.get(self._database, ear.user_id, people) if people else {}
            await self.channels.need(new)
            since, missed = await self._missed(new, ear.claim) if new else (ear.claim, [])
        except BaseException:
            ear.told |= people
            raise
        if since is None:
            ear.told |= people
            self._fell_behind(ear, 0)  # too much to tell in one go: the client starts afresh
            return
        if not visibility.agree(heard, found.values()):
            ear.is_marked = True  # a change came between the two readings: read both again
        if ear.is_marked or not ear.is_live:
            ear.told |= people
            return
        ear.freed = frozenset()
        for other in freed:
            ear.said.pop(other, None)
        gone = ear.topics - topics
        self._hub.leave(ear.outbox, gone)
        ear.outbox.refuses = heard.hidden
        ear.topics = topics
        self._tell(ear, missed, found.values())
        self._hub.join(ear.outbox, new)

    def retry_marked(self) -> None:
        """Refresh again what could not be refreshed while the database was away."""
        for ear in self._ears:
            if ear.is_marked and ear.is_live:
                self._refresh_soon(ear)

    # -- promises ------------------------------------------------------------

    async def reconcile(self) -> None:
        """As `promise`, and mend what an outage has left undone. Raises: Unavailable."""
        await self.promise()
        self.retry_marked()
        await self.channels.tidy({visibility.me(user_id) for user_id in self._by_user})

    async def promise(self) -> None:
        """Read the log, deliver what was lost, and move the claims of sockets settled throughout.

        Raises:
            Unavailable: the database is down; no claim moved.
        """
        settled = {ear: ear.changes for ear in self._ears if ear.is_settled}
        await self.tail.read()
        reached = self.tail.watermark  # a later reading may move on while the rest is told
        await self.personal.flush()
        for ear, changes in settled.items():
            if ear.is_settled and ear.changes == changes:
                ear.claim = max(ear.claim, reached)

    def heartbeat(self, ears: Iterable[Ear]) -> None:
        """Tell these sockets how far their feed is complete."""
        now = _now()
        frames: dict[int, bytes] = {}
        for ear in ears:
            if not ear.claim:
                continue  # `welcome` is the first that it is told
            data = frames.get(ear.claim)
            if data is None:
                data = frames[ear.claim] = frame(encode(Heartbeat(self.cursor(ear.claim), now)))
            if ear.is_live:
                ear.outbox.offer(data)
            else:
                ear.outbox.answer(data)

    def cursor(self, claim: int) -> str:
        """A claim as clients keep it: opaque to them."""
        return f"{self.tail.epoch}.{claim}"

    def _horizon(self, cursor: str | None) -> int | None:
        """The claim in a cursor; None if it is of another epoch, or broken."""
        epoch, _, claim = (cursor or "").rpartition(".")
        if epoch != self.tail.epoch or not claim.isascii() or not claim.isdigit():
            return None
        return int(claim) if len(claim) < 19 else None

    def _fell_behind(self, ear: Ear, dropped: int) -> None:
        """It reads too slowly: it leaves its topics, and one frame says from where to resume."""
        ear.is_live = False
        ear.changes += 1
        ear.outbox.is_behind = True
        ear.outbox.answer(frame(encode(Behind(self.cursor(ear.claim), dropped))))
        metrics.behind.inc()
        # Not at once: this may be called from within a delivery to the very same topics.
        asyncio.get_running_loop().call_soon(self._leave_topics, ear)

    def _leave_topics(self, ear: Ear) -> None:
        if not ear.is_live:
            self._hub.leave(ear.outbox, ear.topics | ear.watched)


def _now() -> str:
    return datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="milliseconds")[:23] + "Z"
