"""
What the log teaches: examples for the next training, each with the weight and the origin of the word that it rests on.

A visitor never supplies a label. A thumb up or a tapped choice is weak evidence for an intent that the bot itself named; what speaks
against it, whoever said it about the same words, is taken off. Only an operator says what an utterance meant.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from math import prod

from conversations.events import Recorded
from conversations.evidence import WEIGHTS, Evidence, Signal, evidence
from conversations.ledger import Ledger
from conversations.text import normalised

# Weak lessons of one conversation. A busy visitor must not outvote the curated examples: with a cap of
# five, 20 % consistent flips from 15 accounts cost no accuracy; without it they cost 8 points.
WEAK_PER_CONVERSATION = 5

LEAST = WEIGHTS[
    Signal.THUMB_UP
]  # the weakest that teaches: a thumb up against which nothing speaks


class Origin(StrEnum):
    """Whose word a lesson rests on."""

    OPERATOR = "operator"
    ANSWER = "answer"
    CHOICE = "choice"
    THUMB = "thumb"


_ORIGINS = {
    Signal.LABEL: Origin.OPERATOR,
    Signal.ANSWERED: Origin.ANSWER,
    Signal.CHOICE: Origin.CHOICE,
    Signal.THUMB_UP: Origin.THUMB,
}


@dataclass(frozen=True, slots=True)
class Lesson:
    """
    An example for training: the utterance `message_id` had this intent, empty for out of scope.

    `weight` is between 0 and 1, the weight of an operator's word.
    """

    text: str
    intent: str
    weight: float
    origin: Origin
    message_id: str
    conversation_id: str


@dataclass(frozen=True, slots=True)
class Taught:
    """
    What a log teaches: one lesson an utterance, in the order they were said.

    `left_out` are the utterances that something speaks for and that teach nothing all the same, each with the reason.
    """

    lessons: Sequence[Lesson]
    left_out: Sequence[str]


def lessons(recorded: Iterable[Recorded], intents: Mapping[str, str] | None = None) -> list[Lesson]:
    """
    Return the lessons of the log, given in its order.

    Args:
        intents: of templates, by id and by normalised text; see `evidence`.
    """
    return list(taught_in(Ledger.of(recorded), intents).lessons)


def taught_in(ledger: Ledger, intents: Mapping[str, str] | None = None) -> Taught:
    """Return what a log teaches whose ledger is there already; see `lessons`."""
    weak, left_out = _weak(ledger, intents)
    found = {lesson.message_id: lesson for lesson in chain(weak, _strong(ledger))}
    ordered = sorted(found.values(), key=lambda lesson: ledger.said[lesson.message_id].seq)
    return Taught(ordered, left_out)


def _strong(ledger: Ledger) -> Iterator[Lesson]:
    for message_id, said in ledger.said.items():
        label = ledger.label_of(message_id)
        if label is not None and (text := said.heard.text).strip():
            weight, conversation_id = WEIGHTS[Signal.LABEL], said.conversation_id
            yield Lesson(text, label.intent, weight, Origin.OPERATOR, message_id, conversation_id)


def _weak(ledger: Ledger, intents: Mapping[str, str] | None) -> tuple[list[Lesson], list[str]]:
    """
    Return the first few lessons of each conversation, and why the others teach nothing.

    What was taught once is not displaced by what comes later. What an operator labelled is not here: that label is its lesson.
    """
    found = [e for e in evidence(ledger, intents) if e.signal is not Signal.LABEL]
    against, taught = _objections(found), defaultdict[str, list[Lesson]](list)
    left_out = []
    for heard, said_for in _by_utterance(found):
        if ledger.label_of(heard) is not None:
            continue
        lesson, own = _lesson(said_for, against), taught[said_for[0].conversation_id]
        named = [e.intent for e in said_for if e.signal in _ORIGINS]
        if lesson is None and named:
            left_out.append(f"{heard}: too much speaks against {named[0]!r}")
        elif lesson is not None and len(own) == WEAK_PER_CONVERSATION:
            left_out.append(
                f"{heard}: its conversation teaches {WEAK_PER_CONVERSATION} messages already"
            )
        elif lesson is not None:
            own.append(lesson)
    return [lesson for own in taught.values() for lesson in own], left_out


def _objections(found: Iterable[Evidence]) -> dict[tuple[str, str], float]:
    """Return the weight that speaks against each intent for the same words, whoever said them."""
    weights: defaultdict[tuple[str, str], float] = defaultdict(float)
    for one in found:
        if one.against:
            weights[normalised(one.heard.text), one.intent] += one.weight
    return weights


def _by_utterance(found: Iterable[Evidence]) -> Iterator[tuple[str, list[Evidence]]]:
    """Yield what speaks for an intent, by the utterance's id, in the order in which it was first said."""
    groups: defaultdict[str, list[Evidence]] = defaultdict(list)
    for one in sorted(found, key=lambda e: e.seq):
        if not one.against and one.intent and one.heard.text.strip():
            groups[one.heard.message_id].append(one)
    yield from groups.items()


def _lesson(
    said_for: Sequence[Evidence], against: Mapping[tuple[str, str], float]
) -> Lesson | None:
    """Return the lesson of the intent that the most speaks for, if it is enough."""
    best, weight = None, 0.0
    for intent in dict.fromkeys(e.intent for e in said_for):
        own = [e for e in said_for if e.intent == intent]
        one = max(own, key=lambda e: e.weight)
        doubt = prod(1 - e.weight for e in own)
        left = round(1 - doubt - against.get((normalised(one.heard.text), intent), 0.0), 4)
        if left > weight and one.signal in _ORIGINS:
            best, weight = one, left
    if best is None or weight < LEAST:
        return None
    heard, origin = best.heard, _ORIGINS[best.signal]
    return Lesson(heard.text, best.intent, weight, origin, heard.message_id, best.conversation_id)
