"""A program's window: every command as a method, everything told as one stream."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from typing import TypeVar

from msgspec import UNSET

from realtime.client.asking import Asking
from realtime.client.inbox import Gap, Inbox
from realtime.client.line import Caller, Line
from realtime.client.site import AGENT, Session
from realtime.client.verbs import Verbs
from realtime.errors import Refusal
from realtime.model import Media, Post, User
from realtime.protocol import Command, Event, WatchSet, Welcome
from realtime.results import Watched

R = TypeVar("R")

_BUSY_S = 2.0  # before what a server had no time for is asked again


class Client(Verbs):
    """An open window, as an async context manager: entered once it is welcomed.

    It comes back by itself and goes on from its cursor. What was asked and not answered is asked
    again on the next socket: every command may be repeated, a post by its `key`. What is watched
    is watched again.
    """

    def __init__(  # noqa: PLR0913 - who, from where on, and under what name
        self,
        site: str,
        *,
        session: Session | None = None,
        ticket: Callable[[], Awaitable[str]] | None = None,
        cursor: str | None = None,
        name: str = AGENT,
        inbox: Inbox | None = None,
    ) -> None:
        """`site` is an origin. With neither a session nor tickets this is a visitor.

        `ticket` is asked for a fresh one before each socket. `cursor` is what an earlier client
        left, given only together with the view that it belongs to. `name` is what this program
        calls itself, such as `my-bot/1.2`.
        """
        site = site.rstrip("/")
        cookie = None if session is None else session.cookie
        caller = Caller(site=site, cookie=cookie, ticket=ticket, name=name)
        self._session = session
        self._inbox = inbox or Inbox(cursor)
        self._asking = Asking()
        self._line = Line(caller, self._inbox, self._asking, self._welcomed)
        self._greeted = asyncio.Event()
        self._living: asyncio.Task[None] | None = None
        self._watch: WatchSet | None = None
        self._rewatching: asyncio.Task[None] | None = None
        self._has_reader = False

    async def __aenter__(self) -> Client:
        """Connect, and be welcomed.

        Raises:
            ConnectionError: no such server answers.
            Goodbye: the session is over (4401), or the server does not want this client.
        """
        self._living = asyncio.create_task(self._live(), name="client")
        greeted = asyncio.create_task(self._greeted.wait())
        try:
            await asyncio.wait([self._living, greeted], return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            await self.close()
            raise
        finally:
            greeted.cancel()
        if self._living.done():
            self._living.result()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Let go of the socket. Whoever still waits for an answer gets ConnectionError."""
        tasks = [task for task in (self._rewatching, self._living) if task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    @property
    def welcome(self) -> Welcome:
        """The latest: who this is, what may be sent, and what was unread then."""
        assert self._line.welcome is not None, "this is for inside of `async with`"
        return self._line.welcome

    @property
    def cursor(self) -> str | None:
        """All up to here was taken from `events`; to be kept together with what was made of it."""
        return self._inbox.taken

    async def events(self) -> AsyncGenerator[Event | Gap]:
        """What is told, as long as the client is open; for one reader at a time.

        An event may come twice or late: the newest form of a noun wins. A Gap says that something
        is missing. Whoever takes slowly loses nothing: what finds no room here is asked for again
        from where they are.

        Raises:
            Goodbye: the server does not let this client come back.
        """
        if self._has_reader:
            raise RuntimeError("the events of a client have one reader")
        self._has_reader = True
        try:
            while await self._inbox.ready():
                told = self._inbox.take()
                if told is None:
                    await self._line.resume()
                else:
                    yield told
        finally:
            self._has_reader = False
        if self._living is not None and self._living.done() and not self._living.cancelled():
            self._living.result()

    async def ask(self, command: Command, kind: type[R]) -> R:
        """The result of one command, whose `ref` is chosen here; the verbs are its typed forms.

        Waits over as many sockets as it takes: bound it with `asyncio.timeout`.

        Raises:
            Refusal: the answer was `error`.
            Goodbye: the server does not let this client come back.
            ConnectionError: the client is closed.
        """
        if isinstance(command, WatchSet) and self._rewatching is not None:
            self._rewatching.cancel()
        result = await self._asking.ask(command, kind)
        if isinstance(command, WatchSet):
            self._watch = command
        return result

    async def post(
        self,
        text: str,
        *,
        media: Sequence[str] = (),
        reply_to: str | None = None,
        quote_of: str | None = None,
        key: str | None = None,
    ) -> Post:
        """Publish, exactly once. A program that may die meanwhile chooses and keeps the `key`."""
        posted = await self.post_create(
            key=key or str(uuid.uuid4()),
            text=text,
            media=list(media) if media else UNSET,
            reply_to=reply_to or UNSET,
            quote_of=quote_of or UNSET,
        )
        return posted.post

    async def upload(self, picture: bytes, alt: str = "") -> Media:
        """A picture, for `post` or `profile_update`.

        Raises:
            Refusal: it is not taken; `unauthenticated` where the client has no session.
            OSError: the server is away.
        """
        if self._session is None:
            raise Refusal("unauthenticated", "A picture needs a session: sign in.")
        return await self._session.upload(picture, alt)

    async def _live(self) -> None:
        over: Exception = ConnectionError("The client is closed.")
        try:
            await self._line.run()
        except Exception as error:
            over = error
            raise
        finally:
            self._asking.end(over)
            self._inbox.close()

    def _welcomed(self, is_new: bool) -> None:
        self._greeted.set()
        if not is_new or self._watch is None or self._asking.is_waiting_for(WatchSet):
            return
        if self._rewatching is not None:
            self._rewatching.cancel()
        self._rewatching = asyncio.create_task(self._watch_again(self._watch), name="watch")

    async def _watch_again(self, command: WatchSet) -> None:
        """What is watched belongs to a socket: say it on the new one, and tell what it answers."""
        while True:
            try:
                found = await self._asking.ask(command, Watched)
                break
            except Refusal as refused:
                await asyncio.sleep(refused.retry_after or _BUSY_S)
            except Exception:  # noqa: BLE001 - the client is over, and says so to whoever asks
                return
        for event in _as_told(found, self.welcome.user):
            self._inbox.hear(event, 0)


def _as_told(found: Watched, me: User | None) -> Iterator[Event]:
    """The state of what is watched, as the events that would have told it."""
    yield from (Event(f"post:{post.id}", post) for post in found.posts)
    yield from (Event(f"post:{counts.post_id}", counts) for counts in found.counts)
    if me is not None:
        yield from (Event(f"me:{me.id}", mine) for mine in found.mine)
