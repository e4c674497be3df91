"""The safe cursor: a number is handed out before its commit, and nothing is lost by it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from realtime import visibility
from realtime.bell import Bell
from realtime.change import Change, Telling
from realtime.errors import Forgotten, Refusal
from realtime.hub.bus import LocalBus
from realtime.hub.fastlane import frame
from realtime.hub.hub import Hub
from realtime.hub.outbox import Outbox
from realtime.hub.plain import unframed
from realtime.hub.ring import Ring
from realtime.store import events, publish
from realtime.store.database import Database, Tx
from realtime.tail import Tail
from tests.client import follow, window
from tests.client import post as say_it
from tests.deployments import Town
from tests.hub.test_outbox import Pipe, turn
from tests.people import fresh_database, register
from tests.server import Running


@pytest.fixture
async def late(postgres_url: str) -> AsyncIterator[Database]:
    """Only PostgreSQL has several writers; on SQLite the second one waits."""
    async with fresh_database(postgres_url) as database:
        yield database


def draft(author_id: int, text: str) -> publish.Draft:
    return publish.Draft(author_id, uuid.uuid4().hex, text, [], None, None)


class Gate(asyncio.Event):
    """A transaction waits here, all written; `reached` is set when it does."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = asyncio.Event()


async def say(change: Change, author_id: int, text: str, gate: Gate | None = None) -> int:
    """Publish; with a gate the transaction stays open, all written, until it opens."""

    async def deed(tx: Tx, telling: Telling) -> int:
        created = (await publish.create(tx, [draft(author_id, text)], 1))[0]
        assert not isinstance(created, Refusal)
        telling.noun(visibility.author(author_id), created.post)
        await events.append(
            tx, [events.Told(created.post.seq, 999, events.POST, int(created.post.id), ())], 1
        )
        if gate is not None:
            gate.reached.set()
            await gate.wait()
        return int(created.post.id)

    return await change(deed)


async def test_a_bare_cursor_loses_a_post_that_commits_late_and_ours_does_not(
    late: Database,
) -> None:
    authors = [await register(late, "one"), await register(late, "two")]
    topics = [visibility.author(author) for author in authors]
    change, gate = Change(late, LocalBus()), Gate()
    _, watermark = await events.tail(late, 2**62)
    slow = asyncio.create_task(say(change, authors[0], "first number, last commit", gate))
    await gate.reached.wait()
    quick_id = await say(change, authors[1], "second number, first commit")

    async def bare(cursor: int) -> list[int]:
        rows = await late.fetch_all(
            "SELECT seq FROM events WHERE topic = ANY(:topics) AND seq > :cursor ORDER BY seq",
            {"topics": topics, "cursor": cursor},
        )
        return [row["seq"] for row in rows]

    seen = await bare(0)
    assert seen == [quick_id]
    ours, watermark = await events.tail(late, watermark)
    assert [line.noun_id for line in ours if line.topic in topics] == [quick_id]

    gate.set()
    slow_id = await slow
    assert slow_id < quick_id
    assert await bare(seen[-1]) == [], "this is the post that a bare cursor never finds"
    found, watermark = await events.tail(late, watermark)
    assert {line.noun_id for line in found if line.topic in topics} == {slow_id, quick_id}
    settled, _ = await events.tail(late, watermark)
    assert settled == [], "below the horizon nothing can still appear"


@pytest.mark.parametrize("config", ["production"], indirect=True)
async def test_while_a_write_stays_open_elsewhere_posts_arrive_and_only_the_cursor_waits(
    server: Running, town: Town
) -> None:
    world = server.application.world
    assert world is not None
    gate, open_now = asyncio.Event(), asyncio.Event()

    async def stay(tx: Tx) -> None:
        await tx.next_seq()
        await tx.fetch_val("SELECT CAST(pg_current_xact_id() AS text)")
        open_now.set()
        await gate.wait()

    async with town.ada.window() as ada, town.bob.window() as bob:
        await follow(bob, town.ada)
        await server.reconcile()
        holder = asyncio.create_task(world.database.run_tx(stay, deadline_s=60))
        await open_now.wait()
        await server.reconcile()
        before = world.feed.tail.watermark
        await say_it(ada, "while it stays open")
        assert (await bob.noun("post"))["text"] == "while it stays open"
        await server.reconcile()
        assert world.feed.tail.watermark == before
        gate.set()
        await holder
        await server.reconcile()
        assert world.feed.tail.watermark > before


async def test_on_sqlite_a_second_writer_waits_and_nothing_is_lost(tmp_path: Path) -> None:
    async with fresh_database(f"sqlite:///{tmp_path / 'one.db'}") as database:
        author = await register(database, "author")
        change, gate = Change(database, LocalBus()), Gate()
        _, watermark = await events.tail(database, 2**62)
        slow = asyncio.create_task(say(change, author, "first", gate))
        await gate.reached.wait()
        quick = asyncio.create_task(say(change, author, "second"))
        await asyncio.wait([quick], timeout=0.1)
        assert not quick.done()
        gate.set()
        ids = [await slow, await quick]
        lines, _ = await events.tail(database, watermark)
        topic = visibility.author(author)
        assert [line.noun_id for line in lines if line.topic == topic] == ids


async def test_since_says_so_when_it_cannot_tell_all(tmp_path: Path) -> None:
    async with fresh_database(f"sqlite:///{tmp_path / 'one.db'}") as database:

        async def tell(tx: Tx) -> None:
            told = [events.Told(seq, 4, events.POST, seq, (1, 2)) for seq in range(1, 1_002)]
            await events.append(tx, told, 1_000)

        await database.run_tx(tell)
        with pytest.raises(Forgotten):
            await events.since(database, [4, 8], 0)
        assert len(await events.since(database, [4, 8], 2)) == 1_000
        assert await events.since(database, [8], 0) == []
        await database.run_tx(lambda tx: events.forget(tx, 1_001))
        with pytest.raises(Forgotten):
            await events.since(database, [4], 1_001)
        assert await events.since(database, [4], 1_002) == []


async def test_the_log_is_forgotten_by_age_and_says_from_where_it_is_whole(
    late: Database,
) -> None:
    async def tell(at_ms: int) -> None:
        async def deed(tx: Tx) -> None:
            await events.append(tx, [events.Told(at_ms, 4, events.POST, at_ms, ())], at_ms)

        await late.run_tx(deed)

    _, start = await events.tail(late, 2**62)
    await tell(1)
    _, middle = await events.tail(late, 2**62)
    await tell(2)
    await late.run_tx(lambda tx: events.forget(tx, 2))
    with pytest.raises(Forgotten):
        await events.since(late, [4], start)
    assert [line.seq for line in await events.since(late, [4], middle)] == [2]


async def test_a_restored_database_is_another_epoch(server: Running, town: Town) -> None:
    world = server.application.world
    assert world is not None
    async with town.ada.window() as ada:
        cursor = ada.welcome["cursor"]
    await world.database.run_tx(lambda tx: tx.execute("UPDATE log SET word = 'restored'"))
    world.feed.tail.epoch = await events.epoch(world.database)
    async with town.ada.window(cursor) as ada:
        assert ada.welcome["resumed"] is False


@pytest.mark.parametrize(
    "cursor", ["", "x", "1.2", "é.7", "a" * 400, "{epoch}.99999999999", "{epoch}."]
)
async def test_a_cursor_that_is_none_of_ours_starts_afresh_and_is_no_error(
    server: Running, town: Town, cursor: str
) -> None:
    world = server.application.world
    assert world is not None
    asked = cursor.replace("{epoch}", world.feed.tail.epoch)
    async with window(server.url, town.ada.cookie, asked) as ada:
        assert ada.welcome["type"] == "welcome"
        assert ada.welcome["resumed"] is False


async def test_one_who_leaves_while_the_log_is_read_holds_up_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of three who wait, the one that began the second reading is cut off."""
    async with fresh_database(f"sqlite:///{tmp_path / 'test.db'}") as database:
        tail = Tail(database, Hub(), lambda told: 0, Ring())
        await tail.start()
        read, gate = events.tail, Gate()

        async def slow(db: Database, watermark: int) -> tuple[list[events.Line], int]:
            gate.reached.set()
            await gate.wait()
            return await read(db, watermark)

        monkeypatch.setattr(events, "tail", slow)
        first = asyncio.create_task(tail.read())
        await gate.reached.wait()
        leaving = asyncio.create_task(tail.read())
        await asyncio.sleep(0)
        sharing = asyncio.create_task(tail.read())
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.wait([leaving])
        first.cancel()
        await asyncio.wait([first])
        gate.set()
        async with asyncio.timeout(5):
            await sharing
            await tail.read()


async def test_what_embeds_a_post_is_told_though_that_posts_end_comes_with_it(
    tmp_path: Path,
) -> None:
    """The tombstone scrubs those words from memory; who listens was to hear both, in order."""
    async with fresh_database(f"sqlite:///{tmp_path / 'test.db'}") as database:
        hub, pipe, ring = Hub(), Pipe(), Ring()
        tail = Tail(database, hub, lambda told: 0, ring)
        hub.join(Outbox(pipe, hub.due), [1])

        def rung(seq: int, post_id: int, body: bytes, *embeds: int) -> Bell:
            return Bell(events.Line(seq, seq, 1, events.POST, post_id, (), 0), body, (), embeds)

        together = [rung(1, 10, b"quotes 5", 5), rung(2, 5, b"5 is gone"), rung(3, 10, b"newer")]
        tail.heard([*together, together[0]])
        await turn()
        assert [p for d in pipe.written for p in unframed(d)] == [
            b"quotes 5",
            b"5 is gone",
            b"newer",
        ]
        assert [told.frame for told in ring.on([1], 0)] == [frame(b"5 is gone"), frame(b"newer")]
