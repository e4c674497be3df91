"""The same as echo.py with nothing but JSON and a socket: a whole client, for any language.

python docs/examples/echo_raw.py http://127.0.0.1:8000 NAME PASSWORD WHOM
"""

import asyncio
import json
import sys
import urllib.request
import uuid
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed


def post(site: str, path: str, cookie: str = "", **body: str) -> tuple[dict[str, str], str]:
    """Ask over HTTP: the answer, and the session cookie if one was set."""
    headers = {"Content-Type": "application/json", "Origin": site, "Cookie": cookie}
    request = urllib.request.Request(site + path, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer), (answer.headers["Set-Cookie"] or "").partition(";")[0]


async def send(socket: ClientConnection, type: str, ref: int, **fields: object) -> None:
    await socket.send(json.dumps({"type": type, "ref": ref, **fields}))


async def echo(site: str, name: str, password: str, whom: str) -> str:
    """Echo until interrupted; what the server said when it refused something."""
    _, cookie = post(site, "/api/login", name=name, password=password)
    cursor: dict[str, str] = {}  # none yet: the first time, only what is new is told
    async for socket in connect(site.replace("http", "ws", 1) + "/ws"):  # again and again
        ticket, _ = post(site, "/api/ticket", cookie)  # good for one hello
        try:
            await send(socket, "hello", 1, **ticket, **cursor)
            await send(socket, "profile.get", 2, name=whom)
            async for text in socket:
                frame = json.loads(text)
                if frame["type"] == "error":
                    await socket.close()
                    return str(frame["message"])
                if frame.get("ref") == 2:
                    user = frame["result"]["user"]
                    await send(socket, "follow.set", 3, user_id=user["id"], on=True)
                if frame["type"] == "event" and is_new(noun := frame["noun"], whom):
                    # The same post gives the same key: told twice, it is answered once.
                    key = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{name} echoes {noun['id']}"))
                    reply = {"key": key, "text": noun["text"], "reply_to": noun["id"]}
                    await send(socket, "post.create", 4, **reply)
                if "cursor" in frame:  # all up to here has come: after a break, go on from here
                    cursor = {"cursor": frame["cursor"]}
        except ConnectionClosed:
            continue
    return ""


def is_new(noun: dict[str, Any], whom: str) -> bool:
    if noun["kind"] != "post" or noun["author"]["name"] != whom:
        return False
    return bool(noun["text"]) and noun["reply_to"] is None  # neither a tombstone nor an answer


if __name__ == "__main__":
    sys.exit(asyncio.run(echo(*sys.argv[1:])))
