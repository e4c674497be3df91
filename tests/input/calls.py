"""Requests to both deployments, byte by byte: what each answers, and that it answers alike."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random
from typing import Final

import orjson

from tests.client import PASSWORD
from tests.input.requests import Wanted, request
from tests.input.sides import Side, Verdict
from tests.input.trial import KEPT, Report, listening

DEADLINE_S: Final = 30.0
LARGE: Final = 32_768  # bytes
_OURS: Final = frozenset({"internal", "unavailable"})


async def http(sides: Sequence[Side], seed: int, count: int) -> Report:
    """`count` requests out of `seed` to each side."""
    report, random = Report(seed), Random(seed)
    with listening(report):
        while report.inputs < count and len(report.problems) < KEPT:
            wanted = request(random)
            given = await asyncio.gather(*(_answer(side, wanted) for side in sides))
            report.inputs += 1
            report.verdicts[str(given[0].code or given[0].kind)] += 1
            _judge(sides, wanted, given, report)
            if report.inputs % 50 == 0:
                await _canary(sides, report)
    return report


def _judge(sides: Sequence[Side], wanted: Wanted, given: Sequence[Verdict], report: Report) -> None:
    if len(wanted.data) > LARGE and any(each.kind == "reset" for each in given):
        return  # answered before all of it was read: TCP may take the answer along
    for side, each in zip(sides, given, strict=True):
        if each.kind.startswith("5") or each.code in _OURS:
            report.blame(f"{side.name}: {each} for {wanted.data[:600]!r}")
        if wanted.is_whole and not each.kind.isdigit():
            report.blame(f"{side.name}: {each} for {wanted.data[:600]!r}")
    if wanted.is_whole and any(each != given[0] for each in given):
        report.blame(f"{given} for {wanted.data[:600]!r}")


async def _canary(sides: Sequence[Side], report: Report) -> None:
    """Ada is signed in, or can sign in again."""
    for side in sides:
        ada = side.people["ada"].http
        answer = await ada.get("/api/session")
        if answer.status_code == 401:
            answer = await ada.post("/api/login", json={"name": "ada", "password": PASSWORD})
        if answer.status_code != 200:
            report.blame(f"{side.name}: the canary heard {answer.status_code} {answer.text}")


async def _answer(side: Side, wanted: Wanted) -> Verdict:
    """What came back: the status, and the code, field and words of a failure."""
    reader, writer = await asyncio.open_connection("127.0.0.1", side.server.port)
    try:
        writer.write(_placed(side, wanted.data))
        if not wanted.is_whole:
            writer.write_eof()
        async with asyncio.timeout(DEADLINE_S):
            return _verdict(await reader.read())
    except TimeoutError:
        return Verdict("silence")
    except ConnectionError:
        return Verdict("reset")
    finally:
        writer.close()


def _placed(side: Side, data: bytes) -> bytes:
    host = side.server.url.removeprefix("http://").encode()
    sid = side.people["ada"].http.cookies["sid"].encode()
    return (
        data.replace(b"<host>", host).replace(b"<origin>", b"http://" + host).replace(b"<sid>", sid)
    )


def _verdict(data: bytes) -> Verdict:
    head, _, body = data.partition(b"\r\n\r\n")
    if head.startswith(b"HTTP/1.1 100 "):
        head, _, body = body.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 "):
        return Verdict("closed")
    status = head[9:12].decode()
    if status < "400" or b"application/json" not in head or not body:
        return Verdict(status)
    failure = orjson.loads(body)
    return Verdict(status, failure["code"], failure.get("field"), failure["message"])
