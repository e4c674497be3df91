"""Makes a gallery: every page in every state, wide and narrow, light and dark, in one index.html.

`.venv/bin/python scripts/gallery.py [FOLDER]`, after `make setup-tests`. Without a folder it makes
a new one in the system's own place for such things, and says where.
"""

from __future__ import annotations

import html
import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal, get_args

from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    ViewportSize,
    WebSocketRoute,
    sync_playwright,
)
from playwright.sync_api import Error as PlaywrightError

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from realtime.commands.demo import PASSWORD  # noqa: E402
from realtime.commands.town.people import GUEST  # noqa: E402
from scripts.scenes import SCENES, SETTLE_MS, WAIT_MS, Scene, Who  # noqa: E402
from scripts.screenshot import server  # noqa: E402
from tests.chromium import CHROMIUM_FLAGS, find_chromium  # noqa: E402

WIDTHS: Final[dict[str, ViewportSize]] = {
    "wide": {"width": 1280, "height": 900},
    "narrow": {"width": 360, "height": 740},
}
THEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")


def main() -> int:
    """Make the gallery; the exit status."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp("-gallery"))
    target.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="realtime-gallery-") as folder,
        server(Path(folder)) as url,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=str(find_chromium()), args=list(CHROMIUM_FLAGS)
        )
        with people(browser, url) as contexts:
            found = places(contexts["guest"])
            only = re.compile(sys.argv[2] if len(sys.argv) > 2 else "")
            shown = [scene for scene in SCENES if only.search(scene.name)]
            pictures = {
                scene.name: shots(contexts[scene.who], scene, found, target) for scene in shown
            }
        browser.close()
    index = target / "index.html"
    index.write_text(page_of(pictures), encoding="utf-8")
    sys.stdout.write(f"{index}: {sum(map(len, pictures.values()))} pictures\n")
    return 0


#: What happens to which commands of whom.
REFUSED: Final[dict[Who, tuple[re.Pattern[str], dict[str, object] | None]]] = {
    "waiting": (re.compile("(?!hello)"), None),
    "failing": (
        re.compile("(?!hello)"),
        {"code": "unavailable", "message": "The server cannot reach its data right now."},
    ),
    "unsent": (re.compile("post.create"), None),
    "refused": (
        re.compile("post.create"),
        {"code": "invalid", "field": "text", "message": "A post has at most 500 characters."},
    ),
}
LOCALES: Final[dict[Who, str]] = {"german": "de-DE"}


@contextmanager
def people(browser: Browser, url: str) -> Iterator[dict[Who, BrowserContext]]:
    """A browser for each kind of reader."""
    contexts: dict[Who, BrowserContext] = {
        who: browser.new_context(
            base_url=url,
            reduced_motion="reduce",
            locale=LOCALES.get(who, "en-GB"),
            service_workers="block",
        )
        for who in get_args(Who)
    }
    headers = {"Origin": url}
    for who, context in contexts.items():
        if who in ("newcomer", "away"):
            new = {"name": who, "password": PASSWORD, "display_name": who.title()}
            answer = context.request.post("/api/register", data=new, headers=headers)
        elif who != "visitor":
            guest = {"name": GUEST, "password": PASSWORD}
            answer = context.request.post("/api/login", data=guest, headers=headers)
        else:
            continue
        assert answer.ok, answer.text()
    for who, (commands, answer_) in REFUSED.items():
        contexts[who].route_web_socket(re.compile("/ws$"), between(commands, answer_))
    yield contexts
    for context in contexts.values():
        context.close()


def between(
    commands: re.Pattern[str], error: dict[str, object] | None
) -> Callable[[WebSocketRoute], None]:
    """A server that gives this error for these commands, or, without one, no answer."""

    def opened(socket: WebSocketRoute) -> None:
        upstream = socket.connect_to_server()

        def said(frame: str | bytes) -> None:
            command: dict[str, Any] = json.loads(frame)
            if not commands.match(command["type"]):
                upstream.send(frame)
            elif error is not None:
                socket.send(json.dumps({"type": "error", "ref": command["ref"], **error}))

        socket.on_message(said)

    return opened


def places(guest: BrowserContext) -> dict[str, str]:
    """Addresses in the demo that have something to show."""
    page = guest.new_page()
    page.goto("/explore")
    page.locator("article .pictures").first.wait_for(timeout=WAIT_MS)
    shown = page.locator("article:has(.pictures)").first
    someone = shown.locator("a.name").get_attribute("href") or ""
    talked = page.locator("article:has(button[data-key=r] .num) a.at").first
    thread = talked.get_attribute("href") or ""
    page.close()
    return {"someone": someone.removeprefix("/@"), "thread": thread}


def shots(
    context: BrowserContext, scene: Scene, found: dict[str, str], target: Path
) -> dict[str, str]:
    """Four pictures of this scene; their files."""
    files = {}
    for width, viewport in WIDTHS.items():
        page = context.new_page()
        page.set_viewport_size(viewport)
        try:
            page.goto(scene.path.format(**found))
            settle(page, is_waiting=scene.who == "waiting")
            scene.act(page)
            page.wait_for_timeout(SETTLE_MS)
        except PlaywrightError as error:
            sys.stderr.write(f"{scene.name}, {width}: {str(error).splitlines()[0]}\n")
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            page.wait_for_timeout(50)
            slug = re.sub(r"[^a-z0-9]+", "-", scene.name.lower()).strip("-") or "home"
            name = f"{slug}-{width}-{theme}.png"
            page.screenshot(path=target / name)
            files[f"{width}, {theme}"] = name
        page.close()
    return files


def settle(page: Page, *, is_waiting: bool) -> None:
    """Wait until nothing more is on its way."""
    page.locator("h1, h2").first.wait_for(state="attached", timeout=WAIT_MS)
    if not is_waiting:
        page.wait_for_function(
            "() => !document.querySelector('[aria-busy=true], .skeleton, .post.bone')"
            " && [...document.images].filter(i => i.getBoundingClientRect().top < innerHeight)"
            ".every(i => i.complete)",
            timeout=WAIT_MS,
        )
    page.wait_for_timeout(SETTLE_MS)


def page_of(pictures: dict[str, dict[str, str]]) -> str:
    """All of them on one page."""
    rows = "\n".join(
        f"<h2>{html.escape(name)}</h2>\n<p>"
        + " ".join(
            f'<a href="{file}"><img src="{file}" alt="{html.escape(name)}, {kind}" height="420">'
            "</a>"
            for kind, file in files.items()
        )
        + "</p>"
        for name, files in pictures.items()
    )
    return f'<!doctype html>\n<meta charset="utf-8">\n<title>Gallery</title>\n{rows}\n'


if __name__ == "__main__":
    sys.exit(main())
