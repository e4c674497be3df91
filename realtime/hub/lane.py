"""The fast way in and out of one socket, as the rest of the house sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Lane(Protocol):
    """One socket without ceremony: whole frames out, whole messages in. Never blocks.

    To be used once `websocket.accept` has been sent. `on_writable` is called each time that
    `writable` becomes true again.
    """

    on_writable: Callable[[], None] | None

    @property
    def descriptor(self) -> int | None:
        """Where whole frames may be written while nothing waits in the transport; None: `write`."""
        ...

    @property
    def writable(self) -> bool:
        """False from 64 KiB in the write buffer until it is down to 16 KiB."""
        ...

    def write(self, data: bytes) -> None:
        """Write complete server frames, after all that was sent before. Nothing once closing."""
        ...

    def go_on(self, data: bytes) -> None:
        """Write what the kernel did not take: it is full, or the connection is broken."""
        ...

    def waiting_bytes(self) -> int:
        """What the transport holds because the reader has not taken it."""
        ...

    def take(self) -> list[str | bytes]:
        """The messages that have come and `receive()` has not returned, oldest first.

        What `receive()` returned before came earlier. The end of the connection is never among
        them: it is left to `receive()`.
        """
        ...

    def rest(self, for_s: float) -> None:
        """Read nothing more for so many seconds: who sends waits. Longer rests win."""
        ...

    def part(self) -> None:
        """Read hardly any more: a close is due, and a flood must not be parsed until it is done."""
        ...

    def abort(self) -> None:
        """Drop the connection at once, with all that waits."""
        ...
