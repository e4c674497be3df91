"""The wire: commands, answers and events as frozen structs.

What `docs/`, JSON Schema, AsyncAPI and the browser's types are made from, docstrings included.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from realtime.model import (
    Noun,
    User,
)
from realtime.results import (
    Drafted,
    Found,
    Me,
    Notices,
    Posted,
    Profile,
    Reactions,
    Related,
    Stance,
    Thread,
    Timeline,
    Unread,
    Users,
    Watched,
)

SUBPROTOCOL: Final = "realtime.v1"
FRAME_BYTES: Final = 65_536
HEARTBEAT_S: Final = 20
HELLO_S: Final = 5
PAGE: Final = 50
WATCH: Final = 200
MEDIA: Final = 4
REACTIONS: Final = 8
QUERY: Final = 200
DRAFT_BYTES: Final = 32 * 2**10
MAX_ID: Final = 2**63 - 1

Ref = Annotated[int, Meta(ge=0, le=2**53 - 1, description="Picked by the client; comes back.")]
# `$` alone would let a newline pass in Python.
Id = Annotated[
    str, Meta(pattern=r"^(?:0|[1-9][0-9]{0,18})(?!\n)$", description="64 bit, in digits.")
]
Key = Annotated[
    str,
    Meta(
        pattern=r"^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}(?!\n)$",
        description="A UUID chosen by the client; a repeat returns the first post, for ever.",
    ),
]
Before = Annotated[str, Meta(min_length=1, max_length=200, description="`next` of the last one.")]
Limit = Annotated[int, Meta(ge=1, le=100)]
Word = Annotated[str, Meta(max_length=200)]


class Command(Struct, frozen=True, forbid_unknown_fields=True):
    """What a client may ask; exactly one answer comes back for each."""

    ref: Ref


class Hello(Command, frozen=True, tag="hello"):
    """The first frame; later, with a cursor, a resume in place. Answered by `welcome`.

    It comes within 5 seconds of the handshake. `cursor` belongs together with a view:
    whoever has none sends none. `ticket` is for programs, good for 30 seconds and one
    `hello`; it wins over a cookie.
    """

    cursor: str | UnsetType = UNSET
    ticket: Annotated[str, Meta(max_length=500)] | UnsetType = UNSET
    client: Word | UnsetType = UNSET


class PostCreate(Command, frozen=True, tag="post.create"):
    """Publish a post, exactly once for each `key`.

    A repeat with the same `key` by the same person gives the first post, for ever. `text`
    has 1 to 500 grapheme clusters after NFC and trimming, and may be empty with `media`.
    Media is one's own, and in one post only. Replying to or quoting a deleted post is
    `not_found`.
    """

    key: Key
    text: str
    media: list[Id] | UnsetType = UNSET
    reply_to: Id | UnsetType = UNSET
    quote_of: Id | UnsetType = UNSET


class PostDelete(Command, frozen=True, tag="post.delete"):
    """Take my post back; deleting it again is `ok`.

    The answer is a tombstone; its pictures go. Another's visible post is `forbidden`.
    """

    post_id: Id


class PostThread(Command, frozen=True, tag="post.thread"):
    """One post, what it answers (from the root down), and its replies, oldest first.

    A deleted post, or ancestor, is a tombstone in its place; a hidden ancestor is left out.
    """

    post_id: Id
    before: Before | UnsetType = UNSET


class RetweetSet(Command, frozen=True, tag="retweet.set"):
    """My retweet of this post is on or off; setting it twice is setting it once.

    One's own posts may be retweeted. A deleted post is `not_found`.
    """

    post_id: Id
    on: bool


class RetweetList(Command, frozen=True, tag="retweet.list"):
    """Who retweeted, newest first."""

    post_id: Id
    before: Before | UnsetType = UNSET


class ReactSet(Command, frozen=True, tag="react.set"):
    """My reaction with this emoji is on or off; setting it twice is setting it once.

    Any RGI emoji, with skin tones and ZWJ sequences; stored fully qualified. At most 8
    different ones by one person on one post.
    """

    post_id: Id
    emoji: Word
    on: bool


class ReactList(Command, frozen=True, tag="react.list"):
    """Who reacted, newest first; with one emoji or with any."""

    post_id: Id
    emoji: Word | UnsetType = UNSET
    before: Before | UnsetType = UNSET


class ProfileGet(Command, frozen=True, tag="profile.get"):
    """One person, by exactly one of `name` and `user_id`."""

    name: Word | UnsetType = UNSET
    user_id: Id | UnsetType = UNSET


class ProfileUpdate(Command, frozen=True, tag="profile.update"):
    """Change what others see of me; what is left out stays. `avatar: null` takes it away."""

    display_name: str | UnsetType = UNSET
    bio: str | UnsetType = UNSET
    avatar: Id | UnsetType | None = UNSET


class FollowSet(Command, frozen=True, tag="follow.set"):
    """I follow this person or not; takes effect on every open window of mine at once.

    Following oneself is `invalid`.
    """

    user_id: Id
    on: bool


class FollowList(Command, frozen=True, tag="follow.list"):
    """People around one person, newest first; `blocking` and `muting` for oneself only."""

    user_id: Id
    direction: Literal["followers", "following", "blocking", "muting"]
    before: Before | UnsetType = UNSET


class BlockSet(Command, frozen=True, tag="block.set"):
    """Neither of us is there for the other one; ends both follows."""

    user_id: Id
    on: bool


class MuteSet(Command, frozen=True, tag="mute.set"):
    """I no longer see this person in lists and pushes, or do again; they never learn."""

    user_id: Id
    on: bool


class TimelineGet(Command, frozen=True, tag="timeline.get"):
    """A page of a timeline, newest first, one entry a post.

    `home` holds the posts and retweets of those one follows, and one's own; `explore`
    recent posts by anybody, without replies and retweets; `user`, `media` and `reactions`
    need `user_id`. `next` goes back as `before`; going back neither repeats nor skips what
    stood below the first page.
    """

    name: Literal["home", "explore", "user", "media", "reactions"]
    user_id: Id | UnsetType = UNSET
    before: Before | UnsetType = UNSET
    limit: Limit = PAGE


class WatchSet(Command, frozen=True, tag="watch.set"):
    """The posts on my screen; replaces the last set. Their state comes back, then changes.

    `explore: true` adds new posts by anybody, on the topic `explore`. Ids that are unknown
    or hidden are left out. What is watched belongs to one socket.
    """

    post_ids: list[Id]
    explore: bool = False


class SearchQuery(Command, frozen=True, tag="search.query"):
    """Posts or people by their words, newest first; the last word may be a beginning."""

    q: str
    kind: Literal["posts", "users"]
    before: Before | UnsetType = UNSET


class NoticeList(Command, frozen=True, tag="notice.list"):
    """What was done to me, newest first."""

    before: Before | UnsetType = UNSET


class NoticeRead(Command, frozen=True, tag="notice.read"):
    """I have read everything up to this notice; a smaller one than before changes nothing."""

    up_to: Id


class DraftSet(Command, frozen=True, tag="draft.set"):
    """What I have begun to write, for my other windows; an object of any shape, or null."""

    draft: dict[str, Any] | None


class Limits(Struct, frozen=True):
    """What may be sent. Lengths in graphemes, `alt` in characters."""

    text: int
    display_name: int
    bio: int
    alt: int
    media: int
    media_bytes: int
    media_types: list[str]
    pixels: int
    reactions: int
    watch: int
    page: int
    frame_bytes: int


class Welcome(Struct, frozen=True, tag="welcome"):
    """The answer to `hello`. What comes next is the replay (if `resumed`), then what is live."""

    ref: int
    user: User | None
    cursor: str
    resumed: bool
    unread: int
    draft: dict[str, Any] | None
    limits: Limits
    heartbeat_s: int


class Ok(Struct, frozen=True, tag="ok"):
    """The command is done, and durable."""

    ref: int
    result: Any


class Error(Struct, frozen=True, tag="error"):
    """The command is not done. `message` is fit to be shown; `retry_after` is in seconds.

    `code` is one of the error codes; `ref` is null where the frame had none that could be
    read.
    """

    ref: int | None
    code: str
    message: str
    field: str | UnsetType = UNSET
    retry_after: float | UnsetType = UNSET


class Event(Struct, frozen=True, tag="event"):
    """Something is so now. The larger `seq` (`v`) of a noun wins; equal ones apply again.

    Topics: `author:<id>` (post, retweet, user; heard by followers and one's own windows),
    `post:<id>` (counts, replies, its tombstone; heard by windows that watch it), `me:<id>`
    (mine, relation and everything else that is one's own; heard by one's own windows) and
    `explore` (posts; heard by windows that watch it). Clients ignore kinds and fields that
    they do not know.
    """

    topic: str
    noun: Noun


class Behind(Struct, frozen=True, tag="behind"):
    """You read too slowly and left your topics; `hello {cursor}` here resumes in place.

    What waited was dropped, `cursor` says up to where all was sent, and commands are still
    answered.
    """

    cursor: str
    count: int


class Heartbeat(Struct, frozen=True, tag="heartbeat"):
    """All of your feed up to `cursor` has been sent to you.

    Every 20 seconds. A socket that brings no frame for 45 seconds is dead. `cursor` is kept
    together with the view, and given to the next `hello`.
    """

    cursor: str
    now: str


class GoodbyeFrame(Struct, frozen=True, tag="goodbye"):
    """This socket closes now, with this code; come back after `retry_after` seconds, or not."""

    code: int
    reason: str
    retry_after: float | UnsetType = UNSET
    cursor: str | UnsetType = UNSET


RESULTS: Final[dict[type[Command], type[Struct]]] = {
    Hello: Welcome,
    PostCreate: Posted,
    PostDelete: Posted,
    PostThread: Thread,
    RetweetSet: Stance,
    RetweetList: Users,
    ReactSet: Stance,
    ReactList: Reactions,
    ProfileGet: Profile,
    ProfileUpdate: Me,
    FollowSet: Related,
    FollowList: Users,
    BlockSet: Related,
    MuteSet: Related,
    TimelineGet: Timeline,
    WatchSet: Watched,
    DraftSet: Drafted,
    SearchQuery: Found,
    NoticeList: Notices,
    NoticeRead: Unread,
}
#: What may be asked without a session; everything else is `unauthenticated` then.
FOR_VISITORS: Final[frozenset[type[Command]]] = frozenset(
    {
        Hello,
        PostThread,
        RetweetList,
        ReactList,
        ProfileGet,
        FollowList,
        TimelineGet,
        WatchSet,
        SearchQuery,
    }
)
FRAMES: Final = (Welcome, Ok, Error, Event, Behind, Heartbeat, GoodbyeFrame)


def tag(command: type[Struct]) -> str:
    """The `type` that stands on the wire for this struct."""
    return str(command.__struct_config__.tag)


def number(id: Id) -> int:
    """The id as the database holds it; too large a one becomes the largest, which nobody has."""
    return min(int(id), MAX_ID)
