"""The judge: reads a history and says what was lost, doubled, reordered, leaked or invented.

Answers that never came leave both outcomes open; what was acknowledged leaves none.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tests.faults.history import Attempt, Edge, Heard, History, Seat

GRACE_S = 1.0  # another's deed reaches every window within this


@dataclass(slots=True)
class Verdict:
    """What was found. `problems` holds a sentence for each of the first ones of a kind."""

    acked: int = 0
    due: int = 0
    lost: int = 0
    doubled: int = 0
    reordered: int = 0
    leaked: int = 0
    invented: int = 0
    unlike: int = 0  # a window does not show what a fresh load shows
    alarms: int = 0
    recovery_s: list[float] = field(default_factory=list)  # per window, after the last mending
    is_void: bool = False  # the fault never bit
    problems: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """True if the fault bit and nothing was wrong."""
        return not self.is_void and not self.problems

    @property
    def recovery_p99_s(self) -> float:
        """So long took all but one window in a hundred."""
        return percentile(self.recovery_s, 0.99)

    def note(self, kind: str, sentence: str) -> None:
        """Count one problem of this kind."""
        count = getattr(self, kind) + 1
        setattr(self, kind, count)
        if count <= 5:
            self.problems.append(f"{kind}: {sentence}")


def percentile(values: Iterable[float], part: float) -> float:
    """The value that this part (0 to 1) of all does not exceed; 0 of none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * part) - 1)] if ordered else 0.0


def check(history: History) -> Verdict:
    """Judge one trial."""
    verdict = Verdict()
    verdict.is_void = any(fault.bites == 0 for fault in history.faults)
    acked = [attempt for attempt in history.attempts.values() if attempt.ids]
    verdict.acked = len(acked)
    _durable(history, verdict)
    _complete(history, acked, verdict)
    _once(history, verdict)
    _in_order(history, acked, verdict)
    _isolated(history, verdict)
    _alike(history, verdict)
    _agreed(history, verdict)
    _honest(history, acked, verdict)
    for alarm in history.alarms:
        verdict.note("alarms", alarm)
    return verdict


def _durable(history: History, verdict: Verdict) -> None:
    """Acknowledged is stored, once; what was refused, or never asked for, is nowhere."""
    stored: dict[str, list[int]] = defaultdict(list)
    for post_id, key in history.stored:
        stored[key].append(post_id)
    for key, attempt in history.attempts.items():
        found = set(stored.pop(key, []))
        if len(attempt.ids | found) > 1:
            verdict.note("doubled", f"key {key} became the posts {sorted(attempt.ids | found)}")
        if attempt.ids and not found and not attempt.ids & history.deletions.keys():
            verdict.note("lost", f"post {min(attempt.ids)} was acknowledged and is not stored")
        if found and attempt.refused is not None:
            verdict.note("invented", f"{key} was refused with {attempt.refused} and is stored")
    for key in stored:
        verdict.note("invented", f"nobody asked for {key!r}")


def _complete(history: History, acked: list[Attempt], verdict: Verdict) -> None:
    """Each acknowledged post is in the view of each who was entitled to it throughout."""
    stands = _Stands(history.edges)
    healed = history.healed
    for name, seat in history.seats.items():
        slowest = 0.0
        for attempt in acked:
            post_id = min(attempt.ids)
            if post_id in history.deletions or not stands.throughout(seat.user_id, attempt):
                continue
            verdict.due += 1
            if post_id not in seat.final:
                verdict.note("lost", f"{name} has not got post {post_id} of {attempt.author}")
            came = seat.seen.get(post_id)
            if came is not None and attempt.invoked <= healed:
                slowest = max(slowest, came - healed)
        verdict.recovery_s.append(slowest)


class _Stands:
    """Who may hear whom, when."""

    def __init__(self, edges: Iterable[Edge]) -> None:
        self._by_pair: dict[tuple[int, int], list[Edge]] = defaultdict(list)
        for edge in edges:
            self._by_pair[edge.who, edge.whom].append(edge)

    def throughout(self, user_id: int, attempt: Attempt) -> bool:
        """True if this person certainly followed before the post, and to the end."""
        if user_id == attempt.author:
            return True
        edges = self._by_pair.get((user_id, attempt.author), [])
        follows = [edge for edge in edges if edge.what in ("follow", "unfollow")]
        if not follows or follows[-1].what != "follow":
            return False
        begun = follows[-1].acked
        if begun is None or begun > attempt.invoked:
            return False
        return not any(edge.what == "block" for edge in self.between(user_id, attempt.author))

    def between(self, one: int, other: int) -> Iterator[Edge]:
        """What either did to the other."""
        yield from self._by_pair.get((one, other), [])
        yield from self._by_pair.get((other, one), [])

    def parted(self, user_id: int, author: int) -> float | None:
        """Since when this person certainly must not hear that author, if so to the end."""
        own = self._by_pair.get((user_id, author), [])
        follows = [edge for edge in own if edge.what in ("follow", "unfollow")]
        blocks = [e for e in self.between(user_id, author) if e.what in ("block", "unblock")]
        ends = []
        if follows and follows[-1].what == "unfollow" and follows[-1].acked is not None:
            ends.append(follows[-1].acked)
        if blocks and blocks[-1].what == "block" and blocks[-1].acked is not None:
            ends.append(blocks[-1].acked)
        return min(ends) if ends else None


def _once(history: History, verdict: Verdict) -> None:
    """Nothing comes twice on one socket between two welcomes."""
    times = Counter(
        (heard.window, heard.greeting, heard.topic, heard.post_id, heard.seq)
        for heard in history.heard
    )
    for (window, _, topic, post_id, seq), count in times.items():
        if count > 1:
            verdict.note("doubled", f"{window} got {post_id}@{seq} on {topic} {count} times")


def _in_order(history: History, acked: list[Attempt], verdict: Verdict) -> None:
    """Of one author's posts that did not overlap, the later one is the newer one."""
    by_author: dict[int, list[Attempt]] = defaultdict(list)
    for attempt in acked:
        by_author[attempt.author].append(attempt)
    for author, attempts in by_author.items():
        attempts.sort(key=lambda attempt: attempt.invoked)
        newest, newest_acked = 0, math.inf
        for attempt in attempts:
            post_id = min(attempt.ids)
            if newest_acked <= attempt.invoked and post_id < newest:
                verdict.note("reordered", f"{author}'s post {post_id} came after {newest}")
            if post_id > newest and attempt.acked is not None:
                newest, newest_acked = post_id, attempt.acked


def _isolated(history: History, verdict: Verdict) -> None:
    """Nothing of an author reaches a window after its person has parted from them."""
    stands = _Stands(history.edges)
    parted: dict[tuple[int, int], float | None] = {}

    def since(seat: Seat, author: int) -> float | None:
        pair = (seat.user_id, author)
        if pair not in parted:
            parted[pair] = stands.parted(*pair)
        return parted[pair]

    for heard in history.heard:
        seat = history.seats[heard.window]
        ended = since(seat, heard.author)
        if ended is not None and heard.at > ended + GRACE_S:
            verdict.note("leaked", _leak(heard, ended))


def _leak(heard: Heard, ended: float) -> str:
    late = heard.at - ended
    return f"{heard.window} heard post {heard.post_id} of {heard.author} {late:.1f} s after"


def _alike(history: History, verdict: Verdict) -> None:
    """What a window shows at the end is what it would show after a fresh load."""
    for name, seat in history.seats.items():
        missing, extra = (
            seat.fresh.keys() - seat.final.keys(),
            seat.final.keys() - seat.fresh.keys(),
        )
        if missing or extra:
            verdict.note("unlike", f"{name} lacks {sorted(missing)[:3]}, shows {sorted(extra)[:3]}")


def _agreed(history: History, verdict: Verdict) -> None:
    """Windows that show the same post show the same state of it, at the end and afresh."""
    states: dict[int, tuple[int, str]] = {}
    for name, seat in history.seats.items():
        for views in (seat.final, seat.fresh):
            for post_id, seq in views.items():
                known, who = states.setdefault(post_id, (seq, name))
                if known != seq:
                    verdict.note("unlike", f"{name} shows {post_id}@{seq}, {who} @{known}")


def _honest(history: History, acked: list[Attempt], verdict: Verdict) -> None:
    """What was never pushed to a window, it was told to load: `resumed: false`, or `behind`."""
    stands = _Stands(history.edges)
    pushed: dict[str, set[int]] = defaultdict(set)
    for heard in history.heard:
        pushed[heard.window].add(heard.post_id)
    for name, seat in history.seats.items():
        if not seat.gapped:
            continue  # not written down in this history
        for attempt in acked:
            post_id = min(attempt.ids)
            if post_id in pushed[name] or post_id in history.deletions:
                continue
            if post_id not in seat.final or not stands.throughout(seat.user_id, attempt):
                continue
            if not any(at >= attempt.invoked for at in seat.gapped):
                verdict.note("unlike", f"{name} was never told {post_id}, nor of a gap")
