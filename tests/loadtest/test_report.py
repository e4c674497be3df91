"""The page of figures holds what was measured; a part can be renewed alone, or fail alone."""

from __future__ import annotations

import importlib.util
import time
from dataclasses import replace
from pathlib import Path

import pytest

from loadtest import fanout, parts, report, results, sheet
from loadtest.parts import PARTS, Broken, Part
from loadtest.results import Result, Row, at_least, at_most

WRITES = "python -m loadtest.writes"


def found(*rows: Row, wrong: tuple[str, ...] = ()) -> Result:
    versions = {"Python": "3.11", "SQLite": "3.40"}
    return Result(
        machine="a small one",
        date="2026-11-23 20:00 UTC",
        command=WRITES,
        rows=rows,
        versions=versions,
        wrong=wrong,
    )


def test_the_page_and_the_plots_are_those_of_what_is_kept() -> None:
    kept = parts.read(report.DOCS / "performance.jsonl")
    assert kept
    blocks = sheet.blocks(kept)
    for page in (report.DOCS / "performance.md", report.ROOT / "README.md"):
        text = page.read_text(encoding="utf-8")
        assert "<!-- measured: " in text
        assert sheet.filled(text, blocks) == text, f"{page.name}: make bench-report PART=..."
    for name, drawn in sheet.plots(kept).items():
        assert (report.DOCS / name).read_text(encoding="utf-8") == drawn


def test_prose_stays_and_what_is_between_the_marks_does_not() -> None:
    page = "# A\n\nwhy\n\n<!-- measured: reach -->\nold\n<!-- end -->\n\nbecause\n"
    once = sheet.filled(page, {"reach": "new\n"})
    assert once == "# A\n\nwhy\n\n<!-- measured: reach -->\n\nnew\n\n<!-- end -->\n\nbecause\n"
    assert sheet.filled(once, {"reach": "new\n"}) == once
    with pytest.raises(KeyError):
        sheet.filled(page, {})


def test_aims_are_counted_and_a_wrong_run_is_named() -> None:
    rows = (
        at_least(Row("posts", "SQLite", 100, "/s"), 50),
        at_most(Row("a page | home", "SQLite", 30, "ms"), 20),
        Row("bare inserts", "SQLite", 7),
    )
    text = sheet.reach({"writes": found(*rows, wrong=("two posts are missing",))})
    assert "1 of 2 reached." in text
    assert "| posts | SQLite | ≥ 50 /s | 100 /s | yes |" in text
    assert "| a page \\| home | SQLite | ≤ 20 ms | 30 ms | **no** |" in text
    assert "bare inserts" not in text
    assert "**Wrong: two posts are missing**" in text
    assert "| bare inserts | SQLite | 7 |  |  |" in sheet.figures([found(*rows)])


def test_a_part_that_was_measured_again_takes_its_place(tmp_path: Path) -> None:
    folder, one = tmp_path / "bench", tmp_path / "found.json"
    for value in (1, 2):
        results.write(one, found(Row("posts", "SQLite", value, "/s")))
        assert report.main(["--part", "writes", "--keep", str(one), "--to", str(folder)]) == 0
    page = (folder / "performance.md").read_text(encoding="utf-8")
    assert "| posts | SQLite | 2 /s |" in page
    assert "| posts | SQLite | 1 /s |" not in page
    assert f"| writes | `{WRITES}` | 2026-11-23 20:00 UTC |" in page
    assert "a small one. SQLite 3.40. Measured 2026-11-23 20:00 UTC." in page


def test_a_part_without_a_result_fails_and_spoils_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = ("--servers", "bare", "--scale", "0.01", "--seconds", "0.1", "--rounds", "1")
    flight = next(part for part in PARTS if part.name == "flight-4")
    several = [
        Part("writes", "writes", ("loadtest.nothing",)),
        replace(flight, command=(*flight.command, *small)),
    ]
    monkeypatch.setattr(parts, "chosen", lambda names, quick: several)
    assert report.main(["--to", str(tmp_path)]) == 1
    page = (tmp_path / "performance.md").read_text(encoding="utf-8")
    assert "C, bare sends" in page or "Python, bare sends" in page
    assert "`python -m loadtest.fanout --only flight-4 --servers bare" in page
    assert "svg" in (tmp_path / "performance-fanout.svg").read_text(encoding="utf-8")


def test_a_part_that_could_not_begin_fails_and_leaves_what_was_found_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, lost = found(Row("posts", "SQLite", 1, "/s")), found(Row("posts", "SQLite", 2, "/s"))
    several = iter(
        (before, found(wrong=("no database",)), replace(lost, wrong=("two posts are missing",)))
    )
    monkeypatch.setattr(parts, "run", lambda part, quick: next(several))
    words = ["--part", "writes", "--to", str(tmp_path)]
    page = tmp_path / "performance.md"
    assert report.main(words) == 0
    assert report.main(words) == 1
    assert "| posts | SQLite | 1 /s |" in page.read_text(encoding="utf-8")
    assert report.main(words) == 1
    assert "| posts | SQLite | 2 /s |" in page.read_text(encoding="utf-8")


def test_a_part_that_takes_too_long_is_ended() -> None:
    began = time.monotonic()
    assert parts.ended(("sleep", "60"), 0.05) != 0
    assert time.monotonic() - began < 30
    with pytest.raises(Broken):
        parts.run(Part("x", "writes", ("loadtest.nothing",)), quick=False)


def test_the_selection_is_smaller_and_what_is_long_is_asked_for_by_name() -> None:
    everything = {part.name for part in parts.chosen((), quick=False)}
    quick = {part.name for part in parts.chosen((), quick=True)}
    assert quick < everything
    assert "timelines" not in everything
    assert [part.name for part in parts.chosen(["timelines"], quick=False)] == ["timelines"]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_what_a_part_runs_is_there(part: Part) -> None:
    for module, *words in (part.command, *([part.quick] if part.quick else [])):
        assert importlib.util.find_spec(module) is not None
        if module == fanout.__name__:
            assert fanout.asked_for(words).only == [part.name]
    assert (report.DOCS / "performance.md").read_text("utf-8").count(f": {part.topic} -->") == 1
    assert sheet.BLANK.count(f"{{{part.topic}}}") == 1
