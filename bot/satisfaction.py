"""When a visitor is asked how it went: once a conversation that was answered has ended. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from conversations.conversation import fold
from conversations.events import ActionKind, Decided, Erased, OperatorWrote, Recorded, Scored

FRESH = timedelta(days=7)  # after which nobody remembers how it was


def ended_last(history: Sequence[Recorded], now: datetime, idle: timedelta) -> str:
    """
    Return the visitor's conversation that ended last, empty where none has.

    Args:
        history: of all conversations of one visitor, in the order of the log.
        idle: how long a conversation may rest before the next utterance opens another.
    """
    for conversation_id in _latest_first(history)[:2]:  # of two, one at most goes on
        own = [r for r in history if r.conversation_id == conversation_id]
        if _over(conversation_id, own, now, idle):
            return conversation_id
    return ""


def asks_for_score(history: Sequence[Recorded], now: datetime, idle: timedelta) -> bool:
    """Whether the visitor's latest conversation has just ended, was answered, and has no score."""
    ended = ended_last(history, now, idle)
    if not ended or ended != _latest_first(history)[0]:
        return False
    own = [r for r in history if r.conversation_id == ended]
    spoken = [r.at for r in own if _answers(r)]
    done = any(isinstance(r.event, (Scored, Erased)) for r in own)
    return bool(spoken) and not done and now - spoken[-1] < FRESH


def _latest_first(history: Sequence[Recorded]) -> list[str]:
    return list(dict.fromkeys(r.conversation_id for r in reversed(history)))


def _over(conversation_id: str, own: Sequence[Recorded], now: datetime, idle: timedelta) -> bool:
    state = fold(conversation_id, own)
    return state.closed or (not state.with_operator and now - own[-1].at > idle)


def _answers(recorded: Recorded) -> bool:
    match recorded.event:
        case OperatorWrote():
            return True
        case Decided() as decided:
            return decided.action is ActionKind.REPLY and bool(decided.text)
        case _:
            return False
