"""What a client does after each close code."""

from __future__ import annotations

import pytest

from realtime.client.comeback import wait_s


@pytest.mark.parametrize(
    ("code", "retry_after", "failures", "chance", "waits"),
    [
        (1006, None, 0, 1.0, 0.5),
        (1001, None, 3, 1.0, 4.0),
        (1011, None, 0, 0.0, 0.0),
        (1012, None, 99, 1.0, 30.0),
        (4008, None, 0, 0.5, 0.25),
        (4408, None, 1, 1.0, 1.0),
        (4000, 7.5, 9, 0.3, 7.5),
        (4429, 10.0, 0, 0.3, 10.0),
        (4429, None, 2, 1.0, 2.0),
        (1011, 9.0, 0, 1.0, 0.5),
        (4400, 1.0, 0, 0.0, None),
        (4401, None, 0, 0.0, None),
    ],
)
def test_each_close_has_its_way_back(
    code: int, retry_after: float | None, failures: int, chance: float, waits: float | None
) -> None:
    assert wait_s(code, retry_after, failures, chance) == waits
