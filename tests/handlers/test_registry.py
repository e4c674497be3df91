"""Each command has exactly one handler; its failure is one answer, never a lost socket."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from msgspec import Struct

from realtime.errors import Unavailable
from realtime.handlers import registry
from realtime.handlers.registry import handles
from realtime.protocol import FollowSet, ProfileGet
from realtime.results import Drafted
from tests.client import eventually
from tests.deployments import Town


def test_every_command_has_a_handler() -> None:
    registry.load()


def test_a_command_without_a_handler_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    registry.load()
    without = {k: v for k, v in registry._handlers.items() if k is not FollowSet}
    monkeypatch.setattr(registry, "_handlers", without)
    with pytest.raises(RuntimeError, match=r"no handler for follow\.set"):
        registry.load()


def test_a_second_handler_for_a_command_stops_the_start() -> None:
    registry.load()
    with pytest.raises(RuntimeError, match=r"two handlers for follow\.set"):

        @handles(FollowSet)
        async def again(context: Any, command: FollowSet) -> Struct:
            raise NotImplementedError


@pytest.mark.parametrize(
    ("error", "code"), [(Unavailable("down"), "unavailable"), (KeyError("secret"), "internal")]
)
async def test_a_handler_that_fails_is_answered_without_detail_and_the_socket_lives(
    town: Town,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    code: str,
) -> None:
    monkeypatch.setattr(registry, "_woes", registry.Woes())

    async def broken(context: Any, command: ProfileGet) -> Struct:
        raise error

    broken_one: Callable[[Any, Any], Awaitable[Struct]] = broken
    async with town.ada.window() as ada:
        with monkeypatch.context() as patch:
            handlers: dict[Any, Any] = {**registry._handlers, ProfileGet: broken_one}
            patch.setattr(registry, "_handlers", handlers)
            answer = await ada.answer("profile.get", name="bob")
        assert answer["code"] == code
        assert "secret" not in str(answer) and "down" not in answer["message"]
        assert ("retry_after" in answer) == (code == "unavailable")
        assert (await ada.ask("profile.get", name="bob"))["user"]["name"] == "bob"
        await eventually(lambda: any("profile.get" in r.getMessage() for r in caplog.records))


def test_an_outage_is_a_line_a_second_however_many_commands_it_refuses(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(registry, "QUIET_S", 3_600.0)
    woes = registry.Woes()
    for _ in range(1_000):
        woes.say("timeline.get", Unavailable("down"))
    monkeypatch.setattr(woes, "_quiet_until_s", 0.0)
    woes.say("post.create", Unavailable("down"))
    assert [record.getMessage() for record in caplog.records] == [
        "timeline.get is unavailable: Unavailable (0 more before it)",
        "post.create is unavailable: Unavailable (999 more before it)",
    ]


async def test_an_answer_that_cannot_be_sent_ends_the_socket_and_is_not_tried_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    async def unsendable(context: Any, command: ProfileGet) -> Struct:
        asked.append(command.ref)
        return Drafted({"n": 2**70})

    one: Callable[[Any, Any], Awaitable[Struct]] = unsendable
    async with town.ada.window() as ada:
        handlers: dict[Any, Any] = {**registry._handlers, ProfileGet: one}
        monkeypatch.setattr(registry, "_handlers", handlers)
        for ref in (7, 8):
            await ada.socket.send(f'{{"type":"profile.get","ref":{ref},"name":"bob"}}')
        assert await ada.closed() == 1011
        assert asked == [7]
