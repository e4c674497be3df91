"""The page: `index.html` for every address that a reader may have, and the files it is made of."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import re
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from realtime.errors import Refusal, not_found
from realtime.headers import MEDIA_POLICY, PAGE_POLICY
from realtime.http import card, files
from realtime.http.card import Card, render
from realtime.http.house import House
from realtime.media import is_file_name

_INDEX: Final = "index.html"
_UNBUILT: Final = "The page has not been built yet: run `make build`.\n"
_FOREVER: Final = "public, max-age=31536000, immutable"
_REVALIDATE: Final = "no-cache"
_SEGMENT: Final = re.compile(r"[A-Za-z0-9_@~-][A-Za-z0-9._@~-]*")
_KINDS: Final = {
    ".avif": "image/avif",
    ".css": "text/css; charset=utf-8",
    ".gif": "image/gif",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
}
_PACKED: Final = (("br", ".br"), ("gzip", ".gz"))  # the best first

#: The addresses of the page beside those of people and posts, as `web/src/app/route.ts` has them.
PAGES: Final = frozenset({"docs", "explore", "login", "notices", "register", "search", "settings"})
#: What a person's page has behind their name.
PARTS: Final = frozenset({"followers", "following", "pictures", "reactions"})


async def page(house: House, request: Request) -> Response:
    """GET /"""
    return await _index(house, request, None, 200)


async def person(house: House, request: Request) -> Response:
    """GET /@name"""
    return await _person(house, request, request.path_params["name"])


async def part(house: House, request: Request) -> Response:
    """GET /@name/followers and their like"""
    if request.path_params["part"] not in PARTS:
        return await _nothing(house, request)
    return await _person(house, request, request.path_params["name"])


async def post(house: House, request: Request) -> Response:
    """GET /post/{id}"""
    found = await card.of_post(house, request, request.path_params["id"])
    return await _index(house, request, found.card, 200 if found.is_there else 404)


async def other(house: House, request: Request) -> Response:
    """GET anything: a file of the page, the page itself, or the page that says there is nothing."""
    path = request.path_params["path"]
    segments = path.split("/")
    if all(_SEGMENT.fullmatch(segment) for segment in segments):
        found = await _file(house.static, path, request)
        if found is not None:
            return found
    if "." in segments[-1] or segments[0] == "assets":
        raise Refusal("not_found", "There is nothing at this address.")
    if path.rstrip("/") in PAGES:
        return await page(house, request)
    return await _nothing(house, request)


async def _person(house: House, request: Request, name: str) -> Response:
    found = await card.of_person(house, request, name)
    return await _index(house, request, found.card, 200 if found.is_there else 404)


async def _nothing(house: House, request: Request) -> Response:
    return await _index(house, request, None, 404)


async def picture(house: House, request: Request) -> Response:
    """GET /media/{file}"""
    name = request.path_params["file"]
    if not is_file_name(name):
        raise not_found("picture")
    found = await files.opened(house.config.uploads / name)
    if found is None:
        raise not_found("picture")
    headers = {"cache-control": _FOREVER, "content-security-policy": MEDIA_POLICY}
    # The names are random and their files never change, so the name says it all.
    return files.FileAnswer(found, kind="image/webp", etag=f'"{name}"', headers=headers)


async def _file(static: Path, path: str, request: Request) -> Response | None:
    """The file at `path` below `static`, packed when it lies there packed too."""
    is_hashed = path.startswith("assets/")
    headers = {
        "cache-control": _FOREVER if is_hashed else _REVALIDATE,
        "content-security-policy": PAGE_POLICY,
    }
    kind = _KINDS.get(Path(path).suffix, "application/octet-stream")
    if is_hashed:
        headers["vary"] = "Accept-Encoding"
        for coding, suffix in _accepted(request.headers.get("accept-encoding", "")):
            packed = await files.opened(static / (path + suffix))
            if packed is not None:
                headers["content-encoding"] = coding
                return files.FileAnswer(packed, kind=kind, etag=packed.etag, headers=headers)
    plain = await files.opened(static / path)
    if plain is None:
        return None
    return files.FileAnswer(plain, kind=kind, etag=plain.etag, headers=headers)


def _accepted(header: str) -> list[tuple[str, str]]:
    """The codings of `_PACKED` that the header Accept-Encoding allows."""
    allowed = set()
    for part in header.lower().split(","):
        coding, _, weight = part.partition(";")
        if weight.replace(" ", "").rstrip("0") not in ("q=", "q=0."):
            allowed.add(coding.strip())
    return [(coding, suffix) for coding, suffix in _PACKED if coding in allowed]


async def _index(house: House, request: Request, shown: Card | None, status: int) -> Response:
    shell = await asyncio.to_thread(_shell, house.static / _INDEX)
    if shell is None:
        return Response(_UNBUILT, 503, media_type="text/plain")
    content = shell if shown is None else render(shell, shown)
    encoded = content.encode()
    etag = f'"{hashlib.sha256(encoded).hexdigest()[:32]}"'
    headers = {
        "cache-control": _REVALIDATE,
        "content-security-policy": PAGE_POLICY,
        "etag": etag,
        "vary": "Cookie",
    }
    if status == 200 and files.matches(request.headers.get("if-none-match"), etag):
        return Response(None, 304, headers)
    return Response(encoded, status, headers, media_type="text/html")


def _shell(path: Path) -> str | None:
    """The built page, read again whenever it was built again. Blocks."""
    try:
        facts = path.stat()
        return _read(path, facts.st_mtime_ns, facts.st_size)
    except FileNotFoundError:
        return None


@functools.lru_cache(maxsize=2)
def _read(path: Path, mtime_ns: int, size: int) -> str:
    return path.read_text(encoding="utf-8")
