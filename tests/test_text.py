"""What posts, names and emoji may be, as the vectors that the browser is held to as well say."""

from __future__ import annotations

import itertools
import json
import random
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import emoji as emojis
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from realtime import text as texts
from realtime.errors import Refusal

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parent / "vectors" / "text.json").read_text("utf-8")
)
FAMILY = "👨‍👩‍👧‍👦"
ANYTHING = st.text(st.characters(categories=None), max_size=80)  # lone surrogates too
POSTS = ANYTHING | st.text("aé@#_1/:. \n\u0301\u200d👍(https)", max_size=80)


def refusal_of(judge: Callable[[str], str], raw: str) -> Refusal:
    with pytest.raises(Refusal) as caught:
        judge(raw)
    return caught.value


def post(raw: str) -> str:
    return texts.post_text(raw, may_be_empty=False)


def accepted(judge: Callable[[str], str], raw: str) -> str | None:
    try:
        return judge(raw)
    except Refusal:
        return None


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: str(case["why"]))
def test_a_text_is_judged_and_marked_as_the_vectors_say(case: dict[str, Any]) -> None:
    if not case["ok"]:
        refusal = refusal_of(post, case["text"])
        assert (refusal.code, refusal.field) == (case["code"], "text")
        return
    text = post(case["text"])
    assert text == case["normal"]
    assert texts.graphemes(text) == case["graphemes"]
    assert texts.mentions(text) == case["mentions"]
    assert [span.text for span in texts.hashtags(text)] == case["hashtags"]
    assert [span.text for span in texts.links(text)] == case["links"]


@pytest.mark.parametrize("case", VECTORS["names"], ids=lambda case: repr(case["raw"]))
def test_a_name_is_folded_or_refused_as_the_vectors_say(case: dict[str, Any]) -> None:
    assert accepted(texts.user_name, case["raw"]) == case["stored"]


@pytest.mark.parametrize("case", VECTORS["emoji"], ids=lambda case: repr(case["raw"]))
def test_an_emoji_is_stored_or_refused_as_the_vectors_say(case: dict[str, Any]) -> None:
    assert accepted(texts.emoji, case["raw"]) == case["stored"]


def test_the_vectors_know_the_limits() -> None:
    assert VECTORS["limits"] == {
        "text": texts.TEXT_MAX,
        "display_name": texts.DISPLAY_NAME_MAX,
        "bio": texts.BIO_MAX,
        "alt": texts.ALT_MAX,
        "marks": texts.MARKS_MAX,
        "joined": texts.JOINED_MAX,
    }


@given(POSTS)
@example("\u1100" * 40)
@example("\u0600" * 40 + "a")
def test_a_post_is_refused_or_already_normal(raw: str) -> None:
    text = accepted(post, raw)
    if text is None:
        return
    assert post(text) == text
    assert unicodedata.is_normalized("NFC", text)
    assert 1 <= texts.graphemes(text) <= 500
    assert len(text) <= 500 * texts.JOINED_MAX
    text.encode("utf-8")


@given(POSTS)
def test_a_post_with_pictures_may_be_empty_and_is_else_judged_alike(raw: str) -> None:
    with_pictures = accepted(lambda text: texts.post_text(text, may_be_empty=True), raw)
    assert accepted(post, raw) == (with_pictures or None)


@pytest.mark.parametrize("raw", ["", "  \n", "\u200b\ufeff", "\u3164"])
def test_what_shows_nothing_is_stored_as_nothing_beside_pictures(raw: str) -> None:
    assert texts.post_text(raw, may_be_empty=True) == ""


@given(ANYTHING)
def test_the_short_way_to_count_plain_text_counts_alike(raw: str) -> None:
    assert texts.graphemes(raw) == len(texts._GRAPHEME.findall(raw))


def test_crlf_is_one_grapheme() -> None:
    assert texts.graphemes("a\r\nb") == 3


@given(POSTS)
def test_spans_say_where_they_stand_in_order_and_apart(raw: str) -> None:
    for spans in (texts.links(raw), texts.hashtags(raw)):
        assert all(raw[span.start : span.end] == span.text for span in spans)
        assert all(one.end <= two.start for one, two in itertools.pairwise(spans))


@given(POSTS)
def test_whom_a_text_mentions_could_have_that_name(raw: str) -> None:
    for name in texts.mentions(raw):
        assert texts.fold_name(name) == name
        assert f"@{name}" in raw.lower()


@pytest.mark.parametrize(
    ("judge", "field", "most"),
    [
        (texts.display_name, "display_name", 50),
        (texts.bio, "bio", 300),
        (texts.alt, "alt", 1_500),
    ],
)
def test_profile_texts_are_measured_in_graphemes(
    judge: Callable[[str], str], field: str, most: int
) -> None:
    assert judge(FAMILY * most) == FAMILY * most
    refusal = refusal_of(judge, FAMILY * (most + 1))
    assert (refusal.code, refusal.field) == ("too_long", field)
    for bad in ("a\x00b", "a\x1b[0m", "a\ud800", "q" + "\u0301" * 9):
        refusal = refusal_of(judge, bad)
        assert (refusal.code, refusal.field) == ("invalid", field)
    assert judge("  e\u0301 ") == "é"


@pytest.mark.parametrize("raw", ["", "  ", "\u200b", "a\nb", "a\u2028b", "a\u202eb", "a\u2066b"])
def test_a_display_name_is_one_visible_line_that_keeps_its_direction(raw: str) -> None:
    refusal = refusal_of(texts.display_name, raw)
    assert (refusal.code, refusal.field) == ("invalid", "display_name")


def test_a_bio_and_a_description_may_be_empty_and_have_lines() -> None:
    assert texts.bio("") == texts.alt(" ") == ""
    assert texts.bio("a\nb") == texts.alt("a\nb") == "a\nb"


def test_a_description_may_come_with_the_newlines_of_a_form() -> None:
    assert texts.alt("a\r\nb") == "a\nb"
    assert refusal_of(texts.alt, "a\rb").code == "invalid"


@pytest.mark.parametrize("name", sorted(texts.RESERVED))
def test_nobody_can_speak_for_the_server(name: str) -> None:
    refusal = refusal_of(texts.user_name, name.upper())
    assert (refusal.code, refusal.field) == ("conflict", "name")


@given(ANYTHING)
def test_a_name_is_refused_or_already_folded(raw: str) -> None:
    name = accepted(texts.user_name, raw)
    assert name == (texts.fold_name(raw) if name else None)
    assert name is None or texts.user_name(name) == name
    assert texts.fold_name(texts.fold_name(raw)) == texts.fold_name(raw)


def fully_qualified() -> list[str]:
    return [
        each
        for each, facts in emojis.EMOJI_DATA.items()
        if facts["status"] == emojis.STATUS["fully_qualified"]
    ]


def test_every_emoji_can_be_a_reaction_with_or_without_its_variation_selectors() -> None:
    known = fully_qualified()
    assert len(known) > 3_900
    for each in known:
        assert texts.emoji(each) == each
        assert texts.emoji(each.replace("\ufe0f", "")) == each


def test_ten_thousand_mutations_are_refused_unless_they_are_emoji_themselves() -> None:
    chance = random.Random(7)
    known = fully_qualified()
    pieces = sorted({code for each in known for code in each} | {"a", "\ufe0e", "\u200b", " "})
    survivors = 0
    for _ in range(10_000):
        mutant = list(chance.choice(known))
        at = chance.randrange(len(mutant) + 1)
        match chance.randrange(3):
            case 0:
                mutant.insert(at, chance.choice(pieces))
            case 1 if at < len(mutant):
                mutant[at] = chance.choice(pieces)
            case _:
                mutant[at : at + 1] = []
        raw = "".join(mutant)
        listed = emojis.EMOJI_DATA.get(raw)
        is_one = listed is not None and listed["status"] != emojis.STATUS["component"]
        assert (accepted(texts.emoji, raw) is not None) == is_one, ascii(raw)
        survivors += is_one
    assert survivors < 9_000


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        ("Hello, World!", ["hello", "world"]),
        ("don't stop", ["don", "t", "stop"]),
        ("Straße CAFE\u0301", ["strasse", "café"]),
        ("cafe café", ["cafe", "café"]),
        ("again again", ["again", "again"]),
        ("@ada_l #tag 2024", ["ada_l", "tag", "2024"]),
        ("日本語 カレー", ["日", "本", "語", "カ", "レ", "ー"]),
        ("iPhone日本x", ["iphone", "日", "本", "x"]),
        ("สวัสดี", ["ส", "วั", "ส", "ดี"]),
        ("한국어 नमस्ते", ["한국어", "नमस्ते"]),
        ("👍 % _ ' \" *", ["_"]),
    ],
)
def test_words_are_what_search_compares(text: str, tokens: list[str]) -> None:
    assert texts.words(text) == tokens


@given(ANYTHING)
def test_words_do_not_depend_on_normalisation(raw: str) -> None:
    assert texts.words(unicodedata.normalize("NFD", raw)) == texts.words(raw)


@given(ANYTHING, ANYTHING)
def test_a_text_has_the_words_of_its_parts(one: str, two: str) -> None:
    assert texts.words(f"{one}\n{two}") == texts.words(one) + texts.words(two)


@given(st.text(st.characters(max_codepoint=127)))
def test_plain_letters_are_split_no_differently(raw: str) -> None:
    assert texts.words(f"{raw} é") == [*texts.words(raw), "é"]


@pytest.mark.parametrize("letter", ["a", "é", "한", "𐐨"])
def test_a_word_is_cut_where_no_query_reaches(letter: str) -> None:
    [word] = texts.words(letter * 2_001)
    assert 1_997 <= len(word.encode()) <= texts.WORD_BYTES
    assert set(word) == {letter}
    assert texts.words(letter * 200) == [letter * 200]


@pytest.mark.timeout(5)
@pytest.mark.parametrize(
    "piece", ["@a", "#a", "http://a", "https://(", "\u0301", "(@", "a.@", "ー"]
)
def test_a_frame_full_of_anything_is_marked_in_no_time(piece: str) -> None:
    hostile = (piece * 65_536)[:65_536]
    texts.mentions(hostile)
    texts.hashtags(hostile)
    texts.words(hostile)
    accepted(post, hostile)
