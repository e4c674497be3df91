"""A second PostgreSQL that follows a first one by its log, and can take its place."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

import asyncpg

from tests.guard import as_user
from tests.ports import HOST
from tests.services import Postgres

NAME: Final = "standby"
ATTACH_S: Final = 30.0


class Standby(Postgres):
    """A copy of the PostgreSQL behind `primary_port`, kept up to date through that same port.

    `primary_port` may be a wire's: what is done to the wire is done to the replication.
    """

    def __init__(self, primary_port: int) -> None:
        # It commits again what the first one has committed; without the disk, like that one.
        super().__init__(settings={"hot_standby": "on", "wal_receiver_timeout": "60s"})
        self._primary = (
            f"host={HOST} port={primary_port} user=postgres dbname=postgres application_name={NAME}"
        )

    async def follows(self, primary: Postgres, *, is_synchronous: bool) -> None:
        """Wait until it is attached to `primary`, whose commits wait for it from then on if
        `is_synchronous`.

        Raises:
            TimeoutError: it never was.
        """
        wanted = "sync" if is_synchronous else "async"
        connection = await asyncpg.connect(primary.url)
        try:
            if is_synchronous:
                await connection.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{NAME}'")
                await connection.execute("SELECT pg_reload_conf()")
            sql = "SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming'"
            async with asyncio.timeout(ATTACH_S):
                while await connection.fetchval(sql) != wanted:  # noqa: ASYNC110 - no event tells of it
                    await asyncio.sleep(0.05)
        finally:
            await connection.close()

    async def promote(self) -> None:
        """Make it the first one; returns when it takes writes."""
        connection = await asyncpg.connect(self.url)
        try:
            if not await connection.fetchval("SELECT pg_promote()"):
                raise RuntimeError(f"The standby was not promoted.\n{self.log}")
        finally:
            await connection.close()

    def _copy(self, folder: Path) -> None:
        """The data of the one that is followed."""
        assert self._binaries is not None
        user, group = self._owner()
        shutil.rmtree(folder / "data")
        other = {} if user == os.getuid() else as_user(user, group)
        copying = [str(self._binaries / "pg_basebackup"), "-D", str(folder / "data")]
        subprocess.run(
            [*copying, "-d", self._primary, "-X", "stream", "-c", "fast", "-R", "--no-sync"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
            **other,
        )

    def _prepare(self) -> Path:
        folder = super()._prepare()
        try:
            self._copy(folder)
        except subprocess.CalledProcessError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise RuntimeError(f"pg_basebackup failed.\n{error.stderr}") from error
        return folder
