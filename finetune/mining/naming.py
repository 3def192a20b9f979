"""
What a topic is called: two or three words that its messages share and others have not, such as `track_order`.

A phrase counts by how many of the topic's messages hold it, and by how much rarer it is in the others (class-based
TF-IDF, Grootendorst 2022, https://arxiv.org/abs/2203.05794, in the form of a topic's share of the divergence).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from finetune.mining.variables import replaced

LONGEST = 3  # words of a phrase
LONGER = (
    0.35  # by which each further word makes a phrase worth more: "card" says less than "lost card"
)
RARE = 0.5  # added to every count, so that what others never say is not infinitely telling

# Beside scikit-learn's list: what every customer says whatever the matter is.
_CHATTER_LIST = (
    "hi hello hey dear please thanks thank help want need like would could can just know tell ok okay good morning sir madam "
    "ma am im ive id dont didnt cant doesnt isnt does did got get getting let say said hii wanna gonna possible way question "
    "really yes did've don didn doesn isn ll ve re won wouldn wondering able trying sure thing going looking"
)
_CHATTER = frozenset(_CHATTER_LIST.split())
_DULL = ENGLISH_STOP_WORDS | _CHATTER
_TELLING = frozenset({"cancel", "find", "move", "call", "back", "bill", "fill", "empty", "full", "give", "show", "put", "made"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Called:
    """`name` as in examples.csv, unique; `title` as on a button; `words` are the most characteristic ones."""

    name: str
    title: str
    words: tuple[str, ...]


def called(topics: Sequence[Sequence[str]], taken: Iterable[str] = ()) -> list[Called]:
    """
    Return what each topic is called.

    Args:
        topics: the messages of each.
        taken: names that are in use already.
    """
    held = [_held(texts) for texts in topics]
    everywhere: Counter[tuple[str, ...]] = Counter()
    for counts in held:
        everywhere.update(counts)
    total = sum(map(len, topics))
    used = set(taken)
    names = []
    for counts, texts in zip(held, topics, strict=True):
        ranked = _ranked(counts, len(texts), everywhere, total)
        name = _free(ranked, used)
        used.add(name)
        title = name.replace("_", " ").capitalize()
        words = tuple(phrase[0] for phrase in ranked if len(phrase) == 1)
        names.append(Called(name, title, words[:8]))
    return names


def _held(texts: Sequence[str]) -> Counter[tuple[str, ...]]:
    """Count the texts that hold each phrase."""
    counts: Counter[tuple[str, ...]] = Counter()
    for text in texts:
        counts.update(set(_phrases(content(text))))
    return counts


def content(text: str) -> list[str]:
    """Return the words of a text that say something, in their order; numbers and names of things counted are not among them."""
    bare = replaced(text, lambda kind: " ").casefold().replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", "")  # fmt: skip
    words = re.findall(r"[^\W\d_]{2,}", bare)
    return [word for word in words if word in _TELLING or word not in _DULL]


def _phrases(words: Sequence[str]) -> Iterable[tuple[str, ...]]:
    for size in range(1, LONGEST + 1):
        for start in range(len(words) - size + 1):
            phrase = tuple(words[start : start + size])
            if len(set(phrase)) == size:
                yield phrase


def _ranked(
    counts: Counter[tuple[str, ...]], size: int, everywhere: Counter[tuple[str, ...]], total: int
) -> list[tuple[str, ...]]:
    """Return a topic's phrases, the most telling first."""

    def worth(phrase: tuple[str, ...]) -> float:
        inside = counts[phrase] / size
        outside = (everywhere[phrase] - counts[phrase] + RARE) / max(total - size + RARE, 1)
        return inside * log(max(inside / outside, 1)) * (1 + LONGER * (len(phrase) - 1))

    return sorted(counts, key=lambda phrase: (-worth(phrase), phrase))


def _free(ranked: Sequence[tuple[str, ...]], used: set[str]) -> str:
    """Return the best name that is not taken: the first phrase, with further words, or with a number."""
    for phrase in ranked[:3]:
        if (name := "_".join(phrase)) not in used:
            return name
    first = "_".join(ranked[0]) if ranked else "topic"
    number = 2
    while f"{first}_{number}" in used:
        number += 1
    return first if first not in used else f"{first}_{number}"
