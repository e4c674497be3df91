"""Every command as a method. `realtime schema` writes this file; change the structs."""

from __future__ import annotations

from typing import Literal, TypeVar

from msgspec import UNSET, UnsetType

from realtime import protocol as p

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
    ) -> p.Posted:
        """Publish a post, exactly once for each `key`."""
        command = p.PostCreate(
            0,
            key=key,
            text=text,
            media=media,
            reply_to=reply_to,
            quote_of=quote_of,
        )
        return await self.ask(command, p.Posted)

    async def post_delete(self, *, post_id: str) -> p.Posted:
        """Take my post back; deleting it again is `ok`."""
        command = p.PostDelete(0, post_id=post_id)
        return await self.ask(command, p.Posted)

    async def post_thread(self, *, post_id: str, before: str | UnsetType = UNSET) -> p.Thread:
        """One post, what it answers (from the root down), and its replies, oldest first."""
        command = p.PostThread(0, post_id=post_id, before=before)
        return await self.ask(command, p.Thread)

    async def retweet_set(self, *, post_id: str, on: bool) -> p.Stance:
        """My retweet of this post is on or off; setting it twice is setting it once."""
        command = p.RetweetSet(0, post_id=post_id, on=on)
        return await self.ask(command, p.Stance)

    async def retweet_list(self, *, post_id: str, before: str | UnsetType = UNSET) -> p.Users:
        """Who retweeted, newest first."""
        command = p.RetweetList(0, post_id=post_id, before=before)
        return await self.ask(command, p.Users)

    async def react_set(self, *, post_id: str, emoji: str, on: bool) -> p.Stance:
        """My reaction with this emoji is on or off; setting it twice is setting it once."""
        command = p.ReactSet(0, post_id=post_id, emoji=emoji, on=on)
        return await self.ask(command, p.Stance)

    async def react_list(
        self,
        *,
        post_id: str,
        emoji: str | UnsetType = UNSET,
        before: str | UnsetType = UNSET,
    ) -> p.Reactions:
        """Who reacted, newest first; with one emoji or with any."""
        command = p.ReactList(0, post_id=post_id, emoji=emoji, before=before)
        return await self.ask(command, p.Reactions)

    async def profile_get(
        self,
        *,
        name: str | UnsetType = UNSET,
        user_id: str | UnsetType = UNSET,
    ) -> p.Profile:
        """One person, by exactly one of `name` and `user_id`."""
        command = p.ProfileGet(0, name=name, user_id=user_id)
        return await self.ask(command, p.Profile)

    async def profile_update(
        self,
        *,
        display_name: str | UnsetType = UNSET,
        bio: str | UnsetType = UNSET,
        avatar: str | UnsetType | None = UNSET,
    ) -> p.Me:
        """Change what others see of me; what is left out stays. `avatar: null` takes it away."""
        command = p.ProfileUpdate(0, display_name=display_name, bio=bio, avatar=avatar)
        return await self.ask(command, p.Me)

    async def follow_set(self, *, user_id: str, on: bool) -> p.Related:
        """I follow this person or not; takes effect on every open window of mine at once."""
        command = p.FollowSet(0, user_id=user_id, on=on)
        return await self.ask(command, p.Related)

    async def follow_list(
        self,
        *,
        user_id: str,
        direction: Literal["blocking", "followers", "following", "muting"],
        before: str | UnsetType = UNSET,
    ) -> p.Users:
        """People around one person, newest first; `blocking` and `muting` for oneself only."""
        command = p.FollowList(0, user_id=user_id, direction=direction, before=before)
        return await self.ask(command, p.Users)

    async def block_set(self, *, user_id: str, on: bool) -> p.Related:
        """Neither of us is there for the other one; ends both follows."""
        command = p.BlockSet(0, user_id=user_id, on=on)
        return await self.ask(command, p.Related)

    async def mute_set(self, *, user_id: str, on: bool) -> p.Related:
        """I no longer see this person in lists and pushes, or do again; they never learn."""
        command = p.MuteSet(0, user_id=user_id, on=on)
        return await self.ask(command, p.Related)

    async def timeline_get(
        self,
        *,
        name: Literal["explore", "home", "media", "reactions", "user"],
        user_id: str | UnsetType = UNSET,
        before: str | UnsetType = UNSET,
        limit: int = 50,
    ) -> p.Timeline:
        """A page of a timeline, newest first, one entry a post."""
        command = p.TimelineGet(0, name=name, user_id=user_id, before=before, limit=limit)
        return await self.ask(command, p.Timeline)

    async def watch_set(self, *, post_ids: list[str], explore: bool = False) -> p.Watched:
        """The posts on my screen; replaces the last set. Their state comes back, then changes."""
        command = p.WatchSet(0, post_ids=post_ids, explore=explore)
        return await self.ask(command, p.Watched)

    async def search_query(
        self,
        *,
        q: str,
        kind: Literal["posts", "users"],
        before: str | UnsetType = UNSET,
    ) -> p.Found:
        """Posts or people by their words, newest first; the last word may be a beginning."""
        command = p.SearchQuery(0, q=q, kind=kind, before=before)
        return await self.ask(command, p.Found)

    async def notice_list(self, *, before: str | UnsetType = UNSET) -> p.Notices:
        """What was done to me, newest first."""
        command = p.NoticeList(0, before=before)
        return await self.ask(command, p.Notices)

    async def notice_read(self, *, up_to: str) -> p.Unread:
        """I have read everything up to this notice; a smaller one than before changes nothing."""
        command = p.NoticeRead(0, up_to=up_to)
        return await self.ask(command, p.Unread)
