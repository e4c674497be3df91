"""Every address of the server once: what is asked for it, and of what kind its good answer is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import httpx

from realtime.headers import BARE_POLICY, DEFAULTS, HSTS, MEDIA_POLICY, PAGE_POLICY

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
FOREVER: Final = "public, max-age=31536000, immutable"
FILE: Final = f"{'0123456789abcdef' * 2}.webp"
BUNDLE: Final = "assets/main-abc123.js"


@dataclass(frozen=True)
class Kind:
    """What sets the headers of one kind of answer apart; `content_type` exactly as it is sent."""

    content_type: str
    cache: str = "no-store"
    policy: str = BARE_POLICY


API: Final = Kind("application/json")
COUNTS: Final = Kind("text/plain; version=1.0.0; charset=utf-8")
PAGE: Final = Kind("text/html; charset=utf-8", "no-cache", PAGE_POLICY)
PICTURE: Final = Kind("image/webp", FOREVER, MEDIA_POLICY)
SCRIPT: Final = Kind("text/javascript; charset=utf-8", FOREVER, PAGE_POLICY)
MANIFEST: Final = Kind("application/manifest+json", "no-cache", PAGE_POLICY)
ARCHIVE: Final = Kind("application/zip")

#: Pattern of each route → addresses that it answers, with the kind of a good answer.
ADDRESSES: Final[dict[str, dict[str, Kind]]] = {
    "/api/register": {"/api/register": API},
    "/api/login": {"/api/login": API},
    "/api/session": {"/api/session": API},
    "/api/sessions": {"/api/sessions": API},
    "/api/sessions/{id}": {"/api/sessions/7": API},
    "/api/password": {"/api/password": API},
    "/api/account": {"/api/account": API},
    "/api/export": {"/api/export": ARCHIVE},
    "/api/ticket": {"/api/ticket": API},
    "/api/media": {"/api/media": API},
    "/media/{file}": {f"/media/{FILE}": PICTURE, "/media/none.webp": API},
    "/healthz": {"/healthz": API},
    "/readyz": {"/readyz": API},
    "/metrics": {"/metrics": COUNTS},
    "/api/openapi.json": {"/api/openapi.json": API},
    "/api/asyncapi.json": {"/api/asyncapi.json": API},
    "/api": {"/api": API},
    "/api/{path:path}": {"/api/x/y": API},
    "/media/{path:path}": {"/media/x/y": API},
    "/ws": {"/ws": API},
    "/@{name}": {"/@ada": PAGE, "/@nobody_here": PAGE},
    "/@{name}/{part}": {"/@ada/followers": PAGE, "/@ada/x": PAGE},
    "/post/{id}": {"/post/1": PAGE, "/post/x": PAGE},
    "/": {"/": PAGE},
    "/{path:path}": {
        "/docs": PAGE,
        "/explore": PAGE,
        "/nowhere": PAGE,
        f"/{BUNDLE}": SCRIPT,
        "/assets/none.js": API,
        "/manifest.webmanifest": MANIFEST,
        "/robots.txt": API,
    },
    # Last: whoever asked so far is signed out by it.
    "/api/logout": {"/api/logout": API},
}

#: What tells strangers about the inside, or opens it to other sites: never there.
NEVER: Final = ("server", "x-powered-by", "via", "location", "refresh", "x-request-id")


def flaws(answer: httpx.Response, kind: Kind, *, is_secure: bool = False) -> list[str]:
    """What is wrong with the headers of this answer from an address of this kind."""
    headers, status = answer.headers, answer.status_code
    if (status >= 400 and kind is not PAGE and status != 416) or status in _NEVER_PAGES:
        kind = API
    wanted = {
        **DEFAULTS,
        "cache-control": "no-store" if status == 416 else kind.cache,
        "content-security-policy": kind.policy,
        "strict-transport-security": HSTS if is_secure else None,
        "content-type": None if status in (204, 304, 416) else kind.content_type,
    }
    wrong = [
        f"{name}: {headers.get(name)!r} and not {value!r}"
        for name, value in wanted.items()
        if headers.get(name) != value
    ]
    wrong += [f"{name} twice" for name in headers if len(headers.get_list(name)) > 1]
    wrong += [f"{name} is there" for name in NEVER if name in headers]
    wrong += [f"{name} is there" for name in headers if name.startswith("access-control-")]
    wrong += _of_cookies(headers.get_list("set-cookie"), is_secure=is_secure)
    return [f"{answer.request.method} {answer.request.url} {status}: {flaw}" for flaw in wrong]


_NEVER_PAGES: Final = (400, 403, 405, 429, 500, 503)


def _of_cookies(cookies: list[str], *, is_secure: bool) -> Iterator[str]:
    for cookie in cookies:
        pair, *flags = cookie.split("; ")
        kept = {flag.partition("=")[0].lower() for flag in flags} - {"expires"}
        if kept != {"httponly", "max-age", "path", "samesite", *(["secure"] if is_secure else [])}:
            yield f"cookie with {kept}"
        if "SameSite=lax" not in flags or "Path=/" not in flags:
            yield f"cookie with {flags}"
        if pair.partition("=")[0] != ("__Host-sid" if is_secure else "sid"):
            yield "a cookie of another name"
