"""Finds a real browser: this machine's Chromium, else Playwright's, else one from npm.

`python -m tests.chromium` prints its path.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Final

from tests.binaries import Missing

CHROMIUM_FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
ROOT: Final = Path(__file__).parent.parent
PACKAGE: Final = ROOT / "web/node_modules/@sparticuz/chromium/bin"
UNPACKED: Final = ROOT / ".stamps/chromium"
NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# Node has Brotli, Python has not.
_UNPACK: Final = (
    "const [,from,to]=process.argv;const fs=require('fs'),zlib=require('zlib');"
    "require('stream').pipeline(fs.createReadStream(from),zlib.createBrotliDecompress(),"
    "fs.createWriteStream(to),e=>{if(e){console.error(String(e));process.exit(1)}})"
)
# Its libraries and fonts lie beside it; a machine without either still shows pages.
_WRAPPER: Final = """#!/bin/sh
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
LD_LIBRARY_PATH="${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$here/lib"
export LD_LIBRARY_PATH
[ -e /etc/fonts/fonts.conf ] || { FONTCONFIG_PATH="$here/fonts"; export FONTCONFIG_PATH; }
exec "$here/headless" "$@"
"""


def find_chromium() -> Path:
    """The browser to start with `CHROMIUM_FLAGS`, headless.

    Raises:
        Missing: no browser; the message holds the line to type.
    """
    return find_installed() or _of_npm()


def find_installed() -> Path | None:
    """What REALTIME_TEST_CHROMIUM names, the system's, or Playwright's; None: there is none."""
    if named := os.environ.get("REALTIME_TEST_CHROMIUM"):
        return Path(named)
    for name in NAMES:
        if (found := shutil.which(name)) is not None:
            return Path(found)
    return _of_playwright()


def _of_playwright() -> Path | None:
    """The newest one that `playwright install` has put on this machine."""
    cache = os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache/ms-playwright"
    found = [
        *Path(cache).glob("chromium-*/chrome-linux*/chrome"),
        *Path(cache).glob("chromium_headless_shell-*/chrome-linux*/*headless*shell"),
    ]
    return max(found, key=lambda path: path.stat().st_mtime, default=None)


def _of_npm() -> Path:
    """Unpack the package's browser once; two at the same time do not disturb each other."""
    browser = UNPACKED / "chromium"
    if browser.exists():
        return browser
    node = shutil.which("node")
    if not PACKAGE.is_dir() or node is None:
        raise Missing("No browser for the tests. Type `make setup-tests`, or install Chromium.")
    UNPACKED.parent.mkdir(exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix="chromium-", dir=UNPACKED.parent))
    _decompress(node, "chromium.br", fresh / "headless")
    for part in ("al2023.tar.br", "fonts.tar.br", "swiftshader.tar.br"):
        packed = fresh / part.removesuffix(".br")
        _decompress(node, part, packed)
        with tarfile.open(packed) as archive:
            # Older patch releases of 3.11 have no filters; the archive is locked by its hash.
            archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
            archive.extractall(fresh)
        packed.unlink()
    (fresh / "chromium").write_text(_WRAPPER)
    for runnable in ("headless", "chromium"):
        (fresh / runnable).chmod(0o755)
    try:
        fresh.rename(UNPACKED)
    except OSError:  # another process was faster
        shutil.rmtree(fresh)
    return browser


def _decompress(node: str, name: str, target: Path) -> None:
    subprocess.run([node, "-e", _UNPACK, str(PACKAGE / name), str(target)], check=True)


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{find_chromium()}\n")
    except Missing as missing:
        sys.exit(str(missing))
