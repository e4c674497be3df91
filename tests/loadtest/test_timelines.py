"""A small world is asked for every kind of page, and each shows what it should."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadtest import search, timelines, world
from tests.deployments import KEY


@pytest.mark.timeout(120)
async def test_every_kind_of_page_is_asked_and_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world, "PEOPLE", 2_600)
    monkeypatch.setattr(world, "SILENT", 1_000)
    monkeypatch.setattr(world, "REPLIES", 100)
    monkeypatch.setattr(world, "TOGETHER", 1_000)
    monkeypatch.setattr(search, "VOCABULARY", 3_000)
    monkeypatch.setattr(timelines, "TIMES", 2)
    monkeypatch.setattr(timelines, "WALKS", 1)
    env = {
        "REALTIME_DATABASE_URL": f"sqlite:///{tmp_path}/world.db",
        "REALTIME_SECRET_KEYS": KEY,
        "REALTIME_RATE_LIMITS": "off",
    }
    said: list[str] = []
    figures = await timelines.deployment("SQLite", env, tmp_path, 12_000, said.append)
    assert len(figures) == len(said) == 12
    shown = {figure.page: figure.entries for figure in figures}
    assert {page for page, entries in shown.items() if entries < 50} <= {"search, two words"}
    assert all(0 < figure.p50_ms <= figure.p99_ms and figure.reads > 0 for figure in figures)
    judged = [row for row in timelines.rows(figures) if row.aim is not None]
    assert [row.aim for row in judged] == ["≤ 20 ms"] * 6 + ["≤ 6"]
    assert judged[-1].met
    deep = {figure.page for figure in figures if figure.deep_p99_ms is None}
    assert deep <= {"search, two words"}
