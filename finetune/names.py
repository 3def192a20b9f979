"""
What an intent is called: an example that nobody had to write.

A name such as `card_arrival`, a button's title and a description say what the intent is about. As examples beside five
written ones they are worth two points of accuracy, and where nothing was written yet they are all there is (LOG.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from finetune.examples import Example, normalised
from retrieval.prediction import OUT_OF_SCOPE

JOINT = re.compile(r"[\W_]+|(?<=[a-z])(?=[A-Z])")  # card_arrival, card-arrival, cardArrival
LETTERS = 3  # in a row, below which a name is a number or a code and says nothing


def spoken(intent: str) -> str:
    """Return an intent's name as words: `Refund_not_showingUp` is "refund not showing up"."""
    return " ".join(part for part in JOINT.split(intent) if part).lower()


def hints(
    intents: Iterable[str], titles: Mapping[str, Sequence[str]], descriptions: Mapping[str, str]
) -> list[Example]:
    """Return what the names, titles and descriptions of the intents say, as examples that are never asked."""
    found = []
    for intent in sorted(set(intents) - {OUT_OF_SCOPE}):
        said = [spoken(intent), *titles.get(intent, ()), descriptions.get(intent, "")]
        worded = {normalised(text): text for text in said if _says_something(text)}
        found += [Example(text, intent, hint=True) for text in worded.values()]
    return found


def _says_something(text: str) -> bool:
    return any(
        len(word) >= LETTERS or not word.isascii() for word in re.findall(r"[^\W\d_]+", text)
    )
