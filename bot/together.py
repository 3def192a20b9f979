"""The same done to several conversations: each on its own, so that one that cannot be changed keeps none of the others back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot import operators
from conversations.errors import Held, Over
from conversations.events import Closed, Event
from conversations.handling import Assigned, Snoozed
from conversations.handover import Holder, assigned, snoozed
from conversations.log import EventLog

MOST = 50  # conversations at once


class Act(StrEnum):
    """What may be done to several."""

    ASSIGN = "assign"
    SNOOZE = "snooze"
    CLOSE = "close"


class Outcome(StrEnum):
    """What came of it, for one conversation."""

    DONE = "done"
    ALREADY = "already"  # it was so before
    HELD = "held"  # a colleague has it, and keeps it as it is
    CLOSED = "closed"
    CHANGED = "changed"  # it is not what was expected any more
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    What is to be done, and by whom.

    `value` is who is asked to care, or until when it is laid aside, ISO 8601 in UTC; empty for nobody, or for now, and where it is closed.
    Where `expects` is given, only what is so now is changed.
    """

    act: Act
    operator: str
    value: str = ""
    expects: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """One conversation's outcome: `owner` is who keeps it, `before` what was so until now."""

    conversation_id: str
    outcome: Outcome
    owner: str = ""
    before: str = ""


async def together(log: EventLog, conversations: Sequence[str], wanted: Wanted) -> list[Done]:
    """Return what came of it for each conversation, in their order; one that is named twice is looked at once."""
    return [await _one(log, id_, wanted) for id_ in dict.fromkeys(conversations)]


async def _one(log: EventLog, conversation_id: str, wanted: Wanted) -> Done:
    try:
        standing = await operators.standing(log, conversation_id)
    except operators.Unknown:
        return Done(conversation_id, Outcome.UNKNOWN)
    if standing.holder is Holder.CLOSED:
        over = Outcome.ALREADY if wanted.act is Act.CLOSE else Outcome.CLOSED
        return Done(conversation_id, over)
    before = await _before(log, conversation_id, wanted.act)
    if wanted.expects is not None and before != wanted.expects:
        return Done(conversation_id, Outcome.CHANGED, before=before)
    if wanted.act is not Act.CLOSE and before == wanted.value:
        return Done(conversation_id, Outcome.ALREADY, before=before)
    # Whoever has it goes on with it: a colleague may ask them, and not end it, or hide it from them.
    owners = {standing.owner} if wanted.act is Act.ASSIGN else {"", wanted.operator}
    try:
        await log.append(conversation_id, _event(wanted), owners=owners)
    except Held as error:
        return Done(conversation_id, Outcome.HELD, error.owner, before)
    except Over:
        return Done(conversation_id, Outcome.CLOSED, before=before)
    return Done(conversation_id, Outcome.DONE, before=before)


async def _before(log: EventLog, conversation_id: str, act: Act) -> str:
    if act is Act.CLOSE:
        return ""
    history = await log.history(conversation_id)
    return assigned(history) if act is Act.ASSIGN else snoozed(history)


def _event(wanted: Wanted) -> Event:
    match wanted.act:
        case Act.ASSIGN:
            return Assigned(operator=wanted.operator, to=wanted.value)
        case Act.SNOOZE:
            return Snoozed(operator=wanted.operator, until=wanted.value)
        case Act.CLOSE:
            return Closed(reason=operators.RESOLVED, operator=wanted.operator)
