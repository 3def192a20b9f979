"""
How long a customer has waited for a person's words, and what the desk has told them about it: a fold of a conversation's events.

A wait begins with the hand-off, or with words that the person who has the conversation has not answered; it ends with a person's
words, with the bot, or with the conversation. Whoever takes a conversation does not end it by that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import reduce

from conversations import handover
from conversations.events import (
    Choice,
    Decided,
    Event,
    Heard,
    OperatorWrote,
    Recorded,
)
from conversations.handling import Assigned, Noted, Snoozed, Taken
from conversations.handover import Holder, Standing
from conversations.notices import Notice, Told
from conversations.text import normalised


@dataclass(frozen=True, slots=True)
class Waiting:
    """
    Where a conversation stands, and since when its customer waits.

    `since` is None where nobody waits; `told` are the notices of this wait, in their order. `acted` is when the operator who has it
    last did something in it, `spoken` when anybody last said something. `wish` is the way out that the customer chose and was not told of
    yet; `offered` are those that they have. `undecided` is the utterance whose turn goes on, empty where none does. It is laid aside until
    `snoozed`. `seq` is the place of its last event.
    """

    standing: Standing = field(default_factory=Standing)
    since: datetime | None = None
    told: tuple[Notice, ...] = ()
    acted: datetime | None = None
    spoken: datetime | None = None
    wish: str = ""
    undecided: str = ""
    offered: tuple[Choice, ...] = ()
    snoozed: datetime | None = None
    seq: int = 0


def waiting(history: Iterable[Recorded]) -> Waiting:
    """Return how the customer waits after `history`, which is of one conversation in the order of the log."""
    return reduce(after, history, Waiting())


def after(now: Waiting, recorded: Recorded) -> Waiting:
    """Return how the customer waits after one more event; total over them."""
    standing, at = handover.after(now.standing, recorded), recorded.at
    before, now = now.standing, replace(now, standing=standing, seq=recorded.seq)
    if isinstance(recorded.event, Decided) and recorded.event.in_reply_to == now.undecided:
        now = replace(now, undecided="")
    if standing.owner and standing.owner == _operator_of(recorded.event):
        now = replace(now, acted=at)
    if standing.holder in {Holder.RETURNED, Holder.CLOSED} and standing.holder is not before.holder:
        return replace(now, since=None, told=(), wish="", offered=(), snoozed=None)
    match recorded.event:
        case Heard() as heard:
            return _heard(now, heard, at)
        case OperatorWrote():
            return replace(now, since=None, told=(), wish="", offered=(), spoken=at)
        case Told(notice=notice, choices=choices):
            return replace(now, told=(*now.told, notice), wish="", offered=choices or now.offered)
        case Taken():
            return replace(now, wish="")
        case Snoozed(until=until):
            return replace(now, snoozed=datetime.fromisoformat(until) if until else None)
        case Decided(choices=choices) if standing is not before:  # it hands off
            return replace(now, since=at, told=(), wish="", offered=choices, spoken=at)
        case _:
            begins = standing.holder is Holder.WAITING and now.since is None
            return replace(now, since=at) if begins else now


def _heard(now: Waiting, heard: Heard, at: datetime) -> Waiting:
    begins = now.standing.holder is Holder.OPERATOR and now.since is None
    chosen = heard.chosen or _named(heard.text, now.offered)
    known = chosen in {choice.value for choice in now.offered}
    wish = chosen if now.standing.holder is Holder.WAITING and known else ""
    since = at if begins else now.since
    now = replace(now, since=since, spoken=at, wish=wish or now.wish, snoozed=None)
    return replace(now, undecided=heard.message_id)


def _named(text: str, offered: Iterable[Choice]) -> str:
    """Return the way out whose label somebody typed, empty where it is none."""
    said = normalised(text)
    return next((one.value for one in offered if normalised(one.label) == said), "")


def _operator_of(event: Event) -> str:
    match event:
        case (
            Taken(operator=operator)
            | OperatorWrote(operator=operator)
            | Noted(operator=operator)
            | Assigned(operator=operator)
            | Snoozed(operator=operator)
        ):
            return operator
        case _:
            return ""
