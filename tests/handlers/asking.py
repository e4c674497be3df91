"""What several tests of handlers ask for: a refusal in short, a page to its end, people apart."""

from __future__ import annotations

import re
from typing import Any

from tests.client import Json, Person, Window
from tests.server import Running

WHEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
ID = re.compile(r"[1-9][0-9]{0,18}")


async def refusal(window: Window, type: str, **fields: Any) -> tuple[str | None, str | None]:
    """The code and the field of the error; (None, None) if it was `ok`."""
    answer = await window.answer(type, **fields)
    return answer.get("code"), answer.get("field")


async def pages(window: Window, rows: str, type: str, **fields: Any) -> list[list[Json]]:
    """Every page of a list, to its end."""
    found: list[list[Json]] = []
    while True:
        page = await window.ask(type, **fields)
        found.append(page[rows])
        if "next" not in page:
            return found
        fields["before"] = page["next"]
        assert len(found) < 50, "this list has no end"


async def apart(
    server: Running, who: Person, whom: Person, how: str = "block", *, on: bool = True
) -> None:
    """The first one blocks or mutes the second, or does not any more; both sides have heard."""
    world = server.application.world
    assert world is not None
    async with who.window() as opened:
        await opened.ask(f"{how}.set", user_id=whom.id, on=on)
    await world.feed.settle(int(whom.id))
