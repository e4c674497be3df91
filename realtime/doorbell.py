"""What comes over the bus, handed to whom it concerns."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from realtime import bell, metrics
from realtime.bell import Bell, Dirty, Ended, Gone, Left, State
from realtime.feed import Feed
from realtime.hub.bus import Bus
from realtime.watch import Watch

log = logging.getLogger(__name__)


class Doorbell:
    """Takes every message of the bus; what no process of ours wrote is counted and dropped."""

    def __init__(self, feed: Feed, watch: Watch, bus: Bus) -> None:
        self._feed = feed
        self._watch = watch
        self._bus = bus
        self._has_warned = False

    def ring(self, channel: str, payload: bytes) -> None:
        """One message. Never waits, never raises."""
        metrics.bus_messages.labels("received").inc()
        try:
            message = bell.unpack(payload)
        except bell.Unreadable:
            metrics.bus_messages.labels("broken").inc()
            # Once: whoever writes such messages may write many.
            level = logging.DEBUG if self._has_warned else logging.WARNING
            self._has_warned = True
            log.log(level, "a message on %r came from no process of ours", channel[:80])
            return
        match message:
            case Bell():
                self._feed.tail.heard(message)
            case State():
                self._watch.heard(message)
            case Dirty():
                self._watch.changed(message.post_ids, message.at_ms)
            case Ended():
                self._feed.end_sessions(message.session_ids)
            case Gone():
                self._feed.tail.scrub(message.post_ids)
            case Left():
                self._feed.tail.scrub_people(message.user_ids)

    def end_sessions(self, session_ids: Sequence[int]) -> None:
        """These sessions are over: their sockets close here now, elsewhere within the second."""
        ids = tuple(session_ids)
        self._feed.end_sessions(ids)
        if ids:
            self._bus.publish(bell.CONTROL, bell.pack(Ended(ids)))
