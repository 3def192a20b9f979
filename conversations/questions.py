"""What customers ask: every wording once, with how often it was asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from conversations.events import Heard, Recorded
from conversations.text import normalised


@dataclass(frozen=True, slots=True)
class Question:
    """A wording as it was first written, and how many times it was."""

    text: str
    times: int


def questions(recorded: Iterable[Recorded]) -> list[Question]:
    """Return what was asked in the log, the commonest first. A tap is left out: its text is a button's."""
    heard = (entry.event for entry in recorded if isinstance(entry.event, Heard))
    return wordings(event.text for event in heard if event.own_words)


def wordings(texts: Iterable[str]) -> list[Question]:
    """Return the texts without repeats and without those that say nothing, the commonest first."""
    first: dict[str, str] = {}
    times: Counter[str] = Counter()
    for text in texts:
        if key := normalised(text):
            first.setdefault(key, text)
            times[key] += 1
    return [Question(first[key], count) for key, count in times.most_common()]
