"""Whoever signs in or tries to, and whatever becomes of a session, stands in the log by number."""

from __future__ import annotations

import logging

import pytest

from tests.http.site import PASSWORD, Site, login, register

NEXT = "another long password"
SPOILT = "typed-where-the-name-belongs"


async def test_the_log_tells_who_came_and_went_and_who_could_not(
    small_site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="realtime.http.account"):
        async with small_site.browser() as ada, small_site.browser() as phone:
            user_id = (await register(ada, "ada"))["id"]
            await login(phone, "ada")
            await login(phone, "ada", "wrong and long")
            await login(phone, SPOILT, "wrong and long")
            answer = await ada.get("/api/sessions")
            [other] = [one["id"] for one in answer.json()["sessions"] if not one["current"]]
            await ada.delete(f"/api/sessions/{other}")
            await ada.put("/api/password", json={"current": "wrong", "new": NEXT})
            await ada.put("/api/password", json={"current": PASSWORD, "new": NEXT})
            await ada.request("DELETE", "/api/account", json={"password": PASSWORD})
            await ada.post("/api/logout")

    said = [r.getMessage() for r in caplog.records if r.name == "realtime.http.account"]
    assert said[:5] == [
        f"registered user={user_id} from 127.0.0.1",
        f"signed in user={user_id} from 127.0.0.1",
        f"sign-in refused user={user_id} from 127.0.0.1",
        "sign-in refused user=nobody from 127.0.0.1",
        f"ended a session user={user_id} session={other}",
    ]
    assert said[5:8] == [
        f"new password refused user={user_id}",
        f"a new password user={user_id} ended=0",
        f"farewell refused user={user_id}",
    ]
    assert said[8].startswith(f"signed out user={user_id} session=") and len(said) == 9
    for secret in (PASSWORD, NEXT, SPOILT, "wrong and long", "ada"):
        assert all(secret not in line for line in said)
