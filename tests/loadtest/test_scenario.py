"""What the load test's people measure and notice is true."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest

from loadtest.scenario import MIX, Identity, Inbox, Roster, frame, sent_at, stamped
from realtime import codec, text

README = Path(__file__).parent.parent.parent / "loadtest/README.md"


def event(words: str, *, id: str = "9", seq: int = 9, author: str = "1", **more: Any) -> Any:
    noun = {
        "kind": "post",
        "id": id,
        "seq": seq,
        "author": {"id": author},
        "text": words,
        "deleted": False,
        **more,
    }
    return {"type": "event", "topic": f"author:{author}", "noun": noun}


@pytest.mark.parametrize("now_s", [1_800_000_000.0, 1_800_000_000.123456])
def test_a_stamp_comes_back_to_the_microsecond(now_s: float) -> None:
    words = stamped(random.Random(1), now_s)
    assert sent_at(words) == pytest.approx(now_s, abs=2e-6)
    assert text.post_text(words, may_be_empty=False) == words


@pytest.mark.parametrize("words", ["", "hello", "⏱12", "⏱1800000000000000 and more"])
def test_a_post_without_a_stamp_is_not_measured(words: str) -> None:
    assert sent_at(words) is None


def test_a_push_is_measured_from_the_authors_hand() -> None:
    inbox = Inbox("2")
    push = inbox.take(event(stamped(random.Random(1), 100_000_000.0)), 300, 100_000_000.025)
    assert push is not None
    assert push.latency_ms == pytest.approx(25, abs=0.01)
    assert push.size_bytes == 300
    assert list(inbox.recent) == ["9"]


def test_ones_own_posts_and_tombstones_are_not_measured() -> None:
    inbox = Inbox("2")
    words = stamped(random.Random(1), 1e9)
    assert inbox.take(event(words, author="2"), 1, 1e9) is None
    assert inbox.take(event("", id="10", deleted=True), 1, 1e9) is None
    assert list(inbox.recent) == ["9"]


def test_an_event_that_comes_twice_is_noticed_but_not_after_a_resume() -> None:
    inbox = Inbox("2")
    words = stamped(random.Random(1), 1e9)
    assert inbox.take(event(words), 1, 1e9) is not None
    assert inbox.take(event(words), 1, 1e9) is None
    assert inbox.doubled == 1
    inbox.opened(0.0)
    inbox.take(event(words), 1, 1e9)
    assert inbox.doubled == 1


def test_what_was_said_before_the_window_opened_is_told_but_not_measured() -> None:
    inbox = Inbox("2")
    inbox.opened(1e9)
    assert inbox.take(event(stamped(random.Random(1), 1e9 - 1)), 1, 1e9) is None
    assert inbox.newest == 9


def entry(id: str) -> Any:
    return {"kind": "post", "id": id, "deleted": False, "author": {"id": "1"}}


def test_what_a_page_shows_and_nobody_told_is_noticed() -> None:
    inbox = Inbox("2")
    assert inbox.untold([entry("5"), entry("3")]) == set()
    inbox.take(event("hello", id="6"), 1, 1e9)
    assert inbox.untold([entry("7"), entry("6"), entry("5"), entry("3")]) == {"7"}
    inbox.opened(0.0)
    inbox.take(event("late", id="7"), 1, 1e9)
    assert inbox.untold([entry("7"), entry("6"), entry("5"), entry("3")]) == set()
    assert inbox.untold([entry("8"), entry("2")]) == {"8"}
    inbox.forgive({"8"})
    assert inbox.untold([entry("8")]) == set()


def test_an_empty_home_promises_everything_and_a_reload_begins_anew() -> None:
    inbox = Inbox("2")
    assert inbox.untold([]) == set()
    assert inbox.untold([entry("1")]) == {"1"}
    inbox.take({"type": "heartbeat", "cursor": "a.1", "now": ""}, 1, 1e9)
    inbox.forget()
    assert inbox.cursor is None
    assert inbox.untold([entry("1")]) == set()


def test_retweets_count_as_told_and_other_topics_do_not() -> None:
    inbox = Inbox("2")
    inbox.untold([])
    retweet = event("", id="4")
    retweet["noun"]["kind"] = "retweet"
    inbox.take(retweet, 1, 1e9)
    inbox.take(event("hello", id="5") | {"topic": "explore"}, 1, 1e9)
    assert inbox.untold([entry("5"), entry("4")]) == {"5"}


def test_a_slow_reader_and_a_restart_are_noticed_until_the_next_socket() -> None:
    inbox = Inbox("2")
    inbox.take({"type": "behind", "cursor": "a.3", "count": 4}, 1, 1e9)
    goodbye = {"type": "goodbye", "code": 4000, "reason": "", "retry_after": 1.5, "cursor": "a.4"}
    inbox.take(goodbye, 1, 1e9)
    assert (inbox.cursor, inbox.is_behind, inbox.away_s) == ("a.4", True, 1.5)
    inbox.opened(0.0)
    assert (inbox.is_behind, inbox.away_s) == (False, None)


def test_the_mix_is_the_one_that_the_readme_states() -> None:
    told = re.findall(r"^\| `([a-z_]+)` \| ([0-9]+) \|", README.read_text("utf-8"), re.MULTILINE)
    assert {name: int(share) for name, share in told} == MIX
    assert sum(MIX.values()) == 100


def test_the_last_cursor_is_kept_for_the_resume() -> None:
    inbox = Inbox("2")
    inbox.take({"type": "heartbeat", "cursor": "a.1", "now": ""}, 1, 1e9)
    inbox.take({"type": "goodbye", "code": 4000, "reason": "", "cursor": "a.2"}, 1, 1e9)
    assert inbox.cursor == "a.2"


def test_a_page_is_remembered_newest_last() -> None:
    inbox = Inbox("2")
    gone = entry("4") | {"deleted": True}
    inbox.seen([entry("5"), gone, {"kind": "retweet", "id": "6", "post": entry("3")}])
    assert list(inbox.recent) == ["3", "5"]


def test_nobody_is_played_twice() -> None:
    roster = Roster([Identity("1", "a", "c"), Identity("2", "b", "d")])
    first, second = roster.take(), roster.take()
    assert first is not None and second is not None and first != second
    assert roster.take() is None
    assert roster.enter(first, 5, random.Random(1)) == []
    assert roster.enter(second, 5, random.Random(1)) == ["1"]
    roster.give_back(first)
    assert roster.take() == first
    roster.leave(first)
    assert roster.enter(first, 5, random.Random(1)) == ["2"]


def test_processes_share_the_people_and_play_nobody_twice() -> None:
    everybody = [Identity(str(number), "a", "c") for number in range(5)]
    shares = [Roster(everybody).share(index, 2) for index in (0, 1)]
    played = []
    for roster in shares:
        while (somebody := roster.take()) is not None:
            played.append(somebody)
    assert sorted(played, key=lambda one: one.id) == everybody


def test_a_file_that_is_not_a_fixtures_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cookies").write_text("1\ta\tsid=x\n2 b\n", encoding="utf-8")
    with pytest.raises(ValueError, match="line 2"):
        Roster.read(tmp_path / "cookies")


def test_commands_are_those_of_the_protocol() -> None:
    sent = frame("timeline.get", 7, name="home", before=None)
    assert json.loads(sent) == {"type": "timeline.get", "ref": 7, "name": "home"}
    codec.decode(sent)
