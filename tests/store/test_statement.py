"""SQL is written once: what either database is asked, and what neither is given."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.store.database import BadBind, Database
from realtime.store.statement import prepare


@pytest.mark.parametrize(
    ("sql", "numbered"),
    [
        ("SELECT :a, :b, :a", "SELECT $1, $2, $1"),
        ("SELECT :a::text::xid8", "SELECT $1::text::xid8"),
        ("SELECT ':a', \":b\", :c", "SELECT ':a', \":b\", $1"),
        ("SELECT 'it''s :a' || :b", "SELECT 'it''s :a' || $1"),
        ("SELECT 1 -- :a is a bind\n, :b /* :c; */", "SELECT 1  \n, $1  "),
        ("SELECT $$ :a $$, $x$ :b $$ $x$", "SELECT $$ :a $$, $x$ :b $$ $x$"),
        ("SELECT list[1:2], n+:a", "SELECT list[1:2], n+$1"),
        ("SELECT id = ANY(:ids) FOR UPDATE", "SELECT id = ANY($1) FOR UPDATE"),
    ],
)
def test_postgresql_takes_binds_by_number(sql: str, numbered: str) -> None:
    assert prepare(sql, "postgresql").text == numbered


@pytest.mark.parametrize(
    ("sql", "translated"),
    [
        ("id = ANY(:ids)", "id IN (SELECT value FROM json_each(:ids))"),
        ("id =any ( :ids )", "id IN (SELECT value FROM json_each(:ids))"),
        ("id = ANY(CAST(:ids AS bigint[]))", "id IN (SELECT value FROM json_each(:ids))"),
        ("id = ANY(:ids::bigint[])", "id IN (SELECT value FROM json_each(:ids))"),
        ("id <> ALL(:ids)", "id NOT IN (SELECT value FROM json_each(:ids))"),
        ("id != all(:ids)", "id NOT IN (SELECT value FROM json_each(:ids))"),
        ("SELECT 1 FOR UPDATE", "SELECT 1 "),
        ("SELECT 1 FOR NO KEY UPDATE OF p, u SKIP LOCKED", "SELECT 1 "),
        ('SELECT 1 FOR SHARE OF "p") x', "SELECT 1 ) x"),
        ("SELECT 1 for key share nowait", "SELECT 1 "),
        ("SELECT 'FOR UPDATE', substr(x FOR 3)", "SELECT 'FOR UPDATE', substr(x FOR 3)"),
        ("SELECT :a::bigint", "SELECT CAST(:a AS bigint)"),
        ("SELECT :a::text::bigint", "SELECT CAST(CAST(:a AS text) AS bigint)"),
        ("VALUES (CAST(:about AS bigint[]))", "VALUES (:about)"),
        (
            "FROM unnest(:ids) WITH ORDINALITY AS t(id, place)",
            "FROM (SELECT value AS id, key + 1 AS place FROM json_each(:ids)) AS t",
        ),
        (
            "FROM unnest(CAST(:a AS bigint[]), CAST(:b AS text[])) t (id, text)",
            "FROM (SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS text"
            " FROM json_each(:a__b)) AS t",
        ),
    ],
)
def test_sqlite_is_asked_in_its_own_words(sql: str, translated: str) -> None:
    assert prepare(sql, "sqlite").text == translated


@pytest.mark.parametrize(
    ("sql", "hint"),
    [
        ("SELECT count(*)::int", "write CAST"),
        ("SELECT * FROM unnest(:a, :b) AS t(id)", "needs a name for each column"),
    ],
)
def test_what_sqlite_cannot_say_is_refused_with_the_way_out(sql: str, hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        prepare(sql, "sqlite")


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"a": 1}, r"without a value: \['b'\]"),
        ({"a": 1, "b": 2, "c": 3}, r"without a bind: \['c'\]"),
        ({"a": 1, "c": 2}, r"without a value: \['b'\]; values without a bind: \['c'\]"),
        ({"a": "x\0y", "b": 1}, "`a`: the text holds a NUL"),
        ({"a": "x\ud800", "b": 1}, "`a`: the text holds half of a surrogate pair"),
        ({"a": ["ok", "\0"], "b": 1}, "`a`: the text holds a NUL"),
        ({"a": 1, "b": 2**63}, "`b`: 9223372036854775808 is outside of 64 bits"),
        ({"a": [1, -(2**63) - 1], "b": 1}, "`a`: a number is outside of 64 bits"),
        ({"a": [None, 2**63], "b": 1}, "`a`: 9223372036854775808 is outside"),
        ({"a": float("nan"), "b": 1}, "`a`: nan is not a number"),
        ({"a": object(), "b": 1}, "`a`: a object is no value"),
        ({"a": [b"x"], "b": 1}, "`a`: bytes cannot stand in a list"),
        ({"a": [[1]], "b": 1}, "`a`: a list is no value"),
    ],
)
@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_what_no_database_may_be_given_is_found_before(
    dialect: Any, values: dict[str, Any], why: str
) -> None:
    with pytest.raises(BadBind, match=why):
        prepare("SELECT :a, :b", dialect).arguments(values)


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_lists_side_by_side_have_one_length(dialect: Any) -> None:
    statement = prepare("SELECT * FROM unnest(:a, :b) AS t(x, y)", dialect)
    with pytest.raises(BadBind, match="differ in length"):
        statement.arguments({"a": [1, 2], "b": ["one"]})


@given(st.lists(st.sampled_from(["'", '"', "--", "\n", "/*", "*/", "$$", ":a", "x", " ", ";"])))
def test_no_text_is_lost_or_torn(pieces: list[str]) -> None:
    sql = "".join(pieces)
    text = prepare(sql, "postgresql").text
    assert "\0" not in text
    assert text.count("'") <= sql.count("'")


NUMBERS = st.integers(-(2**63), 2**63 - 1)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


async def test_every_list_comes_back_as_it_went_in(database: Database) -> None:
    sql = """
        SELECT n, CAST(t.id AS bigint) AS id, t.text
          FROM unnest(CAST(:ids AS bigint[]), CAST(:texts AS text[]))
               WITH ORDINALITY AS t(id, text, n)
         ORDER BY n
    """
    rows = st.lists(st.tuples(st.none() | NUMBERS, st.none() | TEXTS), max_size=30)
    examples: list[list[tuple[int | None, str | None]]] = []

    @given(rows)
    def collect(example: list[tuple[int | None, str | None]]) -> None:
        examples.append(example)

    collect()
    for example in examples:
        ids = [id_ for id_, _ in example]
        texts = [text for _, text in example]
        found = await database.fetch_all(sql, {"ids": ids, "texts": texts})
        assert [(row["id"], row["text"]) for row in found] == example


async def test_membership_is_the_same_on_both(database: Database) -> None:
    sql = """
        SELECT id FROM unnest(CAST(:all AS bigint[])) AS t(id)
         WHERE id = ANY(:some) AND id <> ALL(:others) ORDER BY id
    """

    async def chosen(some: Any, others: Any) -> list[int]:
        values = {"all": range_list, "some": some, "others": others}
        return [row["id"] for row in await database.fetch_all(sql, values)]

    range_list = list(range(10))
    assert await chosen([1, 2, 3], [2]) == [1, 3]
    assert await chosen({1, 2}, frozenset()) == [1, 2]
    assert await chosen((), [1]) == []
    assert await chosen([9, 2**63 - 1, -(2**63)], []) == [9]
