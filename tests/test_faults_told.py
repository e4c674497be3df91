"""What a socket is told when it is refused at the door, or when a handler breaks: no insides."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Struct
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from realtime.config import Config
from realtime.handlers import registry
from realtime.headers import DEFAULTS
from realtime.protocol import RESULTS, Hello, tag
from tests.client import person
from tests.server import Running, serving

SECRET = "SELECT password FROM users -- /srv/realtime/store/account.py"
KEY = "123e4567-e89b-12d3-a456-426614174000"
FIELDS: dict[str, Any] = {
    **{"key": KEY, "text": "x", "post_id": "1", "user_id": "1", "on": True, "emoji": "🌊"},
    **{"direction": "followers", "post_ids": [], "up_to": "1", "q": "x", "kind": "posts"},
    **{"draft": None, "name": "home"},
}


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    """Where the database does not matter."""
    url = f"sqlite:///{tmp_path / 'test.db'}"
    keys = ("a-key-for-tests-of-at-least-32-characters",)
    uploads = tmp_path / "uploads"
    async with serving(
        Config(database_url=url, uploads=uploads, secret_keys=keys, rate_limits=False)
    ) as server:
        yield server


@pytest.mark.parametrize(
    ("origin", "subprotocol", "status", "code"),
    [
        ("https://evil.example", "realtime.v1", 403, "forbidden"),
        ("null", "realtime.v1", 403, "forbidden"),
        (None, "soap", 400, "invalid"),
        (None, "realtime.v1", 503, "unavailable"),
    ],
)
async def test_a_refused_handshake_has_all_headers_and_says_why(  # noqa: PLR0913
    running: Running,
    caplog: pytest.LogCaptureFixture,
    origin: str | None,
    subprotocol: str,
    status: int,
    code: str,
) -> None:
    running.application.endpoint.is_closing = status == 503
    address = running.url.replace("http:", "ws:") + "/ws"
    head = {} if origin is None else {"Origin": origin}
    with pytest.raises(InvalidStatus) as caught:
        await connect(
            address, additional_headers=head, subprotocols=[Subprotocol(subprotocol)]
        ).__aenter__()
    running.application.endpoint.is_closing = False
    answer = caught.value.response

    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in DEFAULTS} == DEFAULTS
    assert "server" not in answer.headers
    assert answer.headers["content-type"] == "application/json"
    body = json.loads(answer.body)
    assert body["code"] == code and set(body) <= {"code", "message", "retry_after"}
    assert ("retry-after" in answer.headers) == ("retry_after" in body) == (status == 503)
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []


@pytest.mark.parametrize(
    "head",
    [
        "Upgrade: websocket\r\nConnection: Upgrade",
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x",
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 1",
        "Upgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 5",
    ],
)
async def test_a_handshake_that_is_none_has_all_headers_too(running: Running, head: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    writer.write(f"GET /ws HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n".encode())
    async with asyncio.timeout(10):
        answer = (await reader.read()).decode()
    writer.close()

    lines = answer.partition("\r\n\r\n")[0].split("\r\n")
    assert lines[0].split()[1] in ("400", "426")
    found = {line.partition(": ")[0].lower(): line.partition(": ")[2] for line in lines[1:]}
    assert {name: found.get(name) for name in DEFAULTS} == DEFAULTS
    assert "server" not in found


async def test_a_fault_of_any_command_tells_nothing_of_the_inside(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(context: Any, command: Struct) -> Struct:
        raise RuntimeError(SECRET)

    async with person(running.url, "ada") as ada, ada.window() as window:
        handlers: dict[Any, Any] = dict.fromkeys(registry._handlers, broken)
        with monkeypatch.context() as patch:
            patch.setattr(registry, "_handlers", handlers)
            for command in RESULTS:
                if command is Hello:
                    continue
                required = {f.name for f in msgspec.structs.fields(command) if f.required}
                fields = {name: FIELDS[name] for name in required - {"ref"}}
                answer = await window.answer(tag(command), **fields)

                assert answer["code"] == "internal", tag(command)
                assert set(answer) == {"type", "ref", "code", "message"}
                for inside in ("SELECT", "password", "/srv/", ".py", "RuntimeError"):
                    assert inside not in str(answer)
        assert (await window.ask("profile.get", name="ada"))["user"]["name"] == "ada"
