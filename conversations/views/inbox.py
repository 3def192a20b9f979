"""
The inbox: one row a conversation, in the order in which people want to see them.

Whether a conversation of the bot's is over is a matter of the time as well: after the desk's idle hours it counts as closed, without an
event that says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from conversations.events import (
    ActionKind,
    Decided,
    Event,
    Heard,
    Joined,
    OperatorEdited,
    OperatorWrote,
)
from conversations.handling import Noted
from conversations.handover import Holder
from conversations.notices import Told
from conversations.rows import said
from conversations.views.happened import Happened, language_of, speaks
from conversations.views.standing import Standing, standing_after
from conversations.views.table import Fold, Table

INBOX = "inbox"
SHOWN = 160  # characters of the last words


@dataclass(frozen=True, slots=True)
class InboxRow:
    """
    A conversation as the inbox shows it; times are microseconds since 1970.

    `mood` is that of the customer's latest words that show any, -1 to 1; `last_id` is the message of its
    last words. `seq` is the place of the conversation's last event.
    """

    conversation_id: str
    visitor_id: str
    channel: str
    state: Holder
    owner: str
    assigned: str
    reason: str
    waiting_since: int | None
    snoozed_until: int | None
    opened_at: int
    last_at: int
    last_text: str
    last_by: str
    last_id: str
    mood: float | None
    intent: str
    language: str
    messages: int
    seq: int

    @property
    def standing(self) -> Standing:
        return Standing(
            self.state,
            self.owner,
            self.reason,
            self.waiting_since,
            self.snoozed_until,
            self.assigned,
        )


def inbox() -> Table[InboxRow]:
    """Return the table of the inbox."""
    order = ("last_at", "waiting_since", "mood")
    by_state = [("state", column, "conversation_id") for column in order]
    fold = Fold(InboxRow, begun, row_after, forgotten)
    return Table(
        INBOX,
        fold,
        [
            *by_state,
            ("owner", "state"),
            ("assigned", "state"),
            ("last_at", "conversation_id"),
            ("snoozed_until",),
        ],
    )


def begun(happened: Happened) -> InboxRow:
    """Return the row of a conversation of which nothing has happened yet."""
    return InboxRow(
        conversation_id=happened.conversation_id,
        visitor_id=happened.visitor_id,
        channel=happened.channel,
        state=Holder.BOT,
        owner="",
        assigned="",
        reason="",
        waiting_since=None,
        snoozed_until=None,
        opened_at=happened.micros,
        last_at=happened.micros,
        last_text="",
        last_by="",
        last_id="",
        mood=None,
        intent="",
        language="",
        messages=0,
        seq=0,
    )


def row_after(row: InboxRow, happened: Happened) -> InboxRow:
    """Return the row after one more event; the words by which the bot hands off say less than the customer's before them."""
    standing = standing_after(row.standing, happened)
    row = replace(
        row,
        seq=happened.seq,
        state=standing.state,
        owner=standing.owner,
        assigned=standing.assigned,
        reason=standing.reason,
        waiting_since=standing.waiting_since,
        snoozed_until=standing.snoozed_until,
    )
    match happened.event:
        case Heard():
            row = replace(row, channel=happened.channel)
        case Decided() as decided:
            row = _understood(row, decided)
        case Told():  # no words of the customer's: the row rises, and says what it said
            return replace(row, last_at=happened.micros)
        case OperatorEdited(corrects=row.last_id, text=text):
            return replace(row, last_text=_shown(text))
        case Joined(visitor_id=visitor_id):
            return replace(row, visitor_id=visitor_id)
        case _:
            pass
    if not speaks(happened.event):
        return row
    if _hands_off(happened.event) and row.last_text:
        return replace(row, last_at=happened.micros, messages=row.messages + 1)
    return _spoken(row, happened)


def _hands_off(event: Event) -> bool:
    return isinstance(event, Decided) and event.action is ActionKind.HANDOFF


def forgotten(row: InboxRow) -> InboxRow:
    """Return the row without what its visitor said, or was told."""
    return replace(row, last_text="", mood=None, language="")


def _understood(row: InboxRow, decided: Decided) -> InboxRow:
    return replace(
        row,
        intent=decided.intent or row.intent,
        language=row.language or language_of(decided),
        mood=row.mood if decided.mood is None else decided.mood,
    )


def _spoken(row: InboxRow, happened: Happened) -> InboxRow:
    return replace(
        row,
        last_at=happened.micros,
        last_text=_shown(said(happened.event)),
        last_by=speaker(happened.event),
        last_id=message_of(happened.event),
        messages=row.messages + 1,
    )


def _shown(words: str) -> str:
    return " ".join(words.split())[:SHOWN]


def message_of(event: Event) -> str:
    """Return the id of what is said with an event, empty where nothing is."""
    match event:
        case Heard(message_id=name) | Decided(message_id=name) | OperatorWrote(message_id=name):
            return name
        case _:
            return ""


def speaker(event: Event) -> str:
    """Return who says something: customer, operator or bot."""
    match event:
        case Heard():
            return "customer"
        case OperatorWrote() | Noted():
            return "operator"
        case _:
            return "bot"
