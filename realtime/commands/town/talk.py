"""What the people of the demo have said to each other; the words themselves are in talk.txt."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from importlib import resources
from typing import Final


@dataclass(frozen=True, slots=True)
class Say:
    """One post. `scenes`: (what is drawn, its description). Others answer it, others quote it."""

    who: str
    text: str
    scenes: tuple[tuple[str, str], ...] = ()
    answers: tuple[Say, ...] = ()
    quotes: tuple[Say, ...] = ()


PICTURES: Final = {
    "loaf": ("bread", "A round loaf with three cuts on a wooden board, dusted with flour."),
    "loaf_two": ("bread", "The same loaf, a little darker. It was worth it."),
    "harbour": ("harbour", "Coloured houses along a quay and their reflection in still water."),
    "quay": ("harbour", "Small sailing boats in front of a row of narrow houses."),
    "hills": ("hills", "Ridge behind ridge, each paler than the one before, and a low sun."),
    "hills_two": ("hills", "Firs on a slope, hills behind, birds above."),
    "window": ("window", "A window sill with two plants and a steaming cup."),
    "chart": ("chart", "A hand-drawn line chart; its highest point is marked by a glowing dot."),
    "chart_two": ("chart", "A line that falls, and then thinks better of it."),
    "night": ("night", "A lighthouse under many stars; its beam points out to sea."),
    "regatta": ("regatta", "Nine boats with sails in yellow, red, white and violet."),
    "garden": ("garden", "Six pots on a bench in front of a pale brick wall, all in bloom."),
    "street": ("street", "Tall houses at dusk, most windows lit, street lamps before them."),
    "flags": ("flags", "Four rows of bunting in the wind."),
}
_LINE: Final = re.compile(
    r"(?P<place>  (?:> )?)?(?P<who>\w+)(?: \[(?P<shown>[^]]*)\])?: (?P<text>.+)"
)


def conversations() -> tuple[Say, ...]:
    """All of them, oldest first, each with its answers and quotes.

    Raises:
        ValueError: a line of talk.txt can't be read.
        KeyError: it names an unknown picture.
    """
    source = resources.files("realtime.commands.town").joinpath("talk.txt")
    found: list[Say] = []
    for line in source.read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(f"talk.txt: {line}")
        shown = (match["shown"] or "").split(", ")
        say = Say(match["who"], match["text"], tuple(PICTURES[name] for name in shown if name))
        if match["place"] is None:
            found.append(say)
        elif ">" in match["place"]:
            found[-1] = replace(found[-1], quotes=(*found[-1].quotes, say))
        else:
            found[-1] = replace(found[-1], answers=(*found[-1].answers, say))
    return tuple(found)
