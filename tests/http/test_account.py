"""Accounts over HTTP: made, entered, left, and defended."""

from __future__ import annotations

import asyncio
import time
from statistics import median
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher

from realtime import auth
from realtime.store import session
from realtime.store.database import Tx
from tests.http.site import PASSWORD, Site, assert_refused, cookie, login, register

NEW = "a new and longer phrase"


async def test_whoever_registers_is_signed_in(site: Site, browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/api/register", json={"name": "ada", "password": PASSWORD})

    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/json"
    user = answer.json()["user"]
    assert user.pop("created_at").endswith("Z")
    assert user.pop("id").isdigit()
    assert user.pop("seq") > 0
    assert user == {
        "kind": "user",
        "name": "ada",
        "display_name": "ada",
        "bio": "",
        "avatar": None,
        "followers": 0,
        "following": 0,
        "posts": 0,
        "deleted": False,
    }
    assert (await browser.get("/api/session")).json()["user"]["name"] == "ada"


async def test_a_name_is_folded_and_a_display_name_is_kept(browser: httpx.AsyncClient) -> None:
    user = await register(browser, "Bob", display_name="  Bob the Builder ")

    assert (user["name"], user["display_name"]) == ("bob", "Bob the Builder")


async def test_bob_signs_in_as_bob_however_he_writes_it(site: Site) -> None:
    async with site.browser() as first, site.browser() as second:
        await register(first, "Bob")
        answers = [await login(second, name) for name in ("bob", "BOB", "\uff22ob")]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert answers[0].json()["user"]["name"] == "bob"


NOT_ACCOUNTS: list[tuple[dict[str, Any], str, str]] = [
    ({"name": "a", "password": PASSWORD}, "invalid", "name"),
    ({"name": "x" * 31, "password": PASSWORD}, "invalid", "name"),
    ({"name": "has space", "password": PASSWORD}, "invalid", "name"),
    ({"name": "аdmin", "password": PASSWORD}, "invalid", "name"),  # Cyrillic
    ({"name": "nul\0", "password": PASSWORD}, "invalid", "name"),
    ({"name": "", "password": PASSWORD}, "invalid", "name"),
    ({"name": "ada", "password": "short"}, "invalid", "password"),
    ({"name": "ada", "password": "password1"}, "invalid", "password"),
    ({"name": "ada_lovelace", "password": "Ada_Lovelace"}, "invalid", "password"),
    ({"name": "ada", "password": "x" * 257}, "too_long", "password"),
    ({"name": "ada", "password": PASSWORD, "display_name": " "}, "invalid", "display_name"),
    (
        {"name": "ada", "password": PASSWORD, "display_name": "x" * 51},
        "too_long",
        "display_name",
    ),
    ({"name": "ada", "password": PASSWORD, "display_name": None}, "invalid", "display_name"),
    ({"name": "ada"}, "invalid", "password"),
    ({"name": 7, "password": PASSWORD}, "invalid", "name"),
    ({"name": "ada", "password": PASSWORD, "email": "a@b.example"}, "invalid", "email"),
]


async def test_what_no_account_may_be_is_refused_with_its_field(
    small_site: Site, subtests: pytest.Subtests
) -> None:
    for wish, code, field in NOT_ACCOUNTS:
        with subtests.test(wish=wish):
            async with small_site.browser() as client:
                answer = await client.post("/api/register", json=wish)

            assert_refused(answer, 422, code, field)
            assert "set-cookie" not in answer.headers
            assert await small_site.house.database.fetch_val("SELECT count(*) FROM users") == 0


async def test_a_name_is_given_once_however_many_ask_at_once(site: Site) -> None:
    async def ask() -> httpx.Response:
        async with site.browser() as client:
            return await client.post("/api/register", json={"name": "ada", "password": PASSWORD})

    answers = await asyncio.gather(*(ask() for _ in range(10)))

    refusals = [answer for answer in answers if answer.status_code != 201]
    assert len(refusals) == 9
    for refusal in refusals:
        assert_refused(refusal, 409, "conflict", "name")


async def test_the_name_of_a_deleted_account_is_taken_and_opens_nothing(
    site: Site, browser: httpx.AsyncClient
) -> None:
    await register(browser, "ada")
    await site.house.database.run_tx(lambda tx: tx.execute("UPDATE users SET deleted = true"))

    async with site.browser() as other:
        again = await other.post("/api/register", json={"name": "ada", "password": PASSWORD})
        entered = await login(other, "ada")
    still_there = await browser.get("/api/session")

    assert_refused(again, 409, "conflict", "name")
    assert_refused(entered, 401, "unauthenticated")
    assert_refused(still_there, 401, "unauthenticated")


async def test_wrong_names_and_wrong_passwords_get_the_same_words(site: Site) -> None:
    async with site.browser() as client, site.browser() as ada:
        await register(ada, "ada")
        answers = [
            await login(client, "ada", "not her password"),
            await login(client, "nobody", PASSWORD),
            await login(client, "no such name can be", PASSWORD),
            await login(client, "x" * 5_000, PASSWORD),
            await login(client, "nul\0", PASSWORD),
            await login(client, "", ""),
            await login(client, "ada", ""),
        ]

    for answer in answers:
        assert_refused(answer, 401, "unauthenticated")
        assert "set-cookie" not in answer.headers
    assert len({answer.text for answer in answers}) == 1


async def test_wrong_names_and_wrong_passwords_take_equally_long(small_site: Site) -> None:
    took: dict[str, list[float]] = {"ada": [], "nobody": []}
    async with small_site.browser() as client, small_site.browser() as ada:
        await register(ada, "ada")
        for _ in range(25):
            for name, times in took.items():
                began = time.perf_counter()
                await login(client, name, "not the password")
                times.append(time.perf_counter() - began)

    known, unknown = median(took["ada"]), median(took["nobody"])
    # A missing hash would make one of them ten times as fast.
    assert 0.6 < known / unknown < 1.67


async def test_a_session_that_was_planted_is_not_the_one_after_signing_in(site: Site) -> None:
    async with site.browser() as mallory, site.browser() as ada, site.program() as program:
        await register(mallory, "mallory")
        planted = cookie(mallory)
        planted_id = (await mallory.get("/api/session")).json()["session"]["id"]
        await register(ada, "ada")
        await ada.post("/api/logout")
        ada.cookies.set("sid", mallory.cookies["sid"])

        entered = await login(ada, "ada")
        own = f"sid={entered.cookies['sid']}"
        now = await program.get("/api/session", headers={"Cookie": own})
        before = await program.get("/api/session", headers={"Cookie": planted})

    assert own != planted
    assert now.json()["user"]["name"] == "ada"
    assert_refused(before, 401, "unauthenticated")
    assert int(planted_id) in site.ended


async def test_signing_out_ends_the_session_everywhere_at_once(
    site: Site, browser: httpx.AsyncClient, program: httpx.AsyncClient
) -> None:
    await register(browser, "ada")
    kept = cookie(browser)
    session_id = (await browser.get("/api/session")).json()["session"]["id"]

    answer = await browser.post("/api/logout")

    assert answer.status_code == 204
    assert answer.content == b""
    # The page itself clears what is this account's; what another one has not sent yet stays.
    assert answer.headers["clear-site-data"] == '"cookies"'
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert "sid" not in browser.cookies
    replayed = await program.get("/api/session", headers={"Cookie": kept})
    assert_refused(replayed, 401, "unauthenticated")
    assert site.ended == [int(session_id)]


async def test_signing_out_without_a_session_is_refused(browser: httpx.AsyncClient) -> None:
    assert_refused(await browser.post("/api/logout"), 401, "unauthenticated")


async def test_the_session_says_who_and_from_where(site: Site, browser: httpx.AsyncClient) -> None:
    browser.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"
    user = await register(browser, "ada")

    answer = (await browser.get("/api/session")).json()

    assert answer["user"] == user
    shown = answer["session"]
    assert shown.pop("id").isdigit()
    assert shown.pop("last_seen").endswith("Z")
    assert shown == {"device": "Firefox on Linux", "address": "127.0.0.1", "current": True}


async def test_every_device_is_listed_and_one_is_the_current(site: Site) -> None:
    async with site.browser() as ada, site.program(**{"User-Agent": "echo-bot/0.3"}) as bot:
        await register(ada, "ada")
        await login(bot, "ada")
        listed = (await ada.get("/api/sessions")).json()["sessions"]

    assert {(one["device"], one["current"]) for one in listed} == {
        ("echo-bot 0.3", False),
        ("python-httpx 0.28", True),
    }
    assert [one["current"] for one in listed] == [True, False]  # the latest seen first


async def test_one_device_is_signed_out_from_another(site: Site) -> None:
    async with site.browser() as ada, site.browser() as lost:
        await register(ada, "ada")
        await login(lost, "ada")
        session_id = (await lost.get("/api/session")).json()["session"]["id"]

        first = await ada.delete(f"/api/sessions/{session_id}")
        second = await ada.delete(f"/api/sessions/{session_id}")
        gone = await lost.get("/api/session")
        still = await ada.get("/api/session")

    assert first.status_code == 204
    assert_refused(second, 404, "not_found")
    assert_refused(gone, 401, "unauthenticated")
    assert still.status_code == 200
    assert site.ended == [int(session_id)]


async def test_ending_the_current_session_forgets_its_cookie(
    site: Site, browser: httpx.AsyncClient
) -> None:
    await register(browser, "ada")
    session_id = (await browser.get("/api/session")).json()["session"]["id"]

    assert (await browser.delete(f"/api/sessions/{session_id}")).status_code == 204
    assert "sid" not in browser.cookies


async def test_another_persons_session_is_as_unknown_as_none(site: Site) -> None:
    async with site.browser() as ada, site.browser() as bob:
        await register(ada, "ada")
        await register(bob, "bob")
        theirs = (await bob.get("/api/session")).json()["session"]["id"]
        ids = [theirs, "1234567890", "0", "-1", "abc", "9" * 18, "9" * 19, "9" * 30, "１２"]
        answers = [await ada.delete(f"/api/sessions/{one}") for one in ids]
        still = await bob.get("/api/session")

    for answer in answers:
        assert_refused(answer, 404, "not_found")
    assert len({answer.text for answer in answers}) == 1
    assert still.status_code == 200
    assert site.ended == []


async def test_a_new_password_ends_every_other_session(site: Site) -> None:
    async with site.browser() as ada, site.browser() as other, site.browser() as bob:
        await register(ada, "ada")
        await register(bob, "bob")
        await login(other, "ada")
        other_id = int((await other.get("/api/session")).json()["session"]["id"])

        answer = await ada.put("/api/password", json={"current": PASSWORD, "new": NEW})
        mine, theirs, bobs = [await one.get("/api/session") for one in (ada, other, bob)]
        old, new = await login(other, "ada", PASSWORD), await login(other, "ada", NEW)

    assert answer.status_code == 204
    assert [mine.status_code, theirs.status_code, bobs.status_code] == [200, 401, 200]
    assert [old.status_code, new.status_code] == [401, 200]
    assert site.ended == [other_id]


@pytest.mark.parametrize(
    ("wish", "status", "code", "field"),
    [
        ({"current": "not it at all", "new": NEW}, 403, "forbidden", "current"),
        ({"current": PASSWORD, "new": "short"}, 422, "invalid", "new"),
        ({"current": PASSWORD, "new": "x" * 257}, 422, "too_long", "new"),
        ({"current": PASSWORD}, 422, "invalid", "new"),
        ({"new": NEW}, 422, "invalid", "current"),
        ({"current": PASSWORD, "new": NEW, "name": "bob"}, 422, "invalid", "name"),
    ],
)
async def test_a_password_is_changed_only_by_whoever_knows_it(
    small_site: Site, wish: dict[str, str], status: int, code: str, field: str
) -> None:
    async with small_site.browser() as ada:
        await register(ada, "ada")
        answer = await ada.put("/api/password", json=wish)
        unchanged = await login(ada, "ada", PASSWORD)

    assert_refused(answer, status, code, field)
    assert unchanged.status_code == 200


async def test_of_two_new_passwords_at_once_one_holds(site: Site) -> None:
    wishes = [f"{NEW} {number}" for number in range(2)]
    async with site.browser() as ada, site.browser() as again:
        await register(ada, "ada")
        answers = await asyncio.gather(
            *(ada.put("/api/password", json={"current": PASSWORD, "new": new}) for new in wishes)
        )
        holds = [(await login(again, "ada", new)).status_code for new in wishes]

    assert sorted(answer.status_code for answer in answers) == [204, 403]
    assert holds == [200 if answer.status_code == 204 else 401 for answer in answers]


async def test_a_hash_of_older_parameters_is_replaced_at_the_next_login(
    site: Site, browser: httpx.AsyncClient
) -> None:
    await register(browser, "ada")
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    await site.house.database.run_tx(
        lambda tx: tx.execute("UPDATE users SET password = :weak", {"weak": weak})
    )

    first = await login(browser, "ada")
    stored = await site.house.database.fetch_val("SELECT password FROM users")
    second = await login(browser, "ada")

    assert [first.status_code, second.status_code] == [200, 200]
    assert stored != weak and not auth.needs_rehash(stored)


async def test_a_ticket_signs_in_once(site: Site, browser: httpx.AsyncClient) -> None:
    user = await register(browser, "ada")
    answer = await browser.post("/api/ticket")
    hashed = auth.token_hash(answer.json()["ticket"])

    async def use(tx: Tx) -> session.Signed | None:
        return await session.use_ticket(tx, hashed, time.time_ns() // 1_000_000)

    first = await site.house.database.run_tx(use)
    second = await site.house.database.run_tx(use)

    assert answer.status_code == 201
    assert set(answer.json()) == {"ticket"}
    assert first is not None and str(first.user_id) == user["id"]
    assert second is None


async def test_a_reserved_name_is_taken_already(small_site: Site) -> None:
    async with small_site.browser() as client:
        answer = await client.post("/api/register", json={"name": "Admin", "password": PASSWORD})

    assert_refused(answer, 409, "conflict", "name")


@pytest.mark.parametrize("sent", [None, "sid=", "sid=forged", "sid=a.b", 'sid="quoted"', "sid"])
async def test_strangers_are_told_to_sign_in(small_site: Site, sent: str | None) -> None:
    headers = {} if sent is None else {"Cookie": sent}
    async with small_site.browser() as client:
        for method, path in (
            ("POST", "/api/logout"),
            ("GET", "/api/session"),
            ("GET", "/api/sessions"),
            ("DELETE", "/api/sessions/1"),
            ("PUT", "/api/password"),
            ("POST", "/api/ticket"),
            ("POST", "/api/media"),
        ):
            answer = await client.request(method, path, headers=headers)
            assert_refused(answer, 401, "unauthenticated")
