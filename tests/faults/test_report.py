"""The page holds what was judged, and what some rows measure besides."""

from __future__ import annotations

from tests.faults.check import Verdict
from tests.faults.history import History
from tests.faults.nemesis import MATRIX
from tests.faults.report import Lived, page


def test_the_figures_of_a_row_stand_under_the_table() -> None:
    measured, plain = History(7), History(8)
    measured.figures |= {"gap p99": "1.3 s", "statements at the peak": "410/s"}
    text = page([Lived(MATRIX[0], [(measured, Verdict()), (plain, Verdict())])], "make faults")
    line = f"- **{MATRIX[0].name}**, seed 7: gap p99 1.3 s; statements at the peak 410/s"
    assert text.index(f"| {MATRIX[0].name} |") < text.index(line)
    assert "seed 8:" not in text


def test_a_page_without_figures_has_no_place_for_them() -> None:
    assert "besides" not in page([Lived(MATRIX[0], [(History(1), Verdict())])], "make faults")
