"""The page about security claims nothing without a test that exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/security.md").read_text(encoding="utf-8")
ROWS = re.findall(
    r"^\| ([^|]+) \| ([^|]+) \| (pass|n\.a\.|\*\*open\*\*) \| ([^|]*) \|$", PAGE, re.M
)
#: What there is to read instead of to run, and nothing else.
UNTESTED = {
    *("3.7.1", "4.4.1", "5.1.1", "6.2.10", "6.4.2", "7.1.1", "7.4.5", "11.1.2", "13.4.5"),
    *("14.1.1, 14.1.2", "15.1.1", "15.1.3", "16.1.1"),
}


def test_every_row_of_its_tables_has_a_verdict() -> None:
    asvs = PAGE.partition("## Held against")[2]
    lines = [line for line in asvs.splitlines() if line.startswith("| ") and "| item |" not in line]
    assert len(lines) == len(ROWS) > 100
    chapters = re.findall(r"^### V(\d+)", asvs, re.M)
    assert [int(chapter) for chapter in chapters] == [*range(1, 10), *range(11, 17)]


@pytest.mark.parametrize("item", [row[0] for row in ROWS if row[3]])
def test_every_test_that_it_names_exists(item: str) -> None:
    [named] = [row[3] for row in ROWS if row[0] == item]
    for name in re.findall(r"`([^`]+)`", named):
        file, _, function = name.partition("::")
        path = ROOT / "tests" / file
        assert path.exists(), name
        if function:
            assert f"def {function}(" in path.read_text(encoding="utf-8"), name


def test_whatever_passes_has_a_test_or_is_something_to_read() -> None:
    bare = {item for item, _, verdict, tests in ROWS if verdict == "pass" and not tests.strip()}
    assert bare == UNTESTED


def test_where_to_report_is_said_where_people_look() -> None:
    policy = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert "(docs/security.md)" in policy and "@" not in policy
    for page in ("README.md", "CONTRIBUTING.md"):
        assert "(SECURITY.md)" in (ROOT / page).read_text(encoding="utf-8")
