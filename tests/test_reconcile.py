"""The regular jobs: sessions that ended unheard, files nobody needs, a database that is another."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest

from realtime.errors import Unavailable
from realtime.reconcile import Reconciliation, Replaced
from tests.client import Window, eventually, post
from tests.deployments import Town
from tests.pictures import photo
from tests.server import Running


def job(server: Running) -> Reconciliation:
    """The jobs of this server, to be done now."""
    application = server.application
    world = application.world
    assert world is not None and application._bus is not None
    return Reconciliation(
        world.database, application._bus, world.feed, world.watch, application.config
    )


async def test_a_session_that_ended_unheard_is_closed_by_the_next_reconciliation(
    server: Running, town: Town
) -> None:
    world = server.application.world
    assert world is not None
    async with town.ada.window() as ada, town.bob.window() as bob:
        await world.database.run_tx(
            lambda tx: tx.execute(
                "DELETE FROM sessions WHERE user_id = :id", {"id": int(town.ada.id)}
            )
        )
        await job(server)._once()
        assert await ada.closed() == 4401
        assert (await bob.ask("profile.get", name="ada"))["user"]["name"] == "ada"


async def test_a_database_that_was_replaced_ends_the_process(server: Running, town: Town) -> None:
    world = server.application.world
    assert world is not None
    await world.database.run_tx(lambda tx: tx.execute("UPDATE log SET word = 'restored'"))
    with pytest.raises(Replaced):
        await job(server)._once()


async def test_pictures_that_nobody_claims_and_files_of_no_picture_are_swept(
    server: Running, town: Town
) -> None:
    uploads, long_ago = server.application.config.uploads, time.time() - 2 * 86_400
    world = server.application.world
    assert world is not None
    kept = await town.ada.upload(photo(60, 40))
    await town.ada.upload(photo(50, 40))
    stray = uploads / f"{'0' * 32}.webp"
    await asyncio.to_thread(stray.write_bytes, b"cut off")
    async with town.ada.window() as ada:
        await post(ada, "", media=[kept["id"]])
    await world.database.run_tx(
        lambda tx: tx.execute("UPDATE media SET created_ms = created_ms - 172800000")
    )
    for path in list(uploads.iterdir()):
        await asyncio.to_thread(os.utime, path, (long_ago, long_ago))
    await job(server)._sweep()
    shown = {Path(kept["url"]).name, *(Path(size["url"]).name for size in kept["sizes"])}
    assert {path.name for path in uploads.iterdir() if path.is_file()} == shown


async def test_unfinished_files_are_swept_also_while_the_database_cannot_be_written(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = server.application.world
    assert world is not None
    unfinished = server.application.config.uploads / f"{'0' * 32}.tmp"
    await asyncio.to_thread(unfinished.write_bytes, bytes(1000))
    await asyncio.to_thread(os.utime, unfinished, (0, 0))

    async def full(*_: object) -> None:
        raise Unavailable("the disk is full, for this test")

    monkeypatch.setattr(world.database, "run_tx", full)
    with pytest.raises(Unavailable):
        await job(server)._sweep()
    assert not await asyncio.to_thread(unfinished.exists)


async def test_a_deleted_posts_pictures_go_with_it(server: Running, town: Town) -> None:
    uploads = server.application.config.uploads
    media = await town.ada.upload(photo(60, 40))
    async with town.ada.window() as ada:
        mine = await post(ada, "", media=[media["id"]])
        assert (await town.ada.http.get(media["url"])).status_code == 200
        await ada.ask("post.delete", post_id=mine["id"])
        await eventually(lambda: not [path for path in uploads.iterdir() if path.is_file()])
        assert (await town.ada.http.get(media["url"])).status_code == 404


async def test_what_an_older_version_wrote_is_found_after_a_while(
    server: Running, town: Town
) -> None:
    world = server.application.world
    assert world is not None
    async with town.ada.window() as ada:
        written = await post(ada, "a lighthouse")
        for sql in ("DELETE FROM post_words", "UPDATE posts SET is_indexed = false"):
            await world.database.run_tx(lambda tx, sql=sql: tx.execute(sql))  # type: ignore[misc]
        assert (await ada.ask("search.query", q="light", kind="posts"))["posts"] == []
        loop = asyncio.create_task(job(server).index())
        try:
            async with asyncio.timeout(10):
                await _found(ada, written["id"])
        finally:
            loop.cancel()


async def _found(window: Window, post_id: str) -> None:
    """Ask until this post is found: nobody is told when it is."""
    while True:
        page = await window.ask("search.query", q="light", kind="posts")
        if [post["id"] for post in page["posts"]] == [post_id]:
            return
        await asyncio.sleep(0.02)
