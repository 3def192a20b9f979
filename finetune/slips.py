"""
What hurried fingers do to a message: a word left out or two swapped, a letter dropped, doubled, swapped or hit beside.

An encoder that has seen some while it learned understands the next ones better, and clean messages no worse (LOG.md).
Source: the four edits of Damerau 1964, https://doi.org/10.1145/363958.363994; words as in Wei and Zou 2019,
https://arxiv.org/abs/1901.11196.
"""

from __future__ import annotations

import numpy as np

LOST = 0.4  # of the slips leave a word out; these and the next are slips of letters where words are few
SWAPPED = 0.2  # swap two words
WORDS = 4  # from which one may be missing: of fewer each is the message
LETTERS = 3  # from which a word with a wrong one is still that word
# Of most keyboards; on others a slip just lands elsewhere.
ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def slipped(text: str, rng: np.random.Generator) -> str:
    """Return the text with one slip in it; a text too short for that as it is."""
    words = text.split()
    kind = rng.random()
    if kind < LOST and len(words) >= WORDS:
        words.pop(rng.integers(len(words)))
    elif kind > 1 - SWAPPED and len(words) >= WORDS:
        place = int(rng.integers(len(words) - 1))
        words[place : place + 2] = reversed(words[place : place + 2])
    elif words:
        place = int(rng.integers(len(words)))
        words[place] = _mistyped(words[place], rng)
    return " ".join(words)


def _mistyped(word: str, rng: np.random.Generator) -> str:
    cased = word.isascii() or word.lower() != word.upper()  # Chinese is not typed letter by letter
    if len(word) < LETTERS or not cased:
        return word
    place = int(rng.integers(len(word)))
    before, letter, after = word[:place], word[place], word[place + 1 :]
    match int(rng.integers(4)):
        case 0:
            return before + after
        case 1:
            return before + letter + letter + after
        case 2:
            return before + after[:1] + letter + after[1:]
        case _:
            near = _beside(letter)
            return before + near[int(rng.integers(len(near)))] + after


def _beside(letter: str) -> str:
    """Return the keys left and right of a letter's; of what is no letter of the keyboard, itself."""
    for row in ROWS:
        place = row.find(letter.lower())
        if place >= 0:
            return row[max(0, place - 1) : place] + row[place + 1 : place + 2]
    return letter
