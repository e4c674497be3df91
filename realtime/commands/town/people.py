"""Who lives in the demo: their names, what they say of themselves, whether they wear a portrait."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Person:
    """`face` is the portrait's seed; None is somebody who wears the flag that everyone has."""

    name: str
    display_name: str
    bio: str
    face: int | None = None


#: Whose account a visitor signs in with; always the first.
GUEST: Final = "robin"

CAST: Final = (
    Person(GUEST, "Robin Lind", "New in town. Reads the tide tables for fun.", 15),
    Person(
        "mira", "Mira Okafor", "Bakes from four in the morning. The shop with the blue door.", 8
    ),
    Person("jonas", "Jonas Vestergaard", "Ferry pilot, line 2. Opinions are the weather's.", 4),
    Person("yusra", "يسرى الحداد", "مترجمة بين لغتين وبحر واحد.", 19),
    Person("haruki", "春木 蓮", "陶芸と猫。窯はいつも熱い。", 7),
    Person("ines", "Inês Carvalho", "Night nurse. Knows every bench on the quay.", 22),
    Person("tomas", "Tomáš Novák", "Third violin, first to the buffet.", 14),
    Person("noa", "נועה ברק", "אסטרונומית. מתעוררת כשאתם הולכים לישון.", 3),
    Person("priya", "Priya Raman", "Teaches maths to people who say they cannot. They can.", 2),
    Person("eleni", "Ελένη Παππά", "Βιβλιοθηκάριος. Σιωπή, παρακαλώ, αλλά όχι πολλή.", 9),
    Person("olek", "Олексій Бондар", "Лагоджу велосипеди й трохи душі.", 18),
    Person("freya", "Freya Lindqvist", "Keeps bees, and mostly they keep me.", 13),
    Person("kwame", "Kwame Mensah", "Carpenter. Boats, tables, one very small house.", 11),
    Person("lucia", "Lucía Ferrer", "Cocino. Luego existo.", 31),
    Person("sam", "Sam Achterberg", "Maps of places that have moved since."),
    Person("arash", "آرش کریمی", "شب‌ها رادیو، روزها ریاضی.", 0),
    Person("wren", "Wren Halloway", "Birds, mostly the small brown ones."),
    Person("bao", "Bảo Trần", "Coffee roaster. Ask me anything before nine.", 21),
    Person("amara", "Amara Diallo", "Runs along the sea wall, talks to dogs.", 27),
    Person("henrik", "Henrik Aas", "Lighthouse, retired. The keeper too."),
    Person("zoe", "Zoë Martin", "Illustrator. Draws you if you sit still.", 6),
    Person("dev", "Dev Chaudhary", "मैं नक्शे नहीं, रास्ते बनाता हूँ।", 28),
    Person("minji", "김민지", "작은 책방을 합니다. 비 오는 날이 좋아요.", 20),
    Person("carlo", "Carlo Bianchi", "Piano tuner. I hear your fridge."),
    Person("ruth", "Ruth Abelson", "Sixty years of gardens, one of them mine.", 16),
    Person("nils", "Nils Brandt", "Wetter, Pegel, Kaffee.", 25),
    Person(
        "sofia",
        "Sofía Quispe",
        "Weaver. Every pattern has an error, so that the soul can leave.",
        34,
    ),
    Person("theo", "Theo Marchetti", "Fixes clocks. Late for everything."),
    Person("leila", "Leila Haddad", "Choir on Tuesdays, choir practice on all other days.", 26),
    Person("marek", "Marek Wolski", "Tram driver. Mind the doors.", 32),
    Person("ada", "Ada Whitlock", "Small programs, long walks.", 1),
    Person("ivo", "Ivo Petrov", "Chess in the park. White, black, I do not mind."),
)

_FIRST: Final = (
    *("Alma", "Anton", "Bela", "Clara", "Dario", "Edda", "Emil", "Fenna", "Goran", "Hanna"),
    *("Idris", "Jana", "Kofi", "Lars", "Lotte", "Malik", "Nadia", "Oskar", "Paula", "Quentin"),
    *("Rosa", "Selma", "Tariq", "Uma", "Viktor", "Wanda", "Xenia", "Yara", "Zeno", "Bruno"),
)
_LAST: Final = (
    *("Ahlberg", "Bello", "Costa", "Dahl", "Eklund", "Farah", "Grant", "Holm", "Ito", "Jensen"),
    *("Kaya", "Lopes", "Moreau", "Ndiaye", "Olsen", "Pereira", "Rossi", "Sato", "Torres", "Unger"),
)
_LIVES: Final = (
    *("Here for the pictures.", "Walks, reads, listens.", "Third floor, window to the harbour."),
    *("Mostly soup.", "Learns the accordion. Sorry.", "Collects ferry tickets.", ""),
)


def crowd(count: int) -> list[Person]:
    """The first `count` people: the cast, then as many others as are asked for, always the same."""
    chosen = list(CAST[:count])
    pairs = ((lap, last, first) for lap in itertools.count(1) for last in _LAST for first in _FIRST)
    for place, (lap, last, first) in enumerate(itertools.islice(pairs, count - len(chosen))):
        lap_name = "" if lap == 1 else str(lap)
        name = f"{first}_{last}{lap_name}".lower()
        face = 40 + place if place % 2 else None
        chosen.append(Person(name, f"{first} {last}", _LIVES[place % len(_LIVES)], face))
    return chosen
