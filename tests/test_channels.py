"""Which channels of the bus are held: those that somebody here needs, and no other for long."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from pathlib import Path

from realtime import visibility
from realtime.channels import Channels
from realtime.hub.bus import LocalBus
from realtime.hub.hub import Hub
from realtime.hub.outbox import Outbox
from realtime.hub.ring import Ring
from realtime.tail import Tail
from tests.hub.test_outbox import Pipe
from tests.people import fresh_database


class SlowBus(LocalBus):
    """A bus that takes its time to confirm."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()

    async def subscribe(self, channels: Collection[str]) -> None:
        await super().subscribe(channels)
        await self.gate.wait()


async def test_what_nobody_needs_between_two_tidyings_is_left(tmp_path: Path) -> None:
    """Also what was asked for by somebody who was cut off before the bus had confirmed it."""
    async with fresh_database(f"sqlite:///{tmp_path / 'test.db'}") as database:
        bus, hub = SlowBus(), Hub()
        tail = Tail(database, hub, lambda told: 0, Ring())
        await tail.start()
        channels = Channels(bus, hub, tail)
        heard, asked, kept, cut_off = (visibility.author(n) for n in (1, 2, 3, 4))
        leaving = asyncio.create_task(channels.need({cut_off}))
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.wait([leaving])
        bus.gate.set()
        await channels.need({heard, asked, kept})
        hub.join(Outbox(Pipe(), hub.due), [heard])
        names = [visibility.wire_name(topic) for topic in (heard, asked, kept, cut_off)]
        await channels.tidy({kept})
        assert bus._channels == set(names)
        await channels.tidy({kept})
        assert bus._channels == {names[0], names[2]}
        await channels.need({cut_off})
        assert names[3] in bus._channels
