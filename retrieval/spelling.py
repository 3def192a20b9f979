"""
Words that somebody mistyped, as they were meant: what is no word of its language and nobody at the desk writes, one slip from what somebody does.

A slip is a letter too many, too few, another one, or two that changed places (Damerau 1964, https://doi.org/10.1145/363958.363994). Scripts
without capital letters are left alone: there, one sign is a word. Figures: LOG.md.
"""

from __future__ import annotations

import functools
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable

from spellchecker import SpellChecker

SHORTEST = 3  # letters; one slip in two could be anything
_WORD = re.compile(r"[^\W\d_]+")


class Speller:
    """
    Repairs texts by the words of a desk.

    Args:
        texts: what is written at the desk.
        known: further words that are right as they stand, in lower case.
    """

    def __init__(self, texts: Iterable[str], known: Collection[str] = ()) -> None:
        self._known = known
        self._counts = Counter(word.casefold() for text in texts for word in _WORD.findall(text))
        self._by_end: dict[tuple[int, str], list[str]] = defaultdict(list)
        for word in self._counts:
            if len(word) >= SHORTEST:  # one slip leaves the first letter as it is, or the last
                self._by_end[0, word[0]].append(word)
                self._by_end[-1, word[-1]].append(word)

    def repaired(self, text: str) -> str:
        """Return the text with each such word as the desk's commonest word that is one slip away, in lower case; the rest as it is."""
        return _WORD.sub(lambda found: self._meant(found.group()), text)

    def _meant(self, word: str) -> str:
        typed = word.casefold()
        typed_letter_by_letter = word.lower() != word.upper()
        if len(typed) < SHORTEST or not typed_letter_by_letter or self._is_right(typed):
            return word
        alike = {*self._by_end[0, typed[0]], *self._by_end[-1, typed[-1]]}
        near = [other for other in alike if one_slip(typed, other)]
        return max(near, key=lambda other: (self._counts[other], other), default=word)

    def _is_right(self, word: str) -> bool:
        return word in self._counts or word in self._known


@functools.cache
def lexicon(language: str) -> frozenset[str]:
    """Return the words of a language (ISO 639-1), in lower case; none of one that has no list."""
    if language not in SpellChecker.languages():
        return frozenset()
    return frozenset(SpellChecker(language=language).word_frequency.dictionary)


def one_slip(typed: str, meant: str) -> bool:
    """Return whether one slip makes the one word of the other."""
    if abs(len(typed) - len(meant)) > 1 or typed == meant:
        return False
    shorter = min(len(typed), len(meant))
    start = next((n for n in range(shorter) if typed[n] != meant[n]), shorter)
    left = shorter - start
    end = next((n for n in range(left) if typed[-1 - n] != meant[-1 - n]), left)
    one, other = typed[start : len(typed) - end], meant[start : len(meant) - end]
    return max(len(one), len(other)) == 1 or (len(one) == 2 and one == other[::-1])
