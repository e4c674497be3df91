"""A request for every route of the HTTP side, and what has to be there for them."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Iterator, Sequence

from PIL import Image

from loadtest import targets
from loadtest.figures import opened
from loadtest.probe import Ask
from realtime.client import site
from realtime.http import edge


async def every_route(port: int, somebody: Sequence[str], spare: Iterator[str]) -> list[Ask]:
    """A request for each GET there is, so that none is forgotten, and two that write.

    `somebody` is id, name and cookie of whoever asks; each cookie of `spare` is signed out.
    """
    url = f"http://127.0.0.1:{port}"
    _, name, cookie = somebody
    uploaded = await asyncio.to_thread(site.upload, url, cookie, picture(400, 300))
    post_id = await _post(url, cookie, uploaded.id)
    asset = next((targets.ROOT / "static/assets").glob("*.js")).name
    addresses = {
        "/media/{file}": uploaded.url,
        "/@{name}": f"/@{name}",
        "/@{name}/{part}": f"/@{name}/followers",
        "/post/{id}": f"/post/{post_id}",
        "/api/{path:path}": "/api/nothing",
        "/media/{path:path}": "/media/no/thing",
        "/{path:path}": f"/assets/{asset}",
    }
    statuses = {"/api": 404, "/api/{path:path}": 404, "/media/{path:path}": 404, "/ws": 426}
    asks = [
        Ask(
            f"GET {path}",
            "GET",
            addresses.get(path, path),
            statuses.get(path, 200),
            lambda: cookie,
        )
        for path, methods in edge.table().items()
        if "GET" in methods
    ]
    asks.append(Ask("POST /api/ticket", "POST", "/api/ticket", 201, lambda: cookie))
    asks.append(Ask("POST /api/logout", "POST", "/api/logout", 204, lambda: next(spare)))
    return asks


async def _post(url: str, cookie: str, media_id: str) -> str:
    """The id of a new post with this picture."""
    socket = await opened(url, cookie)
    command = {
        "type": "post.create",
        "ref": 2,
        "key": "00000000-0000-4000-8000-000000000000",
        "text": "A harbour in fog",
        "media": [media_id],
    }
    await socket.send(json.dumps(command))
    while (answer := json.loads(await socket.recv())).get("ref") != 2:
        pass
    await socket.close()
    return str(answer["result"]["post"]["id"])


def picture(width: int, height: int) -> bytes:
    """A JPEG with noise in it, which is hard to shrink."""
    noise = Image.effect_noise((width, height), 60)
    image = Image.merge("RGB", (noise, noise.transpose(Image.Transpose.ROTATE_180), noise))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=85)
    return file.getvalue()
