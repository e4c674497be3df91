"""What the gallery shows: each page in each of its states, and how one gets there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from playwright.sync_api import FilePayload, Page

from realtime.commands.town.people import GUEST
from tests.pictures import photo

WAIT_MS: Final = 10_000
SETTLE_MS: Final = 350
NEWCOMER: Final = "newcomer"

#: `unsent` and `refused` cannot post; `away` has blocked somebody.
Who = Literal[
    "guest", "newcomer", "visitor", "waiting", "failing", "unsent", "refused", "away", "german"
]
Act = Callable[[Page], None]


def nothing(_page: Page) -> None:
    """The page as it opens."""


@dataclass(frozen=True)
class Scene:
    """One page in one state. `who` looks at it; `act` is done before each picture."""

    name: str
    who: Who
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


def named(role: Literal["button", "link"], name: str) -> Act:
    """Press the first one of this name."""
    return lambda page: page.get_by_role(role, name=name).first.click()


def with_pictures(page: Page) -> None:
    """A composer with words and three pictures, one of them described."""
    page.locator("textarea").first.fill("Three views of the harbour, in no order.")
    with page.expect_file_chooser() as choosing:
        page.get_by_role("button", name="Add pictures").first.click()
    shapes = ((400, 300), (300, 400), (640, 240))
    choosing.value.set_files(
        [
            FilePayload(name=f"{number}.jpg", mimeType="image/jpeg", buffer=photo(*shape))
            for number, shape in enumerate(shapes)
        ]
    )
    page.get_by_role("button", name="Describe").nth(2).wait_for(timeout=WAIT_MS)


def posted(page: Page) -> None:
    """A post that somebody wrote and sent."""
    page.locator("textarea").first.fill("On my way with the good chairs.")
    page.get_by_role("button", name="Post", exact=True).first.click()
    page.wait_for_timeout(SETTLE_MS)


def leaving_unsent(page: Page) -> None:
    """The question before signing out with something unsent."""
    posted(page)
    named("link", "Settings")(page)
    page.get_by_role("button", name="Sign out", exact=True).click()


def blocked(page: Page) -> None:
    """The profile of somebody blocked just now, or before."""
    if page.get_by_role("button", name="Unblock").count():
        return
    page.get_by_role("button", name="More about").first.click()
    page.get_by_role("menuitem", name="Block").click()
    page.locator("dialog[open]").get_by_role("button", name="Block").click()
    page.locator("dialog[open]").wait_for(state="detached", timeout=WAIT_MS)


def bottom(page: Page) -> None:
    """As far down as it goes."""
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.wait_for_timeout(SETTLE_MS)


def asked(words: str) -> Act:
    """These words typed into the search of the page."""

    def typed(page: Page) -> None:
        page.get_by_role("searchbox").first.fill(words)
        page.wait_for_timeout(SETTLE_MS)

    return typed


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
    ("search people", "/search?q=ma&kind=people", nothing),
    ("search nothing yet", "/search", nothing),
    ("search none", "/search?q=zzzzqqqq", nothing),
    ("settings", "/settings", nothing),
    ("settings below", "/settings", scrolled),
    ("settings end", "/settings", bottom),
    ("delete account", "/settings", named("button", "Delete my account")),
    ("speed", "/", press("Shift+L")),
    ("thread below", "{thread}", scrolled),
    ("reply", "/", press("j", "r")),
    ("nowhere", "/nowhere", nothing),
    ("composer", "/explore", press("n")),
    ("picker", "/", picker),
    ("menu", "/", press("j", "m")),
    ("retweet menu", "/", press("j", "t")),
    ("keys", "/", press("?")),
    ("lightbox", "/@{someone}/pictures", click("main figure > button")),
    ("edit profile", f"/@{GUEST}", click("main .profile .button, main button.button")),
]
GERMAN: Final = [
    ("home", "/", nothing),
    ("explore", "/explore", nothing),
    ("thread", "{thread}", nothing),
    ("profile", "/@{someone}", nothing),
    ("notices", "/notices", nothing),
    ("settings", "/settings", nothing),
    ("settings below", "/settings", scrolled),
    ("settings end", "/settings", bottom),
    ("keys", "/", press("?")),
    ("speed", "/", press("Shift+L")),
    ("search", "/search?q=the", nothing),
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
            ("docs", "/docs", nothing),
            ("docs below", "/docs", scrolled),
            ("docs asked", "/docs", asked("post.create")),
            ("docs none", "/docs", asked("zzzzqqqq")),
            ("search", "/search?q=the", nothing),
            ("nobody", "/@nobody_of_this_name", nothing),
            ("no post", "/post/1", nothing),
        )
    ),
    *(Scene(f"german: {name}", "german", path, act) for name, path, act in GERMAN),
    Scene("a post unsent", "unsent", "/", posted),
    Scene("a post refused", "refused", "/", posted),
    Scene("sign out", "unsent", "/", leaving_unsent),
    Scene("blocked", "away", "/@{someone}", blocked),
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
    # These last: what is begun is kept, and stands in every other window too.
    Scene("composer too long", "guest", "/", too_long),
    Scene("composer pictures", "guest", "/", with_pictures),
    Scene("german: too long", "german", "/", too_long),
]
