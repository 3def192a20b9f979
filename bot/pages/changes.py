"""
What a page would say otherwise: its passages beside those of before, and beside those of other pages that say nearly the same.

Pure. A passage is what the bot quotes from, so that is what is compared, not lines of a file.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from retrieval.passages import Passage
from retrieval.terms import terms

ALIKE = 0.6  # share of the pairs of neighbouring words that two passages have in common
FEWEST = 6  # words of a passage that can be alike; shorter ones are headings and greetings


@dataclass(frozen=True, slots=True)
class Changes:
    """
    Passages of a page now and before.

    `changed` are (before, now) of one place; `same` is how many say what they said, under the same headings.
    """

    new: tuple[Passage, ...]
    changed: tuple[tuple[Passage, Passage], ...]
    gone: tuple[Passage, ...]
    same: int

    @property
    def said_anew(self) -> tuple[Passage, ...]:
        return (*self.new, *(now for _, now in self.changed))


def compared(before: Sequence[Passage], now: Sequence[Passage]) -> Changes:
    """Return what became of a page's passages; under one heading they are paired in their order."""
    kept = Counter(map(_said, before)) & Counter(map(_said, now))
    old, fresh = _without(before, kept), _without(now, kept)
    waiting: dict[str, list[Passage]] = defaultdict(list)
    for passage in old:
        waiting[passage.heading].append(passage)
    changed, new = [], []
    for passage in fresh:
        if of_place := waiting[passage.heading]:
            changed.append((of_place.pop(0), passage))
        else:
            new.append(passage)
    gone = [passage for passages in waiting.values() for passage in passages]
    return Changes(tuple(new), tuple(changed), tuple(gone), kept.total())


def alike(
    passages: Iterable[Passage], others: Iterable[Passage], language: str
) -> list[tuple[Passage, Passage]]:
    """Return the passages that nearly say what one of another page says, each with the nearest such one."""
    holders: dict[tuple[str, str], list[int]] = defaultdict(list)
    known = list[tuple[Passage, frozenset[tuple[str, str]]]]()
    for other in others:
        pairs = _pairs(other, language)
        for pair in pairs:
            holders[pair].append(len(known))
        known.append((other, pairs))
    found = []
    for passage in passages:
        own = _pairs(passage, language)
        shared = Counter(row for pair in own for row in holders.get(pair, ()))
        if near := _nearest(own, shared, known):
            found.append((passage, near))
    return found


def _nearest(
    own: frozenset[tuple[str, str]],
    shared: Counter[int],
    known: Sequence[tuple[Passage, frozenset[tuple[str, str]]]],
) -> Passage | None:
    likeness = {row: count / len(own | known[row][1]) for row, count in shared.items()}
    best = max(likeness, key=lambda row: likeness[row], default=-1)
    return known[best][0] if best >= 0 and likeness[best] >= ALIKE else None


def _pairs(passage: Passage, language: str) -> frozenset[tuple[str, str]]:
    words = terms(passage.text, language)
    return frozenset(pairwise(words)) if len(words) >= FEWEST else frozenset()


def _said(passage: Passage) -> tuple[str, str]:
    return passage.heading, passage.text


def _without(passages: Iterable[Passage], kept: Counter[tuple[str, str]]) -> list[Passage]:
    left, rest = kept.copy(), []
    for passage in passages:
        if left[_said(passage)]:
            left[_said(passage)] -= 1
        else:
            rest.append(passage)
    return rest
