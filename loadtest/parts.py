"""What all is measured for the page of figures, part by part, each in a process of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import orjson

from loadtest import results
from loadtest.results import Result
from loadtest.scenarios import SCENARIOS

ROOT: Final = Path(__file__).parent.parent
_GRACE_S: Final = 15.0
_FANOUT: Final = "loadtest.fanout"


@dataclass(frozen=True, slots=True)
class Part:
    """One command that writes a result.

    `quick` is what a selection of five minutes runs instead, None: nothing. What `is_long` runs
    only when it is asked for by its name.
    """

    name: str
    topic: str  # the block of the page where its figures stand
    command: Sequence[str]
    quick: Sequence[str] | None = None
    limit_s: float = 300.0
    is_long: bool = False


def _fanout(name: str, *quick: str) -> Part:
    command = (_FANOUT, "--only", name)
    return Part(name, "fanout", command, (*command, *quick) if quick else None)


_SHORT: Final = ("--rounds", "1", "--seconds", "2")
_FIVE: Final = (*_SHORT, "--servers", "realtime", "bare", "ws", "socketio", "nats")
_SMALL: Final = (*_SHORT, "--scale", "0.2")
_QUICK: Final[Mapping[str, Sequence[str]]] = {
    "rate": _FIVE,
    "flight-4": _FIVE,
    "flight-32": _FIVE,
    "redis": _SHORT,
    "sparse": _SMALL,
    "storm": _SMALL,
    "others": _SMALL,
}
_WEB: Final = ("loadtest.web", "--only")
PARTS: Final = (
    *(_fanout(name, *_QUICK.get(name, ())) for name in SCENARIOS),
    Part("writes", "writes", ("loadtest.writes",), ("loadtest.writes", *_SHORT)),
    Part(
        "web-sqlite",
        "web",
        (*_WEB, "sqlite"),
        (*_WEB, "sqlite", "--parts", "starts", "pictures"),
    ),
    Part("web-postgresql", "web", (*_WEB, "postgresql")),
    Part("timelines", "timelines", ("loadtest.timelines",), limit_s=3_600, is_long=True),
)


class Broken(Exception):
    """A part ended without a result; the message says how."""


def run(part: Part, *, quick: bool) -> Result:
    """Measure one part; what it says goes to our own output. Nothing of it stays behind.

    Raises:
        Broken: there is no result.
    """
    module, *words = (part.quick or part.command) if quick else part.command
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        path = Path(folder) / "found.json"
        command = (sys.executable, "-m", module, *words, "--out", str(path))
        status = ended(command, part.limit_s)
        if not path.exists():
            raise Broken(f"{part.name}: no result, exit status {status}")
        return results.read(path)


def ended(command: Sequence[str], limit_s: float) -> int:
    """Its exit status; it and all that it started are gone afterwards."""
    process = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
    try:
        return process.wait(limit_s)
    except subprocess.TimeoutExpired:
        return -signal.SIGTERM
    finally:
        for sign in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, sign)
            with suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE_S)


# -- what was found, kept ---------------------------------------------------------


def read(path: Path) -> dict[str, Result]:
    """All that was kept, by part; nothing where there is no file."""
    if not path.exists():
        return {}
    lines = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    return {line["part"]: results.parse(orjson.dumps(line)) for line in lines}


def write(path: Path, kept: Mapping[str, Result]) -> None:
    """Keep these, a line each, in the order of PARTS; a part that is no more is dropped."""
    lines = (
        orjson.dumps({"part": part.name, **asdict(kept[part.name])}) + b"\n"
        for part in PARTS
        if part.name in kept
    )
    temporary = path.with_suffix(".new")
    temporary.write_bytes(b"".join(lines))
    shutil.move(temporary, path)


def chosen(names: Iterable[str], *, quick: bool) -> list[Part]:
    """The named parts; of none, all that are not long, or the selection."""
    wanted = set(names)
    if wanted:
        return [part for part in PARTS if part.name in wanted]
    return [part for part in PARTS if (part.quick is not None if quick else not part.is_long)]
