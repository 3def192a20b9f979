"""
What the log teaches: examples for the next training, and the messages that a person should look at.

A visitor never supplies a label. A thumb up or a tapped choice is weak evidence for an intent that the
bot itself named; a thumb down asks for a person. Only an operator says what an utterance meant.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import chain

from conversations.conversation import Conversation, advance
from conversations.events import (
    HUMAN,
    NONE_OF_THESE,
    ActionKind,
    Decided,
    Heard,
    Labelled,
    Rated,
    Recorded,
    Thumb,
)
from conversations.text import normalised

OPERATOR_WEIGHT = 1.0  # the yardstick: a person read the message and named the intent
CHOICE_WEIGHT = 0.5  # the customer picked the intent, but only from what the bot had offered
THUMB_WEIGHT = 0.3  # an answer that pleased, which a wrong intent sometimes does too

# Weak lessons of one conversation. A busy visitor must not outvote the curated examples: with a cap of
# five, 20 % consistent flips from 15 accounts cost no accuracy; without it they cost 8 points.
WEAK_PER_CONVERSATION = 5

# Reasons of a hand-off (`bot.policy.Reason`) that say the bot did not understand.
NOT_UNDERSTOOD = frozenset({"out_of_scope", "still_unclear"})


class Origin(StrEnum):
    """Whose word a lesson rests on."""

    OPERATOR = "operator"
    THUMB = "thumb"
    CHOICE = "choice"


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


def labels(recorded: Iterable[Recorded]) -> dict[str, Labelled]:
    """Return the latest label of each utterance, by its message id."""
    return {
        entry.event.message_id: entry.event
        for entry in recorded
        if isinstance(entry.event, Labelled)
    }


def lessons(recorded: Iterable[Recorded]) -> list[Lesson]:
    """Return what the log, given in its order, teaches: one lesson an utterance, in the order they were said."""
    ledger = _ledger(recorded)
    taught = {lesson.message_id: lesson for lesson in _weak(ledger)}
    taught |= {lesson.message_id: lesson for lesson in _strong(ledger)}
    return sorted(taught.values(), key=lambda lesson: ledger.said[lesson.message_id].seq)


def to_review(recorded: Iterable[Recorded]) -> list[str]:
    """
    Return the ids of the utterances that want a label and have none, the latest reason first.

    They are those whose answer got a thumb down, and those that the bot handed off without
    understanding them. A tap stands for the utterance that it was asked about.
    """
    ledger = _ledger(recorded)
    reasons: dict[str, int] = {}
    for said, seq in _complaints(ledger):
        message_id = said.about.message_id
        if message_id not in ledger.labels:
            reasons[message_id] = max(seq, reasons.get(message_id, 0))
    return sorted(reasons, key=lambda message_id: -reasons[message_id])


@dataclass(frozen=True, slots=True)
class _Said:
    """
    An utterance in its place.

    `about` is the utterance that it speaks for: itself, or for a tap the one that the bot asked about.
    `taken_up` is true for a tap on an intent that was really offered: a client may send any.
    """

    seq: int
    conversation_id: str
    heard: Heard
    about: Heard
    taken_up: bool


@dataclass(frozen=True, slots=True)
class _Rating:
    seq: int
    value: Thumb


@dataclass(frozen=True, slots=True)
class _Ledger:
    """The log, sorted by what refers to what."""

    said: dict[str, _Said] = field(default_factory=dict)
    decided: dict[str, tuple[int, Decided]] = field(default_factory=dict)
    labels: dict[str, Labelled] = field(default_factory=dict)
    ratings: dict[str, _Rating] = field(default_factory=dict)

    def decisions(self) -> Iterator[tuple[_Said, int, Decided]]:
        """Yield each decision with the utterance it answered and its own place."""
        for seq, decided in self.decided.values():
            if (said := self.said.get(decided.in_reply_to)) is not None:
                yield said, seq, decided

    def rated(self, thumb: Thumb) -> Iterator[tuple[_Said, int, Decided]]:
        """Yield each decision whose latest thumb is this, with its utterance and the thumb's place."""
        for said, _, decided in self.decisions():
            rating = self.ratings.get(decided.message_id)
            if rating is not None and rating.value is thumb:
                yield said, rating.seq, decided


def _ledger(recorded: Iterable[Recorded]) -> _Ledger:
    ledger = _Ledger()
    states: dict[str, Conversation] = {}
    for entry in recorded:
        now = states.get(entry.conversation_id) or Conversation(entry.conversation_id)
        _note(ledger, now, entry)
        states[entry.conversation_id] = advance(now, entry)
    return ledger


def _note(ledger: _Ledger, now: Conversation, entry: Recorded) -> None:
    """Write down an event that was met in the state `now`."""
    match entry.event:
        case Heard() as heard:
            ledger.said[heard.message_id] = _said(now, entry, heard)
        case Decided() as decided:  # without its evidence, the bulk of a log
            ledger.decided[decided.message_id] = (entry.seq, replace(decided, evidence="{}"))
        case Labelled() as label:
            ledger.labels[label.message_id] = label
        case Rated() as rated:
            ledger.ratings[rated.message_id] = _Rating(entry.seq, rated.value)
        case _:
            pass


def _said(now: Conversation, entry: Recorded, heard: Heard) -> _Said:
    asked = now.asked if heard.chosen and now.clarified else None
    offered = {choice.value for choice in now.offered} - {HUMAN, NONE_OF_THESE}
    return _Said(
        entry.seq,
        entry.conversation_id,
        heard,
        about=asked or heard,
        taken_up=asked is not None and not asked.chosen and heard.chosen in offered,
    )


def _strong(ledger: _Ledger) -> Iterator[Lesson]:
    for message_id, label in ledger.labels.items():
        said = ledger.said.get(message_id)
        if said is not None and said.heard.text.strip():
            text = said.heard.text
            yield Lesson(
                text,
                label.intent,
                OPERATOR_WEIGHT,
                Origin.OPERATOR,
                message_id,
                said.conversation_id,
            )


def _weak(ledger: _Ledger) -> Iterator[Lesson]:
    """Yield the first few of each conversation: what was taught once is not displaced by what comes later."""
    hints = sorted(chain(_choices(ledger), _pleased(ledger)), key=lambda hint: hint[0])
    taught: Counter[str] = Counter()
    for _, conversation_id, lesson in hints:
        if lesson.message_id in ledger.labels or taught[conversation_id] == WEAK_PER_CONVERSATION:
            continue
        taught[conversation_id] += 1
        yield lesson


def _choices(ledger: _Ledger) -> Iterator[tuple[int, str, Lesson]]:
    for said in ledger.said.values():
        if said.taken_up and said.about.text.strip():
            text, intent, message_id = said.about.text, said.heard.chosen, said.about.message_id
            lesson = Lesson(
                text, intent, CHOICE_WEIGHT, Origin.CHOICE, message_id, said.conversation_id
            )
            yield said.seq, said.conversation_id, lesson


def _pleased(ledger: _Ledger) -> Iterator[tuple[int, str, Lesson]]:
    disliked = {normalised(said.about.text) for said, _, _ in ledger.rated(Thumb.DOWN)}
    for said, seq, decided in ledger.rated(Thumb.UP):
        heard = said.heard
        named = decided.action is ActionKind.REPLY and decided.intent
        own_words = heard.text.strip() and not heard.chosen  # a button's label teaches nothing
        if named and own_words and normalised(heard.text) not in disliked:
            lesson = Lesson(
                heard.text,
                decided.intent,
                THUMB_WEIGHT,
                Origin.THUMB,
                heard.message_id,
                said.conversation_id,
            )
            yield seq, said.conversation_id, lesson


def _complaints(ledger: _Ledger) -> Iterator[tuple[_Said, int]]:
    """Yield each utterance that was not understood, with the place in the log that says so."""
    for said, seq, decided in ledger.decisions():
        if decided.action is ActionKind.HANDOFF and decided.reason in NOT_UNDERSTOOD:
            yield said, seq
    for said, seq, _ in ledger.rated(Thumb.DOWN):
        yield said, seq
