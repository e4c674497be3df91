"""What comes over the bus is handed on, or, if no process of ours wrote it, counted and dropped."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from realtime import bell, metrics
from realtime.bell import Bell, Dirty, Ended, Gone, State
from realtime.doorbell import Doorbell
from realtime.hub.bus import LocalBus
from realtime.store.events import POST, Line
from tests.client import follow, post
from tests.deployments import Town
from tests.server import Running

LINE = Line(xid=1, seq=2, topic=4, kind=POST, noun_id=2, about=(1,), at_ms=0)
MESSAGES: list[bell.Message] = [
    Bell(LINE, b"{}", (), ()),
    Bell(LINE, b"{}", (bell.Bare((3,), b"{}"),), (4,)),
    Dirty((1, 2)),
    State(6, "mine:1", (), b"{}"),
    Ended((7,)),
    Gone((8,)),
]


def test_what_was_packed_is_unpacked() -> None:
    for message in MESSAGES:
        assert bell.unpack(bell.pack(message)) == message


class Deaf:
    """Nobody listens: only what arrives undamaged would be missed here."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"a broken message reached {name}")


@given(st.binary(max_size=200))
def test_random_bytes_are_dropped_and_counted(payload: bytes) -> None:
    doorbell = Doorbell(Deaf(), Deaf(), LocalBus())  # type: ignore[arg-type]
    before = metrics.bus_messages.labels("broken")._value.get()
    doorbell.ring([("author:1", payload)])
    assert metrics.bus_messages.labels("broken")._value.get() == before + 1


async def test_a_forged_line_about_somebody_hidden_is_not_shown(
    server: Running, town: Town
) -> None:
    """Whoever writes to the bus chooses the words, but not who refuses to hear whom."""
    bus = server.application._bus
    assert bus is not None
    async with town.ada.window() as ada, town.bob.window() as bob:
        await follow(bob, town.ada)
        world = server.application.world
        assert world is not None
        for ear in world.feed.ears:
            if ear.user_id == int(town.bob.id):
                ear.outbox.refuses = frozenset({77})
        forged = Line(xid=2**40, seq=2**40, topic=int(town.ada.id) * 4, kind=POST,
                      noun_id=2**40, about=(77,), at_ms=0)  # fmt: skip
        noun = b'{"type":"event","topic":"author:1","noun":{"kind":"post","id":"9","seq":9}}'
        bus.publish(f"author:{town.ada.id}", bell.pack(Bell(forged, noun, (), ())))
        bus.publish(f"author:{town.ada.id}", b"\xc1 no message at all")
        await post(ada, "true")
        assert (await bob.noun("post", text="true"))["text"] == "true"
        assert len(bob.seen("post")) == 1
