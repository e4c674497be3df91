"""The last days of the demo as a list of deeds: who did what, and when."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from realtime.commands.town.chatter import ANSWERS, EMOJI, QUOTES, remark
from realtime.commands.town.people import CAST, GUEST, Person
from realtime.commands.town.talk import Say, conversations

DAYS: Final = 5.0
_DAY_MS: Final = 86_400_000
_MINUTE_MS: Final = 60_000
_CROWD: Final = 80  # people who see a post at all, in a larger town
_REMARKS: Final = 2  # of each person beyond the cast
_MENTION: Final = re.compile(r"@([a-z0-9_]+)")


@dataclass(frozen=True, slots=True)
class Publish:
    """A post. `number` names it among the deeds; it may answer or quote an earlier one."""

    at_ms: int
    number: int
    say: Say
    answers: int | None = None
    quotes: int | None = None


@dataclass(frozen=True, slots=True)
class React:
    """One person's emoji on a post of an earlier deed."""

    at_ms: int
    who: str
    number: int
    emoji: str


@dataclass(frozen=True, slots=True)
class PassOn:
    """One person's retweet of a post of an earlier deed."""

    at_ms: int
    who: str
    number: int


Deed = Publish | React | PassOn


def past(people: Sequence[Person], now_ms: int, seed: int = 7) -> list[Deed]:
    """What these people did in the last days, oldest first; nobody else is named in it."""
    chance = random.Random(seed)
    names = [person.name for person in people]
    posts = list(_conversations(_roots(names, chance), names, now_ms, chance))
    deeds: list[Deed] = [*posts]
    for post in posts:
        deeds += _echo(post, names, now_ms, chance)
    # A post comes before what was done to it in the same millisecond.
    deeds.sort(key=lambda deed: (deed.at_ms, deed.number, not isinstance(deed, Publish)))
    return deeds


def follows(people: Sequence[Person], seed: int = 7) -> list[tuple[int, int]]:
    """(follower, followed) as places in `people`: some are known to many, most to a few."""
    chance = random.Random(seed)
    fame = [1 / (place + 3) for place in range(len(people))]
    pairs = []
    for place, person in enumerate(people):
        most = min(len(people) - 1, 18)
        wanted = math.ceil(most * (0.9 if person.name == GUEST else chance.uniform(0.3, 0.9)))
        others = sorted(
            (other for other in range(len(people)) if other != place),
            key=lambda other: chance.random() ** (1 / fame[other]),
        )
        pairs += [(place, other) for other in others[len(others) - wanted :]]
    return pairs


def _roots(names: Sequence[str], chance: random.Random) -> list[Say]:
    """The conversations among these people, and remarks of those beyond the cast between them."""
    here = frozenset(names)
    roots = [_cut(say, here) for say in conversations() if _fits(say, here)]
    for name in names[len(CAST) :]:
        for _ in range(_REMARKS):
            place = chance.randint(0, len(roots))
            roots.insert(place, _with_company(remark(chance, name, pictured=0.08), names, chance))
    return roots


def _fits(say: Say, here: frozenset[str]) -> bool:
    return say.who in here and here.issuperset(_MENTION.findall(say.text))


def _cut(say: Say, here: frozenset[str]) -> Say:
    """Without what the absent say; nobody goes on after a gap."""
    answers: list[Say] = []
    for answer in say.answers:
        if not _fits(answer, here):
            break
        answers.append(answer)
    quotes = tuple(quote for quote in say.quotes if _fits(quote, here))
    return Say(say.who, say.text, say.scenes, tuple(answers), quotes)


def _with_company(say: Say, names: Sequence[str], chance: random.Random) -> Say:
    def others(words: Sequence[str], share: float) -> tuple[Say, ...]:
        if chance.random() > share:
            return ()
        return (Say(chance.choice(names), chance.choice(words)),)

    return Say(say.who, say.text, say.scenes, others(ANSWERS, 0.4), others(QUOTES, 0.1))


def _conversations(
    roots: Sequence[Say], names: Sequence[str], now_ms: int, chance: random.Random
) -> Iterator[Publish]:
    number = 0
    for place, root in enumerate(roots):
        back = (1 - (place + chance.uniform(0.2, 0.8)) / len(roots)) ** 1.5
        first = Publish(now_ms - int(DAYS * _DAY_MS * back) - _MINUTE_MS, number, root)
        yield first
        number += 1
        said = [first]
        for at_ms, answer in _spread(first.at_ms, now_ms, root.answers, 11, chance):
            said.append(Publish(at_ms, number, answer, answers=_answered(said, answer).number))
            yield said[-1]
            number += 1
        for at_ms, quote in _spread(first.at_ms, now_ms, root.quotes, 50, chance):
            yield Publish(at_ms, number, quote, quotes=first.number)
            number += 1


def _answered(said: Sequence[Publish], answer: Say) -> Publish:
    """Whom this speaks to: the one it names, the last one if the first comes back, or the first."""
    named = _MENTION.match(answer.text)
    for earlier in reversed(said):
        if named is not None and earlier.say.who == named[1]:
            return earlier
    return said[-1] if answer.who == said[0].say.who else said[0]


def _spread(
    from_ms: int, now_ms: int, says: Sequence[Say], minutes: float, chance: random.Random
) -> Iterator[tuple[int, Say]]:
    """Each some `minutes` after the one before; closer where the present is near."""
    gaps = [chance.expovariate(1 / minutes) * _MINUTE_MS + 5_000 for _ in says]
    shrink = min(1.0, (now_ms - from_ms) * 0.9 / (sum(gaps) or 1))
    at = float(from_ms)
    for gap, say in zip(gaps, says, strict=True):
        at += gap * shrink
        yield int(at), say


def _echo(post: Publish, names: Sequence[str], now_ms: int, chance: random.Random) -> list[Deed]:
    """Reactions to one post, and who passed it on: a few to most, a crowd to some."""
    others = [name for name in names if name != post.say.who]
    is_root = post.answers is None
    crowd = min(len(others), _CROWD)
    pull = math.log(2 + crowd * (0.16 if is_root else 0.03)) * (1.3 if post.say.scenes else 1)
    heard = min(len(others), int(chance.lognormvariate(pull, 0.8)))
    favourites = chance.sample(sorted(set(EMOJI)), 3)
    deeds: list[Deed] = []
    for who in chance.sample(others, heard):
        at_ms = _later(post.at_ms, now_ms, chance)
        emoji = chance.choices([*favourites, chance.choice(EMOJI)], (6, 3, 1, 1))[0]
        deeds.append(React(at_ms, who, post.number, emoji))
        if chance.random() < 0.12:
            second = chance.choice([other for other in favourites if other != emoji])
            deeds.append(React(at_ms, who, post.number, second))
        if is_root and chance.random() < 0.16:
            deeds.append(PassOn(_later(post.at_ms, now_ms, chance), who, post.number))
    return deeds


def _later(from_ms: int, now_ms: int, chance: random.Random) -> int:
    delay = chance.expovariate(1 / (4 * 60)) * _MINUTE_MS + 8_000
    left = now_ms - from_ms
    return from_ms + int(delay if delay < left else left * chance.uniform(0.1, 0.98))
