"""What comes over the bus, handed to whom it concerns."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

from realtime import bell, metrics
from realtime.bell import Bell, Dirty, Ended, Gone, Left, Message, State
from realtime.feed import Feed
from realtime.hub.bus import Bus
from realtime.watch import Watch

log = logging.getLogger(__name__)

_received: Final = metrics.bus_messages.labels("received")


class Doorbell:
    """Takes every message of the bus; what no process of ours wrote is counted and dropped."""

    def __init__(self, feed: Feed, watch: Watch, bus: Bus) -> None:
        self._feed = feed
        self._watch = watch
        self._bus = bus
        self._has_warned = False

    def ring(self, messages: Sequence[tuple[str, bytes]]) -> None:
        """What came together, by channel. Never waits, never raises."""
        _received.inc(len(messages))
        rung: list[Bell] = []  # one after the other: these are delivered together
        for channel, payload in messages:
            message = self._read(channel, payload)
            if isinstance(message, Bell):
                rung.append(message)
                continue
            if rung:
                self._feed.tail.heard(rung)
                rung = []
            if message is not None:
                self._hand_on(message)
        if rung:
            self._feed.tail.heard(rung)

    def _read(self, channel: str, payload: bytes) -> Message | None:
        try:
            return bell.unpack(payload)
        except bell.Unreadable:
            metrics.bus_messages.labels("broken").inc()
            # Once: whoever writes such messages may write many.
            level = logging.DEBUG if self._has_warned else logging.WARNING
            self._has_warned = True
            log.log(level, "a message on %r came from no process of ours", channel[:80])
            return None

    def _hand_on(self, message: Message) -> None:
        match message:
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
