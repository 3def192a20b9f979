"""
What the log teaches: examples for the next training, each with the weight and the origin of the word that it rests on.

A visitor never supplies a label. A thumb up or a tapped choice is weak evidence for an intent that the bot itself named; what speaks
against it, whoever said it about the same words, is taken off. Only an operator says what an utterance meant.
"""

from __future__ import annotations

from collections import Counter, defaultdict
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


def lessons(recorded: Iterable[Recorded], intents: Mapping[str, str] | None = None) -> list[Lesson]:
    """
    Return what the log, given in its order, teaches: one lesson an utterance, in the order they were said.

    Args:
        intents: of templates, by id and by normalised text; see `evidence`.
    """
    return lessons_in(Ledger.of(recorded), intents)


def lessons_in(ledger: Ledger, intents: Mapping[str, str] | None = None) -> list[Lesson]:
    """Return what a log teaches whose ledger is there already; see `lessons`."""
    taught = {
        lesson.message_id: lesson for lesson in chain(_weak(ledger, intents), _strong(ledger))
    }
    return sorted(taught.values(), key=lambda lesson: ledger.said[lesson.message_id].seq)


def _strong(ledger: Ledger) -> Iterator[Lesson]:
    for message_id, said in ledger.said.items():
        label = ledger.label_of(message_id)
        if label is not None and (text := said.heard.text).strip():
            weight, conversation_id = WEIGHTS[Signal.LABEL], said.conversation_id
            yield Lesson(text, label.intent, weight, Origin.OPERATOR, message_id, conversation_id)


def _weak(ledger: Ledger, intents: Mapping[str, str] | None) -> Iterator[Lesson]:
    """Yield the first few of each conversation: what was taught once is not displaced by what comes later."""
    found = [e for e in evidence(ledger, intents) if e.signal is not Signal.LABEL]
    against = _objections(found)
    taught: Counter[str] = Counter()
    for heard, said_for in _by_utterance(found):
        lesson = _lesson(said_for, against)
        settled = ledger.label_of(heard) is not None
        if lesson is None or settled or taught[lesson.conversation_id] == WEAK_PER_CONVERSATION:
            continue
        taught[lesson.conversation_id] += 1
        yield lesson


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
