"""What stands in addresses: ids and names, as strangers write them."""

from __future__ import annotations

from typing import Final

from realtime import text
from realtime.protocol import MAX_ID

_DIGITS: Final = len(str(MAX_ID))


def as_id(written: str) -> int | None:
    """The id in these digits; None where they can't be one."""
    if not (written.isascii() and written.isdigit() and len(written) <= _DIGITS):
        return None
    found = int(written)
    return found if found <= MAX_ID else None


def as_name(written: str) -> str | None:
    """The name that is meant, folded; None where nobody can have it."""
    name = text.fold_name(written)
    return name if len(name) <= text.NAME_MAX and "\0" not in name else None
