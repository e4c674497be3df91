"""The settings, read from the environment once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

SECRET_LENGTH = 32  # characters, at least
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})


class BadSettings(Exception):
    """The environment cannot be used; the message names every bad variable and says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """How this process runs. Durations in seconds, sizes in bytes."""

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    database_url: str = "sqlite:///realtime.db"
    redis_urls: tuple[str, ...] = ()  # none: the bus lives in this process
    uploads: Path = Path("uploads")
    secret_keys: tuple[str, ...] = ()  # newest first
    origins: frozenset[str] = frozenset()  # besides the site's own
    reconcile_s: float = 30.0
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    rate_limits: bool = True
    pool: int = 10  # connections to PostgreSQL, per process

    @classmethod
    def from_env(cls, env: Mapping[str, str], **given: Any) -> Config:
        """The settings in `env` (REALTIME_*), overridden by `given`.

        Raises:
            BadSettings: names every bad variable at once.
        """
        wrong: list[str] = []
        values: dict[str, Any] = {}
        for name, (field, parse) in _VARIABLES.items():
            text = env.get(name, "").strip()
            if not text:
                continue
            try:
                values[field] = parse(text)
            except ValueError as error:
                wrong.append(f"{name}: {error}.")
        values.update({k: v for k, v in given.items() if v is not None})
        config = cls(**values)
        wrong += config._contradictions()
        if wrong:
            raise BadSettings("\n".join(wrong))
        return config

    def _contradictions(self) -> list[str]:
        wrong = []
        if self.workers > 1 and not self.redis_urls:
            wrong.append(
                f"--workers {self.workers}: several processes find each other through Redis only. "
                "Set REALTIME_REDIS_URL=redis://127.0.0.1:6379/0, or use one worker."
            )
        if self.workers > 1 and self.database_url.startswith("sqlite"):
            wrong.append(
                f"--workers {self.workers}: SQLite has one writer. "
                "Set REALTIME_DATABASE_URL=postgresql://user:password@host/name, or use one worker."
            )
        if not self.rate_limits and self.host not in LOOPBACK:
            wrong.append("REALTIME_RATE_LIMITS: `off` is for load tests on loopback only.")
        return wrong

    def __repr__(self) -> str:
        """Without secrets and passwords: fit for a log."""
        database = urlsplit(self.database_url)
        return f"Config({self.host}:{self.port} {database.scheme} redis={len(self.redis_urls)})"


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 <= int(text) <= 65535:
        raise ValueError("a port is a whole number from 0 to 65535")
    return int(text)


def _database(text: str) -> str:
    if text.startswith("postgres://"):
        text = "postgresql://" + text.removeprefix("postgres://")
    if not text.startswith(("sqlite:///", "postgresql://")):
        raise ValueError("a database is sqlite:///path or postgresql://user:password@host/name")
    return text


def _redis(text: str) -> tuple[str, ...]:
    urls = tuple(text.replace(",", " ").split())
    if not all(url.startswith(("redis://", "rediss://", "unix://")) for url in urls):
        raise ValueError("Redis is redis://host:port/number (several, to shard by topic)")
    return urls


def _keys(text: str) -> tuple[str, ...]:
    keys = tuple(text.replace(",", " ").split())
    if any(len(key) < SECRET_LENGTH for key in keys):
        raise ValueError(f"each key has at least {SECRET_LENGTH} characters, newest first")
    return keys


def _origins(text: str) -> frozenset[str]:
    origins = text.replace(",", " ").split()
    for origin in origins:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path not in ("", "/"):
            raise ValueError("an origin is https://host, or http://host:port")
    return frozenset(origin.rstrip("/").lower() for origin in origins)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0.05 <= seconds <= 3600:
        raise ValueError("from 0.05 to 3600 seconds")
    return seconds


def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(part) for part in text.replace(",", " ").split())


def _switch(text: str) -> bool:
    if text not in ("on", "off"):
        raise ValueError("`on` or `off`")
    return text == "on"


_VARIABLES: dict[str, tuple[str, Callable[[str], Any]]] = {
    "REALTIME_HOST": ("host", str),
    "REALTIME_PORT": ("port", _port),
    "REALTIME_DATABASE_URL": ("database_url", _database),
    "REALTIME_REDIS_URL": ("redis_urls", _redis),
    "REALTIME_UPLOADS": ("uploads", Path),
    "REALTIME_SECRET_KEYS": ("secret_keys", _keys),
    "REALTIME_ORIGINS": ("origins", _origins),
    "REALTIME_RECONCILE_S": ("reconcile_s", _seconds),
    "REALTIME_TRUSTED_PROXIES": ("trusted_proxies", _networks),
    "REALTIME_RATE_LIMITS": ("rate_limits", _switch),
}
