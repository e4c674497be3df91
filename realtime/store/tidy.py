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


async def empty_notices(tx: Tx, before_ms: int, start: float) -> None:
    """Forget notices that tell of nothing any more: read, older than `before_ms` and than the log.

    One piece of them, from `start` on (0 to 1, the oldest to the newest): whoever calls this with
    chance reaches them all in time. A follow keeps its notice: following again makes no second.
    """
    newest = await tx.fetch_val("SELECT max(id) FROM notices", {})
    await tx.execute(
        """
        DELETE FROM notices
         WHERE id IN (
               SELECT w.id
                 FROM (SELECT id, user_id, what, created_ms, seq
                         FROM notices
                        WHERE id >= :first
                        ORDER BY id
                        LIMIT :at_once) AS w
                 JOIN inboxes AS i ON i.user_id = w.user_id
                WHERE w.what <> 6 AND w.created_ms < :before_ms AND w.id <= i.read_up_to
                  AND w.seq < (SELECT seq FROM events ORDER BY xid, seq LIMIT 1)
                  AND (SELECT d.deed_id
                         FROM notice_deeds AS d
                        WHERE d.notice_id = w.id
                        LIMIT 1) IS NULL)
        """,
        {"first": int((newest or 0) * start), "before_ms": before_ms, "at_once": _AT_ONCE},
    )
