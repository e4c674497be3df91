"""What a shared link shows in other programs: title, words and picture of a post or a person."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from starlette.requests import Request

from realtime import visibility
from realtime.errors import Refusal, Unavailable
from realtime.http import guard
from realtime.http.house import House
from realtime.http.path import as_id, as_name
from realtime.model import Author, Media, Post, User
from realtime.store import relation
from realtime.store import user as users
from realtime.store.database import Tx

_WORDS_MAX: Final = 280  # characters
_WIDTH: Final = 640  # pixels that a card's picture should have
_HOST: Final = re.compile(r"[A-Za-z0-9.\-]+(?::[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](?::[0-9]{1,5})?")
_TITLE: Final = re.compile(r"<title>.*?</title>", re.DOTALL)
_DESCRIPTION: Final = re.compile(r'<meta name="description"[^>]*>')


@dataclass(frozen=True, slots=True)
class Image:
    """A picture by its whole address; sizes in pixels, `alt` may be empty."""

    url: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True, slots=True)
class Card:
    """Plain text. `kind` is Open Graph's; `url` is the one whole address of what is shown."""

    kind: Literal["article", "profile"]
    title: str
    words: str
    url: str | None
    image: Image | None


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
        viewer_id = await _viewer(house, request)
        person = await house.database.read(lambda tx: _seen(tx, viewer_id, name))
    except Unavailable:
        return Found(True)
    if person is None:
        return Found(False)
    words = person.bio or f"{person.posts} posts, {person.followers} followers"
    origin = _origin(house, request)
    image = _image(origin, [person.avatar] if person.avatar else [])
    url = _url(origin, f"/@{person.name}")
    return Found(True, Card("profile", _title(person), _short(words), url, image))


async def of_post(house: House, request: Request, written: str) -> Found:
    """The card of `/post/{id}`; as `of_person`."""
    post_id = as_id(written)
    if post_id is None:
        return Found(False)
    try:
        viewer_id = await _viewer(house, request)
        post = await house.database.read(lambda tx: _named(tx, viewer_id, post_id))
    except Refusal:
        return Found(False)
    except Unavailable:
        return Found(True)
    if post.deleted:
        return Found(False)
    origin = _origin(house, request)
    image = _image(origin, post.media)
    url = _url(origin, f"/post/{post.id}")
    return Found(True, Card("article", _title(post.author), _words(post), url, image))


async def _seen(tx: Tx, viewer_id: int | None, name: str) -> User | None:
    """The person of this name, unless they hide from the viewer."""
    person = await users.by_name(tx, name)
    if person is None or viewer_id is None:
        return person
    return None if await relation.is_blocked_by(tx, viewer_id, int(person.id)) else person


async def _named(tx: Tx, viewer_id: int | None, post_id: int) -> Post:
    hidden = await visibility.hidden(tx, viewer_id)
    return await visibility.named(tx, viewer_id, post_id, hidden)


def render(shell: str, card: Card) -> str:
    """`shell` with the card in its head."""
    lines = [
        f'<meta property="{name}" content="{_quoted(value)}" />' for name, value in _tags(card)
    ]
    if card.url is not None:
        lines.append(f'<link rel="canonical" href="{_quoted(card.url)}" />')
    title = f"<title>{_quoted(card.title)}</title>"
    words = f'<meta name="description" content="{_quoted(card.words)}" />'
    titled = _TITLE.sub(lambda _: title, shell, count=1)
    described = _DESCRIPTION.sub(lambda _: words, titled, count=1)
    return described.replace("</head>", "\n".join([*lines, "</head>"]), 1)


def _tags(card: Card) -> Iterator[tuple[str, str]]:
    is_large = card.kind == "article" and card.image is not None
    yield "og:site_name", "realtime"
    yield "og:type", card.kind
    yield "og:title", card.title
    yield "og:description", card.words
    if card.url is not None:
        yield "og:url", card.url
    if card.image is not None:
        yield "og:image", card.image.url
        yield "og:image:width", str(card.image.width)
        yield "og:image:height", str(card.image.height)
        if card.image.alt:
            yield "og:image:alt", card.image.alt
    yield "twitter:card", "summary_large_image" if is_large else "summary"


def _quoted(words: str) -> str:
    return html.escape(words, quote=True)


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


def _image(origin: str | None, pictures: Sequence[Media]) -> Image | None:
    """The first picture, no larger than a card needs; programs take whole addresses only."""
    if not pictures or origin is None:
        return None
    picture = pictures[0]
    wide = (size for size in picture.sizes if size.width >= _WIDTH)
    chosen = next(wide, picture)
    return Image(origin + chosen.url, chosen.width, chosen.height, picture.alt)


def _origin(house: House, request: Request) -> str | None:
    """Scheme and host by which this site was asked; None: what was asked is no host."""
    host = request.headers.get("host", "")
    if _HOST.fullmatch(host) is None:
        return None
    return f"{guard.peer(request, house.config).scheme}://{host}"


def _url(origin: str | None, path: str) -> str | None:
    return None if origin is None else origin + path
