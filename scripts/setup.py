"""Brings a checkout to where it can serve, be checked or be tested, and does nothing twice.

`python scripts/setup.py run|check|test` needs Python's standard library only. What the machine
lacks is told in one sentence that holds the line to type.
"""

from __future__ import annotations

import argparse
import errno
import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin/python"
WEB = ROOT / "web"
MODULES = WEB / "node_modules"
STATIC = ROOT / "static"
STAMPS = ROOT / ".stamps"
BUILT_FROM = ("src", "public", "index.html", "vite.config.ts", "package-lock.json")
LAST_PORT = 65535


def main() -> None:
    """Do what the goal on the command line needs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("goal", choices=("run", "check", "test"))
    parser.add_argument("--python", help="the Python that was asked for, if one was")
    parser.add_argument("--host", default=os.environ.get("REALTIME_HOST") or "127.0.0.1")
    parser.add_argument("--port", default=os.environ.get("REALTIME_PORT") or "8000")
    parser.add_argument("--serve", action="store_true", help="the port must be free")
    asked = parser.parse_args()
    STAMPS.mkdir(exist_ok=True)
    with (STAMPS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        require_node()
        make_venv(is_asked=bool(asked.python))
        with ThreadPoolExecutor() as both:
            web = both.submit(install_web_packages)
            install_python_packages(with_tools=asked.goal != "run")
            web.result()
        if asked.goal != "check":
            build_page()
        if asked.goal == "test":
            find_browser()
    if asked.serve and asked.port.isdigit():
        require_port(asked.host, int(asked.port))


def require_node() -> None:
    """Vite's own requirement: 20.19 or newer, but not 21 and not 22.0 to 22.11."""
    try:
        said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        give_up("Node is missing.", f"Type `{installs('nodejs npm', brew='node')}`.")
    major, minor = map(int, re.findall(r"\d+", said.stdout)[:2])
    if not ((major == 20 and minor >= 19) or (major == 22 and minor >= 12) or major > 22):
        give_up(
            f"Node {major}.{minor} does not do: 20.19 or newer is needed, or 22.12 or newer.",
            "Put one first on PATH, for example with `npm install --global n && n 22`.",
        )
    if shutil.which("npm") is None:
        give_up("npm is missing.", f"Type `{installs('npm', brew='node')}`.")


def make_venv(*, is_asked: bool) -> None:
    """A virtual environment with pip; made anew when it is broken, moved or of another Python."""
    found = venv_version()
    running = sys.version_info[:2]
    if found is not None and found >= (3, 11) and (found == running or not is_asked):
        return
    version = f"{running[0]}.{running[1]}"
    if any(importlib.util.find_spec(name) is None for name in ("venv", "ensurepip")):
        wanted = installs(f"python{version}-venv", brew=f"python@{version}")
        give_up("Python's venv is missing.", f"Type `{wanted}`.")
    say(f"Making .venv with Python {version}")
    do(sys.executable, "-m", "venv", "--clear", str(VENV), otherwise="`.venv` could not be made")


def venv_version() -> tuple[int, ...] | None:
    """Which Python `.venv` holds; None: it cannot be used here."""
    settings = VENV / "pyvenv.cfg"
    if not settings.exists():
        return None
    made_as = re.search(r"^command = .*$", settings.read_text(), re.MULTILINE)
    if made_as is not None and not made_as[0].endswith(str(VENV)):
        return None
    question = "import sys, pip; print(*sys.version_info[:2])"
    try:
        said = subprocess.run([PYTHON, "-c", question], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return tuple(map(int, said.stdout.split()))


def install_python_packages(*, with_tools: bool) -> None:
    """The locked packages; with tools means those for checks and tests too."""
    serving = digest([ROOT / "requirements.lock"])
    testing = digest([ROOT / "requirements-dev.lock"])
    stamp = VENV / ".stamp"
    # The second lock holds all of the first, at the same versions.
    if stamp_of(stamp) in ({testing} if with_tools else {testing, serving}):
        return
    lock = "requirements-dev.lock" if with_tools else "requirements.lock"
    say(f"Installing Python packages ({lock})")
    stamp.unlink(missing_ok=True)
    pip = (str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check")
    flags = ("--no-input", "--no-deps", "--require-hashes", "-r", str(ROOT / lock))
    do(*pip, *flags, otherwise=f"The packages of {lock} could not be installed")
    stamp.write_text(testing if with_tools else serving)


def install_web_packages() -> None:
    """web/node_modules, exactly as locked."""
    wanted = digest(WEB / name for name in ("package.json", "package-lock.json", ".npmrc"))
    if stamp_of(MODULES / ".stamp") == wanted:
        return
    say("Installing the page's packages (web/package-lock.json)")
    do("npm", "ci", "--loglevel=error", cwd=WEB, otherwise="The page's packages did not install")
    (MODULES / ".stamp").write_text(wanted)


def build_page() -> None:
    """static/, built from web/."""
    wanted = digest(files_below(*(WEB / name for name in BUILT_FROM)))
    if stamp_of(STAMPS / "page") == wanted and (STATIC / "index.html").exists():
        return
    say("Building the page (static/)")
    (STAMPS / "page").unlink(missing_ok=True)
    build = ("npm", "run", "--silent", "build", "--", "--logLevel=warn")
    do(*build, cwd=WEB, otherwise="The page could not be built")
    (STAMPS / "page").write_text(wanted)


def find_browser() -> None:
    """A Chromium for the tests: what is there, else the system's, else the one from npm."""
    sys.path.insert(0, str(ROOT))
    from tests.binaries import Missing
    from tests.chromium import find_chromium, find_installed

    if find_installed() is not None:
        return
    if os.getuid() == 0 and shutil.which("apt-get") is not None:
        say("Installing Chromium for the tests")
        silent = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
            command = ["apt-get", "-qq", *words]
            subprocess.run(command, check=False, stdout=subprocess.DEVNULL, env=silent)
    try:
        find_chromium()
    except Missing as missing:
        give_up(str(missing))


def require_port(host: str, port: int) -> None:
    """Somebody may listen there already, or the port may be kept for root."""
    error = why_not_listen(host, port)
    if isinstance(error, PermissionError):
        give_up(f"Port {port} is kept for root.", "Type `make run PORT=8000`.")
    if error is not None and error.errno == errno.EADDRINUSE:
        others = range(port + 1, min(port + 100, LAST_PORT))
        free = next((other for other in others if why_not_listen(host, other) is None), 0)
        give_up(f"Port {port} is taken.", f"Type `make run PORT={free}`.")


def why_not_listen(host: str, port: int) -> OSError | None:
    """What listening there says; None: it can be done."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error
    return None


def digest(files: Iterator[Path] | list[Path]) -> str:
    """One line that changes when a file's place or content does."""
    total = hashlib.sha256()
    for file in files:
        total.update(f"{file.relative_to(ROOT)}\0{file.stat().st_size}\0".encode())
        total.update(file.read_bytes())
    return total.hexdigest()


def files_below(*places: Path) -> Iterator[Path]:
    """The files among and below `places`, always in the same order."""
    for place in places:
        found = sorted(place.rglob("*")) if place.is_dir() else [place]
        yield from (path for path in found if path.is_file())


def stamp_of(path: Path) -> str:
    """What was written there when the work was done; empty: it was not."""
    return path.read_text() if path.exists() else ""


def installs(packages: str, *, brew: str) -> str:
    """The command of this machine that installs something."""
    sudo = "" if os.getuid() == 0 else "sudo "
    if shutil.which("apt-get") is not None:
        return f"{sudo}apt-get install {packages}"
    if shutil.which("dnf") is not None:
        return f"{sudo}dnf install {packages}"
    return f"brew install {brew}"


def do(*command: str, otherwise: str, cwd: Path = ROOT) -> None:
    """Run `command`; if it fails, stop with a sentence below its own words."""
    try:
        status = subprocess.run(command, cwd=cwd, check=False).returncode
    except OSError as error:
        give_up(f"{otherwise}: {error}.")
    if status != 0:
        give_up(f"{otherwise}; the reason is above.", "Mend it and type the same again.")


def say(sentence: str) -> None:
    """Tell what takes a while."""
    sys.stderr.write(f"{sentence} ...\n")
    sys.stderr.flush()


def give_up(*sentences: str) -> NoReturn:
    """Stop, and say what to type."""
    sys.exit(" ".join(sentences))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
