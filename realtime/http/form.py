"""A multipart form as it comes in: its file straight onto the disk, counted byte by byte."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from realtime.errors import Refusal, Unavailable
from realtime.http.answer import Unfit
from realtime.media import BYTES_MAX, TEMPORARY, TooBig

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

_ALT_BYTES: Final = 65_536  # more than any description has
_FRAME_BYTES: Final = 65_536  # boundaries and headers around the two fields
_WRITE_BYTES: Final = 262_144  # on the way to the disk at once
_NAME_MAX: Final = 100  # characters of a field's name that come back


@dataclass(frozen=True, slots=True)
class Form:
    """What was sent: a file that is gone when its request is over, and words about it."""

    path: Path
    alt: str


@asynccontextmanager
async def received(request: Request, folder: Path) -> AsyncIterator[Form]:
    """The form in the body of `request`. Its file lies in `folder` while the block runs.

    Raises:
        Refusal: with `field`; 413 for more than 16 MiB, told as soon as they are counted, 415 for
            what is no multipart form, 400 for a broken one, 422 for fields that are wrong.
        Unavailable: the disk is full.
    """
    boundary = _boundary(request)
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > BYTES_MAX + _ALT_BYTES + _FRAME_BYTES:
        raise TooBig
    path = folder / (secrets.token_hex(16) + TEMPORARY)
    try:
        yield Form(path, await _store(request, boundary, path))
    finally:
        await asyncio.to_thread(path.unlink, missing_ok=True)


def _boundary(request: Request) -> bytes:
    kind, options = parse_options_header(request.headers.get("content-type"))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary:
        message = "A picture comes as multipart/form-data, in a field `file`."
        raise Unfit(415, "invalid", message, field="file")
    return boundary


async def _store(request: Request, boundary: bytes, path: Path) -> str:
    """Write the field `file` to `path`; the field `alt`."""
    try:
        file = await asyncio.to_thread(path.open, "xb")
        try:
            parts = await _parsed(request, boundary, file)
        finally:
            await asyncio.to_thread(file.close)
    except OSError as error:
        raise Unavailable(f"cannot write to {path.parent}: {error.strerror}") from error
    if "file" not in parts.seen:
        raise Refusal("invalid", "`file` is missing.", field="file")
    try:
        return parts.alt.decode()
    except UnicodeDecodeError:
        raise Refusal("invalid", "`alt` is not valid text.", field="alt") from None


async def _parsed(request: Request, boundary: bytes, file: BinaryIO) -> _Parts:
    parts = _Parts()
    try:
        parser = MultipartParser(boundary, parts.callbacks())
        async for chunk in request.stream():
            parser.write(chunk)
            if len(parts.waiting) >= _WRITE_BYTES:
                await asyncio.to_thread(file.write, parts.take())
        parser.finalize()
    except FormParserError:
        raise Unfit(400, "invalid", "That multipart form is broken.") from None
    await asyncio.to_thread(file.write, parts.take())
    if not parts.ended:
        raise Unfit(400, "invalid", "That multipart form is broken.")
    return parts


class _Parts:
    """Follows the parser: the file's bytes wait in `waiting` until they are taken."""

    def __init__(self) -> None:
        self.alt = bytearray()
        self.waiting = bytearray()
        self.seen: set[str] = set()
        self.ended = False
        self._file_bytes = 0
        self._header = (bytearray(), bytearray())  # name and value, as far as they have come
        self._disposition = b""
        self._field = ""

    def callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._begin,
            "on_header_begin": self._header_begin,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._data,
            "on_end": self._end,
        }

    def take(self) -> bytes:
        taken, self.waiting = bytes(self.waiting), bytearray()
        return taken

    def _begin(self) -> None:
        self._disposition = b""

    def _header_begin(self) -> None:
        self._header = (bytearray(), bytearray())

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._header[0].extend(data[start:end])

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._header[1].extend(data[start:end])

    def _header_end(self) -> None:
        name, value = self._header
        if name.lower() == b"content-disposition":
            self._disposition = bytes(value)

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._field = options.get(b"name", b"").decode("utf-8", "replace")[:_NAME_MAX]
        if self._field not in ("file", "alt"):
            raise Refusal("invalid", f"`{self._field}` is not known here.", field=self._field)
        if self._field in self.seen:
            raise Refusal("invalid", f"`{self._field}` is there twice.", field=self._field)
        self.seen.add(self._field)

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._field == "file":
            self._file_bytes += end - start
            if self._file_bytes > BYTES_MAX:
                raise TooBig
            self.waiting += data[start:end]
        else:
            self.alt += data[start:end]
            if len(self.alt) > _ALT_BYTES:
                raise Refusal("too_long", "That description is too long.", field="alt")

    def _end(self) -> None:
        self.ended = True
