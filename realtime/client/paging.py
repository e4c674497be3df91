"""Long answers, page by page."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Protocol, TypeVar

from msgspec import UnsetType


class Page(Protocol):
    """An answer that may have more behind it."""

    @property
    def next(self) -> str | UnsetType: ...


P = TypeVar("P", bound=Page)


async def pages(verb: Callable[..., Awaitable[P]], /, **fields: object) -> AsyncGenerator[P]:
    """Every page of one list, as in `pages(client.follow_list, user_id=id, direction="followers")`.

    Nothing is asked before it is wanted, and while others write nothing comes twice.
    """
    page = await verb(**fields)
    yield page
    while isinstance(page.next, str):
        page = await verb(**{**fields, "before": page.next})
        yield page
