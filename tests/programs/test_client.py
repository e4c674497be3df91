"""The client against the real server: killed, restarted, ended, slow, and cut off in the middle."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from realtime.client import Client, Event, Gap, Goodbye, Inbox, Refusal, Session, pages, sign_in
from realtime.client.inbox import ROOM
from realtime.errors import BROKEN, ENDED, RESTARTING, SLOW
from realtime.errors import Goodbye as Farewell
from realtime.model import Counts, Mine, Post, Relation
from tests.client import PASSWORD, Person, eventually, follow, person, post
from tests.deployments import Town
from tests.pictures import photo
from tests.processes import free_port, serve
from tests.server import Running

DEADLINE_S = 20.0
N = TypeVar("N")

#: What happens in the client alone is the same on every deployment.
alone = pytest.mark.parametrize("config", ["embedded"], indirect=True)


def session_of(person: Person) -> Session:
    return Session(person.url, person.cookie)


@asynccontextmanager
async def opened(person: Person, **more: object) -> AsyncIterator[Client]:
    """This person's program."""
    async with Client(person.url, session=session_of(person), **more) as client:  # type: ignore[arg-type]
        yield client


async def heard(client: Client, kind: type[N], **fields: object) -> N:
    """The next noun of this kind with these fields."""
    async with asyncio.timeout(DEADLINE_S), aclosing(client.events()) as events:
        async for told in events:
            if not isinstance(told, Event) or not isinstance(told.noun, kind):
                continue
            if all(getattr(told.noun, name) == value for name, value in fields.items()):
                return told.noun
    raise AssertionError("the events ended")


def cut(server: Running, whose: str, code: int = RESTARTING) -> None:
    """End this person's sockets, as the server would."""
    world = server.application.world
    assert world is not None
    for ear in list(world.feed.ears):
        if ear.user_id == int(whose):
            ear.close(Farewell(code, "A break.", retry_after=0))


async def test_a_program_posts_reacts_and_is_told(town: Town) -> None:
    async with opened(town.ada) as ada, opened(town.bob) as bob:
        assert ada.welcome.user is not None and ada.welcome.user.name == "ada"
        await bob.follow_set(user_id=town.ada.id, on=True)
        said = await ada.post("hello")
        assert (await heard(bob, Post, id=said.id)).text == "hello"
        await bob.watch_set(post_ids=[said.id])
        stance = await bob.react_set(post_id=said.id, emoji="❤", on=True)
        assert stance.mine.reactions == ["❤️"]
        assert (await heard(bob, Counts, post_id=said.id)).reactions == {"❤️": 1}
        relation = await heard(ada, Relation, user_id=town.bob.id)
        assert relation.followed_by


@alone
async def test_a_picture_goes_with_a_post(town: Town) -> None:
    async with opened(town.ada) as ada:
        media = await ada.upload(photo(40, 30), "a small photo")
        said = await ada.post("", media=[media.id])
        assert [one.alt for one in said.media] == ["a small photo"]
        with pytest.raises(Refusal) as refused:
            await ada.upload(b"no picture at all")
        assert (refused.value.code, refused.value.field) == ("invalid", "file")


@alone
async def test_a_refusal_says_why_and_when(town: Town) -> None:
    async with opened(town.ada) as ada:
        with pytest.raises(Refusal) as refused:
            await ada.post("")
        assert (refused.value.code, refused.value.field) == ("invalid", "text")
        with pytest.raises(Refusal, match="no such post"):
            await ada.post_thread(post_id="1")


async def test_a_visitor_reads_and_watches(server: Running, town: Town) -> None:
    async with opened(town.ada) as ada, Client(server.url) as visitor:
        assert visitor.welcome.user is None
        await visitor.watch_set(post_ids=[], explore=True)
        said = await ada.post("to everybody")
        assert (await heard(visitor, Post, id=said.id)).author.name == "ada"
        with pytest.raises(Refusal) as refused:
            await visitor.post("no")
        assert refused.value.code == "unauthenticated"


@alone
async def test_name_and_password_or_tickets_open_the_door(server: Running, town: Town) -> None:
    session = await sign_in(server.url, "ada", PASSWORD)
    async with Client(server.url, ticket=session.ticket) as ada:
        assert ada.welcome.user is not None and ada.welcome.user.id == town.ada.id
        cut(server, town.ada.id)
        assert (await ada.post("by a second ticket")).author.name == "ada"
        await session.sign_out()
        with pytest.raises(Goodbye) as goodbye:
            await heard(ada, Post, id="none")
        assert goodbye.value.code == ENDED
    with pytest.raises(Goodbye) as goodbye:
        async with Client(server.url, ticket=session.ticket):
            raise AssertionError("this session is over")
    assert goodbye.value.code == ENDED
    with pytest.raises(Refusal) as refused:
        await sign_in(server.url, "ada", "not her password")
    assert refused.value.code == "unauthenticated"


@alone
async def test_lists_come_page_by_page(town: Town) -> None:
    async with opened(town.ada) as ada:
        said = [await ada.post(f"number {number}") for number in range(7)]
        found = [
            entry.id
            async for page in pages(ada.timeline_get, name="user", user_id=town.ada.id, limit=3)
            for entry in page.entries
        ]
        assert found == [one.id for one in reversed(said)]


async def test_what_was_told_during_a_break_comes_after_it(server: Running, town: Town) -> None:
    async with opened(town.bob) as bob, town.ada.window() as ada:
        await bob.follow_set(user_id=town.ada.id, on=True)
        cut(server, town.bob.id)
        missed = await post(ada, "while bob was away")
        assert (await heard(bob, Post, id=missed["id"])).text == "while bob was away"


async def test_a_command_cut_off_in_the_middle_is_done_once(server: Running, town: Town) -> None:
    async with opened(town.ada) as ada:
        for code in (RESTARTING, SLOW, 1011):
            asking = asyncio.create_task(ada.post(f"through {code}"))
            await asyncio.sleep(0)
            cut(server, town.ada.id, code)
            async with asyncio.timeout(DEADLINE_S):
                await asking
        mine = await ada.timeline_get(name="user", user_id=town.ada.id)
        texts = [entry.text for entry in mine.entries if isinstance(entry, Post)]
        assert texts == ["through 1011", "through 4008", "through 4000"]


async def test_whatever_is_watched_is_watched_again(server: Running, town: Town) -> None:
    async with opened(town.bob) as bob, town.ada.window() as ada:
        said = await post(ada, "look at me")
        await bob.watch_set(post_ids=[said["id"]])
        cut(server, town.bob.id)
        await ada.ask("react.set", post_id=said["id"], emoji="🔥", on=True)
        assert (await heard(bob, Counts, post_id=said["id"], reactions={"🔥": 1})).v > 0
        await bob.react_set(post_id=said["id"], emoji="🌊", on=True)
        assert (await heard(bob, Mine, post_id=said["id"], reactions=["🌊"])).retweeted is False


async def test_behind_is_answered_by_resuming_in_place(server: Running, town: Town) -> None:
    world = server.application.world
    assert world is not None
    async with opened(town.bob) as bob, town.ada.window() as ada:
        await bob.follow_set(user_id=town.ada.id, on=True)
        [ear] = [ear for ear in world.feed.ears if ear.user_id == int(town.bob.id)]
        for round in range(3):
            world.feed._fell_behind(ear, 7)
            said = await post(ada, f"round {round}")
            await heard(bob, Post, id=said["id"])
        # The same socket throughout.
        assert [e for e in world.feed.ears if e.user_id == int(town.bob.id)] == [ear]


async def test_a_slow_program_loses_nothing(server: Running, town: Town) -> None:
    inbox = Inbox(None, room=5)
    async with opened(town.bob, inbox=inbox) as bob, town.ada.window() as ada:
        await bob.follow_set(user_id=town.ada.id, on=True)
        said = [(await post(ada, f"number {number}"))["id"] for number in range(30)]
        await eventually(lambda: inbox.is_over)
        # It answers while it hears nothing.
        assert (await bob.profile_get(name="ada")).user.id == town.ada.id
        inbox._room = ROOM
        assert [(await heard(bob, Post)).id for _ in said] == said


async def test_a_gap_is_told_and_a_cursor_goes_on(server: Running, town: Town) -> None:
    async with town.ada.window() as ada:
        async with opened(town.bob) as bob:
            await bob.follow_set(user_id=town.ada.id, on=True)
            cursor = bob.cursor
            assert cursor
        missed = await post(ada, "while the program was not running")
        async with opened(town.bob, cursor=cursor) as bob:
            assert bob.welcome.resumed
            await heard(bob, Post, id=missed["id"])
        async with opened(town.bob, cursor="of another epoch") as bob:
            async with aclosing(bob.events()) as events:
                assert await anext(events) == Gap()
                after = await post(ada, "something new")
                told = await anext(events)
                assert isinstance(told, Event) and told.noun.id == after["id"]  # type: ignore[union-attr]
            assert bob.cursor == bob.welcome.cursor


async def test_an_ended_session_ends_the_program(town: Town) -> None:
    async with opened(town.ada) as ada:
        reading = asyncio.create_task(heard(ada, Post))
        await town.ada.http.post("/api/logout")
        with pytest.raises(Goodbye) as goodbye:
            await reading
        assert goodbye.value.code == ENDED
        with pytest.raises(Goodbye):
            await ada.post("too late")
    with pytest.raises(Goodbye):
        async with opened(town.ada):
            raise AssertionError("this session is over")


@alone
async def test_a_broken_protocol_is_the_end(server: Running, town: Town) -> None:
    async with opened(town.ada) as ada:
        cut(server, town.ada.id, BROKEN)
        with pytest.raises(Goodbye) as goodbye:
            await heard(ada, Post)
        assert goodbye.value.code == BROKEN


@alone
async def test_whoever_is_called_off_leaves_nothing_behind(town: Town) -> None:
    async with opened(town.ada) as ada:
        asking = asyncio.create_task(ada.profile_get(name="bob"))
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert (await ada.profile_get(name="eve")).user.name == "eve"
        reading = asyncio.create_task(heard(ada, Post))
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="one reader"):
            await anext(ada.events())
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        waiting = asyncio.create_task(ada.profile_get(name="bob"))
        await asyncio.sleep(0)
    with pytest.raises(ConnectionError):
        await waiting
    with pytest.raises(ConnectionError):
        await ada.post("closed")


@alone
async def test_more_is_asked_at_once_than_a_socket_takes(town: Town) -> None:
    async with opened(town.ada) as ada:
        found = await asyncio.gather(*(ada.profile_get(name="bob") for _ in range(100)))
        assert {one.user.id for one in found} == {town.bob.id}


async def test_without_a_server_there_is_no_client() -> None:
    with pytest.raises(ConnectionError, match="No server answers"):
        async with Client(f"http://127.0.0.1:{free_port()}"):
            raise AssertionError("there is nobody")


async def test_a_killed_server_is_found_again(tmp_path: Path) -> None:
    """Asked while it is away, answered after it is back; nothing twice, nothing missing."""
    port, env = free_port(), {"REALTIME_RATE_LIMITS": "off"}
    async with (
        asyncio.timeout(60),
        serve(tmp_path, env=env, port=port) as first,
        person(first.url, "ada") as who,
        opened(who) as ada,
    ):
        before = await ada.post("before")
        first.process.kill()
        await first.process.wait()
        key = str(uuid.uuid4())
        asking = asyncio.create_task(ada.post("meanwhile", key=key))
        async with serve(tmp_path, env=env, port=port):
            meanwhile = await asking
            assert (await ada.post("again", key=key)).id == meanwhile.id
            mine = await ada.timeline_get(name="user", user_id=who.id)
            assert [entry.id for entry in mine.entries] == [meanwhile.id, before.id]


@alone
async def test_raw_windows_and_programs_see_the_same(town: Town) -> None:
    async with opened(town.bob) as bob, town.bob.window() as raw, town.ada.window() as ada:
        await follow(raw, town.ada)
        said = await post(ada, "to both")
        assert (await raw.noun("post", id=said["id"]))["text"] == "to both"
        assert (await heard(bob, Post, id=said["id"])).text == "to both"
