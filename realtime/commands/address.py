"""Where this configuration's server answers, seen from this machine."""

from __future__ import annotations

from typing import Final

from realtime.config import Config

_ANYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}


def address(config: Config) -> str:
    """Its origin, as in `http://127.0.0.1:8000`."""
    host = _ANYWHERE.get(config.host, config.host)
    if ":" in host and not host.startswith("["):
        host = f"[{host}]"
    return f"http://{host}:{config.port}"
