"""HTTP requests as nobody should write them: hostile bodies, forms, paths, headers and bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Final
from urllib.parse import quote

from msgspec import inspect

from realtime.api import ROUTES, Route
from tests.input import values
from tests.pictures import photo

_PICTURE: Final = photo(8, 8, "PNG")
_METHODS: Final = (
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "BREW",
    "get",
)
_SEGMENTS: Final = (
    *(
        "1",
        "0",
        "999999999",
        "9" * 19,
        "9" * 400,
        "-1",
        "1.0",
        "%31",
        "%00",
        "%ff",
        "%zz",
        "..",
        ".",
    ),
    *(
        "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "..%5c..%5c",
        "a/b",
        "",
        "%E2%80%AE",
        "%ED%A0%80",
        "x" * 3_000,
    ),
    *(
        "a" * 32 + ".webp",
        "A" * 22 + "-400.webp",
        ".webp",
        "ada",
        "%61da",
        "ADA",
        "ａｄａ",
        "ada%00",
    ),
)
_PATHS: Final = (
    *("/", "//", "///etc/passwd", "/../../etc/passwd", "/%2e%2e/%2e%2e/x", "/assets/../index.html"),
    *(
        "/assets/%2e%2e/index.html",
        "/index.html",
        "/index.html/",
        "/.git/config",
        "/static",
        "/sw.js",
    ),
    *("/@{}", "/@{}/followers", "/@{}/{}", "/post/{}", "/media/{}", "/api/{}", "/api/sessions/{}"),
    *(
        "/docs",
        "/search?q={}",
        "/{}",
        "/@{}?{}={}",
        "/post/{}#x",
        "*",
        "http://evil.example/",
        "/ws",
    ),
    *("/api", "/api/", "/api//session", "/API/SESSION", "/api/session/", "/metrics", "/readyz"),
)
_HEADERS: Final = (
    *(
        "Range: bytes=0-",
        "Range: bytes=-1",
        "Range: bytes=9-1",
        "Range: bytes=0-0,1-1,2-2",
        "Range: x",
    ),
    *(
        "If-None-Match: *",
        'If-None-Match: "',
        "If-Modified-Since: yesterday",
        "Accept-Encoding: br;q=x",
    ),
    *("Accept: */*;q=NaN", "Accept-Language: " + "x-" * 900, "Cookie: sid=\x00", "Cookie: sid"),
    *(
        "Cookie: sid=" + "A" * 5_000,
        "Cookie: ;;;=;=;",
        "Cookie: sid=<sid>; sid=x",
        "Expect: 100-continue",
    ),
    *(
        "X-Forwarded-For: ::1, 999.1.1.1",
        "X-Forwarded-Proto: https",
        "Forwarded: for=_",
        "User-Agent: \xff",
    ),
    *(
        "User-Agent: " + "(" * 2_000,
        "Origin: null",
        "Origin: <origin>.evil.example",
        "Sec-Fetch-Site: cross-site",
    ),
    *(
        "Content-Encoding: gzip",
        "Upgrade: websocket",
        "Upgrade: h2c",
        "X-HTTP-Method-Override: DELETE",
    ),
    *("Host: evil.example", "Host: ", "X: " + "y" * 9_000, "Referer: javascript:1", "Via: \t\x0b"),
)
_KINDS: Final = (
    *("application/json", "application/json", "application/json; charset=utf-16", "text/plain", ""),
    *(
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "APPLICATION/JSON",
        "json",
        "/",
        "\xff",
    ),
)


@dataclass(frozen=True)
class Wanted:
    """The bytes of one request. `is_whole`: it ends where HTTP says, so an answer is due."""

    data: bytes
    is_whole: bool = True


def request(random: Random) -> Wanted:
    """Any of them."""
    return random.choice(_MAKERS)(random)


def _segment(random: Random) -> str:
    if random.random() < 0.5:
        return random.choice(_SEGMENTS)
    return quote(
        values.text(random).encode("utf-8", "replace")[:2_000], safe=random.choice(("", "/;"))
    )


def _head(random: Random, method: str, path: str, *more: str) -> bytes:
    """A request's head up to its last line, that of a browser on our own page, more or less."""
    lines = [f"{method} {path} HTTP/1.1"]
    own = {"Host": "<host>", "Origin": "<origin>", "Cookie": "sid=<sid>"}
    # Whoever is signed out by accident would try nothing more.
    if path.startswith(("/api/logout", "/api/sessions/")) or random.random() < 0.4:
        del own["Cookie"]
    if random.random() < 0.1:
        del own["Origin"]
    lines += [f"{name}: {value}" for name, value in own.items()]
    lines += [*more, "Connection: close"]
    if random.random() < 0.4:
        lines.insert(random.randint(2, len(lines)), random.choice(_HEADERS))
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1", "replace")


def _with_body(random: Random, head: bytes, body: bytes) -> Wanted:
    """Head and body, whose length is said once, in pieces, or wrongly."""
    chance = random.random()
    if chance < 0.75:
        return Wanted(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    head += b"Transfer-Encoding: chunked\r\n"
    if chance < 0.9:
        cut = random.randint(0, len(body))
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in (body[:cut], body[cut:]) if c)
        return Wanted(head + b"\r\n" + chunks + b"0\r\n\r\n")
    size = random.choice((b"-1", b"ffffffffffffffffff", b"zz", b"", b"5;x=" + b"y" * 9_000, b" 5"))
    if random.random() < 0.5:
        head += b"Content-Length: %d\r\n" % len(body)
    return Wanted(head + b"\r\n" + size + b"\r\n" + body, is_whole=False)


def _fields(random: Random, route: Route) -> Any:
    """A body for this route, of which something is wrong."""
    if not isinstance(route.body, type):
        return values.anything(random)
    info = inspect.type_info(route.body)
    assert isinstance(info, inspect.StructType)
    fields: dict[str, Any] = {each.encode_name: "hopefully wrong" for each in info.fields}
    fields["name" if "name" in fields else "more"] = values.anything(random)
    for _ in range(random.choice((1, 1, 2))):
        name = random.choice([*fields, "", "__proto__", "admin"])
        fields[name] = values.anything(random)
    if random.random() < 0.3:
        del fields[random.choice(list(fields))]
    return fields if random.random() < 0.9 else random.choice(([fields], list(fields), None))


def _call(random: Random) -> Wanted:
    """A route of the API, with its body or another's."""
    route = random.choice(ROUTES)
    method = route.method if random.random() < 0.85 else random.choice(_METHODS)
    path = route.path.replace("{id}", _segment(random)).replace("{file}", _segment(random))
    if random.random() < 0.1:
        path += random.choice(("/", "?", "?" + _segment(random), "%20", ";x", "//"))
    if method in ("GET", "HEAD"):
        return Wanted(_head(random, method, path) + b"\r\n")
    body = values.written(_fields(random, route), random).encode("utf-8", "surrogatepass")
    if random.random() < 0.15:
        body = body[: random.randrange(len(body) + 1)]
    if random.random() < 0.05:
        body = random.randbytes(random.choice((0, 9, 65_537)))
    head = _head(random, method, path, f"Content-Type: {random.choice(_KINDS)}")
    return _with_body(random, head, body)


def _visit(random: Random) -> Wanted:
    """An address, of a page, a person, a picture or nothing."""
    path = random.choice(_PATHS)
    while "{}" in path:
        path = path.replace("{}", _segment(random), 1)
    method = "GET" if random.random() < 0.8 else random.choice(_METHODS)
    return Wanted(_head(random, method, path) + b"\r\n")


def _part(random: Random) -> bytes:
    name = random.choice(("file", "file", "alt", "alt", "other", "", 'a"b', "\xff", "file\x00"))
    content = random.choice((_PICTURE, _PICTURE[:40], b"", b"GIF89a", b"\x00" * 5_000, b"x"))
    if name == "alt":
        content = values.text(random).encode("utf-8", "surrogatepass")
    headers = f'Content-Disposition: form-data; name="{name}"'
    if random.random() < 0.6:
        file = random.choice(("a.png", "../../x", "\x00", "x" * 300, "é", "a\r\nb: c"))
        headers += f'; filename="{file}"'
    if random.random() < 0.2:
        headers = random.choice(("", "X", ": ", "Content-Disposition", headers * 50))
    if random.random() < 0.3:
        headers += "\r\nContent-Type: " + random.choice(("image/png", "text/html", "x" * 5_000))
    return headers.encode("latin-1", "replace") + b"\r\n\r\n" + content + b"\r\n"


def _form(random: Random) -> Wanted:
    """An upload, with parts and boundaries of every kind."""
    edge = random.choice((b"edge", b"e" * 70, b"e" * 300, b"'()+_,-./:=?"))
    told = edge if random.random() < 0.85 else random.choice((b"", b"other", b'"', b"\xc3\xa9"))
    body = b"".join(b"--" + edge + b"\r\n" + _part(random) for _ in range(random.randint(0, 3)))
    body += random.choice(
        (b"--" + edge + b"--\r\n", b"--" + edge + b"--", b"--" + edge, b"", b"--\r\n")
    )
    if random.random() < 0.15:
        body = body[: random.randrange(len(body) + 1)]
    kind = "Content-Type: multipart/form-data; boundary=" + told.decode("latin-1")
    return _with_body(random, _head(random, "POST", "/api/media", kind), body)


def _wreck(random: Random) -> Wanted:
    """A request with bytes changed, cut off, or none at all."""
    data = bytearray(request(random).data)
    chance = random.random()
    if chance < 0.5:
        for _ in range(random.randint(1, 5)):
            data[random.randrange(len(data))] = random.randrange(256)
    elif chance < 0.7:
        data = data[: random.randrange(len(data))]
    elif chance < 0.8:
        data = bytearray(random.randbytes(random.randint(1, 500)))
    elif chance < 0.9:
        data = bytearray(b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 5_000 + b"\r\n")
    else:
        data = bytearray(b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n")
    return Wanted(bytes(data), is_whole=False)


_MAKERS: Final[tuple[Callable[[Random], Wanted], ...]] = (
    *(_call, _call, _call, _visit, _visit, _form, _form, _wreck),
)
