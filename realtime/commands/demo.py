"""`realtime demo`: a database full of people, pictures and posts, to look at and to try."""

from __future__ import annotations

import asyncio
import re
import secrets
import sys
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Final, TypeVar

from realtime import auth, text, visibility
from realtime.change import Change, Telling
from realtime.commands.town import live, plan
from realtime.commands.town.people import GUEST, Person, crowd
from realtime.commands.town.plan import Deed, PassOn, Publish, React
from realtime.commands.town.portraits import portrait
from realtime.commands.town.scenes import draw
from realtime.config import BadSettings, Config
from realtime.darkroom import Darkroom
from realtime.errors import Refusal
from realtime.hub.bus import Bus, LocalBus, RedisBus
from realtime.secret import secret_keys
from realtime.store import account, bulk, media, noting, post, react, retweet, user
from realtime.store.account import NewAccount
from realtime.store.database import Database, Tx
from realtime.store.migrate import migrate

PASSWORD: Final = "lamp on the harbour"
_PEOPLE_MAX: Final = 5_000
_PICTURES_MAX: Final = 150
_TOGETHER: Final = 30  # deeds in one transaction: others who write wait no longer than that takes
_LAP_MS: Final = 20 * 60_000  # reactions within so long have one time
_MENTION: Final = re.compile(r"@([a-z0-9_]+)")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Settled:
    """The people of the demo as this database knows them."""

    ids: dict[str, int]  # by the name in the story
    names: dict[str, str]  # the name in the story → the one that was free here
    password: str


async def demo(config: Config, users: int, *, live_on: bool = False, force: bool = False) -> int:
    """Fill the database with `users` people and their last days; the exit status.

    Where the demo has been before, nothing is added. With `live_on` they then go on posting,
    through the running server, until interrupted.

    Raises:
        BadSettings: the database has other people already, and `force` was not given.
    """
    if not 2 <= users <= _PEOPLE_MAX:
        raise BadSettings(f"--users: from 2 to {_PEOPLE_MAX}.")
    database = await Database.connect(config.database_url)
    try:
        await migrate(database)
        settled = None if force else await _already_here(database, users)
        if settled is None:
            if not force and await bulk.has_people(database):
                raise BadSettings(
                    "This database has people already. Use another one (REALTIME_DATABASE_URL), "
                    "or add --force."
                )
            settled = await _fill(database, config, users, is_shared=force)
        _say(f"Sign in as {settled.names[GUEST]} with the password: {settled.password}")
        if not live_on:
            _say("To see the timeline move, start the server and type: make demo ARGS=--live")
            return 0
        return await live.live(config, database, secret_keys(config), _voices(settled))
    finally:
        await database.close()


def _voices(settled: Settled) -> list[live.Voice]:
    return [
        live.Voice(user_id, settled.names[story])
        for story, user_id in list(settled.ids.items())[: live.VOICES]
        if story != GUEST  # whoever signs in speaks for themselves
    ]


async def _already_here(database: Database, users: int) -> Settled | None:
    """The people of an earlier run, who all have the guest's password hash, salt included."""
    guest = await account.by_name(database, GUEST)
    if guest is None or not await asyncio.to_thread(auth.verify_password, guest.password, PASSWORD):
        return None
    ids = {}
    for person in crowd(min(users, live.VOICES)):
        known = await account.by_name(database, person.name)
        if known is not None and known.password == guest.password:
            ids[person.name] = known.user_id
    _say("The people of the demo are here already; nothing was added.")
    return Settled(ids, {name: name for name in ids}, PASSWORD)


async def _fill(database: Database, config: Config, users: int, *, is_shared: bool) -> Settled:
    people = crowd(users)
    # Among real people, accounts with a password that everybody knows would be open doors.
    password = secrets.token_urlsafe(12) if is_shared else PASSWORD
    now_ms = time.time_ns() // 1_000_000
    _say(f"{users} people move in ...")
    settled = await _move_in(database, people, password, now_ms)
    deeds = plan.past(people, now_ms)
    _say("... and draw their pictures ...")
    async with Darkroom(config.uploads) as room:
        faces = await _faces(database, room, people, settled)
        scenes = await _scenes(database, room, deeds, settled)
    await _introduce(database, people, settled, faces)
    _say("... and talk.")
    async with _bus(config) as bus:
        await _Story(Change(database, bus), settled, scenes).tell(deeds)
    kinds = Counter(type(deed) for deed in deeds)
    _say(
        f"{kinds[Publish]} posts, {len(faces) + sum(map(len, scenes.values()))} pictures, "
        f"{kinds[React]} reactions and {kinds[PassOn]} retweets of the last {plan.DAYS:g} days."
    )
    return settled


@asynccontextmanager
async def _bus(config: Config) -> AsyncIterator[Bus]:
    """Towards the processes of a running server, if they share Redis; its log has it all anyway."""
    bus: Bus = RedisBus(list(config.redis_urls)) if config.redis_urls else LocalBus()
    await bus.start(lambda messages: None, on_reconnect=lambda: None)
    try:
        yield bus
    finally:
        await bus.stop()


async def _move_in(
    database: Database, people: Sequence[Person], password: str, now_ms: int
) -> Settled:
    """Register everybody, under the next free name where theirs is taken."""
    hashed = await asyncio.to_thread(auth.hash_password, password)
    came_ms = now_ms - int((plan.DAYS + 2) * 86_400_000)

    async def deed(tx: Tx) -> Settled:
        settled = Settled({}, {}, password)
        for place, person in enumerate(people):
            name = await _free(tx, person.name)
            new = NewAccount(name, text.display_name(person.display_name), hashed)
            settled.ids[person.name] = await account.register(tx, new, came_ms + place * 61_000)
            settled.names[person.name] = name
        return settled

    return await database.run_tx(deed, deadline_s=600)


async def _free(tx: Tx, name: str) -> str:
    if not await account.is_taken(tx, name):
        return name
    for number in range(2, 1_000):
        if not await account.is_taken(tx, f"{name[:26]}{number}"):
            return f"{name[:26]}{number}"
    raise BadSettings(f"{name} and its next 1,000 names are taken. Use another database.")


async def _introduce(
    database: Database, people: Sequence[Person], settled: Settled, faces: dict[str, int]
) -> None:
    """Profiles, and who follows whom."""
    ids = list(settled.ids.values())
    pairs = [(ids[one], ids[other]) for one, other in plan.follows(people)]

    async def deed(tx: Tx) -> None:
        for person in people:
            bio, face = text.bio(person.bio), faces.get(person.name)
            user_id = settled.ids[person.name]
            await user.update(tx, user_id, display_name=None, bio=bio, avatar=face)
        await bulk.follows(tx, pairs, list(await tx.next_seq(len(pairs))))

    await database.run_tx(deed, deadline_s=600)


async def _faces(
    database: Database, room: Darkroom, people: Sequence[Person], settled: Settled
) -> dict[str, int]:
    """Portraits, by the name in the story: media ids."""
    wanted = [(person.name, person.face) for person in people if person.face is not None]

    async def one(name: str, face: int) -> tuple[str, int]:
        drawn = await asyncio.to_thread(portrait, face)
        return name, await _kept(database, room, settled.ids[name], drawn, "")

    return dict(
        await _two_by_two([partial(one, name, face) for name, face in wanted[:_PICTURES_MAX]])
    )


async def _scenes(
    database: Database, room: Darkroom, deeds: Sequence[Deed], settled: Settled
) -> dict[int, list[int]]:
    """The pictures of posts, by the number of the deed: media ids."""
    posts = [deed for deed in deeds if isinstance(deed, Publish) and deed.say.scenes]

    async def one(deed: Publish) -> tuple[int, list[int]]:
        ids = []
        for place, (scene, alt) in enumerate(deed.say.scenes):
            drawn = await asyncio.to_thread(draw, scene, deed.number * 3 + place)
            ids.append(await _kept(database, room, settled.ids[deed.say.who], drawn, alt))
        return deed.number, ids

    return dict(await _two_by_two([partial(one, deed) for deed in posts[-_PICTURES_MAX:]]))


async def _two_by_two(jobs: Sequence[Callable[[], Awaitable[T]]]) -> list[T]:
    """Run all of them, two at a time; their results in order."""
    done: list[T] = []
    for start in range(0, len(jobs), 2):
        done += await asyncio.gather(*(job() for job in jobs[start : start + 2]))
    return done


async def _kept(database: Database, room: Darkroom, owner_id: int, drawn: bytes, alt: str) -> int:
    """Develop and write down one picture; its id. Unused, it goes within a day by itself."""
    facts = await room.develop(drawn)
    picture = media.Picture(
        type=facts.type,
        file=facts.file,
        width=facts.width,
        height=facts.height,
        sizes=tuple((size.file, size.width, size.height) for size in facts.sizes),
        thumbhash=facts.thumbhash,
        animated=facts.animated,
        alt=text.alt(alt),
    )
    at_ms = time.time_ns() // 1_000_000
    return await database.run_tx(lambda tx: media.insert(tx, owner_id, picture, at_ms))


class _Story:
    """Does the deeds in their order; who follows these people meanwhile, hears them as usual.

    What is only state (counts, everybody's newest posts) is not told: these deeds are days old.
    """

    def __init__(self, change: Change, settled: Settled, scenes: dict[int, list[int]]) -> None:
        self._change = change
        self._settled = settled
        self._scenes = scenes
        self._posts: dict[int, int] = {}  # a deed's number → the post's id

    async def tell(self, deeds: Sequence[Deed]) -> None:
        for start in range(0, len(deeds), _TOGETHER):
            some = deeds[start : start + _TOGETHER]
            # Set, not added to: a deed may run again.
            self._posts.update(await self._change(partial(self._do, deeds=some)))

    async def _do(self, tx: Tx, telling: Telling, *, deeds: Sequence[Deed]) -> dict[int, int]:
        posts: dict[int, int] = {}
        for group in _groups(deeds):
            first, at_ms = group[0], group[-1].at_ms
            known = {**self._posts, **posts}
            if isinstance(first, Publish):
                posts[first.number] = await self._publish(tx, telling, first, known)
                continue
            reactions = [
                react.Item(self._id(one.who), known[one.number], text.emoji(one.emoji), True)
                for one in group
                if isinstance(one, React)
            ]
            passed = [
                retweet.Item(self._id(one.who), known[one.number], True)
                for one in group
                if isinstance(one, PassOn)
            ]
            await self._react(tx, telling, reactions, at_ms)
            await self._pass_on(tx, telling, passed, at_ms)
        return posts

    async def _react(
        self, tx: Tx, telling: Telling, items: Sequence[react.Item], at_ms: int
    ) -> None:
        done = []
        for item, changed in zip(items, _all_done(await react.set(tx, items, at_ms)), strict=True):
            if changed.reaction_id is not None:
                done_to = (changed.author_id, item.user_id, item.post_id)
                done.append(noting.Deed(*done_to, changed.reaction_id, on=True))
        telling.owed(await noting.gathered(tx, noting.REACTION, done, at_ms))

    async def _pass_on(
        self, tx: Tx, telling: Telling, items: Sequence[retweet.Item], at_ms: int
    ) -> None:
        done = []
        results = _all_done(await retweet.set(tx, items, at_ms))
        for item, changed in zip(items, results, strict=True):
            if changed.retweet is None:
                continue
            telling.noun(visibility.author(item.user_id), changed.retweet)
            done_to = (changed.author_id, item.user_id, item.post_id)
            done.append(noting.Deed(*done_to, int(changed.retweet.id), on=True))
        telling.owed(await noting.gathered(tx, noting.RETWEET, done, at_ms))

    async def _publish(self, tx: Tx, telling: Telling, deed: Publish, known: dict[int, int]) -> int:
        words = _MENTION.sub(self._mention, deed.say.text)
        pictures = self._scenes.get(deed.number, [])
        draft = post.Draft(
            author_id=self._id(deed.say.who),
            key=str(uuid.uuid4()),
            text=text.post_text(words, may_be_empty=bool(pictures)),
            media=pictures,
            reply_to=None if deed.answers is None else known[deed.answers],
            quote_of=None if deed.quotes is None else known[deed.quotes],
        )
        [created] = _all_done(await post.create(tx, [draft], deed.at_ms))
        telling.noun(visibility.author(draft.author_id), created.post)
        if created.parent_id is not None:
            telling.noun(visibility.post(created.parent_id), created.post)
        telling.owed(await noting.said(tx, [noting.said_by(created.post)], deed.at_ms))
        return int(created.post.id)

    def _id(self, story: str) -> int:
        return self._settled.ids[story]

    def _mention(self, match: re.Match[str]) -> str:
        return "@" + self._settled.names.get(match[1], match[1])


def _groups(deeds: Sequence[Deed]) -> Iterator[list[Deed]]:
    """Neighbours of one kind that may share a statement; a post stands alone."""
    group = list(deeds[:1])
    for before, deed in pairwise(deeds):
        is_near = deed.at_ms - group[0].at_ms < _LAP_MS
        if type(deed) is type(before) and not isinstance(deed, Publish) and is_near:
            group.append(deed)
            continue
        yield group
        group = [deed]
    if group:
        yield group


def _all_done(results: Sequence[T | Refusal]) -> list[T]:
    """Raises: RuntimeError: one was refused, so the story breaks the rules of the house."""
    done = [result for result in results if not isinstance(result, Refusal)]
    if len(done) < len(results):
        refusal = next(result for result in results if isinstance(result, Refusal))
        raise RuntimeError(f"the story is refused: {refusal.message}")
    return done


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
