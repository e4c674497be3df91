"""What one check of `realtime doctor` found, in plain words."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

SPACE_WRONG: Final = 256 * 2**20  # bytes
SPACE_LITTLE: Final = 2 * 2**30
_LABELS: Final = {"ok": "ok", "note": "note", "wrong": "WRONG"}


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. `remedy` is what to do about it; only `wrong` fails the visit."""

    about: str
    state: Literal["ok", "note", "wrong"]
    words: str
    remedy: str = ""

    def __str__(self) -> str:
        lines = [f"{_LABELS[self.state]:6} {self.about:11} {self.words}"]
        if self.remedy:
            lines.append(f"{'':18} → {self.remedy}")
        return "\n".join(lines)


def folder(about: str, folder: Path) -> Iterator[Finding]:
    """Whether things can be written there, and how much of them."""
    existing = folder
    while not existing.exists():
        existing = existing.parent
    if not existing.is_dir():
        yield Finding(
            about, "wrong", f"{existing} is not a folder.", f"mv {existing} {existing}.old"
        )
        return
    try:
        with tempfile.TemporaryFile(dir=existing, prefix=".doctor-") as file:
            file.write(b"written")
            file.flush()
    except OSError as error:
        words = f"Nothing can be written in {existing}: {error.strerror}."
        yield Finding(about, "wrong", words, f'chown -R "$(id -un)" {existing}')
        return
    free = shutil.disk_usage(existing).free
    words = f"{folder}, {free / 2**30:.1f} GiB free"
    if free < SPACE_WRONG:
        yield Finding(about, "wrong", f"{words}: too little.", f"df -h {existing}")
    elif free < SPACE_LITTLE:
        yield Finding(about, "note", f"{words}: not for long.", f"df -h {existing}")
    else:
        yield Finding(about, "ok", words)
