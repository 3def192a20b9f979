"""
What happened to an utterance's reading, as evidence for or against a label.

Every signal becomes evidence: who tapped a choice speaks for an intent, who turns an answer down speaks against the one that was
answered. Its weight says how far it is trusted, between 0 and 1, where 1 is an operator who read the message; its `seq` is the place
in the log that says so. A visitor's evidence never names an intent that the bot had not named first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from itertools import chain

from conversations.adoption import ADOPTED
from conversations.events import ActionKind, Decided, Dislike, Heard, Thumb
from conversations.ledger import Ledger, Said
from conversations.rejection import rejects, repeats
from conversations.text import normalised

# Reasons of a decision (`bot.policy.Reason`) that the log knows by name.
NOT_UNDERSTOOD = frozenset({"out_of_scope", "still_unclear"})
ASKED_FOR_PERSON = "asked_for_person"
ANSWERED_ANEW = frozenset({"turned_down", "still_unclear"})  # and the question before it read again

SOON = timedelta(minutes=10)  # within which a message is about the answer before it
GONE = timedelta(hours=1)  # without a word, after which a visitor has left a question unanswered
UNHAPPY, HAPPY = 2, 4  # scores of 5, up to which and from which a conversation went badly or well


class Signal(StrEnum):
    """What happened."""

    LABEL = "label"  # an operator said what it meant
    ANSWERED = "answered"  # an operator answered it with a template
    CHOICE = "choice"  # the customer tapped an offered intent
    THUMB_UP = "thumb_up"
    THUMB_DOWN = "thumb_down"
    REJECTED = "rejected"  # "no, that's not it"
    REPHRASED = "rephrased"  # the same asked again
    WANTED_PERSON = "wanted_person"  # an answer, and then the wish for a person
    LEFT = "left"  # the bot asked back, and nobody answered
    SATISFIED = "satisfied"
    DISSATISFIED = "dissatisfied"
    NOT_UNDERSTOOD = (
        "not_understood"  # a person offered or called without understanding; speaks about no intent
    )


# How far each is trusted. A thumb up also pleases where the answer was wrong but friendly; a choice was made among what the bot
# offered; a score is about a whole conversation. What speaks against weighs more than what speaks for: a lesson lost is a ticket
# for a person, a wrong lesson is a wrong answer.
WEIGHTS = {
    Signal.LABEL: 1.0,
    Signal.ANSWERED: 0.6,
    Signal.CHOICE: 0.5,
    Signal.THUMB_UP: 0.3,
    Signal.SATISFIED: 0.1,
    Signal.THUMB_DOWN: 0.6,
    Signal.REJECTED: 0.5,
    Signal.REPHRASED: 0.3,
    Signal.WANTED_PERSON: 0.2,
    Signal.LEFT: 0.1,
    Signal.DISSATISFIED: 0.1,
    Signal.NOT_UNDERSTOOD: 0.0,
}
AGAINST = frozenset(
    {
        Signal.THUMB_DOWN,
        Signal.REJECTED,
        Signal.REPHRASED,
        Signal.WANTED_PERSON,
        Signal.LEFT,
        Signal.DISSATISFIED,
    }
)

# A thumb down for one of these says that the answer was bad, not that the question was misread.
ANSWERS_FAULT = frozenset({Dislike.INCOMPLETE, Dislike.OUTDATED, Dislike.UNFRIENDLY})


@dataclass(frozen=True, slots=True)
class Evidence:
    """
    One signal about the utterance `heard`, for or against `intent`.

    A label's intent is empty for out of scope; another signal's is where it is about no intent. `by` is the operator, or empty for
    the visitor; `words` is what they wrote about it, if anything.
    """

    signal: Signal
    heard: Heard
    conversation_id: str
    intent: str
    weight: float
    seq: int
    by: str = ""
    words: str = ""

    @property
    def against(self) -> bool:
        return self.signal in AGAINST


def evidence(ledger: Ledger, intents: Mapping[str, str] | None = None) -> Iterator[Evidence]:
    """
    Yield all evidence that a log holds, by signal.

    Where words were not read by themselves ("and to Norway?"), only an operator's label is about an intent of theirs.

    Args:
        intents: of templates, by their ids and by their normalised texts, to recognise what operators answered with.
    """
    yield from _labels(ledger)
    read_with_others = {
        decided.event.in_reply_to
        for decided in ledger.decided.values()
        if not decided.event.by_itself
    }
    for one in chain(
        _answers(ledger, intents or {}),
        _choices(ledger),
        _thumbs(ledger),
        _scores(ledger),
        _second_thoughts(ledger),
        _failures(ledger),
    ):
        yield replace(one, intent="") if one.heard.message_id in read_with_others else one


def _labels(ledger: Ledger) -> Iterator[Evidence]:
    for message_id, standing in ledger.labels.items():
        if (said := ledger.said.get(message_id)) is None:
            continue
        for label in standing.values():
            yield _found(Signal.LABEL, said, label.event.intent, label.seq, by=label.event.operator)


def _answers(ledger: Ledger, intents: Mapping[str, str]) -> Iterator[Evidence]:
    """
    Only the first words after a hand-off: later ones answer something else that was said meanwhile.

    In a conversation from elsewhere a person answered everything: there it is the first words of all, where one utterance came before.
    """
    spoke: defaultdict[str, list[int]] = defaultdict(list)
    for one in ledger.said.values():
        spoke[one.conversation_id].append(one.seq)
    for said, decided in ledger.decisions():
        adopted = opens_adopted(ledger, said, decided.event)
        if decided.event.action is not ActionKind.HANDOFF and not adopted:
            continue
        after = (w for w in ledger.wrote.get(said.conversation_id, ()) if w.seq > decided.seq)
        if (first := next(after, None)) is not None:
            wrote = first.event
            if adopted and any(said.seq < seq < first.seq for seq in spoke[said.conversation_id]):
                continue
            intent = intents.get(wrote.template_id) or intents.get(normalised(wrote.text))
            if intent is not None:
                yield _found(Signal.ANSWERED, said, intent, first.seq, by=wrote.operator)


def only_turns_down(said: Said, decided: Decided) -> bool:
    """Whether these words only turn an answer down: the question before them was read again, and nothing else in them."""
    return said.objects and decided.reason in ANSWERED_ANEW


def opens_adopted(ledger: Ledger, said: Said, decided: Decided) -> bool:
    """Whether an utterance opened a conversation from elsewhere."""
    opening = ledger.opened.get(said.conversation_id) == said.heard.message_id
    return opening and decided.reason == ADOPTED


def _choices(ledger: Ledger) -> Iterator[Evidence]:
    for said in ledger.said.values():
        if said.taken_up:
            yield _found(Signal.CHOICE, said, said.heard.chosen, said.seq)


def _thumbs(ledger: Ledger) -> Iterator[Evidence]:
    for said, decided in ledger.decisions():
        rating = ledger.ratings.get(decided.event.message_id)
        if rating is None:
            continue
        words, intent = rating.event.comment, decided.event.intent
        if rating.event.value is Thumb.DOWN:
            fault = rating.event.reason in ANSWERS_FAULT
            intent = "" if fault else intent
            yield _found(Signal.THUMB_DOWN, said, intent, rating.seq, words=words)
        elif _named(said, decided.event):
            yield _found(Signal.THUMB_UP, said, intent, rating.seq, words=words)


def _scores(ledger: Ledger) -> Iterator[Evidence]:
    for said, decided in ledger.decisions():
        scored = ledger.scores.get(said.conversation_id)
        if scored is None or scored.seq < decided.seq or not _named(said, decided.event):
            continue
        words, intent = scored.event.comment, decided.event.intent
        if scored.event.score <= UNHAPPY:
            yield _found(Signal.DISSATISFIED, said, intent, scored.seq, words=words)
        elif scored.event.score >= HAPPY:
            yield _found(Signal.SATISFIED, said, intent, scored.seq, words=words)


def _second_thoughts(ledger: Ledger) -> Iterator[Evidence]:
    """What the customer says next: turned down, asked again, or a person wanted."""
    wanted = {
        decided.event.in_reply_to
        for decided in ledger.decided.values()
        if decided.event.reason == ASKED_FOR_PERSON
    }
    for said in ledger.said.values():
        answer = ledger.before(said)
        first = ledger.said.get(answer.event.in_reply_to) if answer else None
        if answer is None or first is None or not _named(first, answer.event):
            continue
        if said.at - answer.at > SOON:
            continue
        signal = _second_thought(said.heard, first.heard, wanted)
        pleased = _pleased(ledger, answer.event)  # then the next question is another one
        if signal is not None and not (pleased and signal is Signal.REPHRASED):
            intent = answer.event.intent
            yield _found(signal, first, intent, said.seq, words=said.heard.text)


def _second_thought(heard: Heard, first: Heard, wanted: set[str]) -> Signal | None:
    if not heard.chosen and rejects(heard.text):
        return Signal.REJECTED
    if heard.message_id in wanted:
        return Signal.WANTED_PERSON
    if heard.own_words and repeats(heard.text, first.text):
        return Signal.REPHRASED
    return None


def _failures(ledger: Ledger) -> Iterator[Evidence]:
    """What the bot did not understand, and what it asked back in vain."""
    latest = max((at for _, at in ledger.last.values()), default=None)
    for said, decided in ledger.decisions():
        action = decided.event.action
        if action is not ActionKind.REPLY and decided.event.reason in NOT_UNDERSTOOD:
            yield _found(Signal.NOT_UNDERSTOOD, said, "", decided.seq)
        elif action is ActionKind.CLARIFY and latest is not None and not decided.event.forms:
            seq, at = ledger.last[said.conversation_id]
            if seq == decided.seq and latest - at > GONE:
                yield _found(Signal.LEFT, said, decided.event.intent, decided.seq)


def _pleased(ledger: Ledger, decided: Decided) -> bool:
    rating = ledger.ratings.get(decided.message_id)
    return rating is not None and rating.event.value is Thumb.UP


def _named(said: Said, decided: Decided) -> bool:
    """Whether the bot replied to the customer's own words with an intent of its own."""
    own_words = said.heard.own_words and said.heard.text.strip()  # a button's words say nothing
    read = decided.intent and not decided.for_form  # and neither does a number that was asked for
    return bool(decided.action is ActionKind.REPLY and read and own_words)


def _found(
    signal: Signal, said: Said, intent: str, seq: int, *, by: str = "", words: str = ""
) -> Evidence:
    return Evidence(
        signal, said.about, said.conversation_id, intent, WEIGHTS[signal], seq, by, words
    )
