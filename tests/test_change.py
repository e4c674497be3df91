"""Durable before told, exactly once, and together what can be done together."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from realtime.change import Change
from realtime.hub.bus import LocalBus
from realtime.store.database import Tx
from tests.client import Refused, eventually, follow, post, window
from tests.deployments import Town
from tests.server import Running, serving


async def test_fifty_repeats_of_one_key_over_five_sockets_make_one_post(
    server: Running, town: Town
) -> None:
    """Two processes where there is a Redis between them."""
    key = str(uuid.uuid4())
    config = server.application.config
    async with serving(config) as second:
        urls = [server.url, second.url] if config.redis_urls else [server.url]
        sockets = [window(urls[i % len(urls)], town.ada.cookie) for i in range(5)]
        opened = []
        try:
            for context in sockets:
                opened.append(await context.__aenter__())
            answers = await asyncio.gather(
                *(w.ask("post.create", key=key, text="once") for w in opened for _ in range(10))
            )
            page = await opened[0].ask("timeline.get", name="user", user_id=town.ada.id)
        finally:
            for context in sockets[: len(opened)]:
                await context.__aexit__(None, None, None)
    assert len(answers) == 50
    assert all(answer == answers[0] for answer in answers)
    assert [entry["id"] for entry in page["entries"]] == [answers[0]["post"]["id"]]


async def test_a_key_belongs_to_its_author_alone(town: Town) -> None:
    key = str(uuid.uuid4())
    async with town.ada.window() as ada, town.bob.window() as bob:
        mine = await ada.ask("post.create", key=key, text="mine")
        theirs = await bob.ask("post.create", key=key, text="theirs")
        assert mine["post"]["id"] != theirs["post"]["id"]


async def test_a_key_repeated_after_the_delete_returns_the_tombstone(town: Town) -> None:
    key = str(uuid.uuid4())
    async with town.ada.window() as ada:
        first = (await ada.ask("post.create", key=key, text="once"))["post"]
        await ada.ask("post.delete", post_id=first["id"])
        again = (await ada.ask("post.create", key=key, text="once"))["post"]
        assert (again["id"], again["deleted"], again["text"]) == (first["id"], True, "")


async def test_nothing_is_told_of_what_was_rolled_back(
    server: Running, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The transaction fails after everything was written, at its very last statement."""
    from realtime.store import events

    async with town.ada.window() as ada, town.bob.window() as bob:
        await follow(bob, town.ada)

        async def broken(tx: Tx, told: object, at_ms: int) -> list[object]:
            await tx.fetch_val("SELECT no_such_column FROM posts")
            return []

        with monkeypatch.context() as patch:
            patch.setattr(events, "append", broken)
            with pytest.raises(Refused) as refused:
                await post(ada, "never")
            assert refused.value.code == "internal"
        await post(ada, "then")
        assert (await bob.noun("post"))["text"] == "then"
        await server.reconcile()
        page = await bob.ask("timeline.get", name="home")
        assert [entry["text"] for entry in page["entries"]] == ["then"]
        assert [noun["text"] for noun in bob.seen("post")] == ["then"]


async def test_one_bad_item_does_not_spoil_those_that_share_its_transaction(town: Town) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob, town.eve.window() as eve:
        target = await post(ada, "react to me")
        results = await asyncio.gather(
            bob.answer("react.set", post_id=target["id"], emoji="🌊", on=True),
            eve.answer("react.set", post_id="999999999", emoji="🌊", on=True),
            ada.answer("react.set", post_id=target["id"], emoji="🌊", on=True),
        )
        assert [answer.get("code") for answer in results] == [None, "not_found", None]
        thread = await ada.ask("post.thread", post_id=target["id"])
        assert thread["post"]["counts"]["reactions"] == {"🌊": 2}


async def test_many_at_once_share_transactions_and_each_is_answered_for_itself(
    town: Town,
) -> None:
    async with town.ada.window() as ada, town.bob.window() as bob:
        target = await post(ada, "popular")
        emoji = ["😀", "😁", "😂", "🤣", "😃", "😄", "😅", "😆"]
        await asyncio.gather(
            *(w.ask("react.set", post_id=target["id"], emoji=e, on=True)
              for w in (ada, bob) for e in emoji)
        )  # fmt: skip
        answer = await bob.answer("react.set", post_id=target["id"], emoji="🌊", on=True)
        assert (answer["code"], answer["field"]) == ("too_many", "emoji")
        thread = await bob.ask("post.thread", post_id=target["id"])
        assert thread["post"]["counts"]["reactions"] == dict.fromkeys(emoji, 2)
        assert sorted(thread["post"]["mine"]["reactions"]) == sorted(emoji)


class _NoDatabase:
    """Commits whatever is done to nothing."""

    async def run_tx(self, work: Callable[[None], Awaitable[Any]], **how: object) -> Any:
        return await work(None)


class _Batches:
    """A joinable verb that answers with what it was given; each transaction's items."""

    def __init__(self) -> None:
        self.found: list[list[int]] = []

    async def __call__(self, tx: object, telling: object, items: list[int]) -> list[int]:
        self.found.append(items)
        return items

    __name__ = "batches"


async def test_what_one_reading_of_the_sockets_brings_shares_a_transaction() -> None:
    """Commands of several sockets that were sent at once are parsed a few turns apart."""
    change, many = Change(_NoDatabase(), LocalBus()), _Batches()  # type: ignore[arg-type]
    asking = []
    for number in range(3):
        asking.append(asyncio.create_task(change.join(many, number)))  # type: ignore[arg-type]
        await asyncio.sleep(0)
    assert await asyncio.gather(*asking) == [0, 1, 2]
    assert many.found == [[0, 1, 2]]


async def test_what_comes_while_the_last_one_is_being_told_shares_a_transaction() -> None:
    told = asyncio.Event()

    async def rested(within_s: float) -> bool:
        await told.wait()
        return True

    change, many = Change(_NoDatabase(), LocalBus(), rested), _Batches()  # type: ignore[arg-type]
    asking = []
    for number in range(5):
        asking.append(asyncio.create_task(change.join(many, number)))  # type: ignore[arg-type]
        for _ in range(20):
            await asyncio.sleep(0)
    assert many.found == []
    told.set()
    assert await asyncio.gather(*asking) == list(range(5))
    assert many.found == [list(range(5))]


async def test_a_command_whose_socket_is_cut_is_still_done_once(
    server: Running, town: Town
) -> None:
    key = str(uuid.uuid4())
    async with town.ada.window() as ada:
        asking = asyncio.create_task(ada.answer("post.create", key=key, text="cut off"))
        await asyncio.sleep(0)
        ada.socket.transport.abort()
        await asyncio.wait([asking])
        asking.exception()
    async with town.ada.window() as again:
        created = await again.ask("post.create", key=key, text="cut off")
        page = await again.ask("timeline.get", name="user", user_id=town.ada.id)
        assert [entry["id"] for entry in page["entries"]] == [created["post"]["id"]]


async def test_what_commits_is_told_though_whoever_asked_has_left(
    server: Running, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    from realtime.store import user

    at_work, go_on = asyncio.Event(), asyncio.Event()
    update = user.update

    async def slow(*args: Any, **fields: Any) -> user.Updated:
        done = await update(*args, **fields)
        at_work.set()
        await go_on.wait()
        return done

    monkeypatch.setattr(user, "update", slow)
    async with town.ada.window() as ada, town.bob.window() as bob:
        await follow(bob, town.ada)
        asking = asyncio.create_task(ada.answer("profile.update", bio="Said, and gone."))
        await at_work.wait()
        ada.socket.transport.abort()
        await eventually(lambda: len(server.application.endpoint.connections) == 1)
        go_on.set()
        assert (await bob.noun("user"))["bio"] == "Said, and gone."
        await asyncio.wait([asking])
        asking.exception()
