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
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

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
from scripts.screenshot import server  # noqa: E402
from tests.chromium import CHROMIUM_FLAGS, find_chromium  # noqa: E402

WIDTHS: Final[dict[str, ViewportSize]] = {
    "wide": {"width": 1280, "height": 900},
    "narrow": {"width": 360, "height": 740},
}
THEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
WAIT_MS: Final = 10_000
SETTLE_MS: Final = 350
NEWCOMER: Final = "newcomer"

Act = Callable[[Page], None]


def nothing(_page: Page) -> None:
    """The page as it opens."""


@dataclass(frozen=True)
class Scene:
    """One page in one state. `who` looks at it; `act` is done before each picture."""

    name: str
    who: Literal["guest", "newcomer", "visitor", "waiting", "failing"]
    path: str
    act: Act = nothing


def press(*keys: str) -> Act:
    """Press these keys one after the other."""

    def pressed(page: Page) -> None:
        for key in keys:
            page.keyboard.press(key)
            page.wait_for_timeout(150)

    return pressed


def click(selector: str) -> Act:
    """Press the first of these."""
    return lambda page: page.locator(selector).first.click()


def scrolled(page: Page) -> None:
    """Some way down."""
    page.mouse.wheel(0, 1_600)
    page.wait_for_timeout(SETTLE_MS)


def picker(page: Page) -> None:
    """The emoji, all there."""
    press("j", "e")(page)
    page.get_by_role("gridcell").first.wait_for(timeout=WAIT_MS)


def too_long(page: Page) -> None:
    """In the composer, more than a post holds."""
    page.locator("textarea").first.fill("Far too many words for one post. " * 18)


def wrong(page: Page) -> None:
    """A form that was sent empty."""
    page.locator("form button[type=submit]").click()


CONTENT: Final = [
    ("home", "/", nothing),
    ("home scrolled", "/", scrolled),
    ("a post in the ring", "/", press("j", "j")),
    ("explore", "/explore", nothing),
    ("thread", "{thread}", nothing),
    ("profile", "/@{someone}", nothing),
    ("own profile", f"/@{GUEST}", nothing),
    ("pictures", "/@{someone}/pictures", nothing),
    ("reactions", f"/@{GUEST}/reactions", nothing),
    ("followers", "/@{someone}/followers", nothing),
    ("following", f"/@{GUEST}/following", nothing),
    ("notices", "/notices", nothing),
    ("search", "/search?q=the", nothing),
    ("search people", "/search?q=m&kind=users", nothing),
    ("settings", "/settings", nothing),
    ("settings below", "/settings", scrolled),
    ("nowhere", "/nowhere", nothing),
    ("composer", "/explore", press("n")),
    ("picker", "/", picker),
    ("menu", "/", press("j", "m")),
    ("retweet menu", "/", press("j", "t")),
    ("keys", "/", press("?")),
    ("lightbox", "/@{someone}/pictures", click("main figure > button")),
    ("edit profile", f"/@{GUEST}", click("main .profile .button, main button.button")),
    ("composer too long", "/", too_long),
]
SCENES: Final = [
    *(Scene(name, "guest", path, act) for name, path, act in CONTENT),
    *(
        Scene(f"visitor: {name}", "visitor", path, act)
        for name, path, act in (
            ("explore", "/explore", nothing),
            ("thread", "{thread}", nothing),
            ("profile", "/@{someone}", nothing),
            ("sign in", "/login", nothing),
            ("sign in, empty", "/login", wrong),
            ("register", "/register", nothing),
            ("register, empty", "/register", wrong),
            ("nobody", "/@nobody_of_this_name", nothing),
            ("no post", "/post/1", nothing),
        )
    ),
    *(
        Scene(f"empty: {path}", "newcomer", path)
        for path in ("/", f"/@{NEWCOMER}", f"/@{NEWCOMER}/pictures", f"/@{NEWCOMER}/followers")
    ),
    *(
        Scene(f"empty: {path}", "newcomer", path)
        for path in ("/notices", "/search", "/search?q=zzzzqqqq", "/settings")
    ),
    *(
        Scene(f"{who}: {path}", who, path)
        for who in ("waiting", "failing")
        for path in ("/", "/explore", "{thread}", "/@{someone}", "/@{someone}/followers")
    ),
    *(
        Scene(f"{who}: {path}", who, path)
        for who in ("waiting", "failing")
        for path in ("/notices", "/search?q=the")
    ),
]


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


@contextmanager
def people(browser: Browser, url: str) -> Iterator[dict[str, BrowserContext]]:
    """A browser for each kind of reader."""
    contexts = {
        who: browser.new_context(
            base_url=url, reduced_motion="reduce", locale="en-GB", service_workers="block"
        )
        for who in ("guest", "newcomer", "visitor", "waiting", "failing")
    }
    headers = {"Origin": url}
    guest = {"name": GUEST, "password": PASSWORD}
    for who in ("guest", "waiting", "failing"):
        answer = contexts[who].request.post("/api/login", data=guest, headers=headers)
        assert answer.ok, answer.text()
    newcomer = {"name": NEWCOMER, "password": PASSWORD, "display_name": "Newcomer"}
    answer = contexts["newcomer"].request.post("/api/register", data=newcomer, headers=headers)
    assert answer.ok, answer.text()
    contexts["waiting"].route_web_socket(re.compile("/ws$"), _silent)
    contexts["failing"].route_web_socket(re.compile("/ws$"), _refusing)
    yield contexts
    for context in contexts.values():
        context.close()


def _silent(socket: WebSocketRoute) -> None:
    """A server that says hello and answers nothing else."""
    _between(socket, lambda _ref: None)


def _refusing(socket: WebSocketRoute) -> None:
    """A server that says hello and can do nothing else."""
    _between(
        socket,
        lambda ref: {
            "type": "error",
            "ref": ref,
            "code": "unavailable",
            "message": "The server cannot reach its data right now.",
        },
    )


def _between(socket: WebSocketRoute, answer: Callable[[int], dict[str, object] | None]) -> None:
    upstream = socket.connect_to_server()

    def said(frame: str | bytes) -> None:
        command = json.loads(frame)
        if command["type"] == "hello":
            upstream.send(frame)
        elif (reply := answer(command["ref"])) is not None:
            socket.send(json.dumps(reply))

    socket.on_message(said)


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
