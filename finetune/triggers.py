"""
Phrases that somebody may be teaching the bot to jump at.

Whoever wants a phrase to mean an intent lets many messages say it and praises the answer. The text around it may be honest, so that a
teacher agrees, and no accuracy moves. What gives it away is the phrase: several lessons have it, all of them teach the same, and no
example does, of which three would if customers spoke so. Such lessons wait for a person; a new product's name does so too, until an
operator has labelled a message with it.

Source: BFClass, Li et al. 2021, https://arxiv.org/abs/2109.10855, which looks for words tied to one label as well.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from conversations.text import normalised, searchable

LONGEST = 3  # words of a phrase
LESSONS = 4  # that have it, from which it is no accident
ONE_INTENT = 0.9  # of them teach the same
MISSED = 3.0  # examples that would have the phrase, if they did as often as lessons do


def triggers(lessons: Sequence[tuple[str, str]], trusted: Sequence[tuple[str, str]]) -> list[str]:
    """
    Return (n,) for each lesson the phrase that it must wait for, empty where there is none.

    Args:
        lessons: (n,) text and intent of what visitors teach.
        trusted: text and intent of curated examples and of operators' labels.
    """
    known = set[str]().union(*(_phrases(text) for text, _ in trusted))
    examples = Counter(intent for _, intent in trusted)
    taught = Counter(intent for _, intent in lessons)
    said = [_phrases(text) - known for text, _ in lessons]
    by_phrase: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for phrases, (_, intent) in zip(said, lessons, strict=True):
        for phrase in phrases:
            by_phrase[phrase][intent] += 1
    often = {intent: examples[intent] / count for intent, count in taught.items()}
    tied = {phrase for phrase, counts in by_phrase.items() if _tied(counts, often)}
    return [max(phrases & tied, key=lambda p: (len(p), p), default="") for phrases in said]


def _tied(counts: Counter[str], often: Mapping[str, float]) -> bool:
    """
    Whether a phrase belongs to one intent more than examples without it allow.

    Args:
        often: how many examples there are of each intent for one lesson of it.
    """
    [(intent, most)] = counts.most_common(1)
    many = most >= LESSONS and most >= ONE_INTENT * counts.total()
    return many and most * often[intent] >= MISSED


def _phrases(text: str) -> set[str]:
    words = searchable(normalised(text)).split()
    return {
        " ".join(words[start : start + length])
        for length in range(1, LONGEST + 1)
        for start in range(len(words) - length + 1)
    }
