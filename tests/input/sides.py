"""One deployment under fire: people with things to name, and sockets that are answered in turn."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from realtime.config import Config
from tests.client import Person, Window, person
from tests.input.frames import ends_its_socket
from tests.pictures import photo
from tests.server import Running, serving

DEADLINE_S = 60.0
ASKERS = ("ada", "bob", "visitor")

Json = dict[str, Any]
_WORDS = {"text", "display_name", "bio", "name", "emoji", "what", "alt", "direction", "also_count"}
_WORDS |= {"retweets", "replies", "quotes", "count", "unread"}
_PLACE = re.compile(rb"<[a-z]+:?[a-z]*>")


@dataclass(frozen=True)
class Verdict:
    """What a frame came to: `ok` with what it told, an error with its words, or the end."""

    kind: str
    code: str | int | None = None
    field: str | None = None
    message: str | None = None


@dataclass
class Side:
    """One deployment. `places` are its own ids for `<post:mine>` and the like."""

    name: str
    server: Running
    people: dict[str, Person]
    places: dict[bytes, bytes] = field(default_factory=dict)
    sockets: dict[str, ClientConnection] = field(default_factory=dict)
    opened: int = 0

    def placed(self, frame: bytes) -> bytes:
        """`frame` with this deployment's own ids in it."""
        return _PLACE.sub(lambda match: self.places.get(match[0], match[0]), frame)

    async def socket(self, who: str) -> ClientConnection:
        """Their socket, greeted; a new one if the last one has ended."""
        found = self.sockets.get(who)
        if found is not None:
            return found
        headers = {}
        if who in self.people:
            headers = {"Cookie": self.people[who].cookie, "Origin": self.server.url}
        found = await connect(
            self.server.url.replace("http", "ws") + "/ws",
            additional_headers=headers,
            compression=None,
            max_size=None,
            max_queue=None,
            ping_interval=None,
        )
        self.opened += 1
        await found.send('{"type":"hello","ref":0}')
        while orjson.loads(await found.recv(decode=False))["type"] != "welcome":
            pass
        self.sockets[who] = found
        return found

    async def say(self, who: str, frames: Sequence[bytes]) -> list[tuple[Verdict, Json]]:
        """Send all of them at once; what each came to, in order, with its whole answer.

        Only the last one may be of those that end a socket; its verdict is the close code.
        """
        socket = await self.socket(who)
        found: list[tuple[Verdict, Json]] = []
        # What ends the socket goes alone, lest it takes answers along that are on their way.
        lives = [frame for frame in frames if not ends_its_socket(frame)]
        try:
            for burst in (lives, frames[len(lives) :]):
                for frame in burst:
                    await socket.send(self.placed(frame), text=True)
                while burst and len(found) < len(lives) + (burst is not lives):
                    found += _answered(await socket.recv(decode=False))
        except ConnectionClosed:
            del self.sockets[who]
            end = Verdict("closed", socket.close_code)
            found += [(end, {})] * (len(frames) - len(found))
        return found

    def learn(self, frames: Sequence[bytes], answers: Sequence[tuple[Verdict, Json]]) -> None:
        """Remember the newest post, so that later frames can name it."""
        for verdict, answer in answers:
            post = answer.get("result", {}).get("post") if verdict.kind == "ok" else None
            if post is not None and not post["deleted"]:
                self.places[b"<post:last>"] = post["id"].encode()
            if verdict.kind == "welcome":
                self.places[b"<cursor>"] = answer["cursor"].encode()

    async def leave(self, who: str) -> None:
        """Close their socket."""
        found = self.sockets.pop(who, None)
        if found is not None:
            await found.close()


def _answered(data: bytes) -> list[tuple[Verdict, Json]]:
    """The answer in this frame, if it is one."""
    answer: Json = orjson.loads(data)
    return [(_verdict(answer), answer)] if answer["type"] in ("ok", "error", "welcome") else []


def _told(found: Any, name: str = "") -> Iterator[Any]:
    """What a result says in words and yes and no, in order: the same from both databases."""
    if isinstance(found, dict):
        for key, value in found.items():
            yield from _told(value, key)
    elif isinstance(found, list):
        yield len(found)
        if name in ("counts", "mine"):  # of a watch, in no order
            found = sorted(found, key=lambda one: int(one["post_id"]))
        for value in found:
            yield from _told(value, name)
    elif name in _WORDS or isinstance(found, bool):
        yield found


def _verdict(answer: Json) -> Verdict:
    if answer["type"] != "error":
        return Verdict(answer["type"], message=repr(list(_told(answer.get("result")))))
    return Verdict("error", answer["code"], answer.get("field"), answer["message"])


@asynccontextmanager
async def side(name: str, config: Config) -> AsyncIterator[Side]:
    """Serve this deployment, with its people, while the body runs."""
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(serving(config))
        names = ("ada", "bob", "hiding", "hidden", "gone")
        people = {n: await stack.enter_async_context(person(server.url, n)) for n in names}
        found = Side(name, server, people)
        await _furnish(found)
        try:
            yield found
        finally:
            for who in list(found.sockets):
                await found.leave(who)


async def _furnish(side: Side) -> None:
    """Posts and pictures of everybody; one hides from Ada, one is hidden by her, one is gone."""
    people, places = side.people, side.places
    async with AsyncExitStack() as stack:
        windows = {n: await stack.enter_async_context(p.window()) for n, p in people.items()}
        for name in ("bob", "hiding", "hidden", "gone"):
            places[f"<post:{_place(name)}>".encode()] = await _post(windows[name], f"by {name}")
        places[b"<post:mine>"] = await _post(windows["ada"], "a post by ada")
        places[b"<post:last>"] = await _post(windows["ada"], "another post by ada")
        deleted = await _post(windows["ada"], "taken back")
        await windows["ada"].ask("post.delete", post_id=deleted.decode())
        places[b"<post:deleted>"] = deleted
        for what, who in (("mine", "ada"), ("used", "ada"), ("other", "bob")):
            media = await people[who].upload(photo(40, 30))
            places[f"<media:{what}>".encode()] = media["id"].encode()
        await _post(windows["ada"], "with a picture", media=[places[b"<media:used>"].decode()])
        for name, found in people.items():
            places[f"<user:{_place(name)}>".encode()] = found.id.encode()
        await windows["hiding"].ask("block.set", user_id=people["ada"].id, on=True)
        await windows["ada"].ask("block.set", user_id=people["hidden"].id, on=True)
        places[b"<cursor>"] = str(windows["ada"].cursor).encode()
    answer = await people["gone"].http.request(
        "DELETE", "/api/account", json={"password": "correct horse battery"}
    )
    answer.raise_for_status()


def _place(name: str) -> str:
    return {"ada": "me", "bob": "other"}.get(name, name)


async def _post(window: Window, text: str, **fields: Any) -> bytes:
    answer = await window.ask("post.create", key=str(uuid.uuid4()), text=text, **fields)
    found: str = answer["post"]["id"]
    return found.encode()
