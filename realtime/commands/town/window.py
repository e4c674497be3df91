"""One person's open window, as a program sees it: a socket, its answers, and uploads."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from realtime.config import Config
from realtime.protocol import SUBPROTOCOL

_ANSWER_S: Final = 10.0
_UPLOAD_S: Final = 30.0
_ANYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}

Json = dict[str, Any]


class Refused(Exception):
    """The server's answer was `error`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class Window:
    """A socket that has said hello. `user` is None where the server knows nobody by the cookie."""

    def __init__(self, socket: ClientConnection, hears: Callable[[Json], None] | None) -> None:
        self.user: Json | None = None
        self._socket = socket
        self._hears = hears
        self._ref = 0
        self._answers: dict[int, asyncio.Future[Json]] = {}

    @classmethod
    @asynccontextmanager
    async def open(
        cls, url: str, cookie: str, hears: Callable[[Json], None] | None = None
    ) -> AsyncIterator[Window]:
        """Connect and say hello. `hears` gets the noun of every event.

        Raises:
            OSError, InvalidHandshake: there is no such server.
        """
        async with connect(
            url.replace("http", "ws", 1) + "/ws",
            additional_headers={"Cookie": cookie},
            origin=Origin(url),
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            compression=None,
            proxy=None,
            open_timeout=_ANSWER_S,
        ) as socket:
            window = cls(socket, hears)
            reading = asyncio.create_task(window._read(), name="window")
            try:
                welcome = await window._answer("hello", client="realtime-demo")
                window.user = welcome["user"]
                yield window
            finally:
                reading.cancel()
                await asyncio.wait([reading])

    async def ask(self, type: str, **fields: Any) -> Json:
        """The result of one command.

        Raises:
            Refused: the answer was `error`.
            OSError, ConnectionClosed: the socket is gone.
            TimeoutError: no answer came.
        """
        frame = await self._answer(type, **fields)
        result: Json = frame["result"]
        return result

    async def _answer(self, type: str, **fields: Any) -> Json:
        self._ref += 1
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._answers[self._ref] = answer
        await self._socket.send(json.dumps({"type": type, "ref": self._ref, **fields}))
        async with asyncio.timeout(_ANSWER_S):
            frame = await answer
        if frame["type"] == "error":
            raise Refused(frame["code"], frame["message"])
        return frame

    async def _read(self) -> None:
        """Read all that comes: a client that does not read is cut off."""
        try:
            async for text in self._socket:
                frame: Json = json.loads(text)
                if frame["type"] == "event" and self._hears is not None:
                    self._hears(frame["noun"])
                answer = self._answers.pop(frame.get("ref") or 0, None)
                if answer is not None and not answer.done():
                    answer.set_result(frame)
        except ConnectionClosed:
            pass
        finally:
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(ConnectionResetError("the socket is closed"))


def address(config: Config) -> str:
    """Where this configuration's server answers, seen from this machine."""
    host = _ANYWHERE.get(config.host, config.host)
    if ":" in host and not host.startswith("["):
        host = f"[{host}]"
    return f"http://{host}:{config.port}"


def upload(url: str, cookie: str, jpeg: bytes, alt: str) -> str:
    """Send one picture; its media id. Blocks.

    Raises:
        Refused: the server does not take it.
        OSError: the server is gone.
    """
    border = uuid.uuid4().hex
    body = (
        (
            f'--{border}\r\nContent-Disposition: form-data; name="alt"\r\n\r\n{alt}\r\n'
            f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="picture.jpg"\r\n'
            "Content-Type: image/jpeg\r\n\r\n"
        ).encode()
        + jpeg
        + f"\r\n--{border}--\r\n".encode()
    )
    request = urllib.request.Request(
        f"{url}/api/media",
        data=body,
        headers={
            "Content-Type": f"multipart/form-data; boundary={border}",
            "Cookie": cookie,
            "Origin": url,
        },
    )
    # No proxy of the environment: the server is on this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=_UPLOAD_S) as answer:
            return str(json.load(answer)["media"]["id"])
    except urllib.error.HTTPError as error:
        with error:
            refused = json.load(error)
        raise Refused(refused["code"], refused["message"]) from None
