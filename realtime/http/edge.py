"""Every address of the HTTP side, and what all its answers have in common."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

import orjson
from starlette.datastructures import URLPath
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, NoMatchFound, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from realtime import headers, metrics, schema
from realtime.errors import Refusal, Unavailable
from realtime.http import account, answer, export, guard, health, pages, uploads
from realtime.http.answer import Unfit
from realtime.http.house import House

log = logging.getLogger(__name__)

Endpoint = Callable[[House, Request], Awaitable[Response]]

_SAFE: Final = frozenset({"GET", "HEAD"})
_NOWHERE: Final = "other"  # the route of an address that is none


def routes(get_house: Callable[[], House]) -> list[BaseRoute]:
    """Every HTTP address, unknown ones too. `get_house` is asked once for each request."""
    known = [Route(path, _Resource(get_house, methods)) for path, methods in table().items()]
    return [*known, _Nowhere()]


def middleware(get_house: Callable[[], House]) -> list[Middleware]:
    """What goes around the whole application; of sockets it touches refused handshakes only."""
    return [Middleware(Edge, get_house=get_house)]


def table() -> dict[str, dict[str, Endpoint]]:
    """Path to method to what answers it; the first path that fits counts."""
    nowhere: dict[str, Endpoint] = {
        method: _nothing_here for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
    }
    return {
        "/api/register": {"POST": account.register},
        "/api/login": {"POST": account.login},
        "/api/logout": {"POST": account.logout},
        "/api/session": {"GET": account.who},
        "/api/sessions": {"GET": account.sessions},
        "/api/sessions/{id}": {"DELETE": account.end_session},
        "/api/password": {"PUT": account.change_password},
        "/api/account": {"DELETE": account.leave},
        "/api/export": {"GET": export.download},
        "/api/ticket": {"POST": account.ticket},
        "/api/media": {"POST": uploads.upload},
        "/media/{file}": {"GET": pages.picture},
        "/healthz": {"GET": health.alive},
        "/readyz": {"GET": health.ready},
        "/metrics": {"GET": health.metrics},
        "/api/openapi.json": {"GET": _document(schema.openapi())},
        "/api/asyncapi.json": {"GET": _document(schema.asyncapi())},
        "/api": nowhere,
        "/api/{path:path}": nowhere,
        "/media/{path:path}": nowhere,
        "/ws": {"GET": _socket_only},
        "/@{name}": {"GET": pages.person},
        "/@{name}/{part}": {"GET": pages.part},
        "/post/{id}": {"GET": pages.post},
        "/": {"GET": pages.page},
        "/{path:path}": {"GET": pages.other},
    }


class Edge:
    """Around every HTTP request: completes the headers, answers whatever goes wrong, measures."""

    def __init__(self, app: ASGIApp, get_house: Callable[[], House]) -> None:
        self._app = app
        self._get_house = get_house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "websocket":
            await self._app(scope, receive, self._completing(scope, send))
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began_s = time.perf_counter()
        is_secure = guard.peer(Request(scope), self._get_house().config).is_secure
        has_begun = False

        async def complete(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                message["headers"] = headers.complete(message["headers"], is_secure=is_secure)
                elapsed_s = time.perf_counter() - began_s
                metrics.http_seconds.labels(_pattern(scope)).observe(elapsed_s)
            await send(message)

        try:
            await self._app(scope, receive, complete)
        except ClientDisconnect:
            log.debug("a client went away in the middle of its request")
        except Exception as error:
            if has_begun:
                raise
            await _answer_to(error, scope)(scope, receive, complete)

    def _completing(self, scope: Scope, send: Send) -> Send:
        """`send`, with the headers of a handshake that is refused completed."""

        async def complete(message: Message) -> None:
            if message["type"] == "websocket.http.response.start":
                peer = guard.peer(HTTPConnection(scope), self._get_house().config)
                found = headers.complete(message["headers"], is_secure=peer.is_secure)
                message["headers"] = found
            await send(message)

        return complete


class _Resource:
    """One address and its methods, as an ASGI application."""

    def __init__(self, get_house: Callable[[], House], methods: dict[str, Endpoint]) -> None:
        self._get_house = get_house
        self._methods = methods
        names = {*methods, *(("HEAD",) if "GET" in methods else ())}
        self._allow = ", ".join(sorted(names))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        endpoint = self._methods.get(method)
        if endpoint is None:
            refusal = Unfit(405, "invalid", f"This address takes {self._allow} only.")
            refused = answer.refused(refusal)
            refused.headers["allow"] = self._allow
            await refused(scope, receive, send)
            return
        house, request = self._get_house(), Request(scope, receive)
        if method not in _SAFE:
            guard.check_source(request, house.config)
        response = await endpoint(house, request)
        await response(scope, receive, send)


class _Nowhere(BaseRoute):
    """What is left: requests whose address is no path at all, as in `OPTIONS *`."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return (Match.FULL if scope["type"] == "http" else Match.NONE), {}

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        raise Refusal("not_found", "There is nothing at this address.")


def _answer_to(error: Exception, scope: Scope) -> Response:
    if isinstance(error, Refusal):
        return answer.refused(error)
    if isinstance(error, Unavailable):
        log.warning("%s %s: %s", scope["method"], _pattern(scope), error)
        return answer.unavailable()
    log.error("%s %s failed", scope["method"], _pattern(scope), exc_info=error)
    return answer.broken()


def _pattern(scope: Scope) -> str:
    route = scope.get("route")
    return route.path if isinstance(route, Route) else _NOWHERE


async def _nothing_here(house: House, request: Request) -> Response:
    raise Refusal("not_found", "There is nothing at this address.")


async def _socket_only(house: House, request: Request) -> Response:
    refused = answer.refused(Unfit(426, "invalid", "This address speaks websocket only."))
    refused.headers["upgrade"] = "websocket"
    return refused


def _document(content: dict[str, Any]) -> Endpoint:
    encoded = orjson.dumps(content)

    async def document(house: House, request: Request) -> Response:
        return Response(encoded, media_type="application/json")

    return document
