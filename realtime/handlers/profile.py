"""Profiles: look at one, change mine."""

from __future__ import annotations

from msgspec import UNSET

from realtime import text, visibility
from realtime.change import Telling
from realtime.errors import Refusal, not_found
from realtime.handlers.context import Context
from realtime.handlers.registry import handles
from realtime.hub.limits import REACTIONS, READS
from realtime.model import User
from realtime.protocol import ProfileGet, ProfileUpdate, number
from realtime.results import Me, Profile
from realtime.store import relation, user
from realtime.store.database import Tx
from realtime.store.user import Updated


@handles(ProfileGet)
async def profile_get(context: Context, command: ProfileGet) -> Profile:
    """One person and how I stand to them. Who blocked me does not exist for me."""
    if (command.name is UNSET) == (command.user_id is UNSET):
        raise Refusal("invalid", "Give either `name` or `user_id`.", field="name")
    await context.spend("read", READS)
    database, me = context.world.database, context.user_id
    found: User | None
    if command.name is not UNSET:
        field = "name"
        name = text.wanted_name(command.name)
        found = None if name is None else await user.by_name(database, name)
    elif command.user_id is not UNSET:
        field = "user_id"
        people = await user.by_ids(database, [number(command.user_id)])
        found = people[0] if people else None
    if found is None or found.deleted:
        raise not_found("person", field=field)
    if me is None or int(found.id) == me:
        return Profile(found, None)
    if await relation.is_blocked_by(database, me, int(found.id)):
        raise not_found("person", field=field)
    return Profile(found, (await relation.get(database, me, [int(found.id)]))[int(found.id)])


@handles(ProfileUpdate)
async def profile_update(context: Context, command: ProfileUpdate) -> Me:
    """Change what others see of me; told to everyone who follows me."""
    me = context.me
    name = None
    if command.display_name is not UNSET:
        name = text.display_name(command.display_name)
    bio = None if command.bio is UNSET else text.bio(command.bio)
    avatar = command.avatar
    picture = number(avatar) if isinstance(avatar, str) else avatar
    await context.spend("profile", REACTIONS)

    async def deed(tx: Tx, telling: Telling) -> Updated:
        updated = await user.update(tx, me, display_name=name, bio=bio, avatar=picture)
        telling.noun(visibility.author(me), updated.user)
        telling.noun(visibility.me(me), updated.user)
        return updated

    updated = await context.world.change(deed)
    if updated.files:
        context.world.remove_files(updated.files)
    return Me(updated.user)
