"""Passwords, tokens, cookies and devices."""

from __future__ import annotations

import asyncio
import os
import re
import statistics
import sys
import threading
import time
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime import auth
from realtime.auth import PasswordPool
from realtime.errors import Refusal

OLD, NEW = "old-key-" * 4, "new-key-" * 4


def refusal_of(password: str, name: str = "ada", field: str = "password") -> Refusal:
    with pytest.raises(Refusal) as caught:
        auth.check_password(password, name, field=field)
    return caught.value


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "xkcd 936",
        "        ",
        " leading and trailing ",
        "👨‍👩‍👧‍👦" * 32,
        "é" * 8,
        "x" * 256,
        "null\x00byte",
    ],
)
def test_any_long_enough_password_is_taken_as_it_is(password: str) -> None:
    auth.check_password(password, "ada")
    hash = auth.hash_password(password)
    assert auth.verify_password(hash, password)
    assert not auth.verify_password(hash, password + " ")
    assert not auth.verify_password(hash, password[:-1])


@pytest.mark.parametrize(
    ("password", "name", "code"),
    [
        ("", "ada", "invalid"),
        ("seven77", "ada", "invalid"),
        ("x" * 257, "ada", "too_long"),
        ("ada_lovelace", "ada_lovelace", "invalid"),
        ("ADA_Lovelace", "ada_lovelace", "invalid"),
        ("password", "ada", "invalid"),
        ("PassWord", "ada", "invalid"),
        ("12345678", "ada", "invalid"),
        ("iloveyou", "ada", "invalid"),
        ("qwertyuiop", "ada", "invalid"),
        ("password1", "ada", "invalid"),
        ("trustno1", "ada", "invalid"),
        ("surrogate \ud800", "ada", "invalid"),
    ],
)
def test_short_long_known_and_broken_passwords_are_refused(
    password: str, name: str, code: str
) -> None:
    refusal = refusal_of(password, name)
    assert (refusal.code, refusal.field) == (code, "password")


def test_the_field_that_was_wrong_is_named() -> None:
    assert refusal_of("short", field="new").field == "new"


def test_the_list_of_common_passwords_is_whole() -> None:
    known = auth._common_passwords()
    assert 5_000 < len(known) <= 20_000
    assert all(len(each) >= auth.PASSWORD_MIN for each in known)
    assert all(each == each.casefold() for each in known)


def test_the_same_keys_of_another_system_are_the_same_password() -> None:
    assert auth.verify_password(auth.hash_password("cafe\u0301 au lait"), "caf\u00e9 au lait")


def test_a_hash_is_argon2id_with_its_own_salt_and_todays_parameters() -> None:
    one, two = auth.hash_password("a password"), auth.hash_password("a password")
    assert one != two
    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert not auth.needs_rehash(one)
    assert auth.needs_rehash(one.replace("t=2", "t=1"))


@pytest.mark.parametrize("hash", ["", "x", "$argon2id$broken", "$argon2id$v=19$m=8,t=1,p=1$a$b"])
def test_a_broken_hash_fits_no_password(hash: str) -> None:
    assert not auth.verify_password(hash, "a password")


def test_nobodys_password_is_never_right() -> None:
    assert not auth.verify_password(None, "a password")
    assert not auth.verify_password(None, "")
    assert not auth.verify_password(None, "\ud800")
    assert not auth.needs_rehash(auth._NOBODY)


def test_nobody_is_verified_as_slowly_as_somebody() -> None:
    somebody = auth.hash_password("a password")

    def median_s(hash: str | None) -> float:
        taken = []
        for _ in range(7):
            start = time.thread_time()
            auth.verify_password(hash, "another password")
            taken.append(time.thread_time() - start)
        return statistics.median(taken)

    assert 0.5 < median_s(None) / median_s(somebody) < 2.0


def test_tokens_and_tickets_are_256_bits_and_never_the_same() -> None:
    made = {make() for make in (auth.new_token, auth.new_ticket) for _ in range(1_000)}
    assert len(made) == 2_000
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", each) for each in made)


def test_only_the_hash_of_a_token_is_kept() -> None:
    token = auth.new_token()
    assert re.fullmatch(r"[0-9a-f]{64}", auth.token_hash(token))
    assert auth.token_hash(token) == auth.token_hash(token)
    assert auth.token_hash(token) != auth.token_hash(auth.new_token())
    assert len(auth.token_hash("\ud800 from a hostile frame")) == 64


def test_a_cookie_that_we_signed_is_read_back() -> None:
    token = auth.new_token()
    value = auth.sign(token, [NEW])
    assert value != token
    assert auth.unsign(value, [NEW]) == token
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,128}", value)


def test_keys_rotate_without_signing_anybody_out() -> None:
    token = auth.new_token()
    before = auth.sign(token, [OLD])
    assert auth.unsign(before, [NEW, OLD]) == token
    assert auth.unsign(auth.sign(token, [NEW, OLD]), [NEW]) == token
    assert auth.unsign(before, [NEW]) is None


@given(st.text(st.characters(categories=None), max_size=120))
def test_a_cookie_that_we_did_not_sign_is_nobodys(value: str) -> None:
    assert auth.unsign(value, [NEW, OLD]) is None


def test_a_changed_cookie_is_nobodys() -> None:
    value = auth.sign(auth.new_token(), [NEW])
    for at in range(len(value) - 1):  # some bits of the last character carry nothing
        changed = value[:at] + ("A" if value[at] != "A" else "B") + value[at + 1 :]
        assert auth.unsign(changed, [NEW]) is None


@pytest.mark.parametrize("keys", [[], [""], [NEW, ""]])
def test_signing_without_a_key_is_a_bug(keys: list[str]) -> None:
    with pytest.raises(ValueError, match="key"):
        auth.sign("token", keys)


def test_the_cookie_is_bound_to_its_host_over_https() -> None:
    assert auth.cookie_name(secure=True) == "__Host-sid"
    assert auth.cookie_name(secure=False) == "sid"


WEBKIT = "AppleWebKit/605.1 (KHTML, like Gecko)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X)"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
            "Firefox on Linux",
        ),
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/126.0 Safari",
            "Chrome on Windows",
        ),
        (
            f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/126.0 Safari Edg/126.0",
            "Edge on Windows",
        ),
        (
            f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} HeadlessChrome/126.0 Safari",
            "Chrome on Linux",
        ),
        (
            f"Mozilla/5.0 (Linux; Android 14) {WEBKIT} SamsungBrowser/25 Chrome/121 Mobile Safari",
            "Samsung Internet on Android",
        ),
        (
            f"Mozilla/5.0 (Linux; Android 14; K) {WEBKIT} Chrome/126.0 Mobile Safari",
            "Chrome on Android",
        ),
        (
            f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/126.0 Safari",
            "Chrome on ChromeOS",
        ),
        (
            f"Mozilla/5.0 (Macintosh; Intel Mac OS X) {WEBKIT} Chrome/126.0 Safari OPR/111.0",
            "Opera on macOS",
        ),
        (
            f"Mozilla/5.0 (Macintosh; Intel Mac OS X) {WEBKIT} Version/17.5 Safari/605.1",
            "Safari on macOS",
        ),
        (f"{IPHONE} {WEBKIT} Version/17.5 Mobile Safari/604.1", "Safari on iPhone"),
        (
            f"Mozilla/5.0 (iPad; CPU OS 17_5) {WEBKIT} CriOS/126.0 Mobile Safari/604.1",
            "Chrome on iPad",
        ),
        (f"{IPHONE} {WEBKIT} FxiOS/127.0 Safari/605.1", "Firefox on iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) Something/1.0", "A browser on Linux"),
        ("Mozilla/5.0 (compatible)", "Unknown device"),
        ("echo-bot/0.3", "echo-bot 0.3"),
        ("echo-bot 0.3", "echo-bot 0.3"),
        ("python-httpx/0.27.2", "python-httpx 0.27"),
        ("curl/8.5.0 (x86_64-pc-linux-gnu)", "curl 8.5"),
        ("locust", "locust"),
        ("", "Unknown device"),
        ("   ", "Unknown device"),
        ("()", "Unknown device"),
        ("\x1b[31mred\r\nSet-Cookie: x", "[31mred"),
        ("\u202eevil/1", "evil 1"),
        ("x" * 10_000, "x" * 40),
    ],
)
def test_a_device_has_a_short_name(user_agent: str, name: str) -> None:
    assert auth.device(user_agent) == name


@given(st.text(st.characters(categories=None), max_size=200))
def test_no_user_agent_makes_a_long_or_unprintable_name(user_agent: str) -> None:
    name = auth.device(user_agent)
    assert 1 <= len(name) <= 60
    assert name.isprintable()


@pytest.fixture
async def pool() -> AsyncIterator[PasswordPool]:
    pool = PasswordPool()
    yield pool
    pool.close()


async def test_the_pool_hashes_and_verifies(pool: PasswordPool) -> None:
    hash = await pool.hash("a password")
    assert await pool.verify(hash, "a password")
    assert not await pool.verify(hash, "another password")
    assert not await pool.verify(None, "a password")


@pytest.mark.parametrize(("processors", "threads"), [(1, 1), (2, 1), (3, 2), (64, 2)])
async def test_a_processor_is_left_for_everything_else(
    processors: int, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth, "_processors", lambda: processors)
    pool = PasswordPool(waiting=0)
    crowd = (pool.verify(None, "a password") for _ in range(4))
    answers = await asyncio.gather(*crowd, return_exceptions=True)
    assert answers.count(False) == threads
    pool.close()


async def test_the_loop_goes_on_while_passwords_are_hashed(pool: PasswordPool) -> None:
    crowd = asyncio.gather(*(pool.hash("a password") for _ in range(20)))
    lags = []
    while not crowd.done():
        start = time.perf_counter()
        await asyncio.sleep(0.001)
        lags.append(time.perf_counter() - start)
    await crowd
    assert statistics.median(lags) < 0.02


@pytest.mark.skipif(sys.platform != "linux", reason="niceness is a whole process's elsewhere")
async def test_passwords_stand_behind_everything_else_of_the_process(pool: PasswordPool) -> None:
    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    assert await pool._run(niceness) == min(niceness() + 10, 19)


async def test_a_crowd_is_served_in_part_and_the_rest_told_to_come_back() -> None:
    pool = PasswordPool(threads=2, waiting=6)
    crowd = await asyncio.gather(
        *(pool.verify(None, "a password") for _ in range(20)), return_exceptions=True
    )
    refused = [each for each in crowd if isinstance(each, Refusal)]
    assert crowd.count(False) == 8
    assert len(refused) == 12
    assert {each.code for each in refused} == {"unavailable"}
    assert all(each.retry_after for each in refused)
    assert await pool.verify(None, "a password") is False
    pool.close()


async def test_places_of_those_who_left_come_back() -> None:
    pool = PasswordPool(threads=1, waiting=3)
    for _ in range(5):
        crowd = [asyncio.create_task(pool.hash("a password")) for _ in range(4)]
        await asyncio.sleep(0)
        for each in crowd:
            each.cancel()
        await asyncio.wait(crowd)
    async with asyncio.timeout(5):
        while True:
            try:
                await pool.hash("a password")
                break
            except Refusal:
                await asyncio.sleep(0.01)  # the one that had begun is not over yet
    assert len(await asyncio.gather(*(pool.hash("a password") for _ in range(4)))) == 4
    pool.close()


async def test_a_closed_pool_is_unavailable() -> None:
    pool = PasswordPool()
    pool.close()
    with pytest.raises(Refusal) as caught:
        await pool.hash("a password")
    assert caught.value.code == "unavailable"
