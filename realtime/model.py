"""The nouns, in the shape in which they travel: frozen, without behaviour.

Ids are strings of digits, times RFC 3339 UTC with milliseconds, `seq` (`v` for counts and mine)
the number of the noun's own last change. A field that is UNSET is left out on the wire.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType


class Size(Struct, frozen=True):
    """One rendition of a picture, in pixels."""

    url: str
    width: int
    height: int


class Media(Struct, frozen=True, tag_field="kind", tag="media"):
    """A picture, ready to be shown; lives inside other nouns."""

    id: str
    type: str
    url: str
    sizes: list[Size]
    width: int
    height: int
    alt: str
    thumbhash: str
    animated: bool


class Author(Struct, frozen=True):
    """A person as posts and lists carry them; `seq` is that of their last profile change."""

    id: str
    name: str
    display_name: str
    avatar: Media | None
    seq: int


class User(Struct, frozen=True, tag_field="kind", tag="user"):
    """A person. `deleted`: the account is gone, drop all of theirs."""

    id: str
    seq: int
    name: str
    display_name: str
    bio: str
    avatar: Media | None
    followers: int
    following: int
    posts: int
    created_at: str
    deleted: bool


class Counts(Struct, frozen=True, tag_field="kind", tag="counts"):
    """All the numbers of one post, absolute; `v` grows with each change."""

    post_id: str
    v: int
    reactions: dict[str, int]
    retweets: int
    replies: int
    quotes: int


class Mine(Struct, frozen=True, tag_field="kind", tag="mine"):
    """What I did to one post; goes to my own windows only. `v` is that of the counts."""

    post_id: str
    v: int
    reactions: list[str]
    retweeted: bool


class Parent(Struct, frozen=True):
    """The post that a reply answers, in short."""

    id: str
    author: Author


class Post(Struct, frozen=True, tag_field="kind", tag="post"):
    """A post, or its tombstone: `deleted`, with no text and no media."""

    id: str
    seq: int
    author: Author
    text: str
    media: list[Media]
    reply_to: str | None
    quote_of: str | None
    created_at: str
    deleted: bool
    parent: Parent | UnsetType = UNSET
    quoted: Post | UnsetType = UNSET
    counts: Counts | UnsetType = UNSET
    mine: Mine | UnsetType = UNSET


class Retweet(Struct, frozen=True, tag_field="kind", tag="retweet"):
    """Someone passed a post on. On a page, where one post is one entry, `also` says who else."""

    id: str
    seq: int
    user: Author
    post: Post
    created_at: str
    deleted: bool
    also: list[Author] | UnsetType = UNSET
    also_count: int | UnsetType = UNSET


class Relation(Struct, frozen=True, tag_field="kind", tag="relation"):
    """How I stand to one person, and whether they follow me."""

    user_id: str
    seq: int
    following: bool
    followed_by: bool
    blocking: bool
    muting: bool


class Reaction(Struct, frozen=True):
    """One person's one emoji on one post."""

    user: User
    emoji: str
    at: str


What = Literal["reaction", "retweet", "reply", "mention", "quote", "follow"]


class Notice(Struct, frozen=True, tag_field="kind", tag="notice"):
    """Something was done to me, by `count` people; `users` names up to three, newest first.

    `count` 0: it has vanished. `post_id` is the reply, mention or quote itself, else the post that
    was acted on; `emoji` the newest one. Goes to my own windows only.
    """

    id: str
    seq: int
    what: What
    users: list[Author]
    count: int
    created_at: str
    read: bool
    post_id: str | UnsetType = UNSET
    emoji: str | UnsetType = UNSET


class Read(Struct, frozen=True, tag_field="kind", tag="read"):
    """Up to which notice I have read, and how many wait. Goes to my own windows only."""

    seq: int
    up_to: str
    unread: int


class Draft(Struct, frozen=True, tag_field="kind", tag="draft"):
    """What I have begun to write; what is in it is for my clients. Goes to my own windows only."""

    seq: int
    draft: dict[str, Any] | None


Entry = Post | Retweet
Noun = User | Post | Retweet | Counts | Mine | Relation | Notice | Read | Draft
