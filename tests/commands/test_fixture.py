"""`realtime fixture`: many people who are signed in already."""

from __future__ import annotations

import stat
import time
from pathlib import Path

import pytest

from realtime.__main__ import main
from realtime.commands.fixture import fixture
from realtime.config import BadSettings, Config
from tests.client import window
from tests.server import serving


def lines(cookies: Path) -> list[list[str]]:
    return [line.split("\t") for line in cookies.read_text(encoding="utf-8").splitlines()]


async def test_each_line_signs_somebody_in(config: Config, tmp_path: Path) -> None:
    cookies = tmp_path / "cookies"
    await fixture(config, 5, 2, cookies)
    assert len(lines(cookies)) == 5
    async with serving(config) as server:
        for user_id, name, cookie in lines(cookies):
            async with window(server.url, cookie) as opened:
                assert opened.welcome["user"]["id"] == user_id
                assert opened.welcome["user"]["name"] == name
                assert opened.welcome["user"]["following"] == 2


async def test_in_a_star_all_follow_the_first(config: Config, tmp_path: Path) -> None:
    cookies = tmp_path / "cookies"
    await fixture(config, 8, None, cookies)
    first, *others = lines(cookies)
    async with serving(config) as server, window(server.url, first[2]) as star:
        assert star.welcome["user"]["followers"] == 7
        assert star.welcome["user"]["following"] == 0
        async with window(server.url, others[0][2]) as fan:
            key = "00000000-0000-4000-8000-000000000001"
            await star.ask("post.create", key=key, text="to all of you")
            assert (await fan.noun("post"))["text"] == "to all of you"


async def test_ten_thousand_people_take_seconds(config: Config, tmp_path: Path) -> None:
    began = time.monotonic()
    await fixture(config, 10_000, None, tmp_path / "cookies")
    assert time.monotonic() - began < 60
    assert len(lines(tmp_path / "cookies")) == 10_000


async def test_the_file_is_for_its_owner_only(config: Config, tmp_path: Path) -> None:
    await fixture(config, 2, 1, tmp_path / "cookies")
    assert stat.S_IMODE((tmp_path / "cookies").stat().st_mode) == 0o600


async def test_real_people_are_left_alone_unless_forced(config: Config, tmp_path: Path) -> None:
    await fixture(config, 2, 1, tmp_path / "cookies")
    with pytest.raises(BadSettings, match="has people already"):
        await fixture(config, 2, 1, tmp_path / "more")
    assert not (tmp_path / "more").exists()
    await fixture(config, 3, 1, tmp_path / "more", force=True)
    assert len(lines(tmp_path / "more")) == 3


def test_it_is_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REALTIME_DATABASE_URL", f"sqlite:///{tmp_path / 'test.db'}")
    arguments = ["fixture", "--users", "4", "--star", "--cookies", str(tmp_path / "cookies")]
    assert main(arguments) == 0
    assert "4 people" in capsys.readouterr().out
    assert main(arguments) == 2
    assert "add --force" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["--users", "4", "--cookies", "x"], ["--users", "4", "--star", "--follow", "2"]]
)
def test_the_graph_is_chosen_exactly_once(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["fixture", *arguments])
    assert stopped.value.code == 2
