"""Everything that one person made and did, as a ZIP that is written while it is sent."""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from realtime import media
from realtime.http import guard
from realtime.http.house import House
from realtime.hub.limits import EXPORTS
from realtime.model import Media, User
from realtime.store import draft, export, user
from realtime.store.database import Database
from realtime.store.export import Item

_PIECE_BYTES: Final = 262_144
_OWNER_ONLY: Final = 0o600 << 16  # the file's mode, where a ZIP keeps it
_READ_ME: Final = """This is what you wrote and did here, at the time that profile.json says.

profile.json    who you are here
posts.json      your posts, oldest first, with the files of their pictures
retweets.json   the posts that you retweeted: their ids, and when
reactions.json  the posts that you reacted to: their ids, with which emoji, and when
following.json  whom you follow
blocking.json   whom you block
muting.json     whom you mute
draft.json      what you had begun to write, or null
pictures/       your pictures, as they are shown

Times are in UTC. What others wrote is theirs, and not in here: of their posts you find the ids.
"""

_Page = Callable[[Database, int, int, int], Awaitable[tuple[Sequence[Item], int | None]]]
_LISTS: Final[dict[str, _Page]] = {
    "posts": export.posts,
    "retweets": export.retweets,
    "reactions": export.reactions,
    "following": export.following,
    "blocking": export.blocking,
    "muting": export.muting,
}


async def download(house: House, request: Request) -> Response:
    """GET /api/export"""
    guard.check_visit(request)
    mine = await guard.signed(house, request)
    now = datetime.now(UTC)
    found = await user.by_ids(house.database, [mine.user_id])
    me = found[0]
    headers = {"content-disposition": f'attachment; filename="{me.name}-{now:%Y-%m-%d}.zip"'}
    if request.method == "HEAD":
        return Response(None, 200, headers, "application/zip")
    async with guard.spent(house, f"export:user:{mine.user_id}", EXPORTS):
        up_to = await export.newest(house.database)
    archive = _Archive(house.database, house.config.uploads, now)
    return StreamingResponse(archive.of(me, up_to), 200, headers, "application/zip")


class _Sink:
    """Where the ZIP's bytes wait until they are sent."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def write(self, data: bytes) -> int:
        self._waiting += data
        return len(data)

    def flush(self) -> None:
        """Nothing to do: they are taken, not pushed."""

    def take(self) -> bytes:
        taken, self._waiting = bytes(self._waiting), bytearray()
        return taken


class _Archive:
    """One ZIP on its way: never more of it in memory than a page of rows, or a piece of a file."""

    def __init__(self, database: Database, uploads: Path, now: datetime) -> None:
        self._database = database
        self._uploads = uploads
        self._now = now
        self._sink = _Sink()
        self._zip = zipfile.ZipFile(self._sink, "w")  # type: ignore[call-overload]

    async def of(self, me: User, up_to: int) -> AsyncGenerator[bytes]:
        """The bytes of everything of this person that is not newer than `up_to`."""
        yield await self._whole("README.txt", _READ_ME.encode())
        yield await self._whole("profile.json", _json(self._profile(me)))
        begun = (await draft.by_users(self._database, [int(me.id)])).get(int(me.id))
        yield await self._whole("draft.json", _json(None if begun is None else begun.draft))
        for name, page in _LISTS.items():
            # Closed at once when whoever downloads it leaves: a ZIP has one entry open at a time.
            async with aclosing(self._list(f"{name}.json", page, int(me.id), up_to)) as pieces:
                async for piece in pieces:
                    yield piece
        async with aclosing(self._pictures(me, up_to)) as pieces:
            async for piece in pieces:
                yield piece
        await asyncio.to_thread(self._zip.close)
        yield self._sink.take()

    def _profile(self, me: User) -> Item:
        return {
            "id": me.id,
            "name": me.name,
            "display_name": me.display_name,
            "bio": me.bio,
            "picture": None if me.avatar is None else export.name_of(me.avatar),
            "created_at": me.created_at,
            "exported_at": f"{self._now:%Y-%m-%dT%H:%M:%S}Z",
        }

    async def _whole(self, name: str, data: bytes) -> bytes:
        await asyncio.to_thread(self._zip.writestr, self._entry(name), data)
        return self._sink.take()

    async def _list(
        self, name: str, page: _Page, user_id: int, up_to: int
    ) -> AsyncGenerator[bytes]:
        with self._zip.open(self._entry(name), "w") as file:
            after: int | None = 0
            opening = b"["
            while after is not None:
                items, after = await page(self._database, user_id, after, up_to)
                await asyncio.to_thread(_write_items, file, opening, items)
                opening = b"," if items else opening
                yield self._sink.take()
            file.write(b"\n]\n" if opening == b"," else b"[]\n")
        yield self._sink.take()

    async def _pictures(self, me: User, up_to: int) -> AsyncGenerator[bytes]:
        shown = [] if me.avatar is None else [me.avatar]
        after: int | None = 0
        while True:
            for each in shown:
                async with aclosing(self._picture(each)) as pieces:
                    async for piece in pieces:
                        yield piece
            if after is None:
                return
            shown, after = await export.pictures(self._database, int(me.id), after, up_to)

    async def _picture(self, shown: Media) -> AsyncGenerator[bytes]:
        """The largest file of this picture; nothing where its post is deleted meanwhile."""
        path = self._uploads / shown.url.rpartition("/")[2]
        if not media.is_file_name(path.name):
            return
        try:
            source = await asyncio.to_thread(path.open, "rb")
        except FileNotFoundError:
            return
        entry = self._entry(export.name_of(shown))
        entry.compress_type = zipfile.ZIP_STORED  # a picture is as small as it gets
        with source, self._zip.open(entry, "w") as file:
            while piece := await asyncio.to_thread(source.read, _PIECE_BYTES):
                file.write(piece)
                yield self._sink.take()
        yield self._sink.take()

    def _entry(self, name: str) -> zipfile.ZipInfo:
        entry = zipfile.ZipInfo(name, self._now.timetuple()[:6])
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = _OWNER_ONLY
        return entry


def _write_items(file: IO[bytes], opening: bytes, items: Sequence[Item]) -> None:
    for item in items:
        file.write(opening + b"\n  " + orjson.dumps(item))
        opening = b","


def _json(content: Any) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
