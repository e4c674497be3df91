"""Publishing: many posts of many people in one go, each exactly once for its key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from realtime.errors import Refusal, not_found
from realtime.model import Post
from realtime.store import counts, grounds, media, reading, user, words
from realtime.store.database import Row, Tx
from realtime.store.grounds import Grounds
from realtime.store.rows import rfc3339
from realtime.store.words import Worded

_Key = tuple[int, str]  # author id, key


@dataclass(frozen=True, slots=True)
class Draft:
    """A post before it is published; everything in it has been checked but whom it concerns."""

    author_id: int
    key: str
    text: str
    media: list[int]
    reply_to: int | None
    quote_of: int | None

    @property
    def once(self) -> _Key:
        """What is published once, for ever."""
        return self.author_id, self.key

    @property
    def is_plain(self) -> bool:
        """Whether all that can be read of the post is in here, but its author."""
        return self.reply_to is None and self.quote_of is None and not self.media


@dataclass(frozen=True, slots=True)
class Created:
    """A published post. `repeated`: it was there already, and nothing changed.

    Else the counts of `parent_id` and `quoted_id` have.
    """

    post: Post
    repeated: bool
    parent_id: int | None
    quoted_id: int | None


async def create(tx: Tx, drafts: Sequence[Draft], at_ms: int) -> list[Created | Refusal]:
    """Publish `drafts`; the results in their order. A fixed number of statements.

    A draft whose key its author has used before, in this list or ever, yields that first post
    as it is now. A refused draft leaves nothing. Refusals: `not_found` with the field `reply_to`,
    `quote_of` or `media`, `conflict` with `media`, `unauthenticated` when the account is gone.
    """
    if not drafts:
        return []
    ground = await _hold(tx, drafts)
    pictures = await _hold_pictures(tx, drafts)
    # Only now: who published one of these keys with the same pictures has committed by now.
    known, numbers = await _look(tx, [draft.once for draft in drafts])
    refused = _judge(drafts, known, ground, pictures)
    first: dict[_Key, int] = {}  # where in `drafts`
    for place, draft in enumerate(drafts):
        if refused[place] is None and draft.once not in known:
            first.setdefault(draft.once, place)
    fresh = dict(zip(first, numbers, strict=False))
    new = {post_id: drafts[first[once]] for once, post_id in fresh.items()}
    written = await _write(tx, new, at_ms)
    ids = {**known, **fresh}
    late = [once for once, post_id in fresh.items() if post_id not in written]
    if late:  # another process was quicker, and has committed
        ids.update(await _known(tx, late))
    # Before the counts are locked: a post that everybody answers is held as shortly as possible.
    posts = await _read(tx, set(ids.values()), written, ground, at_ms)
    await _count(tx, list(written.values()), is_tallied=_is_tallied(tx, new))
    results: list[Created | Refusal] = []
    for place, (draft, refusal) in enumerate(zip(drafts, refused, strict=True)):
        if refusal is not None:
            results.append(refusal)
            continue
        post_id = ids[draft.once]
        is_new = post_id in written and first.get(draft.once) == place
        results.append(_created(posts[post_id], draft, is_new))
    return results


async def _read(
    tx: Tx, ids: Collection[int], written: Mapping[int, Draft], ground: Grounds, at_ms: int
) -> dict[int, Post]:
    """These posts, by id. Of what was `written` just now, most is known."""
    plain = {post_id: draft for post_id, draft in written.items() if draft.is_plain}
    posts, _ = await reading.posts(tx, set(ids).difference(plain), (), ())
    writers = [ground.people[id] for id in {draft.author_id for draft in plain.values()}]
    people = user.named(writers, await media.by_ids(tx, user.avatars(writers)))
    created_at = rfc3339(at_ms)
    for post_id, draft in plain.items():
        posts[post_id] = reading.plain(post_id, people[draft.author_id], draft.text, created_at)
    return posts


def _created(post: Post, draft: Draft, is_new: bool) -> Created:
    if is_new:
        return Created(post, False, draft.reply_to, draft.quote_of)
    return Created(post, True, None, None)


async def _hold(tx: Tx, drafts: Sequence[Draft]) -> Grounds:
    named = [
        (draft.author_id, post_id)
        for draft in drafts
        for post_id in (draft.reply_to, draft.quote_of)
        if post_id is not None
    ]
    return await grounds.hold(tx, named, {draft.author_id for draft in drafts})


async def _hold_pictures(tx: Tx, drafts: Sequence[Draft]) -> dict[int, Row]:
    ids = {picture for draft in drafts for picture in draft.media}
    if not ids:
        return {}
    rows = await tx.fetch_all(
        """
        SELECT id, owner_id, post_id, is_avatar
          FROM media
         WHERE id = ANY(:ids)
         ORDER BY id
           FOR UPDATE
        """,
        {"ids": list(ids)},
    )
    return {row["id"]: row for row in rows}


async def _known(tx: Tx, keys: Sequence[_Key]) -> dict[_Key, int]:
    """The posts that were published under these keys."""
    rows = await tx.fetch_all(
        """
        SELECT p.id, p.author_id, p.key
          FROM unnest(CAST(:authors AS bigint[]), CAST(:keys AS text[])) AS t(author_id, key)
          JOIN posts AS p ON p.author_id = t.author_id AND p.key = t.key
        """,
        {"authors": [author_id for author_id, _ in keys], "keys": [key for _, key in keys]},
    )
    return {(row["author_id"], row["key"]): row["id"] for row in rows}


async def _look(tx: Tx, keys: Sequence[_Key]) -> tuple[dict[_Key, int], Sequence[int]]:
    """The posts that were published under these keys, and a new number for each key, ascending."""
    if tx.dialect == "sqlite":
        return await _known(tx, keys), await tx.next_seq(len(keys))
    rows = await tx.fetch_all(
        """
        SELECT p.id, p.author_id, p.key, nextval('seqs') AS fresh
          FROM unnest(CAST(:authors AS bigint[]), CAST(:keys AS text[])) AS t(author_id, key)
          LEFT JOIN posts AS p ON p.author_id = t.author_id AND p.key = t.key
        """,
        {"authors": [author_id for author_id, _ in keys], "keys": [key for _, key in keys]},
    )
    known = {(row["author_id"], row["key"]): row["id"] for row in rows if row["id"] is not None}
    return known, sorted(row["fresh"] for row in rows)


def _judge(
    drafts: Sequence[Draft],
    known: Mapping[_Key, int],
    ground: Grounds,
    pictures: Mapping[int, Row],
) -> list[Refusal | None]:
    """Why each draft is refused, if it is; a picture goes to the first draft that may have it."""
    verdicts: list[Refusal | None] = []
    accepted = dict.fromkeys(known)
    claimed: dict[int, None] = {}
    for draft in drafts:
        if draft.once in accepted:
            verdicts.append(None)
            continue
        refusal = (
            ground.refusal(draft.author_id, draft.reply_to, "reply_to")
            or ground.refusal(draft.author_id, draft.quote_of, "quote_of")
            or _media_refusal(draft, pictures, claimed)
        )
        verdicts.append(refusal)
        if refusal is None:
            accepted[draft.once] = None
            claimed.update(dict.fromkeys(draft.media))
    return verdicts


def _media_refusal(
    draft: Draft, pictures: Mapping[int, Row], claimed: Collection[int]
) -> Refusal | None:
    for picture in draft.media:
        row = pictures.get(picture)
        if row is None or row["owner_id"] != draft.author_id:
            return not_found("picture", field="media")
        if row["post_id"] is not None or row["is_avatar"] or picture in claimed:
            return Refusal("conflict", "This picture is in use already.", field="media")
    return None


async def _write(tx: Tx, new: Mapping[int, Draft], at_ms: int) -> Mapping[int, Draft]:
    """Write these posts under their numbers; those whose keys were still free.

    With them what belongs to each: its place in timelines, the words to find it by, its numbers,
    its pictures.
    """
    if not new:
        return {}
    binds = {
        "ids": list(new),
        "authors": [draft.author_id for draft in new.values()],
        "keys": [draft.key for draft in new.values()],
        "texts": [draft.text for draft in new.values()],
        "parents": [draft.reply_to for draft in new.values()],
        "quoted": [draft.quote_of for draft in new.values()],
        "has_media": [bool(draft.media) for draft in new.values()],
        "at_ms": at_ms,
    }
    written = new
    if tx.dialect == "postgresql":
        found = [words.stored(draft.text) for draft in new.values()]
        sql = _WRITE_AND_TALLY_POSTGRESQL if _is_tallied(tx, new) else _WRITE_POSTGRESQL
        rows = await tx.fetch_all(sql, {**binds, "words": found})
        free = {row["id"] for row in rows}
        written = {post_id: draft for post_id, draft in new.items() if post_id in free}
    else:  # the only writer: what was not known a moment ago is free
        await tx.execute(_WRITE_SQLITE, binds)
        await _write_rest(tx, written)
    await _hang_pictures(tx, written)
    return written


def _is_tallied(tx: Tx, new: Mapping[int, Draft]) -> bool:
    """Whether the tallies of the authors of all these are changed as they are written."""
    names_posts = any(d.reply_to is not None or d.quote_of is not None for d in new.values())
    return tx.dialect == "postgresql" and not names_posts


# Sorted: two transactions with the same keys must meet at the first one. All in one statement, as
# a way to the server and back costs as much as ten rows.
_WRITE_POSTGRESQL: Final = """
    WITH t AS (
         SELECT *
           FROM unnest(CAST(:ids AS bigint[]), CAST(:authors AS bigint[]), CAST(:keys AS text[]),
                       CAST(:texts AS text[]), CAST(:parents AS bigint[]),
                       CAST(:quoted AS bigint[]), CAST(:has_media AS boolean[]),
                       CAST(:words AS text[]))
             AS t(id, author_id, key, text, reply_to, quote_of, has_media, words)
    ), new AS (
         INSERT INTO posts (id, author_id, key, text, reply_to, quote_of, has_media, is_indexed,
                            created_ms, seq)
         SELECT t.id, t.author_id, t.key, t.text, t.reply_to, t.quote_of, t.has_media, true,
                CAST(:at_ms AS bigint), t.id
           FROM t
          ORDER BY t.author_id, t.key
             ON CONFLICT (author_id, key) DO NOTHING
         RETURNING id, author_id
    ), placed AS (
         INSERT INTO entries (id, actor_id, post_id, author_id)
         SELECT new.id, new.author_id, new.id, new.author_id FROM new
    ), numbered AS (
         INSERT INTO counts (post_id, v) SELECT new.id, new.id FROM new
    ), indexed AS (
         INSERT INTO post_words (id, owner_id, words)
         SELECT t.id, t.author_id, array_to_tsvector(string_to_array(t.words, ' '))
           FROM new JOIN t ON t.id = new.id
          WHERE t.words <> ''
    )
    SELECT new.id FROM new
"""
# Tallies are locked after counts, by everybody: here, where no counts will be.
_WRITE_AND_TALLY_POSTGRESQL: Final = _WRITE_POSTGRESQL.replace(
    """
    )
    SELECT new.id FROM new
""",
    """
    ), tallied AS (
         INSERT INTO tallies (user_id, posts)
         SELECT new.author_id, count(*) FROM new GROUP BY new.author_id ORDER BY new.author_id
             ON CONFLICT (user_id) DO UPDATE SET posts = tallies.posts + excluded.posts
    )
    SELECT new.id FROM new
""",
)
_WRITE_SQLITE: Final = """
    INSERT INTO posts (id, author_id, key, text, reply_to, quote_of, has_media, is_indexed,
                       created_ms, seq)
    SELECT t.id, t.author_id, t.key, t.text, t.reply_to, t.quote_of, t.has_media, true,
           :at_ms, t.id
      FROM unnest(CAST(:ids AS bigint[]), CAST(:authors AS bigint[]), CAST(:keys AS text[]),
                  CAST(:texts AS text[]), CAST(:parents AS bigint[]),
                  CAST(:quoted AS bigint[]), CAST(:has_media AS boolean[]))
        AS t(id, author_id, key, text, reply_to, quote_of, has_media)
"""


async def _write_rest(tx: Tx, new: Mapping[int, Draft]) -> None:
    """What belongs to these posts, on SQLite: no statement there writes to two tables."""
    ids = list(new)
    await tx.execute(
        """
        INSERT INTO entries (id, actor_id, post_id, author_id)
        SELECT t.id, t.author_id, t.id, t.author_id
          FROM unnest(CAST(:ids AS bigint[]), CAST(:authors AS bigint[])) AS t(id, author_id)
        """,
        {"ids": ids, "authors": [draft.author_id for draft in new.values()]},
    )
    await words.of_posts(
        tx, [Worded(post_id, draft.author_id, draft.text) for post_id, draft in new.items()]
    )
    await counts.begin(tx, ids)


async def _hang_pictures(tx: Tx, new: Mapping[int, Draft]) -> None:
    """Each picture belongs to its post from now on, in its place."""
    shown = [
        (picture, post_id, place)
        for post_id, draft in new.items()
        for place, picture in enumerate(draft.media)
    ]
    if not shown:
        return
    await tx.execute(
        """
        UPDATE media
           SET post_id = t.post_id, place = t.place
          FROM unnest(CAST(:ids AS bigint[]), CAST(:posts AS bigint[]),
                      CAST(:places AS smallint[])) AS t(id, post_id, place)
         WHERE media.id = t.id
        """,
        {
            "ids": [picture for picture, _, _ in shown],
            "posts": [post_id for _, post_id, _ in shown],
            "places": [place for _, _, place in shown],
        },
    )


async def _count(tx: Tx, new: Sequence[Draft], *, is_tallied: bool) -> None:
    """One answer, one quote more for those that these name; one post more for their authors."""
    if not new or is_tallied:
        return
    replies = Counter(draft.reply_to for draft in new if draft.reply_to is not None)
    quotes = Counter(draft.quote_of for draft in new if draft.quote_of is not None)
    if replies or quotes:
        await counts.add(tx, replies, quotes)
    posts = Counter(draft.author_id for draft in new)
    await user.tally(tx, {author_id: user.Tally(posts=n) for author_id, n in posts.items()})
