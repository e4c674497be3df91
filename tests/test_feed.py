"""Resume and reconciliation: what was missed comes, once, and a promise is never early."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from realtime import metrics
from realtime.config import Config
from realtime.hub.bus import RedisBus
from realtime.hub.outbox import BEHIND_BYTES, MERGE_BYTES
from tests.client import Person, eventually, follow, person, post, window
from tests.deployments import KEY, Town
from tests.server import Running, serving
from tests.services import Redis


def repairs() -> float:
    """What readings of the log have handed to listeners, so far in this process."""
    return metrics.repairs._value.get()  # type: ignore[no-any-return]


async def test_what_was_missed_comes_after_welcome_and_before_what_is_live(
    server: Running, town: Town
) -> None:
    async with town.ada.window() as ada:
        async with town.bob.window() as bob:
            await follow(bob, town.ada)
            first = await post(ada, "before")
            await bob.noun("post", text="before")
            cursor = bob.welcome["cursor"]
        await post(ada, "missed 1")
        await post(ada, "missed 2")
        await ada.ask("post.delete", post_id=first["id"])
        async with town.bob.window(cursor) as bob:
            assert bob.welcome["resumed"] is True
            await post(ada, "live")
            await bob.noun("post", text="live")
            posts = bob.seen("post")
            assert [p["text"] for p in posts] == ["missed 1", "missed 2", "", "live"]
            assert posts[2]["deleted"] and posts[2]["id"] == first["id"]
            assert "before" not in json.dumps(bob.frames), "a replay never says deleted words"


async def test_nothing_comes_twice_on_one_socket(server: Running, town: Town) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob:
        await follow(bob, town.ada)
        for i in range(20):
            await post(ada, f"{i}")
            if i % 5 == 0:
                await server.reconcile()
        await bob.noun("post", text="19")
        await server.reconcile()
        await bob.quiet()
        keys = [(e["topic"], e["noun"]["kind"], e["noun"]["id"], e["noun"]["seq"])
                for e in bob.events if e["noun"]["kind"] == "post"]  # fmt: skip
        assert len(keys) == len(set(keys)) == 20


async def test_only_the_reconciliation_moves_the_cursor(server: Running, town: Town) -> None:
    world = server.application.world
    assert world is not None
    async with town.ada.window() as ada, town.bob.window() as bob:
        await follow(bob, town.ada)
        before = bob.welcome["cursor"]
        await post(ada, "one")
        await bob.noun("post", text="one")

        async def beat() -> str:
            count = sum(f["type"] == "heartbeat" for f in bob.frames)
            world.feed.heartbeat(list(world.feed.ears))
            await eventually(lambda: sum(f["type"] == "heartbeat" for f in bob.frames) > count)
            cursor: str = [f["cursor"] for f in bob.frames if f["type"] == "heartbeat"][-1]
            return cursor

        assert await beat() == before
        await server.reconcile()
        after = await beat()
        assert after != before
    async with town.bob.window(after) as bob:
        assert bob.welcome["resumed"] is True
        await bob.quiet()
        assert bob.seen("post") == []


async def test_a_second_hello_resumes_in_place(town: Town) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob:
        await follow(bob, town.ada)
        await post(ada, "one")
        await bob.noun("post", text="one")
        again = await bob.answer("hello", cursor=bob.welcome["cursor"])
        assert (again["type"], again["resumed"]) == ("welcome", True)
        await post(ada, "two")
        await bob.noun("post", text="two")
        place = bob.frames.index(again)
        later = [f["noun"]["text"] for f in bob.frames[place:] if f["type"] == "event"
                 and f["noun"]["kind"] == "post"]  # fmt: skip
        assert later == ["one", "two"]


async def test_too_much_to_replay_is_said_and_not_cut_short(server: Running, town: Town) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob:
        await follow(bob, town.ada)
        cursor = bob.welcome["cursor"]
        await bob.shut()
        for _ in range(11):
            await asyncio.gather(*(post(ada, "x") for _ in range(30)))
        last = await post(ada, "last")
        async with town.bob.window(cursor) as back:
            assert back.welcome["resumed"] is True
            await back.noun("post", id=last["id"])
            assert len(back.seen("post")) == 331
        for _ in range(23):
            await asyncio.gather(*(post(ada, "x") for _ in range(30)))
        async with town.bob.window(cursor) as back:
            assert back.welcome["resumed"] is False
            await back.quiet()
            assert back.seen("post") == []


async def test_with_every_publication_thrown_away_all_converge_within_one_reconciliation(
    server: Running, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = server.application.config
    async with serving(config) as second:
        if not config.redis_urls:
            second = server
        async with (
            town.ada.window() as ada,
            window(second.url, town.bob.cookie) as bob,
            town.eve.window() as eve,
        ):
            await follow(bob, town.ada)
            await follow(eve, town.ada)
            await server.reconcile()
            await second.reconcile()
            thrown: list[str] = []

            def throw(self: object, channel: str, payload: bytes) -> None:
                if channel == f"author:{town.ada.id}":
                    thrown.append(channel)

            for bus in {type(s.application._bus) for s in (server, second)}:
                monkeypatch.setattr(bus, "publish", throw)
            before = repairs()
            texts = [(await post(ada, f"lost {i}"))["text"] for i in range(7)]
            await bob.quiet()
            assert bob.seen("post") == []
            await server.reconcile()
            if second is not server:
                await second.reconcile()
            for reader in (ada, bob, eve):
                await reader.noun("post", text=texts[-1])
                assert [p["text"] for p in reader.seen("post")] == texts
            processes = 1 if second is server else 2
            assert repairs() - before == len(thrown) * processes == 7 * processes


async def test_after_a_restart_of_redis_convergence_is_immediate(
    postgres_url: str, mortal_redis: Redis, tmp_path: Path
) -> None:
    lonely = Config(
        database_url=postgres_url,
        redis_urls=(mortal_redis.url,),
        uploads=tmp_path,
        secret_keys=(KEY,),
        rate_limits=False,
        pool=4,
    )
    async with serving(lonely) as server:
        assert isinstance(server.application._bus, RedisBus)
        async with (
            person(server.url, "kim") as kim,
            person(server.url, "lea") as lea,
            kim.window() as author,
            lea.window() as reader,
        ):
            await follow(reader, kim)
            await asyncio.to_thread(mortal_redis.kill)
            lost = await post(author, "said while Redis was away")
            await asyncio.to_thread(mortal_redis.start)
            found = await reader.noun("post", within_s=10, id=lost["id"])
            assert found["text"] == lost["text"]
            await post(author, "and after")
            await reader.noun("post", within_s=10, text="and after")


async def test_a_reader_that_stops_costs_bounded_memory_and_nobody_elses_time(
    config: Config,
) -> None:
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
        await follow(bob, writer)
        await eventually(lambda: world.feed.sockets_of(int(reader.id)) == 2)
        ears = [ear for ear in world.feed.ears if ear.user_id == int(reader.id)]
        most = 0
        for i in range(200):
            await asyncio.gather(*(post(ada, f"{i} " + "🌊" * 490) for _ in range(30)))
            most = max(most, *(ear.outbox.waiting_bytes for ear in ears))
            if any(ear.outbox.is_behind for ear in ears):
                break
        last = await post(ada, "last")
        await bob.noun("post", id=last["id"], within_s=10)
        assert [ear.outbox.is_behind for ear in ears] == [False, True]
        assert most <= BEHIND_BYTES + 2 * MERGE_BYTES
        stuck.abort()


@asynccontextmanager
async def stopped_reader(server: Running, who: Person) -> AsyncIterator[asyncio.WriteTransport]:
    """A window that said hello, and has read nothing since; its kernel takes little."""
    taken = socket.socket()
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    taken.connect(("127.0.0.1", server.port))
    reader, writer = await asyncio.open_connection(sock=taken)
    writer.write(
        f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        f"Sec-WebSocket-Version: 13\r\nOrigin: {server.url}\r\n"
        f"Cookie: {who.cookie}\r\n\r\n".encode()
    )
    await reader.readuntil(b"\r\n\r\n")
    hello = b'{"type":"hello","ref":1}'
    writer.write(bytes([0x81, 0x80 | len(hello)]) + bytes(4) + hello)
    transport = writer.transport
    assert isinstance(transport, asyncio.Transport)
    transport.pause_reading()
    try:
        yield transport
    finally:
        transport.abort()
        with suppress(OSError):
            await writer.wait_closed()
