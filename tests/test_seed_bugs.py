"""The nineteen faults of the seed application, each asked of this one through its real door.

Those that only a page can have are in tests/browser/test_seed_bugs.py; docs/seed.md lists all.
"""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from realtime.api import ROUTES
from realtime.config import Config
from realtime.protocol import RESULTS, tag
from tests.client import PASSWORD, Refused, follow, person, post, window
from tests.deployments import KEY
from tests.http.site import assert_refused
from tests.pictures import photo, png_of
from tests.processes import serve
from tests.server import Running, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOT = Path(__file__).parent.parent


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """One server for all of these, on SQLite."""
    folder = tmp_path_factory.mktemp("seed")
    config = Config(
        database_url=f"sqlite:///{folder / 'test.db'}",
        uploads=folder / "uploads",
        secret_keys=(KEY,),
        rate_limits=False,
    )
    async with serving(config) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def visitor(house: Running) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody without an account, on this site's own pages."""
    headers = {"Origin": house.url}
    async with httpx.AsyncClient(base_url=house.url, headers=headers, timeout=30) as client:
        yield client


async def test_seed_01_no_visitor_learns_an_e_mail_address(
    house: Running, visitor: httpx.AsyncClient
) -> None:
    wish = {"name": "mail", "password": PASSWORD, "email": "mail@example.org"}
    assert_refused(await visitor.post("/api/register", json=wish), 422, "invalid", "email")
    async with person(house.url, "mail") as mail, mail.window() as acting:
        told = await post(acting, "hello")
        async with window(house.url) as stranger:
            found = await stranger.ask("post.thread", post_id=told["id"])
            profile = await stranger.ask("profile.get", name="mail")
    assert set(found["post"]["author"]) == {"id", "name", "display_name", "avatar", "seq"}
    assert "email" not in str(found) + str(profile)


async def test_seed_02_my_own_post_is_never_shown_as_somebodys_retweet(house: Running) -> None:
    async with (
        person(house.url, "ann2") as ann,
        person(house.url, "ben2") as ben,
        ann.window() as anns,
        ben.window() as bens,
    ):
        await follow(anns, ben)
        mine, theirs = await post(anns, "mine"), await post(bens, "theirs")
        home = await anns.ask("timeline.get", name="home")
        shown = {entry["id"]: entry["kind"] for entry in home["entries"]}
        assert shown == {mine["id"]: "post", theirs["id"]: "post"}


async def test_seed_03_a_new_post_inherits_nothing_of_a_deleted_one(house: Running) -> None:
    async with person(house.url, "ann3") as ann, ann.window() as anns:
        old = await post(anns, "soon gone")
        await anns.ask("react.set", post_id=old["id"], emoji="🎉", on=True)
        await anns.ask("retweet.set", post_id=old["id"], on=True)
        await anns.ask("post.delete", post_id=old["id"])
        new = await post(anns, "the next one")
        assert int(new["id"]) > int(old["id"])
        watched = await anns.ask("watch.set", post_ids=[new["id"], old["id"]])
        for counts in watched["counts"]:
            numbers = (counts["reactions"], counts["retweets"], counts["replies"])
            assert numbers == ({}, 0, 0)
        listed = await anns.ask("react.list", post_id=new["id"])
        assert listed["reactions"] == []


async def test_seed_04_the_same_reaction_twice_counts_once(house: Running) -> None:
    async with person(house.url, "ann4") as ann, ann.window() as one, ann.window() as two:
        mine = await post(one, "count me")
        command = {"type": "react.set", "post_id": mine["id"], "emoji": "🎉", "on": True}
        await asyncio.gather(*(each.ask(**command) for each in (one, two) * 5))
        counts = (await one.ask(**command))["counts"]
        assert counts["reactions"] == {"🎉": 1}


async def test_seed_05_names_are_text_so_007_is_neither_07_nor_7(
    house: Running, visitor: httpx.AsyncClient
) -> None:
    async with person(house.url, "007") as bond, person(house.url, "07") as other:
        assert (bond.user["name"], other.user["name"]) == ("007", "07")
        assert bond.id != other.id
    short = await visitor.post("/api/register", json={"name": "7", "password": PASSWORD})
    assert_refused(short, 422, "invalid", "name")


async def test_seed_06_the_limit_counts_what_people_see_and_is_the_one_that_is_shown(
    house: Running,
) -> None:
    async with person(house.url, "ann6") as ann, ann.window() as anns:
        most = anns.welcome["limits"]["text"]
        for sign in ("a", "é", "🎉", "👩\u200d👩\u200d👧\u200d👦"):
            assert (await post(anns, sign * most))["text"] == sign * most
            with pytest.raises(Refused) as refused:
                await post(anns, sign * (most + 1))
            assert refused.value.code == "too_long"


async def test_seed_07_every_error_is_json_and_says_so(visitor: httpx.AsyncClient) -> None:
    broken = {"content": b'{"name": ', "headers": {"content-type": "application/json"}}
    answers = {
        400: await visitor.post("/api/login", **broken),  # type: ignore[arg-type]
        401: await visitor.get("/api/session"),
        404: await visitor.get("/api/tweet/1"),
        405: await visitor.put("/api/login"),
        422: await visitor.post("/api/register", json={}),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/json"
        assert {"code", "message"} <= set(answer.json())


async def test_seed_08_a_picture_without_a_file_is_refused_and_nothing_else_happens(
    house: Running,
) -> None:
    async with person(house.url, "ann8") as ann:
        nothing = await ann.http.post("/api/media", files={"alt": (None, "words alone")})
        assert_refused(nothing, 422, "invalid", "file")
        assert (await ann.http.get("/api/session")).status_code == 200
        assert (await ann.upload(photo(8, 8)))["width"] == 8


async def test_seed_09_a_file_that_cannot_be_removed_costs_nobody_their_new_picture(
    house: Running,
) -> None:
    uploads = house.application.config.uploads
    async with person(house.url, "ann9") as ann, ann.window() as anns:
        for _ in range(2):
            shown = await ann.upload(photo(64, 64))
            profile = await anns.ask("profile.update", avatar=shown["id"])
            assert profile["user"]["avatar"]["id"] == shown["id"]
            file = uploads / Path(shown["url"]).name
            content = file.read_bytes()
            file.unlink()
            file.mkdir()  # nothing can unlink a folder
        file.rmdir()
        file.write_bytes(content)
        assert (await ann.http.get(shown["url"])).content == content
        found = await anns.ask("profile.get", name="ann9")
        assert found["user"]["avatar"]["id"] == shown["id"]


async def test_seed_10_a_refused_registration_leaves_no_session(
    house: Running, visitor: httpx.AsyncClient
) -> None:
    wishes: list[tuple[dict[str, str], int, str]] = [
        ({"name": "ann10", "password": PASSWORD}, 409, "name"),
        ({"name": "", "password": PASSWORD}, 422, "name"),
        ({"name": "ann10b", "password": "short"}, 422, "password"),
    ]
    async with person(house.url, "ann10"):
        for wish, status, field in wishes:
            answer = await visitor.post("/api/register", json=wish)
            assert (answer.status_code, answer.json()["field"]) == (status, field)
            assert "set-cookie" not in answer.headers
        assert (await visitor.get("/api/session")).status_code == 401


async def test_seed_11_a_name_signs_in_as_it_is_typed(
    house: Running, visitor: httpx.AsyncClient
) -> None:
    async with person(house.url, "Bob11") as bob:
        for typed in ("Bob11", "BOB11", "bob11"):
            claim = {"name": typed, "password": PASSWORD}
            answer = await visitor.post("/api/login", json=claim)
            assert (answer.status_code, answer.json()["user"]["id"]) == (200, bob.id)


async def test_seed_12_many_sign_in_and_out_at_once_and_no_session_is_lost(house: Running) -> None:
    async with person(house.url, "ann12") as ann:
        claim = {"name": "ann12", "password": PASSWORD}

        async def come_and_go(stays: bool) -> int:
            headers = {"Origin": house.url}
            async with httpx.AsyncClient(base_url=house.url, headers=headers, timeout=30) as client:
                assert (await client.post("/api/login", json=claim)).status_code == 200
                await asyncio.gather(*(client.get("/api/session") for _ in range(4)))
                if not stays:
                    assert (await client.post("/api/logout")).status_code == 204
                return (await client.get("/api/session")).status_code

        found = await asyncio.gather(*(come_and_go(bool(n % 2)) for n in range(12)))
        assert found == [401, 200] * 6
        listed = (await ann.http.get("/api/sessions")).json()["sessions"]
        assert len(listed) == 7


async def test_seed_13_nobody_can_ask_for_a_huge_bitmap(
    house: Running, visitor: httpx.AsyncClient
) -> None:
    began = time.monotonic()
    assert (await visitor.get("/asset/random/65536")).status_code == 404
    async with person(house.url, "ann13") as ann:
        file = {"file": ("huge.png", png_of(65_536, 65_536))}
        assert_refused(await ann.http.post("/api/media", files=file), 422, "invalid", "file")
    assert time.monotonic() - began < 30  # a 17 GB bitmap would take longer, or the machine


async def test_seed_14_a_crash_ends_no_session_but_time_does(
    house: Running, tmp_path: Path
) -> None:
    settings = {"REALTIME_SECRET_KEYS": KEY, "REALTIME_RATE_LIMITS": "off"}
    async with httpx.AsyncClient(timeout=30) as client:
        async with serve(tmp_path, env=settings) as first:
            wish = {"name": "ann14", "password": PASSWORD}
            await client.post(f"{first.url}/api/register", json=wish)
            cookie = f"sid={client.cookies['sid']}"
            first.process.kill()
            await first.process.wait()
        async with serve(tmp_path, env=settings) as second:
            answer = await client.get(f"{second.url}/api/session", headers={"Cookie": cookie})
            assert answer.json()["user"]["name"] == "ann14"
    world = house.application.world
    assert world is not None
    async with person(house.url, "ann14") as ann:
        sql = "UPDATE sessions SET seen_ms = 1 WHERE user_id = :id"
        await world.database.run_tx(lambda tx: tx.execute(sql, {"id": int(ann.id)}))
        assert (await ann.http.get("/api/session")).status_code == 401


async def test_seed_19_no_sentence_promises_to_wipe_anything(house: Running) -> None:
    sentences = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "web/src/texts").rglob("*.ts")
    )
    assert re.findall(r"every \d+ hours|wiped?\b", sentences, re.IGNORECASE) == []
    async with person(house.url, "ann19") as ann, ann.window() as anns:
        key = str(uuid.uuid4())
        first = (await anns.ask("post.create", key=key, text="for good"))["post"]
        again = (await anns.ask("post.create", key=key, text="for good"))["post"]
        assert first == again


def table() -> str:
    return (ROOT / "docs/seed.md").read_text(encoding="utf-8")


@pytest.mark.asyncio(loop_scope="function")
async def test_the_page_about_the_seed_names_every_test_and_no_other() -> None:
    files = [ROOT / "tests/test_seed_bugs.py", ROOT / "tests/browser/test_seed_bugs.py"]
    tests = [
        name
        for file in files
        for name in re.findall(r"^async def (test_seed_\w+)\(", file.read_text("utf-8"), re.M)
    ]
    told = re.findall(r"`(test_seed_\w+)`", table())
    assert sorted(told) == sorted(tests)
    assert sorted(int(name.split("_")[2]) for name in tests) == list(range(1, 20))


@pytest.mark.asyncio(loop_scope="function")
async def test_the_page_about_the_seed_names_what_is_there() -> None:
    named = re.findall(r"`((?:GET|POST|PUT|DELETE) /[^` ?]*)`", table().partition("## Pages")[0])
    ours = {f"{route.method} {route.path}" for route in ROUTES}
    ours |= {"GET /", "GET /@{name}", "GET /post/{id}"}
    seeds = set(re.findall(r"^\| `([^`]+)` \|", table(), re.M))
    assert set(named) - seeds <= ours
    commands = set(re.findall(r"`([a-z]+\.[a-z]+)`", table()))
    assert commands <= {tag(command) for command in RESULTS}
