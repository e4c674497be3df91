"""Pictures on their way in: received, developed, written down."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from realtime import api, media, text
from realtime.http import answer, form, guard
from realtime.http.house import House
from realtime.hub.limits import UPLOADS
from realtime.media import Facts
from realtime.model import Media
from realtime.store import media as pictures
from realtime.store import user
from realtime.store.database import OutcomeUnknown, Tx


async def upload(house: House, request: Request) -> Response:
    """POST /api/media"""
    mine = await guard.signed(house, request)
    async with guard.spent(house, f"upload:user:{mine.user_id}", UPLOADS):
        async with form.received(request, house.config.uploads) as sent:
            alt = text.alt(sent.alt)
            facts = await house.darkroom.develop(sent.path)
        found = await _written_down(house, mine.user_id, facts, alt)
    return answer.json(api.Uploaded(found), 201)


async def _written_down(house: House, owner_id: int, facts: Facts, alt: str) -> Media:
    picture = pictures.Picture(
        type=facts.type,
        file=facts.file,
        width=facts.width,
        height=facts.height,
        sizes=tuple((size.file, size.width, size.height) for size in facts.sizes),
        thumbhash=facts.thumbhash,
        animated=facts.animated,
        alt=alt,
    )

    async def deed(tx: Tx) -> Media:
        # A picture takes its time, and meanwhile the account may have been deleted.
        if not await user.lock(tx, [owner_id]):
            raise user.gone()
        media_id = await pictures.insert(tx, owner_id, picture, guard.now_ms())
        return (await pictures.by_ids(tx, [media_id]))[media_id]

    try:
        return await house.database.run_tx(deed)
    except OutcomeUnknown:
        # The row may be there. If it is not, the sweep finds files that no row names.
        raise
    except Exception:
        await asyncio.to_thread(media.remove, house.config.uploads, facts.files)
        raise
