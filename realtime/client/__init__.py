"""A client for programs: one socket that comes back, typed commands, one stream of what is told.

session = await sign_in("https://social.example.org", "my_bot", "its password")
async with Client(session.site, session=session) as client:
    await client.post("Good morning")
    async for told in client.events():
        ...
"""

from realtime.client.client import Client
from realtime.client.inbox import Gap, Inbox
from realtime.client.newest import View
from realtime.client.paging import pages
from realtime.client.site import Session, register, sign_in
from realtime.errors import Goodbye, Refusal
from realtime.protocol import Event

__all__ = [
    "Client",
    "Event",
    "Gap",
    "Goodbye",
    "Inbox",
    "Refusal",
    "Session",
    "View",
    "pages",
    "register",
    "sign_in",
]
