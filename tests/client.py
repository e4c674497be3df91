"""A person with a window: the verbs that tests are told in, over a real socket and real HTTP."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

DEADLINE_S = 10.0
PASSWORD = "correct horse battery"

Json = dict[str, Any]


class Refused(Exception):
    """The server answered `error`; the frame is in `frame`."""

    def __init__(self, frame: Json) -> None:
        super().__init__(f"{frame['code']}: {frame['message']}")
        self.frame = frame
        self.code: str = frame["code"]


class Window:
    """One open socket. Everything that it is told is kept, in order."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.frames: list[Json] = []
        self.events: list[Json] = []
        self.welcome: Json = {}
        self.cursor: str | None = None
        self.close_code: int | None = None
        self._ref = 0
        self._answers: dict[int, asyncio.Future[Json]] = {}
        self._came = asyncio.Condition()
        self._reader = asyncio.create_task(self._read(), name="window")

    async def _read(self) -> None:
        try:
            async for text in self.socket:
                frame: Json = json.loads(text)
                self.frames.append(frame)
                if frame["type"] == "event":
                    self.events.append(frame)
                if "cursor" in frame:
                    self.cursor = frame["cursor"]
                answer = self._answers.pop(frame.get("ref", -1), None)
                if answer is not None and not answer.done():
                    answer.set_result(frame)
                async with self._came:
                    self._came.notify_all()
        except ConnectionClosed:
            pass
        finally:
            self.close_code = self.socket.close_code
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(ConnectionError(f"closed with {self.close_code}"))
            async with self._came:
                self._came.notify_all()

    async def answer(self, type: str, **fields: Any) -> Json:
        """The whole answer frame to one command."""
        self._ref += 1
        future: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._answers[self._ref] = future
        await self.socket.send(json.dumps({"type": type, "ref": self._ref, **fields}))
        async with asyncio.timeout(DEADLINE_S):
            return await future

    async def ask(self, type: str, **fields: Any) -> Json:
        """The result of one command.

        Raises:
            Refused: the answer was `error`.
        """
        frame = await self.answer(type, **fields)
        if frame["type"] == "error":
            raise Refused(frame)
        result: Json = frame.get("result", frame)
        return result

    async def until(self, found: Callable[[Json], bool], within_s: float = DEADLINE_S) -> Json:
        """The first frame ever received for which `found` is true; waits for it."""
        seen = 0
        async with asyncio.timeout(within_s):
            while True:
                for frame in self.frames[seen:]:
                    seen += 1
                    if found(frame):
                        return frame
                if self.close_code is not None:
                    raise ConnectionError(f"closed with {self.close_code}")
                async with self._came:
                    if seen == len(self.frames) and self.close_code is None:
                        await self._came.wait()

    async def noun(self, kind: str, within_s: float = DEADLINE_S, **fields: Any) -> Json:
        """The first noun of this kind, with these fields, that an event brought."""

        def found(frame: Json) -> bool:
            if frame["type"] != "event" or frame["noun"]["kind"] != kind:
                return False
            return all(frame["noun"].get(name) == value for name, value in fields.items())

        frame = await self.until(found, within_s)
        noun: Json = frame["noun"]
        return noun

    async def closed(self, within_s: float = DEADLINE_S) -> int:
        """Wait until the server has closed this socket; its close code."""
        async with asyncio.timeout(within_s):
            await asyncio.wait([self._reader])
        return self.close_code or 1006

    async def quiet(self) -> None:
        """Wait until all that was due before this call has come: an answer comes behind it."""
        await self.answer("profile.get", name="nobody_of_this_name")

    async def shut(self) -> None:
        await self.socket.close()
        await asyncio.wait([self._reader])

    def seen(self, kind: str) -> list[Json]:
        """All nouns of this kind that events brought, in order."""
        return [frame["noun"] for frame in self.events if frame["noun"]["kind"] == kind]


class Person:
    """Somebody with an account: a cookie, and any number of windows."""

    def __init__(self, url: str, name: str, http: httpx.AsyncClient, user: Json) -> None:
        self.url = url
        self.name = name
        self.http = http
        self.user = user
        self.id: str = user["id"]
        self.windows: list[Window] = []

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())

    @asynccontextmanager
    async def window(self, cursor: str | None = None) -> AsyncIterator[Window]:
        """An open socket that has been welcomed."""
        async with window(self.url, self.cookie, cursor) as opened:
            self.windows.append(opened)
            yield opened

    async def upload(self, data: bytes, alt: str = "", name: str = "picture.png") -> Json:
        """A picture, ready to be named."""
        answer = await self.http.post("/api/media", files={"file": (name, data)}, data={"alt": alt})
        answer.raise_for_status()
        media: Json = answer.json()["media"]
        return media


@asynccontextmanager
async def window(
    url: str, cookie: str | None = None, cursor: str | None = None, **hello: Any
) -> AsyncIterator[Window]:
    """A socket to the server at `url` that has said hello; a visitor's without a cookie."""
    headers = {} if cookie is None else {"Cookie": cookie, "Origin": url}
    address = url.replace("http://", "ws://") + "/ws"
    async with connect(
        address,
        additional_headers=headers,
        subprotocols=[Subprotocol("realtime.v1")],
        compression=None,
    ) as socket:
        opened = Window(socket)
        if cursor is not None:
            hello["cursor"] = cursor
        opened.welcome = await opened.answer("hello", **hello)
        try:
            yield opened
        finally:
            await opened.shut()


@asynccontextmanager
async def person(url: str, name: str) -> AsyncIterator[Person]:
    """Register somebody. Every call comes from this site's own pages."""
    async with httpx.AsyncClient(base_url=url, headers={"Origin": url}, timeout=30) as http:
        answer = await http.post("/api/register", json={"name": name, "password": PASSWORD})
        answer.raise_for_status()
        yield Person(url, name, http, answer.json()["user"])


async def post(window: Window, text: str, **fields: Any) -> Json:
    """Publish and return the post."""
    result = await window.ask("post.create", key=str(uuid.uuid4()), text=text, **fields)
    found: Json = result["post"]
    return found


async def follow(window: Window, person: Person, on: bool = True) -> Json:
    """Follow, or stop; the relation."""
    result = await window.ask("follow.set", user_id=person.id, on=on)
    relation: Json = result["relation"]
    return relation


async def eventually(claim: Callable[[], bool], within_s: float = DEADLINE_S) -> None:
    """Wait until `claim` is true; for what sends no message when it happens."""
    async with asyncio.timeout(within_s):
        while not claim():  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.01)
