"""Runs one server, and ends it when whoever asked for it is gone, however they went.

`python guard.py FOLDER USER_ID GROUP_ID COMMAND...` writes the server's process id on standard
output and exits with the server's code. Standard input is the leash: at its end (the asker closed
it, or was killed) the server is killed with its children, and FOLDER is removed. The kernel's own
signal at a parent's death would come too early: when the *thread* ends that started the server.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from typing import Any

_KILL_ROUNDS = 50


def family(pid: int) -> list[int]:
    """`pid` and all its descendants that live now, parents first; empty when `pid` is gone."""
    children: dict[int, list[int]] = defaultdict(list)
    alive = set()
    for child, parent in _processes():
        children[parent].append(child)
        alive.add(child)
    if pid not in alive:
        return []
    found = [pid]
    for member in found:
        found += children[member]
    return found


def signal_family(pid: int, number: signal.Signals) -> None:
    """Send `number` to `pid` first and then to its descendants; those that are gone are left out.

    PostgreSQL's backends lead process groups of their own, out of reach of a group's signal.
    """
    for member in family(pid):
        with suppress(ProcessLookupError):
            os.kill(member, number)


def kill_family(pid: int) -> None:
    """SIGKILL to `pid` and its descendants, none of which can be born meanwhile; waits for it."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
    doomed = family(pid)
    for member in reversed(doomed):
        with suppress(ProcessLookupError):
            os.kill(member, signal.SIGKILL)
    for _ in range(_KILL_ROUNDS):
        if not any(_running(member) for member in doomed):
            return
        time.sleep(0.02)


def _processes() -> list[tuple[int, int]]:
    """Every living process and its parent."""
    if not Path("/proc/self/stat").exists():
        listing = subprocess.run(
            ["ps", "-ax", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
        ).stdout
        return [(int(pid), int(parent)) for pid, parent in map(str.split, listing.splitlines())]
    found = []
    for name in (entry.name for entry in Path("/proc").iterdir()):
        if name.isdigit() and (stat := _stat(int(name))) is not None and stat[0] not in "ZX":
            found.append((int(name), int(stat[1])))
    return found


def _running(pid: int) -> bool:
    if Path("/proc/self/stat").exists():
        stat = _stat(pid)
        return stat is not None and stat[0] not in "ZX"
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def _stat(pid: int) -> list[str] | None:
    """State, parent and the rest of the kernel's line; None: there is no such process."""
    try:
        line = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return line.rpartition(")")[2].split()


def main(folder: str, user_id: str, group_id: str, *command: str) -> int:
    """Run `command` until it ends or standard input does."""
    ended, wakeup = os.pipe()
    os.set_blocking(wakeup, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wakeup)
    other = {} if int(user_id) == os.getuid() else as_user(int(user_id), int(group_id))
    with (Path(folder) / "log").open("ab") as log:
        server = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            **other,
        )
    os.write(1, b"%d\n" % server.pid)
    os.close(1)
    while server.poll() is None:
        readable, _, _ = select.select([0, ended], [], [])
        if ended in readable:
            os.read(ended, 4096)
        if 0 in readable and not os.read(0, 1):
            kill_family(server.pid)
            server.wait()
            shutil.rmtree(folder, ignore_errors=True)
    return server.returncode


def as_user(user_id: int, group_id: int) -> dict[str, Any]:
    """What `subprocess` is told to run a command as somebody else."""
    return {"user": user_id, "group": group_id, "extra_groups": []}


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
