"""The statistic that says whether two kinds of answers take equally long."""

from __future__ import annotations

import random

import pytest

from loadtest.timing import chance, timed, told


def test_the_chance_of_small_samples_is_that_of_the_tables() -> None:
    # U = 23 of 5 by 5, by the normal approximation with its correction for continuity.
    assert chance([1, 2, 3, 5, 6], [4, 7, 8, 9, 10]) == pytest.approx(0.0367, abs=0.0005)
    assert chance([1, 2, 2, 3], [2, 3, 3, 4]) == pytest.approx(0.18, abs=0.02)


def test_equal_samples_are_no_difference() -> None:
    assert chance([1.0] * 30, [1.0] * 30) == 1.0
    assert chance([1, 2, 3, 4], [1, 2, 3, 4]) == 1.0


def test_a_shift_is_seen_and_none_is_not() -> None:
    dice = random.Random(4)
    noise = [[dice.gauss(20, 2) for _ in range(500)] for _ in range(2)]
    assert chance(*noise) > 0.05
    assert chance(noise[0], [value + 1 for value in noise[1]]) < 0.001


async def test_both_kinds_are_asked_equally_often_in_a_mixed_order() -> None:
    asked: list[str] = []

    async def one() -> None:
        asked.append("one")

    async def other() -> None:
        asked.append("other")

    took = await timed({"one": one, "other": other}, times=50, seed=1)
    assert [len(values) for values in took.values()] == [50, 50]
    assert asked.count("one") == asked.count("other") == 70
    assert asked[40:90].count("one") not in (0, 50)
    assert told("nothing", took).startswith("nothing: one 0.00 ms, other 0.00 ms, gap")
