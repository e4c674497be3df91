"""Words for whoever has to say something new: the crowd, and everybody while `--live` runs."""

from __future__ import annotations

import random
from typing import Final

from realtime.commands.town.talk import PICTURES, Say

_BEGIN: Final = (
    *("Just now,", "On the way home,", "Third try:", "For the record:", "At the harbour,"),
    *("From the window,", "Small news:", "On line 2,", "Before the rain,", "Between two trams,"),
)
_MIDDLE: Final = (
    "the light went gold and everyone pretended not to look",
    "somebody hummed the whole song and nobody minded",
    "a gull took half my lunch and all of my dignity",
    "the fog lifted exactly as wide as one boat",
    "two strangers finished one crossword",
    "the kettle and the neighbour's radio found the same note",
    "the queue at the blue door moved like a choir",
    "I read one page and then the sea for an hour",
    "a dog in a raincoat got on and bought no ticket",
    "the old clock struck five and then, after thinking, six",
    "every window on the quay had a cat in it",
    "someone left a chair out with a note that says: please sit",
)
_END: Final = (
    "",
    "",
    "",
    " Good.",
    " That is all.",
    " I approve.",
    " #harbour",
    " #today",
    " 🌊",
    " ☀️",
)

ANSWERS: Final = (
    *("This.", "Made my morning.", "I was there, it was exactly like that.", "Tell me more?"),
    *("Saving this one.", "I read it twice.", "Same here, one street further.", "Say it louder."),
    *(
        "You always notice these things.",
        "We should have tea about this.",
        "😂",
        "Yes, and with jam.",
    ),
    *("Which street was it?", "My grandmother would have agreed.", "Now I have to go and look."),
)
QUOTES: Final = (
    *("For everybody who missed it:", "Worth a minute of your day.", "I keep coming back to this."),
    *("What they said.", "Town of the year, again.", "Reading this out loud to the cat."),
)
EMOJI: Final = (
    *(
        "❤️",
        "❤️",
        "😂",
        "🔥",
        "👏",
        "🌊",
        "✨",
        "🙏🏽",
        "👍🏿",
        "🥹",
        "🍞",
        "☕",
        "🎶",
        "🐝",
        "👩🏾‍🚀",
        "🫶🏻",
    ),
)


def remark(chance: random.Random, who: str, *, pictured: float = 0.0) -> Say:
    """Something that this person may say; with a picture in that share of cases."""
    text = f"{chance.choice(_BEGIN)} {chance.choice(_MIDDLE)}.{chance.choice(_END)}"
    scenes = (chance.choice(list(PICTURES.values())),) if chance.random() < pictured else ()
    return Say(who, text, scenes)
