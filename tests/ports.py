"""Finds free ports on this machine."""

from __future__ import annotations

import random
import socket
from typing import Final

HOST: Final = "127.0.0.1"
# Below the range that the kernel hands out: a stopped server finds its port free on its return.
PORTS: Final = range(20_000, 32_000)


def free_port() -> int:
    """A port that nobody listens on now."""
    for port in random.sample(PORTS, 200):
        if not is_taken(port):
            return port
    raise RuntimeError(f"No free port from {PORTS.start} to {PORTS.stop}.")


def is_taken(port: int) -> bool:
    """Whether somebody listens on `port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False
