"""The measurement of the HTTP side asks every route, and notices a wrong answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from loadtest import targets, web
from loadtest.probe import Ask, Strange, probe
from loadtest.routes import every_route, picture
from realtime.http import edge


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[web.Stage]:
    """SQLite with few people."""
    monkeypatch.setattr(web, "PEOPLE", 2)
    monkeypatch.setattr(web, "SPARE", 2)
    monkeypatch.setattr(web, "PICTURES", 1)
    with web.embedded(tmp_path) as found:
        yield found


async def test_every_route_is_asked_and_a_wrong_answer_is_an_error(stage: web.Stage) -> None:
    with targets.served(stage.folder, stage.env) as (port, _):
        spare = iter(one[2] for one in stage.identities[2:])
        asks = await every_route(port, stage.identities[0], spare)
        gets = [path for path, methods in edge.table().items() if "GET" in methods]
        assert {f"GET {path}" for path in gets} < {ask.name for ask in asks}
        heard = await probe(port, asks, per_s=50, seconds=len(asks) / 50)
        assert {name: len(values) for name, values in heard.ms.items()} == {
            ask.name: 1 for ask in asks
        }
        assert all(value > 0 for value in heard.all_ms)
        with pytest.raises(ExceptionGroup) as failure:
            await probe(port, [Ask("nobody", "GET", "/api/session")], per_s=10, seconds=0.1)
        assert failure.group_contains(Strange, match="nobody was answered 401")


async def test_people_sign_in_and_pictures_are_developed_while_others_ask(
    stage: web.Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = picture(64, 64)
    monkeypatch.setattr(web, "picture", lambda width, height: small)
    rows = [*await web.sign_ins(stage, 0.5), *await web.pictures(stage)]
    assert [row.aim for row in rows] == ["≥ 60 /CPU-s", "≤ 10 ms", "≤ 700 ms", "≤ 10 ms"]
    assert all(row.value > 0 for row in (rows[0], rows[2]))


async def test_a_server_is_started_until_it_is_ready(
    stage: web.Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "STARTS", 1)
    [row] = await web.starts(stage)
    assert row.value > 0 and row.aim == "≤ 1 s"
