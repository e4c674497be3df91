"""One SQL text for both databases: binds, lists and row locks put into each one's words.

SQL is written in PostgreSQL's dialect with named binds. What SQLite needs otherwise:

    = ANY(:ids)                      IN (SELECT value FROM json_each(:ids))
    <> ALL(:ids)                     NOT IN (SELECT value FROM json_each(:ids))
    unnest(CAST(:ids AS bigint[]), CAST(:texts AS text[])) [WITH ORDINALITY] AS t(id, text)
                                     a subquery over json_each, one row for each place
    CAST(:ids AS bigint[])           :ids, a list as JSON text
    :id::bigint                      CAST(:id AS bigint); after anything but a bind it is refused
    FOR [NO KEY] UPDATE, FOR [KEY] SHARE [OF t] [NOWAIT | SKIP LOCKED]
                                     nothing: there is one writer

Lists are passed whole. Strings with backslash escapes (E'...') and array slices are not known here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

import orjson

Dialect = Literal["postgresql", "sqlite"]

_LEAST: Final = -(2**63)
_GREATEST: Final = 2**63 - 1

# A NUL cannot stand in SQL, so it can mark where a quoted text was taken out.
_QUOTED = re.compile(
    r"""'(?:[^']|'')*' | "(?:[^"]|"")*" | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$ | --[^\n]* | /\*.*?\*/""",
    re.VERBOSE | re.DOTALL,
)
_MARK = re.compile("\0([0-9]+)\0")
_BIND = re.compile(r"(?<![:\w]):([A-Za-z_]\w*)")
_LIST = r"(?:CAST\s*\(\s*:\w+\s+AS\s+\w[\w ]*\[\]\s*\)|:\w+(?:\s*::\s*\w+\[\])?)"
_ANY = re.compile(rf"=\s*ANY\s*\(\s*({_LIST})\s*\)", re.IGNORECASE)
_ALL = re.compile(rf"(?:<>|!=)\s*ALL\s*\(\s*({_LIST})\s*\)", re.IGNORECASE)
_UNNEST = re.compile(
    rf"\bunnest\s*\(\s*({_LIST}(?:\s*,\s*{_LIST})*)\s*\)(\s+WITH\s+ORDINALITY)?"
    r"\s+(?:AS\s+)?([\w\0]+)\s*\(\s*([\w\0]+(?:\s*,\s*[\w\0]+)*)\s*\)",
    re.IGNORECASE,
)
_LIST_CAST = re.compile(r"CAST\s*\(\s*(:\w+)\s+AS\s+\w[\w ]*\[\]\s*\)", re.IGNORECASE)
_BIND_LIST_CAST = re.compile(r"((?<!:):\w+)\s*::\s*\w+\[\]")
_BIND_CAST = re.compile(r"((?<!:):\w+|CAST\(:\w+ AS [^)]*\))\s*::\s*(\w+)")
_LOCK = re.compile(
    r"\bFOR\s+(?:NO\s+KEY\s+UPDATE|UPDATE|KEY\s+SHARE|SHARE)\b"
    r"(?:\s+OF\s+[\w\0]+(?:\s*,\s*[\w\0]+)*)?(?:\s+NOWAIT\b|\s+SKIP\s+LOCKED\b)?",
    re.IGNORECASE,
)


class BadBind(ValueError):
    """A value that no database may be given: a bug of the caller, found before it is sent."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement in the words of one database."""

    text: str
    names: tuple[str, ...]  # of its binds; on PostgreSQL the first is $1
    together: tuple[tuple[str, ...], ...]  # lists that are unnested side by side
    dialect: Dialect
    known: frozenset[str]  # the names once more
    alone: tuple[str, ...]  # those that stand by themselves in `text`

    def arguments(self, values: Mapping[str, Any]) -> list[Any] | dict[str, Any]:
        """`values` as the driver takes them: by position on PostgreSQL, by name on SQLite.

        Raises:
            BadBind: a bind is missing or unknown, or a value is none that both databases keep.
        """
        if values.keys() != self.known:
            missing = sorted(set(self.names) - set(values))
            unknown = sorted(set(values) - set(self.names))
            raise BadBind(f"Binds without a value: {missing}; values without a bind: {unknown}.")
        for names in self.together:
            if len({len(values[name]) for name in names}) > 1:
                raise BadBind(f"Lists that are unnested together differ in length: {names}.")
        if self.dialect == "postgresql":
            return [_listed(name, values[name]) for name in self.names]
        given = {name: _jsoned(name, values[name]) for name in self.alone}
        for names in self.together:
            lists = [_checked_list(name, values[name]) for name in names]
            given[_joined(names)] = orjson.dumps(list(zip(*lists, strict=True))).decode()
        return given


@lru_cache(maxsize=4096)
def prepare(sql: str, dialect: Dialect) -> Statement:
    """Translate `sql` once; later calls with the same text cost a look-up.

    Raises:
        ValueError: SQLite has no word for something in `sql`; the message says what to write.
    """
    quoted: list[str] = []

    def take_out(match: re.Match[str]) -> str:
        text = match.group()
        if text.startswith(("--", "/*")):
            return " "
        quoted.append(text)
        return f"\0{len(quoted) - 1}\0"

    code = _QUOTED.sub(take_out, sql)
    names = tuple(dict.fromkeys(_BIND.findall(code)))
    together = tuple(
        tuple(_BIND.findall(match[1])) for match in _UNNEST.finditer(code) if "," in match[1]
    )
    code = _numbered(code, names) if dialect == "postgresql" else _for_sqlite(code)
    binds = set(_BIND.findall(code))
    alone = tuple(name for name in names if name in binds)
    text = _MARK.sub(lambda match: quoted[int(match[1])], code)
    return Statement(text, names, together, dialect, frozenset(names), alone)


def _numbered(code: str, names: Sequence[str]) -> str:
    numbers = {name: f"${number}" for number, name in enumerate(names, start=1)}
    return _BIND.sub(lambda match: numbers[match[1]], code)


def _for_sqlite(code: str) -> str:
    code = _UNNEST.sub(_unnested, code)
    code = _ANY.sub(_membership("IN"), code)
    code = _ALL.sub(_membership("NOT IN"), code)
    code = _LIST_CAST.sub(r"\1", code)
    code = _BIND_LIST_CAST.sub(r"\1", code)
    replaced = 1
    while replaced:
        code, replaced = _BIND_CAST.subn(r"CAST(\1 AS \2)", code)
    if "::" in code:
        raise ValueError("`::` after an expression has no translation: write CAST(x AS type).")
    return _LOCK.sub("", code)


def _membership(word: str) -> Callable[[re.Match[str]], str]:
    def replaced(match: re.Match[str]) -> str:
        return f"{word} (SELECT value FROM json_each(:{_BIND.findall(match[1])[0]}))"

    return replaced


def _unnested(match: re.Match[str]) -> str:
    names = _BIND.findall(match[1])
    columns = [column.strip() for column in match[4].split(",")]
    if len(columns) != len(names) + bool(match[2]):
        raise ValueError(f"unnest of {len(names)} lists needs a name for each column: {columns}.")
    if len(names) == 1:
        chosen = [f"value AS {columns[0]}"]
    else:
        # One list of rows, not a join of lists by place: that would take the square of the time.
        chosen = [f"json_extract(value, '$[{i}]') AS {columns[i]}" for i in range(len(names))]
    if match[2]:
        chosen.append(f"key + 1 AS {columns[-1]}")
    return f"(SELECT {', '.join(chosen)} FROM json_each(:{_joined(names)})) AS {match[3]}"


def _joined(names: Sequence[str]) -> str:
    return "__".join(names)


def _listed(name: str, value: Any) -> Any:
    if isinstance(value, (list, tuple, set, frozenset)):
        return _checked_list(name, value)
    return _checked(name, value)


def _jsoned(name: str, value: Any) -> Any:
    if isinstance(value, (list, tuple, set, frozenset)):
        return orjson.dumps(_checked_list(name, value)).decode()
    return _checked(name, value)


def _checked_list(name: str, value: Any) -> list[Any]:
    items = list(value)
    kinds = set(map(type, items))
    if kinds == {int}:
        if min(items) < _LEAST or max(items) > _GREATEST:
            raise BadBind(f"`{name}`: a number is outside of 64 bits.")
    elif bytes in kinds:
        raise BadBind(f"`{name}`: bytes cannot stand in a list.")
    else:
        for item in items:
            _checked(name, item)
    return items


def _checked(name: str, value: Any) -> Any:
    kind = type(value)
    if kind is str:
        _check_text(name, value)
    elif kind is int:
        if not _LEAST <= value <= _GREATEST:
            raise BadBind(f"`{name}`: {value} is outside of 64 bits.")
    elif kind is float:
        if not math.isfinite(value):
            raise BadBind(f"`{name}`: {value} is not a number.")
    elif value is not None and kind is not bool and kind is not bytes:
        raise BadBind(f"`{name}`: a {kind.__name__} is no value of a database.")
    return value


def _check_text(name: str, text: str) -> None:
    if "\0" in text:
        raise BadBind(f"`{name}`: the text holds a NUL.")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise BadBind(f"`{name}`: the text holds half of a surrogate pair.") from None
