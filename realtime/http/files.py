"""Files as answers: conditional, in ranges, read in one go or in pieces."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

_PIECE_BYTES: Final = 262_144
_NO_SUCH_NAME: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP})
_RANGE: Final = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class Opened:
    """An open file; it stays readable when it is deleted meanwhile. Whoever has it closes it."""

    handle: int
    size: int
    mtime_ns: int

    @property
    def etag(self) -> str:
        """Changes whenever the file does."""
        return f'"{self.mtime_ns:x}-{self.size:x}"'


async def opened(path: Path) -> Opened | None:
    """The regular file at `path`, None where there is none."""
    return await asyncio.to_thread(_open, path)


def _open(path: Path) -> Opened | None:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        if error.errno in _NO_SUCH_NAME:
            return None
        raise
    facts = os.fstat(handle)
    if not stat.S_ISREG(facts.st_mode):
        os.close(handle)
        return None
    return Opened(handle, facts.st_size, facts.st_mtime_ns)


class FileAnswer(Response):
    """One file, all of it or a range; closes it."""

    def __init__(self, file: Opened, *, kind: str, etag: str, headers: Mapping[str, str]) -> None:
        super().__init__(None, 200, headers, kind)
        del self.headers["content-length"]
        self.headers["etag"] = etag
        self.headers["accept-ranges"] = "bytes"
        self._file = file
        self._etag = etag

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            start, end = self._judge(Headers(scope=scope))
            if scope["method"] == "HEAD":
                start = end
            # Read before the first byte is sent: a disk that fails can still be told.
            piece = await self._read(start, end)
            await send(
                {
                    "type": "http.response.start",
                    "status": self.status_code,
                    "headers": self.raw_headers,
                }
            )
            while start + len(piece) < end:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                start += len(piece)
                piece = await self._read(start, end)
            await send({"type": "http.response.body", "body": piece})
        finally:
            os.close(self._file.handle)

    def _judge(self, asked: Headers) -> tuple[int, int]:
        """Set status and headers; the bytes to send, from and up to."""
        size = self._file.size
        if matches(asked.get("if-none-match"), self._etag):
            self.status_code = 304
            del self.headers["content-type"]
            return 0, 0
        wanted = _RANGE.fullmatch(asked.get("range", ""))
        # A copy of something else would be continued with these bytes.
        is_same = asked.get("if-range", self._etag) == self._etag
        if wanted is None or not is_same or wanted.groups() == ("", ""):
            self.headers["content-length"] = str(size)
            return 0, size
        start, end = _span(wanted, size)
        if start >= end:
            self.status_code = 416
            self.headers["cache-control"] = "no-store"  # the file may be kept for ever, a no not
            del self.headers["content-type"]
            self.headers["content-range"] = f"bytes */{size}"
            self.headers["content-length"] = "0"
            return 0, 0
        self.status_code = 206
        self.headers["content-range"] = f"bytes {start}-{end - 1}/{size}"
        self.headers["content-length"] = str(end - start)
        return start, end

    async def _read(self, start: int, end: int) -> bytes:
        if start >= end:
            return b""
        wanted = min(_PIECE_BYTES, end - start)
        piece = await asyncio.to_thread(os.pread, self._file.handle, wanted, start)
        if not piece:
            raise OSError("a file became shorter while it was sent")
        return piece


def matches(asked: str | None, etag: str) -> bool:
    """Whether the header If-None-Match names `etag`, or anything."""
    if asked is None:
        return False
    tags = (tag.strip().removeprefix("W/") for tag in asked.split(","))
    return any(tag in ("*", etag) for tag in tags)


def _span(wanted: re.Match[str], size: int) -> tuple[int, int]:
    first, last = wanted.groups()
    if not first:
        return max(0, size - int(last)), size
    return int(first), size if not last else min(size, int(last) + 1)
