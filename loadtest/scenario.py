"""What a person of the load test does and notices; knows neither sockets nor Locust."""

from __future__ import annotations

import json
import random
import re
import threading
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

EMOJI: Final = ("❤️", "😂", "🔥", "👏", "🌊", "✨")
_WORDS: Final = (
    *("harbour", "morning", "bread", "tram", "fog", "lamp", "window", "choir", "bees", "maps"),
    *("tide", "kettle", "stairs", "garden", "violin", "clock", "swallows", "rain", "table", "salt"),
)
_STAMP: Final = re.compile(r"⏱([0-9]{10,20})$")
_RECENT: Final = 200  # posts that a person may still do something with
_REMEMBERED: Final = 20_000  # nouns whose last number is known
_ENTRIES: Final = frozenset({"post", "retweet"})
_RESTARTING: Final = 4000

#: How many of a hundred deeds are which. `--tour` does each once, in this order.
MIX: Final = {
    "read": 22,
    "post": 8,
    "explore": 4,
    "react": 20,
    "scroll_back": 14,
    "thread": 8,
    "retweet": 5,
    "reply": 5,
    "look_up": 5,
    "notices": 3,
    "search": 2,
    "picture": 1,
    "profile": 1,
    "reconnect": 1,
    "reload": 1,
}

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody with a session. `cookie` is the `Cookie` header's value."""

    id: str
    name: str
    cookie: str


@dataclass(frozen=True, slots=True)
class Push:
    """A post that came without being asked for, so many milliseconds after its author sent it."""

    latency_ms: float
    size_bytes: int


class Roster:
    """Who takes part: identities are handed out once each, ids are known to all."""

    def __init__(self, identities: list[Identity]) -> None:
        self._lock = threading.Lock()
        self._free = deque(identities)
        self._present: list[str] = []

    @classmethod
    def read(cls, path: Path) -> Roster:
        """The people in a file of `realtime fixture --cookies`.

        Raises:
            ValueError: a line is not id, name and cookie, tab-separated.
        """
        identities = []
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            parts = line.split("\t")
            if len(parts) != 3:
                raise ValueError(f"{path}, line {number}: not id, name and cookie")
            identities.append(Identity(*parts))
        return cls(identities)

    def share(self, index: int, count: int) -> Roster:
        """The part that process `index` of `count` plays; nobody is in two parts."""
        return Roster(list(self._free)[index % count :: count])

    def take(self) -> Identity | None:
        """Somebody whom nobody plays yet; None when all are taken."""
        with self._lock:
            return self._free.popleft() if self._free else None

    def give_back(self, identity: Identity) -> None:
        """Somebody else may play them from now on."""
        with self._lock:
            self._free.append(identity)

    def leave(self, identity: Identity) -> None:
        """They are here no more."""
        with self._lock:
            if identity.id in self._present:
                self._present.remove(identity.id)

    def enter(self, identity: Identity, count: int, chance: random.Random) -> list[str]:
        """Be present; the ids of up to `count` others who are."""
        with self._lock:
            others = chance.sample(self._present, min(count, len(self._present)))
            self._present.append(identity.id)
            return others


class Inbox:
    """What one window has been told. Frames go in, what is worth measuring comes out."""

    def __init__(self, user_id: str) -> None:
        self.cursor: str | None = None
        self.doubled = 0  # events that had been told before, with the same number
        self.recent: deque[str] = deque(maxlen=_RECENT)
        self.people: deque[str] = deque(maxlen=_RECENT)  # who wrote those
        self.is_behind = False  # the server told so, and waits for a `hello`
        self.away_s: float | None = None  # how long a `goodbye` asked to stay away
        self._user_id = user_id
        self._last: dict[tuple[str, str, str], int] = {}  # topic, kind, id → seq
        self._known: dict[str, None] = {}  # told or shown, oldest first
        self._floor: int | None = None  # what is newer has to be told
        self._since_s = 0.0

    def take(self, frame: Json, size_bytes: int, now_s: float) -> Push | None:
        """Note one frame; a measured delivery, if it is one."""
        if "cursor" in frame:
            self.cursor = frame["cursor"]
        match frame["type"]:
            case "event" if frame["noun"]["kind"] in _ENTRIES:
                if frame["topic"].startswith("author:"):
                    return self._told(frame["topic"], frame["noun"], size_bytes, now_s)
            case "behind":
                self.is_behind = True
            case "goodbye" if frame["code"] == _RESTARTING:
                self.away_s = float(frame.get("retry_after", 0.0))
        return None

    @property
    def newest(self) -> int:
        """The largest id that was told or had to be; 0 where there is none."""
        return max(self._floor or 0, max(map(int, self._known), default=0))

    def opened(self, now_s: float) -> None:
        """A socket is open: what was told shortly before may be told again."""
        self._last.clear()
        self._since_s = now_s
        self.is_behind = False
        self.away_s = None

    def forget(self) -> None:
        """The window is reloaded: the next page is a first one, and there is no cursor."""
        self.cursor = None
        self._floor = None

    def seen(self, entries: list[Json]) -> None:
        """Remember the posts of a page."""
        for entry in reversed(entries):
            post = entry["post"] if entry["kind"] == "retweet" else entry
            if not post["deleted"]:
                self._note(post)

    def untold(self, entries: list[Json]) -> set[str]:
        """Those on a page of home that had to be told and were not.

        The first page after opening begins the promise: all that is newer has to come by itself.
        """
        ids = [entry["id"] for entry in entries]
        if self._floor is None:
            self._floor = max(map(int, ids), default=0)
        return {id for id in ids if int(id) > self._floor and id not in self._known}

    def forgive(self, ids: set[str]) -> None:
        """These are known now, however it came about."""
        for id in ids:
            self._know(id)

    def _told(self, topic: str, noun: Json, size_bytes: int, now_s: float) -> Push | None:
        if self._is_repeat(topic, noun):
            self.doubled += 1
            return None
        self._know(noun["id"])
        if noun["kind"] != "post" or noun["deleted"]:
            return None
        self._note(noun)
        sent_s = sent_at(noun["text"])
        # What was said before this window opened is told by a resume, and took as long as that.
        if sent_s is None or sent_s < self._since_s or noun["author"]["id"] == self._user_id:
            return None
        return Push((now_s - sent_s) * 1000, size_bytes)

    def _note(self, post: Json) -> None:
        self.recent.append(post["id"])
        self.people.append(post["author"]["id"])

    def _know(self, id: str) -> None:
        self._known[id] = None
        if len(self._known) > _REMEMBERED:
            oldest = next(iter(self._known))
            del self._known[oldest]
            if self._floor is not None:
                self._floor = max(self._floor, int(oldest))

    def _is_repeat(self, topic: str, noun: Json) -> bool:
        key = topic, noun["kind"], noun["id"]
        seq, last = int(noun["seq"]), self._last.get(key, -1)
        self._last[key] = max(seq, last)
        if len(self._last) > _REMEMBERED:
            del self._last[next(iter(self._last))]
        return last >= seq


def words(chance: random.Random, least: int, most: int) -> str:
    """As many words as that."""
    return " ".join(chance.choices(_WORDS, k=chance.randint(least, most)))


def stamped(chance: random.Random, now_s: float) -> str:
    """A post's text: some words, and at its end when it was sent, for whoever receives it."""
    return f"{words(chance, 4, 40)} ⏱{int(now_s * 1e6)}"


def sent_at(text: str) -> float | None:
    """When a stamped post was sent, in seconds since 1970; None for others."""
    match = _STAMP.search(text)
    return None if match is None else int(match[1]) / 1e6


def frame(type: str, ref: int, **fields: Any) -> str:
    """A command as it goes over the wire; fields that are None are left out."""
    given = {name: value for name, value in fields.items() if value is not None}
    return json.dumps({"type": type, "ref": ref, **given}, ensure_ascii=False)
