"""The quickest rows of the matrix, each lived through once; `make faults` goes through them all."""

from __future__ import annotations

import pytest

from tests.faults.nemesis import MATRIX
from tests.faults.trial import SMALL, Row, trial

QUICK = [row for row in MATRIX if row.is_quick]


@pytest.mark.timeout(150)
@pytest.mark.parametrize("row", QUICK, ids=[row.name for row in QUICK])
async def test_nothing_is_lost_and_nothing_doubled(row: Row) -> None:
    _, verdict = await trial(row, 1, SMALL)
    assert verdict.is_clean, verdict


def test_every_row_has_a_name_of_its_own() -> None:
    assert len({row.name for row in MATRIX}) == len(MATRIX) >= 25
