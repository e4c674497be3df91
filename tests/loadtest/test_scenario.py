"""The load test's people: what they measure is true, and a short run of them really works."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from loadtest.scenario import Identity, Inbox, Roster, frame, sent_at, stamped
from realtime import codec, text
from realtime.commands.fixture import fixture
from realtime.config import Config
from tests.server import serving
from tests.services import free_port

ROOT = Path(__file__).parent.parent.parent


def event(words: str, *, id: str = "9", seq: int = 9, author: str = "1", **more: Any) -> Any:
    noun = {
        "kind": "post",
        "id": id,
        "seq": seq,
        "author": {"id": author},
        "text": words,
        "deleted": False,
        **more,
    }
    return {"type": "event", "topic": f"author:{author}", "noun": noun}


@pytest.mark.parametrize("now_s", [1_800_000_000.0, 1_800_000_000.123456])
def test_a_stamp_comes_back_to_the_microsecond(now_s: float) -> None:
    words = stamped(random.Random(1), now_s)
    assert sent_at(words) == pytest.approx(now_s, abs=2e-6)
    assert text.post_text(words, may_be_empty=False) == words


@pytest.mark.parametrize("words", ["", "hello", "⏱12", "⏱1800000000000000 and more"])
def test_a_post_without_a_stamp_is_not_measured(words: str) -> None:
    assert sent_at(words) is None


def test_a_push_is_measured_from_the_authors_hand() -> None:
    inbox = Inbox("2")
    push = inbox.take(event(stamped(random.Random(1), 100_000_000.0)), 300, 100_000_000.025)
    assert push is not None
    assert push.latency_ms == pytest.approx(25, abs=0.01)
    assert push.size_bytes == 300
    assert list(inbox.recent) == ["9"]


def test_ones_own_posts_and_tombstones_are_not_measured() -> None:
    inbox = Inbox("2")
    words = stamped(random.Random(1), 1e9)
    assert inbox.take(event(words, author="2"), 1, 1e9) is None
    assert inbox.take(event("", id="10", deleted=True), 1, 1e9) is None
    assert list(inbox.recent) == ["9"]


def test_an_event_that_comes_twice_is_noticed_but_not_after_a_resume() -> None:
    inbox = Inbox("2")
    words = stamped(random.Random(1), 1e9)
    assert inbox.take(event(words), 1, 1e9) is not None
    assert inbox.take(event(words), 1, 1e9) is None
    assert inbox.doubled == 1
    inbox.resumed()
    inbox.take(event(words), 1, 1e9)
    assert inbox.doubled == 1


def test_the_last_cursor_is_kept_for_the_resume() -> None:
    inbox = Inbox("2")
    inbox.take({"type": "heartbeat", "cursor": "a.1", "now": ""}, 1, 1e9)
    inbox.take({"type": "goodbye", "code": 4000, "reason": "", "cursor": "a.2"}, 1, 1e9)
    assert inbox.cursor == "a.2"


def test_a_page_is_remembered_newest_last() -> None:
    inbox = Inbox("2")
    post = {"kind": "post", "id": "5", "deleted": False}
    other = {"kind": "post", "id": "3", "deleted": False}
    gone = {"kind": "post", "id": "4", "deleted": True}
    inbox.seen([post, gone, {"kind": "retweet", "id": "6", "post": other}])
    assert list(inbox.recent) == ["3", "5"]


def test_nobody_is_played_twice() -> None:
    roster = Roster([Identity("1", "a", "c"), Identity("2", "b", "d")])
    first, second = roster.take(), roster.take()
    assert first is not None and second is not None and first != second
    assert roster.take() is None
    assert roster.enter(first, 5, random.Random(1)) == []
    assert roster.enter(second, 5, random.Random(1)) == ["1"]
    roster.give_back(first)
    assert roster.take() == first


def test_a_file_that_is_not_a_fixtures_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cookies").write_text("1\ta\tsid=x\n2 b\n", encoding="utf-8")
    with pytest.raises(ValueError, match="line 2"):
        Roster.read(tmp_path / "cookies")


def test_commands_are_those_of_the_protocol() -> None:
    sent = frame("timeline.get", 7, name="home", before=None)
    assert json.loads(sent) == {"type": "timeline.get", "ref": 7, "name": "home"}
    codec.decode(sent)


async def run(until: Callable[[], bool], *arguments: str) -> tuple[int, str]:
    """A headless run that is ended as soon as `until` is true; its exit status, what it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "locust", "-f", "loadtest/locustfile.py", "--headless"),
        *("-t", "100s", *arguments),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    ended = asyncio.create_task(process.communicate())
    try:
        async with asyncio.timeout(100):
            while not until() and not ended.done():  # noqa: ASYNC110 - counters send no message
                await asyncio.sleep(0.05)
            if not ended.done():
                process.send_signal(signal.SIGTERM)
            said, _ = await ended
    finally:
        if process.returncode is None:
            process.kill()
            await ended
    assert process.returncode is not None
    return process.returncode, said.decode()


class Answered:
    """How often this process has answered each command with `ok`, from now on."""

    def __init__(self, *types: str) -> None:
        self._before = {type: _count(type) for type in types}

    def __call__(self) -> bool:
        """Whether each came at least twice."""
        return all(_count(type) >= before + 2 for type, before in self._before.items())


def _count(type: str) -> float:
    labels = {"type": type, "code": "ok"}
    return REGISTRY.get_sample_value("realtime_commands_total", labels) or 0.0


async def test_a_run_measures_every_verb_and_the_pushes(config: Config, tmp_path: Path) -> None:
    cookies = tmp_path / "cookies"
    verbs = ("post.create", "react.set", "retweet.set", "timeline.get", "watch.set", "post.thread")
    await fixture(config, 6, 5, cookies)
    async with serving(config) as server:
        status, said = await run(
            Answered(*verbs),
            *("-u", "6", "-r", "6", "--host", server.url, "--cookies", str(cookies)),
        )
    assert status == 0, said
    for row in (*verbs, "post to follower"):
        assert row in said, said


async def test_newcomers_register_and_follow(config: Config) -> None:
    async with serving(config) as server:
        status, said = await run(
            Answered("follow.set", "post.create"), "-u", "3", "-r", "3", "--host", server.url
        )
    assert status == 0, said
    assert "register" in said and "follow.set" in said


async def test_a_run_against_nobody_fails() -> None:
    address = f"http://127.0.0.1:{free_port()}"
    status, said = await run(lambda: False, "-u", "1", "-r", "1", "-t", "4s", "--host", address)
    assert status == 1, said
