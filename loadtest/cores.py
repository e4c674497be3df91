"""Which processor a process runs on, what it spends there and what memory it holds."""

from __future__ import annotations

import functools
import os
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path


@functools.cache
def cores() -> list[int]:
    """The processors that we could use at first, before we pinned ourselves to one."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]


def is_pinned() -> bool:
    """Whether server and generator have a processor each."""
    return len(cores()) > 1 and hasattr(os, "sched_setaffinity")


def pin(pid: int, core: int) -> None:
    """Keep a process on one processor, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(pid, {core})


def allow_many_sockets() -> int:
    """Raise our bound of open files as far as we may; what it is now. Children inherit it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


class Process:
    """A server that was started here, on one processor. Writes to `log`; ended by `stop`."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        folder: Path,
        env: Mapping[str, str] | None = None,
        core: int | None = None,
        log: str = "log",
    ) -> None:
        self._log = folder / log
        with self._log.open("ab") as out:
            self._process = subprocess.Popen(
                _on_core(command, core),
                cwd=folder,
                env=dict(os.environ if env is None else env),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        self.pid = self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    @property
    def log(self) -> str:
        """The end of what it wrote."""
        return self._log.read_text(encoding="utf-8", errors="replace")[-2_000:]

    @property
    def cpu_s(self) -> float:
        """Seconds of processor time that it and its threads have used."""
        return cpu_s(self.pid)

    @property
    def memory_bytes(self) -> int:
        """Its resident memory."""
        for line in Path(f"/proc/{self.pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        return 0

    def stop(self) -> None:
        """End it; kill it if it takes longer than ten seconds."""
        if self.is_alive:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(10)
        if self.is_alive:
            self._process.kill()
        self._process.wait()


def cpu_s(pid: int) -> float:
    """Seconds of processor time of a process with all its threads, to the nanosecond."""
    total = 0
    for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with suppress(OSError):
            total += int(thread.read_text(encoding="ascii").split()[0])
    return total / 1e9


def busy_s(core: int) -> float:
    """Seconds in which this processor has done anything for anybody, since the machine started."""
    for line in Path("/proc/stat").read_text(encoding="ascii").splitlines():
        name, *ticks = line.split()
        if name == f"cpu{core}":
            # user, nice, system, then idle and waiting for a disk, then interrupts
            spent = [int(each) for each in (*ticks[:3], *ticks[5:8])]
            return sum(spent) / os.sysconf("SC_CLK_TCK")
    return 0.0


def _on_core(command: Sequence[str], core: int | None) -> list[str]:
    """The command, kept on one processor from its first moment on."""
    if core is None or not is_pinned():
        return list(command)
    pinned = (
        f"import os,sys; os.sched_setaffinity(0, {{{core}}}); os.execvp(sys.argv[1], sys.argv[1:])"
    )
    return [sys.executable, "-c", pinned, *command]


def machine() -> str:
    """What this is measured on, in one line."""
    model = "unknown processor"
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    system, version = os.uname(), sys.version.split()[0]
    where = f"{len(cores())} cores, {system.sysname} {system.release}, Python {version}"
    return f"{model}, {where}"
