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

    def take(self) -> Identity | None:
        """Somebody whom nobody plays yet; None when all are taken."""
        with self._lock:
            return self._free.popleft() if self._free else None

    def give_back(self, identity: Identity) -> None:
        """Somebody else may play them from now on."""
        with self._lock:
            self._free.append(identity)
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
        self._user_id = user_id
        self._last: dict[tuple[str, str, str], int] = {}  # topic, kind, id → seq

    def take(self, frame: Json, size_bytes: int, now_s: float) -> Push | None:
        """Note one frame; a measured delivery, if it is one."""
        if "cursor" in frame:
            self.cursor = frame["cursor"]
        if frame["type"] != "event":
            return None
        noun = frame["noun"]
        if noun["kind"] != "post":
            return None
        if self._is_repeat(frame["topic"], noun):
            self.doubled += 1
            return None
        if noun["deleted"]:
            return None
        self.recent.append(noun["id"])
        sent_s = sent_at(noun["text"])
        if sent_s is None or noun["author"]["id"] == self._user_id:
            return None
        return Push((now_s - sent_s) * 1000, size_bytes)

    def resumed(self) -> None:
        """The window comes back: what was told shortly before may be told again."""
        self._last.clear()

    def seen(self, entries: list[Json]) -> None:
        """Remember the posts of a page."""
        for entry in reversed(entries):
            post = entry["post"] if entry["kind"] == "retweet" else entry
            if not post["deleted"]:
                self.recent.append(post["id"])

    def _is_repeat(self, topic: str, noun: Json) -> bool:
        key = topic, noun["kind"], noun["id"]
        seq, last = int(noun["seq"]), self._last.get(key, -1)
        self._last[key] = max(seq, last)
        if len(self._last) > _REMEMBERED:
            del self._last[next(iter(self._last))]
        return last >= seq


def stamped(chance: random.Random, now_s: float) -> str:
    """A post's text: some words, and at its end when it was sent, for whoever receives it."""
    words = " ".join(chance.choices(_WORDS, k=chance.randint(4, 40)))
    return f"{words} ⏱{int(now_s * 1e6)}"


def sent_at(text: str) -> float | None:
    """When a stamped post was sent, in seconds since 1970; None for others."""
    match = _STAMP.search(text)
    return None if match is None else int(match[1]) / 1e6


def frame(type: str, ref: int, **fields: Any) -> str:
    """A command as it goes over the wire; fields that are None are left out."""
    given = {name: value for name, value in fields.items() if value is not None}
    return json.dumps({"type": type, "ref": ref, **given}, ensure_ascii=False)
