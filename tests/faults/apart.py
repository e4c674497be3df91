"""A trial in network namespaces of its own: the nodes here, Redis there, one link between them.

`python -m tests.faults.apart SEED OUT` is a trial within the first namespace; whoever started it
reads what came of it from OUT. Nothing of the machine's own network is touched.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import orjson

from tests.faults.check import Verdict
from tests.faults.cluster import ROOT, Cluster, Setting, cluster
from tests.faults.history import Fault, History, now
from tests.faults.trial import Crowd, Row, Size, crowded
from tests.services import Redis

HERE: Final = "10.77.0.1"
THERE: Final = "10.77.0.2"
NOBODY: Final = "02:00:00:00:00:99"  # a card that is not on the link
CUT_S: Final = 6.0  # after everybody has noticed
NOTICED_S: Final = 30.0
_NEW_NET: Final = 0x40000000


def missing() -> str | None:
    """Why no namespaces can be made here, as a sentence; None if they can."""
    tools = [tool for tool in ("unshare", "nsenter", "ip") if shutil.which(tool) is None]
    if os.geteuid() != 0:
        return "network namespaces need root; redis-deaf and redis-mute stand for it"
    if tools:
        return f"there is no {' and no '.join(tools)}; redis-deaf and redis-mute stand for it"
    return None


class Far(Redis):
    """A Redis in the other namespace, whose process is `holder`; it is reached by the link."""

    def __init__(self, holder: int) -> None:
        super().__init__(settings={"bind": "0.0.0.0", "protected-mode": "no"})
        self._holder = holder

    @property
    def url(self) -> str:
        """As the nodes reach it."""
        return f"redis://{THERE}:{self.port}/0"

    def start(self) -> None:
        """As `Server.start`, within the namespace: who is born there stays there."""
        failures: list[BaseException] = []

        def enter() -> None:
            try:
                libc = ctypes.CDLL(None, use_errno=True)
                with Path(f"/proc/{self._holder}/ns/net").open("rb") as there:
                    if libc.setns(there.fileno(), _NEW_NET) != 0:
                        raise OSError(ctypes.get_errno(), "setns")
                super(Far, self).start()
            except BaseException as error:  # noqa: BLE001 - raised again below
                failures.append(error)

        thread = threading.Thread(target=enter)  # the namespace is the thread's own
        thread.start()
        thread.join()
        if failures:
            raise failures[0]


class Link:
    """The link between the two namespaces, which can be cut in one direction."""

    def __init__(self, holder: int) -> None:
        self._there = ("nsenter", "-t", str(holder), "-n")
        _run("ip", "link", "set", "lo", "up")
        _run(
            "ip", "link", "add", "near", "type", "veth", "peer", "name", "far", "netns", str(holder)
        )
        _run("ip", "address", "add", f"{HERE}/30", "dev", "near")
        _run("ip", "link", "set", "near", "up")
        _run(*self._there, "ip", "link", "set", "lo", "up")
        _run(*self._there, "ip", "address", "add", f"{THERE}/30", "dev", "far")
        _run(*self._there, "ip", "link", "set", "far", "up")

    def sent(self) -> tuple[int, int]:
        """Packets that were put on the link so far, from here and from there."""
        return _sent("near"), _sent("far", *self._there)

    def cut_there(self) -> None:
        """What the nodes send arrives nowhere."""
        _run("ip", "neigh", "replace", THERE, *_deaf("near"))

    def cut_here(self) -> None:
        """What Redis sends arrives nowhere."""
        _run(*self._there, "ip", "neigh", "replace", HERE, *_deaf("far"))

    def heal(self) -> None:
        """Both directions as before."""
        _run("ip", "neigh", "flush", "dev", "near", "nud", "permanent")
        _run(*self._there, "ip", "neigh", "flush", "dev", "far", "nud", "permanent")


def _deaf(end: str) -> tuple[str, ...]:
    return "lladdr", NOBODY, "dev", end, "nud", "permanent"


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _sent(end: str, *inside: str) -> int:
    told = orjson.loads(_run(*inside, "ip", "-json", "-statistics", "link", "show", "dev", end))
    return int(told[0]["stats64"]["tx"]["packets"])


async def cut(link: Link, built: Cluster, fault: Fault, crowd: Crowd) -> None:
    """First nothing comes to Redis, then nothing comes from it; each until the nodes know."""
    told = []
    for side, break_it in enumerate((link.cut_there, link.cut_here)):
        before = link.sent()[side]
        await asyncio.to_thread(break_it)
        began = now()
        async with asyncio.timeout(NOTICED_S):
            while any([await node.is_ready() for node in built.nodes]):  # noqa: ASYNC110
                await asyncio.sleep(0.2)
        told.append(f"{now() - began:.1f} s")
        await asyncio.sleep(CUT_S)
        fault.bites += link.sent()[side] - before
        await asyncio.to_thread(link.heal)
        fault.healed = now()
        for node in built.nodes:
            await node.ready()
    crowd.history.figures["unready after the cut to, from Redis"] = ", ".join(told)


@contextlib.contextmanager
def namespace() -> Iterator[int]:
    """A second namespace; the process that holds it, until the body is done."""
    with subprocess.Popen(
        ["unshare", "--net", "cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        try:
            holder.stdin.write(b"\n")
            holder.stdin.flush()
            holder.stdout.readline()  # it answers from within
            yield holder.pid
        finally:
            holder.stdin.close()


async def inside(seed: int, size: Size) -> tuple[History, Verdict]:
    """The trial, in a namespace that holds nothing else."""
    with namespace() as holder:
        link = Link(holder)

        async def does(built: Cluster, crowd: Crowd, fault: Fault) -> None:
            await cut(link, built, fault, crowd)

        row = Row("redis-cut-one-way", "", does)
        async with cluster(Setting(), Far(holder)) as built:
            return await crowded(row, built, seed, size)


async def lives(seed: int, size: Size) -> tuple[History, Verdict]:
    """`inside`, from anywhere.

    Raises:
        RuntimeError: it came to nothing; with what it said.
    """
    with tempfile.TemporaryDirectory(prefix="realtime-apart-") as folder:
        out = Path(folder) / "trial"
        process = await asyncio.create_subprocess_exec(
            *("unshare", "--net", sys.executable, "-m", "tests.faults.apart"),
            *(str(seed), str(out), pickle.dumps(size).hex()),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            said, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode != 0:
            raise RuntimeError(said.decode(errors="replace")[-4000:])
        history, verdict = pickle.loads(out.read_bytes())  # noqa: S301 - our own child wrote it
        return history, verdict


def main(seed: int, out: Path, size: Size) -> None:
    """Live through it, and leave what came of it in `out`."""
    out.write_bytes(pickle.dumps(asyncio.run(inside(seed, size))))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), pickle.loads(bytes.fromhex(sys.argv[3])))  # noqa: S301
