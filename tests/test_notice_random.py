"""Notices, at random: whatever is lost, doubled, late or reordered, after a quiet moment each
window shows the notices, and how many wait, that a fresh page shows.

A planted omission must be caught, or the trial proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from realtime.config import Config
from realtime.feed import Ear
from realtime.hub.ring import Told
from realtime.personal import Personal
from realtime.store import events
from tests.notice_world import trial
from tests.people import fresh_database


@pytest.mark.parametrize("loss", [0.2, 0.8])
@pytest.mark.parametrize("seed", range(3))
async def test_every_window_shows_its_notices_after_a_quiet_moment(
    config: Config, seed: int, loss: float
) -> None:
    async with fresh_database(config.database_url) as database:
        assert await trial(database, seed, loss) == []


def no_flush(patch: pytest.MonkeyPatch) -> None:
    """A claim moves while something is still to be told."""

    async def flush(self: Personal) -> None:
        pass

    patch.setattr(Personal, "flush", flush)


def old_reading(patch: pytest.MonkeyPatch) -> None:
    """What changed while it was read is told as it was before."""
    say = Personal._say

    def forgetful(self: Personal, due: dict[Ear, dict[int, int]], found: Any) -> None:
        for ear, keys in due.items():
            for key in keys:
                ear.owed.pop(key, None)
        say(self, due, found)

    patch.setattr(Personal, "_say", forgetful)


def no_replay(patch: pytest.MonkeyPatch) -> None:
    """A replay leaves out what a reading of the log has of notices."""
    welcomed = Personal.welcomed

    def skipping(self: Personal, ear: Ear, missed: Iterable[Told]) -> None:
        welcomed(self, ear, [told for told in missed if told.kind != events.NOTICE])

    patch.setattr(Personal, "welcomed", skipping)


def no_greeting(patch: pytest.MonkeyPatch) -> None:
    """What comes while the welcome is prepared is taken for what the welcome says."""

    def begin(self: Personal, ear: Ear) -> None:
        ear.owed.clear()

    patch.setattr(Personal, "begin", begin)


@pytest.mark.parametrize("plant", [no_flush, old_reading, no_replay, no_greeting])
async def test_a_planted_omission_is_caught(tmp_path: Any, plant: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        plant(patch)
        for seed in range(40):
            async with fresh_database(f"sqlite:///{tmp_path / f'{seed}.db'}") as database:
                if await trial(database, seed, 0.2):
                    return
    pytest.fail("forty histories, and nobody noticed")
