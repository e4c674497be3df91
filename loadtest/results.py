"""What a measurement found, as a file: figures, what they aimed at, and where, when and how.

Every command of this folder that takes `--out` writes this; `loadtest.report` makes pages of it.
"""

from __future__ import annotations

import datetime
import platform
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import orjson

from loadtest import cores
from tests.binaries import Missing, postgres_binaries, redis_binary

_LIBRARIES: Final = ("uvicorn", "starlette", "websockets", "asyncpg", "redis")
_ROOT: Final = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `aim` says what was to be reached, None: nothing was; `met` whether it was."""

    what: str
    deployment: str
    value: float
    unit: str = ""
    aim: str | None = None
    met: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """All of one command. `wrong` are sentences; one is enough to make the run a failure.

    `tables` are what rows cannot hold: of each scenario every server's figures, as the command
    that wrote them reads them back.
    """

    machine: str
    date: str
    command: str
    rows: Sequence[Row]
    versions: Mapping[str, str] = field(default_factory=dict)
    commit: str = ""
    wrong: Sequence[str] = ()
    tables: Sequence[Mapping[str, Any]] = ()


def at_least(row: Row, bound: float) -> Row:
    """The same, which was to be this or more."""
    return replace(row, aim=f"≥ {short(bound, row.unit)}", met=row.value >= bound)


def at_most(row: Row, bound: float) -> Row:
    """The same, which was to be this or less."""
    return replace(row, aim=f"≤ {short(bound, row.unit)}", met=row.value <= bound)


def short(value: float, unit: str = "") -> str:
    """A figure for people: three digits say enough, and whole numbers stay whole."""
    size = abs(value)
    digits = 0 if size >= 100 or value == int(value) else 1 if size >= 10 else 2
    return f"{value:,.{digits}f} {unit}".rstrip()


def result(
    rows: Iterable[Row],
    *,
    wrong: Iterable[str] = (),
    tables: Iterable[Mapping[str, Any]] = (),
    versions: Mapping[str, str] | None = None,
) -> Result:
    """These rows with all that a figure needs to mean something; the command is this process'."""
    return Result(
        machine=cores.machine(),
        versions={**ours(), **(versions or {})},
        date=datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        commit=commit(),
        command=command(),
        rows=tuple(rows),
        wrong=tuple(wrong),
        tables=tuple(tables),
    )


def command() -> str:
    """How this process was started, as it is typed in the project's folder; not where to write."""
    main = sys.modules["__main__"]
    spec = getattr(main, "__spec__", None)
    name = spec.name.removesuffix(".__main__") if spec else Path(sys.argv[0]).name
    words = sys.argv[1:]
    while "--out" in words:
        at = words.index("--out")
        del words[at : at + 2]
    return shlex.join(["python", "-m", name, *words])


def commit() -> str:
    """What was measured; a plus sign after it says: and changes that are in no commit.

    Pages do not count, since measuring renews them.
    """
    git = shutil.which("git")
    if git is None:
        return ""
    words = (git, "-C", str(_ROOT))
    head = subprocess.run((*words, "rev-parse", "--short", "HEAD"), capture_output=True, text=True)
    changed = (*words, "diff", "--quiet", "HEAD", "--", "realtime", "loadtest", "tests")
    is_clean = subprocess.run(changed, capture_output=True).returncode == 0
    return head.stdout.strip() + ("" if is_clean else "+")


def ours() -> dict[str, str]:
    """Versions of what the product runs on."""
    found = {"Python": platform.python_version(), "SQLite": sqlite3.sqlite_version}
    with suppress(Missing):
        found["PostgreSQL"] = _said(str(postgres_binaries() / "postgres"), r"\d[\w.]*")
    with suppress(Missing):
        found["Redis"] = _said(redis_binary(), r"v=(\d[\w.]*)")
    return found | {name: version(name) for name in _LIBRARIES}


def _said(program: str, pattern: str) -> str:
    """The version that a program says it has."""
    text = subprocess.run((program, "--version"), capture_output=True, text=True).stdout
    found = re.search(pattern, text)
    return found[found.lastindex or 0] if found else ""


def write(path: Path, found: Result) -> None:
    """Keep it; folders are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps(asdict(found), option=orjson.OPT_INDENT_2) + b"\n")


def read(path: Path) -> Result:
    """What `write` wrote.

    Raises:
        ValueError: it is something else.
    """
    return parse(path.read_bytes())


def parse(data: bytes) -> Result:
    """A result from JSON; what it does not know is left out.

    Raises:
        ValueError: it is something else.
    """
    found = orjson.loads(data)
    try:
        rows = tuple(Row(**each) for each in found["rows"])
        known = {name: found[name] for name in Result.__slots__ if name in found}
        return Result(**(known | {"rows": rows}))
    except (KeyError, TypeError) as error:
        raise ValueError(f"no result of a measurement: {error}") from error


def say(line: str) -> None:
    """A line for whoever watches."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
