"""Every command as a method. `realtime schema` writes this file; change the structs."""

from __future__ import annotations

from typing import Any, Literal, TypeVar

from msgspec import UNSET, UnsetType

from realtime import protocol as p
from realtime import results as r

R = TypeVar("R")


class Verbs:
    """What may be asked; whoever inherits it says how. Raises what `ask` does."""

    async def ask(self, command: p.Command, kind: type[R]) -> R:
        """The result of one command."""
        raise NotImplementedError

    async def post_create(
        self,
        *,
        key: str,
        text: str,
        media: list[str] | UnsetType = UNSET,
        reply_to: str | UnsetType = UNSET,
        quote_of: str | UnsetType = UNSET,
    ) -> r.Posted:
        """Publish a post, exactly once for each `key`.

        A repeat with the same `key` by the same person gives the first post, for ever. `text`
        has 1 to 500 grapheme clusters after NFC and trimming, and may be empty with `media`.
        Media is one's own, and in one post only. Replying to or quoting a deleted post is
        `not_found`.
        """
        command = p.PostCreate(
            0,
            key=key,
            text=text,
            media=media,
            reply_to=reply_to,
            quote_of=quote_of,
        )
        return await self.ask(command, r.Posted)

    async def post_delete(self, *, post_id: str) -> r.Posted:
        """Take my post back; deleting it again is `ok`.

        The answer is a tombstone; its pictures go. Another's visible post is `forbidden`.
        """
        command = p.PostDelete(0, post_id=post_id)
        return await self.ask(command, r.Posted)

    async def post_thread(self, *, post_id: str, before: str | UnsetType = UNSET) -> r.Thread:
        """One post, what it answers (from the root down), and its replies, oldest first.

        A deleted post, or ancestor, is a tombstone in its place; a hidden ancestor is left out.
        """
        command = p.PostThread(0, post_id=post_id, before=before)
        return await self.ask(command, r.Thread)

    async def retweet_set(self, *, post_id: str, on: bool) -> r.Stance:
        """My retweet of this post is on or off; setting it twice is setting it once.

        One's own posts may be retweeted. A deleted post is `not_found`.
        """
        command = p.RetweetSet(0, post_id=post_id, on=on)
        return await self.ask(command, r.Stance)

    async def retweet_list(self, *, post_id: str, before: str | UnsetType = UNSET) -> r.Users:
        """Who retweeted, newest first."""
        command = p.RetweetList(0, post_id=post_id, before=before)
        return await self.ask(command, r.Users)

    async def react_set(self, *, post_id: str, emoji: str, on: bool) -> r.Stance:
        """My reaction with this emoji is on or off; setting it twice is setting it once.

        Any RGI emoji, with skin tones and ZWJ sequences; stored fully qualified. At most 8
        different ones by one person on one post.
        """
        command = p.ReactSet(0, post_id=post_id, emoji=emoji, on=on)
        return await self.ask(command, r.Stance)

    async def react_list(
        self,
        *,
        post_id: str,
        emoji: str | UnsetType = UNSET,
        before: str | UnsetType = UNSET,
    ) -> r.Reactions:
        """Who reacted, newest first; with one emoji or with any."""
        command = p.ReactList(0, post_id=post_id, emoji=emoji, before=before)
        return await self.ask(command, r.Reactions)

    async def profile_get(
        self,
        *,
        name: str | UnsetType = UNSET,
        user_id: str | UnsetType = UNSET,
    ) -> r.Profile:
        """One person, by exactly one of `name` and `user_id`."""
        command = p.ProfileGet(0, name=name, user_id=user_id)
        return await self.ask(command, r.Profile)

    async def profile_update(
        self,
        *,
        display_name: str | UnsetType = UNSET,
        bio: str | UnsetType = UNSET,
        avatar: str | UnsetType | None = UNSET,
    ) -> r.Me:
        """Change what others see of me; what is left out stays. `avatar: null` takes it away."""
        command = p.ProfileUpdate(0, display_name=display_name, bio=bio, avatar=avatar)
        return await self.ask(command, r.Me)

    async def follow_set(self, *, user_id: str, on: bool) -> r.Related:
        """I follow this person or not; takes effect on every open window of mine at once.

        Following oneself is `invalid`.
        """
        command = p.FollowSet(0, user_id=user_id, on=on)
        return await self.ask(command, r.Related)

    async def follow_list(
        self,
        *,
        user_id: str,
        direction: Literal["blocking", "followers", "following", "muting"],
        before: str | UnsetType = UNSET,
    ) -> r.Users:
        """People around one person, newest first; `blocking` and `muting` for oneself only."""
        command = p.FollowList(0, user_id=user_id, direction=direction, before=before)
        return await self.ask(command, r.Users)

    async def block_set(self, *, user_id: str, on: bool) -> r.Related:
        """Neither of us is there for the other one; ends both follows."""
        command = p.BlockSet(0, user_id=user_id, on=on)
        return await self.ask(command, r.Related)

    async def mute_set(self, *, user_id: str, on: bool) -> r.Related:
        """I no longer see this person in lists and pushes, or do again; they never learn."""
        command = p.MuteSet(0, user_id=user_id, on=on)
        return await self.ask(command, r.Related)

    async def timeline_get(
        self,
        *,
        name: Literal["explore", "home", "media", "reactions", "user"],
        user_id: str | UnsetType = UNSET,
        before: str | UnsetType = UNSET,
        limit: int = 50,
    ) -> r.Timeline:
        """A page of a timeline, newest first, one entry a post.

        `home` holds the posts and retweets of those one follows, and one's own; `explore`
        recent posts by anybody, without replies and retweets; `user`, `media` and `reactions`
        need `user_id`. `next` goes back as `before`; going back neither repeats nor skips what
        stood below the first page.
        """
        command = p.TimelineGet(0, name=name, user_id=user_id, before=before, limit=limit)
        return await self.ask(command, r.Timeline)

    async def watch_set(self, *, post_ids: list[str], explore: bool = False) -> r.Watched:
        """The posts on my screen; replaces the last set. Their state comes back, then changes.

        `explore: true` adds new posts by anybody, on the topic `explore`. Ids that are unknown
        or hidden are left out. What is watched belongs to one socket.
        """
        command = p.WatchSet(0, post_ids=post_ids, explore=explore)
        return await self.ask(command, r.Watched)

    async def draft_set(self, *, draft: dict[str, Any] | None) -> r.Drafted:
        """What I have begun to write, for my other windows; an object of any shape, or null."""
        command = p.DraftSet(0, draft=draft)
        return await self.ask(command, r.Drafted)

    async def search_query(
        self,
        *,
        q: str,
        kind: Literal["posts", "users"],
        before: str | UnsetType = UNSET,
    ) -> r.Found:
        """Posts or people by their words, newest first; the last word may be a beginning."""
        command = p.SearchQuery(0, q=q, kind=kind, before=before)
        return await self.ask(command, r.Found)

    async def notice_list(self, *, before: str | UnsetType = UNSET) -> r.Notices:
        """What was done to me, newest first."""
        command = p.NoticeList(0, before=before)
        return await self.ask(command, r.Notices)

    async def notice_read(self, *, up_to: str) -> r.Unread:
        """I have read everything up to this notice; a smaller one than before changes nothing."""
        command = p.NoticeRead(0, up_to=up_to)
        return await self.ask(command, r.Unread)
