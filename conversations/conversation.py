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


@dataclass(frozen=True, slots=True)
class Conversation:
    """
    Where a conversation stands.

    `clarified` counts the bot's questions since it last replied; `offered` are the choices of those
    questions; `asked` is the utterance that the first of them was about.
    """

    conversation_id: str
    with_operator: bool = False
    handoff_reason: str = ""
    clarified: int = 0
    offered: tuple[Choice, ...] = ()
    asked: Heard | None = None
    closed: bool = False
    seq: int = 0


def fold(conversation_id: str, history: Iterable[Recorded]) -> Conversation:
    """Return the state after `history`, which is in the order of the log."""
    return reduce(advance, history, Conversation(conversation_id))


def advance(now: Conversation, recorded: Recorded) -> Conversation:
    """Return the state after one more event of this conversation."""
    now = replace(now, seq=recorded.seq)
    match recorded.event:
        case Heard() as heard:
            return now if now.clarified else replace(now, asked=heard)
        case Decided() as decided:
            return _decided(now, decided)
        case GivenBack():
            return replace(_settled(now), with_operator=False, handoff_reason="")
        case Closed():
            return replace(now, closed=True)
        case OperatorWrote():
            return replace(_settled(now), with_operator=True)
        case Delivered() | Undeliverable() | Rated() | Scored():
            return now
        case Labelled() | Unlabelled() | Dismissed() | Taught() | Untaught():
            return now


def _decided(now: Conversation, decided: Decided) -> Conversation:
    match decided.action:
        case ActionKind.CLARIFY:
            return replace(now, clarified=now.clarified + 1, offered=now.offered + decided.choices)
        case ActionKind.REPLY:
            return _settled(now)
        case ActionKind.HANDOFF:
            return replace(_settled(now), with_operator=True, handoff_reason=decided.reason)
        case ActionKind.SILENT:
            return now


def _settled(now: Conversation) -> Conversation:
    return replace(now, clarified=0, offered=(), asked=None)
