"""The log, sorted by what refers to what: the ground that evidence, lessons and the review queue stand on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Generic, TypeVar

from conversations.conversation import Conversation, advance, turns_down
from conversations.events import (
    HUMAN,
    NONE_OF_THESE,
    ActionKind,
    Decided,
    Heard,
    OperatorEdited,
    OperatorWrote,
    Rated,
    Recorded,
    Scored,
    suggested,
)
from conversations.lessons import Dismissed, Labelled, Unlabelled

E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Said:
    """
    An utterance in its place.

    `about` is the utterance that it speaks for: itself, or for a tap the one that the bot asked about.
    `taken_up` is true for a tap on an intent that was really offered about the customer's own words: a client may send any.
    `objects` is true for words that turn the bot's latest answer down; they may say what was meant instead.
    `after` is the message id of the bot's answer that the customer had before their eyes, or empty.
    """

    seq: int
    conversation_id: str
    at: datetime
    heard: Heard
    about: Heard
    taken_up: bool
    objects: bool
    after: str


@dataclass(frozen=True, slots=True)
class Placed(Generic[E]):
    """An event in its place."""

    seq: int
    conversation_id: str
    at: datetime
    event: E


@dataclass(slots=True)
class Ledger:
    """
    The log by its references. Filled by `enter`, event by event, so that a follower of the log can keep one up to date.

    `labels` holds, by utterance, the label of each operator that stands; the last one given is last.
    `opened` holds, by conversation, the utterance that it began with.
    `led` holds, by decision, the utterance that it was about: what else was labelled in one go only nearly said the same.
    `dismissed` holds, by utterance, the latest dismissal, unless it was taken back.
    `wrote` holds, by conversation, what operators wrote; `scores` the visitor's latest score; `last` the place and the time of the
    last words.
    """

    said: dict[str, Said] = field(default_factory=dict)
    decided: dict[str, Placed[Decided]] = field(default_factory=dict)
    ratings: dict[str, Placed[Rated]] = field(default_factory=dict)
    scores: dict[str, Placed[Scored]] = field(default_factory=dict)
    labels: dict[str, dict[str, Placed[Labelled]]] = field(default_factory=dict)
    opened: dict[str, str] = field(default_factory=dict)
    led: dict[str, str] = field(default_factory=dict)
    dismissed: dict[str, Placed[Dismissed]] = field(default_factory=dict)
    wrote: dict[str, list[Placed[OperatorWrote]]] = field(default_factory=lambda: defaultdict(list))
    last: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    seq: int = 0
    _states: dict[str, Conversation] = field(default_factory=dict)
    _answers: dict[str, str] = field(default_factory=dict)  # by conversation, the bot's latest

    @classmethod
    def of(cls, recorded: Iterable[Recorded]) -> Ledger:
        """Return the ledger of a log that is given in its order."""
        ledger = cls()
        for entry in recorded:
            ledger.enter(entry)
        return ledger

    def enter(self, entry: Recorded) -> None:
        """Write down the next event of the log."""
        now = self._states.get(entry.conversation_id) or Conversation(entry.conversation_id)
        match entry.event:
            case Heard() as heard:
                self.said[heard.message_id] = self._said(now, entry, heard)
                self.opened.setdefault(entry.conversation_id, heard.message_id)
                self.last[entry.conversation_id] = entry.seq, entry.at
            case Decided() as decided:
                self._decide(entry, replace(decided, evidence="{}"))  # the bulk of a log
            case OperatorWrote() as wrote:
                self.wrote[entry.conversation_id].append(_placed(entry, wrote))
                self.last[entry.conversation_id] = entry.seq, entry.at
            case OperatorEdited() as edited:
                self._reword(entry.conversation_id, edited)
            case Labelled() as label:
                standing = self.labels.setdefault(label.message_id, {})
                standing.pop(label.operator, None)  # the last one given is last
                standing[label.operator] = _placed(entry, label)
                if label.decision:
                    self.led.setdefault(label.decision, label.message_id)
            case Unlabelled(message_id=message_id, operator=operator):
                self.labels.get(message_id, {}).pop(operator, None)
            case Dismissed(message_id=message_id, taken_back=True):
                self.dismissed.pop(message_id, None)
            case Dismissed(message_id=message_id) as dismissed:
                self.dismissed[message_id] = _placed(entry, dismissed)
            case Rated() as rated:
                self.ratings[rated.message_id] = _placed(entry, rated)
            case Scored() as scored:
                self.scores[entry.conversation_id] = _placed(entry, scored)
            case _:
                pass
        self.seq = entry.seq
        self._states[entry.conversation_id] = advance(now, entry)

    def _reword(self, conversation_id: str, edited: OperatorEdited) -> None:
        """Let a message say what it says now; a template's text it is no longer."""
        self.wrote[conversation_id] = [
            replace(one, event=replace(one.event, text=edited.text, template_id=""))
            if one.event.message_id == edited.corrects
            else one
            for one in self.wrote[conversation_id]
        ]

    def label_of(self, message_id: str) -> Labelled | None:
        """Return the label of an utterance that counts: the last one that stands."""
        standing = self.labels.get(message_id)
        return next(reversed(standing.values())).event if standing else None

    def labelled_itself(self, message_id: str) -> bool:
        """Whether an utterance has a label that somebody gave it and not another one that nearly says the same."""
        standing = (label.event for label in self.labels.get(message_id, {}).values())
        return any(self.led.get(one.decision, message_id) == message_id for one in standing)

    def disputed(self, message_id: str) -> bool:
        """Whether operators say different things about an utterance."""
        standing = self.labels.get(message_id, {})
        return len({label.event.intent for label in standing.values()}) > 1

    def decisions(self) -> Iterator[tuple[Said, Placed[Decided]]]:
        """Yield each decision with the utterance it answered, without the answers to a form's questions: a number asks nothing."""
        for decided in self.decided.values():
            said = self.said.get(decided.event.in_reply_to)
            if said is not None and not decided.event.for_form:
                yield said, decided

    def before(self, said: Said) -> Placed[Decided] | None:
        """Return the answer that the customer had before their eyes, if it was one."""
        return self.decided.get(said.after)

    def _decide(self, entry: Recorded, decided: Decided) -> None:
        self.decided[decided.message_id] = _placed(entry, decided)
        if decided.action is not ActionKind.SILENT:
            self._answers[entry.conversation_id] = decided.message_id
            self.last[entry.conversation_id] = entry.seq, entry.at

    def _said(self, now: Conversation, entry: Recorded, heard: Heard) -> Said:
        own = suggested(heard.chosen)  # a question of its own, whatever else is open
        asked = now.asked if heard.chosen and now.clarified and not own else None
        offered = {choice.value for choice in now.offered} - {HUMAN, NONE_OF_THESE}
        return Said(
            entry.seq,
            entry.conversation_id,
            entry.at,
            heard,
            about=asked or heard,
            taken_up=asked is not None and asked.own_words and heard.chosen in offered,
            objects=turns_down(heard, now),
            after="" if now.with_operator else self._answers.get(entry.conversation_id, ""),
        )


def _placed(entry: Recorded, event: E) -> Placed[E]:
    return Placed(entry.seq, entry.conversation_id, entry.at, event)
