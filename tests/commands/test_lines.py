"""A record of the log is one line, and no word of a stranger can look like another record."""

from __future__ import annotations

import logging

import pytest

from realtime.commands.lines import OneLine, escaped

FORGED = "2026-01-01T00:00:00.000Z INFO realtime: all is well"
EVIL = [
    *(
        f"ada\n{FORGED}",
        f"ada\r\n{FORGED}",
        f"ada\r{FORGED}",
        f"ada\x0b{FORGED}",
        f"ada\x0c{FORGED}",
    ),
    *(f"ada\x85{FORGED}", f"ada\u2028{FORGED}", f"ada\u2029{FORGED}", "\x1b[2J\x1b[31mred", "\x07"),
    *("\x9b31m", "\x00", "\x7f", "\u202eevil", "\u2066evil", "\ud800", "zero\u200bwidth", "\ufeff"),
]


def written(record: logging.LogRecord) -> str:
    return OneLine().format(record)


def record(words: str, *arguments: object, error: BaseException | None = None) -> logging.LogRecord:
    info = None if error is None else (type(error), error, error.__traceback__)
    return logging.LogRecord("realtime.http", logging.WARNING, "x.py", 1, words, arguments, info)


@pytest.mark.parametrize("evil", EVIL, ids=ascii)
def test_whatever_is_logged_stays_one_line_of_printable_text(evil: str) -> None:
    for line in (
        written(record("%s was refused", evil)),
        written(record(evil)),
        written(record("%r was refused", evil)),
        written(logging.LogRecord(evil, logging.INFO, "x.py", 1, "named by a stranger", (), None)),
    ):
        assert line.isprintable() and len(line.splitlines()) == 1


@pytest.mark.parametrize("evil", EVIL, ids=ascii)
def test_a_traceback_stands_behind_a_margin(evil: str) -> None:
    try:
        try:
            raise ValueError(evil)
        except ValueError as error:
            raise RuntimeError(f"then {evil}") from error
    except RuntimeError as error:
        head, *rest = written(record("it failed", error=error)).split("\n")
    assert head.endswith("WARNING realtime.http: it failed")
    assert rest and all(line.startswith("    | ") and line.isprintable() for line in rest)
    assert "Traceback" in rest[0] and any("ValueError" in line for line in rest)


def test_other_scripts_stay_readable() -> None:
    words = "Bjørn schrieb: привет, 你好, مرحبا 👩‍🚀".replace("\u200d", "")
    assert escaped(words) == words


def test_a_stack_stands_behind_the_margin_too() -> None:
    one = record("here")
    one.stack_info = f"Stack\n{FORGED}"
    assert written(one).split("\n")[1:] == ["    | Stack", f"    | {FORGED}"]


def test_a_record_says_when_in_utc() -> None:
    one = record("here")
    one.created, one.msecs = 1_767_225_600.25, 250.0
    assert written(one) == "2026-01-01T00:00:00.250Z WARNING realtime.http: here"
