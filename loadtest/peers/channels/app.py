"""Django Channels with one group, on its in-memory layer and uvicorn: its quickest way."""

from __future__ import annotations

from typing import Any

import django
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter
from django.conf import settings

settings.configure(
    SECRET_KEY="loopback only",
    CHANNEL_LAYERS={
        # By default it drops what is beyond 100 messages a socket.
        "default": {
            "BACKEND": "channels.layers.InMemoryChannelLayer",
            "CONFIG": {"capacity": 1_000_000, "expiry": 3_600},
        }
    },
)
django.setup()


class Post(AsyncWebsocketConsumer):  # type: ignore[misc]
    """A follower, or at `/author` one who writes."""

    async def connect(self) -> None:
        if self.scope["path"] == "/follow":
            await self.channel_layer.group_add("followers", self.channel_name)
        await self.accept()
        await self.send(text_data="ready")

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard("followers", self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.channel_layer.group_send("followers", {"type": "told", "text": text_data})

    async def told(self, event: dict[str, Any]) -> None:
        """One post, for this follower."""
        await self.send(text_data=event["text"])


application = ProtocolTypeRouter({"websocket": Post.as_asgi()})
