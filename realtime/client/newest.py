"""Which noun is which, and which of two is the newer one."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from realtime.model import Noun
from realtime.protocol import tag

Identity = tuple[str, str]  # kind, id

_REMEMBERED: Final = 100_000


def identity(noun: Noun) -> Identity:
    """Equal for the same thing at two times. What there is one of for each person has no id."""
    for name in ("id", "post_id", "user_id"):
        found = getattr(noun, name, None)
        if found is not None:
            return tag(type(noun)), str(found)
    return tag(type(noun)), ""


def version(noun: Noun) -> int:
    """`seq`, or `v`: the larger one wins, equal ones apply again."""
    found = getattr(noun, "seq", None)
    return int(noun.v if found is None else found)  # type: ignore[union-attr]


class View:
    """Each noun once, in its newest form. The longest unchanged are forgotten beyond `most`.

    Nouns may be put in any order and any number of times, from events and from pages.
    """

    def __init__(self, most: int = _REMEMBERED) -> None:
        self._most = most
        self._nouns: OrderedDict[Identity, Noun] = OrderedDict()

    def __len__(self) -> int:
        return len(self._nouns)

    def put(self, noun: Noun) -> bool:
        """Keep this form, unless a newer one is known. True: it is new or newer."""
        key = identity(noun)
        known = self._nouns.get(key)
        if known is not None and version(known) > version(noun):
            return False
        self._nouns[key] = noun
        self._nouns.move_to_end(key)
        if len(self._nouns) > self._most:
            self._nouns.popitem(last=False)
        return known is None or version(known) < version(noun)

    def get(self, kind: str, id: str = "") -> Noun | None:
        """The newest form, as in `view.get("post", "812")`; a tombstone is one too."""
        return self._nouns.get((kind, id))

    def clear(self) -> None:
        """Forget all of it: after a gap nothing says what is still so."""
        self._nouns.clear()
