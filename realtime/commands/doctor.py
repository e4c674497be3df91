"""`realtime doctor`: what is wrong with this deployment, and what to type."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from resource import RLIMIT_NOFILE, getrlimit
from typing import Final

from realtime import media
from realtime.app import STATIC
from realtime.commands.finding import Finding, folder
from realtime.commands.neighbours import buses, database, file, server
from realtime.config import LOOPBACK, BadSettings, Config
from realtime.secret import secret_keys

FILES_WRONG: Final = 256  # open files of one process
FILES_LITTLE: Final = 11_000  # a full house has 10,000 sockets


def doctor(env: Mapping[str, str], *, workers: int | None = None) -> int:
    """Examine the deployment that `env` describes, and tell. Nothing is made or changed.

    Returns the exit status: 0 if nothing is wrong, else 1.
    """
    is_well = True
    for finding in examine(env, workers=workers):
        is_well = is_well and finding.state != "wrong"
        sys.stdout.write(f"{finding}\n")
        sys.stdout.flush()
    sys.stdout.write("All is well.\n" if is_well else "Not all is well: see WRONG above.\n")
    return 0 if is_well else 1


def examine(env: Mapping[str, str], *, workers: int | None = None) -> Iterator[Finding]:
    """One finding after the other; after unreadable settings there are no more."""
    try:
        config = Config.from_env(env, workers=workers)
    except BadSettings as error:
        for line in str(error).splitlines():
            yield Finding("settings", "wrong", line)
        return
    yield from _settings(config)
    yield _keys(config)
    yield _page()
    yield from _uploads(config)
    yield _open_files()
    with asyncio.Runner() as runner:
        # One at a time: what is slow is then known by the line that is missing.
        for check in (database, buses):
            found = check(config)
            while (finding := runner.run(_next(found))) is not None:
                yield finding
    yield server(config)


async def _next(found: AsyncIterator[Finding]) -> Finding | None:
    return await anext(found, None)


def _settings(config: Config) -> Iterator[Finding]:
    where = f"http://{config.host}:{config.port}"
    limits = "on" if config.rate_limits else "off"
    processes = "1 process" if config.workers == 1 else f"{config.workers} processes"
    yield Finding("settings", "ok", f"{where}, {processes}, rates {limits}")
    if not config.rate_limits:
        yield Finding("settings", "note", "Rates are off: for load tests only.")
    if config.host not in LOOPBACK and not config.trusted_proxies:
        yield Finding(
            "settings",
            "note",
            f"{config.host} can be reached from outside, and no proxy is trusted.",
            "Behind one that speaks https: REALTIME_TRUSTED_PROXIES=<its address>. "
            "Without one, passwords cross the network in the clear.",
        )
    if config.database_url.startswith("postgresql") and not config.redis_urls:
        yield Finding(
            "settings",
            "note",
            "PostgreSQL without Redis: right for one process. "
            "Several would hear each other only every "
            f"{config.reconcile_s:g} s.",
            "REALTIME_REDIS_URL=redis://127.0.0.1:6379/0",
        )


def _keys(config: Config) -> Finding:
    if config.secret_keys:
        return Finding("keys", "ok", f"{len(config.secret_keys)} given, the newest signs")
    if not config.database_url.startswith("sqlite"):
        try:
            secret_keys(config)
        except BadSettings as error:
            return Finding("keys", "wrong", str(error))
    path = file(config).with_suffix(".key")
    try:
        mode = path.stat().st_mode & 0o777
    except FileNotFoundError:
        return Finding("keys", "ok", f"{path} will be made by the first start")
    if mode & 0o077:
        words = f"{path} can be read by others: whoever reads it can sign in as anybody."
        return Finding("keys", "wrong", words, f"chmod 600 {path}")
    return Finding("keys", "ok", f"in {path}, readable by its owner only")


def _page() -> Finding:
    if (STATIC / "index.html").is_file():
        return Finding("page", "ok", f"built, in {STATIC}")
    return Finding(
        "page", "wrong", f"{STATIC} holds no page: browsers will see none.", "make build"
    )


def _uploads(config: Config) -> Iterator[Finding]:
    yield from folder("uploads", config.uploads)
    try:
        kinds = sorted(media.self_test())
    except RuntimeError as error:
        yield Finding("pictures", "wrong", str(error), "pip install --force-reinstall pillow")
        return
    lost = sorted(set(media.FORMATS) - set(kinds))
    words = ", ".join(kind.removeprefix("image/") for kind in kinds)
    if lost:
        without = ", ".join(kind.removeprefix("image/") for kind in lost)
        yield Finding("pictures", "note", f"{words}; this Pillow can't read {without}")
    else:
        yield Finding("pictures", "ok", words)


def _open_files() -> Finding:
    limit, _ = getrlimit(RLIMIT_NOFILE)
    words = f"{limit} at a time, about {max(0, limit - 100)} sockets a process"
    remedy = "ulimit -n 65536 (LimitNOFILE=65536 in a systemd unit)"
    if limit < FILES_WRONG:
        return Finding("open files", "wrong", f"{words}: too few.", remedy)
    if limit < FILES_LITTLE:
        return Finding("open files", "note", words, remedy)
    return Finding("open files", "ok", words)
