"""Accounts: a name is somebody's for ever, and a proof is only as good as the password is now."""

from __future__ import annotations

import asyncio

import pytest

from realtime.errors import Refusal
from realtime.store import account
from realtime.store.account import Credentials, NewAccount
from realtime.store.database import Database
from realtime.store.migrate import migrate

NOW = 1_700_000_000_000


@pytest.fixture(autouse=True)
async def tables(database: Database) -> None:
    await migrate(database)


async def register(database: Database, name: str, password: str = "hash") -> int:
    return await database.run_tx(
        lambda tx: account.register(tx, NewAccount(name, name.title(), password), NOW)
    )


async def change(database: Database, proven: Credentials, password: str) -> bool:
    return await database.run_tx(lambda tx: account.change_password(tx, proven, password))


async def test_a_new_account_is_found_by_its_name_and_by_its_id(database: Database) -> None:
    user_id = await register(database, "ada", "ada's hash")

    expected = Credentials(user_id, "ada", "ada's hash")
    assert await account.by_name(database, "ada") == expected
    assert await account.by_id(database, user_id) == expected
    assert await account.by_name(database, "bob") is None
    assert await account.by_id(database, user_id + 1) is None


async def test_a_new_account_has_its_numbers(database: Database) -> None:
    user_id = await register(database, "ada")

    row = await database.fetch_one(
        "SELECT followers, following, posts FROM tallies WHERE user_id = :id", {"id": user_id}
    )
    assert row is not None
    assert dict(row) == {"followers": 0, "following": 0, "posts": 0}


async def test_numbers_that_are_names_stay_text(database: Database) -> None:
    await register(database, "007")
    await register(database, "07")

    found = await account.by_name(database, "007")
    assert found is not None and found.name == "007"
    assert not await account.is_taken(database, "7")


async def test_one_of_many_who_want_a_name_at_once_gets_it(database: Database) -> None:
    answers = await asyncio.gather(
        *(register(database, "ada") for _ in range(20)), return_exceptions=True
    )

    refusals = [answer for answer in answers if isinstance(answer, Refusal)]
    assert len(refusals) == 19
    assert {(refusal.code, refusal.field) for refusal in refusals} == {("conflict", "name")}
    assert await database.fetch_val("SELECT count(*) FROM users") == 1
    assert await database.fetch_val("SELECT count(*) FROM tallies") == 1


async def test_the_name_of_a_deleted_account_stays_taken(database: Database) -> None:
    user_id = await register(database, "ada")
    await database.run_tx(
        lambda tx: tx.execute("UPDATE users SET deleted = true WHERE id = :id", {"id": user_id})
    )

    assert await account.is_taken(database, "ada")
    assert await account.by_name(database, "ada") is None
    assert await account.by_id(database, user_id) is None
    with pytest.raises(Refusal, match="taken"):
        await register(database, "ada")


async def test_a_changed_password_voids_what_was_proven_before(database: Database) -> None:
    await register(database, "ada", "first")
    proven = await account.by_name(database, "ada")
    assert proven is not None

    assert await database.run_tx(lambda tx: account.still_holds(tx, proven))
    assert await change(database, proven, "second")
    assert not await database.run_tx(lambda tx: account.still_holds(tx, proven))
    assert not await change(database, proven, "third")
    now = await account.by_name(database, "ada")
    assert now is not None and now.password == "second"


async def test_one_of_two_changes_at_once_wins(database: Database) -> None:
    await register(database, "ada", "first")
    proven = await account.by_name(database, "ada")
    assert proven is not None

    won = await asyncio.gather(*(change(database, proven, to) for to in ("second", "third")))

    assert sorted(won) == [False, True]


def test_a_hash_is_in_no_log() -> None:
    assert "secret" not in repr(Credentials(1, "ada", "secret"))
    assert "secret" not in repr(NewAccount("ada", "Ada", "secret"))
