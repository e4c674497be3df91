"""What comes while many are being told waits for them, and then goes together."""

from __future__ import annotations

import asyncio

import pytest

from realtime.hub import hub as hub_module
from realtime.hub.bus import LocalBus
from realtime.hub.hub import AT_ONCE, Hub, Said
from realtime.hub.pump import AT_ONCE as BATCH
from realtime.hub.pump import Message, Pump
from tests.hub.test_hub import TOPIC, Listener, said
from tests.hub.test_outbox import until


class Gate:
    """A hub that is busy until it is opened."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.opened = asyncio.Event()

    async def rested(self, within_s: float) -> bool:
        self.asked.set()
        await self.opened.wait()
        return True


async def test_what_comes_while_the_hub_is_busy_is_delivered_in_one_piece_and_in_order() -> None:
    gate, delivered = Gate(), list[list[Message]]()
    bus = LocalBus()
    await bus.start(
        lambda messages: delivered.append(list(messages)),
        on_reconnect=lambda: None,
        rested=gate.rested,
    )
    await bus.subscribe(["a", "b"])
    bus.publish("a", b"1")
    await gate.asked.wait()
    bus.publish("b", b"2")
    bus.publish("a", b"3")
    assert delivered == []
    gate.opened.set()
    await until(lambda: bool(delivered))
    assert delivered == [[("a", b"1"), ("b", b"2"), ("a", b"3")]]
    await bus.stop()


async def test_a_channel_that_is_left_while_its_message_waits_is_heard_no_more() -> None:
    gate, delivered, wanted = Gate(), list[Message](), {"a", "b"}
    pump = Pump(delivered.extend, wanted, gate.rested)
    running = asyncio.create_task(pump.run())
    pump.put("a", b"1")
    pump.put("b", b"2")
    await gate.asked.wait()
    wanted.remove("a")
    gate.opened.set()
    await until(lambda: bool(delivered))
    assert delivered == [("b", b"2")]
    running.cancel()


async def test_posts_of_two_moments_are_one_write_for_whoever_had_not_heard_the_first_yet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The pump and a hub that needs several turns for its listeners, as they stand together."""
    monkeypatch.setattr(hub_module, "TURN_S", 0.0)
    hub = Hub()
    listeners = [Listener(hub) for _ in range(AT_ONCE * 3)]

    def deliver(messages: object) -> None:
        assert isinstance(messages, list)
        hub.tell(TOPIC, [Said(payload) for _, payload in messages])

    pump = Pump(deliver, {"a"}, hub.rested)
    running = asyncio.create_task(pump.run())
    for text in (b"one", b"two", b"three"):
        pump.put("a", said(text).frame)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    await until(lambda: len(listeners[-1].heard) == 3)
    await hub.rested(10.0)
    assert all(one.heard == [b"one", b"two", b"three"] for one in listeners)
    assert {len(one.pipe.written) for one in listeners} == {2}, "the first, then the other two"
    running.cancel()


async def test_a_backlog_does_not_wait_for_each_of_its_parts_to_be_told() -> None:
    """It would be a delivery for each part, and what comes meanwhile would wait for all of them."""
    asked, delivered = list[float](), list[int]()

    async def rested(within_s: float) -> bool:
        asked.append(within_s)
        return True

    pump = Pump(lambda messages: delivered.append(len(messages)), {"a"}, rested)
    for number in range(10 * BATCH + 1):
        pump.put("a", b"%d" % number)
    running = asyncio.create_task(pump.run())
    await until(lambda: sum(delivered) == 10 * BATCH + 1)
    assert delivered == [BATCH] * 10 + [1]
    assert len(asked) == 1, "only what is less than a full part may still find company"
    running.cancel()
