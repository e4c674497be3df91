"""Two hundred hostile pictures, sent to a server of its own: refused in time, or made harmless."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from pathlib import Path

import pytest

from tests import processes
from tests.client import Person, person
from tests.deployments import KEY
from tests.hostile import corpus
from tests.pictures import SCRIPT, SECRET, photo

GROWS_AT_MOST = 150 * 2**20  # bytes of memory of the serving process, at its highest
NAMES = ("../../x.php", "..%2f..%2fx", "x\0.png", "x" * 300, "/etc/passwd", "x.html", "a.svg")
TYPES = ("image/png", "text/html", "image/svg+xml", "application/pdf", "", "x" * 300)
MARKS = (SECRET, SCRIPT, b"<script", b"<?php", b"onload=", b"GPS", b"Exif", b"8BIM", b"%PDF")


def highest(pid: int) -> int:
    """Bytes of memory that this process has ever held at once."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) * 1024


async def send(who: Person, number: int, name: str, content: bytes) -> tuple[str, int, object]:
    """Upload under a strange name and type; what it was, the status, the answer."""
    disguise = (NAMES[number % len(NAMES)], content, TYPES[number % len(TYPES)])
    answer = await who.http.post("/api/media", files={"file": disguise}, timeout=60)
    return name, answer.status_code, answer.json()


@pytest.mark.timeout(240)
async def test_hostile_pictures_are_refused_or_made_harmless(tmp_path: Path) -> None:
    files = list(corpus())
    assert len(files) >= 200
    env = {"REALTIME_SECRET_KEYS": KEY, "REALTIME_RATE_LIMITS": "off"}
    async with processes.serve(tmp_path, env=env) as served, person(served.url, "eve") as eve:
        await eve.upload(photo(1600, 1200))
        before = highest(served.process.pid)
        answers = []
        for start in range(0, len(files), 2):
            pair = enumerate(files[start : start + 2], start)
            answers += await asyncio.gather(*(send(eve, n, *one) for n, one in pair))
        assert highest(served.process.pid) - before < GROWS_AT_MOST

        for name, status, said in answers:
            assert status in (201, 413, 415, 422), (name, said)
            if status != 201:
                assert isinstance(said, dict), name
                assert said["code"] in ("invalid", "too_long"), (name, said)
                assert said["field"] == "file", (name, said)
                continue
            await assert_harmless(eve, name, said)
        counted = Counter(status for _, status, _ in answers)
        assert counted[201] > 50 and counted[415] > 30 and counted[422] >= 8, counted
        assert (await eve.upload(photo()))["width"] == 400  # and it goes on
    log = (tmp_path / "log").read_text("utf-8")
    assert "Traceback" not in log
    assert not [path for path in (tmp_path / "uploads").iterdir() if path.suffix != ".webp"]


async def assert_harmless(who: Person, name: str, said: object) -> None:
    """Nothing of what was sent is in any of the files, and browsers take them for pictures."""
    assert isinstance(said, dict)
    media = said["media"]
    for url in (media["url"], *(size["url"] for size in media["sizes"])):
        assert re.fullmatch(r"/media/[0-9a-f]{32}(-\w+)?\.webp", url), name
        served = await who.http.get(url)
        assert served.status_code == 200
        assert served.headers["content-type"] == "image/webp"
        assert served.headers["x-content-type-options"] == "nosniff"
        assert "immutable" in served.headers["cache-control"]
        assert "sandbox" in served.headers["content-security-policy"]
        assert served.content[:4] == b"RIFF" and served.content[8:12] == b"WEBP", name
        assert not [mark for mark in MARKS if mark in served.content], name
