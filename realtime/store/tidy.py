"""Lets go of tombstones that the log names no more."""

from __future__ import annotations

from typing import Final

from realtime.store.database import Tx

_AT_ONCE: Final = 5_000


async def undone_retweets(tx: Tx, before_ms: int) -> None:
    """Forget undone retweets made before `before_ms` and undone before the log begins."""
    await tx.execute(
        """
        DELETE FROM retweets
         WHERE id IN (SELECT id
                        FROM retweets
                       WHERE deleted AND created_ms < :before_ms
                         AND seq < (SELECT seq FROM events ORDER BY xid, seq LIMIT 1)
                       ORDER BY seq
                       LIMIT :at_once)
        """,
        {"before_ms": before_ms, "at_once": _AT_ONCE},
    )
