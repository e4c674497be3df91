"""The only wiring: config → database → bus → hub → routes, in one lifespan."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.routing import WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from realtime import bell, darkroom, media, protocol, pulse, tasks, text
from realtime.auth import PasswordPool
from realtime.change import Change
from realtime.config import Config
from realtime.departure import Departures
from realtime.doorbell import Doorbell
from realtime.errors import Unavailable
from realtime.feed import Feed
from realtime.handlers import registry
from realtime.handlers.context import World
from realtime.http import edge, guard
from realtime.http.house import House
from realtime.hub.bus import Bus, LocalBus, RedisBus
from realtime.hub.hub import Hub
from realtime.hub.limits import Limits, LocalLimits, NoLimits
from realtime.hub.shared_limits import SharedLimits
from realtime.reconcile import Reconciliation, remover
from realtime.secret import secret_keys
from realtime.socket import Endpoint, Message
from realtime.store import session
from realtime.store.database import Database
from realtime.store.migrate import migrate
from realtime.store.session import Signed
from realtime.together import Together
from realtime.watch import Watch

log = logging.getLogger(__name__)

SOCKET: Final = "/ws"
STATIC: Final = Path(__file__).parent.parent / "static"


def wire_limits(media_types: frozenset[str]) -> protocol.Limits:
    """What `welcome` says may be sent."""
    return protocol.Limits(
        text=text.TEXT_MAX,
        display_name=text.DISPLAY_NAME_MAX,
        bio=text.BIO_MAX,
        alt=text.ALT_MAX,
        media=protocol.MEDIA,
        media_bytes=media.BYTES_MAX,
        media_types=sorted(media_types),
        pixels=media.PIXELS_MAX,
        reactions=protocol.REACTIONS,
        watch=protocol.WATCH,
        page=protocol.PAGE,
        frame_bytes=protocol.FRAME_BYTES,
    )


class Application:
    """One process: everything that it owns, opened in order and closed in reverse."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.is_leaving = False
        self.world: World | None = None
        self.house: House | None = None
        self._bus: Bus | None = None
        self._sessions = Together(self._by_hashes)
        registry.load()
        self.endpoint = Endpoint(self._get_world, self._may_enter, self._signed, self._network)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Open it all; while the body runs, it serves."""
        config = replace(self.config, secret_keys=secret_keys(self.config))
        config.uploads.mkdir(parents=True, exist_ok=True)
        async with AsyncExitStack() as stack:
            database = await Database.connect(config.database_url, pool=config.pool)
            stack.push_async_callback(database.close)
            await migrate(database)
            bus: Bus = RedisBus(list(config.redis_urls)) if config.redis_urls else LocalBus()
            self._bus = bus
            hub = Hub()
            feed = Feed(database, hub, bus)
            watch = Watch(database, feed)
            doorbell = Doorbell(feed, watch, bus)
            job = Reconciliation(database, bus, feed, watch, config)
            change = Change(database, bus, hub.rested)
            await bus.start(doorbell.ring, on_reconnect=job.soon, rested=hub.rested)
            stack.push_async_callback(bus.stop)
            stack.push_async_callback(change.settled)
            await bus.subscribe([bell.CONTROL])
            await feed.tail.start()
            passwords = PasswordPool()
            stack.callback(passwords.close)
            formats = await asyncio.to_thread(media.self_test)
            room = darkroom.Darkroom(config.uploads, formats=formats)
            await stack.enter_async_context(room)
            limits: Limits = LocalLimits() if config.rate_limits else NoLimits()
            if config.rate_limits and config.redis_urls:
                # The oldest key: the one that processes have in common while another joins it.
                limits = SharedLimits(config.redis_urls, config.secret_keys[-1])
            remove_files = remover(config.uploads, set())
            departures = Departures(database, change, doorbell.end_sessions, remove_files)
            self.house = House(
                config=config,
                database=database,
                passwords=passwords,
                darkroom=room,
                limits=limits,
                ended=doorbell.end_sessions,
                leave=departures.begin,
                ready=self._ready,
                static=STATIC,
            )
            self.world = World(
                database=database,
                change=change,
                feed=feed,
                watch=watch,
                limits=limits,
                wire_limits=wire_limits(formats),
                remove_files=remove_files,
            )
            loops = {
                "reconcile": job.run(),
                "beat": job.beat(),
                "sweep": job.sweep(),
                "departures": departures.run(),
                "index": job.index(),
                "watch": watch.run(),
                "personal": feed.personal.run(),
                "bus": bus.run(),
                "pulse": pulse.run(),
            }
            if isinstance(limits, SharedLimits):
                loops["limits"] = limits.run()
            async with tasks.running(loops):
                yield

    async def promise(self) -> None:
        """Say of every socket how far its feed is complete, as of now; as it was, in an outage."""
        with suppress(Unavailable, OSError):
            await self._get_world().feed.promise()

    def _get_world(self) -> World:
        assert self.world is not None, "serving before the lifespan has begun"
        return self.world

    def get_house(self) -> House:
        assert self.house is not None, "serving before the lifespan has begun"
        return self.house

    def _may_enter(self, scope: Message) -> bool:
        """Our own pages, and programs that bring no cookie."""
        connection = HTTPConnection(scope)
        origin = connection.headers.get("origin")
        if origin is None:
            return not guard.carries_cookie(connection)
        config = self.get_house().config
        scheme = guard.peer(connection, config).scheme
        return guard.origin_allowed(origin, connection.headers.get("host", ""), scheme, config)

    async def _signed(self, scope: Message) -> Signed | None:
        """Whose cookie came with the handshake."""
        house, connection = self.get_house(), HTTPConnection(scope)
        return await guard.session_of(
            self._sessions,
            house.config.secret_keys,
            guard.cookie_header(connection),
            is_secure=guard.peer(connection, house.config).is_secure,
        )

    async def _by_hashes(self, token_hashes: list[str]) -> dict[str, Signed | None]:
        """The living sessions of these tokens."""
        return await session.by_hashes(self.get_house().database, token_hashes, guard.now_ms())

    def _network(self, scope: Message) -> str:
        """Where the handshake came from."""
        return guard.network_of(HTTPConnection(scope), self.get_house().config)

    async def _ready(self) -> dict[str, str]:
        """What is not well; empty when this process is able to serve."""
        assert self.world is not None and self._bus is not None
        wrong = {}
        if self.is_leaving:
            wrong["process"] = "This process is leaving."
        try:
            await self.world.database.fetch_val("SELECT 1")
        except (Unavailable, OSError):
            wrong["database"] = "The database does not answer."
        if not await self._bus.probe():
            wrong["bus"] = "A message to this process did not come back through pub/sub."
        return wrong


class Site(Starlette):
    """The routes, and beside them the socket: within them, each would keep the frames of a dozen
    callers for as long as it is open."""

    socket: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, socket or lifespan."""
        if scope["type"] == "websocket" and scope["path"] == SOCKET:
            await self.socket(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def create(config: Config | None = None) -> Starlette:
    """The ASGI application, by `config` or by the environment."""
    application = Application(config or Config.from_env(os.environ))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with application.open():
            yield

    app = Site(
        routes=[
            WebSocketRoute(SOCKET, application.endpoint),
            *edge.routes(application.get_house),
        ],
        lifespan=lifespan,
        middleware=edge.middleware(application.get_house),
    )
    app.socket = edge.Edge(application.endpoint, application.get_house)
    app.state.application = application
    return app
