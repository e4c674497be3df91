"""The same input to both deployments: counted, compared, held against the schema and the log."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final

import jsonschema_rs
import orjson
import pytest

from realtime.hub.limits import Rate
from realtime.protocol import RESULTS, tag
from tests.input.frames import ends_its_socket, frame, sized
from tests.input.sides import ASKERS, Json, Side, Verdict

SCHEMA: Final = Path(__file__).parents[2] / "docs/api/schema.json"
BATCH: Final = 30  # less than what a socket may keep waiting, so that no answer hangs on timing
KEPT: Final = 20  # problems that are shown
OURS: Final = frozenset({"internal", "unavailable", 1011})


@dataclass
class Report:
    """What a run has seen. It is clean if `problems` is empty."""

    seed: int
    inputs: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    done: set[str] = field(default_factory=set)  # the commands that were carried out

    def blame(self, problem: str) -> None:
        """Something was wrong."""
        if len(self.problems) < KEPT:
            self.problems.append(problem)

    def __str__(self) -> str:
        common = ", ".join(f"{count:,} {what}" for what, count in self.verdicts.most_common(12))
        return f"seed {self.seed}: {self.inputs:,} inputs to both deployments: {common}"


class Schema:
    """The documented shape of every answer."""

    def __init__(self) -> None:
        document = json.loads(SCHEMA.read_text(encoding="utf-8"))
        self._frames = {name: _validator(document, name) for name in ("Ok", "Error", "Welcome")}
        self._results = {
            tag(command): _validator(document, result.__name__)
            for command, result in RESULTS.items()
        }

    def wrong(self, frame: bytes, answer: Json) -> str | None:
        """What is not as documented in this answer to `frame`."""
        if not answer:
            return None
        error = self._frames[answer["type"].capitalize()].iter_errors(answer)
        if answer["type"] == "ok":
            results = self._results[_type(frame)]
            error = results.iter_errors(answer["result"])
        return next((str(one) for one in error), None)


def _validator(document: Json, name: str) -> Any:
    return jsonschema_rs.validator_for({"$ref": f"#/$defs/{name}", "$defs": document["$defs"]})


def _type(frame: bytes) -> str:
    """Whose answer it is: what a reader sees last under `type`."""
    found: str = orjson.loads(frame)["type"]
    return found


@contextmanager
def patient() -> Iterator[None]:
    """No socket is closed for 20 broken frames in 10 s, and no network pays for them: rules that
    have their own tests.

    With them, most of the time would go into handshakes, and into waiting.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("realtime.socket.BAD_FRAMES_S", -1.0)
        patch.setattr("realtime.socket.WASTE", Rate(2**40, 1.0))
        patch.setattr("realtime.socket.COMEBACKS", Rate(2**40, 1.0))
        yield


class Listener(logging.Handler):
    """Keeps every traceback and every error that a server logs."""

    def __init__(self, report: Report) -> None:
        super().__init__(logging.WARNING)
        self._report = report

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.ERROR or record.exc_info:
            self._report.blame(f"logged: {self.format(record)}")


@contextmanager
def listening(report: Report) -> Iterator[None]:
    """Whatever goes wrong inside of the servers meanwhile is a problem of the report."""
    listener, root = Listener(report), logging.getLogger()
    root.addHandler(listener)
    try:
        yield
    finally:
        root.removeHandler(listener)


async def batch(sides: Sequence[Side], frames: Sequence[bytes], who: str, report: Report) -> None:
    """These frames by this person; then one command that must be answered as ever."""
    frames = [sized(one) for one in frames]
    given = await asyncio.gather(*(side.say(who, frames) for side in sides))
    for at, one in enumerate(frames):
        _compare(sides, one, [answers[at] for answers in given], report)
    for side, answers in zip(sides, given, strict=True):
        side.learn(frames, answers)
    report.inputs += len(frames)
    name = "ada" if who == "visitor" else who
    canary = b'{"type":"profile.get","ref":77,"name":"%s"}' % name.encode()
    for side in sides:
        [(verdict, answer)] = await side.say(who, [canary])
        if verdict.kind != "ok" or answer["ref"] != 77:
            report.blame(f"{side.name}: the canary heard {answer or verdict}")


SHAPES: Final = Schema()


def _compare(
    sides: Sequence[Side], frame: bytes, given: Sequence[tuple[Verdict, Json]], report: Report
) -> None:
    verdict, _ = given[0]
    report.verdicts[str(verdict.code or verdict.kind)] += 1
    if verdict.kind in ("ok", "welcome"):
        report.done.add(_type(frame))
    for side, (each, answer) in zip(sides, given, strict=True):
        if each.code in OURS:
            report.blame(f"{side.name}: {each} for {_shown(frame)}")
        wrong = SHAPES.wrong(frame, answer)
        if wrong is not None:
            report.blame(f"{side.name}: not as documented: {wrong} in {answer}"[:2_000])
    if any(each != verdict for each, _ in given):
        report.blame(f"{[each for each, _ in given]} for {_shown(frame)}")


def _shown(frame: bytes) -> str:
    return repr(frame if len(frame) < 600 else frame[:300] + b" ... " + frame[-200:])


async def sockets(sides: Sequence[Side], seed: int, count: int) -> Report:
    """`count` frames out of `seed`, in batches, by people and by visitors, to each side."""
    report, random = Report(seed), Random(seed)
    with patient(), listening(report):
        while report.inputs < count and len(report.problems) < KEPT:
            frames: list[bytes] = []
            while len(frames) < BATCH and not (frames and ends_its_socket(frames[-1])):
                frames.append(sized(frame(random)))
            await batch(sides, frames, random.choice(ASKERS), report)
    return report
