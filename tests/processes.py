"""`realtime serve` as an operator starts it: processes of their own, on free ports of loopback."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

READY_S = 30.0
STOP_S = 20.0
ROOT = Path(__file__).parent.parent


class Served:
    """A started `realtime serve`. `url` is its address."""

    def __init__(self, process: asyncio.subprocess.Process, port: int, log: Path) -> None:
        self.process = process
        self.url = f"http://127.0.0.1:{port}"
        self.log = log

    async def stop(self) -> int:
        """Ask it to leave, as a supervisor does; its exit status."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(STOP_S):
            return await self.process.wait()


def free_port() -> int:
    """A port that nobody listens to."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


async def start(
    folder: Path, *arguments: str, env: Mapping[str, str]
) -> asyncio.subprocess.Process:
    """Start `realtime` in this folder, with REALTIME_* of `env` alone; it writes `folder`/log."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("REALTIME_")}
    with (folder / "log").open("ab") as out:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "realtime", *arguments),
            cwd=folder,
            env={**clean, "PYTHONPATH": str(ROOT), **env},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )


async def run(folder: Path, *arguments: str, env: Mapping[str, str]) -> tuple[int, str]:
    """Run `realtime` to its end; its exit status, and all that it said."""
    process = await start(folder, *arguments, env=env)
    try:
        async with asyncio.timeout(READY_S):
            status = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return status, (folder / "log").read_text(encoding="utf-8")


@asynccontextmanager
async def serve(
    folder: Path, *arguments: str, env: Mapping[str, str], port: int | None = None
) -> AsyncIterator[Served]:
    """Serve, ready while the body runs, ended after it; on a free port, if none is given."""
    port = port or free_port()
    process = await start(folder, "serve", "--port", str(port), *arguments, env=env)
    served = Served(process, port, folder / "log")
    try:
        await _ready(served)
        yield served
    finally:
        try:
            await served.stop()
        except TimeoutError:
            process.kill()
            await process.wait()
            raise


async def _ready(served: Served) -> None:
    async with asyncio.timeout(READY_S), httpx.AsyncClient(base_url=served.url) as http:
        while True:
            if served.process.returncode is not None:
                raise RuntimeError(f"it ended at once:\n{served.log.read_text(encoding='utf-8')}")
            try:
                if (await http.get("/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)
