"""Who is asking: their address, their session, and whether this site's own page sent them."""

from __future__ import annotations

import functools
import ipaddress
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from realtime import auth
from realtime.config import Config
from realtime.errors import Refusal, Unavailable
from realtime.http.house import House
from realtime.hub.limits import Rate, network, rate_limited
from realtime.store import session
from realtime.store.session import Signed

log = logging.getLogger(__name__)

_COOKIES: Final = frozenset({auth.cookie_name(True), auth.cookie_name(False)})
_TRIED: Final = 4  # cookies of one name in one request
_PORTS: Final = {"http": ":80", "https": ":443"}
_CLICK: Final = (  # on a link, for the whole window
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-dest", "document"),
    ("sec-fetch-user", "?1"),
)
_TOUCH_S: Final = 1.0
Resolve = Callable[[str], Awaitable[Signed | None]]
"""The living session of a token, by its hash."""
_MAX_AGE_S: Final = session.AGE_MS // 1000


@dataclass(frozen=True, slots=True)
class Peer:
    """Where a connection comes from, as far as our own proxies can be believed."""

    address: str
    is_secure: bool

    @property
    def scheme(self) -> str:
        """As the browser knows it, also for a socket: `https` or `http`."""
        return "https" if self.is_secure else "http"


def now_ms() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def peer(connection: HTTPConnection, config: Config) -> Peer:
    """Who is at the other end. `X-Forwarded-*` counts only when a trusted proxy sends it."""
    address = connection.client.host if connection.client is not None else ""
    is_secure = connection.scope["scheme"] in ("https", "wss")
    if not _is_trusted(address, config):
        return Peer(address or "unknown", is_secure)
    forwarded = connection.headers.get("x-forwarded-proto", "")
    if forwarded:
        is_secure = forwarded.partition(",")[0].strip().lower() in ("https", "wss")
    hops = ",".join(connection.headers.getlist("x-forwarded-for")).split(",")
    # Each proxy appends whom it saw, so only what stands right of a trusted one is known.
    for hop in reversed(hops):
        seen = _ip(_without_port(hop.strip()))
        if seen is None:
            break
        address = str(seen)
        if not _is_trusted(address, config):
            break
    return Peer(address, is_secure)


def origin_allowed(origin: str, host: str, scheme: str, config: Config) -> bool:
    """Whether `origin` is this site's own, as `host` and `scheme` name it, or a configured one.

    Scheme, host and port must all be the same, letter by letter; `null` is nobody's.
    """
    own = f"{scheme}://{host.lower().removesuffix(_PORTS.get(scheme, ''))}"
    if host and origin == own:
        return True
    if origin in config.origins:
        return True
    if host and origin.partition("://")[2] == own.partition("://")[2]:
        _suspect_proxy(origin, scheme)
    return False


def carries_cookie(connection: HTTPConnection) -> bool:
    """Whether the request has a session cookie, good or bad."""
    return any(name in _COOKIES for name, _ in _cookies(cookie_header(connection)))


def cookie_header(connection: HTTPConnection) -> str:
    """All cookies of the request, as one header."""
    return "; ".join(connection.headers.getlist("cookie"))


def check_source(request: Request, config: Config) -> None:
    """Let a state-changing request pass that comes from this site's own pages or from a program.

    Raises:
        Refusal: `forbidden`; another site's page sent it, or it has the cookie and no origin.
    """
    origin = request.headers.get("origin")
    fetched = request.headers.get("sec-fetch-site")
    if origin is not None:
        host = request.headers.get("host", "")
        fine = origin_allowed(origin, host, peer(request, config).scheme, config)
    elif carries_cookie(request):
        fine = fetched == "same-origin"
    else:
        fine = fetched in (None, "none", "same-origin")
    if not fine:
        raise Refusal("forbidden", "Only this site's own pages may do that.")


def check_visit(request: Request) -> None:
    """Let a reading that costs something pass, unless another site's page asks for it by itself.

    A link there may still be followed: a browser tells a click from what a page does alone.

    Raises:
        Refusal: `forbidden`; another site's page fetched it, or sent somebody here unasked.
    """
    if request.headers.get("sec-fetch-site") not in ("cross-site", "same-site"):
        return
    if any(request.headers.get(name) != value for name, value in _CLICK):
        raise Refusal("forbidden", "Only you can ask for that: open it from this site.")


async def session_of(
    resolve: Resolve, keys: Sequence[str], cookie: str, *, is_secure: bool
) -> Signed | None:
    """The living session in the header `cookie`: whose cookie it is depends on `is_secure`.

    Raises:
        Unavailable: the database is down.
    """
    wanted = auth.cookie_name(is_secure)
    values = [value for name, value in _cookies(cookie) if name == wanted]
    # Another program on the same host may have set a cookie of this name too.
    for value in values[:_TRIED]:
        token = auth.unsign(value, keys)
        if token is None:
            continue
        found = await resolve(auth.token_hash(token))
        if found is not None:
            return found
    return None


async def visitor(house: House, request: Request) -> Signed | None:
    """Whoever asks, None for someone who is not signed in."""
    is_secure = peer(request, house.config).is_secure
    cookie = cookie_header(request)

    async def resolve(token_hash: str) -> Signed | None:
        return await session.resolve(house.database, token_hash, now_ms())

    return await session_of(resolve, house.config.secret_keys, cookie, is_secure=is_secure)


async def signed(house: House, request: Request) -> Signed:
    """Whoever asks; this is a sign of life of their session.

    Raises:
        Refusal: `unauthenticated`; nobody is signed in.
    """
    found = await visitor(house, request)
    if found is None:
        raise Refusal("unauthenticated", "Sign in first.")
    now = now_ms()
    if found.is_stale(now):
        address = peer(request, house.config).address
        # Whoever is signed in may read, even when nothing can be written.
        with suppress(Unavailable):
            await house.database.run_tx(
                lambda tx: session.touch(tx, [found.session_id], now, address=address),
                deadline_s=_TOUCH_S,
            )
    return found


async def spend(house: House, key: str, rate: Rate) -> None:
    """Take one of what `key` is allowed.

    Raises:
        Refusal: `rate_limited`; nothing was taken.
    """
    if not house.config.rate_limits:
        return
    wait_s = await house.limits.take(key, rate)
    if wait_s > 0:
        raise rate_limited(wait_s)


@asynccontextmanager
async def spent(
    house: House, key: str, rate: Rate, *, only_failures: bool = False
) -> AsyncIterator[None]:
    """Take one of what `key` is allowed, and put it back if an outage was what stopped the block.

    With `only_failures` it is put back after a success too. Taken first, so that attempts which
    run at once are counted too.

    Raises:
        Refusal: `rate_limited`; nothing was taken, and the block does not run.
    """
    await spend(house, key, rate)
    try:
        yield
    except (Unavailable, Refusal) as error:
        if not isinstance(error, Refusal) or error.code == "unavailable":
            await _refund(house, key, rate)
        raise
    if only_failures:
        await _refund(house, key, rate)


def network_of(connection: HTTPConnection, config: Config) -> str:
    """What counts as one address for rates: an IPv6 customer has a whole /64."""
    return network(peer(connection, config).address)


def set_cookie(response: Response, token: str, config: Config, *, is_secure: bool) -> None:
    """Hand the session's token to the browser, signed."""
    _cookie(response, auth.sign(token, config.secret_keys), _MAX_AGE_S, is_secure)


def drop_cookie(response: Response, *, is_secure: bool) -> None:
    """Have the browser forget its session."""
    _cookie(response, "", 0, is_secure)


def _cookie(response: Response, value: str, max_age_s: int, is_secure: bool) -> None:
    response.set_cookie(
        auth.cookie_name(is_secure),
        value,
        max_age=max_age_s,
        path="/",
        secure=is_secure,
        httponly=True,
        samesite="lax",
    )


async def _refund(house: House, key: str, rate: Rate) -> None:
    if house.config.rate_limits:
        await house.limits.refund(key, rate)


def _cookies(header: str) -> list[tuple[str, str]]:
    pairs = (pair.partition("=") for pair in header.split(";"))
    return [(name.strip(), value.strip().strip('"')) for name, _, value in pairs]


def _is_trusted(address: str, config: Config) -> bool:
    known = _ip(address)
    return known is not None and any(known in proxies for proxies in config.trusted_proxies)


@functools.lru_cache(maxsize=1024)
def _ip(text: str) -> IPv4Address | IPv6Address | None:
    try:
        known = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(known, "ipv4_mapped", None) or known


def _without_port(hop: str) -> str:
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop


@functools.lru_cache(maxsize=32)
def _suspect_proxy(origin: str, scheme: str) -> None:
    log.warning(
        "%r was refused, because here it looks like %s: a proxy that speaks https to the world "
        "belongs into REALTIME_TRUSTED_PROXIES and has to send X-Forwarded-Proto",
        origin,
        scheme,
    )
