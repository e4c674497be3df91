"""Where a page ended: opaque to clients, a number to the database."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from realtime.errors import Refusal
from realtime.protocol import MAX_ID


def position(before: str | UnsetType) -> int | None:
    """The number in a `before`; None for the first page.

    Raises:
        Refusal: it is no `next` of ours.
    """
    if before is UNSET:
        return None
    if not before.isascii() or not before.isdigit() or int(before) > MAX_ID:
        raise Refusal("invalid", "This page is not known; start from the first.", field="before")
    return int(before)


def following(next_id: int | None) -> str | UnsetType:
    """The `next` of a page that ended at this number; left out after the last page."""
    return UNSET if next_id is None else str(next_id)
