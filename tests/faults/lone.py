"""One node on SQLite, and small disks for what it keeps: a real one as root, a planted one else."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final, Protocol

from tests.faults.cluster import KEY, Cluster, Node
from tests.services import Postgres, Redis

PLENTY: Final = 64 * 2**20


class Disk(Protocol):
    """Where something is kept, that can become full and roomy again while it is used."""

    kind: str
    planted: Sequence[str]

    def fill(self, left_bytes: int) -> None:
        """Leave so little room."""
        ...

    def relieve(self) -> None:
        """Give it plenty of room again."""
        ...


class Tmpfs:
    """A file system of its own in `folder`."""

    kind = "a tmpfs"
    planted: Sequence[str] = ()

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        _mount("mount", "-t", "tmpfs", "-o", f"size={PLENTY}", "tmpfs", str(folder))

    def fill(self, left_bytes: int) -> None:
        facts = os.statvfs(self.folder)
        used = (facts.f_blocks - facts.f_bfree) * facts.f_frsize
        self._resize(used + left_bytes)

    def relieve(self) -> None:
        self._resize(PLENTY)

    def close(self) -> None:
        # Whoever still has a file open there is gone in a moment.
        _mount("umount", "--lazy", str(self.folder))

    def _resize(self, size: int) -> None:
        _mount("mount", "-o", f"remount,size={size}", str(self.folder))


class PlantedPages:
    """The database may have no more pages than `folder`/pages says: SQLite calls that full too."""

    kind = "PRAGMA max_page_count"
    planted: Sequence[str] = ("few-pages",)

    def __init__(self, folder: Path) -> None:
        self._database = folder / "realtime.db"
        self._pages = folder / "pages"
        self.relieve()

    def fill(self, left_bytes: int) -> None:
        with contextlib.closing(sqlite3.connect(self._database)) as connection:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            (size,) = connection.execute("PRAGMA page_size").fetchone()
        self._pages.write_text(str(pages + left_bytes // size), "ascii")

    def relieve(self) -> None:
        self._pages.write_text("1000000", "ascii")


class PlantedUploads:
    """While the file `full` lies beside `folder`, every write of a picture meets a full disk."""

    kind = "/dev/full"
    planted: Sequence[str] = ("full-uploads",)

    def __init__(self, folder: Path) -> None:
        self._mark = folder.parent / "full"

    def fill(self, left_bytes: int) -> None:
        self._mark.touch()

    def relieve(self) -> None:
        self._mark.unlink(missing_ok=True)


@contextmanager
def small_disk(folder: Path, other: type[PlantedPages] | type[PlantedUploads]) -> Iterator[Disk]:
    """A disk at `folder`, roomy at first; `other` where nobody may mount one."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        real = Tmpfs(folder)
    except (OSError, subprocess.CalledProcessError):
        yield other(folder)
        return
    try:
        yield real
    finally:
        real.close()


@asynccontextmanager
async def folder_of_its_own() -> AsyncIterator[Path]:
    """Gone after the body, with all that is in it."""
    with tempfile.TemporaryDirectory(prefix="realtime-lone-") as folder:
        yield Path(folder)


@asynccontextmanager
async def lone(
    folder: Path, database: Path, planted: Sequence[str] = (), module: str = ""
) -> AsyncIterator[Cluster]:
    """One node that serves from `folder`, a cluster without servers; it is gone after the body.

    With `module` that program is started in place of `realtime`.
    """
    built = Cluster(Postgres(), Redis())  # never started
    built.folder = folder
    built.database = f"sqlite:///{database}"
    settings = {
        "REALTIME_DATABASE_URL": built.database,
        "REALTIME_SECRET_KEYS": KEY,
        "REALTIME_UPLOADS": str(folder / "uploads"),
        "REALTIME_RATE_LIMITS": "off",
    }
    node = Node(folder, settings, ",".join(planted) or None)
    if module:
        node._module = (module, "-")
    built.nodes.append(node)
    await node.start()
    try:
        yield built
    finally:
        with contextlib.suppress(TimeoutError):
            await node.leave()


async def is_whole(database: Path) -> bool:
    """Whether SQLite finds nothing wrong with the file."""

    def ask() -> bool:
        with contextlib.closing(sqlite3.connect(database)) as connection:
            (said,) = connection.execute("PRAGMA integrity_check").fetchone()
            return bool(said == "ok")

    return await asyncio.to_thread(ask)


def strays(database: Path, uploads: Path) -> list[str]:
    """Files of no row, and rows that lack a file."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        rows = {row[0] for row in connection.execute("SELECT file FROM media")}
    files = {path.name for path in uploads.iterdir()}
    stems = {row.partition(".")[0] for row in rows}
    return sorted({name for name in files if name[:32] not in stems} | (rows - files))


def _mount(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
