"""Which function answers which command, and how an answer or a refusal becomes a frame."""

from __future__ import annotations

import importlib
import logging
import pkgutil
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from msgspec import UNSET, Struct

from realtime import handlers, metrics
from realtime.errors import Refusal, Unavailable
from realtime.handlers.context import Context
from realtime.protocol import FOR_VISITORS, RESULTS, Command, Error, Ok, tag
from realtime.store.database import OutcomeUnknown

log = logging.getLogger(__name__)

C = TypeVar("C", bound=Command)
Handler = Callable[[Context, Any], Awaitable[Struct]]

RETRY_S: Final = 2.0  # after a dependency was down
QUIET_S: Final = 1.0  # between two lines about commands that could not be done

_handlers: dict[type[Command], Handler] = {}


def handles(
    command: type[C],
) -> Callable[
    [Callable[[Context, C], Awaitable[Struct]]], Callable[[Context, C], Awaitable[Struct]]
]:
    """This function answers that command.

    Raises:
        RuntimeError: another function answers it already.
    """

    def register(
        function: Callable[[Context, C], Awaitable[Struct]],
    ) -> Callable[[Context, C], Awaitable[Struct]]:
        if command in _handlers:
            raise RuntimeError(f"two handlers for {tag(command)}")
        _handlers[command] = function
        return function

    return register


def load() -> None:
    """Import every handler.

    Raises:
        RuntimeError: a command has no handler; the process must not start.
    """
    for module in pkgutil.iter_modules(handlers.__path__):
        importlib.import_module(f"{handlers.__name__}.{module.name}")
    missing = [tag(command) for command in RESULTS if command not in _handlers]
    missing.remove("hello")  # the socket asks for it by itself, once
    if missing:
        raise RuntimeError(f"no handler for {', '.join(missing)}")


async def dispatch(context: Context, command: Command) -> Ok | Error:
    """The answer to one command. Never raises but for cancellation."""
    started = time.perf_counter()
    kind = tag(type(command))
    code = "ok"
    try:
        if context.user_id is None and type(command) not in FOR_VISITORS:
            raise Refusal("unauthenticated", "Sign in first.")
        answer: Ok | Error = Ok(command.ref, await _handlers[type(command)](context, command))
    except Refusal as refusal:
        code = refusal.code
        answer = failure(command.ref, refusal)
    except (Unavailable, OSError) as error:
        _woes.say(kind, error)
        code = "unavailable"
        answer = failure(command.ref, unavailable(error))
    except Exception:
        log.exception("%s failed", kind)
        code = "internal"
        answer = failure(command.ref, Refusal("internal", "Something went wrong here."))
    metrics.answered(kind, code, time.perf_counter() - started)
    return answer


class Woes:
    """Commands that could not be done, for the log: a line a second, however many are asked."""

    def __init__(self) -> None:
        self._quiet_until_s = 0.0
        self._unsaid = 0

    def say(self, kind: str, error: Exception) -> None:
        """This one could not be done; those that were not told of are counted in the next line."""
        now_s = time.monotonic()
        if now_s < self._quiet_until_s:
            self._unsaid += 1
            return
        why = type(error).__name__
        log.warning("%s is unavailable: %s (%d more before it)", kind, why, self._unsaid)
        self._quiet_until_s, self._unsaid = now_s + QUIET_S, 0


_woes = Woes()


def unavailable(error: Exception | None = None) -> Refusal:
    """A dependency is down; nothing was changed, or, cut off in the commit, all or nothing."""
    message = "The server cannot reach its data right now. Nothing was changed; try again."
    if isinstance(error, OutcomeUnknown):
        message = "The server lost its data in mid-sentence. Doing it again is safe."
    return Refusal("unavailable", message, retry_after=RETRY_S)


def failure(ref: int | None, refusal: Refusal) -> Error:
    """A refusal as it goes to the client."""
    return Error(
        ref,
        refusal.code,
        refusal.message,
        UNSET if refusal.field is None else refusal.field,
        UNSET if refusal.retry_after is None else round(refusal.retry_after, 1),
    )
