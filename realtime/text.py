"""What a post, a name and an emoji may be, and what is found inside them.

The browser counts and marks by the same rules; `tests/vectors/text.json` holds both sides to them.
Where the two disagree (their Unicode tables differ in age), this side is right.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from typing import Final, NamedTuple

import regex
from emoji import EMOJI_DATA, STATUS

from realtime.errors import Refusal

TEXT_MAX: Final = 500  # grapheme clusters
DISPLAY_NAME_MAX: Final = 50  # grapheme clusters
BIO_MAX: Final = 300  # grapheme clusters
ALT_MAX: Final = 1_500  # grapheme clusters
NAME_MIN: Final = 2
NAME_MAX: Final = 30
WORD_BYTES: Final = 2_000  # more than a query can hold, and less than a key of an index
MARKS_MAX: Final = 8  # combining marks in one grapheme
JOINED_MAX: Final = 32  # code points in one grapheme; the longest emoji has 10

RESERVED: Final = frozenset(
    {
        "admin",
        "administrator",
        "everyone",
        "mod",
        "moderator",
        "official",
        "postmaster",
        "realtime",
        "root",
        "security",
        "server",
        "staff",
        "support",
        "system",
        "webmaster",
    }
)
"""Names that would speak for the server. No route is in here: people live below `/@`."""

# What JavaScript's trim() takes away, so that both sides cut alike.
_BLANKS: Final = " \t\n\v\f\r\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(
    chr(code) for code in range(0x2000, 0x200B)
)

_GRAPHEME = regex.compile(r"\X")
_MARK = regex.compile(r"\p{M}")
_CONTROL = regex.compile(r"[\p{Cc}\p{Cs}]")
_CONTROL_IN_PARAGRAPHS = regex.compile(r"[[\p{Cc}\p{Cs}]--[\n]]", regex.V1)
_LINE = regex.compile(r"[\u2028\u2029]")
_REORDERING = regex.compile(r"[\u202a-\u202e\u2066-\u2069]")
_SEEN = regex.compile(r"[^\p{Default_Ignorable_Code_Point}\p{White_Space}\u2800\ufff9-\ufffb]")
_NAME = regex.compile(r"[a-z0-9_]{2,30}")

_LINK = regex.compile(
    r"(?<![\p{L}\p{N}_])[Hh][Tt][Tt][Pp][Ss]?://[\p{L}\p{N}][\p{L}\p{N}\p{M}.\-]*(?::[0-9]{1,5})?"
    r"(?:[/?#][^\p{White_Space}\p{Cc}\p{Cf}<>\"`{}|\\^]*)?"
)
_MENTION = regex.compile(r"(?<![\p{L}\p{N}\p{M}_@/])@([A-Za-z0-9_]{2,30})(?![\p{L}\p{N}\p{M}_@])")
_HASHTAG = regex.compile(r"(?<![\p{L}\p{N}\p{M}_&/#])#([\p{L}\p{N}_][\p{L}\p{N}\p{M}_\u200c]*)")
_LETTER = regex.compile(r"\p{L}")
# Scripts that put no space between words: there, each sign with its marks is a word.
_WORD = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}&&\p{L}]\p{M}*"
    r"|[[\p{L}\p{N}_]--[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}&&\p{L}]]"
    r"[[\p{L}\p{N}\p{M}_]--[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}&&\p{L}]]*",
    regex.V1,
)

_ASCII_WORD = re.compile(r"[a-z0-9_]+")

_CLOSING: Final = {")": "(", "]": "["}
_TRAILING: Final = ".,:;!?'…)]»”’"
_VARIATION: Final = "\ufe0f"


class Span(NamedTuple):
    """A piece of a text: `text[start:end]`, in code points."""

    start: int
    end: int
    text: str


def graphemes(text: str) -> int:
    """Count what a reader calls characters: extended grapheme clusters."""
    if text.isascii() and "\r" not in text:
        return len(text)
    return len(_GRAPHEME.findall(text))


def post_text(raw: str, *, may_be_empty: bool) -> str:
    """Return `raw` in NFC and trimmed, 1 to 500 graphemes, or "" where it may be empty.

    Raises:
        Refusal: `invalid` or `too_long`, with `field` "text".
    """
    text = _paragraphs(raw, TEXT_MAX, field="text", what="A post")
    if text or may_be_empty:
        return text
    raise Refusal("invalid", "A post needs some text or a picture.", field="text")


def display_name(raw: str) -> str:
    """Return `raw` in NFC and trimmed, one line of 1 to 50 graphemes.

    Raises:
        Refusal: `invalid` or `too_long`, with `field` "display_name".
    """
    field = "display_name"
    if _CONTROL.search(raw) or _LINE.search(raw):
        raise Refusal("invalid", "A display name is one line of plain text.", field=field)
    if _REORDERING.search(raw):
        raise Refusal("invalid", "A display name can't change the text direction.", field=field)
    text = _measured(raw, DISPLAY_NAME_MAX, field=field, what="A display name")
    if text:
        return text
    raise Refusal("invalid", "A display name can't be empty.", field=field)


def bio(raw: str) -> str:
    """Return `raw` in NFC and trimmed, 0 to 300 graphemes.

    Raises:
        Refusal: `invalid` or `too_long`, with `field` "bio".
    """
    return _paragraphs(raw, BIO_MAX, field="bio", what="A bio")


def alt(raw: str) -> str:
    """Return a picture's description in NFC and trimmed, 0 to 1,500 graphemes.

    CR LF counts as a newline: that is how browsers send one in a multipart form.

    Raises:
        Refusal: `invalid` or `too_long`, with `field` "alt".
    """
    return _paragraphs(raw.replace("\r\n", "\n"), ALT_MAX, field="alt", what="A description")


def fold_name(raw: str) -> str:
    """Return the form in which names are stored and compared; for look-ups, so it never refuses."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", raw).casefold())


def wanted_name(raw: str) -> str | None:
    """Return the folded name that is looked for; None where nobody can have it."""
    name = fold_name(raw)
    return name if _NAME.fullmatch(name) else None


def user_name(raw: str) -> str:
    """Return the folded name: 2 to 30 of `a-z 0-9 _`, always text, none that speaks for us.

    Raises:
        Refusal: `invalid`, or `conflict` for a reserved name, with `field` "name".
    """
    name = fold_name(raw)
    if not _NAME.fullmatch(name):
        message = "A name has 2 to 30 characters: letters a to z, digits and underscores."
        raise Refusal("invalid", message, field="name")
    if name in RESERVED:
        raise Refusal("conflict", f"The name {name} is reserved.", field="name")
    return name


def emoji(raw: str) -> str:
    """Return the one RGI emoji that `raw` is, fully qualified (❤ becomes ❤️).

    Raises:
        Refusal: `invalid` with `field` "emoji".
    """
    known = _EMOJI.get(raw)
    if known is None:
        raise Refusal("invalid", "A reaction is one emoji.", field="emoji")
    return known


def links(text: str) -> list[Span]:
    """Find http and https addresses, in order; closing punctuation stays outside."""
    found = []
    for match in _LINK.finditer(text):
        address = _without_trailing(match[0])
        found.append(Span(match.start(), match.start() + len(address), address))
    return found


def mentions(text: str) -> list[str]:
    """Find whom `text` names: folded, in order of appearance, each once; not inside links."""
    if "@" not in text:
        return []
    inside = links(text)
    return list(
        dict.fromkeys(
            match[1].lower()
            for match in _MENTION.finditer(text)
            if not _within(match.start(), inside)
        )
    )


def hashtags(text: str) -> list[Span]:
    """Find `#tags`, in order, `#` included; a tag holds a letter and is not inside a link."""
    inside = links(text)
    return [
        Span(match.start(), match.end(), match[0])
        for match in _HASHTAG.finditer(text)
        if _LETTER.search(match[1]) and not _within(match.start(), inside)
    ]


def words(text: str) -> list[str]:
    """Split into what search compares: case and NFC folded, diacritics kept, repeats kept.

    What is longer than 2,000 bytes is cut there: no query is long enough to tell.
    """
    if text.isascii():  # the same, four times as fast
        found = _ASCII_WORD.findall(text.lower())
        return found if len(text) <= WORD_BYTES else [_cut(word) for word in found]
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    return [_cut(match[0]) for match in _WORD.finditer(folded)]


def _cut(word: str) -> str:
    if len(word) * 4 <= WORD_BYTES:
        return word
    return word.encode()[:WORD_BYTES].decode(errors="ignore")


def _paragraphs(raw: str, most: int, *, field: str, what: str) -> str:
    """Normalise a text of several lines; "" when nothing in it can be seen."""
    # Judged before trimming, which would hide a control character at either end.
    if _CONTROL_IN_PARAGRAPHS.search(raw):
        raise Refusal("invalid", f"{what} can't hold control characters.", field=field)
    return _measured(raw, most, field=field, what=what)


def _measured(raw: str, most: int, *, field: str, what: str) -> str:
    text = unicodedata.normalize("NFC", raw).strip(_BLANKS)
    if not _SEEN.search(text):
        return ""
    if text.isascii():
        count = len(text)
    else:
        clusters = _GRAPHEME.findall(text)
        count = len(clusters)
    if count > most:
        raise Refusal("too_long", f"{what} has at most {most:,} characters.", field=field)
    if not text.isascii() and any(_is_stacked(cluster) for cluster in clusters):
        message = f"{what} can't stack that many marks on one character."
        raise Refusal("invalid", message, field=field)
    return text


def _is_stacked(cluster: str) -> bool:
    if len(cluster) <= MARKS_MAX:
        return False
    return len(cluster) > JOINED_MAX or len(_MARK.findall(cluster)) > MARKS_MAX


def _within(start: int, spans: list[Span]) -> bool:
    return any(span.start <= start < span.end for span in spans)


def _without_trailing(address: str) -> str:
    while address[-1] in _TRAILING:
        opening = _CLOSING.get(address[-1])
        if opening and address.count(opening) >= address.count(address[-1]):
            break
        address = address[:-1]
    return address


def _every_spelling() -> dict[str, str]:
    """Map each emoji, with any of its U+FE0F left out, to its fully qualified form."""
    spellings = {}
    for whole, facts in EMOJI_DATA.items():
        if facts["status"] != STATUS["fully_qualified"]:
            continue
        head, *tails = whole.split(_VARIATION)
        for joints in itertools.product(("", _VARIATION), repeat=len(tails)):
            rest = (joint + tail for joint, tail in zip(joints, tails, strict=True))
            spellings[head + "".join(rest)] = whole
    return spellings


_EMOJI: Final = _every_spelling()
