"""How a person of the load test comes, asks, loses the connection and comes back; all as rows."""

from __future__ import annotations

import io
import random
import re
import time
import uuid
from collections import OrderedDict
from typing import Any, Final

from locust import FastHttpUser
from locust.exception import StopUser

# After locust, which has replaced threads and sockets by greenlets.
import gevent  # type: ignore[import-untyped]  # isort: skip
from PIL import Image  # isort: skip
from websockets.exceptions import InvalidHandshake  # isort: skip

from loadtest.scenario import Identity, Inbox, Json, Push, Roster  # isort: skip
from loadtest.window import ANSWER_S, Refused, Window  # isort: skip
from realtime.api import Login, Register  # isort: skip
from realtime.client.site import enter, upload  # isort: skip
from realtime.commands.fixture import PASSWORD as FIXTURES_PASSWORD  # isort: skip
from realtime.errors import Refusal  # isort: skip
from realtime.model import Media  # isort: skip

DELIVERY: Final = ("PUSH", "post to follower")
NEWCOMERS_PASSWORD: Final = "a password for load tests"
_ASSET: Final = re.compile(r'(?:src|href)="(/assets/[^"]+)"')
_NAMED: Final = re.compile(r"[0-9]+|(?<=@).+")  # in an address, what is somebody's or something's
_LOOK_S: Final = 0.05  # between two looks whether something has come
_CACHED: Final = 500  # pictures that a browser still has
_BACK: Final = 10  # pages that somebody who was away reads at most


class Missed(Exception):
    """A page shows what had to be told and was not."""


class Person(FastHttpUser):
    """One person with one window. `deed` names the rows of what is done now."""

    abstract = True
    connection_timeout = ANSWER_S
    network_timeout = ANSWER_S
    roster: Roster
    sites: list[str]  # where the same server is reached; each new connection goes to the next
    signed_in: bool  # use the roster's cookies instead of signing in
    follow: int
    patience: float  # seconds until what a page shows has to have been told

    def on_start(self) -> None:
        """Sign in or register, follow some if nobody is followed yet, open the page."""
        self.chance = random.Random()
        self.deed = "sign_in"
        self.turn = self.chance.randrange(len(self.sites))
        self.window: Window | None = None
        self.identity: Identity | None = None
        self.is_guest = False
        self._pictures: OrderedDict[str, None] = OrderedDict()
        self.identity = self._sign_in()
        self.inbox = Inbox(self.identity.id)
        self.window = Window(self.inbox, self._delivered, self._ended)
        others = self.roster.enter(self.identity, self.follow, self.chance)
        # Those of a fixture follow already, as its graph wants it.
        self.others = others if self.is_guest else []
        self.deed = "open"
        self.arrive("/")

    def on_stop(self) -> None:
        """Close the window; somebody else may be this person."""
        if self.window is not None:
            self.window.close()
            self._judge_doubles()
        if self.identity is not None:
            self.roster.leave(self.identity)
            if not self.is_guest:
                self.roster.give_back(self.identity)

    @property
    def site(self) -> str:
        """The address that this person's connections lead to now."""
        return self.sites[self.turn % len(self.sites)]

    # -- coming and going --------------------------------------------------------

    def arrive(self, path: str) -> None:
        """Open the page at this address, as for the first time: files, session, socket, home."""
        assert self.window is not None
        self.window.close()
        page = self.get(path, _NAMED.sub("…", path)) or b""
        for asset in dict.fromkeys(_ASSET.findall(page.decode())):
            self.get(asset, "/assets/…")
        self.get("/api/session")
        self.inbox.forget()
        if not self._connect():
            return
        for other in self.others:
            self.ask("follow.set", user_id=other, on=True)
        self.others = []
        self.home()

    def come_back(self) -> bool:
        """A new socket, which goes on where the last one ended; whether there is one.

        What a page then shows was told, or it is a failure of the delivery.
        """
        if self.inbox.away_s:
            gevent.sleep(self.inbox.away_s)
        self.turn += 1
        return self._connect()

    def catch_up(self, known: int) -> None:
        """Read home down to this id, and see that all of it was told."""
        before: str | None = None
        for _ in range(_BACK):
            page = self.home(before, limit=100)
            before = None if page is None else page.get("next")
            if page is None or before is None or int(page["entries"][-1]["id"]) <= known:
                return

    def _connect(self) -> bool:
        assert self.window is not None and self.identity is not None
        began = time.perf_counter()
        try:
            self.window.open(self.site, self.identity.cookie)
        except (OSError, InvalidHandshake) as error:
            self.row("WS", "connect", began, error)
            return False
        self.row("WS", "connect", began)
        return self._greet()

    def _greet(self) -> bool:
        """Say hello, with the cursor if there is one; whether it was answered."""
        cursor = self.inbox.cursor
        self.inbox.opened(time.time())
        began = time.perf_counter()
        welcome = self._ask("hello", cursor=cursor, client="locust")
        if welcome is None:
            return False
        if welcome["user"] is None:
            self.row("WS", "hello", began, Refused("the cookie is nobody's"))
            raise StopUser
        if cursor is not None and not welcome["resumed"]:
            self.inbox.forget()
            self.row("WS", "hello", began, Missed("the resume has a gap"))
        return True

    def _sign_in(self) -> Identity:
        """Somebody of the roster, else somebody new."""
        known = self.roster.take()
        if known is not None and self.signed_in:
            return known
        self.is_guest = known is None
        path, body = _newcomer() if known is None else _returning(known.name)
        began = time.perf_counter()
        try:
            user, session = enter(self.site, path, body)
        except (OSError, Refusal) as error:
            self.row("POST", path, began, error)
            if known is not None:
                self.roster.give_back(known)
            raise StopUser from error
        self.row("POST", path, began)
        return Identity(user.id, user.name, session.cookie)

    # -- asking ------------------------------------------------------------------

    def ask(self, type: str, **fields: Any) -> Json | None:
        """One command and its result, as a row; None if it failed. Comes back first if need be."""
        assert self.window is not None
        if not self.window.is_open and not self.come_back():
            return None
        if self.inbox.is_behind and not self._greet():
            return None
        return self._ask(type, **fields)

    def home(self, before: str | None = None, limit: int | None = None) -> Json | None:
        """A page of home; a failure of the delivery if it shows what nobody told."""
        page = self.ask("timeline.get", name="home", before=before, limit=limit)
        if page is not None:
            self.inbox.seen(page["entries"])
            self._see_that_all_was_told(page["entries"])
            self._look_at_pictures(page["entries"])
        return page

    def get(self, path: str, name: str | None = None) -> bytes | None:
        """One page or file over HTTP, as a row; None if it failed."""
        assert self.identity is not None
        headers = {"Cookie": self.identity.cookie}
        row = f"{self.deed}: {name or path}"
        answer = self.client.get(self.site + path, headers=headers, name=row)
        return bytes(answer.content) if answer.status_code == 200 else None

    def upload(self) -> Media | None:
        """A picture, not the same twice; None if it was refused."""
        assert self.identity is not None
        began = time.perf_counter()
        try:
            media = upload(self.site, self.identity.cookie, picture(self.chance), "A harbour")
        except (OSError, Refusal) as error:
            self.row("POST", "/api/media", began, error)
            return None
        self.row("POST", "/api/media", began)
        return media

    def row(self, kind: str, name: str, began: float, failure: Exception | None = None) -> None:
        """A row of this deed, from `began` until now."""
        took_ms = (time.perf_counter() - began) * 1000
        self._fire(kind, f"{self.deed}: {name}", took_ms, 0, failure)

    def _ask(self, type: str, **fields: Any) -> Json | None:
        assert self.window is not None
        began = time.perf_counter()
        result: Json | None = None
        failure: Exception | None = None
        try:
            result = self.window.ask(type, **fields)
        except (Refused, OSError) as error:  # a TimeoutError is one too
            failure = error
        self.row("WS", type, began, failure)
        self._judge_doubles()
        return result

    def _see_that_all_was_told(self, entries: list[Json]) -> None:
        """What is written at this moment may be on a page first, and is told a moment later."""
        assert self.window is not None
        untold = self.inbox.untold(entries)
        until = time.monotonic() + self.patience
        while untold and time.monotonic() < until and self.window.is_open:
            gevent.sleep(_LOOK_S)
            untold = self.inbox.untold(entries)
        # Where the socket has ended meanwhile, the next one tells it, and the next page shows it.
        if untold and self.window.is_open:
            self.inbox.forgive(untold)
            self._fire(*DELIVERY, 0, 0, Missed(f"{len(untold)} entries of home were never told"))

    def _look_at_pictures(self, entries: list[Json]) -> None:
        """The two newest pictures that are on a page, small, unless this browser has them."""
        posts = [entry["post"] if entry["kind"] == "retweet" else entry for entry in entries]
        shown = [media for post in posts for media in post["media"]][:2]
        for media in shown:
            smallest = min(media["sizes"] or [media], key=lambda size: int(size["width"]))
            url = str(smallest["url"])
            if url not in self._pictures:
                self.get(url, "/media/…")
            self._pictures[url] = None
            while len(self._pictures) > _CACHED:
                self._pictures.popitem(last=False)

    # -- being told --------------------------------------------------------------

    def _delivered(self, push: Push) -> None:
        self._fire(*DELIVERY, push.latency_ms, push.size_bytes)

    def _ended(self, error: Exception) -> None:
        self._fire("WS", "socket", 0, 0, error)

    def _judge_doubles(self) -> None:
        if self.inbox.doubled:
            failure = Refused(f"{self.inbox.doubled} events came twice on one socket")
            self._fire(*DELIVERY, 0, 0, failure)
            self.inbox.doubled = 0

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


def _newcomer() -> tuple[str, Login | Register]:
    return "/api/register", Register(f"l{uuid.uuid4().hex[:16]}", NEWCOMERS_PASSWORD)


def _returning(name: str) -> tuple[str, Login | Register]:
    return "/api/login", Login(name, FIXTURES_PASSWORD)


def picture(chance: random.Random) -> bytes:
    """A small JPEG with much in it."""
    noise = Image.effect_noise((640, 480), chance.uniform(40, 90))
    file = io.BytesIO()
    Image.merge("RGB", (noise, noise.rotate(180), noise)).save(file, "JPEG", quality=70)
    return file.getvalue()
