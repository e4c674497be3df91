"""A world of posts to try feeds in: people write, delete and follow, and windows show it."""

from __future__ import annotations

from typing import Any

from realtime import visibility
from realtime.change import Change, Telling
from realtime.errors import Refusal
from realtime.feed import Feed
from realtime.model import Post, Relation
from realtime.store import audience, post, publish, relation, timeline
from realtime.store.database import Database, Tx
from realtime.store.timeline import Page
from tests.feed_stage import Stage, Window, now_ms
from tests.people import register

AUTHORS = 4
READERS = 3


class View(Window):
    """What one window shows: it believes what it is told, newest first, and asks for pages."""

    def __init__(self, world: World, user_id: int) -> None:
        super().__init__(world, user_id)
        self.world = world
        self.posts: dict[int, Post] = {}
        self.following: dict[int, tuple[int, bool]] = {}  # author → (seq, on)
        self.left: set[int] = set()

    def welcomed(self, welcome: dict[str, Any], is_fresh: bool) -> None:
        if is_fresh:
            self.posts, self.following, self.left = {}, {}, set()
            self.spawn(self._load(None))

    def hear(self, noun: dict[str, Any]) -> None:
        if noun["kind"] == "relation":
            self._stand(int(noun["user_id"]), noun["seq"], noun["following"])
        elif noun["kind"] == "post":
            found = Post(**{k: v for k, v in noun.items() if k != "kind"})
            author = int(noun["author"]["id"])
            if author in self.left and not self.world.may_follow(self, author):
                self.wrong.append(f"post {found.id} of {author} came after the unfollow")
            self._put(found)

    def _stand(self, author: int, seq: int, on: bool) -> None:
        known = self.following.get(author)
        if known is not None and known[0] > seq:
            return
        self.following[author] = (seq, on)
        if on:
            self.left.discard(author)
            self.spawn(self._load(author))
        else:
            self.left.add(author)
            self._drop(author)

    def _drop(self, author: int) -> None:
        # What is gone stays known: a page that was read before may still be on its way.
        for post_id in [i for i, p in self.posts.items() if _author(p) == author and not p.deleted]:
            del self.posts[post_id]

    def _put(self, found: Post) -> None:
        known = self.posts.get(int(found.id))
        if known is None or known.seq <= found.seq:
            self.posts[int(found.id)] = found

    async def _load(self, author: int | None) -> None:
        """A page, which may be old by the time it comes: newest wins here too."""
        start = self.start
        await self.world.pause()
        authors = range(AUTHORS) if author is None else [author]
        ids = [self.world.authors[a] if author is None else a for a in authors]
        relations = await relation.get(self.world.database, self.user_id, ids)
        pages = [
            (a, await timeline.user(self.world.database, a, frozenset(), None, 100))
            for a in ids
            if relations[a].following
        ]
        await self.world.dawdle()
        if start == self.start:
            self._apply(relations, pages)

    def _apply(self, relations: dict[int, Relation], pages: list[tuple[int, Page]]) -> None:
        for a, found in relations.items():
            known = self.following.get(a)
            if known is None or known[0] <= found.seq:
                self.following[a] = (found.seq, found.following)
                if not found.following:
                    self._drop(a)
                else:
                    self.left.discard(a)
        for a, page in pages:
            # One that was asked for before an unfollow tells nothing of what was deleted since.
            if self.following[a] == (relations[a].seq, True):
                for entry in page.entries:
                    if isinstance(entry, Post):
                        self.page_put(entry)
        self.has_view = True

    def page_put(self, found: Post) -> None:
        self._put(found)


def _author(found: Post) -> int:
    author: Any = found.author
    return int(author["id"] if isinstance(author, dict) else author.id)


class World(Stage):
    """Authors who write and delete, readers who follow them and look."""

    def __init__(self, database: Database, seed: int, loss: float) -> None:
        super().__init__(database, seed, loss)
        self.authors: list[int] = []
        self.readers: list[int] = []
        self.views: list[View] = []
        self.follows: dict[tuple[int, int], int] = {}  # → `seq` of the latest follow

    @property
    def windows(self) -> list[View]:
        return self.views

    async def start(self, feed_type: type[Feed], view_type: type[View]) -> None:
        for i in range(AUTHORS):
            self.authors.append(await register(self.database, f"author{i}"))
        for i in range(READERS):
            self.readers.append(await register(self.database, f"reader{i}"))
        for _ in range(2):
            await self.start_process(feed_type, Change)
        self.views = [view_type(self, reader) for reader in self.readers for _ in range(2)]

    def may_follow(self, view: View, author: int) -> bool:
        """True if a follow was begun after the unfollow that this view was told last."""
        begun = self.follows.get((view.user_id, author), 0)
        return begun > view.following[author][0]

    async def publish(self) -> None:
        draft = publish.Draft(
            author_id=self.chance.choice(self.authors),
            key=f"{self.chance.getrandbits(128):032x}",
            text="x",
            media=[],
            reply_to=None,
            quote_of=None,
        )

        async def deed(tx: Tx, telling: Telling) -> None:
            created = (await publish.create(tx, [draft], now_ms()))[0]
            assert not isinstance(created, Refusal)
            telling.noun(visibility.author(draft.author_id), created.post)
            await self.linger()

        await self.chance.choice(self.processes).change(deed)

    async def delete(self) -> None:
        rows = await self.database.fetch_all("SELECT id, author_id FROM posts WHERE NOT deleted")
        if not rows:
            return
        row = self.chance.choice(rows)

        async def deed(tx: Tx, telling: Telling) -> None:
            gone = await post.delete(tx, row["author_id"], row["id"], frozenset(), now_ms())
            if gone.was_new:
                telling.noun(visibility.author(row["author_id"]), gone.post)
            await self.linger()

        await self.chance.choice(self.processes).change(deed)

    async def follow(self) -> None:
        user_id, author = self.chance.choice(self.readers), self.chance.choice(self.authors)
        known = (await relation.get(self.database, user_id, [author]))[author]

        async def deed(tx: Tx, telling: Telling) -> None:
            done = await relation.follow(tx, user_id, author, not known.following, now_ms())
            if done.changed:
                telling.noun(visibility.me(user_id), done.mine)
            if done.mine.following:  # before the commit: nobody can have heard of it yet
                self.follows[user_id, author] = done.mine.seq
            await self.linger()

        process = self.chance.choice(self.processes)
        await process.change(deed)
        await process.feed.settle(user_id)

    async def step(self) -> None:
        what = self.chance.random()
        if what < 0.16:
            self.spawn(self.publish())
        elif what < 0.20:
            self.spawn(self.delete())
        elif what < 0.28:
            self.spawn(self.follow())
        elif what < 0.90:
            self.come_or_go((what - 0.28) / 0.62)

    async def verdict(self) -> list[str]:
        """What each view has wrong, held against a fresh load."""
        wrong: list[str] = []
        for number, view in enumerate(self.views):
            heard = await audience.of(self.database, view.user_id)
            due: dict[int, int] = {}
            for author in heard.following:
                page = await timeline.user(self.database, author, frozenset(), None, 100)
                due.update({int(e.id): e.seq for e in page.entries})
            shown = {i: p.seq for i, p in view.posts.items() if not p.deleted}
            wrong += [f"view {number} lost post {i}" for i in due.keys() - shown.keys()]
            wrong += [f"view {number} still shows post {i}" for i in shown.keys() - due.keys()]
        return wrong


async def trial(
    database: Database,
    seed: int,
    loss: float,
    feed_type: type[Feed] = Feed,
    view_type: type[View] = View,
) -> list[str]:
    """One random history in a database of its own; what went wrong in it."""
    world = World(database, seed, loss)
    await world.start(feed_type, view_type)
    return await world.trial()
