"""Every route, by everybody, on everything: the table is complete, and the server keeps to it."""

from __future__ import annotations

import itertools
from typing import Any, Final

import httpx
import pytest

from realtime.http import edge
from tests.authorisation.people import ACTORS, NOBODIES, SIGNED_IN, People, browser
from tests.authorisation.routes import SAME, TABLE, Call
from tests.client import PASSWORD
from tests.pictures import photo

PICTURE: Final = photo(16, 16)
CHANGING: Final = {"date"}  # headers that differ from one answer to the next


def missing() -> list[str]:
    """What the table does not say yet, in words that say what to do."""
    told = {(call.method, call.route) for call in TABLE}
    return [
        f"Add a Call for {method} {path} to tests/authorisation/routes.py."
        for path, methods in edge.table().items()
        for method in methods
        if (method, path) not in told
    ]


def test_every_route_has_its_row() -> None:
    assert missing() == []
    for call in TABLE:
        assert call.method in edge.table()[call.route], f"{call.route} is gone: remove its Call."


def test_a_route_without_a_row_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    without = tuple(call for call in TABLE if call.route != "/api/export")
    monkeypatch.setattr("tests.authorisation.test_routes.TABLE", without)
    assert missing() == ["Add a Call for GET /api/export to tests/authorisation/routes.py."]


class Asker:
    """Asks as the table says, with a new name for each new account."""

    def __init__(self, found: People) -> None:
        self.found = found
        self.names = (f"new_{number}" for number in itertools.count())

    async def answer(self, call: Call, thing: str, actor: str) -> httpx.Response:
        """What this actor is answered."""
        if thing.startswith("fresh "):
            named = await self.found.fresh(thing.removeprefix("fresh "))
        else:
            named = self.found.things.get(thing, "")
        path = (call.path or call.route).replace("THING", named)
        async with browser(self.found, actor) as http:
            if call.is_final and actor in SIGNED_IN:
                await self._move(http)
            return await http.request(call.method, path, **self._body(call))

    async def _move(self, http: httpx.AsyncClient) -> None:
        """Go on as somebody new."""
        del http.headers["Cookie"]
        wish = {"name": next(self.names), "password": PASSWORD}
        (await http.post("/api/register", json=wish)).raise_for_status()

    def _body(self, call: Call) -> dict[str, Any]:
        if call.body == "picture":
            return {"files": {"file": ("a.jpg", PICTURE)}}
        if call.body is None:
            return {}
        fields = {n: next(self.names) if v == "NEW" else v for n, v in call.body.items()}
        return {"json": fields}

    async def wrong(self, call: Call, thing: str, actor: str) -> str | None:
        """What is not as the table says."""
        expected = call.expected(thing, actor)
        answer = await self.answer(call, thing, actor)
        what = f"{call.method} {call.route} on {thing} by {actor}"
        if expected == SAME:
            other = await self.answer(call, call.unknown, actor)
            return None if bare(answer) == bare(other) else f"{what}: not as for {call.unknown}"
        if answer.status_code == expected:
            return None
        return f"{what}: {answer.status_code}, not {expected}"


def bare(answer: httpx.Response) -> tuple[int, list[tuple[str, str]], bytes]:
    """All of an answer but the time."""
    headers = [(n, v) for n, v in answer.headers.multi_items() if n not in CHANGING]
    return answer.status_code, headers, answer.content


def askers(call: Call) -> tuple[str, ...]:
    """Whose asking makes a difference: those who get a new account are all alike."""
    return ("owner", *NOBODIES) if call.is_final else ACTORS


@pytest.mark.asyncio(loop_scope="module")
async def test_everybody_gets_what_the_table_says_and_nothing_else(everybody: People) -> None:
    asker, found = Asker(everybody), []
    for call in TABLE:
        for thing in call.things:
            for actor in askers(call):
                problem = await asker.wrong(call, thing, actor)
                if problem is not None:
                    found.append(problem)
    assert not found, "\n".join(found)
