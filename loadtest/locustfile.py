"""People of a load test: each lives a day in one window, by a stated mix of deeds.

Rows are `deed: command` over the socket (WS), `deed: address` over HTTP (GET, POST), and the way of
a post from its author's hand to a follower's window (PUSH). See README.md beside this file.
"""

from __future__ import annotations

import logging
import time
import uuid
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from locust import events
from locust.env import Environment
from locust.runners import WorkerRunner

# After locust, which has replaced threads and sockets by greenlets.
import gevent  # type: ignore[import-untyped]  # isort: skip

from loadtest import person  # isort: skip
from loadtest.scenario import EMOJI, MIX, Roster, stamped, words  # isort: skip

log = logging.getLogger(__name__)

AWAY_S: Final = (0.5, 3.0)  # how long a connection stays lost
_rosters: dict[int, Roster] = {}
_toured: dict[int, int] = {}  # people who have done everything once


@events.init_command_line_parser.add_listener  # type: ignore[untyped-decorator]
def _options(parser: ArgumentParser) -> None:
    parser.add_argument("--cookies", default="", help="a file of `realtime fixture --cookies`")
    parser.add_argument(
        "--signed-in", action="store_true", help="use that file's cookies instead of signing in"
    )
    parser.add_argument("--follow", type=int, default=5, help="others that a newcomer follows (5)")
    parser.add_argument(
        "--also", default="", help="further addresses of the same site: each connection the next"
    )
    parser.add_argument(
        "--pace", type=float, default=1.5, help="seconds between two deeds of a person (1.5)"
    )
    parser.add_argument(
        "--patience", type=float, default=10, help="seconds in which all on home was told (10)"
    )
    parser.add_argument(
        "--tour", action="store_true", help="end when everybody has done every deed once"
    )


@events.init.add_listener  # type: ignore[untyped-decorator]
def _listen(environment: Environment, **_: Any) -> None:
    if environment.runner is not None and not isinstance(environment.runner, WorkerRunner):
        environment.runner.register_message("toured", _count)


@events.test_start.add_listener  # type: ignore[untyped-decorator]
def _gather(environment: Environment, **_: Any) -> None:
    options, runner = environment.parsed_options, environment.runner
    assert options is not None
    path = options.cookies
    roster = Roster.read(Path(path)) if path else Roster([])
    if isinstance(runner, WorkerRunner):
        processes = max(options.processes or 1, options.expect_workers or 1)
        roster = roster.share(runner.worker_index, processes)
    _rosters[id(environment)] = roster
    _toured[id(environment)] = 0


def _count(environment: Environment, **_: Any) -> None:
    """Somebody has done everything once; the run ends with the last of them."""
    assert environment.parsed_options is not None
    _toured[id(environment)] += 1
    if _toured[id(environment)] == environment.parsed_options.num_users:
        gevent.spawn(_end, environment)


def _end(environment: Environment) -> None:
    assert environment.runner is not None
    # First stop: then what the processes have still to tell arrives.
    environment.runner.stop()
    environment.runner.quit()


@events.quitting.add_listener  # type: ignore[untyped-decorator]
def _judge(environment: Environment, **_: Any) -> None:
    """Locust fails a run in which something failed; so does one in which nothing happened."""
    if isinstance(environment.runner, WorkerRunner):
        return
    total = environment.stats.total
    if total.num_requests == 0:
        log.error("nothing was done: is the server running?")
        environment.process_exit_code = 1
    elif person.DELIVERY[::-1] not in environment.stats.entries and total.num_failures == 0:
        log.warning("no post reached a follower: more people, or a longer run?")


def _deed(name: str) -> Callable[[person.Person], None]:
    def live(somebody: person.Person) -> None:
        somebody.deed = name
        getattr(somebody, name)()

    live.__name__ = name
    return live


class Day(person.Person):
    """What one does in a day, as often as the mix says."""

    # Locust makes a list of it.
    tasks = {_deed(name): share for name, share in MIX.items()}  # type: ignore[assignment]  # noqa: RUF012

    def on_start(self) -> None:
        """Come; with `--tour` do everything once."""
        options = self.environment.parsed_options
        assert options is not None
        self.roster = _rosters[id(self.environment)]
        self.sites = [self.host or "", *options.also.split()]
        self.signed_in = options.signed_in
        self.follow = options.follow
        self.patience = options.patience
        self.older: str | None = None  # where the next older page of home begins
        super().on_start()
        if options.tour:
            for name in MIX:
                _deed(name)(self)
            assert self.environment.runner is not None
            self.environment.runner.send_message("toured")

    def wait_time(self) -> float:
        """Seconds until the next deed."""
        assert self.environment.parsed_options is not None
        pace = float(self.environment.parsed_options.pace)
        return self.chance.uniform(pace / 3, pace * 5 / 3)

    def read(self) -> None:
        """Open the timeline and watch the numbers of what is on it."""
        page = self.home()
        if page is not None:
            self.older = page.get("next")
            self._watch()

    def scroll_back(self) -> None:
        """The page behind the last one; from the top again where there is none."""
        page = self.home(self.older)
        if page is not None:
            self.older = page.get("next")

    def explore(self) -> None:
        """See what everybody says, and go on hearing it."""
        page = self.ask("timeline.get", name="explore")
        if page is not None:
            self.inbox.seen(page["entries"])
            self._watch(explore=True)

    def thread(self) -> None:
        """Read one conversation."""
        if self.inbox.recent:
            self.ask("post.thread", post_id=self.chance.choice(self.inbox.recent))

    def look_up(self) -> None:
        """Somebody's page: who they are and what they wrote."""
        if self.inbox.people:
            user_id = self.chance.choice(self.inbox.people)
            self.ask("profile.get", user_id=user_id)
            self.ask("timeline.get", name="user", user_id=user_id)

    def search(self) -> None:
        """Look for a word."""
        self.ask("search.query", q=words(self.chance, 1, 1), kind="posts")

    def notices(self) -> None:
        """See what others did with one's posts, and mark it as read."""
        page = self.ask("notice.list")
        # A first one may come between the two readings of this answer: counted, not yet listed.
        if page is not None and page["unread"] and page["notices"]:
            self.ask("notice.read", up_to=page["notices"][0]["id"])

    def post(self) -> None:
        """Say something, to be timed on its way to those who follow."""
        self._say()

    def reply(self) -> None:
        """Answer something that came by."""
        if self.inbox.recent:
            self._say(reply_to=self.chance.choice(self.inbox.recent))

    def picture(self) -> None:
        """Upload a picture and post it."""
        media = self.upload()
        if media is not None:
            self._say(media=[media.id])

    def react(self) -> None:
        """One emoji on something that came by."""
        if self.inbox.recent:
            post_id = self.chance.choice(self.inbox.recent)
            emoji = self.chance.choice(EMOJI)
            on = self.chance.random() < 0.8
            self.ask("react.set", post_id=post_id, emoji=emoji, on=on)

    def retweet(self) -> None:
        """Pass something on."""
        if self.inbox.recent:
            post_id = self.chance.choice(self.inbox.recent)
            self.ask("retweet.set", post_id=post_id, on=self.chance.random() < 0.8)

    def profile(self) -> None:
        """Say something else about oneself."""
        self.ask("profile.update", bio=words(self.chance, 2, 10))

    def reconnect(self) -> None:
        """Lose the connection, come back, and see that nothing is missing."""
        assert self.window is not None
        known = self.inbox.newest
        self.window.cut()
        gevent.sleep(self.chance.uniform(*AWAY_S))
        if self.come_back():
            self.catch_up(known)

    def reload(self) -> None:
        """Come anew, by a link to somewhere inside."""
        links = ["/explore", "/notices"]
        if self.inbox.recent:
            links.append(f"/post/{self.chance.choice(self.inbox.recent)}")
        if self.identity is not None:
            links.append(f"/@{self.identity.name}")
        self.arrive(self.chance.choice(links))

    def _say(self, **more: Any) -> None:
        # The stamp is taken here, so what a follower measures includes everything.
        text = stamped(self.chance, time.time())
        self.ask("post.create", key=str(uuid.uuid4()), text=text, **more)

    def _watch(self, *, explore: bool = False) -> None:
        shown = list(dict.fromkeys(self.inbox.recent))[-100:]
        self.ask("watch.set", post_ids=shown, explore=explore or None)
