"""
Where the words of a search stand in a text, so that they can be marked.

What is searched is the log's own index (`conversations.reader`): it has everything said, what is written without spaces character by
character, and what is erased leaves it with the words. Marking follows the same rules: letters and digits make words, case and accents
do not count, the last word may be unfinished.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from conversations.text import MAX_WORDS, printable, searchable

_WORD = re.compile(r"[^\W_]+")
_ASTRAL = 0x10000  # from here on a character is two units of UTF-16


@dataclass(frozen=True, slots=True)
class _Token:
    """A word of a text, as it is compared, and where it stands."""

    word: str
    begin: int
    end: int


def marks(text: str, query: str) -> list[tuple[int, int]]:
    """
    Return where the words of a query stand in a text, from and up to, without overlaps.

    Places are counted in units of UTF-16, as JavaScript and Telegram count them.
    """
    tokens = _tokens(text)
    words = printable(query).split()[:MAX_WORDS]
    found: list[tuple[int, int]] = []
    for number, word in enumerate(words):
        phrase = [token.word for token in _tokens(word)]
        found += _places(tokens, phrase, unfinished=number == len(words) - 1)
    units = _units(text)
    return [(units[begin], units[end]) for begin, end in _joined(found)]


def _tokens(text: str) -> list[_Token]:
    """Return the words of a text; a character of a script without spaces is one."""
    tokens = []
    for word in _WORD.finditer(text):
        at = word.start()
        for part in searchable(word.group()).split():
            tokens.append(_Token(_folded(part), at, at + len(part)))
            at += len(part)
    return tokens


def _places(
    tokens: Sequence[_Token], phrase: Sequence[str], *, unfinished: bool
) -> list[tuple[int, int]]:
    """Return where the words of a phrase follow each other."""
    size = len(phrase)
    if not size:
        return []
    *whole, last = phrase
    return [
        (tokens[at].begin, tokens[at + size - 1].end)
        for at in range(len(tokens) - size + 1)
        if [token.word for token in tokens[at : at + size - 1]] == whole
        and _fits(tokens[at + size - 1].word, last, unfinished)
    ]


def _fits(word: str, wanted: str, unfinished: bool) -> bool:
    return word.startswith(wanted) if unfinished else word == wanted


def _joined(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for begin, end in sorted(places):
        if joined and begin <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((begin, end))
    return joined


def _folded(word: str) -> str:
    """Return a word without case and accents, as `unicode61 remove_diacritics` leaves it."""
    apart = unicodedata.normalize("NFD", word.lower())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _units(text: str) -> list[int]:
    """Return at which unit of UTF-16 each character begins, and the end."""
    units = [0]
    for letter in text:
        units.append(units[-1] + 1 + (ord(letter) >= _ASTRAL))
    return units
