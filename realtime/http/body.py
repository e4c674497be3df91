"""JSON bodies into structs, with a sentence about what is wrong with them."""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn, TypeVar

import msgspec
from msgspec import Struct
from starlette.requests import Request

from realtime.errors import Refusal
from realtime.http.answer import Unfit

BYTES_MAX: Final = 65_536

_FIELD: Final = re.compile(r"(?s:(missing required|unknown) field `(.*)`$)| - at `\$\.([a-z_]+)")
_SENTENCES: Final = {
    "missing required": "`{}` is missing.",
    "unknown": "`{}` is not known here.",
    None: "`{}` is not as it should be.",
}
_NAME_MAX: Final = 100  # characters of a field's name that come back

T = TypeVar("T", bound=Struct)


async def read(request: Request, kind: type[T]) -> T:
    """The body as one `kind`.

    Raises:
        Refusal: `invalid` with `field`, 400 when it is not JSON, 415 when it does not claim to be;
            `too_long`, 413, beyond 64 KiB.
    """
    if not _claims_json(request):
        raise Unfit(415, "invalid", "The body must be JSON: Content-Type: application/json.")
    raw = await _whole(request)
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        _explain(raw, error)


def _claims_json(request: Request) -> bool:
    claimed = request.headers.get("content-type", "application/json")
    return claimed.partition(";")[0].strip().lower() == "application/json"


async def _whole(request: Request) -> bytes:
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > BYTES_MAX:
        raise _too_large()
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > BYTES_MAX:
            raise _too_large()
    return bytes(raw)


def _too_large() -> Unfit:
    return Unfit(413, "too_long", f"The body has at most {BYTES_MAX // 1024} KiB.")


def _explain(raw: bytes, error: Exception) -> NoReturn:
    """Raise the clearest `Refusal`: the first error may stand before what is no JSON at all."""
    loose = _loose(raw)
    found = _FIELD.search(str(error)) if isinstance(error, msgspec.ValidationError) else None
    if found is not None:
        what, named, placed = found.groups()
        field = (named or placed or "")[:_NAME_MAX]
        raise Refusal("invalid", _SENTENCES[what].format(field), field=field) from None
    if isinstance(loose, dict):
        # Half a surrogate pair is JSON, though no text.
        for field, value in loose.items():
            if _is_broken(value):
                raise Refusal("invalid", f"`{field}` is not valid text.", field=field) from None
    raise Refusal("invalid", "The body must be one JSON object.") from None


def _loose(raw: bytes) -> Any:
    try:
        return json.loads(raw.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Unfit(400, "invalid", "The body must be JSON.") from None


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


def _is_broken(value: object) -> bool:
    try:
        return isinstance(value, str) and value.encode() is None
    except UnicodeEncodeError:
        return True
