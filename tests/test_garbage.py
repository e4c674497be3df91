"""What is left of a socket that has ended: nothing, at once.

Garbage is looked for seldom, so that no socket waits for the looking. What holds itself until then
would add up with thousands that come and go.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator

import pytest

from realtime.ear import Ear
from realtime.hub.fastlane import Socket
from realtime.hub.inbox import Inbox
from realtime.hub.outbox import Outbox
from realtime.hub.straight import StraightLane
from realtime.socket import Connection
from tests.client import eventually, window
from tests.deployments import Town
from tests.server import Running

OF_A_SOCKET = (Connection, Ear, Inbox, Outbox, Socket, StraightLane)


def alive() -> Counter[type]:
    """How many of each there are, whether anything still needs them or not."""
    return Counter(type(one) for one in gc.get_objects() if type(one) in OF_A_SOCKET)


@pytest.fixture
def nobody_looks_for_garbage() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("is_polite", [True, False])
async def test_a_socket_that_has_ended_is_forgotten_without_looking_for_garbage(
    server: Running, town: Town, nobody_looks_for_garbage: None, is_polite: bool
) -> None:
    before = alive()
    for _ in range(3):
        async with window(server.url, town.ada.cookie) as ada:
            assert alive() - before, "what is looked for is there while it is needed"
            if not is_polite:
                ada.socket.transport.abort()
    await eventually(lambda: not alive() - before)
