"""The keys that sign cookies: given, or made once and kept beside the embedded database."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from realtime.config import BadSettings, Config


def secret_keys(config: Config) -> tuple[str, ...]:
    """The keys of this deployment, newest first.

    Raises:
        BadSettings: a shared database needs keys that every process shares.
    """
    if config.secret_keys:
        return config.secret_keys
    if not config.database_url.startswith("sqlite"):
        raise BadSettings(
            "REALTIME_SECRET_KEYS: give a key of at least 32 characters, for example from "
            "`python3 -c 'import secrets; print(secrets.token_hex(32))'`."
        )
    return (_kept(Path(config.database_url.removeprefix("sqlite:///")).with_suffix(".key")),)


def _kept(path: Path) -> str:
    """The key in this file, made on the first start. Only its owner may read it."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        key = secrets.token_hex(32)
        file.write(key + "\n")
    return key
