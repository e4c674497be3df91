"""Follows somebody and answers each of their posts in their own words.

python -m docs.examples.echo http://127.0.0.1:8000 NAME PASSWORD WHOM
"""

import asyncio
import sys
import uuid

from realtime.client import Client, Event, Refusal, sign_in
from realtime.model import Post


async def echo(site: str, name: str, password: str, whom: str) -> str:
    """Echo until interrupted; what the server said when it refused something."""
    session = await sign_in(site, name, password)
    try:
        async with Client(site, session=session, name="echo/1") as client:
            them = (await client.profile_get(name=whom)).user
            await client.follow_set(user_id=them.id, on=True)
            async for told in client.events():
                match told:
                    case Event(noun=Post(text=text, reply_to=None) as post) if text:
                        if post.author.id == them.id:  # told twice, it is answered once:
                            key = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{name} echoes {post.id}"))
                            await client.post(text, reply_to=post.id, key=key)
    except Refusal as refused:
        return refused.message
    finally:
        await session.sign_out()
    return ""


if __name__ == "__main__":
    sys.exit(asyncio.run(echo(*sys.argv[1:])))
