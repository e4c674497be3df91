"""Sessions end when they are ended, unseen or old; a ticket is good once."""

from __future__ import annotations

import asyncio

import pytest

from realtime.store import account, session
from realtime.store.account import NewAccount
from realtime.store.database import Database
from realtime.store.migrate import migrate
from realtime.store.session import Signed, Start

NOW = 1_700_000_000_000
MINUTE = 60_000
DAY = 24 * 60 * MINUTE


@pytest.fixture(autouse=True)
async def tables(database: Database) -> None:
    await migrate(database)


@pytest.fixture
async def ada(database: Database) -> int:
    return await person(database, "ada")


async def person(database: Database, name: str) -> int:
    return await database.run_tx(
        lambda tx: account.register(tx, NewAccount(name, name, "hash"), NOW)
    )


async def start(database: Database, user_id: int, token: str, now_ms: int = NOW) -> int:
    new = Start(user_id, token, "Firefox on Linux", "192.0.2.1")
    return await database.run_tx(lambda tx: session.start(tx, new, now_ms))


async def touch(database: Database, session_id: int, now_ms: int, address: str | None) -> None:
    await database.run_tx(lambda tx: session.touch(tx, [session_id], now_ms, address=address))


async def lend(database: Database, ticket: str, session_id: int, now_ms: int = NOW) -> bool:
    return await database.run_tx(lambda tx: session.lend_ticket(tx, ticket, session_id, now_ms))


async def test_many_are_found_at_once_and_what_is_none_is_told(
    database: Database, ada: int
) -> None:
    ids = [await start(database, ada, token) for token in ("one", "two")]
    await start(database, ada, "old", NOW - 100 * DAY)
    found = await session.by_hashes(database, ["two", "old", "unknown", "one"], NOW)
    assert found == {
        "two": Signed(ids[1], ada),
        "old": None,
        "unknown": None,
        "one": Signed(ids[0], ada),
    }


async def test_a_session_is_found_by_its_token(database: Database, ada: int) -> None:
    session_id = await start(database, ada, "token")

    assert await session.resolve(database, "token", NOW) == Signed(session_id, ada)
    assert await session.resolve(database, "other", NOW) is None


async def test_a_session_ends_after_two_weeks_without_a_sign_of_life(
    database: Database, ada: int
) -> None:
    session_id = await start(database, ada, "token")

    assert await session.resolve(database, "token", NOW + 14 * DAY - 1) is not None
    assert await session.resolve(database, "token", NOW + 14 * DAY) is None
    assert await session.alive(database, [session_id], NOW + 14 * DAY) == set()
    assert await session.of_user(database, ada, NOW + 14 * DAY) == []


async def test_a_session_ends_after_ninety_days_whatever_happens(
    database: Database, ada: int
) -> None:
    session_id = await start(database, ada, "token")
    for day in range(10, 90, 10):
        await touch(database, session_id, NOW + day * DAY, None)

    assert await session.resolve(database, "token", NOW + 90 * DAY - 1) is not None
    assert await session.resolve(database, "token", NOW + 90 * DAY) is None


async def test_what_has_ended_unseen_cannot_be_revived(database: Database, ada: int) -> None:
    session_id = await start(database, ada, "token")

    await touch(database, session_id, NOW + 15 * DAY, None)

    assert await session.resolve(database, "token", NOW + 15 * DAY) is None


async def test_signs_of_life_are_written_down_every_five_minutes(
    database: Database, ada: int
) -> None:
    session_id = await start(database, ada, "token")
    fresh = await session.resolve(database, "token", NOW)
    assert fresh is not None
    assert not fresh.is_stale(NOW + 5 * MINUTE)
    assert fresh.is_stale(NOW + 5 * MINUTE + 1)

    await touch(database, session_id, NOW + 4 * MINUTE, "192.0.2.2")
    [device] = await session.of_user(database, ada, NOW)
    assert (device.seen_ms, device.address) == (NOW, "192.0.2.1")

    await touch(database, session_id, NOW + 6 * MINUTE, "192.0.2.2")
    [device] = await session.of_user(database, ada, NOW)
    assert (device.seen_ms, device.address) == (NOW + 6 * MINUTE, "192.0.2.2")

    await touch(database, session_id, NOW + 20 * MINUTE, None)
    [device] = await session.of_user(database, ada, NOW)
    assert (device.seen_ms, device.address) == (NOW + 20 * MINUTE, "192.0.2.2")


async def test_only_those_that_live_are_alive(database: Database, ada: int) -> None:
    first = await start(database, ada, "first")
    second = await start(database, ada, "second")
    await database.run_tx(lambda tx: session.end(tx, ada, first))

    assert await session.alive(database, [first, second, 12345], NOW) == {second}
    assert await session.alive(database, [], NOW) == set()


async def test_the_latest_seen_comes_first(database: Database, ada: int) -> None:
    older = await start(database, ada, "older", NOW)
    newer = await start(database, ada, "newer", NOW + 1)
    stranger = await person(database, "bob")
    await start(database, stranger, "stranger")
    assert [one.id for one in await session.of_user(database, ada, NOW)] == [newer, older]

    await touch(database, older, NOW + DAY, None)

    assert [one.id for one in await session.of_user(database, ada, NOW)] == [older, newer]
    device = await session.device(database, older)
    assert device is not None
    assert (device.id, device.device, device.address) == (older, "Firefox on Linux", "192.0.2.1")
    assert await session.device(database, 12345) is None


async def test_one_ends_only_ones_own(database: Database, ada: int) -> None:
    session_id = await start(database, ada, "token")
    bob = await person(database, "bob")

    assert not await database.run_tx(lambda tx: session.end(tx, bob, session_id))
    assert await session.resolve(database, "token", NOW) is not None
    assert await database.run_tx(lambda tx: session.end(tx, ada, session_id))
    assert not await database.run_tx(lambda tx: session.end(tx, ada, session_id))
    assert await session.resolve(database, "token", NOW) is None


async def test_all_others_end_together(database: Database, ada: int) -> None:
    kept, *others = [await start(database, ada, token) for token in ("a", "b", "c")]
    bob = await person(database, "bob")
    await start(database, bob, "bob's")

    ended = await database.run_tx(lambda tx: session.end_others(tx, ada, kept))

    assert sorted(ended) == others
    assert await session.resolve(database, "a", NOW) == Signed(kept, ada)
    assert await session.resolve(database, "b", NOW) is None
    assert await session.resolve(database, "bob's", NOW) is not None


async def test_a_ticket_is_good_once(database: Database, ada: int) -> None:
    session_id = await start(database, ada, "token")
    assert await lend(database, "hash", session_id)

    answers = await asyncio.gather(
        *(database.run_tx(lambda tx: session.use_ticket(tx, "hash", NOW)) for _ in range(10))
    )

    assert [answer for answer in answers if answer is not None] == [Signed(session_id, ada)]


async def test_a_ticket_is_good_for_half_a_minute(database: Database, ada: int) -> None:
    session_id = await start(database, ada, "token")
    for ticket in ("first", "second"):
        await lend(database, ticket, session_id)

    in_time = await database.run_tx(lambda tx: session.use_ticket(tx, "first", NOW + 29_999))
    too_late = await database.run_tx(lambda tx: session.use_ticket(tx, "second", NOW + 30_000))

    assert in_time == Signed(session_id, ada)
    assert too_late is None
    assert await database.run_tx(lambda tx: session.use_ticket(tx, "no such", NOW)) is None


async def test_a_ticket_ends_with_its_session(database: Database, ada: int) -> None:
    session_id = await start(database, ada, "token")
    await lend(database, "hash", session_id)
    await database.run_tx(lambda tx: session.end(tx, ada, session_id))

    assert await database.run_tx(lambda tx: session.use_ticket(tx, "hash", NOW)) is None
    assert not await lend(database, "new", session_id)


async def test_the_sweep_takes_what_has_expired_and_nothing_else(
    database: Database, ada: int
) -> None:
    await start(database, ada, "unseen", NOW - 20 * DAY)
    await start(database, ada, "old", NOW - 91 * DAY)
    kept = await start(database, ada, "kept", NOW)
    for ticket, at_ms in (("spent", NOW - 31_000), ("fresh", NOW)):
        await lend(database, ticket, kept, at_ms)

    assert await database.run_tx(lambda tx: session.sweep(tx, NOW)) == 2

    rows = await database.fetch_all("SELECT id FROM sessions")
    assert [row["id"] for row in rows] == [kept]
    rows = await database.fetch_all("SELECT hash FROM tickets")
    assert [row["hash"] for row in rows] == ["fresh"]
