"""The figures of search: a small town is filled, asked everything, and answers."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from loadtest import search


def test_a_small_run_fills_once_and_reports_each_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REALTIME_DATABASE_URL", f"sqlite:///{tmp_path / 'search.db'}")
    monkeypatch.setattr(search, "TIMES", 4)
    monkeypatch.setattr(search, "VOCABULARY", 1_500)
    monkeypatch.setattr(search, "questions", lambda known, chance: {"one": lambda: known[0]})
    asyncio.run(search.main(300))
    first = capsys.readouterr().out
    assert "posts a second" in first
    assert "the worst p99" in first
    asyncio.run(search.main(300))
    assert "posts a second" not in capsys.readouterr().out


def test_common_words_are_common_and_two_of_them_hardly_meet() -> None:
    chance = random.Random(1)
    known = search.vocabulary(chance)
    said = [set(text.split()) for text in search.texts(known, 4_000, chance)]
    assert sum(known[0] in words for words in said) > 400
    assert all(sum(word in words for words in said) > 400 for word in search.APART)
    assert sum(words.issuperset(search.APART) for words in said) < 5
