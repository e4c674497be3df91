"""The architecture as a test: who may import whom, and how long a file may be."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from realtime.http.pages import PAGES, PARTS

ROOT = Path(__file__).parent.parent
LINES = 400

LEAVES = {"errors", "metrics"}
NOUNS = {"model", "errors", "text"}
CORE = {"model", "errors", "protocol", "codec", "bell", "visibility", "metrics", "hub", "store"}

# room → rooms that it may import. `hub` and the like stand for all files of the folder.
MAY_IMPORT: dict[str, set[str]] = {
    "model": set(),
    "errors": set(),
    "headers": set(),
    "config": set(),
    "tasks": set(),
    "metrics": set(),
    "pulse": {"metrics"},
    "text": {"errors"},
    "results": {"model"},
    "protocol": {"model", "results", "text"},
    "codec": {"protocol"},
    "api": {"model", "protocol"},
    "pythonic": {"protocol"},
    "schema": {"model", "protocol", "api", "errors", "pythonic"},
    "client": {"model", "protocol", "results", "codec", "api", "errors", "client"},
    "auth": {"errors", "text"},
    "media": {"errors", "text", "developer"},
    "developer": {"media"},
    "darkroom": {"errors", "media", "developer"},
    "secret": {"config"},
    "hub": {"errors", "headers", "metrics", "hub"},
    "store": {"model", "errors", "text", "metrics", "store"},
    "visibility": {"model", "errors", "store"},
    "bell": {"model", "protocol", "codec", "visibility", "hub", "store"},
    "together": set(),
    "change": CORE,
    "tail": CORE,
    "channels": CORE | {"tail", "together"},
    "ear": {"errors", "hub", "model"},
    "personal": CORE | {"ear", "together"},
    "feed": CORE | {"tail", "channels", "ear", "personal", "together"},
    "watch": CORE | {"feed"},
    "doorbell": CORE | {"feed", "watch"},
    "departure": CORE | {"change"},
    "handlers": CORE | {"results", "text", "auth", "config", "change", "feed", "watch", "handlers"},
    "socket": {"protocol", "codec", "errors", "metrics", "config", "feed", "handlers", "hub"},
    "http": {
        *("errors", "text", "protocol", "codec", "api", "auth", "media", "darkroom", "model"),
        *("store", "change", "visibility", "feed", "config", "schema", "metrics", "headers"),
        "http",
        "hub.limits",
    },
    "reconcile": {
        *("change", "feed", "watch", "visibility", "media", "hub", "store", "errors"),
        *("metrics", "protocol", "config"),
    },
}
FREE = {"app", "__main__", "commands", "__init__"}  # the wiring
ONLY = {  # outside library → the only files that may import it
    "databases": {"store/database.py", "store/postgresql.py", "store/sqlite.py"},
    "redis": {"hub/bus.py"},
    "starlette": {"app.py", "http"},
    "asyncpg": {"store"},
    "aiosqlite": {"store"},
    "PIL": {"media.py", "developer.py", "darkroom.py", "commands"},
}


def modules(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py"))


def room(path: Path, package: Path) -> str:
    return path.relative_to(package).with_suffix("").parts[0]


def imports(path: Path) -> set[str]:
    """Every module that this file imports by name, type-only ones included."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("relative")
    return found


def broken_walls(package: Path) -> list[str]:
    """Imports of ours that the table does not allow."""
    wrong = []
    for path in modules(package):
        here = room(path, package)
        if here in FREE:
            continue
        allowed = MAY_IMPORT.get(here)
        if allowed is None:
            wrong.append(f"{here}: a room that the table does not know")
            continue
        for name in imports(path):
            if name == "relative":
                wrong.append(f"{path.relative_to(package)}: a relative import")
            if not name.startswith("realtime."):
                continue
            parts = name.split(".")[1:]
            if not {parts[0], ".".join(parts[:2])} & (allowed | {here if here in allowed else ""}):
                wrong.append(f"{path.relative_to(package)} imports {name}")
    return wrong


def strayed_libraries(package: Path) -> list[str]:
    """Outside libraries that are imported where they do not belong."""
    wrong = []
    for path in modules(package):
        place = path.relative_to(package)
        for name in imports(path):
            homes = ONLY.get(name.split(".")[0])
            if homes is not None and not {str(place), place.parts[0]} & homes:
                wrong.append(f"{place} imports {name}")
    return wrong


def test_rooms_import_only_what_the_table_allows() -> None:
    assert broken_walls(ROOT / "realtime") == []


def test_outside_libraries_stay_in_their_rooms() -> None:
    assert strayed_libraries(ROOT / "realtime") == []


@pytest.mark.parametrize(
    ("file", "line", "caught"),
    [
        ("hub/hub.py", "from realtime.store import post", "hub/hub.py imports realtime.store.post"),
        ("handlers/post.py", "import realtime.socket", "imports realtime.socket"),
        ("store/post.py", "if 0:\n    from realtime.hub.hub import Hub", "realtime.hub.hub.Hub"),
        ("client/line.py", "from realtime.store import post", "imports realtime.store.post"),
        ("cellar.py", "import os", "a room that the table does not know"),
        ("hub/hub.py", "from . import ring", "a relative import"),
    ],
)
def test_a_planted_violation_is_caught(tmp_path: Path, file: str, line: str, caught: str) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(line + "\n", encoding="utf-8")
    assert any(caught in wrong for wrong in broken_walls(tmp_path))


def test_a_library_in_the_wrong_room_is_caught(tmp_path: Path) -> None:
    (tmp_path / "handlers").mkdir()
    (tmp_path / "handlers/post.py").write_text("import redis.asyncio\n", encoding="utf-8")
    assert strayed_libraries(tmp_path) == ["handlers/post.py imports redis.asyncio"]


@pytest.mark.parametrize("folder", ["realtime", "tests", "loadtest", "web/src", "scripts"])
def test_no_file_is_longer_than_a_sitting(folder: str) -> None:
    endings = {".py", ".ts", ".tsx", ".css"}
    long = {
        str(path.relative_to(ROOT)): count
        for path in (ROOT / folder).rglob("*")
        if path.suffix in endings and path.name not in {"protocol.ts", "verbs.py"}  # generated
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > LINES
    }
    assert long == {}


def test_the_server_knows_every_address_that_the_page_has() -> None:
    source = (ROOT / "web/src/app/route.ts").read_text(encoding="utf-8")
    [plain] = re.findall(r"PLAIN[^=]*= \{(.*?)\n\};", source, re.DOTALL)
    assert set(re.findall(r"^  '/([^']+)':", plain, re.MULTILINE)) == set(PAGES)
    assert set(re.findall(r"part === '([a-z]+)'", source)) == set(PARTS)
