"""What strangers put where text, a number, an id or a list should be."""

from __future__ import annotations

import json
from random import Random
from typing import Any, Final

RAW: Final = "%%raw:{}%%"
"""A value that is written as it stands, where no value of Python has that form."""

NUMBERS: Final[tuple[Any, ...]] = (
    *(0, -0, -1, 1, 2**31 - 1, 2**31, 2**53 - 1, 2**53, 2**63 - 1, 2**63, 2**64, -(2**63) - 1),
    *(10**400, 0.0, -0.0, 1.0, 1.5, 2.0**53, 1e308, 5e-324, True, False),
    *(RAW.format(written) for written in ("1e400", "-1e400", "NaN", "-Infinity", "0x10", "01")),
    *(RAW.format(written) for written in ("1.", ".5", "1e", "+1", "9" * 5_000, "-", "1_000")),
)
TEXTS: Final[tuple[str, ...]] = (
    *("", " ", "\n", "\t\v\f", "\0", "a\0b", "\x7f", "\x1b[2J", "\u0085", "\ud800", "a\udfffb"),
    *("\udc00\ud800", "\u202ecod.exe", "\u2066x\u2069", "\u200b", "\u200d", "\ufeff", "\ufff9"),
    *("\u2028", "\u00ad", "z" + "\u0301" * 500, "e\u0301", "\u0344" * 9, "ﷺ" * 500, "ß" * 501),
    *("\U0010ffff", "\U000e0001", "\U0001f468\u200d\U0001f469\u200d\U0001f466" * 600, "ｌｏｇｉｎ"),
    *("' OR 1=1 --", '"; DROP TABLE posts; --', "%", "_", "\\", "%s%n", "{0}", "${x}", "$1"),
    *(":name", "?", "<script>alert(1)</script>", "javascript:alert(1)", "../../etc/passwd"),
    *("null", "true", "NaN", "[]", "{}", "0", "-1", "1e9", "00", "١٢٣", "９", "²", "1\n", " 1"),
    *("9223372036854775807", "9223372036854775808", "18446744073709551616", "9" * 200),
    *("x" * 200, "x" * 201, "é" * 1_000, "\U0001f525" * 501, "a" * 30_000, "𝕏" * 16_000, "#@" * 99),
    *("https://" + "a." * 99 + "b", "@ada " * 400, "#" + "ſ" * 300, "İ" * 200, "AND OR NOT NEAR"),
)
EMOJI: Final = (
    "❤",
    "❤️",
    "👍🏽",
    "👨‍👩‍👧‍👦",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "🇩🇪",
    "1️⃣",
    "🇽🇽",
    "‍",
    "👨‍🍕",
    "🔥🔥",
    "7",
    "a",
    "🏽",
    "️",
)
KEYS: Final = ("", "ref", "type", "__proto__", "constructor", "ref ", "Ref", "x" * 1_000, "\0", "é")


def deep(random: Random) -> str:
    """Lists in lists, or objects in objects, below and beyond what readers stand."""
    times = random.choice((2, 9, 64, 500, 1_000, 1_025, 5_000))
    opening, closing = random.choice((("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")))
    middle = random.choice(("1", '"x"', "", "null"))
    return RAW.format(opening * times + middle + closing * random.choice((times, times, times - 1)))


def wide(random: Random) -> Any:
    """A list or an object of very many."""
    count = random.choice((5, 201, 1_000, 6_000))
    if random.random() < 0.5:
        return [random.choice(("1", 1, None, [], "<post:mine>"))] * count
    return {f"k{number}": number for number in range(count)}


def text(random: Random) -> str:
    """Text that somebody may really send, or never should."""
    chance = random.random()
    if chance < 0.5:
        return random.choice(TEXTS)
    if chance < 0.6:
        return random.choice(TEXTS) + random.choice(TEXTS)
    low, high = random.choice(((0, 0x20), (0x20, 0x7F), (0x80, 0x3000), (0x3000, 0x10FFFF)))
    return "".join(chr(random.randint(low, high)) for _ in range(random.randint(0, 40)))


def anything(random: Random) -> Any:
    """A value of any type, seldom the right one."""
    chance = random.random()
    if chance < 0.35:
        return text(random)
    if chance < 0.65:
        return random.choice(NUMBERS)
    if chance < 0.72:
        return None
    if chance < 0.8:
        return deep(random)
    if chance < 0.84:
        return wide(random)
    return random.choice(
        ([], {}, [None], [[]], {"a": 1}, {"": ""}, ["1", 1], [True], [text(random)])
    )


def written(value: Any, random: Random) -> str:
    """`value` as JSON, escaped or not, with raw values as they stand."""
    spaced = random.choice(((",", ":"), (", ", ": "), (" ,\n\t", "\r:")))
    found = json.dumps(value, ensure_ascii=random.random() < 0.3, separators=spaced)
    head, *tails = found.split('"%%raw:')
    for tail in tails:
        raw, _, rest = tail.partition('%%"')
        head += (json.loads(f'"{raw}"') if "\\" in raw else raw) + rest
    return head
