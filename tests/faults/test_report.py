"""The page holds what was judged, and what some rows measure; a row can be renewed alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.faults import ledger
from tests.faults.check import Verdict
from tests.faults.history import History
from tests.faults.nemesis import MATRIX
from tests.faults.report import page

FIRST, SECOND = MATRIX[0].name, MATRIX[1].name


def test_the_figures_of_a_row_stand_under_the_table() -> None:
    measured = History(7)
    measured.figures |= {"gap p99": "1.3 s", "statements at the peak": "410/s"}
    kept = [ledger.record(FIRST, history, Verdict()) for history in (measured, History(8))]
    text = page(MATRIX, kept, "make faults")
    line = f"- **{FIRST}**, seed 7: gap p99 1.3 s; statements at the peak 410/s"
    assert text.index(f"| {FIRST} |") < text.index(line)
    assert "seed 8:" not in text


def test_a_page_without_figures_has_no_place_for_them() -> None:
    kept = [ledger.record(FIRST, History(1), Verdict())]
    assert "besides" not in page(MATRIX, kept, "make faults")


def test_seeds_are_summed_and_the_slowest_is_shown() -> None:
    calm = ledger.record(FIRST, History(1), Verdict(acked=3, due=1_000, recovery_s=[0.5]))
    wrong = Verdict(acked=4, due=2_000, lost=2, recovery_s=[7.0], problems=["lost: two"])
    slow = ledger.record(FIRST, History(2), wrong)
    text = page(MATRIX, [calm, slow], "make faults")
    assert f"| {FIRST} | {MATRIX[0].what} | 7 | 3,000 | 2 | 0 | 0 | 0 | 0 | 0 | 0 | 7.0 s |" in text
    assert "3,000 deliveries due under 1 faults; 1 of 2 trials clean" in text


def test_a_trial_takes_the_place_of_its_elder_and_leaves_the_others(tmp_path: Path) -> None:
    path = tmp_path / "kept.jsonl"
    old = [ledger.record(name, History(1), Verdict(due=5)) for name in (FIRST, SECOND)]
    ledger.write(path, old)
    kept = ledger.read(path)
    assert list(kept.values()) == old
    kept[FIRST, 1] = replace(old[0], due=9)
    ledger.write(path, kept.values())
    assert [one.due for one in ledger.read(path).values()] == [9, 5]
    assert ledger.read(tmp_path / "nowhere") == {}
