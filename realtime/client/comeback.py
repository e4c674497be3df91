"""What a client does when its socket is gone: how long it stays away, or that it stays away."""

from __future__ import annotations

from typing import Final

from realtime.errors import BROKEN, ENDED, FLOODED, RESTARTING

FIRST_S: Final = 0.5
LAST_S: Final = 30.0
SILENCE_S: Final = 45.0  # no frame for so long: dead, whatever the operating system says
GREET_S: Final = 15.0  # for the handshake, and again for the welcome
GOOD_S: Final = 10.0  # a socket that lived so long was a good one: the next way back is quick again
LOST: Final = 1006


def wait_s(code: int, retry_after: float | None, failures: int, chance: float) -> float | None:
    """Seconds until the next try after a close with `code`; None: do not come back.

    `failures` is how often in a row coming back has failed, `chance` is from 0 to 1.
    """
    if code in (BROKEN, ENDED):
        return None
    if code in (RESTARTING, FLOODED) and retry_after is not None:
        return retry_after
    return chance * min(LAST_S, FIRST_S * 2.0 ** min(failures, 16))
