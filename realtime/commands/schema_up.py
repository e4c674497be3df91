"""Brings the database up to this code before anything is served, or says in a sentence why not."""

from __future__ import annotations

import asyncio

from realtime.config import BadSettings, Config
from realtime.errors import Unavailable
from realtime.store.database import Database, UnfitDatabase
from realtime.store.migrate import migrate


def bring_up(config: Config) -> list[int]:
    """The numbers of the migrations that were run here, ascending.

    Raises:
        BadSettings: the database is newer than this code, is another program's, or is not there.
    """
    try:
        return asyncio.run(_bring_up(config))
    except (UnfitDatabase, Unavailable) as error:
        raise BadSettings(str(error)) from error


async def _bring_up(config: Config) -> list[int]:
    database = await Database.connect(config.database_url, pool=1)
    try:
        return await migrate(database)
    finally:
        await database.close()
