"""What a program has not taken yet: in order, bounded, and never promised too early."""

from __future__ import annotations

import asyncio

from realtime.client.inbox import Gap, Inbox
from realtime.client.newest import View
from realtime.model import Counts, Mine
from realtime.protocol import Event


def told(post_id: int, v: int = 1, topic: str = "") -> Event:
    return Event(topic or f"post:{post_id}", Counts(str(post_id), v, {}, 0, 0, 0))


def taken(inbox: Inbox) -> list[Event | Gap]:
    found = []
    while (one := inbox.take()) is not None:
        found.append(one)
    return found


def test_events_are_taken_in_their_order() -> None:
    inbox = Inbox(None)
    for number in (3, 1, 2):
        inbox.hear(told(number), 10)
    assert taken(inbox) == [told(3), told(1), told(2)]
    assert inbox.take() is None


def test_of_one_noun_only_the_newest_form_waits() -> None:
    inbox = Inbox(None)
    for v in (1, 5, 3):
        inbox.hear(told(7, v), 10)
    inbox.hear(told(7, 5, topic="explore"), 10)
    inbox.hear(Event("me:1", Mine("7", 4, [], False)), 10)
    assert [getattr(one, "topic", "") for one in taken(inbox)] == ["post:7", "explore", "me:1"]


def test_a_cursor_is_passed_on_only_when_all_before_it_was_taken() -> None:
    inbox = Inbox(None)
    inbox.resumed("a", has_gap=False)
    assert inbox.taken == "a"
    inbox.hear(told(1), 10)
    inbox.promise("b")
    inbox.hear(told(2), 10)
    assert (inbox.taken, inbox.heard) == ("a", "b")
    inbox.take()
    assert inbox.taken == "a"  # the program is still at work on it
    inbox.take()
    assert inbox.taken == "b"


def test_what_finds_no_room_is_dropped_and_asked_for_again_from_where_the_program_is() -> None:
    inbox = Inbox("a", room=3)
    for number in range(4):
        inbox.hear(told(number), 10)
    inbox.promise("z")
    inbox.hear(told(9), 10)
    assert (inbox.is_over, inbox.take(), inbox.dropped) == (True, None, 5)
    assert (inbox.taken, inbox.heard) == ("a", "a")
    inbox.resumed("a", has_gap=False)
    inbox.hear(told(0), 10)
    assert taken(inbox) == [told(0)]


def test_room_is_counted_in_bytes_too() -> None:
    inbox = Inbox("a", room_bytes=100)
    for _ in range(50):
        inbox.hear(told(1), 60)  # one and the same
    assert not inbox.is_over
    inbox.hear(told(2), 60)
    assert inbox.is_over


def test_an_idle_socket_fills_no_room() -> None:
    inbox = Inbox("a", room=4)
    inbox.hear(told(1), 10)
    for number in range(100):
        inbox.promise(str(number))
    assert not inbox.is_over
    assert taken(inbox) == [told(1)]
    assert inbox.taken == "99"


def test_nothing_that_came_after_a_gap_is_told_before_it() -> None:
    inbox = Inbox("a")
    inbox.hear(told(1, 1), 10)
    inbox.resumed("b", has_gap=True)
    inbox.hear(told(1, 2), 10)
    assert taken(inbox) == [told(1, 1), Gap(), told(1, 2)]


def test_a_gap_is_told_though_what_came_after_it_found_no_room() -> None:
    inbox = Inbox("a", room=2)
    inbox.resumed("b", has_gap=True)
    for number in range(3):
        inbox.hear(told(number), 10)
    assert inbox.is_over
    assert taken(inbox) == [Gap()]


async def test_whoever_waits_is_woken_by_an_event_a_resume_and_the_end() -> None:
    inbox = Inbox("a", room=1)
    waiting = asyncio.create_task(inbox.ready())
    await asyncio.sleep(0)
    inbox.hear(told(1), 10)
    assert await waiting
    inbox.hear(told(2), 10)  # no room
    inbox.is_asked = True
    waiting = asyncio.create_task(inbox.ready())
    await asyncio.sleep(0)
    inbox.resumed("a", has_gap=False)
    inbox.hear(told(3), 10)
    assert await waiting and inbox.take() == told(3)
    waiting = asyncio.create_task(inbox.ready())
    await asyncio.sleep(0)
    inbox.close()
    assert not await waiting


def test_a_view_keeps_the_newest_form_of_each_noun_and_forgets_the_oldest() -> None:
    view = View(most=2)
    newer, older = told(1, 5).noun, told(1, 3).noun
    assert (view.put(newer), view.put(older), view.put(newer)) == (True, False, False)
    assert view.get("counts", "1") == newer
    assert view.put(Mine("1", 5, [], False))
    view.put(told(2).noun)
    assert len(view) == 2 and view.get("counts", "1") is None
    view.clear()
    assert len(view) == 0
