"""A rolling restart as a few people live through it; `make faults` has a thousand of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.faults.cluster import Setting
from tests.faults.nemesis.crowds import ROWS
from tests.faults.trial import Size, trial

FEW = Size(authors=2, followers=8, circle=2, every_s=0.1, before_s=0.3, after_s=0.5)


@pytest.mark.timeout(150)
async def test_a_rolling_restart_fails_no_post_and_closes_with_nothing_but_goodbye() -> None:
    row = next(row for row in ROWS if row.name.startswith("rolling-restart"))
    history, verdict = await trial(replace(row, setting=Setting(nodes=2)), 1, FEW)
    assert verdict.is_clean, verdict
    assert int(history.figures["goodbyes"]) >= FEW.followers
    assert history.figures["posts refused"] == "0"
