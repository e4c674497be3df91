"""Every command, by everybody, on everything: the table is complete, and the server keeps to it."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from msgspec import inspect

from realtime import visibility
from realtime.protocol import RESULTS, tag
from tests.authorisation.commands import OK, SAME, TABLE, Fields, Row
from tests.authorisation.people import ACTORS, People
from tests.client import Json

NAMES_A_THING = {"post_id", "user_id", "name", "reply_to", "quote_of", "media", "avatar", "up_to"}
NAMES_A_THING |= {"post_ids"}
PLAIN = {"ref", "cursor", "ticket", "client", "key", "text", "before", "emoji", "on", "limit", "q"}
PLAIN |= {"display_name", "bio", "direction", "explore", "kind", "draft"}


def missing() -> list[str]:
    """What the table does not say yet, in words that say what to do."""
    found = []
    for command in RESULTS:
        rows = [row for row in TABLE if row.type == tag(command)]
        if not rows:
            found.append(f"Add a row for {tag(command)} to tests/authorisation/commands.py.")
        info = inspect.type_info(command)
        assert isinstance(info, inspect.StructType)
        for field in info.fields:
            name = field.encode_name
            if tag(command) == "timeline.get" and name == "name":
                continue  # which timeline, not whose
            if name in NAMES_A_THING and not any(_names(row, name) for row in rows):
                found.append(f"Add a row in which {name} of {tag(command)} is THING.")
            if name not in NAMES_A_THING | PLAIN:
                found.append(f"Say whether {name} of {tag(command)} names a thing or is PLAIN.")
    return found


def _names(row: Row, name: str) -> bool:
    return row.fields.get(name) in ("THING", ["THING"])


def test_every_command_and_every_field_that_names_a_thing_has_its_row() -> None:
    assert missing() == []


def test_a_command_without_a_row_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    without = tuple(row for row in TABLE if row.type != "react.set")
    monkeypatch.setattr("tests.authorisation.test_commands.TABLE", without)
    assert "Add a row for react.set to tests/authorisation/commands.py." in missing()


def filled(fields: Fields, thing: str) -> Fields:
    """The fields with this thing in them."""

    def put(value: Any) -> Any:
        if isinstance(value, list):
            return [put(one) for one in value]
        return {"THING": thing, "KEY": str(uuid.uuid4())}.get(value, value) if value else value

    return {
        name: put(value) if isinstance(value, str | list) else value
        for name, value in fields.items()
    }


def bare(answer: Json) -> str:
    """The answer as it was written, without the number of its question."""
    return json.dumps({**answer, "ref": 0})


async def said(found: People, row: Row, thing: str, actor: str) -> Json:
    """What this actor is answered."""
    if thing.startswith("fresh "):
        named = await found.fresh(thing.removeprefix("fresh "))
    else:
        named = found.things.get(thing, "")
    window = found.windows[actor]
    answer = await window.answer(row.type, **filled(row.fields, named))
    for type, fields in row.undo if answer["type"] == "ok" else ():
        await window.ask(type, **filled(fields, named))
    return answer


async def wrong(found: People, row: Row, thing: str, actor: str) -> str | None:
    """What is not as the table says."""
    expected = row.expected(thing, actor)
    answer = await said(found, row, thing, actor)
    if expected != SAME:
        code = answer.get("code", OK)
        if code == expected:
            return None
        return f"{row.type} {row.fields} on {thing} by {actor}: {code}, not {expected}"
    unknown = "unknown name" if thing == "name" else "unknown"
    other = await said(found, row, unknown, actor)
    if bare(answer) == bare(other):
        return None
    return f"{row.type} {row.fields} on {thing} by {actor}: {answer}, not {other}"


@pytest.mark.asyncio(loop_scope="module")
async def test_a_planted_hole_is_found(everybody: People, monkeypatch: pytest.MonkeyPatch) -> None:
    async def anybody(*asked: object) -> bool:
        return True

    row = next(row for row in TABLE if row.fields.get("direction") == "followers")
    assert await wrong(everybody, row, "owner", "blocked") is None
    monkeypatch.setattr(visibility, "may_name", anybody)
    assert "by blocked" in (await wrong(everybody, row, "owner", "blocked") or "")


@pytest.mark.asyncio(loop_scope="module")
async def test_everybody_may_do_what_the_table_says_and_nothing_else(everybody: People) -> None:
    found = []
    for row in TABLE:
        for thing in row.things:
            for actor in ACTORS:
                problem = await wrong(everybody, row, thing, actor)
                if problem is not None:
                    found.append(problem)
    assert not found, "\n".join(found)
