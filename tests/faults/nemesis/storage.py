"""Faults of what is kept: disks that are full."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

import httpx

from tests.faults.check import Verdict
from tests.faults.cluster import Cluster
from tests.faults.history import Fault, History, now
from tests.faults.lone import (
    Disk,
    PlantedPages,
    PlantedUploads,
    folder_of_its_own,
    is_whole,
    lone,
    small_disk,
    strays,
)
from tests.faults.people import Away, pages
from tests.faults.trial import Crowd, Row, Size, crowded
from tests.pictures import photo

FULL_S: Final = 1.5  # of refusals
REFUSALS: Final = 5
FEW_BYTES: Final = 300_000
LEFT_BYTES: Final = (0, 20_000, 60_000, 150_000, 400_000)  # at each something else is full first


async def sqlite_full(seed: int, size: Size) -> tuple[History, Verdict]:
    """The disk of the database is full for a while: nothing acknowledged is lost, reads go on."""
    async with folder_of_its_own() as folder:
        data = folder / "data"
        with small_disk(data, PlantedPages) as disk:
            database = data / "realtime.db"
            figures: dict[str, str] = {"disk": disk.kind}

            async def fill(built: Cluster, crowd: Crowd, fault: Fault) -> None:
                await _fill(disk, crowd, fault, figures)

            async with lone(folder, database, disk.planted) as built:
                row = replace(_SQLITE_FULL, does=fill)
                history, verdict = await crowded(row, built, seed, size)
            if not await is_whole(database):
                verdict.note("alarms", "integrity_check found something")
            if history.refusals.keys() - {"unavailable"}:
                verdict.note("alarms", f"not only `unavailable`: {history.refusals}")
            back = [a.acked for a in history.attempts.values() if a.acked and a.ids]
            first = min((at for at in back if at > history.healed), default=float("inf"))
            figures["first post after there was room"] = f"{first - history.healed:.1f} s"
            history.figures = figures
            return history, verdict


async def _fill(disk: Disk, crowd: Crowd, fault: Fault, figures: dict[str, str]) -> None:
    before = sum(crowd.history.refusals.values())
    disk.fill(FEW_BYTES)
    for _ in range(1200):
        if sum(crowd.history.refusals.values()) - before >= REFUSALS:
            break
        await asyncio.sleep(0.05)
    await asyncio.sleep(FULL_S)
    follower = crowd.followers[0]
    read = 0
    for name, whose in (("home", None), ("user", crowd.authors[0].user_id)):
        try:
            read += len(await asyncio.wait_for(pages(follower.line, name, whose), 20))
        except (Away, TimeoutError):
            crowd.history.alarms.append(f"{name} could not be read while the disk was full")
    fault.bites = sum(crowd.history.refusals.values()) - before
    figures["posts refused"] = str(fault.bites)
    figures["entries read meanwhile"] = str(read)
    disk.relieve()
    fault.healed = now()


async def uploads_full(seed: int, size: Size) -> tuple[History, Verdict]:
    """The disk of the pictures is full for a while: uploads are refused whole, posts go on."""
    async with folder_of_its_own() as folder:
        uploads = folder / "uploads"
        with small_disk(uploads, PlantedUploads) as disk:
            database = folder / "realtime.db"
            figures: dict[str, str] = {"disk": disk.kind}

            async def fill(built: Cluster, crowd: Crowd, fault: Fault) -> None:
                figures["uploads refused"] = await _upload(built, crowd, disk, fault)
                if strays(database, uploads):
                    crowd.history.alarms.append(f"left: {strays(database, uploads)}")

            async with lone(folder, database, disk.planted) as built:
                row = replace(_UPLOADS_FULL, does=fill)
                history, verdict = await crowded(row, built, seed, size)
            if history.refusals:
                verdict.note("alarms", f"posts were refused too: {history.refusals}")
            history.figures = figures
            return history, verdict


async def _upload(built: Cluster, crowd: Crowd, disk: Disk, fault: Fault) -> str:
    """Pictures before, while and after there is little room; how many were refused."""
    url, alarms = f"http://127.0.0.1:{built.nodes[0].port}", crowd.history.alarms
    headers = {"Cookie": crowd.authors[0].line.cookie, "Origin": url}
    picture = await asyncio.to_thread(photo, 1400, 1000, quality=95)
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as client:

        async def upload() -> httpx.Response:
            return await client.post("/api/media", files={"file": picture})

        if (await upload()).status_code != 201:
            alarms.append("no upload went well before")
        for left_bytes in LEFT_BYTES:
            disk.fill(left_bytes)
            answer = await upload()
            if answer.status_code == 503 and answer.json()["retry_after"] > 0:
                fault.bites += 1
            elif answer.status_code != 201:
                alarms.append(f"{left_bytes} bytes left: {answer.status_code}")
        disk.relieve()
        fault.healed = now()
        if (await upload()).status_code != 201:
            alarms.append("no upload went well after")
    return f"{fault.bites} of {len(LEFT_BYTES)}"


async def _nothing(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """Stands where a row that lives by itself has its deed."""


_SQLITE_FULL: Final = Row(
    "sqlite-full", "the disk of SQLite is full for a while", _nothing, is_quick=True
)
_UPLOADS_FULL: Final = Row(
    "uploads-full", "the disk of the pictures is full for a while", _nothing, is_quick=True
)
ROWS: Final = (
    replace(_SQLITE_FULL, lives=sqlite_full),
    replace(_UPLOADS_FULL, lives=uploads_full),
)
