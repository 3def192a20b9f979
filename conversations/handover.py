"""
Who has a conversation: bot, waiting, operator, returned, closed; a fold of its events, and what it means for answers on their way.

|                    | bot      | waiting  | operator          | returned | closed |
|--------------------|----------|----------|-------------------|----------|--------|
| hand-off by the bot | waiting | waiting  | operator          | waiting  | closed |
| taken              | operator | operator | operator, another | operator | closed |
| a person writes    | operator | operator | operator          | operator | closed |
| released           | bot      | waiting  | waiting           | returned | closed |
| given back         | bot      | returned | returned          | returned | closed |
| closed             | closed   | closed   | closed            | closed   | closed |

Whoever had it keeps it where somebody else writes into it: only taking changes hands.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import reduce

from conversations.events import (
    ActionKind,
    Closed,
    Decided,
    GivenBack,
    Heard,
    OperatorWrote,
    Recorded,
)
from conversations.handling import Assigned, Released, Snoozed, Taken

HAS_PERSON = "with_operator"  # the reason of a decision that says nothing since a person has it


class Holder(StrEnum):
    """Where a conversation is."""

    BOT = "bot"
    WAITING = "waiting"
    OPERATOR = "operator"
    RETURNED = "returned"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Standing:
    """
    Who has a conversation, and since when.

    `owner` is the operator who has it, empty where none has; `reason` says why the bot handed it off, or why it waits again.
    """

    holder: Holder = Holder.BOT
    owner: str = ""
    reason: str = ""
    since: datetime | None = None

    @property
    def with_person(self) -> bool:
        """Whether the bot is silent."""
        return self.holder in {Holder.WAITING, Holder.OPERATOR}


def standing(history: Iterable[Recorded]) -> Standing:
    """Return who has the conversation after `history`, which is in the order of the log."""
    return reduce(after, history, Standing())


def after(now: Standing, recorded: Recorded) -> Standing:
    """Return who has the conversation after one more of its events; total over them."""
    if now.holder is Holder.CLOSED:
        return now
    match recorded.event:
        case Decided(action=ActionKind.HANDOFF, reason=reason) if not now.with_person:
            return Standing(Holder.WAITING, reason=reason, since=recorded.at)
        case Taken(operator=operator) if operator != now.owner:
            return replace(now, holder=Holder.OPERATOR, owner=operator, since=recorded.at)
        case OperatorWrote(operator=operator) if not now.owner:
            return replace(now, holder=Holder.OPERATOR, owner=operator, since=recorded.at)
        case Released(reason=reason) if now.holder is Holder.OPERATOR:
            return Standing(Holder.WAITING, reason=reason or now.reason, since=recorded.at)
        case GivenBack() if now.with_person:
            return Standing(Holder.RETURNED, since=recorded.at)
        case Closed(reason=reason):
            return Standing(Holder.CLOSED, reason=reason, since=recorded.at)
        case _:
            return now


def assigned(history: Iterable[Recorded]) -> str:
    """Return who is asked to care for the conversation after `history`, empty where nobody is."""
    who, now = "", Standing()
    for recorded in history:
        who, now = assigned_after(who, now, recorded), after(now, recorded)
    return who


def assigned_after(who: str, before: Standing, recorded: Recorded) -> str:
    """Return who is asked to care after one more event: whoever it was, until somebody takes it, it is given back, or closed."""
    now = after(before, recorded)
    taken = now.owner not in ("", before.owner)
    over = now.holder is not before.holder and now.holder in {Holder.RETURNED, Holder.CLOSED}
    if taken or over:
        return ""
    match recorded.event:
        case Assigned(to=to) if now.holder is not Holder.CLOSED:
            return to
        case _:
            return who


def snoozed(history: Iterable[Recorded]) -> str:
    """Return until when the conversation is laid aside, ISO 8601 in UTC; empty where it is not, or its customer wrote since."""
    until = ""
    for recorded in history:
        match recorded.event:
            case Snoozed(until=given):
                until = given
            case Heard() | Closed():
                until = ""
            case _:
                pass
    return until


def silenced(decided: Decided) -> Decided:
    """Return a decision that came too late: what was understood stays, and nothing is said."""
    if decided.action is ActionKind.SILENT:
        return decided
    bare = replace(decided, action=ActionKind.SILENT, text="", choices=(), reason=HAS_PERSON)
    return replace(bare, template_id="", source="", sources=(), attachments=(), forms=())
