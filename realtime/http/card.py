"""What a shared link shows in other programs: title, words and picture of a post or a person."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from realtime import visibility
from realtime.errors import Refusal, Unavailable
from realtime.http import guard
from realtime.http.house import House
from realtime.http.path import as_id, as_name
from realtime.model import Author, Media, Post, User
from realtime.store import relation
from realtime.store import user as users

_WORDS_MAX: Final = 280  # characters
_WIDTH: Final = 640  # pixels that a card's picture should have
_HOST: Final = re.compile(r"[A-Za-z0-9.\-]+(?::[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](?::[0-9]{1,5})?")
_TITLE: Final = re.compile(r"<title>.*?</title>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Card:
    """Plain text; `image` is a whole address."""

    title: str
    words: str
    image: str | None
    is_large: bool


@dataclass(frozen=True, slots=True)
class Found:
    """Whether there is anything at an address for whoever asks, and its card."""

    is_there: bool
    card: Card | None = None


async def of_person(house: House, request: Request, written: str) -> Found:
    """The card of `/@name`. During an outage there is none, and the page tells the rest."""
    name = as_name(written)
    if name is None:
        return Found(False)
    try:
        person = await users.by_name(house.database, name)
        if person is None:
            return Found(False)
        viewer_id = await _viewer(house, request)
        other_id = int(person.id)
        if viewer_id is not None and await relation.is_blocked_by(
            house.database, viewer_id, other_id
        ):
            return Found(False)
    except Unavailable:
        return Found(True)
    words = person.bio or f"{person.posts} posts, {person.followers} followers"
    image = _image(house, request, [person.avatar] if person.avatar else [])
    return Found(True, Card(_title(person), _short(words), image, is_large=False))


async def of_post(house: House, request: Request, written: str) -> Found:
    """The card of `/post/{id}`; as `of_person`."""
    post_id = as_id(written)
    if post_id is None:
        return Found(False)
    try:
        viewer_id = await _viewer(house, request)
        hidden = await visibility.hidden(house.database, viewer_id)
        post = await visibility.named(house.database, viewer_id, post_id, hidden)
    except Refusal:
        return Found(False)
    except Unavailable:
        return Found(True)
    if post.deleted:
        return Found(False)
    image = _image(house, request, post.media)
    return Found(True, Card(_title(post.author), _words(post), image, is_large=image is not None))


def render(shell: str, card: Card) -> str:
    """`shell` with the card in its head."""
    tags = {
        "og:site_name": "realtime",
        "og:type": "article" if card.is_large else "website",
        "og:title": card.title,
        "og:description": card.words,
        "twitter:card": "summary_large_image" if card.is_large else "summary",
    }
    if card.image is not None:
        tags["og:image"] = card.image
    lines = [
        f'<meta property="{name}" content="{html.escape(value)}" />' for name, value in tags.items()
    ]
    title = f"<title>{html.escape(card.title)}</title>"
    titled = _TITLE.sub(lambda _: title, shell, count=1)
    return titled.replace("</head>", "\n".join([*lines, "</head>"]), 1)


async def _viewer(house: House, request: Request) -> int | None:
    signed = await guard.visitor(house, request)
    return None if signed is None else signed.user_id


def _title(person: User | Author) -> str:
    return f"{person.display_name} (@{person.name})"


def _words(post: Post) -> str:
    described = (picture.alt for picture in post.media if picture.alt)
    return _short(post.text or next(described, "A picture"))


def _short(words: str) -> str:
    """One line of at most 280 characters, cut between words where there are any."""
    line = " ".join(words.split())
    if len(line) <= _WORDS_MAX:
        return line
    cut = line[: _WORDS_MAX - 1]
    return (cut.rpartition(" ")[0] or cut) + "…"


def _image(house: House, request: Request, pictures: Sequence[Media]) -> str | None:
    host = request.headers.get("host", "")
    # Programs that fetch cards take whole addresses only, and a host can be anything.
    if not pictures or _HOST.fullmatch(host) is None:
        return None
    picture = pictures[0]
    wide = (size.url for size in picture.sizes if size.width >= _WIDTH)
    scheme = guard.peer(request, house.config).scheme
    return f"{scheme}://{host}{next(wide, picture.url)}"
