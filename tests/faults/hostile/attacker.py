"""A hostile client as a process of its own: `python -m tests.faults.hostile.attacker KIND …`.

It says `ready`, attacks from each line `go` on standard input to the next line, and then tells on
standard output, as JSON, how it was dealt with.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys

from tests.faults.hostile.attacks import KINDS, Attack, Named

POLITE: int = 19  # the machine is the others' too: what is measured is what the server does


def give_way() -> None:
    """Take only the time of the processor for which nobody else has a use."""
    if hasattr(os, "SCHED_IDLE"):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    else:
        os.nice(POLITE)


async def attack(kind: Named, port: int, cookie: str, crowd: int) -> None:
    """Obey standard input until it ends."""
    lines = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(lines)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
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
    give_way()
    [chosen] = [kind for kind in KINDS if kind.name == name]
    asyncio.run(attack(chosen, int(port), cookie, int(crowd)))
