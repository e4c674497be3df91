"""A small town with everything in it that a page can show, made without a browser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.browser.crowd import Crowd, Person
from tests.client import Window, post, window
from tests.pictures import animation, photo

LONG = "supercalifragilisticexpialidocious" * 4
WORDS = (
    "Bread at six, boats at seven. See https://example.org/a/very/long/address/of/a/timetable"
    "?from=the-harbour&to=the-island#today, ask @{bob}, and mind the #weather."
)


@dataclass(frozen=True)
class Town:
    """`ada` lives here; the rest are addresses of pages that are worth a look."""

    ada: Person
    bob: Person
    thread: str


async def town(crowd: Crowd) -> Town:
    """Ada and Bob follow each other and have done all that can be done."""
    ada = await crowd.person("Ada", workers="block")
    bob = await crowd.person("Bob", workers="block")
    async with (
        window(crowd.url, await ada.cookie()) as adas,
        window(crowd.url, await bob.cookie()) as bobs,
    ):
        await _meet(adas, bob)
        await _meet(bobs, ada)
        await adas.ask(
            "profile.update",
            display_name="Ada of the very long name that goes on and on",
            bio=WORDS.format(bob=bob.name),
            avatar=await picture(crowd, ada, photo(200, 200), ""),
        )
        root = await post(adas, WORDS.format(bob=bob.name))
        await post(bobs, LONG)
        for count in (1, 2, 3, 4):
            shapes = ((300, 200), (200, 300), (600, 100), (120, 480))[:count]
            media = [
                await picture(crowd, ada, photo(*shape), f"Picture {number}")
                for number, shape in enumerate(shapes)
            ]
            await post(adas, f"Pictures: {count}", media=media)
        await post(bobs, "It moves", media=[await picture(crowd, bob, animation(3), "It turns")])
        answer = await post(bobs, "At which pier?", reply_to=root["id"])
        gone = await post(adas, "The wrong pier", reply_to=answer["id"])
        await adas.ask("post.delete", post_id=gone["id"])
        focal = await post(adas, "مرحبا، الرصيف الثاني", reply_to=answer["id"])
        await post(bobs, "Thank you.", reply_to=focal["id"])
        await post(bobs, "As Ada says:", quote_of=root["id"])
        await bobs.ask("retweet.set", post_id=root["id"], on=True)
        await _react(adas, bobs, focal["id"])
    return Town(ada, bob, f"/post/{focal['id']}")


async def _meet(program: Window, other: Person) -> None:
    found = await program.ask("profile.get", name=other.name)
    await program.ask("follow.set", user_id=found["user"]["id"], on=True)


async def _react(adas: Window, bobs: Window, post_id: str) -> None:
    for emoji in ("🔥", "👩🏽‍🚀", "🏳️‍🌈", "👏"):
        await adas.ask("react.set", post_id=post_id, emoji=emoji, on=True)
    for emoji in ("🔥", "🐙"):
        await bobs.ask("react.set", post_id=post_id, emoji=emoji, on=True)


async def picture(crowd: Crowd, person: Person, data: bytes, alt: str) -> str:
    answer = await person.context.request.post(
        "/api/media",
        headers={"Origin": crowd.url},
        multipart={
            "file": {"name": "picture", "mimeType": "application/octet-stream", "buffer": data},
            "alt": alt,
        },
    )
    assert answer.status == 201, await answer.text()
    media: dict[str, Any] = (await answer.json())["media"]
    found: str = media["id"]
    return found
