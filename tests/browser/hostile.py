"""A town in which every text is an attack, written past the door as if that kept nothing out."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from realtime import auth
from realtime.model import Post
from realtime.store import bulk, media, publish
from realtime.store.bulk import Somebody
from realtime.store.database import Database, Tx
from realtime.store.media import Picture
from realtime.store.publish import Created, Draft
from tests.browser.site import KEY

VECTORS: Final = Path(__file__).parent.parent / "vectors/xss.json"
#: What would show that a script of theirs ran, in turn.
EFFECTS: Final = ("alert(1)", "window.__ran=1", "document.title='ran'")
_FOUR: Final = 4  # pictures of a post


def payloads() -> list[str]:
    """At least 300 different texts, each of which runs a script where a page takes it for code."""
    kinds: dict[str, list[str]] = json.loads(VECTORS.read_text(encoding="utf-8"))["payloads"]
    found = [text for texts in kinds.values() for text in texts]
    closing = [f"'\">{text}" for kind in ("tags", "svg and mathml") for text in kinds[kind]]
    loud = [text.upper() for kind in ("attributes", "addresses") for text in kinds[kind]]
    every = dict.fromkeys([*found, *closing, *loud])
    return [text.replace("RUN", EFFECTS[at % len(EFFECTS)]) for at, text in enumerate(every)]


@dataclass(frozen=True)
class Hostile:
    """`texts` are the payloads; their writers are in the same order, each with a `Cookie`."""

    texts: list[str]
    names: list[str]
    cookies: list[str]
    root: str  # the post that all of them answered


async def settle(folder: Path, reader_id: int, picture: Picture) -> Hostile:
    """Let one person for each payload move in, all following and followed by the reader.

    Each has it as a display name, posts it, and answers the reader's one post with it; the alt
    texts below `picture` are payloads too, and the first one's bio is all of them together.
    """
    texts = payloads()
    tokens = [auth.new_token() for _ in texts]
    now_ms = time.time_ns() // 1_000_000
    database = await Database.connect(f"sqlite:///{folder / 'site.db'}", pool=1)

    async def deed(tx: Tx) -> tuple[list[Somebody], Post]:
        numbers = await tx.next_seq(2 * len(texts))
        people = [
            Somebody(numbers[2 * i], f"x{i}", numbers[2 * i + 1], auth.token_hash(token))
            for i, token in enumerate(tokens)
        ]
        await bulk.people(tx, people, "no hash at all", now_ms, now_ms + 86_400_000)
        pairs = [(one.id, reader_id) for one in people] + [(reader_id, one.id) for one in people]
        await bulk.follows(tx, pairs, await tx.next_seq(len(pairs)))
        for one, text in zip(people, texts, strict=True):
            await tx.execute(
                "UPDATE users SET display_name = :text WHERE id = :id", {"text": text, "id": one.id}
            )
        await tx.execute(
            "UPDATE users SET bio = :bio WHERE id = :id",
            {"bio": "\n".join(texts), "id": people[0].id},
        )
        [root] = await _publish(tx, [_draft(reader_id, "Harmless.")], now_ms)
        await _publish(tx, [_draft(o.id, t) for o, t in zip(people, texts, strict=True)], now_ms)
        answers = [
            _draft(one.id, f"{text} @ada", reply_to=int(root.id))
            for one, text in zip(people, texts, strict=True)
        ]
        await _publish(tx, answers, now_ms)
        await _publish(tx, await _albums(tx, people[0].id, texts, picture, now_ms), now_ms)
        return people, root

    people, root = await database.run_tx(deed, deadline_s=60)
    await database.close()
    cookies = [f"{auth.cookie_name(False)}={auth.sign(token, (KEY,))}" for token in tokens]
    return Hostile(texts, [one.name for one in people], cookies, root.id)


async def _albums(
    tx: Tx, owner_id: int, texts: list[str], picture: Picture, now_ms: int
) -> list[Draft]:
    """Posts with four pictures each, every one described by a payload."""
    ids = []
    for text in texts:
        shown = Picture(
            picture.type,
            picture.file,
            picture.width,
            picture.height,
            picture.sizes,
            picture.thumbhash,
            picture.animated,
            text,
        )
        ids.append(await media.insert(tx, owner_id, shown, now_ms))
    albums = [ids[start : start + _FOUR] for start in range(0, len(ids), _FOUR)]
    return [_draft(owner_id, "An album", media=album) for album in albums]


def _draft(
    author_id: int, text: str, *, reply_to: int | None = None, media: list[int] | None = None
) -> Draft:
    return Draft(author_id, str(uuid.uuid4()), text, media or [], reply_to, None)


async def _publish(tx: Tx, drafts: list[Draft], now_ms: int) -> list[Post]:
    posts = []
    for result in await publish.create(tx, drafts, now_ms):
        assert isinstance(result, Created), result
        posts.append(result.post)
    return posts
