"""Between processes: bytes on named channels, at most once; the log heals what is lost."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import math
import uuid
import zlib
from collections.abc import Callable, Collection, Coroutine, Iterable, Iterator, Sequence
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from realtime.hub.listener import Listener
from realtime.hub.pump import Deliver, Pump, Rested, nobody_hears
from realtime.hub.speaker import Speaker
from realtime.hub.wire import CONNECT_S, Lost, Outage

PREFIX: Final = "rt:"  # before every channel's name in Redis
START_S: Final = 2.0
SEND_S: Final = 1.0  # for the socket to take what is written
PROBE_S: Final = 1.0


class Bus(Protocol):
    """One contract for all buses. A process hears its own publications too.

    Names of channels that begin with `!` are the bus's own.
    """

    @property
    def published(self) -> int:
        """Messages sent and confirmed so far, the bus's own included."""
        ...

    @property
    def dropped(self) -> int:
        """Messages that could not be sent, or were not confirmed in time; so far."""
        ...

    @property
    def received(self) -> int:
        """Messages delivered so far."""
        ...

    @property
    def reconnects(self) -> int:
        """Connections made beyond the first."""
        ...

    @property
    def connected(self) -> bool:
        """Whether, as far as is known, messages flow in both directions."""
        ...

    async def start(
        self,
        deliver: Deliver,
        *,
        on_reconnect: Callable[[], None],
        rested: Rested = nobody_hears,
    ) -> None:
        """Connect. Waits 2 s at most; where that was not enough, goes on trying.

        `deliver` gets every message of the subscribed channels, those that came together in one
        call, in the order of their coming; its errors end `run`. `on_reconnect` is called whenever
        messages may have been missed until now and flow again: after each connection, the first
        included, once all subscriptions are confirmed; and when any process says that it had to
        drop some. Both must not block. What comes while `rested` waits is delivered together.
        """
        ...

    async def run(self) -> None:
        """Wait, until one of the bus's loops dies of a bug; raises what killed it.

        To be supervised by the owner between `start` and `stop`. The loops run without it.
        """
        ...

    async def stop(self) -> None:
        """End all loops and connections. What is queued is lost."""
        ...

    def publish(self, channel: str, payload: bytes) -> None:
        """Send soon. Never waits, never raises: what cannot be sent is dropped and counted."""
        ...

    async def subscribe(self, channels: Collection[str]) -> None:
        """Hear these channels; returns when the bus has confirmed it.

        During an outage it returns within a second or so; the channels are then subscribed on the
        next connection, before `on_reconnect` is called. Never raises for an outage.
        """
        ...

    async def unsubscribe(self, channels: Collection[str]) -> None:
        """Hear these channels no more. Does not wait for the confirmation."""
        ...

    async def probe(self) -> bool:
        """Whether a message published here and now comes back through the bus within 1 s."""
        ...


class LocalBus:
    """The bus of a process that is alone. Delivers soon, in order; loses nothing."""

    def __init__(self) -> None:
        self.published = self.dropped = self.reconnects = 0
        self._channels: set[str] = set()
        self._pump: Pump | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def received(self) -> int:
        return self._pump.delivered if self._pump is not None else 0

    @property
    def connected(self) -> bool:
        return any(not task.done() for task in self._tasks)

    async def start(
        self,
        deliver: Deliver,
        *,
        on_reconnect: Callable[[], None],
        rested: Rested = nobody_hears,
    ) -> None:
        self._pump = Pump(deliver, self._channels, rested)
        self._tasks = [asyncio.create_task(self._pump.run(), name="bus")]
        on_reconnect()

    async def run(self) -> None:
        await _first_death(self._tasks)

    async def stop(self) -> None:
        await _end(self._tasks)

    def publish(self, channel: str, payload: bytes) -> None:
        if self._pump is None or not self.connected:
            self.dropped += 1
            return
        self.published += 1
        if channel in self._channels:
            self._pump.put(channel, payload)

    async def subscribe(self, channels: Collection[str]) -> None:
        self._channels.update(channels)

    async def unsubscribe(self, channels: Collection[str]) -> None:
        self._channels.difference_update(channels)

    async def probe(self) -> bool:
        return self.connected


class RedisWire:
    """A connection to the Redis at `url` (redis://, rediss:// or unix://)."""

    def __init__(self, url: str) -> None:
        # RESP2 tells answers from messages by shape alone. The library must not retry: on a
        # paused server its retries held a publisher for more than 8 s.
        pool = ConnectionPool.from_url(
            url,
            protocol=2,
            retry=Retry(NoBackoff(), 0),
            # Deadlines are ours: the library's `wait_for` can swallow a cancellation on 3.11.
            socket_timeout=None,
            socket_connect_timeout=CONNECT_S,
        )
        self._connection: Any = pool.connection_class(**pool.connection_kwargs)
        self._is_closed = False

    async def open(self) -> None:
        with _lost():
            async with asyncio.timeout(CONNECT_S):
                await self._connection.connect()

    async def send(self, commands: Sequence[tuple[bytes, ...]]) -> None:
        if self._is_closed:
            raise Lost("closed")  # the library would open it again, without its subscriptions
        with _lost():
            packed = self._connection.pack_commands(commands)
            async with asyncio.timeout(SEND_S):
                await self._connection.send_packed_command(packed, check_health=False)

    async def answer(self) -> Any:
        with _lost():
            return await self._connection.read_response(timeout=math.inf)

    async def close(self) -> None:
        self._is_closed = True
        with contextlib.suppress(RedisError, OSError):
            await self._connection.disconnect(nowait=True)


@contextlib.contextmanager
def _lost() -> Iterator[None]:
    try:
        yield
    except (RedisError, OSError) as error:
        raise Lost(str(error) or type(error).__name__) from error


async def _first_death(tasks: Collection[asyncio.Task[None]]) -> None:
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        if not task.cancelled():
            task.result()


async def _end(tasks: Collection[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def address(url: str) -> str:
    """Where the Redis at `url` is, without user and password: fit for a log."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or 6379}" if parts.hostname else parts.path


class RedisBus:
    """The bus of many processes: Redis pub/sub, channels spread over `urls` by their names."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._notice = f"{PREFIX}!lost".encode()
        self._echo = f"{PREFIX}!{uuid.uuid4().hex}".encode()  # heard by this process alone
        self._echoes: dict[bytes, asyncio.Future[None]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._channels: set[str] = set()
        self._pump = Pump(lambda messages: None, self._channels)
        self._on_reconnect: Callable[[], None] = lambda: None
        self._speakers: list[Speaker] = []
        self._listeners: list[Listener] = []
        for url in urls:
            connect = functools.partial(RedisWire, url)
            outage = Outage(address(url))
            speaker = Speaker(connect, outage, self._notice)
            up = functools.partial(self._is_up, speaker)
            controls = (self._notice, self._echo)
            self._speakers.append(speaker)
            self._listeners.append(Listener(connect, outage, controls, self._hear, up))
        self._connections = 0

    @property
    def received(self) -> int:
        return self._pump.delivered

    @property
    def published(self) -> int:
        return sum(speaker.published for speaker in self._speakers)

    @property
    def dropped(self) -> int:
        return sum(speaker.dropped for speaker in self._speakers)

    @property
    def reconnects(self) -> int:
        return max(0, self._connections - len(self._listeners))

    @property
    def connected(self) -> bool:
        up = all(listener.connected.is_set() for listener in self._listeners)
        return up and not any(speaker.is_broken for speaker in self._speakers)

    async def start(
        self,
        deliver: Deliver,
        *,
        on_reconnect: Callable[[], None],
        rested: Rested = nobody_hears,
    ) -> None:
        self._on_reconnect = on_reconnect
        self._pump = Pump(deliver, self._channels, rested)
        loops: list[Coroutine[Any, Any, None]] = [self._pump.run()]
        for speaker, listener in zip(self._speakers, self._listeners, strict=True):
            loops += (speaker.run(), listener.read(), listener.mind())
        self._tasks = [asyncio.create_task(loop, name="bus") for loop in loops]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(START_S):
                for listener in self._listeners:
                    await listener.connected.wait()

    async def run(self) -> None:
        await _first_death(self._tasks)

    async def stop(self) -> None:
        await _end(self._tasks)

    def publish(self, channel: str, payload: bytes) -> None:
        name = (PREFIX + channel).encode()
        self._speakers[self._shard(name)].publish(name, payload)

    def _shard(self, name: bytes) -> int:
        return zlib.crc32(name) % len(self._speakers) if len(self._speakers) > 1 else 0

    def _by_shard(self, channels: Iterable[str]) -> list[tuple[Listener, dict[bytes, str]]]:
        parts: list[dict[bytes, str]] = [{} for _ in self._listeners]
        for channel in channels:
            name = (PREFIX + channel).encode()
            parts[self._shard(name)][name] = channel
        return [(self._listeners[i], part) for i, part in enumerate(parts) if part]

    async def subscribe(self, channels: Collection[str]) -> None:
        self._channels.update(channels)
        parts = self._by_shard(channels)
        if len(parts) == 1:
            listener, part = parts[0]
            await listener.subscribe(part)
            return
        async with asyncio.TaskGroup() as group:
            for listener, part in parts:
                group.create_task(listener.subscribe(part))

    async def unsubscribe(self, channels: Collection[str]) -> None:
        self._channels.difference_update(channels)
        for listener, part in self._by_shard(channels):
            listener.unsubscribe(part)

    async def probe(self) -> bool:
        answers = await asyncio.gather(*map(self._probe, self._speakers))
        return all(answers)

    async def _probe(self, speaker: Speaker) -> bool:
        if speaker.is_broken:
            return False
        token = uuid.uuid4().bytes
        future = self._echoes[token] = asyncio.get_running_loop().create_future()
        speaker.publish(self._echo, token)
        try:
            async with asyncio.timeout(PROBE_S):
                await future
        except TimeoutError:
            return False
        finally:
            del self._echoes[token]
        return True

    def _is_up(self, speaker: Speaker) -> None:
        self._connections += 1
        speaker.retry_now()
        self._on_reconnect()

    def _hear(self, channel: bytes, name: str, payload: bytes) -> None:
        if name:
            self._pump.put(name, payload)
        elif channel == self._notice:
            self._on_reconnect()
        elif (future := self._echoes.get(payload)) is not None and not future.done():
            future.set_result(None)
