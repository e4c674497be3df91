"""The judge alone, on histories made by hand: what is wrong is named, what is right is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.faults.check import check
from tests.faults.history import Attempt, Deleted, Edge, Fault, Heard, History, Seat

ADA, BOB = 1, 2


def history() -> History:
    """Bob follows Ada, who posts 10 and 20; all is well."""
    found = History(seed=0, faults=[Fault("something", 2.0, 3.0, bites=1)])
    found.edges.append(Edge(BOB, ADA, "follow", 0.1, 0.2))
    for key, post_id, at in (("a", 10, 1.0), ("b", 20, 2.5)):
        found.attempts[key] = Attempt(key, ADA, at, at + 0.1, {post_id}, tries=1)
        found.stored.append((post_id, key))
    found.seats["w"] = Seat(BOB, greetings=1, final={10: 10, 20: 20}, fresh={10: 10, 20: 20})
    found.seats["w"].seen = {10: 1.1, 20: 3.4}
    found.heard = [heard(1.1, 10), heard(3.4, 20)]
    return found


def heard(at: float, post_id: int, greeting: int = 1, seq: int | None = None) -> Heard:
    return Heard(at, "w", greeting, "author:1", post_id, seq or post_id, ADA, False)


def test_a_good_history_is_clean_and_its_recovery_is_measured() -> None:
    verdict = check(history())
    assert (verdict.is_clean, verdict.acked, verdict.due) == (True, 2, 2)
    assert verdict.recovery_p99_s == pytest.approx(0.4)


def _lost(h: History) -> None:
    del h.seats["w"].final[20], h.seats["w"].fresh[20]


def _not_stored(h: History) -> None:
    h.stored.pop()


def _doubled_key(h: History) -> None:
    h.stored.append((21, "b"))


def _two_answers(h: History) -> None:
    h.attempts["b"].ids.add(21)


def _told_twice(h: History) -> None:
    h.heard.append(heard(3.5, 20))


def _reordered(h: History) -> None:
    h.attempts["b"].ids = {9}
    h.stored[1] = (9, "b")
    h.seats["w"].final = h.seats["w"].fresh = {10: 10, 9: 9}


def _leaked(h: History) -> None:
    h.edges.append(Edge(BOB, ADA, "unfollow", 1.2, 1.3))
    h.seats["w"].final = h.seats["w"].fresh = {}


def _leaked_by_the_blocked(h: History) -> None:
    h.edges.append(Edge(ADA, BOB, "block", 1.2, 1.3))
    h.seats["w"].final = h.seats["w"].fresh = {}


def _invented(h: History) -> None:
    h.stored.append((30, "nobody's"))


def _refused_but_there(h: History) -> None:
    h.attempts["b"].ids, h.attempts["b"].refused = set(), "invalid"


def _unlike(h: History) -> None:
    h.seats["w"].final[30] = 30


def _disagree(h: History) -> None:
    h.seats["v"] = Seat(BOB, greetings=1, final={10: 10, 20: 21}, fresh={10: 10, 20: 21})


def _silently_loaded(h: History) -> None:
    h.seats["w"].gapped = [0.5]
    h.heard.pop()


def _alarm(h: History) -> None:
    h.alarms.append("Traceback (most recent call last)")


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (_lost, "lost"),
        (_not_stored, "lost"),
        (_doubled_key, "doubled"),
        (_two_answers, "doubled"),
        (_told_twice, "doubled"),
        (_reordered, "reordered"),
        (_leaked, "leaked"),
        (_leaked_by_the_blocked, "leaked"),
        (_invented, "invented"),
        (_refused_but_there, "invented"),
        (_unlike, "unlike"),
        (_disagree, "unlike"),
        (_silently_loaded, "unlike"),
        (_alarm, "alarms"),
    ],
)
def test_what_is_wrong_is_named(spoil: Callable[[History], None], kind: str) -> None:
    spoiled = history()
    spoil(spoiled)
    verdict = check(spoiled)
    assert not verdict.is_clean
    assert getattr(verdict, kind) > 0, verdict.problems


def _unanswered(h: History) -> None:
    h.attempts["c"] = Attempt("c", ADA, 4.0)
    h.stored.append((30, "c"))
    h.seats["w"].final[30] = h.seats["w"].fresh[30] = 30


def _resumed(h: History) -> None:
    h.heard.append(heard(3.6, 20, greeting=2))


def _edge_meanwhile(h: History) -> None:
    h.edges[0] = Edge(BOB, ADA, "follow", 2.0, 2.6)
    _lost(h)


def _taken_back(h: History) -> None:
    h.deletions[20] = Deleted(20, 3.0, 3.1)
    h.stored.pop()
    _lost(h)


def _loaded_at_a_gap(h: History) -> None:
    h.seats["w"].gapped = [0.5, 3.0]
    h.heard.pop()


def _heard_at_once(h: History) -> None:
    h.edges.append(Edge(BOB, ADA, "unfollow", 3.3, 3.35))
    h.seats["w"].final = h.seats["w"].fresh = {}


@pytest.mark.parametrize(
    "vary", [_unanswered, _resumed, _edge_meanwhile, _taken_back, _loaded_at_a_gap, _heard_at_once]
)
def test_what_may_be_either_way_is_not_held_against_anybody(
    vary: Callable[[History], None],
) -> None:
    varied = history()
    vary(varied)
    assert check(varied).problems == []


def test_a_fault_that_never_bit_makes_the_trial_void() -> None:
    toothless = history()
    toothless.faults[0].bites = 0
    verdict = check(toothless)
    assert verdict.is_void
    assert not verdict.is_clean
