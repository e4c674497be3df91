"""Brings a peer to where it can be started: compiled, or installed as its lock says, once."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
INSTALLED: Final = HERE.parent.parent / ".stamps" / "peers"
_PATIENCE_S: Final = 300


class Absent(Exception):
    """This peer cannot be had here; the message says why."""


def bare() -> list[str]:
    """The command of the limit, in C where there is a compiler, else in Python."""
    compiler = shutil.which("cc")
    if compiler is None:
        return [sys.executable, str(HERE / "bare" / "bare.py")]
    folder = INSTALLED / "bare"
    folder.mkdir(parents=True, exist_ok=True)
    _do([compiler, "-O2", "-o", str(folder / "bare"), str(HERE / "bare" / "bare.c")], folder)
    return [str(folder / "bare")]


def node(name: str) -> list[str]:
    """The command of a peer that npm installs."""
    npm, binary = shutil.which("npm"), shutil.which("node")
    if npm is None or binary is None:
        raise Absent("Node is missing")
    folder = _folder(name)
    if not (folder / "done").exists():
        _do([npm, "ci", "--silent", "--ignore-scripts"], folder)
        (folder / "done").touch()
    return [binary, str(folder / "server.js")]


def python(name: str) -> Path:
    """The folder with the programs of a peer that pip installs, in a place of its own."""
    folder = _folder(name)
    programs = folder / "venv" / "bin"
    if not (folder / "done").exists():
        venv.create(folder / "venv", with_pip=True, clear=True)
        pip = (str(programs / "python"), "-m", "pip", "install", "-qq", "--require-hashes")
        _do([*pip, "--disable-pip-version-check", "-r", "requirements.txt"], folder)
        (folder / "done").touch()
    return programs


def versions() -> dict[str, str]:
    """What each peer is locked to, by its package's name, and what runs it."""
    found: dict[str, str] = {}
    for path in sorted(HERE.glob("*/package.json")):
        found |= json.loads(path.read_text(encoding="utf-8"))["dependencies"]
    for path in sorted(HERE.glob("*/requirements.in")):
        lines = path.read_text(encoding="utf-8").splitlines()
        found |= dict(line.split("==") for line in lines if "==" in line)
    if (node := shutil.which("node")) is not None:
        said = subprocess.run((node, "--version"), capture_output=True, text=True).stdout
        found["Node"] = said.strip().removeprefix("v")
    return found


def _folder(name: str) -> Path:
    """Where this version of the peer is installed, with its files."""
    source = HERE / name
    files = sorted(path for path in source.iterdir() if path.is_file())
    total = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]
    folder = INSTALLED / f"{name}-{total}"
    folder.mkdir(parents=True, exist_ok=True)
    for path in files:
        shutil.copy(path, folder / path.name)
    return folder


def _do(command: Sequence[str], folder: Path) -> None:
    try:
        subprocess.run(
            command, cwd=folder, check=True, capture_output=True, text=True, timeout=_PATIENCE_S
        )
    except subprocess.TimeoutExpired as error:
        raise Absent(f"{Path(command[0]).name} took too long") from error
    except subprocess.CalledProcessError as error:
        raise Absent(f"{Path(command[0]).name} failed: {error.stderr.strip()[-300:]}") from error
