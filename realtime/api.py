"""The HTTP side of the wire: bodies, answers and the table of routes."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from realtime.model import Media, User

Name = Annotated[
    str, Meta(description="2 to 30 of a-z, 0-9 and _; other spellings of them are folded.")
]
Password = Annotated[
    str,
    Meta(
        description="8 to 256 characters; neither the name nor one of the 10,000 commonest.",
        extra_json_schema={"minLength": 8, "maxLength": 256},
    ),
]


class Register(Struct, frozen=True, forbid_unknown_fields=True):
    """A new account."""

    name: Name
    password: Password
    display_name: str | UnsetType = UNSET


class Login(Struct, frozen=True, forbid_unknown_fields=True):
    """Name and password."""

    name: str
    password: str


class NewPassword(Struct, frozen=True, forbid_unknown_fields=True):
    """Change the password; every other session ends."""

    current: str
    new: Password


class Farewell(Struct, frozen=True, forbid_unknown_fields=True):
    """Delete this account, for good; the password proves that it is meant."""

    password: str


class Signed(Struct, frozen=True):
    """Whoever is signed in."""

    user: User


class Session(Struct, frozen=True):
    """One device that is signed in. `last_seen` is RFC 3339."""

    id: str
    device: str
    address: str
    last_seen: str
    current: bool


class SignedSession(Struct, frozen=True):
    """Whoever is signed in, and by which session."""

    user: User
    session: Session


class Sessions(Struct, frozen=True):
    """All devices that are signed in, the latest seen first."""

    sessions: list[Session]


class Ticket(Struct, frozen=True):
    """For `hello`: single use, good for 30 seconds."""

    ticket: str


class Uploaded(Struct, frozen=True):
    """A picture, ready to be named in `post.create` or `profile.update`."""

    media: Media


class Failure(Struct, frozen=True):
    """Why not; `message` is fit to be shown. `retry_after`, in seconds, is also the header."""

    code: str
    message: str
    field: str | UnsetType = UNSET
    retry_after: float | UnsetType = UNSET


class Health(Struct, frozen=True):
    """This process lives, or is able to serve."""

    status: str


class NotReady(Struct, frozen=True):
    """A Failure of `/readyz`; `checks` names what is not well, and says what is wrong with it."""

    code: str
    message: str
    retry_after: float
    checks: dict[str, str]


class Route(Struct, frozen=True):
    """One row of the table: what may be asked over HTTP, and what may come back."""

    method: str
    path: str
    summary: str
    status: int
    answer: type[Struct] | str | None = None  # a struct, a media type, or no content
    body: type[Struct] | str | None = None  # a struct, or "upload"
    signed_in: bool = False
    errors: Annotated[tuple[int, ...], Meta(description="statuses with a Failure")] = ()


ROUTES: Final = (
    Route("POST", "/api/register", "Make an account and sign in.", 201, Signed, Register,
          errors=(400, 403, 409, 413, 415, 422, 429, 503)),
    Route("POST", "/api/login", "Sign in.", 200, Signed, Login,
          errors=(400, 401, 403, 413, 415, 422, 429, 503)),
    Route("POST", "/api/logout", "End this session; its sockets close.", 204, signed_in=True,
          errors=(401, 403, 503)),
    Route("GET", "/api/session", "Who am I?", 200, SignedSession, signed_in=True,
          errors=(401, 429, 503)),
    Route("GET", "/api/sessions", "Where am I signed in?", 200, Sessions, signed_in=True,
          errors=(401, 429, 503)),
    Route("DELETE", "/api/sessions/{id}", "End one of my sessions; its sockets close.", 204,
          signed_in=True, errors=(401, 403, 404, 503)),
    Route("PUT", "/api/password", "Change the password; every other session ends.", 204,
          body=NewPassword, signed_in=True, errors=(400, 401, 403, 413, 415, 422, 429, 503)),
    Route("GET", "/api/export", "A ZIP of all that I wrote and did; no words of others.", 200,
          "application/zip", signed_in=True, errors=(401, 403, 429, 503)),
    Route("DELETE", "/api/account", "Delete my account, for good: all of it goes.", 204,
          body=Farewell, signed_in=True, errors=(400, 401, 403, 413, 415, 422, 429, 503)),
    Route("POST", "/api/ticket", "A single-use ticket for `hello`.", 201, Ticket, signed_in=True,
          errors=(401, 403, 429, 503)),
    Route("POST", "/api/media", "Upload a picture.", 201, Uploaded, "upload", signed_in=True,
          errors=(400, 401, 403, 413, 415, 422, 429, 503)),
    Route("GET", "/media/{file}", "The bytes of a picture.", 200, "image/*", errors=(404,)),
    Route("GET", "/healthz", "Alive?", 200, Health),
    Route("GET", "/readyz", "Able to serve? Probes the database, and pub/sub.", 200, Health,
          errors=(503,)),
    Route("GET", "/metrics", "Counters and histograms.", 200, "text/plain"),
    Route("GET", "/api/openapi.json", "This table, for machines.", 200, "application/json"),
    Route("GET", "/api/asyncapi.json", "The socket, for machines.", 200, "application/json"),
)  # fmt: skip
