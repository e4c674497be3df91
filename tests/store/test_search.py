"""Search finds what a plain loop over everything would find, on either database."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.model import User
from realtime.store import clearing, search, user, words
from realtime.store.bulk import Somebody, people
from realtime.store.database import Database
from realtime.store.migrate import migrate
from realtime.store.words import CHUNK
from tests.store.world import NOW_MS, World

PAGE = 3

SAID = [
    "Straße STRASSE strasse",
    "résumé is not resume, re\u0301sume\u0301 is",
    "İstanbul ISTANBUL istanbul ıstanbul",
    "ὈΔΥΣΣΕΎΣ ὀδυσσεύς",
    "日本語の検索 東京都",
    "ภาษาไทย",
    "שלום עולם مرحبا بالعالم",
    "हिन्दी में नमस्ते",
    "👍🏽 👨‍👩‍👧 🇩🇪",
    "#ferry snake_case x2 2024 ½ ①",
    "it's a 'quote' & \"more\" | (or) AND NOT near:* \\ %_%",
    "x\u030c x\u030ca xa",
    "ﬁne ﬀ oﬃce",
    "\ufeffzero\u200bwidth zero\u200cwidth",
    "한국어 각",
]

# What is typed, and which of the above it finds, the newest first.
ASKED: list[tuple[str, list[int]]] = [
    ("strasse", [0]),
    ("STRASSE", [0]),
    ("Straße", [0]),
    ("straß", [0]),
    ("stra", [0]),
    ("resume", [1]),
    ("résumé resume", [1]),
    ("re\u0301sume\u0301", [1]),
    ("ré", [1]),
    ("istanbul", [2]),
    ("ıstan", [2]),
    ("ὀδυσσεύσ", [3]),
    ("東京", [4]),
    ("東都", [4]),
    ("京 語", [4]),
    ("ไ", [5]),
    ("مرح", [6]),
    ("नमस्", [7]),
    ("👍", []),
    ("🇩🇪 👨‍👩‍👧", []),
    ("#ferry", [9]),
    ("ferry", [9]),
    ("snake", [9]),
    ("case", []),
    ("2024", [9]),
    ("'quote' & AND", [10]),
    ("quote OR nothing", []),
    ("near:*", [10]),
    ("%", []),
    ("_", [10]),
    ("*", []),
    ("x", [11, 9]),
    ("x\u030c", [11]),
    ("office", [12]),
    ("fine ff", [12]),
    ("zero width", [13]),
    ("한국", [14]),
    ("ferry strasse", []),
    ("the ferr", []),
    (" \n\t ", []),
]


@pytest.fixture
async def world(database: Database) -> World:
    await migrate(database)
    return World(database)


async def found(
    world: World,
    query: str,
    kind: search.Kind = "posts",
    *,
    hidden: Sequence[int] = (),
    limit: int = PAGE,
) -> list[int]:
    """All pages."""
    wanted = search.wanted(query)
    if wanted is None:
        return []
    ids, before = await search.ids(world.database, kind, wanted, hidden, None, limit)
    while before is not None:
        more, before = await search.ids(world.database, kind, wanted, hidden, before, limit)
        assert more, "a `next` leads somewhere"
        ids += more
    return ids


@pytest.fixture(params=["newest", "indexed"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is among the newest rows, or nothing is: both ways find the same."""
    if request.param == "indexed":
        monkeypatch.setattr(search, "NEWEST", 0)


def plainly(query: str, said: str) -> bool:
    """The promise in one line of Python: each word is there, the last one as a beginning."""

    def split(text: str) -> list[str]:
        folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
        pieces, now = [], ""
        for sign in folded:
            is_word = unicodedata.category(sign)[0] in "LN" or sign == "_"
            if is_word and _stands_alone(sign):
                pieces += [now, sign]
                now = ""
            elif is_word or (now and unicodedata.category(sign)[0] == "M"):
                now += sign
            elif unicodedata.category(sign)[0] == "M" and pieces and not now and _ends(pieces):
                pieces[-1] += sign
            else:
                pieces += [now, ""]
                now = ""
        return [piece for piece in [*pieces, now] if piece]

    *whole, start = split(query) or [""]
    known = set(split(said))
    return bool(start) and known >= set(whole) and any(w.startswith(start) for w in known)


def _ends(pieces: list[str]) -> bool:
    return bool(pieces[-1]) and _stands_alone(pieces[-1][0])


def _stands_alone(sign: str) -> bool:
    scripts = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")
    return unicodedata.category(sign)[0] == "L" and unicodedata.name(sign, "").startswith(scripts)


SIGNS = st.sampled_from([*"aAbß sSéeİiıςΣ_0 日本ก", "กา", "\u0301", "é", "👍", "#", "'", '"', "*"])
TEXT = st.lists(SIGNS, min_size=1, max_size=8).map("".join)


@pytest.mark.usefixtures("way")
async def test_all_that_a_plain_loop_finds_is_found(world: World) -> None:
    author = await world.person()
    posts: list[tuple[int, str]] = []

    async def say(texts: Sequence[str]) -> None:
        drafts = [world.draft(author, text) for text in texts]
        created = await world.create(*drafts)
        posts.extend(
            (int(one.post.id), text)  # type: ignore[union-attr]
            for one, text in zip(created, texts, strict=True)
        )

    made: list[str] = []
    asked: list[str] = []

    @settings(max_examples=120, derandomize=True, database=None)
    @given(TEXT, TEXT)
    def make(text: str, query: str) -> None:
        made.append(text)
        asked.append(query)

    make()
    await say([*SAID, *made])
    some = [word for text in SAID for word in text.split()]
    for query in [*some, *(word[:2] for word in some), *asked[:60], "a s", "日 本", "e e"]:
        due = [id for id, text in reversed(posts) if plainly(query, text)]
        assert await found(world, query, limit=50) == due, query


@pytest.mark.usefixtures("way")
async def test_words_are_compared_as_people_read_them(world: World) -> None:
    author = await world.person()
    posts = [await world.post(author, text) for text in SAID]
    for query, due in ASKED:
        assert await found(world, query) == [posts[n] for n in due], query


@pytest.mark.usefixtures("way")
async def test_pages_are_the_newest_first_and_hold_no_hidden_people(world: World) -> None:
    ada, bob = await world.people(2)
    posts = [await world.post((ada, bob)[n % 2], f"harbour {n}") for n in range(9)]
    assert await found(world, "harb") == posts[::-1]
    assert await found(world, "harb", hidden=[bob]) == posts[::-2]
    assert await found(world, "harbour 1") == [posts[1]]
    wanted = search.wanted("harbour")
    assert wanted is not None
    page, before = await search.ids(world.database, "posts", wanted, [], None, PAGE)
    await world.post(ada, "harbour, later")
    rest, _ = await search.ids(world.database, "posts", wanted, [], before, 9)
    assert page + rest == posts[::-1]


@pytest.mark.usefixtures("way")
async def test_what_is_deleted_is_found_no_more(world: World) -> None:
    ada = await world.person("ada")
    post = await world.post(ada, "a lighthouse")
    other = await world.post(ada, "another lighthouse")
    await world.delete(ada, post)
    assert await found(world, "lighthouse") == [other]
    await world.erase(ada)
    assert await found(world, "ada", "users") == []


@pytest.mark.usefixtures("way")
async def test_posts_of_an_account_that_goes_piece_by_piece_go_from_search_too(
    world: World,
) -> None:
    ada = await world.person()
    await world.post(ada, "a lighthouse")
    while await world.run(lambda tx: clearing.entries(tx, ada)):
        pass
    assert await found(world, "lighthouse") == []


@pytest.mark.usefixtures("way")
async def test_people_are_found_by_name_and_by_the_words_of_their_display_name(
    world: World,
) -> None:
    ada, lace = await world.person("ada_l"), await world.person("lace")
    await rename(world, ada, "Ada King, Gräfin Lovelace")
    for query in ("ada", "ada_l", "@ada_l", "LOVE", "king", "gräfin", "king lovelace", "ada_l k"):
        assert await found(world, query, "users") == [ada], query
    for query in ("grafin", "ovelace", "kin love", "nobody", "lace"):
        assert await found(world, query, "users") == ([lace] if query == "lace" else []), query
    await rename(world, ada, "Countess")
    assert await found(world, "love", "users") == []
    assert await found(world, "count", "users") == [ada]
    assert await found(world, "l", "users", hidden=[lace]) == []


async def rename(world: World, user_id: int, display_name: str) -> User:
    changed = await world.run(
        lambda tx: user.update(tx, user_id, display_name=display_name, bio=None, avatar=None)
    )
    return changed.user


async def test_a_fixtures_people_are_found(world: World) -> None:
    crowd = [Somebody(n, f"f{n}", n + 100, f"hash {n}") for n in (7, 8)]
    await world.run(lambda tx: people(tx, crowd, "hash", NOW_MS, NOW_MS))
    assert await found(world, "f", "users") == [8, 7]


async def test_the_longest_word_can_be_found(world: World) -> None:
    author = await world.person()
    long = "ﷺ" * 30 + "𐐀" * 470
    post = await world.post(author, long)
    assert await found(world, long[:200]) == [post]
    assert await found(world, long[:199] + "x") == []
    many = " ".join(f"{n:x}" for n in range(60))
    await world.post(author, many)
    assert len(await found(world, many)) == 1
    han = "".join(chr(0x4E00 + n) for n in range(200))
    await world.post(author, han + "。")
    assert len(await found(world, han)) == 1


async def forget_index(world: World, count: int) -> list[int]:
    """Posts as an older version of this code has left them."""
    ada = await world.person("ada")
    drafts = [world.draft(ada, f"harbour {n}") for n in range(count)]
    created = await world.create(*drafts)
    for sql in (
        "DELETE FROM post_words",
        "DELETE FROM user_words",
        "UPDATE posts SET is_indexed = false",
        "UPDATE users SET is_indexed = false",
    ):
        await world.run(lambda tx, sql=sql: tx.execute(sql))  # type: ignore[misc]
    assert await found(world, "harbour") == await found(world, "ada", "users") == []
    return [int(one.post.id) for one in created]  # type: ignore[union-attr]


async def test_what_was_there_before_is_indexed_the_newest_first(world: World) -> None:
    posts = await forget_index(world, CHUNK + 7)
    assert await world.run(words.fill) == CHUNK
    assert await found(world, "harbour", limit=100) == posts[:6:-1]
    assert await world.run(words.fill) == 7
    assert await world.run(words.fill) == 1
    assert await world.run(words.fill) == 0
    assert await found(world, "harbour", limit=100) == posts[::-1]
    assert len(await found(world, "ada", "users")) == 1


async def test_many_may_index_at_once_while_posts_are_deleted(
    database_url: str, world: World
) -> None:
    posts = await forget_index(world, CHUNK + 50)
    ada = (await world.database.fetch_val("SELECT id FROM users")) or 0
    gone = posts[::40]

    async def process() -> None:
        database = await Database.connect(database_url)
        try:
            while await database.run_tx(words.fill):
                pass
        finally:
            await database.close()

    async def delete() -> None:
        for post in gone:
            await world.delete(ada, post)

    await asyncio.gather(process(), process(), process(), delete())
    while await world.run(words.fill):
        pass
    left = [post for post in reversed(posts) if post not in gone]
    assert await found(world, "harbour", limit=100) == left
