"""Everybody who may ask, with an open window each, and the things of one of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import httpx

from realtime.config import Config
from tests.client import PASSWORD, Person, Window, follow, person, post, window
from tests.handlers.asking import apart
from tests.pictures import photo
from tests.server import Running, serving

SIGNED_IN: Final = ("owner", "follower", "stranger", "muted", "blocked", "blocker")
NOBODIES: Final = ("visitor", "signed out", "gone")
ACTORS: Final = (*SIGNED_IN, *NOBODIES)
UNKNOWN: Final = "999999999"


@dataclass
class People:
    """One deployment. `things` are ids by what they are; `cookies` belong to actors."""

    server: Running
    persons: dict[str, Person]
    windows: dict[str, Window]
    cookies: dict[str, str]
    things: dict[str, str] = field(default_factory=dict)

    @property
    def owner(self) -> Window:
        """The owner's window."""
        return self.windows["owner"]

    async def fresh(self, what: str) -> str:
        """The id of a new post, picture or session of the owner's, to be used up."""
        if what == "session":
            return await self._session()
        if what == "picture":
            return str((await self.persons["owner"].upload(photo(40, 30)))["id"])
        return str((await post(self.owner, "a post to be used up"))["id"])

    async def _session(self) -> str:
        """The id of one more session of the owner's."""
        async with httpx.AsyncClient(base_url=self.server.url, verify=False) as program:
            claim = {"name": "owner", "password": PASSWORD}
            (await program.post("/api/login", json=claim)).raise_for_status()
            known = (await program.get("/api/sessions")).json()["sessions"]
        return str(next(one["id"] for one in known if one["current"]))


@asynccontextmanager
async def people(config: Config) -> AsyncIterator[People]:
    """Serve this deployment, with all of them in it, while the body runs."""
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(serving(config))
        names = {actor: actor.replace(" ", "_") for actor in (*SIGNED_IN, *NOBODIES[1:])}
        persons = {
            actor: await stack.enter_async_context(person(server.url, name))
            for actor, name in names.items()
        }
        cookies = {actor: one.cookie for actor, one in persons.items()}
        windows = {
            actor: await stack.enter_async_context(persons[actor].window()) for actor in SIGNED_IN
        }
        found = People(server, persons, windows, cookies)
        await _furnish(found)
        await _leave(found)
        for actor in NOBODIES:
            opened = window(server.url, cookies.get(actor))
            windows[actor] = await stack.enter_async_context(opened)
            assert windows[actor].welcome["user"] is None, actor
        yield found


async def _furnish(found: People) -> None:
    owner, persons, things = found.owner, found.persons, found.things
    things["post"] = await found.fresh("post")
    things["deleted post"] = await found.fresh("post")
    await owner.ask("post.delete", post_id=things["deleted post"])
    async with persons["gone"].window() as opened:
        things["post of nobody"] = (await post(opened, "soon gone"))["id"]
    for what, who in (("used picture", "owner"), ("another's picture", "signed out")):
        media = await persons[who].upload(photo(40, 30))
        things[what] = media["id"]
        things[f"file of {what}"] = media["url"].rpartition("/")[2]
    await post(owner, "with a picture", media=[things["used picture"]])
    things["owner"], things["nobody"] = persons["owner"].id, persons["gone"].id
    things |= {"unknown": UNKNOWN, "no id": "7f", "no file": f"{'0' * 32}.webp"}
    things |= {"name": "owner", "gone name": "gone", "unknown name": "nobody_at_all"}
    await follow(found.windows["follower"], persons["owner"])
    async with persons["signed out"].window() as opened:
        await opened.ask("follow.set", user_id=persons["owner"].id, on=True)
    await owner.ask("mute.set", user_id=persons["muted"].id, on=True)
    await apart(found.server, persons["owner"], persons["blocked"])
    await apart(found.server, persons["blocker"], persons["owner"])
    await found.windows["follower"].ask("react.set", post_id=things["post"], emoji="🌊", on=True)
    notices = (await owner.ask("notice.list"))["notices"]
    things["notice"] = notices[0]["id"]


async def _leave(found: People) -> None:
    """One signs out, one deletes their account; both keep their cookies."""
    done = await found.persons["signed out"].http.post("/api/logout")
    done.raise_for_status()
    done = await found.persons["gone"].http.request(
        "DELETE", "/api/account", json={"password": PASSWORD}
    )
    done.raise_for_status()


@asynccontextmanager
async def browser(found: People, actor: str) -> AsyncIterator[httpx.AsyncClient]:
    """This actor's browser, on this site's own page; it keeps no new cookie."""
    headers = {"Origin": found.server.url}
    if actor in found.cookies:
        headers["Cookie"] = found.cookies[actor]
    # Certificates, which nobody shows here, take most of the time of making a client.
    async with httpx.AsyncClient(
        base_url=found.server.url, headers=headers, timeout=30, verify=False
    ) as client:
        yield client
