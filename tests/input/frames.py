"""Frames made from the structs of the wire: each command as it should be, then broken."""

from __future__ import annotations

import functools
import re
import uuid
from collections.abc import Callable
from random import Random
from typing import Any, Final

from msgspec import Struct, inspect

from realtime.protocol import FRAME_BYTES, RESULTS, tag
from tests.input import values

Fields = dict[str, Any]

PLACES: Final[dict[str, tuple[str, ...]]] = {
    "post": ("mine", "mine", "other", "other", "last", "deleted", "hiding", "hidden", "gone"),
    "user": ("me", "other", "other", "hiding", "hidden", "gone"),
    "media": ("mine", "other", "used"),
}
"""What `<post:mine>` and its like may name; each deployment has its own id for it."""
UNKNOWN: Final = ("0", "1", "999999999", "9223372036854775807")
_ABOUT: Final = {
    **{"post_id": "post", "reply_to": "post", "quote_of": "post", "post_ids": "post"},
    **{"user_id": "user", "avatar": "media", "media": "media", "up_to": "post"},
}
_PAIR: Final = re.compile(r'"(?:ref|type|on|text|post_id|user_id)"\s*:\s*[^,{}\[\]]+')
_KEYS: Final = [str(uuid.UUID(int=number)) for number in range(8)]
_WORDS: Final = (
    "ada",
    "bob",
    "a post by ada",
    "hello",
    "half",
    "#tag and @bob",
    "🔥",
    "zwölf",
    "好",
)


def command(random: Random, kind: type[Struct]) -> Fields:
    """This command as it should be; fields that may be left out are there half of the time."""
    made: Fields = {"type": tag(kind), "ref": random.randint(0, 2**53 - 1)}
    for field in _fields(kind):
        if field.name != "ref" and (field.required or random.random() < 0.5):
            made[field.encode_name] = _value(random, field.encode_name, field.type)
    return made


@functools.cache
def _fields(kind: type[Struct]) -> tuple[inspect.Field, ...]:
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    return info.fields


def _value(random: Random, name: str, kind: inspect.Type) -> Any:
    if isinstance(kind, inspect.Metadata):
        return _value(random, name, kind.type)
    if isinstance(kind, inspect.UnionType):
        return _value(random, name, random.choice(kind.types))
    if isinstance(kind, inspect.ListType):
        count = random.choice((0, 1, 1, 2, 4, 5))
        return [_value(random, name, kind.item_type) for _ in range(count)]
    return _leaf(random, name, kind)


def _leaf(random: Random, name: str, kind: inspect.Type) -> Any:
    made: Any = None
    match kind:
        case inspect.LiteralType():
            made = random.choice(kind.values)
        case inspect.IntType():
            made = random.randint(kind.ge or 0, kind.le or 2**31)
        case inspect.BoolType():
            made = random.random() < 0.5
        case inspect.DictType():
            made = {random.choice(_WORDS): random.choice(_WORDS)}
        case inspect.StrType():
            made = _text(random, name)
        case inspect.NoneType():
            pass
        case _:
            raise TypeError(f"{name}: tests/input/frames.py makes no {type(kind).__name__} yet")
    return made


def _text(random: Random, name: str) -> str:
    if name in _ABOUT:
        about = _ABOUT[name]
        if random.random() < 0.2:
            return random.choice(UNKNOWN)
        return f"<{about}:{random.choice(PLACES[about])}>"
    return _SPELLED.get(name, _word)(random)


def _word(random: Random) -> str:
    return random.choice(_WORDS)


def _key(random: Random) -> str:
    return random.choice(_KEYS) if random.random() < 0.2 else str(_uuid(random))


def _emoji(random: Random) -> str:
    return random.choice(values.EMOJI)


def _before(random: Random) -> str:
    return random.choice(("<post:mine>", "<post:last>", "1", "9" * 19, "x", "-1", "1 "))


def _cursor(random: Random) -> str:
    return random.choice(("<cursor>", "1.2.3", "x", "0"))


_SPELLED: Final = {"key": _key, "emoji": _emoji, "before": _before, "cursor": _cursor}


def _uuid(random: Random) -> uuid.UUID:
    return uuid.UUID(int=random.getrandbits(128))


def _swapped(random: Random, fields: Fields) -> None:
    """A field holds what it never should."""
    name = random.choice(list(fields))
    fields[name] = values.anything(random)


def _stranger(random: Random, fields: Fields) -> None:
    """A text field holds text that nobody expects, of the right type."""
    names = [n for n, v in fields.items() if isinstance(v, str) and n != "type"] or ["ref"]
    fields[random.choice(names)] = values.text(random)


def _dropped(random: Random, fields: Fields) -> None:
    del fields[random.choice(list(fields))]


def _added(random: Random, fields: Fields) -> None:
    fields[random.choice(values.KEYS) + random.choice(("", "_"))] = values.anything(random)


def _retyped(random: Random, fields: Fields) -> None:
    """The fields of one command under the name of another, or of none."""
    kinds = [tag(kind) for kind in RESULTS]
    fields["type"] = random.choice((*kinds, "post.steal", "", "POST.CREATE", "ok", 7, None))


def _nulled(random: Random, fields: Fields) -> None:
    fields[random.choice(list(fields))] = None


def _listed(random: Random, fields: Fields) -> None:
    name = random.choice(list(fields))
    fields[name] = [fields[name]] * random.choice((1, 2, 9, 201))


def _numbered(random: Random, fields: Fields) -> None:
    """`ref` is no number that a browser can hold."""
    fields["ref"] = random.choice(values.NUMBERS)


_BREAKS: Final[tuple[Callable[[Random, Fields], None], ...]] = (
    *(_swapped, _swapped, _swapped, _stranger, _stranger, _dropped, _added),
    *(_retyped, _nulled, _listed, _numbered),
)


def _truncated(random: Random, frame: str) -> str:
    return frame[: random.randrange(len(frame) + 1)]


def _flipped(random: Random, frame: str) -> str:
    for _ in range(random.randint(1, 3)):
        at = random.randrange(len(frame)) if frame else 0
        frame = frame[:at] + chr(random.randrange(1, 0x250)) + frame[at + 1 :]
    return frame


def _doubled_key(random: Random, frame: str) -> str:
    """A key is there twice; which one counts is the same everywhere."""
    again: list[str] = _PAIR.findall(frame)
    if not again or not frame.startswith("{"):
        return frame
    return "{" + random.choice(again) + "," + frame[1:]


def _wrapped(random: Random, frame: str) -> str:
    before, after = random.choice(
        (("[", "]"), (" \n", "\t"), ("\ufeff", ""), ("", "{}"), ("", "\0"), ("//", ""), ('"', '"'))
    )
    return before + frame + after


def _swollen(random: Random, frame: str) -> str:
    """Close to the largest frame there may be: blanks before the end."""
    room = FRAME_BYTES - 2_000 - len(frame.encode("utf-8", "surrogatepass"))
    return frame[:-1] + " " * max(0, room - random.randrange(500)) + frame[-1:]


_WRECKS: Final = (_truncated, _truncated, _flipped, _flipped, _doubled_key, _wrapped, _swollen)


def frame(random: Random, *, sane: float = 0.12) -> bytes:
    """Any command's frame: sane with that probability, else broken. See `broken`."""
    kind = random.choice(list(RESULTS))
    if random.random() < sane:
        return values.written(command(random, kind), random).encode("utf-8", "replace")
    return broken(random, kind)


def broken(random: Random, kind: type[Struct]) -> bytes:
    """A frame of this command, broken in its fields, its text or its bytes.

    Those that end a socket are among them: text that is no UTF-8. `<post:mine>` and its like
    stand for ids.
    """
    fields = command(random, kind)
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        if fields:
            random.choice(_BREAKS)(random, fields)
    made: str = values.written(fields, random)
    if random.random() < 0.3:
        made = random.choice(_WRECKS)(random, made)
    if random.random() < 0.01:
        return _garbage(random, made)
    return made.encode("utf-8", "replace" if random.random() < 0.99 else "surrogatepass")


def _garbage(random: Random, frame: str) -> bytes:
    found = bytearray(frame.encode("utf-8", "surrogatepass"))
    if not found or random.random() < 0.3:
        return random.randbytes(random.randint(0, 300))
    for _ in range(random.randint(1, 4)):
        found[random.randrange(len(found))] = random.randrange(256)
    return bytes(found)


def ends_its_socket(frame: bytes) -> bool:
    """Whether no socket lives on after this frame: it is too large, or no text at all."""
    if len(frame) > FRAME_BYTES:
        return True
    try:
        frame.decode()
    except UnicodeDecodeError:
        return True
    return False


def sized(frame: bytes) -> bytes:
    """`frame`, never so near to the largest size that an id more or less decides about it."""
    near, far = FRAME_BYTES - 2_000, FRAME_BYTES + 2_000
    if near < len(frame) < far:
        return frame[:near]
    return frame[: 2 * far]
