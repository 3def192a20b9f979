"""
Whether a message is worded like the examples of an intent.

Vectors say what a message is about, and one that asks something new about a known thing lies near the intents of that thing.
Its letters tell: the word that makes it new occurs in none of their examples (figures in LOG.md).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.prediction import Floats1d, Ints1d

WORD = re.compile(r"\w+")

# Of the pieces that a text is cut into: slips spare most of them, and Chinese words are short.
LENGTHS = (2, 3, 4)


@dataclass(frozen=True)
class Wording:
    """
    The pieces that the examples of each class are made of.

    `rarity` is the inverse document frequency of each piece, `rarest` that of one which no example holds.
    """

    pieces: Sequence[frozenset[str]]  # (classes,)
    rarity: dict[str, float]
    rarest: float

    @classmethod
    def of(cls, texts: Sequence[str], rows: Ints1d, classes: int) -> Wording:
        """
        Learn the wording.

        Args:
            texts: (n,) examples.
            rows: (n,) the class of each, below `classes`; below 0 where it has none.
        """
        held: list[set[str]] = [set() for _ in range(classes)]
        counted: Counter[str] = Counter()
        for text, row in zip(texts, rows.tolist(), strict=True):
            pieces = _pieces(text)
            counted.update(pieces)
            if row >= 0:
                held[row] |= pieces
        rarity = {piece: _rarity(count, len(texts)) for piece, count in counted.items()}
        return cls([frozenset(pieces) for pieces in held], rarity, _rarity(0, len(texts)))

    def familiar(self, texts: Sequence[str], rows: Ints1d) -> Floats1d:
        """Return (n,) the share of each text, 0 to 1, rare pieces counting more, that the examples of class `rows` (n,) hold."""
        pairs = zip(texts, rows.tolist(), strict=True)
        return np.asarray([self._share(_pieces(text), row) for text, row in pairs], np.float32)

    def _share(self, pieces: set[str], row: int) -> float:
        held, weighed, whole = self.pieces[row], 0.0, 0.0
        for piece in sorted(pieces):  # the same sum in every process
            weight = self.rarity.get(piece, self.rarest)
            whole += weight
            weighed += weight * (piece in held)
        return weighed / whole if whole else 0.0


def words_of(text: str) -> list[str]:
    """Return the words of a text as compared: compatibility forms, case and punctuation do not count."""
    return WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def _pieces(text: str) -> set[str]:
    words = " ".join(["", *words_of(text), ""])
    return {words[i : i + size] for size in LENGTHS for i in range(len(words) - size + 1)}


def _rarity(count: int, texts: int) -> float:
    return float(1 + np.log((texts + 1) / (count + 1)))
