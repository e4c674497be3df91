"""The judge of a soak, and what it writes: a leak, a loss and a late repetition are named."""

from __future__ import annotations

import random
from xml.etree import ElementTree

import pytest

from tests.faults.check import Verdict
from tests.faults.history import Attempt, Edge, Fault, Heard, History, now
from tests.faults.line import Json, Line
from tests.faults.nemesis import MATRIX
from tests.faults.people import Author, Follower
from tests.faults.soak import chapters, page, plot
from tests.faults.soak.chapters import Chapter, Judge
from tests.faults.soak.flat import FEWEST, curves
from tests.faults.soak.gauge import Gauge, Load, Sample
from tests.faults.soak.life import Soak, drawn, repeatable
from tests.faults.trial import Crowd

ADA, BOB = 1, 2
MIB = 2**20


def life(pid: int, memory: list[float], began: float = 0.0) -> list[Sample]:
    """A process that is looked at every 5 s and holds so many MiB each time."""
    return [
        Sample(began + 5.0 * i, pid, int(mib * MIB), 30, 10, 25) for i, mib in enumerate(memory)
    ]


@pytest.mark.parametrize(
    ("memory", "is_flat"),
    [
        ([100.0] * 40, True),
        ([60.0] * 8 + [100.0] * 32, True),  # it fills its caches, and stops
        ([100.0 + 0.5 * i for i in range(40)], False),
        ([100.0] * 37 + [300.0] * 3, True),  # a peak is no leak
    ],
)
def test_what_grows_to_the_end_is_not_flat(memory: list[float], is_flat: bool) -> None:
    found = {one.what: one for one in curves("node", life(7, memory), 200.0, ("memory", "files"))}
    assert found["memory"].is_flat is is_flat
    assert found["files"].is_flat


def test_each_start_is_a_life_of_its_own_and_short_ones_are_not_judged() -> None:
    old, new = [120.0] * 30, [80.0] * 30
    samples = life(7, old) + life(8, new, 150.0) + life(9, [10.0, 90.0] * 7, 300.0)
    found = curves("node", samples, 350.0, ("memory",))
    assert [(one.young, one.old) for one in found] == [(120.0, 120.0), (80.0, 80.0)]
    assert len(samples) - 60 < FEWEST


def test_every_repeatable_fault_comes_once_before_any_comes_again() -> None:
    rows = repeatable()
    faults = drawn(random.Random(3))
    first = [next(faults).name for _ in rows]
    assert sorted(first) == sorted(row.name for row in rows)
    assert len(rows) >= 12
    assert all(row in MATRIX and row.setting.planted is None for row in rows)


class Scene:
    """Ada posts, Bob's window follows her; nothing of it is real but the judge."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.history = History(1)
        self.history.edges.append(Edge(BOB, ADA, "follow", 0.0, 0.0))
        chance = random.Random(1)
        line = Line((), "", chance)
        self.bob = Follower("w", BOB, line, self.history)
        self.bob.welcomed.set()
        ada = Author(ADA, line, self.history, chance)
        self.judge = Judge(Crowd([ada], [self.bob], chance, self.history), chance)
        self.at = now() - 1000.0
        self.stored: list[Json] = []

        async def fresh(_: Follower, name: str, whose: int | None, floor: int = 0) -> list[Json]:
            return [post for post in self.stored if int(post["id"]) >= floor]

        monkeypatch.setattr(chapters, "fresh", fresh)
        monkeypatch.setattr(chapters, "COMPARED", 1)

    def post(self, post_id: int) -> None:
        key = f"{post_id:036}"
        self.at += 1.0
        self.history.attempts[key] = Attempt(key, ADA, self.at, self.at + 0.1, {post_id}, tries=1)
        self.stored.append({"id": str(post_id), "seq": post_id, "kind": "post", "text": key})

    def hear(self, post_id: int, greeting: int = 1) -> None:
        self.history.heard.append(
            Heard(self.at, "w", greeting, "author:1", post_id, post_id, ADA, deleted=False)
        )
        self.bob.shown[post_id] = (post_id, ADA, False)
        self.bob.seat.seen.setdefault(post_id, self.at)

    async def chapter(self) -> Verdict:
        """What the judge says of all since the chapter before."""
        began, self.at = self.at - 10.0, self.at + 10.0
        chapter = Chapter(Fault("x", began, began, bites=1), began, self.at - 5.0)
        await self.judge.judge(chapter)
        assert chapter.verdict is not None
        return chapter.verdict


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(monkeypatch)


async def test_a_good_life_is_clean_and_what_was_judged_is_forgotten(scene: Scene) -> None:
    for post_id in (10, 20, 30):
        scene.post(post_id)
        scene.hear(post_id)
        verdict = await scene.chapter()
        assert (verdict.problems, verdict.acked, verdict.due) == ([], 1, 1)
    assert scene.history.heard == []
    assert list(scene.bob.shown) == list(scene.bob.seat.seen) == [30]
    assert (await scene.judge.all_of_it()).problems == []


async def test_a_post_that_never_came_is_lost(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chapters, "LATEST_S", 0.0)
    scene.post(10)
    assert (await scene.chapter()).lost == 1


async def test_what_comes_again_long_after_is_doubled_unless_one_came_back(scene: Scene) -> None:
    for post_id in (10, 20):
        scene.post(post_id)
        scene.hear(post_id)
        assert (await scene.chapter()).problems == []
    scene.hear(10, greeting=2)
    assert (await scene.chapter()).problems == []
    scene.hear(10, greeting=2)
    assert (await scene.chapter()).doubled == 1


async def test_what_vanished_after_its_chapter_is_lost_at_the_end(scene: Scene) -> None:
    scene.post(10)
    scene.hear(10)
    assert (await scene.chapter()).problems == []
    scene.stored.clear()
    assert (await scene.judge.all_of_it()).lost > 0


async def test_the_page_and_the_picture_say_what_grew(scene: Scene) -> None:
    lived = Soak(seed=1, started=0.0, took_s=200.0, rounds=[(40.0, Load(2, 0.7, 0.3, 0.7))])
    lived.chapters = [Chapter(Fault("redis-wiped", 0.0, 1.0, 1), 0.0, 30.0, scene.history)]
    lived.chapters[0].verdict = Verdict(acked=1, due=1)
    lived.gauge = Gauge.__new__(Gauge)
    lived.gauge.nodes = [life(n, [100.0 + n * i for i in range(40)]) for n in range(3)]
    lived.gauge.together = lived.gauge.nodes[0]
    lived.gauge.harness = life(9, [50.0] * 40)
    words = page.page(lived, "make soak")
    assert "| redis-wiped | FLUSHALL, three times | 1 | 1 |" in words
    grown = [(one.process, one.is_flat) for one in page.grown(lived) if one.what == "memory"]
    assert grown == [("node 1", True), ("node 2", False), ("node 3", False)]
    assert len(ElementTree.fromstring(plot.svg(lived))) > 20
