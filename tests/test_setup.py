"""A fresh checkout sets itself up once, and what a machine lacks is told with the line to type."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BUILD = "npm run --silent build -- --logLevel=warn"
LOCKS = ("requirements.lock", "requirements-dev.lock")
# In halves, so that this file does not name them itself.
REGISTRIES = [
    "".join(halves)
    for halves in (
        ("npm", "js.org"),
        ("npm", "js.com"),
        ("npm", "mirror.com"),
        ("yarn", "pkg.com"),
        ("py", "pi.org"),
        ("python", "hosted.org"),
        ("deb.", "debian.org"),
        ("crates", ".io"),
        ("proxy.", "golang.org"),
    )
]


def run(*command: str | Path, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, env=env, capture_output=True, text=True, timeout=100, check=False
    )


def tracked() -> list[Path]:
    names = run("git", "ls-files", "-z", cwd=ROOT, **os.environ).stdout.split("\0")
    return [path for name in names if name and (path := ROOT / name).is_file()]


def pins(lock: str) -> dict[str, str]:
    """Each requirement of a lock with all that belongs to it."""
    text = (ROOT / lock).read_text()
    blocks = re.findall(r"^([a-z0-9][a-z0-9._-]*)==(.*(?:\n +.*)*)", text, re.MULTILINE)
    return dict(blocks)


def test_no_file_names_a_package_registry() -> None:
    files = tracked()
    assert len(files) > 50
    naming = [
        f"{path.relative_to(ROOT)}: {host}"
        for path in files
        for host in REGISTRIES
        if host.encode() in path.read_bytes()
    ]
    assert naming == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_python_package_is_locked_by_hash(lock: str) -> None:
    found = pins(lock)
    assert len(found) > 20
    assert [name for name, rest in found.items() if "--hash=sha256:" not in rest] == []


def test_the_python_locks_agree_and_hold_what_the_project_asks_for() -> None:
    serving, testing = (
        {name: rest.split()[0] for name, rest in pins(lock).items()} for lock in LOCKS
    )
    assert serving.items() <= testing.items()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for wanted, locked in (
        (project["dependencies"], serving),
        (project["optional-dependencies"]["dev"], testing),
    ):
        names = {re.split(r"[<>=!~;\[ ]", line)[0].lower().replace("_", "-") for line in wanted}
        assert names - locked.keys() == set()


def test_every_web_package_is_locked_by_hash_and_by_no_address() -> None:
    packages = json.loads((ROOT / "web/package-lock.json").read_text())["packages"]
    locked = {name: entry for name, entry in packages.items() if name}
    assert len(locked) > 50
    assert [name for name, entry in locked.items() if "integrity" not in entry] == []
    assert [name for name, entry in locked.items() if "resolved" in entry] == []


def test_the_web_lock_holds_what_the_page_asks_for() -> None:
    wanted = json.loads((ROOT / "web/package.json").read_text())
    locked = json.loads((ROOT / "web/package-lock.json").read_text())["packages"][""]
    for kind in ("dependencies", "devDependencies"):
        assert wanted[kind] == locked[kind]


class Machine:
    """A small checkout on a machine that has only the commands it was given."""

    def __init__(self, folder: Path) -> None:
        self.commands = folder / "bin"
        self.checkout = folder / "checkout"
        self.calls = folder / "calls"
        self.commands.mkdir()
        shutil.copytree(ROOT / "scripts", self.checkout / "scripts")
        for lock in LOCKS:
            (self.checkout / lock).write_text("")
        for name in ("src/main.tsx", "index.html", "vite.config.ts", "package.json", ".npmrc"):
            self.write(name, name)
        self.write("package-lock.json", "{}")
        for name in ("sh", "dirname", "id", "env"):
            self.link(name)

    def write(self, name: str, text: str) -> None:
        path = self.checkout / "web" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def link(self, name: str) -> None:
        found = shutil.which(name)
        assert found is not None
        (self.commands / name).symlink_to(found)

    def command(self, name: str, body: str) -> None:
        path = self.commands / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >> "{self.calls}"\n{body}\n')
        path.chmod(0o755)

    def node(self, version: str = "v22.12.0") -> None:
        """A Node and an npm that do as if."""
        self.command("node", f"echo {version}")
        mkdir, touch = shutil.which("mkdir"), shutil.which("touch")
        self.command(
            "npm",
            f'case "$1" in ci) {mkdir} -p node_modules;; '
            f"run) {mkdir} -p ../static; {touch} ../static/index.html;; esac",
        )

    def set_up(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        script = self.checkout / "scripts/setup.py"
        path = str(self.commands)
        return run(sys.executable, script, *(words or ("run",)), cwd=ROOT, PATH=path, **env)

    def find_python(self, *names: str) -> subprocess.CompletedProcess[str]:
        script = self.checkout / "scripts/python"
        return run("/bin/sh", script, *names, cwd=ROOT, PATH=str(self.commands))

    def done(self) -> list[str]:
        """What was run since the last look, but for questions."""
        lines = self.calls.read_text().splitlines() if self.calls.exists() else []
        self.calls.unlink(missing_ok=True)
        return [line for line in lines if "--version" not in line]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def sentence(said: subprocess.CompletedProcess[str]) -> str:
    """The one line that a failed set-up ends with."""
    assert said.returncode == 1
    assert "Traceback" not in said.stderr
    last = said.stderr.strip().splitlines()[-1]
    assert "`" in last
    return last


def test_without_python_it_says_what_to_type(machine: Machine) -> None:
    assert "Python is missing" in sentence(machine.find_python())
    assert "no Python called python9" in sentence(machine.find_python("python9"))


def test_an_old_python_is_told_by_its_version(machine: Machine) -> None:
    machine.command("python3", 'case "$2" in *print*) echo 3.9;; *) exit 1;; esac')
    assert "Python 3.9 is too old" in sentence(machine.find_python())


def test_the_python_that_is_named_is_taken(machine: Machine) -> None:
    machine.command("python3", 'case "$2" in *print*) echo 3.9;; *) exit 1;; esac')
    (machine.commands / "python3.12").symlink_to(sys.executable)
    assert machine.find_python().stdout.strip().endswith("bin/python3.12")
    assert machine.find_python(sys.executable).stdout.strip() == sys.executable


def test_without_node_it_says_what_to_type(machine: Machine) -> None:
    assert sentence(machine.set_up()).startswith("Node is missing. Type `")


@pytest.mark.parametrize("version", ["v18.20.4", "v20.18.0", "v21.7.0", "v22.11.0"])
def test_an_old_node_is_told_by_its_version(machine: Machine, version: str) -> None:
    machine.node(version)
    assert version.removeprefix("v").rpartition(".")[0] in sentence(machine.set_up())


def test_without_npm_it_says_what_to_type(machine: Machine) -> None:
    machine.command("node", "echo v20.19.0")
    assert sentence(machine.set_up()).startswith("npm is missing. Type `")


def test_without_venv_it_says_what_to_type(machine: Machine, tmp_path: Path) -> None:
    machine.node()
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['ensurepip'] = None")
    said = sentence(machine.set_up(PYTHONPATH=str(tmp_path)))
    assert said.startswith("Python's venv is missing. Type `")


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """A machine that came with the environment of another place, and is set up by now."""
    machine = Machine(tmp_path_factory.mktemp("a place"))
    machine.node()
    (machine.checkout / ".venv/bin").mkdir(parents=True)
    (machine.checkout / ".venv/bin/python").symlink_to(sys.executable)
    (machine.checkout / ".venv/pyvenv.cfg").write_text(
        "command = python -m venv /elsewhere/.venv\n"
    )
    said = machine.set_up()
    assert said.returncode == 0, said.stderr
    assert "Making .venv" in said.stderr
    assert sorted(machine.done()) == ["npm ci --loglevel=error", BUILD]
    return machine


def test_a_moved_environment_is_made_anew(ready: Machine) -> None:
    python = ready.checkout / ".venv/bin/python"
    assert str(ready.checkout) in run(python, "-m", "pip", "--version", cwd=ROOT).stdout


def test_each_step_is_done_once_until_what_it_is_made_from_changes(ready: Machine) -> None:
    again = ready.set_up()
    assert (again.returncode, again.stderr, ready.done()) == (0, "", [])

    ready.write("src/new.ts", "export const one = 1;")
    ready.set_up()
    assert ready.done() == [BUILD]
    ready.write("package-lock.json", "{} ")
    ready.set_up()
    assert ready.done() == ["npm ci --loglevel=error", BUILD]

    (ready.checkout / "requirements.lock").write_text("# another")
    assert "requirements.lock" in ready.set_up().stderr
    assert ready.set_up().stderr == ""


def test_a_failing_step_is_told_and_done_again(ready: Machine) -> None:
    ready.write("package-lock.json", "{}  ")
    ready.command("npm", "echo no network >&2; exit 1")
    said = ready.set_up()
    assert said.returncode == 1
    assert "no network\nThe page's packages did not install" in said.stderr
    ready.node()
    assert ready.set_up().returncode == 0


def test_a_taken_port_is_told_with_one_that_is_free(ready: Machine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = sentence(ready.set_up("run", "--serve", "--port", str(port)))
        assert said.startswith(f"Port {port} is taken. Type `make run PORT=")
    assert ready.set_up("run", "--serve", "--port", str(port)).returncode == 0
