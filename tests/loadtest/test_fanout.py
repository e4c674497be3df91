"""The fan-out measurement loses nothing by itself, and notices when a server does."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from xml.etree import ElementTree

import orjson
import pytest

from loadtest import fanout, wires
from loadtest.crowd import Crowd
from loadtest.fanruns import Outcome, Plan
from loadtest.fantable import kept, middle, restored, table
from loadtest.ledger import Ledger, Verdict, judge
from loadtest.plots import bars, curves
from loadtest.scenarios import SCENARIOS
from loadtest.sparse import SparseLedger
from loadtest.targets import event_bytes

TINY = Plan(followers=20, flight=4, posts=50, storms=True)


def numbers(*found: int) -> list[bytes]:
    return [b"%08d" % number for number in found]


@pytest.fixture(scope="module")
def tiny() -> Outcome:
    """The product, 20 followers who are cut off once, and 50 posts."""
    return fanout.once("realtime", TINY, busy=False)


def test_a_tiny_run_of_the_product_loses_nothing(tiny: Outcome) -> None:
    assert (tiny.posts, tiny.deliveries) == (50, 50 * 20)
    assert tiny.is_good
    assert 0 < tiny.p50_ms <= tiny.p99_ms <= tiny.max_ms


def test_a_tiny_storm_is_counted_to_the_statement(tiny: Outcome) -> None:
    assert tiny.connect_reads > 0 and tiny.resume_reads > 0
    assert tiny.resumes_per_cpu_s > 0 and tiny.back_s > 0 and tiny.storm_p99_ms > 0
    assert "statements for a first hello" in table("storm", {"realtime": tiny})
    assert tiny.cpu_s > 0


def test_a_run_is_good_only_if_all_came_once_in_order_and_in_time(tiny: Outcome) -> None:
    for wrong in (Verdict(lost=1), Verdict(doubled=1), Verdict(reordered=1)):
        assert not middle([tiny, replace(tiny, verdict=wrong), tiny]).is_good
    assert not replace(tiny, kept_up=False).is_good


def test_a_sparse_graph_loses_nothing_and_a_lost_post_shows() -> None:
    outcome = fanout.once("sparse", Plan(followers=10, rate=100, posts=60), busy=False)
    assert outcome.is_good
    assert outcome.deliveries > 0
    ledger = SparseLedger([frozenset({0, 1}), frozenset({1})])
    ledger.join([7, 8])
    ledger.post(0.0)
    ledger.post(0.0)
    ledger.differs(7, numbers(0, 1))
    assert ledger.verdict() == Verdict(lost=1)


def test_the_limit_loses_nothing_either() -> None:
    outcome = fanout.once("bare", TINY, busy=False)
    assert (outcome.deliveries, outcome.verdict) == (50 * 20, Verdict())


def test_the_table_and_the_plots_hold_every_server(tiny: Outcome) -> None:
    found = {"realtime": middle([tiny, tiny]), "bare": replace(tiny, server="C")}
    page = table("four", found)
    assert page.count("| realtime |") == page.count("| C |") == 1
    drawn = bars({"<4>": found})
    assert (drawn.count('class="ours"'), drawn.count('class="peer"')) == (1, 1)
    assert curves("<4>", found).count("<polyline") == 2
    for picture in (drawn, curves("<4>", found)):
        ElementTree.fromstring(picture)  # escapes what it must


def test_what_was_measured_is_kept_and_read_back(tiny: Outcome) -> None:
    found = {"realtime": middle([tiny, replace(tiny, verdict=Verdict(lost=2))])}
    told = orjson.loads(orjson.dumps(kept("rate", "a title", found)))
    title, again = restored(told)
    assert title == "a title"
    assert again["realtime"].verdict == Verdict(lost=2)
    assert again["realtime"].per_cpu_s == pytest.approx(tiny.per_cpu_s, rel=0.01)
    assert again["realtime"].curve == pytest.approx(tiny.curve, abs=0.001)


def test_aims_are_judged_side_by_side_and_a_loss_is_wrong(tiny: Outcome) -> None:
    scenario = SCENARIOS["flight-4"]
    slow = replace(tiny, server="C", cpu_s=tiny.cpu_s * 2.4)
    by_name = {
        row.what.partition(": ")[2]: row
        for row in fanout.judged(scenario, {"realtime": tiny, "bare": slow})
    }
    beside = by_name["deliveries per second of CPU, beside C"]
    assert (beside.value, beside.aim, beside.met) == (2.4, "≥ 2.50 ×", False)
    assert by_name["deliveries lost, doubled or reordered"].met
    assert fanout.wrong(scenario, {"realtime": tiny}) == []
    lost = {"realtime": replace(tiny, verdict=Verdict(lost=1), kept_up=False)}
    assert len(fanout.wrong(scenario, lost)) == 2
    assert not fanout.judged(scenario, lost)[-1].met


def test_sockets_that_only_stay_cost_memory_and_hear_nothing() -> None:
    outcome = fanout.once("bare", Plan(followers=50, seconds=0.1), busy=False)
    assert (outcome.posts, outcome.deliveries) == (0, 0)
    assert outcome.is_good


def test_a_peer_carries_as_much_as_the_product_says() -> None:
    size = event_bytes()
    assert wires.TEXT_BYTES < size < 2 * wires.TEXT_BYTES + 200
    assert len(wires.text(7, size)) == size


@pytest.mark.parametrize(
    ("came", "lanes", "wrong"),
    [
        ((0, 1, 2, 3), 1, Verdict()),
        ((0, 2, 3), 1, Verdict(lost=1)),
        ((0, 1, 1, 2, 3), 1, Verdict(doubled=1)),
        ((1, 0, 2, 3), 1, Verdict(reordered=1)),
        ((1, 0, 2, 3), 2, Verdict()),
        ((0, 3, 2, 1), 2, Verdict(reordered=1)),
        ((0, 1, 2, 3, 7), 1, Verdict(doubled=1)),
    ],
)
def test_what_went_wrong_is_counted(came: tuple[int, ...], lanes: int, wrong: Verdict) -> None:
    assert judge(numbers(0, 1, 2, 3), numbers(*came), lanes) == wrong


def test_one_socket_that_differs_is_judged_for_itself() -> None:
    ledger = Ledger()
    ledger.join([1, 2, 3])
    for _ in range(3):
        ledger.post(0.0)
    for socket_, found in ((1, numbers(0, 1, 2)), (2, numbers(0, 2)), (3, numbers(0))):
        ledger.at[socket_] = ledger.differs(socket_, found)
    assert ledger.verdict() == Verdict(lost=3)


class Stage:
    """A crowd of one before a server that says what a test wants."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            greeter = threading.Thread(target=self._greet, args=(listener,))
            greeter.start()
            self.crowd = Crowd(listener.getsockname()[1], self.ledger, busy=False)
            self.ledger.join(self.crowd.open([((b"F", b"ready"),)]))
            greeter.join()

    def _greet(self, listener: socket.socket) -> None:
        self.line, _ = listener.accept()
        assert self.line.recv(1) == b"F"
        self.line.sendall(b"ready")

    def say(self, *pieces: bytes) -> None:
        """Each of these is read on its own."""
        for piece in pieces:
            self.line.sendall(piece)
            self.crowd.turn(5.0)


@pytest.fixture
def stage() -> Iterator[Stage]:
    found = Stage()
    yield found
    found.crowd.close()
    found.line.close()


def test_posts_are_found_however_they_are_cut(stage: Stage) -> None:
    size = 800
    said = b"".join(wires.text(stage.ledger.post(0.0), size).encode() for _ in range(3))
    stage.say(said[:5], said[5 : size + 1], said[size + 1 : 2 * size + 9], said[2 * size + 9 :])
    assert stage.ledger.is_settled
    assert stage.ledger.verdict() == Verdict()
    assert len(stage.ledger.latencies_ms()) == 3


def test_a_post_that_a_server_drops_fails_the_run(stage: Stage) -> None:
    posts = [wires.text(stage.ledger.post(0.0)).encode() for _ in range(3)]
    stage.say(posts[0] + posts[2])
    assert not stage.ledger.is_settled
    assert stage.ledger.verdict() == Verdict(lost=1)


def test_a_server_that_asks_whether_we_live_is_answered(stage: Stage) -> None:
    stage.say(b"\x89\x04abcd")
    assert stage.line.recv(100) == b"\x8a\x84\0\0\0\0abcd"


def test_an_author_holds_back_what_the_server_would_refuse() -> None:
    outcome = fanout.once("realtime", Plan(followers=3, rate=100_000, posts=200), busy=False)
    assert (outcome.posts, outcome.deliveries) == (200, 600)
    assert outcome.is_good
