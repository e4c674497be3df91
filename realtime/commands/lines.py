"""Log lines that nobody can forge: a record is one line, whatever is in it."""

from __future__ import annotations

import logging
import time
from typing import Final

_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_MARGIN: Final = "    | "  # before each line of a traceback: no record begins like it


class OneLine(logging.Formatter):
    """What cannot be printed is written as an escape; tracebacks stand behind a margin; UTC."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__(_FORMAT)

    def formatMessage(self, record: logging.LogRecord) -> str:
        return escaped(super().formatMessage(record))

    def formatException(self, ei: object) -> str:
        return _behind_margin(super().formatException(ei))  # type: ignore[arg-type]

    def formatStack(self, stack_info: str) -> str:
        return _behind_margin(super().formatStack(stack_info))


def to_standard_error() -> None:
    """Have this process log so, from `INFO` on; nothing, where a log is set up already."""
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine())
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def escaped(words: str) -> str:
    """`words` on one line: line ends, terminal codes and what turns text around as escapes."""
    if words.isprintable():
        return words
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode("ascii")
        for each in words
    )


def _behind_margin(lines: str) -> str:
    # Split at line feeds only: what else may end a line is escaped.
    return "\n".join(_MARGIN + escaped(line) for line in lines.split("\n"))
