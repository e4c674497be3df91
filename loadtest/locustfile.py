"""People of a load test: each keeps one socket, posts, reacts, retweets, reads and is told.

Every command is a row of its own (WS); so is the way of a post from its author's hand to a
follower's window (PUSH). See README.md beside this file. Locust's people are greenlets, so the
socket is theirs; only the HTTP side is that of `realtime.client`.
"""

from __future__ import annotations

import json
import logging
import random
import time
import uuid
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from locust import User, between, events, task
from locust.env import Environment
from locust.exception import StopUser

# After locust, which has replaced threads and sockets by greenlets.
from gevent import Greenlet, spawn  # type: ignore[import-untyped]  # isort: skip
from gevent.event import AsyncResult  # type: ignore[import-untyped]  # isort: skip
from gevent.timeout import Timeout  # type: ignore[import-untyped]  # isort: skip
from websockets.exceptions import ConnectionClosed, InvalidHandshake  # isort: skip
from websockets.sync.client import ClientConnection, connect  # isort: skip
from websockets.typing import Origin, Subprotocol  # isort: skip

from realtime.api import Register  # isort: skip
from realtime.client.site import enter  # isort: skip
from realtime.errors import Refusal  # isort: skip
from realtime.protocol import SUBPROTOCOL  # isort: skip
from loadtest.scenario import EMOJI, Identity, Inbox, Roster, frame, stamped  # isort: skip

log = logging.getLogger(__name__)

ANSWER_S: Final = 10.0
PASSWORD: Final = "a password for load tests"

_rosters: dict[int, Roster] = {}


@events.init_command_line_parser.add_listener  # type: ignore[untyped-decorator]
def _options(parser: ArgumentParser) -> None:
    parser.add_argument("--cookies", default="", help="a file of `realtime fixture --cookies`")
    parser.add_argument("--follow", type=int, default=5, help="others that a newcomer follows (5)")


@events.test_start.add_listener  # type: ignore[untyped-decorator]
def _gather(environment: Environment, **_: Any) -> None:
    options = environment.parsed_options
    path = getattr(options, "cookies", "")
    _rosters[id(environment)] = Roster.read(Path(path)) if path else Roster([])


@events.quitting.add_listener  # type: ignore[untyped-decorator]
def _judge(environment: Environment, **_: Any) -> None:
    """Locust fails a run in which something failed; so does one in which nothing happened."""
    total = environment.stats.total
    told = ("post to follower", "PUSH") in environment.stats.entries
    if total.num_requests == 0:
        log.error("nothing was done: is the server running?")
        environment.process_exit_code = 1
    elif not told and total.num_failures == 0:
        log.warning("no post reached a follower: more people, or a longer run?")


class Refused(Exception):
    """The server's answer was `error`."""


class Person(User):
    """One person with one window."""

    wait_time = between(0.5, 2.5)

    def on_start(self) -> None:
        """Come with a session or register, open a window, follow some who are here."""
        self.chance = random.Random()
        self.roster = _rosters[id(self.environment)]
        self.identity = self.roster.take() or self._register()
        self.inbox = Inbox(self.identity.id)
        self.socket: ClientConnection | None = None
        self.reader: Greenlet | None = None
        self.answers: dict[int, AsyncResult] = {}
        self.ref = 0
        self.is_leaving = False
        welcome = self._open()
        others = self.roster.enter(
            self.identity, self.environment.parsed_options.follow, self.chance
        )
        if welcome is not None and not welcome["user"]["following"]:
            for other in others:
                self._do("follow.set", user_id=other, on=True)
        self.read()

    def on_stop(self) -> None:
        """Close the window; somebody else may be this person."""
        self.is_leaving = True
        if self.socket is not None:
            self.socket.close()
        if self.reader is not None:
            self.reader.join(timeout=2)
        self.roster.give_back(self.identity)

    @task(3)
    def post(self) -> None:
        """Say something, to be timed on its way to those who follow."""
        # The stamp is taken here, so what a follower measures includes everything.
        text = stamped(self.chance, time.time())
        self._do("post.create", key=str(uuid.uuid4()), text=text)

    @task(1)
    def reply(self) -> None:
        """Answer something that came by."""
        if self.inbox.recent:
            text = stamped(self.chance, time.time())
            post_id = self.chance.choice(self.inbox.recent)
            self._do("post.create", key=str(uuid.uuid4()), text=text, reply_to=post_id)

    @task(5)
    def react(self) -> None:
        """One emoji on something that came by."""
        if self.inbox.recent:
            post_id = self.chance.choice(self.inbox.recent)
            emoji = self.chance.choice(EMOJI)
            on = self.chance.random() < 0.8
            self._do("react.set", post_id=post_id, emoji=emoji, on=on)

    @task(1)
    def retweet(self) -> None:
        """Pass something on."""
        if self.inbox.recent:
            post_id = self.chance.choice(self.inbox.recent)
            self._do("retweet.set", post_id=post_id, on=self.chance.random() < 0.8)

    @task(2)
    def read(self) -> None:
        """Open the timeline and watch the numbers of what is on it."""
        result = self._do("timeline.get", name="home")
        if result is not None:
            self.inbox.seen(result["entries"])
            self._do("watch.set", post_ids=list(dict.fromkeys(self.inbox.recent))[-100:])

    @task(1)
    def explore(self) -> None:
        """See what everybody says."""
        result = self._do("timeline.get", name="explore")
        if result is not None:
            self.inbox.seen(result["entries"])

    @task(1)
    def thread(self) -> None:
        """Read one conversation."""
        if self.inbox.recent:
            self._do("post.thread", post_id=self.chance.choice(self.inbox.recent))

    # -- the wire ----------------------------------------------------------------

    def _register(self) -> Identity:
        """A new account over HTTP. REALTIME_RATE_LIMITS=off, or an address may make ten an hour."""
        name = f"l{uuid.uuid4().hex[:16]}"
        began = time.perf_counter()
        failure: Exception | None = None
        try:
            user, session = enter(self.host or "", "/api/register", Register(name, PASSWORD))
        except (OSError, Refusal) as error:
            failure = error
        self._row("HTTP", "register", began, 0, failure)
        if failure is not None:
            raise StopUser
        return Identity(user.id, name, session.cookie)

    def _open(self) -> dict[str, Any] | None:
        """A socket that has said hello; from where the last one ended, if there was one."""
        began = time.perf_counter()
        opened = AsyncResult()
        self.reader = spawn(self._live, opened)
        failure = opened.get()
        self._row("WS", "connect", began, 0, failure)
        if failure is not None:
            return None
        self.inbox.resumed()
        welcome = self._do("hello", cursor=self.inbox.cursor, client="locust")
        if welcome is not None and welcome["user"] is None:
            self._row("WS", "hello", began, 0, Refused("the cookie is nobody's"))
            raise StopUser
        return welcome

    def _live(self, opened: AsyncResult) -> None:
        """One socket, from its handshake to its end; `opened` gets None, or why it is not."""
        host = self.host or ""
        try:
            with connect(
                host.replace("http", "ws", 1) + "/ws",
                additional_headers={"Cookie": self.identity.cookie},
                origin=Origin(host),
                subprotocols=[Subprotocol(SUBPROTOCOL)],
                compression=None,
                proxy=None,
                open_timeout=ANSWER_S,
                max_queue=None,
            ) as socket:
                self.socket = socket
                opened.set(None)
                self._listen(socket)
        except (OSError, InvalidHandshake, TimeoutError) as error:
            if not opened.ready():
                opened.set(error)

    def _listen(self, socket: ClientConnection) -> None:
        """Take what comes, until the socket ends."""
        try:
            for text in socket:
                self._take(str(text), time.time())
        except ConnectionClosed as error:
            if not self.is_leaving:
                self._fire("WS", "socket", 0, 0, error)
        finally:
            self._closed(socket)

    def _take(self, text: str, now_s: float) -> None:
        told = json.loads(text)
        push = self.inbox.take(told, len(text), now_s)
        if push is not None:
            self._fire("PUSH", "post to follower", push.latency_ms, push.size_bytes)
        waiting = self.answers.pop(told.get("ref") or 0, None)
        if waiting is not None:
            waiting.set(told)

    def _closed(self, socket: ClientConnection) -> None:
        if self.inbox.doubled:
            failure = Refused(f"{self.inbox.doubled} events came twice on one socket")
            self._fire("PUSH", "post to follower", 0, 0, failure)
            self.inbox.doubled = 0
        for waiting in self.answers.values():
            waiting.set_exception(ConnectionError("the socket ended"))
        self.answers.clear()
        if self.socket is socket:
            self.socket = None

    def _do(self, type: str, **fields: Any) -> dict[str, Any] | None:
        """One command and its result, as a row; None if it failed."""
        if self.socket is None and self._open() is None:
            return None
        socket = self.socket
        if socket is None:
            return None
        self.ref += 1
        waiting: AsyncResult = AsyncResult()
        self.answers[self.ref] = waiting
        began = time.perf_counter()
        failure: Exception | None = None
        told: dict[str, Any] = {}
        try:
            socket.send(frame(type, self.ref, **fields))
            told = waiting.get(timeout=ANSWER_S)
            if told["type"] == "error":
                failure = Refused(f"{told['code']}: {told['message']}")
        except (ConnectionClosed, ConnectionError) as error:
            failure = error
        except Timeout:
            failure = TimeoutError(f"no answer within {ANSWER_S:g} s")
        self._row("WS", type, began, 0, failure)
        return None if failure is not None else told.get("result", told)

    def _row(
        self, kind: str, name: str, began: float, size: int, failure: Exception | None = None
    ) -> None:
        self._fire(kind, name, (time.perf_counter() - began) * 1000, size, failure)

    def _fire(
        self, kind: str, name: str, took_ms: float, size: int, failure: Exception | None = None
    ) -> None:
        self.environment.events.request.fire(
            request_type=kind,
            name=name,
            response_time=took_ms,
            response_length=size,
            exception=failure,
            context={},
        )
