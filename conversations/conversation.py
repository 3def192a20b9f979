"""The conversation as the fold of its events: what the policy needs to know, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce

from conversations.events import (
    ActionKind,
    Choice,
    Closed,
    Decided,
    Delivered,
    Dismissed,
    GivenBack,
    Heard,
    Labelled,
    OperatorWrote,
    Rated,
    Recorded,
    Scored,
    Taught,
    Undeliverable,
    Unlabelled,
    Untaught,
)
from conversations.rejection import rejects


@dataclass(frozen=True, slots=True)
class Conversation:
    """
    Where a conversation stands.

    `clarified` counts the bot's questions since it last replied; `offered` are the choices of those
    questions; `asked` is the utterance that the first of them was about. `topic` is the utterance that the last answer
    was to, and `given` are the intents that it was answered with so far, more than one where the customer turned one down.
    """

    conversation_id: str
    with_operator: bool = False
    handoff_reason: str = ""
    clarified: int = 0
    offered: tuple[Choice, ...] = ()
    asked: Heard | None = None
    topic: Heard | None = None
    given: tuple[str, ...] = ()
    closed: bool = False
    seq: int = 0

    @property
    def turned_down(self) -> tuple[str, ...]:
        """The intents of the answers that the question now talked about has had in vain."""
        return self.given if self.topic and self.asked is self.topic else ()


def fold(conversation_id: str, history: Iterable[Recorded]) -> Conversation:
    """Return the state after `history`, which is in the order of the log."""
    return reduce(advance, history, Conversation(conversation_id))


def advance(now: Conversation, recorded: Recorded) -> Conversation:
    """Return the state after one more event of this conversation."""
    now = replace(now, seq=recorded.seq)
    match recorded.event:
        case Heard() as heard:
            return now if now.clarified else replace(now, asked=_about(heard, now))
        case Decided() as decided:
            return _decided(now, decided)
        case GivenBack():
            return replace(_left(now), with_operator=False, handoff_reason="")
        case Closed():
            return replace(now, closed=True)
        case OperatorWrote():
            return replace(_left(now), with_operator=True)
        case Delivered() | Undeliverable() | Rated() | Scored():
            return now
        case Labelled() | Unlabelled() | Dismissed() | Taught() | Untaught():
            return now


def turns_down(heard: Heard, now: Conversation) -> bool:
    """Return whether an utterance says that the bot's last answer missed."""
    return now.topic is not None and not now.clarified and not heard.chosen and rejects(heard.text)


def _about(heard: Heard, now: Conversation) -> Heard:
    """Return the utterance that one is about: itself, or the one whose answer it turns down."""
    return now.topic if now.topic and turns_down(heard, now) else heard


def _decided(now: Conversation, decided: Decided) -> Conversation:
    match decided.action:
        case ActionKind.CLARIFY:
            return replace(now, clarified=now.clarified + 1, offered=now.offered + decided.choices)
        case ActionKind.REPLY:
            return _answered(now, decided.intent)
        case ActionKind.HANDOFF:
            return replace(_left(now), with_operator=True, handoff_reason=decided.reason)
        case ActionKind.SILENT:
            return now


def _answered(now: Conversation, intent: str) -> Conversation:
    before = now.given if now.asked is now.topic else ()
    return replace(_settled(now), topic=now.asked, given=(*before, intent))


def _left(now: Conversation) -> Conversation:
    """A person has it or had it: what the bot said before is no longer what is talked about."""
    return replace(_settled(now), topic=None, given=())


def _settled(now: Conversation) -> Conversation:
    return replace(now, clarified=0, offered=(), asked=None)
