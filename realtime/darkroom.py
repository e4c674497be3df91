"""Develops pictures in processes of its own, which a hostile file may kill."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import secrets
import signal
import sys
from collections.abc import Callable, Collection
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Final, ParamSpec, Self, TypeVar

from realtime.errors import Refusal, Unavailable
from realtime.media import (
    BYTES_MAX,
    FORMATS,
    PIXELS_MAX,
    SUFFIXES,
    TEMPORARY,
    Facts,
    NotAPicture,
    Rendition,
    TooBig,
    TooManyPixels,
    accepted,
    file_name,
    pixels,
    sniff,
)

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

_ENDING_S: Final = 2.0
_HEAD_BYTES: Final = 256
# Somebody else ended it, as a machine out of memory does; a file of its own makes it crash.
_FROM_OUTSIDE: Final = frozenset({-signal.SIGKILL, -signal.SIGTERM})


class Darkroom:
    """Turns uploads into files that are safe to serve, in `folder`.

    A worker process is started when one is first needed, is limited in memory, and dies with
    this one.
    """

    memory_bytes: ClassVar[int] = 1_280 * 2**20  # of address space, for each worker

    def __init__(
        self,
        folder: Path,
        *,
        workers: int = 2,
        waiting: int = 32,
        deadline_s: float = 30.0,
        formats: Collection[str] = tuple(FORMATS),
    ) -> None:
        self._folder = folder
        self._formats = frozenset(formats)
        self._deadline_s = deadline_s
        self._most = workers + waiting
        self._present = 0
        self._places = asyncio.Semaphore(workers)
        self._idle: list[_Worker] = []
        self._closed = False

    async def __aenter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._closed = True
        while self._idle:
            await self._idle.pop().end()

    async def develop(self, source: Path | bytes) -> Facts:
        """Read one picture, write its files, return its facts; on any error no file stays.

        Raises:
            TooBig, NotAPicture, TooManyPixels: refusals with `field` "file" and a `status`.
            Refusal: `unavailable`, too many pictures wait already, or the worker was killed.
            Unavailable: the folder can't be written.
        """
        if self._closed or self._present >= self._most:
            message = "Too many pictures are being worked on right now."
            raise Refusal("unavailable", message, retry_after=2.0)
        self._present += 1
        stem = secrets.token_hex(16)
        try:
            path = await _to_the_end(_laid_down, source, self._folder, stem)
            kind = await asyncio.to_thread(_judged, path, self._formats)
            job = {
                "source": str(path),
                "format": FORMATS[kind],
                "folder": str(self._folder),
                "stem": stem,
                "pixels_max": PIXELS_MAX,
            }
            async with self._places:
                answer = await self._ask(job)
            facts = _facts(answer, stem)
            for name in facts.files:
                (self._folder / (name + TEMPORARY)).replace(self._folder / name)
            await asyncio.to_thread(_sync_folder, self._folder)
            return facts
        except BaseException as error:
            _forget(self._folder, stem)
            if isinstance(error, OSError):
                raise Unavailable(f"cannot develop pictures in {self._folder}: {error}") from error
            raise
        finally:
            _delete(self._folder / (stem + TEMPORARY))
            self._present -= 1

    async def _awake(self) -> _Worker:
        while self._idle:
            worker = self._idle.pop()
            if worker.is_alive:
                return worker
            await worker.end()
        return await _Worker.start(self.memory_bytes)

    async def _ask(self, job: dict[str, Any]) -> dict[str, Any]:
        worker = await self._awake()
        fit = False
        try:
            async with asyncio.timeout(self._deadline_s):
                answer = await worker.ask(job)
            fit = True
        except TimeoutError:
            log.warning("a picture took more than %.0f s; its worker is killed", self._deadline_s)
            raise TooManyPixels("That picture takes too long to open.") from None
        except _Died as death:
            log.warning("a worker died over a picture: status %d", death.status)
            if death.status in _FROM_OUTSIDE:
                message = "That picture could not be opened right now."
                raise Refusal("unavailable", message, retry_after=2.0) from None
            raise TooManyPixels("That picture can't be opened here.") from None
        finally:
            if fit and not self._closed:
                self._idle.append(worker)
            else:
                await worker.end()
        if "refused" in answer:
            raise _refusal(answer["refused"], answer.get("detail", ""))
        return answer


class _Died(Exception):
    """The worker is gone, without an answer: by a signal, if `status` is below 0."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class _Worker:
    """One process that opens pictures, one at a time: JSON lines in and out."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._in = process.stdin
        self._out = process.stdout

    @classmethod
    async def start(cls, memory_bytes: int) -> _Worker:
        # Nothing secret of this process's environment goes where strangers' files are opened.
        paths = [str(Path(__file__).parent.parent), *filter(None, sys.path)]
        environment = {"PYTHONPATH": os.pathsep.join(paths), "MALLOC_ARENA_MAX": "2"}
        arguments = ("-P", "-m", "realtime.developer", str(os.getpid()), str(memory_bytes))
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=environment,
            start_new_session=True,  # Ctrl-C is for the server, which then ends its workers
        )
        return cls(process)

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None

    async def ask(self, job: dict[str, Any]) -> dict[str, Any]:
        """Raises: _Died: it was killed, by its memory limit or by the file."""
        try:
            self._in.write(json.dumps(job).encode() + b"\n")
            await self._in.drain()
            line = await self._out.readline()
        except ConnectionError:
            line = b""
        if not line.endswith(b"\n"):
            raise _Died(await self._ended())
        answer: dict[str, Any] = json.loads(line)
        return answer

    async def _ended(self) -> int:
        """How it went, that has closed its end."""
        # Not killed at once: `kill` looks whether it has ended, and may so take its status away
        # from asyncio, which then knows of none.
        try:
            async with asyncio.timeout(_ENDING_S):
                return await self._process.wait()
        except TimeoutError:
            return await self.end()

    async def end(self) -> int:
        """Kill it and wait until it is gone; then it writes no more files."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._in.close()
        return await self._process.wait()


async def _to_the_end(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do `work` in a thread; a cancelled caller leaves only when the thread has ended."""
    thread = asyncio.ensure_future(asyncio.to_thread(work, *args, **kwargs))
    try:
        return await asyncio.shield(thread)
    except asyncio.CancelledError:
        await asyncio.wait([thread])
        raise


def _laid_down(source: Path | bytes, folder: Path, stem: str) -> Path:
    if isinstance(source, Path):
        return source
    if len(source) > BYTES_MAX:
        raise TooBig
    path = folder / (stem + TEMPORARY)
    path.write_bytes(source)
    return path


def _judged(path: Path, formats: Collection[str]) -> str:
    """Return the MIME type of what the cheap looks let pass."""
    if path.stat().st_size > BYTES_MAX:
        raise TooBig
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    kind = sniff(head)
    if kind is None or kind not in formats:
        raise NotAPicture(accepted(formats))
    if pixels(head, kind) > PIXELS_MAX:
        raise TooManyPixels
    return kind


def _refusal(why: str, detail: str) -> Exception:
    match why:
        case "pixels":
            return TooManyPixels()
        case "frames":
            return TooManyPixels("That animation has too many frames.")
        case "memory":
            return TooManyPixels("That picture takes too much memory to open.")
        case "disk":
            return Unavailable(f"cannot store a picture: {detail}")
        case _:
            log.info("a picture could not be read: %s", detail)
            return NotAPicture("That picture is damaged and can't be opened.")


def _facts(answer: dict[str, Any], stem: str) -> Facts:
    sizes = tuple(
        Rendition(file_name(stem, size["suffix"]), size["width"], size["height"])
        for size in answer["sizes"]
    )
    return Facts(
        type="image/webp",
        file=file_name(stem),
        width=answer["width"],
        height=answer["height"],
        sizes=sizes,
        thumbhash=answer["thumbhash"],
        animated=answer["animated"],
        bytes=answer["bytes"],
    )


def _forget(folder: Path, stem: str) -> None:
    for suffix in SUFFIXES:
        for ending in ("", TEMPORARY):
            _delete(folder / (file_name(stem, suffix) + ending))


def _delete(path: Path) -> None:
    # The sweep comes back for what stays; why the upload failed is the better story.
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.warning("cannot delete %s: %s", path.name, error.strerror)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
