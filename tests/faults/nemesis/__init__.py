"""The matrix: what is broken, how, and what shows that it really was.

A room a subject; each lists its rows. Most rows break something under a crowd (`Row.does`); a row
that needs another life than a crowd's brings its own (`Row.lives`).
"""

from __future__ import annotations

from typing import Final

from tests.faults.nemesis import (
    clients,
    clocks,
    crowds,
    failover,
    migrations,
    nodes,
    postgres,
    redis,
    steps,
    storage,
    uploads,
    windows,
)

MATRIX: Final = (
    *nodes.ROWS,
    *redis.ROWS,
    *postgres.ROWS,
    *failover.ROWS,
    *clocks.ROWS,
    *steps.ROWS,
    *clients.ROWS,
    *crowds.ROWS,
    *storage.ROWS,
    *windows.ROWS,
    *migrations.ROWS,
    *uploads.ROWS,
)
