"""The posts on one's screen."""

from __future__ import annotations

from realtime.errors import Refusal
from realtime.handlers.context import Context
from realtime.handlers.registry import handles
from realtime.hub.limits import READS
from realtime.protocol import WATCH, WatchSet, number
from realtime.results import Watched


@handles(WatchSet)
async def watch_set(context: Context, command: WatchSet) -> Watched:
    """Replace what this window watches; the state now comes back, changes follow as events."""
    if len(command.post_ids) > WATCH:
        raise Refusal("too_many", f"A window watches at most {WATCH} posts.", field="post_ids")
    await context.spend("read", READS)
    ids = list(dict.fromkeys(number(id) for id in command.post_ids))
    counts, mine, gone = await context.world.watch.look(context.ear, ids, explore=command.explore)
    return Watched(counts, mine, gone)
