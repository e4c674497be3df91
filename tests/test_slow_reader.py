"""A reader that stops: what it asked for, what it is owed, and its goodbye."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from realtime import reconcile, visibility
from realtime.change import Telling
from realtime.channels import Channels
from realtime.config import Config
from realtime.errors import SLOW, Goodbye
from realtime.hub.outbox import MERGE_BYTES
from realtime.store import greeting, relation
from realtime.store.database import Tx
from tests.client import eventually, person, post
from tests.deployments import Town
from tests.server import Running, serving
from tests.test_feed import stopped_reader
from tests.test_reconcile import job

PAGE_BYTES = 200_000


async def test_answers_that_nobody_reads_are_not_made(config: Config) -> None:
    """A window that asks and asks, and never reads, holds one answer more than its bound."""
    async with (
        serving(config, send_buffer=16 * 1024) as server,
        person(server.url, "ada") as writer,
        person(server.url, "bob") as reader,
        writer.window() as ada,
        reader.window() as bob,
        stopped_reader(server, reader) as stuck,
    ):
        world = server.application.world
        assert world is not None
        for i in range(40):
            await post(ada, f"{i} " + "🌊" * 490)
        await eventually(lambda: world.feed.sockets_of(int(reader.id)) == 2)
        ears = [ear for ear in world.feed.ears if ear.user_id == int(reader.id)]
        for _ in range(30):
            ask(stuck, "timeline.get", name="explore", limit=100)
        most = 0
        for _ in range(60):
            await bob.ask("timeline.get", name="explore", limit=5)
            most = max(most, *(ear.outbox.waiting_bytes for ear in ears))
        assert MERGE_BYTES < most <= MERGE_BYTES + PAGE_BYTES
        stuck.abort()
        await eventually(lambda: world.feed.sockets_of(int(reader.id)) == 1)


async def test_only_who_reads_nothing_for_long_is_parted_with(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "STUCK_S", 0.2)
    async with (
        serving(config, send_buffer=16 * 1024) as server,
        person(server.url, "ada") as writer,
        person(server.url, "bob") as reader,
        writer.window() as ada,
        reader.window() as bob,
        stopped_reader(server, reader) as stuck,
    ):
        world = server.application.world
        assert world is not None
        for i in range(40):
            await post(ada, f"{i} " + "🌊" * 490)
        await eventually(lambda: world.feed.sockets_of(int(reader.id)) == 2)
        ears = list(world.feed.ears)
        said: list[tuple[int, int]] = []  # which socket, and with which code
        for place, ear in enumerate(ears):
            ear.close = lambda goodbye, place=place: said.append((place, goodbye.code))  # type: ignore[misc]
        for _ in range(3):
            ask(stuck, "timeline.get", name="explore", limit=100)
        await eventually(lambda: any(ear.outbox.waiting_bytes for ear in ears))
        look = job(server)._look
        async with asyncio.timeout(10):
            while not said:
                await look()
                await bob.ask("timeline.get", name="explore", limit=5)
                await ada.ask("timeline.get", name="explore", limit=5)
        [stalled] = [place for place, ear in enumerate(ears) if ear.outbox.waiting_bytes]
        assert set(said) == {(stalled, 4008)}
        stuck.abort()


def ask(stuck: asyncio.WriteTransport, type: str, **fields: Any) -> None:
    """A command of one who reads no answer."""
    text = json.dumps({"type": type, "ref": 1, **fields}).encode()
    stuck.write(bytes([0x81, 0x80 | len(text)]) + bytes(4) + text)


async def test_whoever_is_behind_hears_the_goodbye_too(server: Running, town: Town) -> None:
    world = server.application.world
    assert world is not None
    async with town.ada.window() as ada:
        [ear] = world.feed.ears
        world.feed._fell_behind(ear, 7)
        behind = await ada.until(lambda frame: frame["type"] == "behind")
        ear.close(Goodbye(SLOW, "too slow"))
        assert await ada.closed() == 4008
        assert (ada.frames[-1]["type"], ada.frames[-1]["code"]) == ("goodbye", 4008)
        assert ada.frames[-1]["cursor"] == behind["cursor"] == ada.welcome["cursor"]


async def test_welcome_is_the_first_that_a_socket_is_told(
    server: Running, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A heartbeat that is due meanwhile has nothing to promise yet."""
    world = server.application.world
    assert world is not None
    gate, by_users = asyncio.Event(), greeting.by_users

    async def slow(*given: Any) -> Any:
        await gate.wait()
        return await by_users(*given)

    with monkeypatch.context() as patch:
        patch.setattr(greeting, "by_users", slow)

        async def beat() -> None:
            await eventually(lambda: len(world.feed.ears) == 1)
            world.feed.heartbeat(list(world.feed.ears))
            gate.set()

        async with asyncio.TaskGroup() as group:
            group.create_task(beat())
            async with town.ada.window() as ada:
                assert ada.frames[0]["type"] == "welcome"


async def test_a_second_hello_is_not_undone_by_an_older_look_at_the_audience(
    server: Running, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = server.application.world
    assert world is not None
    need, gate, reached = Channels.need, asyncio.Event(), asyncio.Event()

    async def held(self: Channels, topics: set[int]) -> None:
        if not reached.is_set() and visibility.author(int(town.eve.id)) in topics:
            reached.set()
            await gate.wait()
        await need(self, topics)

    async def set_follow(who: str, whom: str) -> None:
        async def deed(tx: Tx, telling: Telling) -> None:
            done = await relation.follow(tx, int(who), int(whom), True, 1)
            telling.noun(visibility.me(int(who)), done.mine)

        assert world is not None
        await world.change(deed)

    async with town.ada.window() as ada, town.bob.window() as bob:
        monkeypatch.setattr(Channels, "need", held)
        await set_follow(town.bob.id, town.eve.id)
        await reached.wait()
        await set_follow(town.bob.id, town.ada.id)
        again = asyncio.create_task(bob.answer("hello"))
        await asyncio.wait([again], timeout=0.5)  # it waits for the older look, or overtakes it
        gate.set()
        assert (await again)["type"] == "welcome"
        mine = await post(ada, "heard")
        await bob.noun("post", id=mine["id"])


async def test_whoever_resumes_in_place_hears_their_numbers_as_they_are_now(
    server: Running, town: Town
) -> None:
    """Counts and mine are state: what waited of them was dropped, and is in no log."""
    world = server.application.world
    assert world is not None
    async with town.ada.window() as slow:
        [ear] = world.feed.ears
        async with town.ada.window() as other, town.bob.window() as bob:
            mine = await post(bob, "look at me")
            await slow.ask("watch.set", post_ids=[mine["id"]])
            world.feed._fell_behind(ear, 0)
            await slow.until(lambda frame: frame["type"] == "behind")
            done = await other.ask("react.set", post_id=mine["id"], emoji="🌊", on=True)
            await other.noun("mine")
            assert slow.seen("mine") == slow.seen("counts") == []
            await slow.ask("hello", cursor=slow.cursor)
            assert await slow.noun("mine", v=done["mine"]["v"]) == done["mine"]
            assert await slow.noun("counts", v=done["counts"]["v"]) == done["counts"]
