"""A measurement's file holds what was found, and reads back the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadtest import results
from loadtest.results import Row, at_least, at_most


def test_a_result_reads_back_the_same(tmp_path: Path) -> None:
    rows = [at_most(Row("pages", "SQLite", 3.25, "ms"), 20), Row("posts", "SQLite", 1_234.5)]
    found = results.result(rows, wrong=["one was lost"], tables=[{"scenario": "rate"}])
    path = tmp_path / "deep" / "found.json"
    results.write(path, found)
    kept = results.read(path)
    assert list(kept.rows) == rows
    assert (list(kept.wrong), list(kept.tables)) == (["one was lost"], [{"scenario": "rate"}])
    assert (kept.machine, kept.command, kept.date) == (found.machine, found.command, found.date)
    assert kept.versions["Python"]


def test_what_another_program_wrote_needs_no_more_than_rows_and_where_they_are_from() -> None:
    kept = results.parse(
        b'{"machine":"a small one","date":"2026-11-23","command":"x","more":1,'
        b'"rows":[{"what":"pages","deployment":"SQLite","value":3,"unit":"ms","aim":null,"met":null}]}'
    )
    assert kept.rows[0].met is None
    with pytest.raises(ValueError, match="no result"):
        results.parse(b'{"rows":[{"what":"pages"}]}')


def test_the_command_says_what_to_type_and_not_where_it_was_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.argv", ["x", "--only", "rate", "--out", "/a/folder/x.json", "-v"])
    assert results.command().endswith(" --only rate -v")


def test_an_aim_is_met_at_its_bound() -> None:
    assert at_most(Row("pages", "SQLite", 20, "ms"), 20).met
    assert not at_most(Row("pages", "SQLite", 20.1, "ms"), 20).met
    assert at_least(Row("posts", "SQLite", 0.5), 0.5).aim == "≥ 0.50"
    assert not at_least(Row("posts", "SQLite", 0.49), 0.5).met
    assert Row("posts", "SQLite", 0.49).met is None


@pytest.mark.parametrize(
    ("value", "said"),
    [(1_500_000, "1,500,000 ms"), (20, "20 ms"), (0.8, "0.80 ms"), (12.345, "12.3 ms")],
)
def test_figures_are_short(value: float, said: str) -> None:
    assert results.short(value, "ms") == said
