"""The draft: what I have begun to write, in every window of mine."""

from __future__ import annotations

from typing import Final

import orjson

from realtime import bell, visibility
from realtime.change import Telling
from realtime.errors import Refusal
from realtime.handlers.context import Context
from realtime.handlers.registry import handles
from realtime.hub.limits import READS
from realtime.model import Draft
from realtime.protocol import DRAFT_BYTES, DraftSet
from realtime.results import Drafted
from realtime.store import draft
from realtime.store.database import Tx

_UNREADABLE: Final = "A draft is text, numbers and lists, not too deep and not too large."


@handles(DraftSet)
async def draft_set(context: Context, command: DraftSet) -> Drafted:
    """Keep this in place of the draft before; null takes it away."""
    me, body = context.me, _encoded(command)
    await context.spend("read", READS)

    async def deed(tx: Tx, telling: Telling) -> None:
        seq = await draft.set(tx, me, body)
        if seq is not None:
            telling.draft(me, seq)

    await context.world.change(deed)
    return Drafted(command.draft)


def _encoded(command: DraftSet) -> str | None:
    """The draft as it is kept.

    Raises:
        Refusal: `too_long` beyond 32 KiB; `invalid` for what could not be told again.
    """
    if command.draft is None:
        return None
    try:
        encoded = orjson.dumps(command.draft)
        # As deep as it will be told: what fits by itself may be too deep within a frame, and one
        # that no frame can hold would stop whoever has to tell it, again and again.
        bell.event(visibility.me(0), Draft(0, command.draft))
    except (TypeError, RecursionError) as error:
        raise Refusal("invalid", _UNREADABLE, field="draft") from error
    if len(encoded) > DRAFT_BYTES:
        raise Refusal("too_long", "A draft has at most 32 KiB.", field="draft")
    return encoded.decode()
