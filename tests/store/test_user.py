"""People: shown as they are now, changed by themselves."""

from __future__ import annotations

import pytest
from msgspec import UNSET, UnsetType

from realtime.errors import Refusal
from realtime.store import media, post, user
from realtime.store.database import Database
from realtime.store.migrate import migrate
from realtime.store.user import Updated
from tests.store.world import World, refused


@pytest.fixture
async def world(database: Database) -> World:
    await migrate(database)
    return World(database)


async def update(
    world: World,
    user_id: int,
    display_name: str | None = None,
    bio: str | None = None,
    avatar: int | UnsetType | None = UNSET,
) -> Updated:
    return await world.run(
        lambda tx: user.update(tx, user_id, display_name=display_name, bio=bio, avatar=avatar)
    )


async def test_people_come_in_the_order_asked_for(world: World) -> None:
    ada, bob, eve = await world.people(3)
    found = await user.by_ids(world.database, [eve, 10**12, ada, bob])
    assert [int(person.id) for person in found] == [eve, ada, bob]
    assert await user.by_ids(world.database, []) == []
    assert await user.authors(world.database, []) == {}


async def test_a_person_is_found_by_name(world: World) -> None:
    ada = await world.person("ada")
    found = await user.by_name(world.database, "ada")
    assert found is not None
    assert (int(found.id), found.name, found.deleted) == (ada, "ada", False)
    assert found.created_at == "1970-01-01T00:00:00.001Z"
    assert await user.by_name(world.database, "bob") is None
    await world.erase(ada)
    assert await user.by_name(world.database, "ada") is None


async def test_an_account_that_is_gone_is_empty(world: World) -> None:
    ada, bob = [await world.person(name) for name in ("ada", "bob")]
    await world.follow(bob, ada)
    picture = await world.picture(ada)
    await update(world, ada, "Ada", "I was here", picture)
    await world.erase(ada)
    [found] = await user.by_ids(world.database, [ada])
    assert found.deleted
    assert (found.name, found.display_name, found.bio, found.avatar) == ("", "", "", None)
    assert (found.followers, found.following, found.posts) == (0, 0, 0)
    author = (await user.authors(world.database, [ada]))[ada]
    assert (author.name, author.display_name, author.avatar) == ("", "", None)


async def test_what_is_left_out_of_a_change_stays(world: World) -> None:
    ada = await world.person("ada")
    [before] = await user.by_ids(world.database, [ada])
    first = await update(world, ada, "Ada L.", "numbers")
    assert (first.user.display_name, first.user.bio) == ("Ada L.", "numbers")
    assert first.user.seq > before.seq
    second = await update(world, ada, bio="")
    assert (second.user.display_name, second.user.bio) == ("Ada L.", "")
    assert second.user.seq > first.user.seq
    assert await user.by_ids(world.database, [ada]) == [second.user]
    author = (await user.authors(world.database, [ada]))[ada]
    assert (author.display_name, author.seq) == ("Ada L.", second.user.seq)


async def test_a_new_avatar_takes_the_place_of_the_old_one(world: World) -> None:
    ada = await world.person()
    old, new = await world.picture(ada, "old.webp"), await world.picture(ada, "new.webp")
    first = await update(world, ada, avatar=old)
    assert first.files == []
    assert first.user.avatar is not None
    assert first.user.avatar.url == "/media/old.webp"
    same = await update(world, ada, avatar=old)
    assert same.files == []
    assert same.user.avatar == first.user.avatar
    second = await update(world, ada, avatar=new)
    assert sorted(second.files) == ["old.webp", "small-old.webp"]
    assert await media.by_ids(world.database, [old]) == {}
    posted = await world.posted(ada)
    assert posted.author.avatar == second.user.avatar
    off = await update(world, ada, avatar=None)
    assert off.user.avatar is None
    assert sorted(off.files) == ["new.webp", "small-new.webp"]
    assert (await update(world, ada, avatar=None)).files == []
    [seen] = await post.by_ids(world.database, [int(posted.id)])
    assert seen.author.avatar is None


async def test_only_a_picture_of_ones_own_in_no_use_is_an_avatar(world: World) -> None:
    ada, bob = await world.people(2)
    mine, used, theirs = [await world.picture(who) for who in (ada, ada, bob)]
    await world.post(ada, media=[used])
    await update(world, ada, "Ada", avatar=mine)
    for picture, code in ((theirs, "not_found"), (10**12, "not_found"), (used, "conflict")):
        with pytest.raises(Refusal) as caught:
            await update(world, ada, "Eve", avatar=picture)
        assert refused(caught.value) == (code, "avatar")
    [found] = await user.by_ids(world.database, [ada])
    assert found.display_name == "Ada"
    assert found.avatar is not None
    [no] = await world.create(world.draft(ada, media=[mine]))
    assert refused(no) == ("conflict", "media")


async def test_who_has_no_account_any_more_changes_nothing(world: World) -> None:
    ada = await world.person()
    await world.erase(ada)
    for nobody in (ada, 10**12):
        with pytest.raises(Refusal) as caught:
            await update(world, nobody, "Ada")
        assert caught.value.code == "unauthenticated"
