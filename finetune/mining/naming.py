"""
What a topic is called: two or three words that its messages share and others have not, such as `track_order`.

The most telling word is taken with the company that it keeps in these messages, near it and in their order. A phrase counts by how many of the topic's messages hold it, and by how much rarer it is in the others (class-based
TF-IDF, Grootendorst 2022, https://arxiv.org/abs/2203.05794, in the form of a topic's share of the divergence).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from math import log

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from finetune.mining.variables import replaced

REACH = 3  # content words from one word of a phrase to the next one
COMMON = 0.08  # of a topic's messages must hold a phrase before the topic is called so
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
        name = next(n for n in _candidates(ranked, counts, len(texts)) if n not in used)
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


def _phrases(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the words, and the pairs of two different ones that are near each other."""
    for place, word in enumerate(words):
        yield (word,)
        for other in words[place + 1 : place + 1 + REACH]:
            if other != word:
                yield word, other


def _ranked(
    counts: Counter[tuple[str, ...]], size: int, everywhere: Counter[tuple[str, ...]], total: int
) -> list[tuple[str, ...]]:
    """Return a topic's phrases, the most telling first."""

    def worth(phrase: tuple[str, ...]) -> float:
        inside = counts[phrase] / size
        outside = (everywhere[phrase] - counts[phrase] + RARE) / max(total - size + RARE, 1)
        return inside * log(max(inside / outside, 1))

    return sorted(counts, key=lambda phrase: (-worth(phrase), phrase))


def _candidates(
    ranked: Sequence[tuple[str, ...]], counts: Counter[tuple[str, ...]], size: int
) -> Iterator[str]:
    """Yield names, the best first: the most telling words, each with what it most tellingly goes with."""
    enough = max(2, COMMON * size)
    for word in [phrase for phrase in ranked if len(phrase) == 1][:3]:
        pairs = (p for p in ranked if len(p) == 2 and word[0] in p and counts[p] >= enough)
        yield "_".join(next(pairs, word))
    first = "_".join(ranked[0]) if ranked else "topic"
    yield first
    yield from (f"{first}_{number}" for number in count(2))
