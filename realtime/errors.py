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

#: What each code says to a program.
CODES: Final[dict[Code, str]] = {
    "invalid": "The command is not as it should be; `field` names the part.",
    "unknown_type": "There is no such command.",
    "unauthenticated": "This needs a session.",
    "forbidden": "This is not yours to do.",
    "not_found": "It does not exist, or not for you.",
    "conflict": "It is taken already; `field` names what.",
    "too_long": "The text has too many characters; `field` names which.",
    "too_many": "There are too many of something; `field` names which.",
    "rate_limited": "Too often; the same again is fine after `retry_after` seconds.",
    "unavailable": "A dependency is down and nothing was changed; try after `retry_after` seconds.",
    "internal": "Something broke on the server's side.",
}

RESTARTING: Final = 4000
SLOW: Final = 4008
BROKEN: Final = 4400
ENDED: Final = 4401
SILENT: Final = 4408
FLOODED: Final = 4429

#: By close code: what it means, and what a client does then.
CLOSES: Final[dict[int, tuple[str, str]]] = {
    1001: ("The page or the server went away.", "Come back: full jitter, 0.5 s doubling to 30 s."),
    1006: ("The connection broke.", "Come back, as after 1001."),
    1011: ("The server could not go on.", "Come back, as after 1001."),
    1012: ("The service restarts.", "Come back, as after 1001."),
    RESTARTING: ("The server is restarting.", "Come back after `retry_after`, which is spread."),
    SLOW: ("You read too slowly.", "Come back, and resume."),
    BROKEN: ("You broke the protocol.", "Stop: it is a bug of yours."),
    ENDED: ("The session ended.", "Ask for the password again."),
    SILENT: ("No `hello` came in time.", "Come back."),
    FLOODED: ("Too many refused commands.", "Come back after `retry_after`."),
}


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
