"""What a hostile or unlucky upload can do to the server: nothing."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import subprocess
import sys
import textwrap
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from realtime.darkroom import Darkroom
from realtime.errors import Refusal, Unavailable
from realtime.media import BYTES_MAX, FORMATS, NotAPicture, TooBig, TooManyPixels, is_file_name
from tests import pictures


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "uploads"


@pytest.fixture
async def room(folder: Path) -> AsyncIterator[Darkroom]:
    async with Darkroom(folder) as room:
        yield room


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def stored_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


async def refusal_of(room: Darkroom, picture: Path | bytes) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await room.develop(picture)
    return caught.value


async def quickest_refusal(room: Darkroom, picture: bytes) -> tuple[Refusal, float]:
    """Return the refusal and the seconds of the quickest of five: the machine is shared."""
    taken = []
    for _ in range(5):
        start = time.perf_counter()
        refusal = await refusal_of(room, picture)
        taken.append(time.perf_counter() - start)
    return refusal, min(taken)


def children(pid: int | str = "self") -> set[int]:
    path = Path(f"/proc/{pid}/task/{os.getpid() if pid == 'self' else pid}/children")
    return {int(child) for child in path.read_text("ascii").split()}


def workers() -> set[int]:
    """Find the worker processes of this process."""
    return {pid for pid in children() if b"realtime.developer" in read(pid, "cmdline")}


def read(pid: int, what: str) -> bytes:
    return Path(f"/proc/{pid}/{what}").read_bytes()


def is_running(pid: int) -> bool:
    try:
        return read(pid, "stat").rpartition(b")")[2].split()[0] not in b"ZX"
    except FileNotFoundError:
        return False


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for it, at most 20 s."""

    def watch() -> bool:
        deadline = time.monotonic() + 20
        while not is_so() and time.monotonic() < deadline:
            time.sleep(0.01)
        return is_so()

    assert await asyncio.to_thread(watch)


async def test_an_upload_becomes_files_and_facts(room: Darkroom, folder: Path) -> None:
    facts = await room.develop(pictures.photo(1_500, 1_000))
    assert (facts.type, facts.width, facts.height) == ("image/webp", 1_500, 1_000)
    assert not facts.animated
    assert [(size.width, size.height) for size in facts.sizes] == [
        (320, 213),
        (640, 427),
        (1_280, 853),
    ]
    assert names(folder) == set(facts.files)
    assert all(is_file_name(name) for name in facts.files)
    assert facts.bytes == stored_bytes(folder)
    for size in facts.sizes:
        assert pictures.opened(folder, size.file).size == (size.width, size.height)
    assert pictures.opened(folder, facts.file).size == (1_500, 1_000)


async def test_a_file_is_read_where_it_lies_and_left_there(
    room: Darkroom, folder: Path, tmp_path: Path
) -> None:
    source = tmp_path / "-rf ;$(x) ü.jpg"
    source.write_bytes(pictures.photo())
    facts = await room.develop(source)
    assert source.exists()
    assert names(folder) == set(facts.files)


async def test_the_same_picture_twice_has_other_names(room: Darkroom) -> None:
    one, two = await asyncio.gather(*(room.develop(pictures.photo()) for _ in range(2)))
    assert not set(one.files) & set(two.files)
    assert one.thumbhash == two.thumbhash


async def test_what_moves_says_so(room: Darkroom, folder: Path) -> None:
    facts = await room.develop(pictures.animation(4))
    assert facts.animated
    assert [size.width for size in facts.sizes] == [32]
    assert names(folder) == set(facts.files)


@pytest.mark.parametrize("what", pictures.not_pictures())
async def test_what_is_no_picture_is_refused(room: Darkroom, folder: Path, what: str) -> None:
    refusal = await refusal_of(room, pictures.not_pictures()[what])
    assert isinstance(refusal, NotAPicture)
    assert (refusal.code, refusal.field, refusal.status) == ("invalid", "file", 415)
    assert names(folder) == set()


async def test_a_format_that_is_not_wanted_is_refused(folder: Path) -> None:
    async with Darkroom(folder, formats=set(FORMATS) - {"image/avif"}) as room:
        assert isinstance(await refusal_of(room, pictures.photo(8, 8, "AVIF")), NotAPicture)


async def test_too_many_bytes_are_refused_unread(room: Darkroom, folder: Path) -> None:
    picture = pictures.photo().ljust(BYTES_MAX + 1, b"\0")
    source = folder.parent / "large"
    source.write_bytes(picture)
    for upload in (picture, source):
        refusal = await refusal_of(room, upload)
        assert isinstance(refusal, TooBig)
        assert (refusal.code, refusal.field, refusal.status) == ("too_long", "file", 413)
    assert names(folder) == set()
    assert workers() == set()


async def test_just_so_many_bytes_are_taken(room: Darkroom) -> None:
    assert (await room.develop(pictures.photo().ljust(BYTES_MAX, b"\0"))).width == 400


@pytest.mark.parametrize(
    "bomb",
    [
        pictures.png_of(20_000, 20_000),
        pictures.gif_of(20_000, 20_000),
        pictures.webp_of(16_000, 16_000),
        pictures.png_of(2**31 - 1, 2**31 - 1),
    ],
    ids=["png", "gif", "webp", "largest png"],
)
async def test_a_bomb_is_refused_by_its_header_alone(room: Darkroom, bomb: bytes) -> None:
    refusal, taken_s = await quickest_refusal(room, bomb)
    assert taken_s < 0.1
    assert isinstance(refusal, TooManyPixels)
    assert (refusal.code, refusal.field, refusal.status) == ("invalid", "file", 422)
    assert workers() == set()


@pytest.mark.parametrize(
    "bomb",
    [
        pictures.jpeg_of(20_000, 20_000),
        pictures.gif_bomb(2_000, 5_000, 5_000),
        pictures.gif_bomb(301, 10, 10),
    ],
    ids=["jpeg", "gif", "frames"],
)
async def test_other_bombs_are_refused_in_the_worker(room: Darkroom, bomb: bytes) -> None:
    await room.develop(pictures.photo(8, 8))
    refusal, taken_s = await quickest_refusal(room, bomb)
    assert taken_s < 0.1
    assert isinstance(refusal, TooManyPixels)
    assert refusal.status == 422


async def test_50_megapixels_are_developed_and_one_row_more_is_not(room: Darkroom) -> None:
    facts = await room.develop(pictures.flat_png(10_000, 5_000))
    assert (facts.width, facts.height) == (2_048, 1_024)
    assert isinstance(await refusal_of(room, pictures.flat_png(10_000, 5_001)), TooManyPixels)


class Cramped(Darkroom):
    memory_bytes = 160 * 2**20


async def test_a_worker_without_memory_refuses_and_the_next_picture_is_fine(folder: Path) -> None:
    async with Cramped(folder, workers=1) as room:
        refusal = await refusal_of(room, pictures.flat_png(8_000, 6_000, colour=2))
        assert isinstance(refusal, TooManyPixels)
        assert names(folder) == set()
        assert (await room.develop(pictures.photo())).width == 400


@pytest.mark.parametrize(
    ("by", "code"), [(signal.SIGKILL, "unavailable"), (signal.SIGSEGV, "invalid")]
)
async def test_a_worker_that_is_killed_is_replaced(
    room: Darkroom, folder: Path, by: signal.Signals, code: str
) -> None:
    await room.develop(pictures.photo())
    before = names(folder)
    (killed,) = workers()
    os.kill(killed, signal.SIGSTOP)
    upload = asyncio.create_task(room.develop(pictures.photo()))
    await until(lambda: not room._idle)
    os.kill(killed, by)
    with contextlib.suppress(ProcessLookupError):
        os.kill(killed, signal.SIGCONT)
    with pytest.raises(Refusal) as caught:
        await upload
    assert caught.value.code == code  # a crash is the picture's own fault, a kill is not
    assert bool(caught.value.retry_after) == (code == "unavailable")
    assert names(folder) == before
    assert (await room.develop(pictures.photo())).width == 400
    assert workers()
    assert killed not in workers()


async def test_a_worker_that_died_is_not_killed_before_its_status_is_known(
    room: Darkroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    # `kill` polls the process first, and whoever polls takes the status away from asyncio.
    too_early: list[int] = []
    kill = Process.kill

    def noted(self: Process) -> None:
        if self.returncode is None:
            too_early.append(self.pid)
        kill(self)

    await room.develop(pictures.photo())
    (killed,) = workers()
    os.kill(killed, signal.SIGSTOP)
    monkeypatch.setattr(Process, "kill", noted)
    upload = asyncio.create_task(refusal_of(room, pictures.photo()))
    await until(lambda: not room._idle)
    os.kill(killed, signal.SIGKILL)
    assert (await upload).code == "unavailable"
    assert too_early == []


async def test_a_worker_that_died_idle_is_replaced_unnoticed(room: Darkroom) -> None:
    await room.develop(pictures.photo())
    (killed,) = workers()
    os.kill(killed, signal.SIGKILL)
    await until(lambda: killed not in children())  # gone and heard of
    assert (await room.develop(pictures.photo())).width == 400


async def test_a_worker_that_takes_too_long_is_killed(room: Darkroom, folder: Path) -> None:
    await room.develop(pictures.photo(8, 8))
    before = names(folder)
    (stuck,) = workers()
    os.kill(stuck, signal.SIGSTOP)
    room._deadline_s = 0.2
    assert isinstance(await refusal_of(room, pictures.photo()), TooManyPixels)
    assert names(folder) == before
    assert stuck not in workers()


async def test_no_more_pictures_at_once_than_workers(folder: Path) -> None:
    async with Darkroom(folder, workers=2) as room:
        uploads = asyncio.gather(*(room.develop(pictures.photo()) for _ in range(8)))
        most = 0
        while not uploads.done():
            most = max(most, len(workers()))
            await asyncio.sleep(0.005)
        assert len(await uploads) == 8
        assert 1 <= most <= 2


async def test_too_long_a_queue_is_unavailable(folder: Path) -> None:
    async with Darkroom(folder, workers=1, waiting=2) as room:
        results = await asyncio.gather(
            *(room.develop(pictures.photo()) for _ in range(6)), return_exceptions=True
        )
        refused = [each for each in results if isinstance(each, Refusal)]
        assert len(refused) == 3
        assert {each.code for each in refused} == {"unavailable"}
        assert all(each.retry_after for each in refused)


@pytest.mark.parametrize("after_s", [0.0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4])
async def test_a_cancelled_upload_leaves_nothing(
    room: Darkroom, folder: Path, after_s: float
) -> None:
    upload = asyncio.create_task(room.develop(pictures.photo(3_000, 2_000)))
    await asyncio.sleep(after_s)
    upload.cancel()
    await asyncio.wait([upload])
    if upload.cancelled():
        assert names(folder) == set()
        assert len(workers()) <= 1
    else:
        assert names(folder) == set(upload.result().files)
    assert (await room.develop(pictures.photo())).width == 400


async def test_a_folder_that_cannot_be_written_is_unavailable(
    room: Darkroom, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "token_hex", lambda _: "ab" * 16)
    (folder / f"{'ab' * 16}-320.webp.tmp").mkdir()  # where a file is to be written
    with pytest.raises(Unavailable):
        await room.develop(pictures.photo())
    assert names(folder) == {f"{'ab' * 16}-320.webp.tmp"}


async def test_a_missing_upload_is_unavailable(room: Darkroom, tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        await room.develop(tmp_path / "missing")


async def test_leaving_ends_the_workers_and_refuses_more(folder: Path) -> None:
    async with Darkroom(folder) as room:
        assert workers() == set()
        await asyncio.gather(*(room.develop(pictures.photo()) for _ in range(2)))
        assert 1 <= len(workers()) <= 2
    assert workers() == set()
    assert (await refusal_of(room, pictures.photo())).code == "unavailable"


async def test_the_workers_know_no_secrets(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REALTIME_SECRET_KEYS", "planted")
    async with Darkroom(folder) as room:
        await room.develop(pictures.photo())
        (worker,) = workers()
        environment = read(worker, "environ")
        assert b"PYTHONPATH" in environment
        assert b"planted" not in environment


async def test_the_workers_die_with_the_server(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(pictures.photo())
    code = """
        import asyncio, os, signal, sys
        from pathlib import Path
        from realtime.darkroom import Darkroom

        async def main(folder):
            async with Darkroom(folder / "uploads") as room:
                await room.develop(folder / "photo.jpg")
                print(Path(f"/proc/self/task/{os.getpid()}/children").read_text(), flush=True)
                os.kill(os.getpid(), signal.SIGKILL)

        asyncio.run(main(Path(sys.argv[1])))
    """
    server = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        textwrap.dedent(code),
        str(tmp_path),
        cwd=Path(__file__).parent.parent,
        stdout=subprocess.PIPE,
    )
    assert server.stdout is not None
    pids = (await server.stdout.read()).split()
    await server.wait()
    assert pids
    await until(lambda: not any(is_running(int(pid)) for pid in pids))


async def test_twelve_megapixels_are_developed_while_a_person_waits(room: Darkroom) -> None:
    upload = pictures.photo(4_000, 3_000, quality=90)
    await room.develop(upload)
    start = time.perf_counter()
    await room.develop(upload)
    assert time.perf_counter() - start < 3.0  # 0.3 s alone on a core, but tests share one
