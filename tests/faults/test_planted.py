"""Each of eight bugs, planted into the nodes, is condemned; a bad bus alone is not."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from tests.faults.nemesis import MATRIX
from tests.faults.trial import Size, trial

TINY = Size(authors=3, followers=9, circle=2, every_s=0.03, before_s=0.5, after_s=1.0)
ROWS = {row.name: row for row in MATRIX}


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("planted", "row", "kinds"),
    [
        ("ack-before-commit", "postgres-killed", {"lost", "unlike"}),
        ("bare-cursor,deaf-bus", "late-and-deaf", {"lost"}),
        ("no-key", "answers-cut", {"doubled"}),
        ("no-replay", "clients-cut", {"lost"}),
        ("hasty-claim,deaf-bus,quick-beats", "clients-cut", {"lost"}),
        ("no-leaving", "edges", {"leaked"}),
        ("silent-overflow,small-buffers", "slow-readers", {"lost"}),
        ("reordered", "calm", {"reordered"}),
    ],
)
async def test_a_planted_bug_is_condemned(planted: str, row: str, kinds: set[str]) -> None:
    setting = replace(ROWS[row].setting, planted=planted, reconcile_s=1.0)
    spoiled = replace(ROWS[row], setting=setting, settle_s=5.0)
    _, verdict = await trial(spoiled, 1, TINY)
    assert not verdict.is_void
    found = {kind for kind in kinds if getattr(verdict, kind) > 0}
    assert found, verdict


@pytest.mark.skipif("REALTIME_LONG_TESTS" not in os.environ, reason="half a minute; set it to 1")
@pytest.mark.timeout(240)
async def test_an_asynchronous_standby_that_was_cut_off_loses_posts_and_is_condemned() -> None:
    """Without this, a clean failover would only say that the standby had been quick enough."""
    setting = replace(ROWS["standby-stalled"].setting, standby="asynchronous")
    spoiled = replace(ROWS["standby-stalled"], setting=setting, settle_s=45.0)
    _, verdict = await trial(spoiled, 1, TINY)
    assert not verdict.is_void
    assert verdict.lost > 0, verdict
