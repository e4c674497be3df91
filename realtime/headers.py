"""The headers that no answer of this server goes without."""

from __future__ import annotations

from typing import Final

Headers = list[tuple[bytes, bytes]]

#: A page is nothing but our own files; scripts may be loaded from our own addresses only, and the
#: browser takes the address of a script from no policy but that of `web/src/app/worker.ts`.
PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types realtime-worker"
)
#: An answer that is no page does nothing, even if somebody's browser takes it for one.
BARE_POLICY: Final = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
#: A picture that somebody sent is opened as if it came from nowhere.
MEDIA_POLICY: Final = f"{BARE_POLICY}; sandbox"

DEFAULTS: Final = {
    "cache-control": "no-store",
    "content-security-policy": BARE_POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": (
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
    ),
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}
HSTS: Final = "max-age=31536000; includeSubDomains"

_RAW: Final = [(name.encode(), value.encode()) for name, value in DEFAULTS.items()]
_SECURE: Final = (b"strict-transport-security", HSTS.encode())

#: All of them as lines, for answers that are written before there is any application.
LINES: Final = b"".join(b"%b: %b\r\n" % pair for pair in _RAW)


def complete(headers: Headers, *, is_secure: bool) -> Headers:
    """`headers`, and those of DEFAULTS that are missing; over https HSTS too."""
    known = {name.lower() for name, _ in headers}
    found = [*headers, *(pair for pair in _RAW if pair[0] not in known)]
    if is_secure:
        found.append(_SECURE)
    return found
