"""A server that is killed in the middle of an upload, at every step of it."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
import uuid
from collections.abc import AsyncIterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

import httpx

from tests.faults.check import Verdict, check
from tests.faults.cluster import Cluster, Node
from tests.faults.history import Attempt, Fault, History, now
from tests.faults.lone import folder_of_its_own, is_whole, lone, strays
from tests.faults.people import Author, Line
from tests.faults.trial import KEY_CHARACTERS, SMALL, Crowd, Row, Size, alarms
from tests.faults.uploads import STEPS
from tests.pictures import photo

SWEPT_S: Final = 30.0


async def upload_killed(seed: int, size: Size) -> tuple[History, Verdict]:
    """Upload, die a step later than last time, begin again, while somebody posts."""
    stride = 7 if size == SMALL else 1
    history, chance = History(seed), random.Random(seed)
    fault = Fault("upload-killed", now())
    history.faults.append(fault)
    async with folder_of_its_own() as folder:
        (folder / "cut").write_text(str(STEPS), "ascii")
        database, uploads = folder / "realtime.db", folder / "uploads"
        async with lone(folder, database, module="tests.faults.uploads") as built:
            node = built.nodes[0]
            await built.run("fixture", "--users=1", "--follow=0", f"--cookies={folder / 'c'}")
            number, _, cookie = (folder / "c").read_text("utf-8").strip().split("\t")
            async with _posting(int(number), Line([node.port], cookie, chance), history):
                for cut in range(0, STEPS, stride):
                    await node.kill()
                    (folder / "cut").write_text(str(cut), "ascii")
                    await node.start()
                    is_done = await _upload(node, cookie, history, f"{cut}")
                    gone = [name for name in strays(database, uploads) if _is_row(database, name)]
                    history.alarms += [f"cut at {cut}: no file of {name}" for name in gone]
                    if is_done:
                        break
                    fault.bites += 1
            left = len(strays(database, uploads))
            await node.kill()
            (folder / "cut").unlink()
            (folder / "sweep").touch()
            await node.start()
            await _swept(database, uploads, history)
            history.alarms += await _unserved(node, database)
            fault.healed = now()
        history.alarms += alarms(node.log)
        history.stored = await asyncio.to_thread(_stored, database)
        if not await is_whole(database):
            history.alarms.append("integrity_check found something")
    history.figures = {"killed": str(fault.bites), "files left to the sweeper": str(left)}
    return history, check(history)


@contextlib.asynccontextmanager
async def _posting(user_id: int, line: Line, history: History) -> AsyncIterator[None]:
    enough = asyncio.Event()
    author = Author(user_id, line, history, random.Random(history.seed))
    task = asyncio.create_task(author.run(enough, 0.1))
    try:
        yield
        enough.set()
        async with asyncio.timeout(60):
            await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _upload(node: Node, cookie: str, history: History, words: str) -> bool:
    """Whether it was acknowledged: the node may die of it."""
    url = f"http://127.0.0.1:{node.port}"
    key = str(uuid.uuid5(uuid.NAMESPACE_URL, words))
    # Not by the same author: an upload that is not answered is not asked for again.
    attempt = history.attempts[key] = Attempt(key, -1, now())
    picture = await asyncio.to_thread(photo, 2000, 1500, quality=95)
    headers = {"Cookie": cookie, "Origin": url}
    with suppress(httpx.TransportError):
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as client:
            files, alt = {"file": picture}, {"alt": key}
            answer = await client.post("/api/media", files=files, data=alt)
            if answer.status_code != 201:
                history.alarms.append(f"step {words}: an upload answered {answer.status_code}")
                return False
            attempt.acked = now()
            attempt.ids.add(int(answer.json()["media"]["id"]))
            return True
    return False


async def _swept(database: Path, uploads: Path, history: History) -> None:
    deadline = now() + SWEPT_S
    left = strays(database, uploads)
    while left and now() < deadline:
        await asyncio.sleep(0.2)
        left = strays(database, uploads)
    history.alarms += [f"never swept: {name}" for name in left]


async def _unserved(node: Node, database: Path) -> list[str]:
    """Pictures that have a row and cannot be had."""
    with closing(sqlite3.connect(database)) as connection:
        files = [row[0] for row in connection.execute("SELECT file FROM media")]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{node.port}") as client:
        found = [(file, (await client.get(f"/media/{file}")).status_code) for file in files]
    return [f"{file} is {status}" for file, status in found if status != 200]


def _is_row(database: Path, name: str) -> bool:
    with closing(sqlite3.connect(database)) as connection:
        found = connection.execute("SELECT 1 FROM media WHERE file = ?", (name,)).fetchone()
        return found is not None


def _stored(database: Path) -> list[tuple[int, str]]:
    with closing(sqlite3.connect(database)) as connection:
        posts = connection.execute("SELECT id, text FROM posts").fetchall()
        pictures = connection.execute("SELECT id, alt FROM media").fetchall()
    return [(int(i), str(words)[:KEY_CHARACTERS]) for i, words in [*posts, *pictures]]


async def _nothing(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """Stands where a row that lives by itself has its deed."""


_KILLED: Final = Row("upload-killed", "SIGKILL at each step of an upload", _nothing, is_quick=True)
ROWS: Final = (replace(_KILLED, lives=upload_killed),)
