"""The languages that a desk's customers write, as its examples show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from retrieval.languages import UNKNOWN, guesses, language

# A language is the desk's own with so many examples surely in it, and with such a share of all: short texts of one
# language look like others a few times in a hundred. A tenth was too much to ask: the mixed demo shop, nine tenths
# English, has some 370 German and 390 Chinese texts in 5,000, and 12 that are taken for the next likeliest language.
ENOUGH = 20
SHARE = 0.05
SURE = 0.5  # of a guess, 0 to 1
LOOKED_AT = 300  # texts to tell a desk's main language by

# Languages that short texts do not tell apart; a desk that seems to write several of them writes the commonest.
ALIKE = ({"da", "nb", "nn", "no"}, {"bs", "hr", "sh", "sr"}, {"id", "ms"}, {"ja", "zh"})


def languages_of(texts: Sequence[str], spoken: Sequence[str]) -> list[str]:
    """
    Return (n,) the language of each text among those of a desk, none at all where it has one.

    Args:
        texts: (n,) to name the language of; UNKNOWN where it is in none of them.
        spoken: as `desk_languages` finds them.
    """
    return [language(text, spoken) for text in texts] if len(spoken) > 1 else []


def desk_languages(examples: Sequence[str]) -> list[str]:
    """Return the codes of the languages that enough of the examples are in."""
    heard = Counter(map(_surely, examples))
    del heard[UNKNOWN]
    for alike in ALIKE:
        counts = {code: heard.pop(code) for code in sorted(alike & heard.keys())}
        if counts:
            heard[max(counts, key=lambda code: counts[code])] = sum(counts.values())
    enough = max(ENOUGH, SHARE * len(examples))
    return sorted(code for code, count in heard.items() if count >= enough)


def main_language(texts: Sequence[str]) -> str:
    """Return the code of the language that most of the texts are surely in; English where none is."""
    heard = Counter(map(_surely, texts[:LOOKED_AT]))
    del heard[UNKNOWN]
    return max(heard, key=lambda code: heard[code], default="en")


def _surely(text: str) -> str:
    return next((guess.code for guess in guesses(text) if guess.share >= SURE), UNKNOWN)
