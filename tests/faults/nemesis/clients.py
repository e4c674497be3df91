"""Faults between the clients and the nodes, and people who part while posts come."""

from __future__ import annotations

import asyncio
from typing import Final

from tests.faults.cluster import Cluster, Setting
from tests.faults.history import Edge, Fault, now
from tests.faults.people import Line
from tests.faults.trial import Crowd, Row

HEAVY_BYTES: Final = 450 * 14


async def clients_cut(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """Every client's connection is cut at once, twice."""
    for _ in range(2):
        for wire in built.client_wires:
            fault.bites += wire.connections
            wire.reset_all()
        await asyncio.sleep(2.0)


async def answers_cut(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """Connections are cut in the middle of what they carry, so that answers are lost."""
    before = sum(wire.cuts for wire in built.client_wires)
    for wire in built.client_wires:
        wire.cut_after = 12_000
    await asyncio.sleep(5.0)
    fault.bites = sum(wire.cuts for wire in built.client_wires) - before
    for wire in built.client_wires:
        wire.heal()


async def clients_stalled(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """One node's clients neither hear nor are heard for eight seconds."""
    wire = crowd.chance.choice(built.client_wires)
    fault.bites = wire.connections
    wire.stall()
    await asyncio.sleep(8.0)
    wire.heal()


async def edges(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """People unfollow and block authors while these post, and authors take posts back."""
    some = crowd.chance.sample(crowd.followers, len(crowd.followers) // 2)
    for number, follower in enumerate(some):
        circle = [e.whom for e in crowd.history.edges if e.who == follower.user_id]
        author = crowd.chance.choice(crowd.authors)
        if number % 4 == 0:
            edge = Edge(author.user_id, follower.user_id, "block", now())
            await _set(author.line, edge, crowd)
        else:
            edge = Edge(follower.user_id, crowd.chance.choice(circle), "unfollow", now())
            await _set(follower.line, edge, crowd)
        fault.bites += edge.acked is not None
        if author.posts:
            await author.take_back(crowd.chance.choice(author.posts))
        await asyncio.sleep(0.05)


async def _set(line: Line, edge: Edge, crowd: Crowd) -> None:
    crowd.history.edges.append(edge)
    verb = "follow.set" if edge.what.endswith("follow") else "block.set"
    answer = await line.ask(verb, user_id=str(edge.whom), on=not edge.what.startswith("un"))
    if answer["type"] == "ok":
        edge.acked = now()


async def slow_readers(built: Cluster, crowd: Crowd, fault: Fault) -> None:
    """One node's clients read nothing while heavy posts come, then read again."""
    for author in crowd.authors:
        author.padding = "\U0001f3f3\ufe0f\u200d\U0001f308" * 450
    wire = crowd.chance.choice(built.client_wires)
    before = sum(len(author.posts) for author in crowd.authors)
    wire.stall()
    await asyncio.sleep(12.0)
    for author in crowd.authors:
        author.padding = ""
    wire.heal()
    # A window follows at least half of the authors; what a socket is owed is bounded well below.
    told = sum(len(author.posts) for author in crowd.authors) - before
    fault.bites = wire.connections * (told * HEAVY_BYTES // 2 // 2**20)


ROWS: Final = (
    Row("clients-cut", "all clients cut at once, twice", clients_cut, Setting(client_wires=True)),
    Row(
        "answers-cut",
        "clients cut within answers",
        answers_cut,
        Setting(client_wires=True),
        is_quick=True,
    ),
    Row("edges", "unfollowing, blocking and deleting while posts come", edges, is_quick=True),
    Row(
        "slow-readers",
        "a node's clients do not read",
        slow_readers,
        Setting(planted="small-buffers", client_wires=True),
        authors_wired=False,
    ),
    Row(
        "clients-stalled",
        "a node's clients stall for 8 s",
        clients_stalled,
        Setting(client_wires=True),
    ),
)
