"""The table of commands: on each thing, what the owner, the others and nobody are answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from realtime.protocol import FOR_VISITORS, tag
from tests.authorisation.people import NOBODIES

OK: Final = "ok"
SAME: Final = "same"

Fields = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """One command. `THING` in its fields is each of `things` in turn, `KEY` a new key.

    A thing's codes are those of its owner, of others, of whoever the owner blocks, and of whoever
    blocks the owner; the last one written holds for the rest. `same` is as for an unknown id, byte
    for byte. Whoever is not signed in is answered `nobody`; without it as others are, or
    `unauthenticated`, by what the wire allows. `undo` is asked after each `ok`.
    """

    type: str
    fields: Fields
    things: dict[str, str]
    undo: tuple[tuple[str, Fields], ...] = ()
    nobody: str | None = None

    def expected(self, thing: str, actor: str) -> str:
        """The code, `ok` or `same`."""
        codes = self.things[thing].split()
        owner, others, blocked, blocker = [*codes, *codes[-1:] * 3][:4]
        if actor in NOBODIES:
            is_open = self.type in {tag(kind) for kind in FOR_VISITORS}
            return self.nobody or (others if is_open else "unauthenticated")
        return {"owner": owner, "blocked": blocked, "blocker": blocker}.get(actor, others)


NONE: Final = {"nothing": OK}
GONE: Final = {"post of nobody": "not_found", "unknown": "not_found"}
DEEDS: Final = {"post": "ok ok same", "deleted post": "not_found not_found same", **GONE}
LOOKS: Final = {**DEEDS, "deleted post": "ok ok same", "post of nobody": "ok"}
PEOPLE: Final = {"owner": "ok ok same", "nobody": "same", "unknown": "not_found"}
SETS: Final = {"owner": "invalid ok same", "nobody": "same", "unknown": "not_found"}
PICTURES: Final = {
    "fresh picture": "ok same",
    "used picture": "conflict same",
    "another's picture": "same",
    "unknown": "not_found",
}
SECRETS: Final = {"owner": "ok forbidden", "nobody": "forbidden", "unknown": "forbidden"}


def _on(type: str, name: str, things: dict[str, str], **fields: Any) -> tuple[Row, Row]:
    """What is set on, and off again each time; then set off where it is off."""
    on, off = ({name: "THING", **fields, "on": value} for value in (True, False))
    return Row(type, on, things, ((type, off),)), Row(type, off, things)


TABLE: Final = (
    Row("hello", {}, NONE, nobody=OK),
    Row("hello", {"ticket": "x"}, {"nothing": "invalid"}, nobody="invalid"),
    Row("post.create", {"key": "KEY", "text": "x"}, NONE),
    Row("post.create", {"key": "KEY", "text": "x", "reply_to": "THING"}, DEEDS),
    Row("post.create", {"key": "KEY", "text": "x", "quote_of": "THING"}, DEEDS),
    Row("post.create", {"key": "KEY", "text": "x", "media": ["THING"]}, PICTURES),
    Row(
        "post.delete",
        {"post_id": "THING"},
        # A tombstone is seen, so that another's is refused as another's.
        {
            "fresh post": "ok forbidden same",
            "deleted post": "ok forbidden same",
            "post of nobody": "forbidden",
            "unknown": "not_found",
        },
    ),
    Row("post.thread", {"post_id": "THING"}, LOOKS),
    *_on("react.set", "post_id", DEEDS, emoji="🎈"),
    *_on("retweet.set", "post_id", DEEDS),
    Row("retweet.list", {"post_id": "THING"}, DEEDS),
    Row("react.list", {"post_id": "THING"}, DEEDS),
    Row("watch.set", {"post_ids": ["THING"]}, {"post": "ok ok same", "unknown": OK}),
    Row("profile.get", {"user_id": "THING"}, {**PEOPLE, "owner": "ok ok same ok"}),
    Row("profile.get", {"name": "THING"}, {"name": "ok ok same ok", "unknown name": "not_found"}),
    Row("profile.update", {"bio": "x"}, NONE),
    Row("profile.update", {"avatar": "THING"}, PICTURES),
    *_on("follow.set", "user_id", SETS),
    *_on("mute.set", "user_id", SETS),
    Row("follow.list", {"user_id": "THING", "direction": "followers"}, PEOPLE),
    Row("follow.list", {"user_id": "THING", "direction": "following"}, PEOPLE),
    Row(
        "follow.list", {"user_id": "THING", "direction": "blocking"}, SECRETS, (), "unauthenticated"
    ),
    Row("follow.list", {"user_id": "THING", "direction": "muting"}, SECRETS, (), "unauthenticated"),
    Row("timeline.get", {"name": "home"}, NONE, (), "unauthenticated"),
    Row("timeline.get", {"name": "explore"}, NONE),
    *(
        Row("timeline.get", {"name": name, "user_id": "THING"}, PEOPLE)
        for name in ("user", "media", "reactions")
    ),
    Row("search.query", {"q": "used up", "kind": "posts"}, NONE),
    Row("notice.list", {}, NONE),
    Row("notice.read", {"up_to": "THING"}, {"unknown": OK, "notice": OK}),
    Row("draft.set", {"draft": {"text": "x"}}, NONE, (("draft.set", {"draft": None}),)),
    # Last, since a block that is taken back does not bring back what it ended.
    Row("block.set", {"user_id": "THING", "on": True}, {**SETS, "owner": "invalid ok same ok"}),
    Row("block.set", {"user_id": "THING", "on": False}, {**SETS, "owner": "invalid ok ok ok"}),
)
