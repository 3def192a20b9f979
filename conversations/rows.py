"""An event as a row of the log, and back: total over the events, and a cleaned event never fails to store."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from math import isfinite
from typing import Any, Protocol, TypeVar, get_args

from conversations.events import (
    ActionKind,
    Attached,
    Choice,
    Closed,
    Decided,
    Delivered,
    Enclosed,
    Erased,
    Event,
    Filled,
    GivenBack,
    Heard,
    Joined,
    OpenForm,
    OperatorEdited,
    OperatorWrote,
    Rated,
    Recorded,
    Scored,
    Thumb,
    Undeliverable,
    Utterance,
    Visitor,
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
from conversations.notices import Notice, Told
from conversations.text import printable

# Fields with a column of their own, for the indexes; the others are in the body.
COLUMNS = ("message_id", "external_id", "in_reply_to", "action")

_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))

_NAMES = {kind: tuple(f.name for f in fields(kind)) for kind in (*get_args(Event), Utterance)}

Stored = TypeVar("Stored", Event, Utterance)


class Columns(Protocol):
    """A row by the names of its columns: SQLite's, or a dict."""

    def __getitem__(self, name: str, /) -> Any: ...


class Kind(StrEnum):
    """The events' names in the table; never renamed, since old logs hold them."""

    HEARD = "heard"
    DECIDED = "decided"
    DELIVERED = "delivered"
    UNDELIVERABLE = "undeliverable"
    RATED = "rated"
    SCORED = "scored"
    LABELLED = "labelled"
    UNLABELLED = "unlabelled"
    DISMISSED = "dismissed"
    TAUGHT = "taught"
    UNTAUGHT = "untaught"
    TEMPLATE_SAVED = "template_saved"
    PAGE_SAVED = "page_saved"
    OPERATOR_WROTE = "operator_wrote"
    OPERATOR_EDITED = "operator_edited"
    TAKEN = "taken"
    RELEASED = "released"
    ASSIGNED = "assigned"
    SNOOZED = "snoozed"
    NOTED = "noted"
    GIVEN_BACK = "given_back"
    CLOSED = "closed"
    JOINED = "joined"
    TOLD = "told"
    ERASED = "erased"


def cleaned(stored: Stored) -> Stored:
    """Return `stored` with every string printable and every number finite; most are as they come."""
    changed = {}
    for name in _NAMES[type(stored)]:
        value = getattr(stored, name)
        if (clean := _clean(value)) is not value:
            changed[name] = clean
    return replace(stored, **changed) if changed else stored


def _clean(value: Any) -> Any:
    match value:
        case StrEnum():
            return value
        case str():
            return printable(value)
        case float():
            return value if isfinite(value) else 0.0  # a confidence that is no number is none
        case tuple():
            return tuple(map(_clean, value))
        case Choice() | Filled() | OpenForm() | Attached() | Enclosed():
            return replace(value, **{f.name: _clean(getattr(value, f.name)) for f in fields(value)})
        case _:
            return value


def encode(event: Event) -> dict[str, str | None]:
    """Return the columns `kind`, `body` and `COLUMNS` of a cleaned event."""
    values: dict[str, Any] = {name: getattr(event, name) for name in _NAMES[type(event)]}
    columns: dict[str, str | None] = {name: values.pop(name, None) for name in COLUMNS}
    for name in ("choices", "attachments", "sources", "forms", "files"):
        if given := values.get(name):
            values[name] = [asdict(one) for one in given]
    return {"kind": kind_of(event), **columns, "body": _JSON.encode(values)}


def kind_of(event: Event) -> Kind:
    match event:
        case Heard():
            return Kind.HEARD
        case Decided():
            return Kind.DECIDED
        case Delivered():
            return Kind.DELIVERED
        case Undeliverable():
            return Kind.UNDELIVERABLE
        case Told():
            return Kind.TOLD
        case Rated():
            return Kind.RATED
        case Scored():
            return Kind.SCORED
        case Labelled():
            return Kind.LABELLED
        case Unlabelled():
            return Kind.UNLABELLED
        case Dismissed():
            return Kind.DISMISSED
        case Taught():
            return Kind.TAUGHT
        case Untaught():
            return Kind.UNTAUGHT
        case TemplateSaved():
            return Kind.TEMPLATE_SAVED
        case PageSaved():
            return Kind.PAGE_SAVED
        case OperatorWrote():
            return Kind.OPERATOR_WROTE
        case OperatorEdited():
            return Kind.OPERATOR_EDITED
        case Taken():
            return Kind.TAKEN
        case Released():
            return Kind.RELEASED
        case Assigned():
            return Kind.ASSIGNED
        case Snoozed():
            return Kind.SNOOZED
        case Noted():
            return Kind.NOTED
        case GivenBack():
            return Kind.GIVEN_BACK
        case Closed():
            return Kind.CLOSED
        case Joined():
            return Kind.JOINED
        case Erased():
            return Kind.ERASED


def decode(row: Columns) -> Event:
    """Return the event of a row that `encode` made."""
    columns = {name: row[name] for name in COLUMNS if row[name] is not None}
    values: dict[str, Any] = json.loads(row["body"]) | columns
    match Kind(row["kind"]):
        case Kind.HEARD:
            return Heard(**values | _files(values))
        case Kind.DECIDED:
            return _decided(values)
        case Kind.DELIVERED:
            return Delivered(**values)
        case Kind.UNDELIVERABLE:
            return Undeliverable(**values)
        case Kind.TOLD:
            choices = tuple(Choice(**one) for one in values["choices"])
            return Told(**values | {"notice": Notice(values["notice"]), "choices": choices})
        case Kind.RATED:
            return Rated(**values | {"value": Thumb(values["value"])})
        case Kind.SCORED:
            return Scored(**values)
        case Kind.LABELLED:
            return Labelled(**values)
        case Kind.UNLABELLED:
            return Unlabelled(**values)
        case Kind.DISMISSED:
            return Dismissed(**values)
        case Kind.TAUGHT:
            lists = {name: tuple(values[name]) for name in ("questions", "needs")}
            return Taught(**values | lists)
        case Kind.UNTAUGHT:
            return Untaught(**values)
        case Kind.TEMPLATE_SAVED:
            return TemplateSaved(**values)
        case Kind.PAGE_SAVED:
            return PageSaved(**values)
        case Kind.OPERATOR_WROTE:
            return OperatorWrote(**values | _files(values))
        case Kind.OPERATOR_EDITED:
            return OperatorEdited(**values)
        case Kind.TAKEN:
            return Taken(**values)
        case Kind.RELEASED:
            return Released(**values)
        case Kind.ASSIGNED:
            return Assigned(**values)
        case Kind.SNOOZED:
            return Snoozed(**values)
        case Kind.NOTED:
            return Noted(**values)
        case Kind.GIVEN_BACK:
            return GivenBack(**values)
        case Kind.CLOSED:
            return Closed(**values)
        case Kind.JOINED:
            return Joined(**values)
        case Kind.ERASED:
            return Erased(**values)


def _decided(values: dict[str, Any]) -> Decided:
    choices = tuple(Choice(**choice) for choice in values["choices"])
    attachments = tuple(Attached(**one) for one in values.get("attachments", ()))
    forms = tuple(_open_form(form) for form in values.get("forms", ()))
    sources = tuple(Attached(**one) for one in values.get("sources", ()))
    lists = {"choices": choices, "attachments": attachments, "sources": sources, "forms": forms}
    return Decided(**values | {"action": ActionKind(values["action"])} | lists)


def _files(values: dict[str, Any]) -> dict[str, tuple[Enclosed, ...]]:
    return {"files": tuple(Enclosed(**one) for one in values.get("files", ()))}


def _open_form(values: dict[str, Any]) -> OpenForm:
    lists = {
        name: tuple(Filled(**one) for one in values[name]) for name in ("filled", "turned_down")
    }
    return OpenForm(**values | lists)


def recorded(row: Columns) -> Recorded:
    """Return the event of a row in its place in the log."""
    at = datetime.fromisoformat(row["at"])
    return Recorded(row["seq"], row["conversation_id"], at, decode(row))


def visitor(row: Columns) -> Visitor:
    """Return the visitor of a row."""
    names = ("visitor_id", "channel", "address", "name", "network")
    return Visitor(**{name: row[name] for name in names}, segments=tuple(row["segments"].split()))


def visitor_row(visitor: Visitor) -> dict[str, str]:
    """Return the columns of a visitor; a segment is one word."""
    return asdict(visitor) | {"segments": " ".join(visitor.segments)}


def visitor_of_today(
    utterance: Utterance, known: Visitor | None, new_id: Callable[[], str]
) -> Visitor:
    """Return whoever says something: as known before, with the name and segments that came along."""
    named = utterance.segments if utterance.segments is not None else known and known.segments
    return Visitor(
        visitor_id=known.visitor_id if known else new_id(),
        channel=utterance.channel,
        address=utterance.address,
        name=utterance.name or (known.name if known else ""),
        network=(known.network if known else "") or utterance.network,
        segments=tuple(word for segment in named or () for word in segment.split()),
    )


def said(event: Event) -> str:
    """Return the words that somebody reads, colleagues among them, the ones a search looks through; empty for most events."""
    match event:
        case Heard() | Decided() | OperatorWrote() | OperatorEdited() | Noted():
            return event.text
        case _:
            return ""


def timestamp(at: datetime) -> str:
    """Return `at` as the log writes it: ISO 8601 in UTC, microseconds kept."""
    return at.astimezone(UTC).isoformat()


def event_row(conversation_id: str, visitor: Visitor, event: Event, at: datetime) -> dict[str, Any]:
    """Return the columns of a cleaned event, and what is `said` in it."""
    return encode(event) | {
        "conversation_id": conversation_id,
        "channel": visitor.channel,
        "at": timestamp(at),
        "said": said(event),
    }
