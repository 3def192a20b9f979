"""Who has a conversation and how long its customer has waited, event by event: `conversations.handover` with the times beside it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from conversations import handover
from conversations.events import Heard, OperatorWrote
from conversations.handling import Snoozed
from conversations.handover import Holder
from conversations.views.happened import Happened, micros


@dataclass(frozen=True, slots=True)
class Standing:
    """
    Where a conversation stands.

    `waiting_since` is since when the customer waits for a person's words, in microseconds since 1970: from the hand-off on, and again
    from their first words that the person who has it has not answered. It sleeps until `snoozed_until`, or until they write.
    `assigned` is who is asked to care for it.
    """

    state: Holder = Holder.BOT
    owner: str = ""
    reason: str = ""
    waiting_since: int | None = None
    snoozed_until: int | None = None
    assigned: str = ""

    @property
    def with_person(self) -> bool:
        """Whether it is for people to go on with."""
        return self.state in (Holder.WAITING, Holder.OPERATOR)


def standing_after(now: Standing, happened: Happened) -> Standing:
    """Return where it stands after one more event of the conversation; what is closed stays closed."""
    if now.state is Holder.CLOSED:
        return now
    before = handover.Standing(now.state, now.owner, now.reason)
    who = handover.after(before, happened.recorded)
    owner = now.owner if who.holder is Holder.CLOSED else who.owner  # whose it was stays to be seen
    asked = handover.assigned_after(now.assigned, before, happened.recorded)
    known = replace(
        now, state=who.holder, owner=owner, reason=who.reason or now.reason, assigned=asked
    )
    match happened.event:
        case Snoozed(until=until):
            return replace(known, snoozed_until=_micros_of(until))
        case OperatorWrote():
            return replace(known, waiting_since=None)
        case Heard():
            unanswered = known.state is Holder.OPERATOR and known.waiting_since is None
            since = happened.micros if unanswered else known.waiting_since
            return replace(known, waiting_since=since, snoozed_until=None)
        case _:
            return _waiting_from(known, before.holder, happened.micros)


def _waiting_from(now: Standing, before: Holder, at: int) -> Standing:
    match now.state:
        case Holder.WAITING if before is not Holder.WAITING:
            return replace(now, waiting_since=now.waiting_since or at)
        case Holder.RETURNED if before is not Holder.RETURNED:
            return replace(now, waiting_since=None, reason="")
        case Holder.CLOSED:
            return replace(now, waiting_since=None, snoozed_until=None)
        case _:
            return now


def _micros_of(until: str) -> int | None:
    return micros(datetime.fromisoformat(until)) if until else None
