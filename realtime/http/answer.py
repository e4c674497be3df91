"""Answers: JSON, and a `Failure` for every kind of no."""

from __future__ import annotations

import math
from typing import Final

import msgspec
from msgspec import Struct
from starlette.responses import Response

from realtime.api import Failure
from realtime.errors import Code, Refusal

STATUS: Final[dict[Code, int]] = {
    "invalid": 422,
    "unknown_type": 422,
    "unauthenticated": 401,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "too_long": 422,
    "too_many": 422,
    "rate_limited": 429,
    "unavailable": 503,
    "internal": 500,
}
RETRY_S: Final = 2.0  # after an outage, when nobody knows better


class Unfit(Refusal):
    """A request that HTTP has its own number for: not JSON, too large, of the wrong type."""

    def __init__(self, status: int, code: Code, message: str, *, field: str | None = None) -> None:
        super().__init__(code, message, field=field)
        self.status = status


def json(body: Struct, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """One struct of the wire as an answer."""
    return Response(
        msgspec.json.encode(body), status, headers=headers, media_type="application/json"
    )


def nothing() -> Response:
    """It is done, and there is nothing to say."""
    return Response(status_code=204)


def refused(refusal: Refusal) -> Response:
    """A no. `retry_after` is the same number of whole seconds in the body and in the header."""
    status: int = getattr(refusal, "status", STATUS[refusal.code])
    failure = Failure(refusal.code, refusal.message)
    if refusal.field is not None:
        failure = msgspec.structs.replace(failure, field=refusal.field)
    if refusal.retry_after is None:
        return json(failure, status)
    retry_after = max(1, math.ceil(refusal.retry_after))
    failure = msgspec.structs.replace(failure, retry_after=float(retry_after))
    return json(failure, status, {"Retry-After": str(retry_after)})


def unavailable() -> Response:
    """A dependency is down; nothing was changed."""
    message = "That can't be done right now. Try again in a moment."
    return refused(Refusal("unavailable", message, retry_after=RETRY_S))


def broken() -> Response:
    """Our fault; the details are in the log."""
    return refused(Refusal("internal", "Something went wrong on our side."))
