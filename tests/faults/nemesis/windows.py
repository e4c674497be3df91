"""One person with several windows: the same post asked for at once, and two tabs on two nodes."""

from __future__ import annotations

import asyncio
import contextlib
import random
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from websockets.exceptions import InvalidHandshake

from tests.faults.check import Verdict, check
from tests.faults.cluster import USUAL, Cluster, cluster
from tests.faults.history import Attempt, Edge, Fault, History, now
from tests.faults.line import Away, Json, Line
from tests.faults.nemesis.nodes import nothing
from tests.faults.people import Author, Follower, pages
from tests.faults.raw import dial_raw
from tests.faults.trial import SMALL, Crowd, Row, Size, alarms, look, settle
from tests.handlers.test_law import Mirror, key, number, plain

AT_ONCE: Final = 10  # windows of an author, spread over the nodes
DROPPED: Final = 4  # of so many posts one answer is dropped
POSTS: Final = 10_000
FEW_POSTS: Final = 500
ROUNDS: Final = 400
FEW_ROUNDS: Final = 60
ALIKE_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with a session."""

    user_id: int
    cookie: str


async def members(built: Cluster, count: int) -> list[Member]:
    """Make so many people, who follow nobody."""
    cookies = built.folder / "cookies"
    await built.run("fixture", "--users", str(count), "--follow", "0", "--cookies", str(cookies))
    lines = [line.split("\t") for line in cookies.read_text(encoding="utf-8").splitlines()]
    return [Member(int(user_id), cookie) for user_id, _, cookie in lines]


class Hand:
    """A window that only asks. It comes back as often as it must, to its own node first."""

    def __init__(self, member: Member, ports: Sequence[int], chance: random.Random) -> None:
        self.line = Line(ports, member.cookie, chance, dial_raw)
        self._node = ports[0]
        self._reading: asyncio.Task[int] | None = None

    async def ask(self, type: str, **fields: Any) -> Json:
        """The answer, `ok` or a refusal for good, however often it has to be asked for."""
        while True:
            try:
                await self._be_there()
                answer = await self.line.ask(type, **fields)
            except (Away, OSError, InvalidHandshake, TimeoutError):
                await asyncio.sleep(0.05)
                continue
            if answer.get("code") not in ("unavailable", "rate_limited", "internal"):
                return answer
            await asyncio.sleep(answer.get("retry_after", 0.5))

    async def drop(self, type: str, **fields: Any) -> None:
        """Ask, and be gone before the answer."""
        await self._be_there()
        asking = asyncio.create_task(self.line.ask(type, **fields))
        await asyncio.sleep(0)
        if self.line.socket is not None:
            self.line.socket.transport.close()
        with contextlib.suppress(Away):
            await asking

    async def _be_there(self) -> None:
        if self.line.socket is None:
            await self.leave()
            await self.line.open(self._node)
            self._reading = asyncio.ensure_future(self.line.read(lambda frame: None))
            answer = await self.line.ask("hello")
            if answer["type"] != "welcome":
                raise Away

    async def leave(self) -> None:
        """Hang up."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
            self._reading = None


@contextlib.asynccontextmanager
async def seated(followers: Sequence[Follower]) -> AsyncIterator[None]:
    """These windows are open while the body runs."""
    tasks = [asyncio.create_task(follower.run()) for follower in followers]
    try:
        async with asyncio.timeout(30):
            await asyncio.gather(*(follower.welcomed.wait() for follower in followers))
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def submit_twice(
    ports: Sequence[int], author: Member, reader: Member, history: History, posts: int
) -> Verdict:
    """Every post is asked for in ten windows at once, some after an answer that was dropped."""
    chance = random.Random(history.seed)
    fault = Fault("duplicate-submit", now())
    history.faults.append(fault)
    turned = [[*ports[i % len(ports) :], *ports[: i % len(ports)]] for i in range(AT_ONCE)]
    hands = [Hand(author, places, random.Random(chance.random())) for places in turned]
    window = Follower("reader", reader.user_id, Line(ports, reader.cookie, chance), history)
    answers = 0
    try:
        async with seated([window]):
            await follow(window, author.user_id, history)
            for number in range(posts):
                key = str(uuid.UUID(int=chance.getrandbits(128), version=4))
                attempt = history.attempts[key] = Attempt(key, author.user_id, now())
                if number % DROPPED == 0:
                    await chance.choice(hands).drop("post.create", key=key, text=key)
                    fault.bites += 1
                told = await asyncio.gather(
                    *(hand.ask("post.create", key=key, text=key) for hand in hands)
                )
                attempt.acked, attempt.tries = now(), len(told)
                attempt.ids |= {int(answer["result"]["post"]["id"]) for answer in told}
                answers += len(told)
            fault.healed = now()
            author_line = Line(ports, author.cookie, chance)
            crowd = Crowd(
                [Author(author.user_id, author_line, history, chance)], [window], chance, history
            )
            await settle(crowd)
            await look(crowd)
    finally:
        await asyncio.gather(*(hand.leave() for hand in hands))
    history.figures["keys"] = f"{posts:,}"
    history.figures["answers"] = f"{answers:,}"
    history.figures["answers dropped"] = f"{fault.bites:,}"
    return check(history)


async def follow(window: Follower, author: int, history: History) -> None:
    """This window's person follows the author, acknowledged before anything is posted."""
    edge = Edge(window.user_id, author, "follow", now())
    history.edges.append(edge)
    answer = await window.line.ask("follow.set", user_id=str(author), on=True)
    while answer["type"] != "ok":
        await asyncio.sleep(answer["retry_after"])
        answer = await window.line.ask("follow.set", user_id=str(author), on=True)
    edge.acked = now()


class Tab(Follower):
    """A window on a node of its own that keeps every noun it is told of, once, the newest."""

    def __init__(self, name: str, member: Member, port: int, history: History) -> None:
        chance = random.Random(history.seed)
        super().__init__(
            name, member.user_id, Line([port], member.cookie, chance, dial_raw), history
        )
        self.mirror = Mirror()
        self.times: Counter[tuple[str, str, int]] = Counter()  # own events: kind, id, number
        self.read: Json = {"seq": -1, "unread": 0}
        self.own = f"author:{member.user_id}"

    def _take(self, frame: Json) -> None:
        if frame["type"] == "event" and frame["noun"]["kind"] == "relation":
            # Whoever is followed again tells what they told since the cursor, as after a welcome.
            self.seat.greetings += 1
        super()._take(frame)
        if frame["type"] != "event":
            return
        noun = frame["noun"]
        if noun["kind"] == "read":
            self.read = max(self.read, noun, key=lambda one: int(one["seq"]))
        elif noun["kind"] != "draft":
            self.mirror.take(noun)
        if frame["topic"] == self.own:
            self.times[*key(noun), number(noun)] += 1

    async def ask(self, type: str, **fields: Any) -> Json:
        """The result of a command that nothing speaks against."""
        answer = await self.line.ask(type, **fields)
        while answer["type"] != "ok":
            await asyncio.sleep(answer["retry_after"])
            answer = await self.line.ask(type, **fields)
        result: Json = answer["result"]
        return result

    async def post(self, chance: random.Random, **fields: Any) -> int:
        """One post by this person; its id."""
        name = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        attempt = self._history.attempts[name] = Attempt(name, self.user_id, now(), tries=1)
        result = await self.ask("post.create", key=name, text=name, **fields)
        attempt.acked = now()
        attempt.ids.add(int(result["post"]["id"]))
        return min(attempt.ids)

    async def load(self, shown: Sequence[str], friend: int) -> tuple[list[Json], int]:
        """All that is on the screen, asked for now, and how many notices wait."""
        found = [await self.ask("watch.set", post_ids=list(shown))]
        for person in (friend, self.user_id):
            found.append(await self.ask("profile.get", user_id=str(person)))
        found += await pages(self.line, "user", self.user_id)
        notices = await self.ask("notice.list")
        found.append(notices)
        return found, notices["unread"]


async def two_tabs(
    ports: Sequence[int], me: Member, friend: Member, history: History, rounds: int
) -> Verdict:
    """One person does things in two windows at once, while a friend reacts and replies."""
    chance = random.Random(history.seed)
    fault = Fault("two-tabs", now())
    history.faults.append(fault)
    tabs = [Tab(f"tab {i}", me, ports[i], history) for i in range(2)]
    aside = History(history.seed)  # what the friend is told is not judged
    theirs = Tab("friend", friend, ports[-1], aside)
    async with seated([*tabs, theirs]):
        shown = [str(await (theirs, tabs[0])[i % 2].post(chance)) for i in range(8)]
        for tab in tabs:
            tab.mirror.take((await tab.load(shown, friend.user_id))[0])
        done = await asyncio.gather(
            *(_live(tab, shown, friend.user_id, chance, rounds) for tab in tabs),
            _befriend(theirs, shown[1::2], me.user_id, chance, rounds),
        )
        for tab in tabs:
            await follow(tab, friend.user_id, history)
        fault.healed, fault.bites = now(), sum(done)
        author = Author(me.user_id, tabs[0].line, history, chance)
        other = Author(friend.user_id, theirs.line, history, chance)
        crowd = Crowd([author, other], [*tabs], chance, history)
        history.attempts |= aside.attempts
        await settle(crowd)
        await look(crowd)
        verdict = check(history)
        await _compare(tabs, shown, friend.user_id, verdict)
    told = sum(sum(tab.times.values()) for tab in tabs)
    history.figures |= {"deeds": f"{fault.bites:,}", "own events": f"{told:,}"}
    return verdict


async def _live(
    tab: Tab, shown: Sequence[str], friend: int, chance: random.Random, rounds: int
) -> int:
    """Do as many things as there are rounds, each in another order than the other window."""
    for turn in range(rounds):
        post_id, on = chance.choice(shown), chance.random() < 0.6
        deed = chance.choice(("post", "react", "retweet", "follow", "profile", "read"))
        if deed == "post":
            await tab.post(chance)
        elif deed == "react":
            emoji = chance.choice(("🌊", "🔥", "🎉"))
            await tab.ask("react.set", post_id=post_id, emoji=emoji, on=on)
        elif deed == "retweet":
            await tab.ask("retweet.set", post_id=post_id, on=on)
        elif deed == "follow":
            await tab.ask("follow.set", user_id=str(friend), on=on)
        elif deed == "profile":
            await tab.ask("profile.update", display_name=f"{tab.name}, {turn}")
        elif notices := [noun for (kind, _), noun in tab.mirror.known.items() if kind == "notice"]:
            await tab.ask("notice.read", up_to=chance.choice(notices)["id"])
    return rounds


async def _befriend(
    theirs: Tab, posts: Sequence[str], whom: int, chance: random.Random, rounds: int
) -> int:
    """What the person of two windows gets notices of."""
    for _ in range(rounds):
        post_id, on = chance.choice(posts), chance.random() < 0.6
        deed = chance.choice(("react", "reply", "follow", "retweet"))
        if deed == "react":
            await theirs.ask("react.set", post_id=post_id, emoji="👏", on=on)
        elif deed == "reply":
            await theirs.post(chance, reply_to=post_id)
        elif deed == "follow":
            await theirs.ask("follow.set", user_id=str(whom), on=on)
        else:
            await theirs.ask("retweet.set", post_id=post_id, on=on)
    return rounds


async def _compare(
    tabs: Sequence[Tab], shown: Sequence[str], friend: int, verdict: Verdict
) -> None:
    """Both windows show what a fresh load shows, and heard of each own deed once."""
    for tab in tabs:
        deadline = now() + ALIKE_S
        wrong = await _differences(tab, shown, friend)
        while wrong and now() < deadline:  # what was done last may be on its way
            await asyncio.sleep(0.5)
            wrong = await _differences(tab, shown, friend)
        for sentence in wrong:
            verdict.note("unlike", f"{tab.name}: {sentence}")
        for name, count in tab.times.items():
            if count > 1:
                verdict.note("doubled", f"{tab.name} heard {count} times of its own {name}")
    here, there = (set(tab.times) for tab in tabs)
    for name in here ^ there:
        verdict.note("lost", f"only one window heard of {name}")


async def _differences(tab: Tab, shown: Sequence[str], friend: int) -> list[str]:
    fresh = Mirror()
    found, unread = await tab.load(shown, friend)
    fresh.take(found)
    wrong = []
    for name, noun in fresh.known.items():
        known = tab.mirror.known.get(name)
        if known is None:
            if noun["kind"] in ("notice", "retweet", "relation"):
                wrong.append(f"nothing is known of {name}")
        elif plain(known) != plain(noun):
            wrong.append(f"{plain(known)} is now {plain(noun)}")
    if tab.read["seq"] >= 0 and tab.read["unread"] != unread:
        wrong.append(f"{tab.read['unread']} notices wait, not {unread}")
    return wrong


async def duplicate_submit_life(seed: int, size: Size) -> tuple[History, Verdict]:
    """The row's whole life."""
    history = History(seed)
    async with cluster(USUAL) as built:
        author, reader = await members(built, 2)
        posts = FEW_POSTS if size == SMALL else POSTS
        await submit_twice(built.ports, author, reader, history, posts)
        for node in built.nodes:
            history.alarms += alarms(node.log)
    return history, check(history)


async def two_tabs_life(seed: int, size: Size) -> tuple[History, Verdict]:
    """The row's whole life."""
    history = History(seed)
    async with cluster(USUAL) as built:
        me, friend = await members(built, 2)
        rounds = FEW_ROUNDS if size == SMALL else ROUNDS
        verdict = await two_tabs(built.ports, me, friend, history, rounds)
        for node in built.nodes:
            for alarm in alarms(node.log):
                verdict.note("alarms", alarm)
    return history, verdict


ROWS: Final = (
    Row(
        "duplicate-submit",
        "each post asked for in 10 windows at once",
        nothing,
        lives=duplicate_submit_life,
    ),
    Row("two-tabs", "one person in two windows on two nodes", nothing, lives=two_tabs_life),
)
