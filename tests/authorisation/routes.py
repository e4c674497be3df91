"""The table of routes: on each thing, what its owner, others and nobody are answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from tests.authorisation.people import NOBODIES
from tests.client import PASSWORD

SAME: Final = 0  # as for what nobody has, byte for byte
NEW: Final = "a password of some length"


@dataclass(frozen=True)
class Call:
    """One route and the statuses of those who ask.

    `THING` in the path is each of `things` in turn, with the statuses of its owner, of others, of
    whoever the owner blocks and of whoever blocks the owner; the last one holds for the rest.
    `nobody` is for whoever is not signed in; without it they are as others are. `unknown` is
    what nobody has, for SAME. `is_final` ends the session or more: every asker gets an account of
    their own for it.
    """

    method: str
    route: str
    things: dict[str, tuple[int, ...]]
    nobody: int | None = None
    path: str = ""
    body: Any = None
    unknown: str = ""
    is_final: bool = False

    def expected(self, thing: str, actor: str) -> int:
        """The status, or SAME."""
        statuses = self.things[thing]
        owner, others, blocked, blocker = [*statuses, *statuses[-1:] * 3][:4]
        if actor in NOBODIES:
            return others if self.nobody is None else self.nobody
        return {"owner": owner, "blocked": blocked, "blocker": blocker}.get(actor, others)


def _all(status: int) -> dict[str, tuple[int, ...]]:
    return {"nothing": (status,)}


def _open(route: str, status: int = 200) -> Call:
    """A reading that is the same for everybody."""
    return Call("GET", route, _all(status), status, route.replace("{path:path}", "x/y"))


def _nowhere(method: str, route: str, status: int = 404) -> Call:
    return Call(method, route, _all(status), status, route.replace("{path:path}", "x/y"))


_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_ACCOUNT: Final = {"name": "NEW", "password": NEW}

TABLE: Final = (
    Call("POST", "/api/register", _all(201), 201, body=_ACCOUNT, is_final=True),
    Call("POST", "/api/register", _all(409), 409, body={"name": "owner", "password": NEW}),
    Call("POST", "/api/login", _all(401), 401, body={"name": "owner", "password": NEW}),
    Call("POST", "/api/login", _all(401), 401, body={"name": "gone", "password": PASSWORD}),
    Call("POST", "/api/logout", _all(204), 401, is_final=True),
    Call("GET", "/api/session", _all(200), 401),
    Call("GET", "/api/sessions", _all(200), 401),
    Call(
        "DELETE",
        "/api/sessions/{id}",
        {
            "fresh session": (204, 404),
            "owner": (404,),
            "unknown": (404,),
            "no id": (404,),
        },
        401,
        "/api/sessions/THING",
    ),
    Call("PUT", "/api/password", _all(403), 401, body={"current": "not this", "new": NEW}),
    Call(
        "PUT",
        "/api/password",
        _all(204),
        401,
        body={"current": PASSWORD, "new": NEW},
        is_final=True,
    ),
    Call("DELETE", "/api/account", _all(403), 401, body={"password": "not this"}),
    Call("DELETE", "/api/account", _all(204), 401, body={"password": PASSWORD}, is_final=True),
    Call("GET", "/api/export", _all(200), 401),
    Call("POST", "/api/ticket", _all(201), 401),
    Call("POST", "/api/media", _all(201), 401, body="picture"),
    # Whoever has the address of a picture may see it: it is random, and told with the post.
    Call(
        "GET",
        "/media/{file}",
        {"file of used picture": (200,), "file of another's picture": (200,), "no file": (404,)},
        path="/media/THING",
    ),
    Call(
        "GET",
        "/@{name}",
        {"name": (200, 200, SAME, 200), "unknown name": (404,), "gone name": (404,)},
        path="/@THING",
        unknown="unknown name",
    ),
    Call(
        "GET",
        "/@{name}/{part}",
        {"name": (200, 200, SAME, 200), "unknown name": (404,)},
        path="/@THING/followers",
        unknown="unknown name",
    ),
    Call(
        "GET",
        "/post/{id}",
        {
            "post": (200, 200, SAME),
            "deleted post": (404,),
            "post of nobody": (404,),
            "unknown": (404,),
        },
        path="/post/THING",
        unknown="unknown",
    ),
    *(_open(path) for path in ("/healthz", "/readyz", "/metrics", "/")),
    *(_open(path) for path in ("/api/openapi.json", "/api/asyncapi.json")),
    _open("/ws", 426),
    _open("/{path:path}", 404),
    *(_nowhere(method, route) for route in ("/api", "/api/{path:path}") for method in _METHODS),
    *(_nowhere(method, "/media/{path:path}") for method in _METHODS),
)
