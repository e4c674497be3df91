"""Every rate on every door: who comes too often is told for how long, and is counted rightly."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from websockets.asyncio.client import connect

from realtime.config import Config
from realtime.http import edge
from realtime.hub import limits
from realtime.hub.limits import READS, LocalLimits, Rate
from realtime.protocol import FOR_VISITORS, RESULTS, tag
from tests.client import DEADLINE_S, PASSWORD, Json, Window, person, window
from tests.deployments import KEY
from tests.server import Running, serving

WAIT_S: Final = 7.0
NOBODY: Final = "999999"

# Every command, as somebody might send it.
COMMANDS: Final[dict[str, Json]] = {
    "post.create": {"key": str(uuid.uuid4()), "text": "hello"},
    "post.delete": {"post_id": NOBODY},
    "post.thread": {"post_id": NOBODY},
    "retweet.set": {"post_id": NOBODY, "on": True},
    "retweet.list": {"post_id": NOBODY},
    "react.set": {"post_id": NOBODY, "emoji": "🌊", "on": True},
    "react.list": {"post_id": NOBODY},
    "profile.get": {"name": "ada"},
    "profile.update": {"bio": "hello"},
    "follow.set": {"user_id": NOBODY, "on": True},
    "follow.list": {"user_id": NOBODY, "direction": "followers"},
    "block.set": {"user_id": NOBODY, "on": True},
    "mute.set": {"user_id": NOBODY, "on": True},
    "timeline.get": {"name": "explore"},
    "watch.set": {"post_ids": []},
    "notice.list": {},
    "notice.read": {"up_to": NOBODY},
    "search.query": {"q": "hello", "kind": "posts"},
    "draft.set": {"draft": None},
}
UNCOUNTED_COMMANDS: Final = {"post.delete"}  # of which the wire knows no rate

# Every address of the API, as somebody might ask; what is not here is not counted.
REQUESTS: Final[dict[tuple[str, str], dict[str, Any]]] = {
    ("POST", "/api/register"): {"json": {"name": "eve", "password": PASSWORD}},
    ("POST", "/api/login"): {"json": {"name": "ada", "password": PASSWORD}},
    ("PUT", "/api/password"): {"json": {"current": PASSWORD, "new": "a new and longer phrase"}},
    ("DELETE", "/api/account"): {"json": {"password": PASSWORD}},
    ("GET", "/api/session"): {},
    ("GET", "/api/sessions"): {},
    ("POST", "/api/ticket"): {},
    ("GET", "/api/export"): {},
    ("POST", "/api/media"): {"files": {"file": b"no picture"}},
}
UNCOUNTED_REQUESTS: Final = {("POST", "/api/logout"), ("DELETE", "/api/sessions/{id}")}


class Closed(LocalLimits):
    """Refuses what it is told to, and remembers who asked."""

    def __init__(self, refuses: Callable[[str], bool] = lambda key: True) -> None:
        super().__init__()
        self._refuses = refuses
        self.asked: list[tuple[str, Rate]] = []

    async def take(self, key: str, rate: Rate, cost: float = 1) -> float:
        self.asked.append((key, rate))
        return WAIT_S if self._refuses(key) else 0.0


@asynccontextmanager
async def limited(folder: Path, **settings: Any) -> AsyncIterator[Running]:
    """A server that counts, on SQLite."""
    database_url = f"sqlite:///{folder / 'test.db'}"
    settings = {"uploads": folder / "uploads", "secret_keys": (KEY,), **settings}
    async with serving(Config(database_url=database_url, **settings)) as running:
        yield running


def use(server: Running, closed: LocalLimits) -> None:
    """Count with these, for sockets that open from now on and for every request."""
    inside = server.application
    assert inside.world is not None and inside.house is not None
    inside.world = replace(inside.world, limits=closed)
    inside.house = replace(inside.house, limits=closed)


async def told_to_wait(opened: Window, types: set[str]) -> set[str]:
    """Which of these commands are answered `rate_limited`, with the time to wait."""
    waiting = set()
    for type in sorted(types):
        answer = await opened.answer(type, **COMMANDS[type])
        if answer.get("code") == "rate_limited":
            assert answer["retry_after"] >= WAIT_S
            waiting.add(type)
    return waiting


async def test_whoever_must_wait_is_told_how_long_at_every_door(tmp_path: Path) -> None:
    commands = {tag(command) for command in RESULTS} - {"hello"}
    assert set(COMMANDS) == commands, "a command without a line here"
    api = {
        (method, path)
        for path, methods in edge.table().items()
        for method in methods
        if path.startswith("/api/") and "." not in path and "path" not in path
    }
    assert set(REQUESTS) | UNCOUNTED_REQUESTS == api, "an address without a line here"

    closed = Closed()
    # Of the rates of signing in the next one is asked only when the one before allows it.
    ajar = [Closed(lambda key: key.startswith("failure:"))]
    ajar.append(Closed(lambda key: key.startswith("guess:")))
    async with limited(tmp_path) as server, person(server.url, "ada") as ada:
        use(server, closed)
        async with ada.window() as opened, window(server.url) as visitor:
            assert await told_to_wait(opened, commands) == commands - UNCOUNTED_COMMANDS
            open_to_all = {tag(command) for command in FOR_VISITORS} & commands
            assert await told_to_wait(visitor, commands) == open_to_all - UNCOUNTED_COMMANDS
        for (method, path), sent in REQUESTS.items():
            answer = await ada.http.request(method, path, **sent)
            assert answer.status_code == 429, path
            assert answer.headers["retry-after"] == str(int(answer.json()["retry_after"]))
            assert answer.json()["retry_after"] >= WAIT_S
        async with httpx.AsyncClient(base_url=server.url) as http:
            for one in ajar:
                use(server, one)
                sent = {"json": {"name": "nobody", "password": PASSWORD}}
                answer = await http.post("/api/login", **sent)
                assert answer.status_code == 429 and int(answer.headers["retry-after"]) >= WAIT_S

    known = {rate for rate in vars(limits).values() if isinstance(rate, Rate)}
    asked = {rate for one in (closed, *ajar) for _, rate in one.asked}
    assert asked == known, "a rate that nobody asks for"


async def test_visitors_share_the_allowance_of_their_address(tmp_path: Path) -> None:
    trusted = (ip_network("127.0.0.1/32"),)
    async with (
        limited(tmp_path, trusted_proxies=trusted) as server,
        person(server.url, "ada") as ada,
        ada.window() as opened,
    ):
        world = server.application.world
        assert world is not None
        key = "read:address:2001:db8:0:1::/64"
        assert await world.limits.take(key, READS, READS.count) == 0.0
        for address in ("2001:db8:0:1::1", "2001:db8:0:1:f::2"):
            answer = await asked_from(server, address)
            assert answer["code"] == "rate_limited" and answer["retry_after"] > 0
        assert (await asked_from(server, "2001:db8:0:2::1"))["type"] == "ok"
        assert (await asked_from(server, "192.0.2.7"))["type"] == "ok"
        assert (await opened.answer("profile.get", name="ada"))["type"] == "ok"


async def test_a_visitor_who_invents_an_address_is_counted_at_their_own(tmp_path: Path) -> None:
    async with limited(tmp_path) as server, person(server.url, "ada"):
        world = server.application.world
        assert world is not None
        assert await world.limits.take("read:address:127.0.0.1", READS, READS.count) == 0.0
        for address in ("192.0.2.7", "192.0.2.8"):
            assert (await asked_from(server, address))["code"] == "rate_limited"


async def asked_from(server: Running, address: str) -> Json:
    """What a visitor from there, as a proxy says it, is answered."""
    url = server.url.replace("http", "ws") + "/ws"
    headers = {"X-Forwarded-For": address}
    async with connect(url, additional_headers=headers, compression=None) as socket:
        await socket.send(json.dumps({"type": "hello", "ref": 1}))
        await socket.send(json.dumps({"type": "profile.get", "ref": 2, "name": "ada"}))
        async with asyncio.timeout(DEADLINE_S):
            while True:
                answer: Json = json.loads(await socket.recv())
                if answer.get("ref") == 2:
                    return answer


async def test_a_repeated_key_uses_no_rate(tmp_path: Path) -> None:
    async with (
        limited(tmp_path) as server,
        person(server.url, "ada") as ada,
        ada.window() as a,
        ada.window() as b,
    ):
        wish = {"key": str(uuid.uuid4()), "text": "once"}
        first = (await a.ask("post.create", **wish))["post"]["id"]
        for _ in range(10):  # no more than may wait at a socket
            said = [each.ask("post.create", **wish) for each in (a, b) for _ in range(5)]
            assert {each["post"]["id"] for each in await asyncio.gather(*said)} == {first}
        for number in range(9):
            await a.ask("post.create", key=str(uuid.uuid4()), text=f"number {number}")
        with pytest.raises(Exception, match="rate_limited"):
            for _ in range(10):  # a token may have come back meanwhile
                await a.ask("post.create", key=str(uuid.uuid4()), text="one too many")
        assert (await b.ask("post.create", **wish))["post"]["id"] == first


async def test_no_header_of_a_program_makes_it_another_address(tmp_path: Path) -> None:
    async with limited(tmp_path) as server:
        use(server, closed := Closed())
        async with httpx.AsyncClient(base_url=server.url) as program:
            for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "True-Client-IP"):
                value = "for=192.0.2.7" if name == "Forwarded" else "192.0.2.7"
                sent = REQUESTS["POST", "/api/login"]
                await program.post("/api/login", headers={name: value}, **sent)
        assert {key for key, _ in closed.asked} == {"login:127.0.0.1"}
