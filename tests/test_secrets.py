"""What a process keeps to itself, and whom it talks to: all of a life, at a started `serve`."""

from __future__ import annotations

import json
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.client import Refused, post, window
from tests.pictures import photo
from tests.processes import ROOT, Served, serve

PASSWORD = "planted-password-of-ada"
NEXT = "planted-password-afterwards"
WRONG = "planted-password-that-is-wrong"
KEY = "planted-key-that-signs-cookies-0123456789"
DATABASE_PASSWORD = "planted-password-of-the-database"
WORDS = "planted words of a post, see http://169.254.169.254/latest and http://127.0.0.1:1/x"
ALT = "planted words of a picture"
EVIL = "eve\x1b[31m"

#: Read by every Python of the server before anything else. uvloop connects below Python, where
#: no hook sees it; without it asyncio does the same work in sight.
HOOK = """
import os, sys
sys.modules["uvloop"] = None
_log = os.open("PLACE", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
_names = {"socket.connect", "socket.sendto", "socket.getaddrinfo", "subprocess.Popen", "os.system"}

def _hear(event, arguments):
    if event in _names:
        told = arguments[1:] if event.startswith("socket.c") else arguments[:2]
        os.write(_log, f"{event} {told!r}\\n".encode())

sys.addaudithook(_hear)
"""


@dataclass
class Life:
    """A journey through everything: `told` is all that came back, `sent` every address asked."""

    served: Served
    heard: Path
    secrets: dict[str, str]
    friends: list[tuple[str, int]]  # the only ones that the server may ask anything
    told: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)

    async def asked(self, answer: httpx.Response) -> httpx.Response:
        self.sent.append(str(answer.request.url))
        await answer.aread()
        # Where they belong: the cookie in its own header, a ticket in its own answer.
        if answer.request.url.path != "/api/ticket":
            self.told.append(answer.text)
        self.told.append(str([p for p in answer.headers.items() if p[0] != "set-cookie"]))
        return answer


@pytest.fixture(params=["embedded", "production"])
async def life(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Life]:
    """A server that notes whom it connects to, and all that somebody did with it."""
    heard = tmp_path / "heard"
    (tmp_path / "hook").mkdir()
    (tmp_path / "hook" / "sitecustomize.py").write_text(HOOK.replace("PLACE", str(heard)))
    env = {
        "PYTHONPATH": f"{tmp_path / 'hook'}:{ROOT}",
        "REALTIME_DATABASE_URL": f"sqlite:///{tmp_path / 'x.db'}",
        "REALTIME_UPLOADS": str(tmp_path / "uploads"),
        "REALTIME_SECRET_KEYS": KEY,
    }
    friends = []
    if request.param == "production":
        url: str = request.getfixturevalue("postgres_url")
        parts = urlsplit(url)
        place = f"{parts.username}:{DATABASE_PASSWORD}@{parts.hostname}:{parts.port}"
        env["REALTIME_DATABASE_URL"] = parts._replace(netloc=place).geturl()
        env["REALTIME_REDIS_URL"] = request.getfixturevalue("redis_url")
        ports = (parts.port, urlsplit(env["REALTIME_REDIS_URL"]).port)
        friends = [("127.0.0.1", port) for port in ports if port is not None]
    secrets = {
        **{"password": PASSWORD, "next": NEXT, "wrong": WRONG, "key": KEY},
        **{"database": DATABASE_PASSWORD, "words": "planted words"},
    }
    async with serve(tmp_path, env=env) as served:
        found = Life(served, heard, secrets, friends)
        await _live(found)
        yield found


async def _live(life: Life) -> None:
    url = life.served.url
    async with httpx.AsyncClient(
        base_url=url, headers={"Origin": url}, event_hooks={"response": [life.asked]}
    ) as ada:
        await ada.post("/api/register", json={"name": "ada", "password": PASSWORD})
        life.secrets["cookie"] = ada.cookies["sid"]
        life.secrets["token"] = ada.cookies["sid"].split(".")[0]
        ticket = (await ada.post("/api/ticket")).json()["ticket"]
        life.secrets["ticket"] = ticket
        async with window(url, ticket=ticket) as program:
            assert program.welcome["user"]["name"] == "ada"
            for name in ("home", "explore"):
                await program.ask("timeline.get", name=name)
            with pytest.raises(Refused):
                await program.ask("profile.get", name=PASSWORD)
            picture = await ada.post(
                "/api/media", files={"file": ("x.png", photo(40, 30))}, data={"alt": ALT}
            )
            assert picture.status_code == 201, picture.text
            media = [picture.json()["media"]["id"]]
            said = await post(program, WORDS, media=media)
            await program.ask("profile.update", bio="http://127.0.0.1:2/ and //evil.example")
            await program.ask("search.query", q="planted", kind="posts")
        await _err(ada, said["id"])
        answer = await ada.put("/api/password", json={"current": PASSWORD, "new": NEXT})
        assert answer.status_code == 204, answer.text
        await ada.get("/api/export")
        answer = await ada.post("/api/login", json={"name": "ada", "password": NEXT})
        assert answer.status_code == 200, answer.text
        life.secrets["second cookie"] = ada.cookies["sid"]
        for path in ("/healthz", "/readyz", "/metrics", "/api/openapi.json"):
            await ada.get(path)
        assert (await ada.post("/api/logout")).status_code == 204


async def _err(ada: httpx.AsyncClient, post_id: str) -> None:
    """Whatever can go wrong with a secret in the hand."""
    wrong: list[dict[str, Any]] = [
        {"name": "ada", "password": WRONG},
        {"name": EVIL, "password": WRONG},
        {"name": WRONG, "password": 7},
        {"name": "ada", "surplus": WRONG},
    ]
    for body in wrong:
        assert (await ada.post("/api/login", json=body)).status_code in (401, 422)
    cut = json.dumps({"name": "ada", "password": PASSWORD})[:-2].encode()
    odd = {"Content-Type": "application/json", "User-Agent": f"evil {EVIL}"}
    assert (await ada.post("/api/login", content=cut, headers=odd)).status_code == 400
    foreign = {"Origin": "https://evil.example"}
    assert (await ada.post("/api/ticket", headers=foreign)).status_code == 403
    answer = await ada.put("/api/password", json={"current": WRONG, "new": NEXT})
    assert answer.status_code == 403
    answer = await ada.request("DELETE", "/api/account", json={"password": WRONG})
    assert answer.status_code == 403
    assert (await ada.post("/api/media", files={"file": b"no picture"})).status_code == 415
    for path in (f"/post/{post_id}", "/@ada", "/@%0d%0aX:1", "/api/%1b%5b31m", "/media/%00"):
        await ada.get(path, headers={"User-Agent": "evil"})


async def test_a_whole_life_leaves_no_secret_anywhere_and_asks_nobody(life: Life) -> None:
    status = await life.served.stop()
    log = life.served.log.read_text(encoding="utf-8")

    assert status in (0, -signal.SIGTERM)
    for name, secret in life.secrets.items():
        assert secret not in log, name
        # What a public post says is told to whoever reads it, and its words are in their export.
        if name != "words":
            assert secret not in "".join(life.told), name
        assert secret not in "".join(life.sent), name
    assert "realtime on http://" in log
    assert all(line.isprintable() for line in log.splitlines())
    assert "Traceback" not in log
    _assert_alone(life)


def _assert_alone(life: Life) -> None:
    """Whom the processes of the server have asked for anything: its own database and Redis."""
    heard = life.heard.read_text(encoding="utf-8").splitlines()
    started = [line for line in heard if line.startswith("subprocess.Popen")]
    # The worker that opens pictures, and nothing by the name of a stranger.
    assert started and all("realtime" in line and "planted" not in line for line in started)
    assert not [line for line in heard if line.startswith("os.system")]
    asked = {line for line in heard if line.startswith("socket.")}
    assert asked == {f"socket.connect ({place!r},)" for place in life.friends}
