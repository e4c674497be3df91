"""The OpenAPI document, taken at its word: what it allows, what it forbids, on both databases."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.openapi import from_dict
from schemathesis.specs.openapi import checks

from realtime.api import ROUTES, Route
from realtime.schema import openapi
from tests.input.calls import http
from tests.input.sides import Side
from tests.input.trial import Report, listening

QUICK: Final = 8  # examples of each operation and mode
EXAMPLES: Final = int(os.environ.get("REALTIME_HTTP_EXAMPLES", QUICK))
DOCUMENT: Final = from_dict(openapi())
CHECKS: Final = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]
REQUESTS: Final = int(os.environ.get("REALTIME_REQUESTS", "1500"))
# In a form everything is text, so that `true` is as good a description as any.
NOT_FOR: Final[dict[str, list[Any]]] = {"/api/media": [checks.negative_data_rejection]}
ENDS_ITS_SESSION: Final = {"/api/logout"}

pytestmark = pytest.mark.asyncio(loop_scope="module")


def ask(side: Side, case: Case[Any], *, signed_in: bool) -> tuple[int, str | None, str | None]:
    """Make this request, hold its answer against the document; status, code and field."""
    headers = {"Origin": side.server.url}
    # Whatever the document's example of a session is, it is none of ours.
    headers["Cookie"] = side.people["ada"].cookie if signed_in else "sid=nobody"
    answer = case.call(base_url=side.server.url, headers=headers)
    case.validate_response(answer, checks=CHECKS, excluded_checks=NOT_FOR.get(case.path))
    failure = answer.json() if answer.status_code >= 400 else {}
    return answer.status_code, failure.get("code"), failure.get("field")


def rows() -> Iterator[Any]:
    """Each route with what is allowed, and those that take a body with what is not."""
    for route in ROUTES:
        for mode in GenerationMode if route.body else [GenerationMode.POSITIVE]:
            yield pytest.param(route, mode, id=f"{route.method} {route.path} {mode.value}")


@pytest.mark.parametrize(("route", "mode"), list(rows()))
async def test_every_answer_is_as_documented_and_alike(
    sides: list[Side], route: Route, mode: GenerationMode
) -> None:
    operation = DOCUMENT[route.path][route.method]

    @settings(
        max_examples=EXAMPLES,
        derandomize=EXAMPLES <= QUICK,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(case=operation.as_strategy(generation_mode=mode, cookies={"sid": "nobody"}))
    def holds(case: Case[Any]) -> None:
        for signed_in in (False, True):
            if signed_in and route.path in ENDS_ITS_SESSION:
                continue
            answers = [ask(side, case, signed_in=signed_in) for side in sides]
            assert answers[0] == answers[1]

    report = Report(1)
    with listening(report):
        await asyncio.to_thread(holds)
    assert report.problems == []


async def test_requests_of_any_bytes_are_answered_alike_and_break_nothing(
    sides: list[Side],
) -> None:
    report = await http(sides, 1, REQUESTS)
    assert report.problems == []
    assert report.verdicts.keys() > {"200", "invalid", "not_found", "unauthenticated", "forbidden"}
