"""How often: per address, per name, per person; and what an outage or a success gives back."""

from __future__ import annotations

import asyncio
from ipaddress import ip_network
from typing import Any

import httpx
import pytest

from realtime.errors import Unavailable
from realtime.hub.limits import GUESSES, READS
from realtime.store import account
from tests.http.site import PASSWORD, Site, assert_refused, login, register

LOOPBACK = (ip_network("127.0.0.1/32"),)


def coming_from(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": address}


async def test_an_address_makes_ten_accounts_an_hour(limited_site: Site) -> None:
    async with limited_site.program() as client:
        for number in range(10):
            client.cookies.clear()
            await register(client, f"person_{number}")
        client.cookies.clear()
        eleventh = await client.post("/api/register", json={"name": "one", "password": PASSWORD})
        unreadable = await client.post("/api/register", json={"name": "one"})

    assert_refused(eleventh, 429, "rate_limited")
    assert 300 <= int(eleventh.headers["retry-after"]) <= 400
    assert_refused(unreadable, 422, "invalid", "password")


async def test_forms_that_were_filled_in_wrong_cost_nothing(limited_site: Site) -> None:
    async with limited_site.program() as client:
        for _ in range(20):
            answer = await client.post("/api/register", json={"name": "ada", "password": "short"})
            assert_refused(answer, 422, "invalid", "password")
        await register(client, "ada")


async def test_an_address_signs_in_thirty_times_in_five_minutes(limited_site: Site) -> None:
    async with limited_site.program() as client:
        statuses = [(await login(client, f"nobody_{n}")).status_code for n in range(31)]
        limited = await login(client, "nobody")

    assert statuses == [401] * 30 + [429]
    assert_refused(limited, 429, "rate_limited")


async def test_a_spoofed_address_changes_nothing(limited_site: Site) -> None:
    async with limited_site.program() as client:
        for number in range(31):
            client.headers.update(coming_from(f"198.51.100.{number}"))
            answer = await login(client, f"nobody_{number}")

    assert_refused(answer, 429, "rate_limited")


async def test_an_address_guesses_ten_times_at_a_name_and_locks_nobody_else_out(
    limited_site: Site,
) -> None:
    limited_site.configure(trusted_proxies=LOOPBACK)
    async with limited_site.browser() as ada, limited_site.program() as mallory:
        ada.headers.update(coming_from("192.0.2.7"))
        await register(ada, "ada")
        mallory.headers.update(coming_from("198.51.100.1"))
        guesses = [f"guess number {number}" for number in range(12)]
        statuses = [(await login(mallory, "ada", guess)).status_code for guess in guesses]
        right = await login(mallory, "ADA", PASSWORD)
        another_name = await login(mallory, "bob", "a wrong guess")
        still_in = await ada.get("/api/session")
        ada.headers.update(coming_from("203.0.113.9"))
        from_elsewhere = await login(ada, "ada")

    assert statuses == [401] * 10 + [429] * 2
    assert_refused(right, 429, "rate_limited")
    assert_refused(another_name, 401, "unauthenticated")
    assert still_in.status_code == from_elsewhere.status_code == 200


async def test_many_addresses_together_guess_a_hundred_times_and_not_at_home(
    limited_site: Site,
) -> None:
    limited_site.configure(trusted_proxies=LOOPBACK)
    async with limited_site.browser() as ada, limited_site.program() as mallory:
        ada.headers.update(coming_from("2001:db8:0:7::1"))
        await register(ada, "ada")
        await limited_site.house.limits.take("guess:name:ada", GUESSES, 98)
        statuses = []
        for number in range(4):
            mallory.headers.update(coming_from(f"198.51.100.{number}"))
            statuses.append((await login(mallory, "ada", "a wrong guess")).status_code)
        right = await login(mallory, "ada")
        ada.headers.update(coming_from("2001:db8:0:7::2"))
        mistyped = await login(ada, "ada", "a wrong guess")
        at_home = await login(ada, "ada")

    assert statuses == [401] * 2 + [429] * 2
    assert_refused(right, 429, "rate_limited")
    assert_refused(mistyped, 401, "unauthenticated")
    assert at_home.status_code == 200


async def test_guesses_at_once_are_counted_too(limited_site: Site) -> None:
    async with limited_site.program() as client:
        await register(client, "ada")
        client.cookies.clear()
        answers = await asyncio.gather(
            *(login(client, "ada", f"guess number {number}") for number in range(20))
        )

    assert sorted(answer.status_code for answer in answers) == [401] * 10 + [429] * 10


async def test_signing_in_rightly_is_no_failure(limited_site: Site) -> None:
    async with limited_site.program() as client:
        await register(client, "ada")
        statuses = []
        for _ in range(15):
            client.cookies.clear()
            statuses.append((await login(client, "ada")).status_code)

    assert statuses == [200] * 15


async def test_a_whole_ipv6_network_counts_as_one(limited_site: Site) -> None:
    limited_site.configure(trusted_proxies=LOOPBACK)
    async with limited_site.program() as client:
        for number in range(31):
            client.headers.update(coming_from(f"2001:db8:0:1::{number:x}"))
            answer = await login(client, f"nobody_{number}")
        client.headers.update(coming_from("2001:db8:0:2::1"))
        neighbour = await login(client, "nobody")

    assert_refused(answer, 429, "rate_limited")
    assert_refused(neighbour, 401, "unauthenticated")


async def test_the_current_password_is_guessed_at_ten_times(limited_site: Site) -> None:
    async with limited_site.browser() as ada:
        await register(ada, "ada")
        wish = {"current": "a wrong guess", "new": "a new and longer phrase"}
        statuses = [(await ada.put("/api/password", json=wish)).status_code for _ in range(11)]
        right = await ada.put("/api/password", json={**wish, "current": PASSWORD})

    assert statuses == [403] * 10 + [429]
    assert_refused(right, 429, "rate_limited")


async def test_a_person_uploads_sixty_pictures_an_hour(limited_site: Site) -> None:
    async with limited_site.browser() as ada, limited_site.browser() as bob:
        await register(ada, "ada")
        await register(bob, "bob")

        async def upload(client: httpx.AsyncClient) -> httpx.Response:
            return await client.post("/api/media", files={"file": b"no picture"})

        statuses = [(await upload(ada)).status_code for _ in range(61)]
        bobs = await upload(bob)

    assert statuses == [415] * 60 + [429]
    assert_refused(bobs, 415, "invalid", "file")


async def test_a_person_reads_six_hundred_times_a_minute(limited_site: Site) -> None:
    async with limited_site.browser() as ada:
        user = await register(ada, "ada")
        # As the same person's sockets would: it is one allowance.
        await limited_site.house.limits.take(f"read:user:{user['id']}", READS, 600)
        answers = [
            await ada.get("/api/session"),
            await ada.get("/api/sessions"),
            await ada.post("/api/ticket"),
        ]

    for answer in answers:
        assert_refused(answer, 429, "rate_limited")


async def test_without_rates_nothing_is_counted(small_site: Site) -> None:
    async with small_site.program() as client:
        statuses = {(await login(client, "ada", "a wrong guess")).status_code for _ in range(32)}

    assert statuses == {401}


async def test_an_outage_is_nobodys_failure(
    limited_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def down(*_: Any) -> None:
        raise Unavailable("the database is down, for this test")

    async with limited_site.browser() as ada:
        await register(ada, "ada")
        with monkeypatch.context() as outage:
            outage.setattr(account, "by_name", down)
            answers = [await login(ada, "ada") for _ in range(12)]
        after = await login(ada, "ada")

    for answer in answers:
        assert_refused(answer, 503, "unavailable")
        assert "database" not in answer.text
    assert after.status_code == 200


async def test_many_at_once_are_served_or_told_to_come_back(small_site: Site) -> None:
    limits = httpx.Limits(max_connections=120)
    async with httpx.AsyncClient(base_url=small_site.url, limits=limits, timeout=60) as client:
        answers = await asyncio.gather(*(login(client, f"nobody_{n}") for n in range(120)))

    statuses = [answer.status_code for answer in answers]
    assert set(statuses) == {401, 503}
    assert statuses.count(401) >= 52
    busy = next(answer for answer in answers if answer.status_code == 503)
    assert_refused(busy, 503, "unavailable")
