"""`realtime fixture`: many people with sessions, in seconds, for load tests."""

from __future__ import annotations

import os
import random
import sys
import time
from pathlib import Path
from typing import Final

from realtime import auth
from realtime.config import BadSettings, Config
from realtime.secret import secret_keys
from realtime.store import bulk
from realtime.store.bulk import Somebody
from realtime.store.database import Database, Tx
from realtime.store.migrate import migrate

PASSWORD: Final = "fixture password"
SESSION_S: Final = 90 * 86_400


async def fixture(
    config: Config, users: int, follow: int | None, cookies: Path, *, force: bool = False
) -> None:
    """Make `users` people. Each follows so many others; with `follow` None all follow the first.

    `cookies` gets a line a person: id, name and the `Cookie` header's value, tab-separated.

    Raises:
        BadSettings: the database has people already, and `force` was not given.
    """
    keys = secret_keys(config)
    database = await Database.connect(config.database_url)
    try:
        await migrate(database)
        if not force and await bulk.has_people(database):
            raise BadSettings(
                "This database has people already. Use another one (REALTIME_DATABASE_URL), "
                "or add --force."
            )
        lines = await _fill(database, users, follow, keys)
    finally:
        await database.close()
    # Each line signs somebody in.
    descriptor = os.open(cookies, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(lines)
    sys.stdout.write(f"{users} people; password: {PASSWORD}; cookies in {cookies}\n")


async def _fill(
    database: Database, users: int, follow: int | None, keys: tuple[str, ...]
) -> list[str]:
    password = auth.hash_password(PASSWORD)
    tokens = [auth.new_token() for _ in range(users)]
    now_ms = time.time_ns() // 1_000_000

    async def deed(tx: Tx) -> list[Somebody]:
        numbers = await tx.next_seq(2 * users)
        everybody = [
            Somebody(numbers[2 * i], f"f{numbers[2 * i]}", numbers[2 * i + 1], auth.token_hash(t))
            for i, t in enumerate(tokens)
        ]
        await bulk.people(tx, everybody, password, now_ms, now_ms + SESSION_S * 1000)
        pairs = _pairs([one.id for one in everybody], follow)
        await bulk.follows(tx, pairs, await tx.next_seq(len(pairs)) if pairs else [])
        return everybody

    everybody = await database.run_tx(deed, deadline_s=3600)
    name = auth.cookie_name(secure=False)
    return [
        f"{one.id}\t{one.name}\t{name}={auth.sign(token, keys)}\n"
        for one, token in zip(everybody, tokens, strict=True)
    ]


def _pairs(ids: list[int], follow: int | None) -> list[tuple[int, int]]:
    if follow is None:
        return [(other, ids[0]) for other in ids[1:]]
    chance = random.Random(7)  # the same graph each time
    most = min(follow, len(ids) - 1)
    pairs = []
    for place, user_id in enumerate(ids):
        for pick in chance.sample(range(len(ids) - 1), most):
            pairs.append((user_id, ids[pick + (pick >= place)]))
    return pairs
