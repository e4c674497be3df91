"""A hostile client as a process of its own: `python -m tests.faults.hostile.attacker KIND …`.

It attacks from each line `go` on standard input to the next line, and then tells on standard
output, as JSON, how it was dealt with.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys

from tests.faults.hostile.attacks import KINDS, Attack, Named

POLITE: int = 10  # the machine is the others' too: what is measured is what the server does


async def attack(kind: Named, port: int, cookie: str, crowd: int) -> None:
    """Obey standard input until it ends."""
    lines = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(lines)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    while (await lines.readline()).strip() == b"go":
        one = Attack(port, cookie, crowd)
        attacking = asyncio.create_task(kind.run(one))
        await lines.readline()
        one.over.set()
        attacking.cancel()
        await asyncio.gather(attacking, return_exceptions=True)
        sys.stdout.write(json.dumps(one.ends) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    name, port, cookie, crowd = sys.argv[1:]
    os.nice(POLITE)
    [chosen] = [kind for kind in KINDS if kind.name == name]
    asyncio.run(attack(chosen, int(port), cookie, int(crowd)))
