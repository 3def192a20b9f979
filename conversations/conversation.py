"""The conversation as the fold of its events: what the policy needs to know, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce

from conversations.events import (
    LEFT,
    SMALL_TALK,
    UNKNOWN,
    ActionKind,
    Choice,
    Closed,
    Decided,
    Delivered,
    Erased,
    GivenBack,
    Heard,
    Joined,
    OpenForm,
    OperatorEdited,
    OperatorWrote,
    Rated,
    Recorded,
    Scored,
    Undeliverable,
    suggested,
)
from conversations.handling import Assigned, Noted, Released, Snoozed, Taken
from conversations.lessons import (
    Dismissed,
    Labelled,
    PageSaved,
    Taught,
    TemplateSaved,
    Unlabelled,
    Untaught,
)
from conversations.notices import Told
from conversations.rejection import denies, rejects

QUESTION_MARKS = ("?", "\uff1f", "\u061f")  # Latin, full-width, Arabic


@dataclass(frozen=True, slots=True)
class Conversation:
    """
    Where a conversation stands.

    `clarified` counts the bot's questions since it last replied; `offered` are the choices of those
    questions; `asked` is the utterance that the first of them was about. `topic` is the utterance that the last answer
    was to, and `given` are the intents that it was answered with so far, more than one where the customer turned one down;
    `passed_over` are those that were offered on the way there and not taken, in so many `questions`. `asks`: the last answer ended
    with a question of its own. `unanswered`: the bot has just said that it has no answer, and offered a person.
    `forms` are the forms under way, the one talked about last, or the one that was just completed. While one is under way,
    `asked` is the utterance that began it.
    """

    conversation_id: str
    with_operator: bool = False
    handoff_reason: str = ""
    clarified: int = 0
    offered: tuple[Choice, ...] = ()
    asked: Heard | None = None
    topic: Heard | None = None
    given: tuple[str, ...] = ()
    passed_over: tuple[str, ...] = ()
    questions: int = 0
    asks: bool = False
    unanswered: bool = False
    forms: tuple[OpenForm, ...] = ()
    closed: bool = False
    seq: int = 0

    @property
    def filling(self) -> bool:
        """Whether a form waits for an answer."""
        return bool(self.forms and self.forms[-1].asking)

    @property
    def turned_down(self) -> tuple[str, ...]:
        """The intents that the question now talked about was answered with in vain, or offered and not taken."""
        return (*self.given, *self.passed_over) if self.topic and self.asked is self.topic else ()


def fold(conversation_id: str, history: Iterable[Recorded]) -> Conversation:
    """Return the state after `history`, which is in the order of the log."""
    return reduce(advance, history, Conversation(conversation_id))


def advance(now: Conversation, recorded: Recorded) -> Conversation:
    """Return the state after one more event of this conversation."""
    now = replace(now, seq=recorded.seq)
    match recorded.event:
        case Heard() as heard if suggested(heard.chosen) and not now.filling:
            return replace(_settled(now), asked=heard)  # the open question, if any, is left
        case Heard() as heard:
            pending = now.clarified or now.filling
            return now if pending else replace(now, asked=_about(heard, now))
        case Decided() as decided:
            return _decided(now, decided)
        case GivenBack():
            return replace(_left(now), with_operator=False, handoff_reason="")
        case Closed():
            return replace(now, closed=True)
        case OperatorWrote() | Taken():
            return replace(_left(now), with_operator=True)
        case Delivered() | Undeliverable() | Told() | Rated() | Scored() | Joined() | Erased():
            return now
        case OperatorEdited():
            return now  # whoever has it goes on having it
        case Released() | Assigned() | Snoozed() | Noted():
            return now
        case Labelled() | Unlabelled() | Dismissed():
            return now
        case Taught() | Untaught() | TemplateSaved() | PageSaved():
            return now


def turns_down(heard: Heard, now: Conversation) -> bool:
    """Return whether an utterance says that the bot's last answer missed."""
    asked_back = now.clarified or now.filling
    says_no = rejects(heard.text) or (not now.asks and denies(heard.text))
    return now.topic is not None and not asked_back and not heard.chosen and says_no


def _about(heard: Heard, now: Conversation) -> Heard:
    """Return the utterance that one is about: itself, or the one whose answer it turns down."""
    return now.topic if now.topic and turns_down(heard, now) else heard


def _decided(now: Conversation, decided: Decided) -> Conversation:
    before, now = now, replace(now, forms=decided.forms)
    match decided.action:
        case ActionKind.SILENT:
            return before
        case ActionKind.REPLY | ActionKind.CLARIFY if now.filling:
            return replace(now, clarified=0, offered=())
        case ActionKind.REPLY if decided.for_form or decided.reason == LEFT:
            return _told(before, now, decided)
        case ActionKind.CLARIFY if decided.reason == UNKNOWN:
            return replace(_left(now), unanswered=True)
        case ActionKind.CLARIFY:
            return replace(
                now,
                clarified=now.clarified + 1,
                offered=now.offered + decided.choices,
                unanswered=False,
            )
        case ActionKind.REPLY if decided.reason == SMALL_TALK:  # what was talked about stays it
            asks = decided.text.rstrip().endswith(QUESTION_MARKS)
            return replace(_settled(before), asks=asks)
        case ActionKind.REPLY:
            return _answered(now, decided)
        case ActionKind.HANDOFF:
            return replace(_left(now), with_operator=True, handoff_reason=decided.reason)


def _told(before: Conversation, now: Conversation, decided: Decided) -> Conversation:
    """A form has its answer, or its end: what is talked about is what began it, not the words that filled it."""
    if not now.forms:
        return _left(now)
    if not before.filling:  # what a complete form had been told was corrected
        return replace(_settled(now), topic=before.topic)
    return _answered(now, decided)


def _answered(now: Conversation, decided: Decided) -> Conversation:
    again = now.asked is now.topic
    offered = [choice.value for choice in now.offered if choice.value != decided.intent]
    return replace(
        _settled(now),
        topic=now.asked,
        given=(*(now.given if again else ()), decided.intent),
        passed_over=(*(now.passed_over if again else ()), *offered),
        questions=(now.questions if again else 0) + now.clarified,
        asks=decided.text.rstrip().endswith(QUESTION_MARKS),
    )


def _left(now: Conversation) -> Conversation:
    """A person has it, had it or was offered: what the bot said before is no longer what is talked about."""
    return replace(
        _settled(now), topic=None, given=(), passed_over=(), questions=0, asks=False, forms=()
    )


def _settled(now: Conversation) -> Conversation:
    return replace(now, clarified=0, offered=(), asked=None, unanswered=False)
