"""`realtime doctor` finds what was broken on purpose, and says what to type."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from realtime.__main__ import main
from realtime.commands import doctor as ward
from realtime.commands import finding, neighbours
from realtime.commands.doctor import examine
from realtime.commands.finding import Finding
from realtime.config import Config
from realtime.secret import secret_keys
from realtime.store.database import Database, Tx
from realtime.store.migrate import migrate
from tests.server import serving
from tests.services import Postgres, Redis, free_port

KEY = "k" * 40


@pytest.fixture(autouse=True)
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A built page, whatever this checkout has."""
    folder = tmp_path / "static"
    folder.mkdir()
    (folder / "index.html").write_text("<!doctype html>", encoding="utf-8")
    monkeypatch.setattr(ward, "STATIC", folder)
    yield folder


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """A healthy deployment that was never started."""
    return {
        "REALTIME_DATABASE_URL": f"sqlite:///{tmp_path / 'test.db'}",
        "REALTIME_UPLOADS": str(tmp_path / "uploads"),
        "REALTIME_PORT": str(free_port()),
    }


def wrong(found: list[Finding]) -> dict[str, str]:
    return {one.about: f"{one.words} {one.remedy}" for one in found if one.state == "wrong"}


def of(about: str, found: list[Finding]) -> list[Finding]:
    return [one for one in found if one.about == about]


def start(env: dict[str, str]) -> None:
    """What the first start makes."""
    config = Config.from_env(env)
    secret_keys(config)
    asyncio.run(migrated(config.database_url))


async def migrated(url: str) -> None:
    database = await Database.connect(url)
    try:
        await migrate(database)
    finally:
        await database.close()


async def change(url: str, sql: str) -> None:
    """Hurt the database."""
    database = await Database.connect(url)

    async def deed(tx: Tx) -> None:
        await tx.execute(sql)

    try:
        await database.run_tx(deed)
    finally:
        await database.close()


def test_nothing_is_wrong_before_the_first_start_and_nothing_is_made(
    env: dict[str, str], tmp_path: Path
) -> None:
    before = sorted(tmp_path.iterdir())
    assert wrong(list(examine(env))) == {}
    assert sorted(tmp_path.iterdir()) == before


def test_nothing_is_wrong_after_it(env: dict[str, str]) -> None:
    start(env)
    found = list(examine(env))
    assert wrong(found) == {}
    assert "all 1 done" in of("migrations", found)[0].words or of("migrations", found)
    assert "readable by its owner only" in of("keys", found)[0].words


def test_production_is_well_too(env: dict[str, str], postgres_url: str, redis_url: str) -> None:
    asyncio.run(migrated(postgres_url))
    env |= {
        "REALTIME_DATABASE_URL": postgres_url,
        "REALTIME_REDIS_URL": redis_url,
        "REALTIME_SECRET_KEYS": KEY,
    }
    found = list(examine(env, workers=2))
    # The servers of tests run without fsync, which is exactly what must not pass here.
    assert set(wrong(found)) <= {"database"}
    assert "there and back in" in of("redis", found)[0].words
    assert "PostgreSQL" in of("database", found)[0].words


def test_a_database_that_forgets_is_found(env: dict[str, str], postgres_url: str) -> None:
    env |= {"REALTIME_DATABASE_URL": postgres_url, "REALTIME_SECRET_KEYS": KEY}
    found = wrong(list(examine(env)))
    assert "forgets commits" in found["database"]
    assert "fsync = on" in found["database"]


def test_a_durable_database_is_well(env: dict[str, str], mortal_postgres: Postgres) -> None:
    env |= {"REALTIME_DATABASE_URL": mortal_postgres.url, "REALTIME_SECRET_KEYS": KEY}
    found = list(examine(env))
    assert wrong(found) == {}
    assert of("migrations", found)[0].state == "note"
    assert "realtime migrate" in of("migrations", found)[0].remedy


def test_every_bad_setting_is_named(env: dict[str, str]) -> None:
    env |= {"REALTIME_PORT": "eighty", "REALTIME_REDIS_URL": "localhost"}
    found = list(examine(env))
    assert [one.state for one in found] == ["wrong", "wrong"]
    assert "REALTIME_PORT" in found[0].words
    assert "REALTIME_REDIS_URL" in found[1].words


def test_several_workers_need_redis_and_postgresql(env: dict[str, str]) -> None:
    found = list(examine(env, workers=3))
    assert "REALTIME_REDIS_URL=redis://" in found[0].words
    assert "REALTIME_DATABASE_URL=postgresql://" in found[1].words


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"REALTIME_RATE_LIMITS": "off"}, "load tests only"),
        ({"REALTIME_HOST": "0.0.0.0"}, "no proxy is trusted"),
    ],
)
def test_what_is_only_daring_is_a_note(
    env: dict[str, str], settings: dict[str, str], words: str
) -> None:
    found = list(examine(env | settings))
    assert wrong(found) == {}
    assert any(one.state == "note" and words in one.words for one in found)


def test_a_database_that_is_down_is_found_without_its_password(env: dict[str, str]) -> None:
    env |= {
        "REALTIME_DATABASE_URL": f"postgresql://u:hunter22@127.0.0.1:{free_port()}/x",
        "REALTIME_SECRET_KEYS": KEY,
    }
    found = list(examine(env))
    assert "not available" in wrong(found)["database"]
    assert "psql" in wrong(found)["database"]
    assert "hunter22" not in str(found)


def test_keys_that_others_can_read_are_found(env: dict[str, str], tmp_path: Path) -> None:
    start(env)
    (tmp_path / "test.key").chmod(0o644)
    assert f"chmod 600 {tmp_path / 'test.key'}" in wrong(list(examine(env)))["keys"]


def test_a_shared_database_without_keys_is_found(env: dict[str, str], postgres_url: str) -> None:
    env |= {"REALTIME_DATABASE_URL": postgres_url}
    assert "token_hex(32)" in wrong(list(examine(env)))["keys"]


def test_a_missing_page_is_found(env: dict[str, str], page: Path) -> None:
    (page / "index.html").unlink()
    assert "make build" in wrong(list(examine(env)))["page"]


def test_a_newer_database_is_found(env: dict[str, str]) -> None:
    start(env)
    sql = "INSERT INTO migrations (number, name, at_ms) VALUES (9999, 'from_tomorrow', 0)"
    asyncio.run(change(env["REALTIME_DATABASE_URL"], sql))
    assert "newer version" in wrong(list(examine(env)))["migrations"]


def test_another_programs_database_is_found(env: dict[str, str]) -> None:
    start(env)
    asyncio.run(change(env["REALTIME_DATABASE_URL"], "UPDATE migrations SET name = 'other'"))
    assert "another program's" in wrong(list(examine(env)))["migrations"]


def test_a_file_that_is_no_database_is_found(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "test.db").write_bytes(b"certainly not SQLite" * 200)
    assert "is no SQLite database" in wrong(list(examine(env)))["database"]


def test_a_change_from_the_future_is_found(env: dict[str, str]) -> None:
    start(env)
    sql = """
        INSERT INTO events (seq, topic, kind, noun_id, about, at_ms)
        VALUES (1, 1, 1, 1, '[]', 99999999999999)
    """
    asyncio.run(change(env["REALTIME_DATABASE_URL"], sql))
    assert "future" in wrong(list(examine(env)))["clock"]


def test_a_clock_that_differs_is_found(
    env: dict[str, str], postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    env |= {"REALTIME_DATABASE_URL": postgres_url, "REALTIME_SECRET_KEYS": KEY}
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + 9_000_000_000)
    assert "differ by 9." in wrong(list(examine(env)))["clock"]


def test_uploads_in_a_file_are_found(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "uploads").write_text("I am a file")
    assert "is not a folder" in wrong(list(examine(env)))["uploads"]


def test_uploads_that_cannot_be_written_are_found(env: dict[str, str]) -> None:
    env |= {"REALTIME_UPLOADS": "/proc/uploads"}  # not even root may
    assert "Nothing can be written" in wrong(list(examine(env)))["uploads"]


def test_a_full_disk_is_found(env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "SPACE_WRONG", 2**60)
    found = wrong(list(examine(env)))
    assert "too little" in found["uploads"] and "too little" in found["disk"]


def test_few_open_files_are_found(env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ward, "getrlimit", lambda _: (200, 200))
    assert "ulimit -n" in wrong(list(examine(env)))["open files"]
    monkeypatch.setattr(ward, "getrlimit", lambda _: (1024, 4096))
    assert of("open files", list(examine(env)))[0].state == "note"


def test_a_redis_that_is_gone_or_frozen_is_found(env: dict[str, str], mortal_redis: Redis) -> None:
    env |= {"REALTIME_REDIS_URL": mortal_redis.url}
    assert wrong(list(examine(env))) == {}
    mortal_redis.pause()
    assert "did not come back" in wrong(list(examine(env)))["redis"]
    mortal_redis.resume()
    mortal_redis.stop()
    assert "Connection refused" in wrong(list(examine(env)))["redis"]


async def test_a_server_that_runs_is_seen(config: Config) -> None:
    async with serving(config) as server:
        here = Config(host="127.0.0.1", port=server.port)
        found = await asyncio.to_thread(neighbours.server, here)
        assert (found.state, "is ready" in found.words) == ("ok", True)
        server.application.is_leaving = True
        found = await asyncio.to_thread(neighbours.server, here)
        assert (found.state, "is leaving" in found.words) == ("wrong", True)


async def test_another_program_on_the_port_is_found() -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example.org ready\r\n")
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as stranger:
        port = stranger.sockets[0].getsockname()[1]
        found = await asyncio.to_thread(neighbours.server, Config(port=port))
        assert found.state == "wrong"
        assert f"make run PORT={port + 1}" in found.remedy


def test_the_exit_status_says_whether_all_is_well(
    env: dict[str, str],
    page: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert main(["doctor"]) == 0
    assert "All is well." in capsys.readouterr().out
    (page / "index.html").unlink()
    assert main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert "WRONG  page" in said and "→ make build" in said
