"""Passwords, session tokens and tickets, as pure functions of what they are given."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import os
import re
import secrets
import sys
import threading
import unicodedata
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from typing import Final, TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError
from itsdangerous import BadSignature, Signer

from realtime.errors import Refusal
from realtime.text import fold_name

PASSWORD_MIN: Final = 8  # characters
PASSWORD_MAX: Final = 256  # characters

_MEMORY_KIB: Final = 19_456
_ROUNDS: Final = 2
_LANES: Final = 1
_hasher: Final = PasswordHasher(
    time_cost=_ROUNDS, memory_cost=_MEMORY_KIB, parallelism=_LANES, type=Type.ID
)
# Of salt and digest zero: as dear to verify as a real one, and no password fits.
_NOBODY: Final = f"$argon2id$v=19$m={_MEMORY_KIB},t={_ROUNDS},p={_LANES}${'A' * 22}${'A' * 43}"

_NICER_BY: Final = 10
_NICEST: Final = 19

T = TypeVar("T")


def hash_password(password: str) -> str:
    """Return argon2id of `password`, parameters and salt included. Takes some 20 ms of a core."""
    return _hasher.hash(_canonical(password))


def verify_password(hash: str | None, password: str) -> bool:
    """Whether `password` made `hash`; of nobody's (None) it is false, and takes as long."""
    try:
        return _hasher.verify(hash or _NOBODY, _canonical(password))
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(hash: str) -> bool:
    """Whether `hash` was made with other parameters than today's."""
    return _hasher.check_needs_rehash(hash)


def check_password(password: str, name: str, *, field: str = "password") -> None:
    """Let a password pass that has 8 to 256 characters, is not the name and not a common one.

    Raises:
        Refusal: `invalid` or `too_long`, with `field`.
    """
    if any("\ud800" <= character <= "\udfff" for character in password):
        raise Refusal("invalid", "That password is not valid text.", field=field)
    length = len(unicodedata.normalize("NFC", password))
    if length < PASSWORD_MIN:
        message = f"A password has at least {PASSWORD_MIN} characters."
        raise Refusal("invalid", message, field=field)
    if length > PASSWORD_MAX:
        message = f"A password has at most {PASSWORD_MAX} characters."
        raise Refusal("too_long", message, field=field)
    if fold_name(password) == fold_name(name):
        raise Refusal("invalid", "A password can't be the name.", field=field)
    if password.casefold() in _common_passwords():
        message = "That password is one of the first that anyone would try."
        raise Refusal("invalid", message, field=field)


def new_token() -> str:
    """Return a session token: 256 random bits, base64url."""
    return secrets.token_urlsafe(32)


def new_ticket() -> str:
    """Return a ticket for one `hello`: 256 random bits, base64url."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Return what is stored of a token or ticket: SHA-256 in 64 hexadecimal digits."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def sign(token: str, keys: Sequence[str]) -> str:
    """Return the cookie value of `token`, signed with the first of `keys`."""
    return _signer(tuple(keys)).sign(token).decode("ascii")


def unsign(value: str, keys: Sequence[str]) -> str | None:
    """Return the token in a cookie value that any of `keys` has signed, else None."""
    try:
        return _signer(tuple(keys)).unsign(value).decode("ascii")
    except (BadSignature, UnicodeError):
        return None


def cookie_name(secure: bool) -> str:
    """Return the session cookie's name; browsers take the first only with `Secure` and `/`."""
    return "__Host-sid" if secure else "sid"


def device(user_agent: str) -> str:
    """Return a short name for what sends `user_agent`: "Firefox on Linux", "echo-bot 0.3"."""
    printable = (each if each.isprintable() else " " for each in user_agent)
    agent = " ".join("".join(printable).split())
    if not agent.startswith("Mozilla/"):
        return _program(agent)
    browser = next((name for mark, name in _BROWSERS if mark in agent), None)
    system = next((name for mark, name in _SYSTEMS if mark in agent), None)
    if browser and system:
        return f"{browser} on {system}"
    return browser or (f"A browser on {system}" if system else "Unknown device")


class PasswordPool:
    """Threads of its own for passwords: hashing must not delay anything but other hashing.

    Two, or one where there are no more than two processors: one stays for everything else.
    """

    def __init__(self, *, threads: int | None = None, waiting: int = 50) -> None:
        threads = threads or (2 if _processors() > 2 else 1)
        self._executor = ThreadPoolExecutor(
            threads, thread_name_prefix="password", initializer=_stand_back
        )
        self._places = threading.Semaphore(threads + waiting)

    async def hash(self, password: str) -> str:
        """As `hash_password`. Raises: Refusal: `unavailable`, when too many wait already."""
        return await self._run(lambda: hash_password(password))

    async def verify(self, hash: str | None, password: str) -> bool:
        """As `verify_password`. Raises: Refusal: `unavailable`, when too many wait already."""
        return await self._run(lambda: verify_password(hash, password))

    def close(self) -> None:
        """Drop what waits and end the threads; returns when they have ended, some 20 ms."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    async def _run(self, work: Callable[[], T]) -> T:
        if not self._places.acquire(blocking=False):
            raise _too_busy()
        try:
            job = self._executor.submit(work)
        except RuntimeError as closed:
            self._places.release()
            raise _too_busy() from closed
        # The place is free when the job is over, which may be after its caller was cancelled.
        job.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(job)


def _processors() -> int:
    """How many of them this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _stand_back() -> None:
    """Let every other thread of this process go first: on a busy core a hash has it for 20 ms."""
    if sys.platform == "linux":  # elsewhere niceness is a whole process's
        thread = threading.get_native_id()
        # From where the process stands: to move up again may be forbidden.
        niceness = os.getpriority(os.PRIO_PROCESS, thread) + _NICER_BY
        os.setpriority(os.PRIO_PROCESS, thread, min(niceness, _NICEST))


def _too_busy() -> Refusal:
    message = "Too many people are signing in right now."
    return Refusal("unavailable", message, retry_after=1.0)


def _canonical(password: str) -> bytes:
    # The same keys give other code points on other systems.
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


@functools.lru_cache(maxsize=8)
def _signer(keys: tuple[str, ...]) -> Signer:
    if not keys or not all(keys):
        raise ValueError("signing takes at least one key, and no empty one")
    # The library wants the newest last.
    return Signer(list(reversed(keys)), salt="realtime.session", digest_method=hashlib.sha256)


def _is_comment(line: str) -> bool:
    return line == "#" or line.startswith("# ")


@functools.cache
def _common_passwords() -> frozenset[str]:
    source = resources.files("realtime").joinpath("common_passwords.txt")
    lines = source.read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not _is_comment(line))


# The first that fits wins: most browsers also claim to be those below them.
_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("HeadlessChrome/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_PROGRAM: Final = re.compile(r"([^\s/();]{1,40})(?:[/ ]v?([0-9]{1,6}(?:\.[0-9]{1,6})?))?")


def _program(agent: str) -> str:
    match = _PROGRAM.match(agent)
    if match is None:
        return "Unknown device"
    name, version = match.groups()
    return f"{name} {version}" if version else str(name)
