"""A server's HTTP side, as a program uses it: accounts, tickets and pictures."""

from __future__ import annotations

import asyncio
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass
from http.client import HTTPException
from http.cookies import SimpleCookie
from typing import Final, NamedTuple, cast
from urllib.parse import urlsplit

import msgspec
from msgspec import UnsetType

from realtime.api import Failure, Login, Register, Signed, Ticket, Uploaded
from realtime.errors import Code, Refusal
from realtime.model import Media, User
from realtime.protocol import Error

ANSWER_S: Final = 30.0
AGENT: Final = "realtime-python/1"
_COOKIES: Final = ("__Host-sid", "sid")
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in at `site` (an origin, as in `https://social.example.org`)."""

    site: str
    cookie: str  # the `Cookie` header's value

    async def ticket(self) -> str:
        """For one `hello`, within 30 seconds.

        Raises:
            Refusal: `unauthenticated` where the session is over.
            OSError: the server is away.
        """
        answer = await asyncio.to_thread(_send, self.site, "/api/ticket", cookie=self.cookie)
        return msgspec.json.decode(answer.body, type=Ticket).ticket

    async def upload(self, picture: bytes, alt: str = "") -> Media:
        """A picture, to be named by its id in one post, or as one's avatar.

        Raises:
            Refusal: it is no picture, too large, or one too many.
            OSError: the server is away.
        """
        return await asyncio.to_thread(upload, self.site, self.cookie, picture, alt)

    async def sign_out(self) -> None:
        """End this session; its sockets close. Raises as `ticket` does."""
        await asyncio.to_thread(_send, self.site, "/api/logout", cookie=self.cookie)


async def sign_in(site: str, name: str, password: str) -> Session:
    """A new session; end it with `sign_out`.

    Raises:
        Refusal: name and password do not fit together, or were tried too often.
        OSError: the server is away.
    """
    _, session = await asyncio.to_thread(enter, site, "/api/login", Login(name, password))
    return session


async def register(site: str, name: str, password: str) -> Session:
    """A new account, and a session of it.

    Raises:
        Refusal: the name is taken, the password too weak, or the address makes too many accounts.
        OSError: the server is away.
    """
    _, session = await asyncio.to_thread(enter, site, "/api/register", Register(name, password))
    return session


def enter(site: str, path: str, body: Login | Register) -> tuple[User, Session]:
    """Who has come in, and their session. Blocks; raises as `sign_in` does."""
    answer = _send(site, path, msgspec.json.encode(body), "application/json")
    found: SimpleCookie = SimpleCookie()
    for line in answer.cookies:
        found.load(line)
    for name in _COOKIES:
        if name in found:
            session = Session(site, f"{name}={found[name].value}")
            return msgspec.json.decode(answer.body, type=Signed).user, session
    raise ConnectionError(f"{site} set no session cookie: is it a realtime server?")


def upload(site: str, cookie: str, picture: bytes, alt: str = "") -> Media:
    """As `Session.upload`. Blocks."""
    border = uuid.uuid4().hex
    field = f'--{border}\r\nContent-Disposition: form-data; name="'
    before = f'{field}alt"\r\n\r\n{alt}\r\n{field}file"; filename="picture"\r\n\r\n'
    body = before.encode() + picture + f"\r\n--{border}--\r\n".encode()
    kind = f"multipart/form-data; boundary={border}"
    answer = _send(site, "/api/media", body, kind, cookie)
    return msgspec.json.decode(answer.body, type=Uploaded).media


def is_near(site: str) -> bool:
    """Whether this is a server of this machine, to which no proxy leads."""
    return urlsplit(site).hostname in _LOOPBACK


class _Answer(NamedTuple):
    cookies: list[str]  # `Set-Cookie` headers
    body: bytes


def _send(site: str, path: str, body: bytes = b"", kind: str = "", cookie: str = "") -> _Answer:
    """Post, and be answered. Blocks."""
    headers = {"Origin": site, "User-Agent": AGENT}
    if kind:
        headers["Content-Type"] = kind
    if cookie:
        headers["Cookie"] = cookie
    request = urllib.request.Request(site + path, body, headers, method="POST")
    proxies = urllib.request.ProxyHandler({} if is_near(site) else None)
    try:
        with urllib.request.build_opener(proxies).open(request, timeout=ANSWER_S) as answer:
            return _Answer(answer.headers.get_all("Set-Cookie") or [], answer.read())
    except urllib.error.HTTPError as error:
        with error:
            raise _refusal(error.code, error.read()) from None
    except HTTPException as error:
        raise ConnectionError(f"{site} speaks no HTTP that can be read") from error


def _refusal(status: int, body: bytes) -> Exception:
    """What the server said; an OSError where it was something before it that spoke."""
    try:
        failure = msgspec.json.decode(body, type=Failure)
    except msgspec.MsgspecError:
        return ConnectionError(f"answered {status}")
    return refusal(failure)


def refusal(said: Failure | Error) -> Refusal:
    """An `error` of the socket, or a failure of HTTP, as what is raised."""
    # A newer server may know more codes; whoever compares with one of these is not misled.
    return Refusal(
        cast(Code, said.code),
        said.message,
        field=None if isinstance(said.field, UnsetType) else said.field,
        retry_after=None if isinstance(said.retry_after, UnsetType) else said.retry_after,
    )
