"""
What visitors' evidence may teach.

A visitor never supplies a label: a thumb or a tap speaks for an intent that the bot itself had named. Whoever has many hands could
still move a boundary with them, so that each word has to pass:

the teacher   a head that learned from curated examples and operators' labels alone finds the intent at least a third as probable as
              it finds that intent in its own examples
phrases       that no example has and that always teach the same intent wait for a person
caps          one visitor teaches five messages, one network ten, near-duplicates teach three, and what visitors teach of an intent
              weighs no more than its own examples

What does not pass is left for a person to look at. Filters that trust the majority let through what attackers are the local majority
of (figures of both: LOG.md).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from conversations.events import Visitor
from conversations.labels import Lesson
from finetune.crossfit import head_of, unseen_probabilities
from finetune.examples import Example
from finetune.sources import Sources
from finetune.splits import folds
from finetune.triggers import triggers
from retrieval.head import Head
from retrieval.prediction import Floats1d, Floats2d

# Of the teacher's usual confidence in the intent, from which it agrees. What customers tap where the bot was unsure is what it can learn
# most from, and what an attacker would tap: at 0.5 more than half of an honest day's gain is lost, at 0.25 half of it to an attack (LOG.md).
AGREEMENT = 0.35
USUAL = 3  # examples of an intent from which its own median says what is usual
PER_TWINS = 3
ALIKE = 0.95  # cosine from which two messages are near-duplicates
PER_INTENT = 1.0  # of weight, for each curated example that an intent has


@dataclass(frozen=True)
class Teacher:
    """What curated examples alone make of a message, and how sure of each intent they usually are."""

    head: Head
    usual: Floats1d  # (classes,)

    @classmethod
    def of(cls, points: Floats2d, curated: Sequence[Example]) -> Teacher:
        """
        Learn from the curated examples.

        Args:
            points: (n, dim) of them, by an encoder that no visitor has taught.
        """
        classes, unseen = unseen_probabilities(points, curated, folds(curated, 0, hide=False))
        row = {intent: place for place, intent in enumerate(classes)}
        judged = [(n, row[e.intent]) for n, e in enumerate(curated) if e.judges]
        own = np.asarray([intent for _, intent in judged])
        sure = np.asarray([unseen[n, intent] for n, intent in judged])
        usual = np.full(len(classes), np.median(sure), dtype=np.float32)
        for place in range(len(classes)):
            if (own == place).sum() >= USUAL:
                usual[place] = np.median(sure[own == place])
        return cls(head_of(points, curated, np.arange(len(curated))), usual)

    def agrees(self, points: Floats2d, intents: Sequence[str]) -> list[bool]:
        """Return (n,) whether messages at `points` (n, dim) may mean these intents."""
        row = {intent: place for place, intent in enumerate(self.head.classes)}
        probabilities = self.head.probabilities(points)
        return [
            intent in row
            and bool(probabilities[n, row[intent]] >= AGREEMENT * self.usual[row[intent]])
            for n, intent in enumerate(intents)
        ]


def objections(
    lessons: Sequence[Lesson],
    points: Floats2d,
    visitors: Sequence[Visitor],
    teacher: Teacher,
    trusted: Sequence[Example],
) -> list[str]:
    """
    Return (n,) why a visitor's lesson may not teach, empty where it may.

    Args:
        lessons: (n,) in the order they were given; what came first is kept.
        points: (n, dim) of their texts, by the teacher's encoder.
        visitors: (n,) who gave each; one whose network is unknown counts for no network.
        trusted: what the teacher learned from.
    """
    curated = Counter(example.intent for example in trusted)
    intents = [lesson.intent for lesson in lessons]
    held = triggers(
        [(lesson.text, lesson.intent) for lesson in lessons], [(e.text, e.intent) for e in trusted]
    )
    agreed, taught = teacher.agrees(points, intents), _Taught(curated)
    found = []
    rows = zip(lessons, points, visitors, agreed, held, strict=True)
    for lesson, point, visitor, agrees, trigger in rows:
        if not agrees:
            why = f"the curated examples alone do not find {lesson.intent!r} likely"
        elif trigger:
            why = f"no example says {trigger!r}, and whoever says it teaches {lesson.intent!r}"
        else:
            why = taught.enough(lesson, point, visitor)
        if not why:
            taught.add(lesson, point, visitor)
        found.append(why)
    return found


class _Taught:
    """What visitors have taught so far, by what the caps count."""

    def __init__(self, curated: Mapping[str, int]) -> None:
        self._curated = curated  # examples, by intent
        self._sources = Sources()
        self._by_intent: defaultdict[str, list[Floats1d]] = defaultdict(list)
        self._weights: defaultdict[str, float] = defaultdict(float)

    def add(self, lesson: Lesson, point: Floats1d, visitor: Visitor) -> None:
        self._sources.add(visitor)
        self._by_intent[lesson.intent].append(point)
        self._weights[lesson.intent] += lesson.weight

    def enough(self, lesson: Lesson, point: Floats1d, visitor: Visitor) -> str:
        """Return which cap one more would break, empty where none."""
        intent, own = lesson.intent, self._by_intent[lesson.intent]
        may_weigh = PER_INTENT * self._curated.get(intent, 0)
        if why := self._sources.exhausted(visitor):
            return why
        if _twins(point, own) >= PER_TWINS:
            return f"{PER_TWINS} messages that nearly say the same teach {intent!r} already"
        if self._weights[intent] + lesson.weight > may_weigh:
            return f"visitors teach {intent!r} as much already as its own examples do"
        return ""


def _twins(point: Floats1d, others: Sequence[Floats1d]) -> int:
    return int((np.asarray(others) @ point >= ALIKE).sum()) if others else 0
