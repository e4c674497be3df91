"""Deliveries to many: together what is told together, answers first, and never the whole loop."""

from __future__ import annotations

import asyncio

import pytest

from realtime.hub import hub as hub_module
from realtime.hub.fastlane import frame
from realtime.hub.hub import AT_ONCE, MANY, Hub, Said
from realtime.hub.outbox import MERGE_BYTES, Outbox
from realtime.hub.plain import unframed
from realtime.hub.ring import Bares
from tests.hub.test_outbox import Pipe, turn, until

TOPIC = 1


class Listener:
    """One socket on TOPIC, and what was written to it."""

    def __init__(self, hub: Hub, *refuses: int, behind_bytes: int = 2**18) -> None:
        self.pipe = Pipe()
        self.box = Outbox(self.pipe, hub.due, behind_bytes=behind_bytes)
        self.box.refuses = frozenset(refuses)
        hub.join(self.box, [TOPIC])

    @property
    def heard(self) -> list[bytes]:
        return [payload for data in self.pipe.written for payload in unframed(data)]


def said(text: bytes, *about: int) -> Said:
    return Said(frame(text), about)


async def test_what_is_told_together_is_one_write_in_its_order_less_what_is_refused() -> None:
    hub = Hub()
    plain, picky, cut = Listener(hub), Listener(hub, 7), Listener(hub, 8)
    within = Said(frame(b"three"), (), Bares({frozenset({8}): frame(b"without 8")}))
    heard = hub.tell(TOPIC, [said(b"one"), said(b"two", 7), within])
    await turn()
    assert heard == [3, 2, 3]
    assert plain.heard == [b"one", b"two", b"three"]
    assert picky.heard == [b"one", b"three"]
    assert cut.heard == [b"one", b"two", b"without 8"]
    assert [len(one.pipe.written) for one in (plain, picky, cut)] == [1, 1, 1]


async def test_nobody_hears_what_is_told_where_nobody_listens() -> None:
    hub = Hub()
    listener = Listener(hub)
    assert hub.tell(TOPIC + 1, [said(b"one"), said(b"two")]) == [0, 0]
    hub.leave(listener.box, [TOPIC])
    assert hub.tell(TOPIC, [said(b"three")]) == [0]
    await turn()
    assert listener.heard == []


async def test_one_who_falls_behind_is_told_how_many_events_were_dropped() -> None:
    hub = Hub()
    slow = Listener(hub, behind_bytes=1_000)
    dropped: list[int] = []
    slow.box.on_behind = dropped.append
    slow.pipe.writable = False
    hub.tell(TOPIC, [said(b"x" * 100) for _ in range(5)])
    assert not slow.box.is_behind
    hub.tell(TOPIC, [said(b"x" * 100) for _ in range(6)])
    assert dropped == [11]
    hub.tell(TOPIC, [said(b"x" * 100) for _ in range(6)])
    assert dropped == [11] and slow.box.waiting_bytes == 0


async def test_many_large_ones_together_are_no_more_than_a_slow_reader_may_owe_at_a_time() -> None:
    hub = Hub()
    slow = Listener(hub)
    slow.pipe.writable = False
    most = []
    slow.box.on_behind = lambda dropped: most.append(dropped * 30_000)
    hub.tell(TOPIC, [said(b"x" * 30_000) for _ in range(64)])
    assert slow.box.is_behind
    assert most[0] <= 2**18 + MERGE_BYTES + 30_000


async def test_an_answer_is_written_before_the_deliveries_to_all_others() -> None:
    hub = Hub()
    order: list[Pipe] = []
    listeners = [Listener(hub) for _ in range(100)]
    for one in listeners:
        one.pipe.write = lambda data, pipe=one.pipe: order.append(pipe)  # type: ignore[method-assign,misc]
        one.box.lane = one.pipe
    hub.tell(TOPIC, [said(b"to all")])
    listeners[70].box.answer(frame(b"answer"))
    listeners[30].box.answer(frame(b"answer"))
    await turn()
    assert order[:2] == [listeners[70].pipe, listeners[30].pipe]
    assert len(order) == 100, "what was due to these went with their answers"


async def test_a_long_delivery_gives_the_loop_back_and_an_answer_overtakes_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hub_module, "TURN_S", 0.0)
    hub = Hub()
    listeners = [Listener(hub) for _ in range(AT_ONCE * 4)]
    hub.tell(TOPIC, [said(b"one")])
    await asyncio.sleep(0)
    assert [len(one.heard) for one in listeners] == [1] * AT_ONCE + [0] * (AT_ONCE * 3)
    listeners[-1].box.answer(frame(b"answer"))
    hub.tell(TOPIC, [said(b"two")])
    await asyncio.sleep(0)
    assert listeners[-1].heard == [b"answer", b"one", b"two"]
    assert await hub.rested(10.0)
    assert all([p for p in one.heard if p != b"answer"] == [b"one", b"two"] for one in listeners)
    assert not await hub.rested(10.0)


async def test_after_a_long_delivery_its_readers_have_a_moment_to_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hub_module, "TURN_S", 0.0)
    monkeypatch.setattr(hub_module, "LONG_S", 0.0)
    monkeypatch.setattr(hub_module, "LINGER", 1e9)
    monkeypatch.setattr(hub_module, "LINGER_S", 1.0)
    hub = Hub()
    listeners = [Listener(hub) for _ in range(AT_ONCE * 2)]
    hub.tell(TOPIC, [said(b"to many")])
    await until(lambda: bool(listeners[-1].heard))
    assert all(one.heard == [b"to many"] for one in listeners)
    assert await hub.rested(10.0), "all is written, and yet there is something to wait for"
    assert not await hub.rested(10.0)


async def test_after_a_short_delivery_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "TURN_S", 60.0)
    monkeypatch.setattr(hub_module, "LINGER", 1e9)
    monkeypatch.setattr(hub_module, "LINGER_S", 60.0)
    hub = Hub()
    listener = Listener(hub)
    hub.tell(TOPIC, [said(b"to one")])
    assert not await hub.rested(60.0)
    await turn()
    assert listener.heard == [b"to one"]
    assert not await hub.rested(60.0)


async def test_whoever_waits_for_rest_waits_no_longer_than_they_said() -> None:
    hub = Hub()
    listeners = [Listener(hub) for _ in range(MANY + 1)]

    async def never_done() -> None:
        while True:
            hub.tell(TOPIC, [said(b"more")])
            await asyncio.sleep(0)

    busy = asyncio.create_task(never_done())
    await turn()
    assert await hub.rested(0.01)
    busy.cancel()
    assert listeners[0].heard


async def test_one_socket_that_fails_does_not_end_the_deliveries_to_the_others() -> None:
    hub = Hub()
    listeners = [Listener(hub) for _ in range(3)]

    def broken(data: bytes) -> None:
        raise OSError("broken")

    listeners[1].pipe.write = broken  # type: ignore[method-assign]
    problems: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda loop, context: problems.append(context["exception"]))
    hub.tell(TOPIC, [said(b"one")])
    await until(lambda: bool(listeners[2].heard))
    assert [one.heard for one in listeners] == [[b"one"], [], [b"one"]]
    assert [type(problem) for problem in problems] == [OSError]
