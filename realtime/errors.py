"""The two kinds of no: a refusal answers one command, a goodbye closes the socket."""

from __future__ import annotations

from typing import Final, Literal

Code = Literal[
    "invalid",
    "unknown_type",
    "unauthenticated",
    "forbidden",
    "not_found",
    "conflict",
    "too_long",
    "too_many",
    "rate_limited",
    "unavailable",
    "internal",
]

RESTARTING: Final = 4000
SLOW: Final = 4008
BROKEN: Final = 4400
ENDED: Final = 4401
SILENT: Final = 4408
FLOODED: Final = 4429


class Refusal(Exception):
    """This command is not done; the connection is fine. Every word is fit to be shown to a user."""

    def __init__(
        self,
        code: Code,
        message: str,
        *,
        field: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.code: Code = code
        self.message = message
        self.field = field
        self.retry_after = retry_after  # seconds


class Goodbye(Exception):
    """The socket ends with `code`; `reason` is told to the client before the close."""

    def __init__(self, code: int, reason: str, *, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.retry_after = retry_after  # seconds


class Unavailable(Exception):
    """A dependency (database, Redis, disk) is down; nothing was changed."""


class Forgotten(Exception):
    """The cursor is older than the log keeps, of another epoch, or unreadable; start afresh."""


def not_found(what: str = "post", *, field: str | None = None) -> Refusal:
    """The one answer for what does not exist and for what must not be known to exist."""
    return Refusal("not_found", f"There is no such {what}.", field=field)
