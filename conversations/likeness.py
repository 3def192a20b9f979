"""
Which texts nearly say the same: most of their words are in both, in whatever order.

It is found without a reader of meaning, so that whoever varies a sentence by a word or a number is seen through before anything is
read. Words that few of the texts have lead to the candidates: of two texts that are alike, the rarest words of each have one in common.

Source: prefix filtering, Chaudhuri et al. 2006, https://doi.org/10.1109/ICDE.2006.9, with the Jaccard index.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from conversations.text import normalised, searchable

TENTHS = 7  # of the words of two texts together that are in both, from which they are alike


class Likeness:
    """
    Counts, among the texts that were added, those that a text is alike.

    Args:
        texts: all that will be added or asked about; others are possible, and slower.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._common = Counter(word for text in texts for word in _words(text))
        self._added: list[frozenset[str]] = []
        self._rows: defaultdict[str, list[int]] = defaultdict(list)  # by each one's rarest words

    def add(self, text: str) -> None:
        words = _words(text)
        for word in self._rarest(words):
            self._rows[word].append(len(self._added))
        self._added.append(words)

    def of(self, text: str) -> int:
        """Return how many that were added this text is alike."""
        return len(self.alike(text))

    def alike(self, text: str) -> list[int]:
        """Return which of those that were added this text is alike, by their numbers in the order in which they were."""
        words = _words(text)
        rows = {row for word in self._rarest(words) for row in self._rows.get(word, ())}
        return sorted(row for row in rows if _alike(words, self._added[row]))

    def _rarest(self, words: frozenset[str]) -> Sequence[str]:
        """Return as many words as two texts of this size cannot all lack in common where they are alike."""
        shared = -(-len(words) * TENTHS // 10)
        ordered = sorted(words, key=lambda word: (self._common[word], word))
        return ordered[: len(words) - shared + 1] if words else ()


def _words(text: str) -> frozenset[str]:
    return frozenset(searchable(normalised(text)).split())


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return 10 * len(one & other) >= TENTHS * len(one | other)
