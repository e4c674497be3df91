"""Makes docs/screenshot.png: the demo's home timeline in a real browser, light beside dark.

`.venv/bin/python scripts/screenshot.py`, after `make setup-tests`. Leaves nothing but the picture.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from realtime.commands.demo import PASSWORD  # noqa: E402
from realtime.commands.town.people import GUEST  # noqa: E402
from tests.chromium import CHROMIUM_FLAGS, find_chromium  # noqa: E402
from tests.services import free_port  # noqa: E402

TARGET: Final = ROOT / "docs/screenshot.png"
SIZE: Final[ViewportSize] = {"width": 1020, "height": 900}
Scheme = Literal["light", "dark"]
START_S: Final = 60.0
LEAN: Final = 0.14  # how much the border between the two leans, as a share of the height


def main() -> int:
    """Make the picture; the exit status."""
    with (
        tempfile.TemporaryDirectory(prefix="realtime-screenshot-") as folder,
        server(Path(folder)) as url,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=str(find_chromium()), args=list(CHROMIUM_FLAGS)
        )
        light, dark = shot(browser, url, "light"), shot(browser, url, "dark")
        browser.close()
    joined(light, dark).save(TARGET, optimize=True)
    sys.stdout.write(f"{TARGET.relative_to(ROOT)}: {TARGET.stat().st_size // 1024} KiB\n")
    return 0


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """The demo, served from a database of its own."""
    port = free_port()
    environment = {
        **os.environ,
        "REALTIME_DATABASE_URL": f"sqlite:///{folder / 'demo.db'}",
        "REALTIME_UPLOADS": str(folder / "uploads"),
        "REALTIME_PORT": str(port),
    }
    command = [sys.executable, "-m", "realtime"]
    subprocess.run([*command, "demo"], cwd=ROOT, env=environment, check=True)
    process = subprocess.Popen(
        [*command, "serve"], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL
    )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(f"{url}/readyz")
        yield url
    finally:
        process.terminate()
        process.wait(30)


def wait_for(url: str) -> None:
    """Raises: TimeoutError: nobody was ready in time."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"{url} was not ready within {START_S:g} s")


def shot(browser: Browser, url: str, scheme: Scheme) -> Image.Image:
    """The guest's home timeline."""
    page: Page = browser.new_page(
        viewport=SIZE, color_scheme=scheme, reduced_motion="reduce", base_url=url
    )
    answer = page.request.post(
        "/api/login", data={"name": GUEST, "password": PASSWORD}, headers={"Origin": url}
    )
    assert answer.ok, answer.text()
    page.goto("/")
    page.wait_for_selector("article")
    page.wait_for_function(
        "() => [...document.images].filter(i => i.getBoundingClientRect().top < innerHeight)"
        ".every(i => i.complete && i.naturalWidth > 0)"
    )
    page.wait_for_timeout(500)  # the last fading in
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    page.close()
    return picture


def joined(light: Image.Image, dark: Image.Image) -> Image.Image:
    """Light on the left, dark on the right of a leaning line."""
    width, height = light.size
    lean = height * LEAN
    mask = Image.new("L", light.size, 0)
    corners = [(width / 2 + lean, 0), (width, 0), (width, height), (width / 2 - lean, height)]
    ImageDraw.Draw(mask).polygon(corners, fill=255)
    both = light.copy()
    both.paste(dark, (0, 0), mask)
    return both


if __name__ == "__main__":
    sys.exit(main())
