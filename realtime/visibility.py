"""Who may see and hear what: the one place.

A noun is shown, and heard, iff none of the people it is about (its author, its retweeter, the
author of the retweeted post) is hidden from the viewer by a block in either direction or a mute.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import chain, combinations
from typing import Final

from msgspec import UNSET, UnsetType, structs

from realtime.errors import not_found
from realtime.model import Noun, Parent, Post, Relation, Retweet
from realtime.store import audience as kept
from realtime.store import post as posts
from realtime.store import relation
from realtime.store.audience import NOBODY, Audience
from realtime.store.database import Database, Tx

_AUTHOR: Final = 0
_POST: Final = 1
_ME: Final = 2
_SHARED: Final = 3
_NAMES: Final = ("author", "post", "me")

EXPLORE: Final = _SHARED  # recent posts by anyone


def author(user_id: int) -> int:
    """The topic of what this person does; their windows and every follower hear it."""
    return user_id * 4 + _AUTHOR


def post(post_id: int) -> int:
    """The topic of what happens to this post; windows that watch it hear it."""
    return post_id * 4 + _POST


def me(user_id: int) -> int:
    """The topic of what is this person's own; their windows hear it."""
    return user_id * 4 + _ME


def owner(topic: int) -> int | None:
    """Whose `me` topic this is, if it is one."""
    return topic // 4 if topic % 4 == _ME else None


def subject(topic: int) -> int:
    """The id that a topic is named after."""
    return topic // 4


def wire_name(topic: int) -> str:
    """A topic as it stands on the wire, and as a channel of the bus."""
    return "explore" if topic == EXPLORE else f"{_NAMES[topic % 4]}:{topic // 4}"


async def audience(db: Database | Tx, user_id: int | None) -> Audience:
    """Whom this person follows and who is hidden from them, as of now."""
    if user_id is None:
        return NOBODY
    return await kept.of(db, user_id)


async def audiences(db: Database | Tx, user_ids: Collection[int]) -> dict[int, Audience]:
    """Whom each of these people follows and who is hidden from them, all as of one moment."""
    return await kept.by_users(db, user_ids)


async def hidden(db: Database | Tx, user_id: int | None) -> frozenset[int]:
    """Who is hidden from this person, as of now; nobody from a visitor."""
    return await relation.hidden(db, user_id) if user_id is not None else frozenset()


async def may_name(db: Database | Tx, user_id: int | None, other_id: int) -> bool:
    """True if commands of this person may name that one: a block, either way, makes them unknown.

    A mute does not: it only hides in lists and pushes.
    """
    if user_id is None or user_id == other_id:
        return True
    return not await relation.is_blocked(db, user_id, other_id)


async def named(
    db: Database | Tx, user_id: int | None, post_id: int, hidden: frozenset[int]
) -> Post:
    """The post that a command of this person names, or its tombstone, as it is now.

    Raises:
        Refusal: there is none, or its author and this person are hidden from each other.
    """
    # Asked first and in one statement, so that both kinds of no take the same time.
    may_name = await posts.may_name(db, user_id or 0, post_id)
    found = await posts.by_ids(db, [post_id], hidden) if may_name else []
    if not found:
        raise not_found(field="post_id")
    return found[0]


def topics(user_id: int | None, heard: Audience) -> set[int]:
    """What this person hears without asking."""
    if user_id is None:
        return set()
    return {me(user_id), author(user_id), *map(author, heard.following)}


def about(noun: Noun) -> tuple[int, ...]:
    """The people whom a noun is about; it is told to nobody who does not see them all."""
    if isinstance(noun, Retweet):
        return tuple({int(noun.user.id), int(noun.post.author.id)})
    if isinstance(noun, Post):
        return (int(noun.author.id),)
    return ()


def inside(noun: Noun) -> frozenset[int]:
    """People who are only mentioned within: whoever must not see them gets the noun without."""
    found = noun.post if isinstance(noun, Retweet) else noun
    if not isinstance(found, Post):
        return frozenset()
    people = set()
    if found.parent is not UNSET:
        people.add(int(found.parent.author.id))
    if found.quoted is not UNSET:
        people.add(int(found.quoted.author.id))
        if found.quoted.parent is not UNSET:
            people.add(int(found.quoted.parent.author.id))
    return frozenset(people.difference(about(noun)))


def embeds(noun: Noun) -> tuple[int, ...]:
    """Other posts whose words the noun carries."""
    if isinstance(noun, Retweet):
        return (int(noun.post.id), *embeds(noun.post))
    if isinstance(noun, Post) and noun.quoted is not UNSET:
        return (int(noun.quoted.id),)
    return ()


def shown(post: Post, hidden: frozenset[int]) -> Post:
    """The post as someone may see it from whom these people are hidden, as a page would show it."""
    quoted = post.quoted
    if quoted is not UNSET:
        is_hidden = int(quoted.author.id) in hidden
        quoted = UNSET if is_hidden else structs.replace(quoted, parent=_parent(quoted, hidden))
    return structs.replace(post, parent=_parent(post, hidden), quoted=quoted)


def _parent(post: Post, hidden: frozenset[int]) -> Parent | UnsetType:
    parent = post.parent
    return UNSET if parent is UNSET or int(parent.author.id) in hidden else parent


def forms(noun: Noun) -> list[tuple[frozenset[int], Noun]]:
    """The noun without each set of people who are only mentioned within; three at most are."""
    people = sorted(inside(noun))
    subsets = chain.from_iterable(combinations(people, n) for n in range(1, len(people) + 1))
    return [(hidden, _without(noun, hidden)) for hidden in map(frozenset, subsets)]


def _without(noun: Noun, hidden: frozenset[int]) -> Noun:
    if isinstance(noun, Retweet):
        return structs.replace(noun, post=shown(noun.post, hidden))
    return shown(noun, hidden) if isinstance(noun, Post) else noun


def agree(heard: Audience, relations: Iterable[Relation]) -> bool:
    """Whether an audience and relations, read one after the other, say the same."""
    for found in relations:
        other = int(found.user_id)
        if found.following != (other in heard.following):
            return False
        if (found.blocking or found.muting) != (other in heard.avoided):
            return False
    return True
