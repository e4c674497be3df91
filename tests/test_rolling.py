"""Old and new at once: a process goes on over a newer database, and none begins there."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from realtime.config import Config
from realtime.store.database import Database
from realtime.store.migrate import migrate
from tests import processes
from tests.client import post
from tests.deployments import KEY, Town
from tests.pictures import photo
from tests.server import Running

# What a migration may do to the tables of a running version: add.
NEXT = """
ALTER TABLE posts ADD COLUMN mood text;
ALTER TABLE users ADD COLUMN mood text NOT NULL DEFAULT 'calm';
ALTER TABLE media ADD COLUMN mood integer NOT NULL DEFAULT 0;
CREATE TABLE moods (post_id bigint PRIMARY KEY, mood text NOT NULL);
CREATE INDEX moods_mood ON moods (mood);
"""
_ADDS = re.compile(
    r"CREATE (TABLE|INDEX|UNIQUE INDEX|TRIGGER|FUNCTION|VIRTUAL TABLE|SEQUENCE|EXTENSION|VIEW)\b"
    r"|ALTER TABLE \w+ ADD COLUMN \w+ (?!.*\bNOT NULL\b(?!.*\bDEFAULT\b))"
    r"|(INSERT INTO|UPDATE) \w+",
)


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """Our migrations and one more."""
    folder = tmp_path / "newer"
    with as_file(files("realtime.store") / "migrations") as own:
        shutil.copytree(own, folder)
        number = max(int(script.name[:4]) for script in own.glob("*.sql")) + 1
    (folder / f"{number:04d}_moods.sql").write_text(NEXT, "utf-8")
    return folder


async def test_a_node_goes_on_while_a_newer_one_has_migrated_and_an_old_one_does_not_begin(
    server: Running, town: Town, config: Config, newer: Path, tmp_path: Path
) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob:
        await bob.ask("follow.set", user_id=town.ada.id, on=True)
        before = await post(ada, "before")
        database = await Database.connect(config.database_url)
        assert len(await migrate(database, folder=newer)) == 1
        await database.close()

        picture = await town.ada.upload(photo(40, 30))
        after = await post(ada, "after", media=[picture["id"]])
        assert (await bob.noun("post", id=after["id"]))["media"][0]["id"] == picture["id"]
        await bob.ask("react.set", post_id=before["id"], emoji="🦊", on=True)
        await ada.noun("notice", what="reaction")
        await ada.ask("post.delete", post_id=before["id"])
        page = await bob.ask("timeline.get", name="home")
        assert [entry["id"] for entry in page["entries"]] == [after["id"]]
        await server.reconcile()

    env = {"REALTIME_DATABASE_URL": config.database_url, "REALTIME_SECRET_KEYS": KEY}
    port = str(processes.free_port())
    status, said = await processes.run(tmp_path, "serve", "--port", port, env=env)
    assert status != 0
    assert "start the newer version of realtime, or restore a backup from before it." in said
    assert "Traceback" not in said


def _statements() -> Iterator[tuple[str, str]]:
    with as_file(files("realtime.store") / "migrations") as own:
        for script in sorted(own.glob("*.sql")):
            bare = re.sub(r"--[^\n]*", "", script.read_text("utf-8"))
            bare = re.sub(r"\$\$.*?\$\$|\bBEGIN\b.*?\bEND\b", "", bare, flags=re.DOTALL)
            for statement in bare.split(";"):
                if statement.strip():
                    yield script.name, " ".join(statement.split())


def test_migrations_only_add_so_that_the_version_before_goes_on_working() -> None:
    assert [each for each in _statements() if not _ADDS.match(each[1])] == []


@pytest.mark.parametrize(
    "taken",
    [
        "DROP TABLE posts",
        "ALTER TABLE posts DROP COLUMN text",
        "ALTER TABLE posts RENAME COLUMN text TO words",
        "ALTER TABLE posts ADD COLUMN mood text NOT NULL",
        "DELETE FROM posts",
    ],
)
def test_a_migration_that_takes_something_away_would_be_noticed(taken: str) -> None:
    assert not _ADDS.match(taken)


async def test_three_that_start_at_once_on_an_empty_database_migrate_it_once(
    postgres_url: str, redis_url: str, tmp_path: Path
) -> None:
    env = {
        "REALTIME_DATABASE_URL": postgres_url,
        "REALTIME_REDIS_URL": redis_url,
        "REALTIME_SECRET_KEYS": KEY,
        "REALTIME_UPLOADS": str(tmp_path / "uploads"),
    }
    folders = [tmp_path / name for name in "abc"]
    for folder in folders:
        folder.mkdir()

    async def node(folder: Path) -> str:
        async with processes.serve(folder, env=env):
            pass
        return (folder / "log").read_text("utf-8")

    logs = await asyncio.gather(*(node(folder) for folder in folders))
    migrated = sorted(number for log in logs for number in re.findall(r"migrated (\d+)_", log))
    assert [int(number) for number in migrated] == list(range(1, len(migrated) + 1)) != []
    assert not [log for log in logs if "Traceback" in log or "ERROR" in log]
