"""The last minutes of the whole log in this process: keys always, frames while there is room."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass


class Bares:
    """The forms of a frame without people who are only mentioned within, by whom they leave out.

    `forms` has one for each set of them but the empty one.
    """

    __slots__ = ("_forms", "people", "size_bytes")

    def __init__(self, forms: Mapping[frozenset[int], bytes]) -> None:
        self._forms = forms
        self.people = frozenset[int]().union(*forms)
        self.size_bytes = sum(map(len, forms.values()))

    def form(self, frame: bytes, refuses: frozenset[int]) -> bytes:
        """What to send of `frame` to whoever refuses these."""
        return self._forms.get(refuses & self.people, frame)


@dataclass(slots=True, eq=False)
class Told:
    """One thing that was told on a topic. Ids, kinds and `about` are opaque here."""

    xid: int
    seq: int
    topic: int
    kind: int
    noun_id: int
    about: tuple[int, ...]  # an outbox that refuses one of them does not get it
    at_ms: int
    frame: bytes | None = None  # None: not read yet, or dropped for room
    bares: Bares | None = None  # if somebody is mentioned within
    embeds: tuple[int, ...] = ()  # other nouns whose words are in the frame
    superseded: bool = False  # a newer line tells the same noun

    @property
    def noun(self) -> tuple[int, int, int]:
        """What the newest of wins, on this topic."""
        return self.topic, self.kind, self.noun_id

    @property
    def size_bytes(self) -> int:
        return len(self.frame or b"") + (self.bares.size_bytes if self.bares else 0)


class Ring:
    """(topic, seq) → what was told, of the whole log from `floor` (an xid) on.

    Holds at most `limit_bytes` of frames and, below the watermark, `limit_keys` keys.
    """

    def __init__(self, *, limit_bytes: int = 64 * 2**20, limit_keys: int = 100_000) -> None:
        self.floor = 0
        self.bytes = 0
        self._limit_bytes = limit_bytes
        self._limit_keys = limit_keys
        self._told: dict[tuple[int, int], Told] = {}
        self._by_topic: dict[int, dict[int, Told]] = {}
        self._newest: dict[tuple[int, int, int], Told] = {}
        self._embedding: dict[int, set[tuple[int, int]]] = {}

    def __contains__(self, key: tuple[int, int]) -> bool:
        return key in self._told

    def __len__(self) -> int:
        return len(self._told)

    def get(self, topic: int, seq: int) -> Told | None:
        return self._told.get((topic, seq))

    def add(self, told: Told) -> None:
        """Remember `told`; whatever told the same noun earlier on this topic is superseded."""
        newest = self._newest.get(told.noun)
        if newest is not None and newest.seq > told.seq:
            told.superseded = True
            told.frame = told.bares = None
        else:
            if newest is not None:
                newest.superseded = True
                self._drop_frame(newest)
            self._newest[told.noun] = told
        self._told[told.topic, told.seq] = told
        self._by_topic.setdefault(told.topic, {})[told.seq] = told
        if told.frame is not None:
            self._account(told)

    def fill(
        self,
        told: Told,
        frame: bytes,
        bares: Bares | None,
        embeds: tuple[int, ...],
    ) -> None:
        """Give `told` its bytes, as they are now."""
        self._drop_frame(told)
        told.frame, told.bares, told.embeds = frame, bares, embeds
        if (told.topic, told.seq) in self._told:
            self._account(told)

    def on(self, topics: Iterable[int], since: int) -> Iterator[Told]:
        """What was told on `topics` from the xid `since` on, but for what is superseded."""
        for topic in topics:
            for told in self._by_topic.get(topic, {}).values():
                if told.xid >= since and not told.superseded:
                    yield told

    def scrub(self, noun_id: int) -> None:
        """Forget the words of a noun that is gone, wherever they are embedded."""
        for key in list(self._embedding.get(noun_id, ())):
            told = self._told.get(key)
            if told is not None:
                self._drop_frame(told)

    def scrub_people(self, people: frozenset[int]) -> None:
        """Forget the words of everything that is about one of `people`, or has one inside."""
        for told in self._told.values():
            within = told.bares.people if told.bares else ()
            if not (people.isdisjoint(told.about) and people.isdisjoint(within)):
                self._drop_frame(told)

    def trim(self, watermark: int) -> None:
        """Make room. A key from the watermark on stays: the log will be read again from there."""
        if self.bytes <= self._limit_bytes and len(self._told) <= self._limit_keys:
            return
        for key in list(self._told):
            if self.bytes <= self._limit_bytes * 0.9 and len(self._told) <= self._limit_keys * 0.9:
                break
            told = self._told[key]
            self._drop_frame(told)
            if told.xid < watermark:
                self._remove(told)
                self.floor = max(self.floor, told.xid + 1)

    def forget(self, before_ms: int, watermark: int) -> None:
        """Let go of what was told before `before_ms` and lies below the watermark."""
        for key in list(self._told):
            told = self._told[key]
            if told.at_ms >= before_ms:
                break
            if told.xid < watermark:
                self._remove(told)
                self.floor = max(self.floor, told.xid + 1)

    def _account(self, told: Told) -> None:
        self.bytes += told.size_bytes
        for noun_id in told.embeds:
            self._embedding.setdefault(noun_id, set()).add((told.topic, told.seq))

    def _drop_frame(self, told: Told) -> None:
        if told.frame is None:
            return
        if (told.topic, told.seq) in self._told:
            self.bytes -= told.size_bytes
            for noun_id in told.embeds:
                keys = self._embedding.get(noun_id, set())
                keys.discard((told.topic, told.seq))
                if not keys:
                    self._embedding.pop(noun_id, None)
        told.frame = told.bares = None
        told.embeds = ()

    def _remove(self, told: Told) -> None:
        self._drop_frame(told)
        del self._told[told.topic, told.seq]
        on_topic = self._by_topic[told.topic]
        del on_topic[told.seq]
        if self._newest.get(told.noun) is told:
            del self._newest[told.noun]
        if not on_topic:
            del self._by_topic[told.topic]
