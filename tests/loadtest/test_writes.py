"""A short run of writes loses nothing; what is lost would be said."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadtest import writes
from tests.deployments import KEY


@pytest.mark.timeout(90)
async def test_a_short_run_finds_all_that_was_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writes, "AUTHORS", 4)
    monkeypatch.setattr(writes, "CROWD", 6)
    env = {
        "REALTIME_DATABASE_URL": f"sqlite:///{tmp_path}/writes.db",
        "REALTIME_SECRET_KEYS": KEY,
        "REALTIME_RATE_LIMITS": "off",
    }
    rows, wrong = await writes.measure("SQLite", env, tmp_path, 0.5, 1)
    assert wrong == []
    assert all(row.value > 0 for row in rows)
    assert [row.aim for row in rows] == [None, None, "≥ 0.50", "≥ 2,000 /s", "≤ 4"]


async def test_what_was_acknowledged_and_is_not_there_is_said() -> None:
    class Empty:
        async def ask(self, type: str, **fields: object) -> dict[str, object]:
            return {"entries": []}

    said = await writes._missing(Empty(), 3)  # type: ignore[arg-type]
    assert said == ["3 acknowledged, 0 there"]
