"""What commands are answered with."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, Struct, UnsetType

from realtime.model import Counts, Entry, Mine, Notice, Post, Reaction, Relation, User


class Posted(Struct, frozen=True):
    """A post as it is now."""

    post: Post


class Thread(Struct, frozen=True):
    """A post in its conversation."""

    ancestors: list[Post]
    post: Post
    replies: list[Post]
    next: str | UnsetType = UNSET


class Stance(Struct, frozen=True):
    """A post's numbers and my part in them."""

    counts: Counts
    mine: Mine


class Users(Struct, frozen=True):
    """A page of people."""

    users: list[User]
    next: str | UnsetType = UNSET


class Reactions(Struct, frozen=True):
    """A page of reactions."""

    reactions: list[Reaction]
    next: str | UnsetType = UNSET


class Profile(Struct, frozen=True):
    """A person, and how I stand to them; null for a visitor and for oneself."""

    user: User
    relation: Relation | None


class Me(Struct, frozen=True):
    """Myself as others see me."""

    user: User


class Related(Struct, frozen=True):
    """How I stand to one person."""

    relation: Relation


class Timeline(Struct, frozen=True):
    """A page of posts and retweets."""

    entries: list[Entry]
    next: str | UnsetType = UNSET


class Found(Struct, frozen=True):
    """A page of what was searched for: `posts` or `users`."""

    posts: list[Post] | UnsetType = UNSET
    users: list[User] | UnsetType = UNSET
    next: str | UnsetType = UNSET


class Watched(Struct, frozen=True):
    """The state now of what is watched; deleted posts come back as tombstones."""

    counts: list[Counts]
    mine: list[Mine]
    posts: list[Post]


class Notices(Struct, frozen=True):
    """A page of notices, and how many of all wait to be read."""

    notices: list[Notice]
    unread: int
    next: str | UnsetType = UNSET


class Unread(Struct, frozen=True):
    """How many notices wait to be read."""

    unread: int


class Drafted(Struct, frozen=True):
    """The draft that is kept now."""

    draft: dict[str, Any] | None
