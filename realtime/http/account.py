"""Accounts: register, sign in and out, devices, the password, tickets, and the end."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from msgspec import UNSET
from starlette.requests import Request
from starlette.responses import Response

from realtime import api, auth, text
from realtime.errors import Refusal, not_found
from realtime.http import answer, body, guard
from realtime.http.house import House
from realtime.http.path import as_id, as_name
from realtime.hub.limits import (
    GUESSES,
    LOGIN_FAILURES,
    LOGINS,
    READS,
    REGISTRATIONS,
    network,
)
from realtime.model import User
from realtime.store import account, session, user
from realtime.store.account import NewAccount
from realtime.store.database import Tx
from realtime.store.rows import rfc3339
from realtime.store.session import Device, Signed, Start

log = logging.getLogger(__name__)

# The cache holds nothing private, and clearing it takes a browser seconds. The storage may hold
# unsent words of another account: the page clears what is this one's, and asks before.
_CLEARED: Final = '"cookies"'
_AGENT_MAX: Final = 500  # characters of a User-Agent that are looked at


async def register(house: House, request: Request) -> Response:
    """POST /api/register"""
    wish = await body.read(request, api.Register)
    name = text.user_name(wish.name)
    shown = name if wish.display_name is UNSET else text.display_name(wish.display_name)
    auth.check_password(wish.password, name)
    key = f"register:{guard.network_of(request, house.config)}"
    async with guard.spent(house, key, REGISTRATIONS):
        if await account.is_taken(house.database, name):
            raise account.taken()
        password = await house.passwords.hash(wish.password)

        async def enter(tx: Tx) -> int:
            return await account.register(tx, NewAccount(name, shown, password), guard.now_ms())

        return await _signed_in(house, request, enter, status=201)


async def login(house: House, request: Request) -> Response:
    """POST /api/login. Wrong names and wrong passwords differ in nothing, nor in duration."""
    claim = await body.read(request, api.Login)
    address = guard.network_of(request, house.config)
    await guard.spend(house, f"login:{address}", LOGINS)
    name = as_name(claim.name)
    # A name that nobody can have is not worth remembering.
    key = f"failure:address:{address}" if name is None else f"failure:name:{name}:{address}"
    async with (
        guard.spent(house, key, LOGIN_FAILURES, only_failures=True),
        _guess(house, name, address),
    ):
        known = None if name is None else await account.by_name(house.database, name)
        is_right = await house.passwords.verify(known.password if known else None, claim.password)
        if known is None or not is_right:
            # Never the name: people type their password there, too.
            whose = "nobody" if known is None else known.user_id
            log.info("sign-in refused user=%s from %s", whose, address)
            raise _wrong()
        stronger = None
        if auth.needs_rehash(known.password):
            stronger = await house.passwords.hash(claim.password)

        async def enter(tx: Tx) -> int:
            if stronger is None:
                still_holds = await account.still_holds(tx, known)
            else:
                still_holds = await account.change_password(tx, known, stronger)
            if not still_holds:
                raise _wrong()
            return known.user_id

        return await _signed_in(house, request, enter, status=200)


async def logout(house: House, request: Request) -> Response:
    """POST /api/logout"""
    mine = await guard.signed(house, request)
    await house.database.run_tx(
        lambda tx: session.end(tx, mine.user_id, mine.session_id), straight=True
    )
    house.ended([mine.session_id])
    log.info("signed out user=%d session=%d", mine.user_id, mine.session_id)
    return _signed_out(house, request)


async def who(house: House, request: Request) -> Response:
    """GET /api/session"""
    mine = await _reader(house, request)
    me = await _living(house, mine.user_id)
    current = await session.device(house.database, mine.session_id)
    if me is None or current is None:
        raise _gone()
    return answer.json(api.SignedSession(me, _shown(current, mine, guard.now_ms())))


async def sessions(house: House, request: Request) -> Response:
    """GET /api/sessions"""
    mine = await _reader(house, request)
    now = guard.now_ms()
    devices = await session.of_user(house.database, mine.user_id, now)
    shown = [_shown(device, mine, now) for device in devices]
    # The one that asks is seen now, whatever was written down last.
    shown.sort(key=lambda one: one.last_seen, reverse=True)
    return answer.json(api.Sessions(shown))


async def end_session(house: House, request: Request) -> Response:
    """DELETE /api/sessions/{id}"""
    mine = await guard.signed(house, request)
    session_id = as_id(request.path_params["id"])
    if session_id is None or not await house.database.run_tx(
        lambda tx: session.end(tx, mine.user_id, session_id), straight=True
    ):
        raise not_found("session")
    house.ended([session_id])
    log.info("ended a session user=%d session=%d", mine.user_id, session_id)
    done = answer.nothing()
    if session_id == mine.session_id:
        guard.drop_cookie(done, is_secure=guard.peer(request, house.config).is_secure)
    return done


async def change_password(house: House, request: Request) -> Response:
    """PUT /api/password"""
    mine = await guard.signed(house, request)
    wish = await body.read(request, api.NewPassword)
    known = await account.by_id(house.database, mine.user_id)
    if known is None:
        raise _gone()
    auth.check_password(wish.new, known.name, field="new")
    key = f"password:{mine.user_id}"
    async with guard.spent(house, key, LOGIN_FAILURES, only_failures=True):
        if not await house.passwords.verify(known.password, wish.current):
            log.info("new password refused user=%d", mine.user_id)
            raise _wrong_password("current")
        password = await house.passwords.hash(wish.new)

        async def deed(tx: Tx) -> list[int]:
            if not await account.change_password(tx, known, password):
                raise _wrong_password("current")
            return await session.end_others(tx, mine.user_id, mine.session_id)

        ended = await house.database.run_tx(deed)
    log.info("a new password user=%d ended=%d", mine.user_id, len(ended))
    if ended:
        house.ended(ended)
    return answer.nothing()


async def leave(house: House, request: Request) -> Response:
    """DELETE /api/account"""
    mine = await guard.signed(house, request)
    claim = await body.read(request, api.Farewell)
    known = await account.by_id(house.database, mine.user_id)
    if known is None:
        raise _gone()
    # The bucket of wrong passwords, not one more: this is no second way to guess.
    async with guard.spent(house, f"password:{mine.user_id}", LOGIN_FAILURES, only_failures=True):
        if not await house.passwords.verify(known.password, claim.password):
            log.info("farewell refused user=%d", mine.user_id)
            raise _wrong_password("password")
    if not await house.leave(known):
        raise _wrong_password("password")
    return _signed_out(house, request)


async def ticket(house: House, request: Request) -> Response:
    """POST /api/ticket"""
    mine = await _reader(house, request)
    lent = auth.new_ticket()
    kept = auth.token_hash(lent)
    if not await house.database.run_tx(
        lambda tx: session.lend_ticket(tx, kept, mine.session_id, guard.now_ms()), straight=True
    ):
        raise _gone()
    return answer.json(api.Ticket(lent), 201)


async def _signed_in(
    house: House, request: Request, enter: Callable[[Tx], Awaitable[int]], *, status: int
) -> Response:
    """Sign in whoever `enter` returns, in one transaction with it. The browser's old session ends.

    The session is a new one, so that a cookie which somebody planted before is worth nothing.
    """
    peer = guard.peer(request, house.config)
    old = await guard.visitor(house, request)
    token = auth.new_token()
    device = auth.device(request.headers.get("user-agent", "")[:_AGENT_MAX])

    async def deed(tx: Tx) -> User:
        user_id = await enter(tx)
        new = Start(user_id, auth.token_hash(token), device, peer.address)
        await session.start(tx, new, guard.now_ms())
        if old is not None:
            await session.end(tx, old.user_id, old.session_id)
        return (await user.by_ids(tx, [user_id]))[0]

    me = await house.database.run_tx(deed, straight=True)
    how = "registered" if status == 201 else "signed in"
    log.info("%s user=%s from %s", how, me.id, network(peer.address))
    if old is not None:
        house.ended([old.session_id])
    signed = answer.json(api.Signed(me), status)
    guard.set_cookie(signed, token, house.config, is_secure=peer.is_secure)
    return signed


@asynccontextmanager
async def _guess(house: House, name: str | None, address: str) -> AsyncIterator[None]:
    """Count one guess at `name`, wherever it comes from; a right one is none.

    Many addresses together could guess much. But nobody may lock somebody out at home: where one
    is signed in, others' guesses do not count.

    Raises:
        Refusal: `rate_limited`; the block does not run.
    """
    async with AsyncExitStack() as stack:
        if name is not None:
            guess = guard.spent(house, f"guess:name:{name}", GUESSES, only_failures=True)
            try:
                await stack.enter_async_context(guess)
            except Refusal:
                if not await _is_at_home(house, name, address):
                    raise
        yield


async def _is_at_home(house: House, name: str, address: str) -> bool:
    """Whether somebody of this name is signed in at this address."""
    known = await account.by_name(house.database, name)
    if known is None:
        return False
    devices = await session.of_user(house.database, known.user_id, guard.now_ms())
    return any(network(device.address) == address for device in devices)


def _signed_out(house: House, request: Request) -> Response:
    done = answer.nothing()
    guard.drop_cookie(done, is_secure=guard.peer(request, house.config).is_secure)
    done.headers["clear-site-data"] = _CLEARED
    return done


async def _reader(house: House, request: Request) -> Signed:
    mine = await guard.signed(house, request)
    await guard.spend(house, f"read:user:{mine.user_id}", READS)
    return mine


async def _living(house: House, user_id: int) -> User | None:
    found = await user.by_ids(house.database, [user_id])
    return found[0] if found and not found[0].deleted else None


def _shown(device: Device, mine: Signed, now_ms: int) -> api.Session:
    is_current = device.id == mine.session_id
    return api.Session(
        id=str(device.id),
        device=device.device,
        address=device.address,
        last_seen=rfc3339(now_ms if is_current else device.seen_ms),
        current=is_current,
    )


def _wrong() -> Refusal:
    return Refusal("unauthenticated", "Name and password do not fit together.")


def _wrong_password(field: str) -> Refusal:
    return Refusal("forbidden", "That is not your password.", field=field)


def _gone() -> Refusal:
    return Refusal("unauthenticated", "Sign in first.")
