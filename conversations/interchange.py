"""
Past conversations as a file: JSON Lines in UTF-8, one conversation a line.

{"id": "c1", "channel": "mail", "started": "2026-03-01T09:00:00+00:00",
 "customer": {"id": "17", "name": "Ada"},
 "turns": [{"at": "2026-03-01T09:00:00+00:00", "from": "customer", "operator": "", "text": "Hello"}]}

Times carry their zone. `name` and `operator` may be missing; other fields are ignored.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from conversations.rows import timestamp
from conversations.text import printable

_NAMES: dict[type, str] = {dict: "an object", list: "a list", str: "a text"}


class Malformed(Exception):
    """A line of the file is not a conversation; says which line and which field."""

    def __init__(self, line: int, field: str, why: str) -> None:
        super().__init__(f"line {line}, {field}: {why}" if field else f"line {line}: {why}")
        self.line = line
        self.field = field


class Side(StrEnum):
    """Who speaks in a turn."""

    CUSTOMER = "customer"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One message. `operator` names the person who wrote it, empty for a customer's."""

    at: datetime
    side: Side
    text: str
    operator: str = ""


@dataclass(frozen=True, slots=True)
class Customer:
    """Whoever asked; `id` is unique within the channel."""

    id: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastConversation:
    """A conversation from before the bot, or from another system."""

    id: str
    channel: str
    started: datetime
    customer: Customer
    turns: tuple[Turn, ...]


def read(path: Path) -> Iterator[PastConversation]:
    """Yield the conversations of the file; raises Malformed at the first line that is none."""
    with path.open("rb") as lines:
        yield from parse(lines)


def parse(lines: Iterable[bytes]) -> Iterator[PastConversation]:
    """Yield the conversations of these lines, empty ones skipped; an id may come once. Raises Malformed."""
    for found in parse_each(lines):
        if isinstance(found, Malformed):
            raise found
        yield found


def parse_each(lines: Iterable[bytes]) -> Iterator[PastConversation | Malformed]:
    """Yield the conversation of each line, or what is wrong with it, and go on."""
    seen: set[str] = set()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            conversation = _conversation(_Place(number, "", _decoded(number, line)))
            if conversation.id in seen:
                raise Malformed(number, "id", f"{conversation.id!r} came before")  # noqa: TRY301
        except Malformed as malformed:
            yield malformed
            continue
        seen.add(conversation.id)
        yield conversation


def write(path: Path, conversations: Iterable[PastConversation]) -> None:
    """Write the conversations to a file, replacing what it held."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for conversation in conversations:
            file.write(line_of(conversation) + "\n")


def line_of(conversation: PastConversation) -> str:
    """Return the conversation's line, without its end."""
    customer = {"id": conversation.customer.id, "name": conversation.customer.name}
    whole = {
        "id": conversation.id,
        "channel": conversation.channel,
        "started": timestamp(conversation.started),
        "customer": customer,
        "turns": [_turn_out(turn) for turn in conversation.turns],
    }
    return json.dumps(whole, ensure_ascii=False)


def _turn_out(turn: Turn) -> dict[str, str]:
    return {
        "at": timestamp(turn.at),
        "from": turn.side,
        "operator": turn.operator,
        "text": turn.text,
    }


def _decoded(number: int, line: bytes) -> Any:
    try:
        return json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Malformed(number, "", "not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise Malformed(number, "", f"not JSON ({error})") from error


@dataclass(frozen=True, slots=True)
class _Place:
    """A value of the file and where it stands, so that every complaint names it."""

    line: int
    field: str
    value: Any

    def refuse(self, why: str) -> Malformed:
        return Malformed(self.line, self.field, why)

    def __getitem__(self, name: str) -> _Place:
        """Return the field `name` of an object; a missing one holds None."""
        inner = f"{self.field}.{name}" if self.field else name
        return _Place(self.line, inner, self._as(dict).get(name))

    def items(self) -> list[_Place]:
        entries = enumerate(self._as(list))
        return [_Place(self.line, f"{self.field}[{i}]", entry) for i, entry in entries]

    def text(self, default: str | None = None) -> str:
        """Return a text that says something, or where there is none the default."""
        if self.value is None and default is not None:
            return default
        text = printable(self._as(str))
        if not text.strip() and default is None:
            raise self.refuse("is empty")
        return text

    def time(self) -> datetime:
        try:
            time = datetime.fromisoformat(self.text())
            in_utc = time.astimezone(UTC)  # overflows in the years 1 and 9999
        except (ValueError, OverflowError) as error:
            raise self.refuse("is not a time like 2026-03-01T09:00:00+00:00") from error
        if time.tzinfo is None:
            raise self.refuse("has no time zone")
        return in_utc

    def side(self) -> Side:
        try:
            return Side(self.text())
        except ValueError as error:
            raise self.refuse('is neither "customer" nor "operator"') from error

    def _as(self, wanted: type) -> Any:
        if self.value is None:
            raise self.refuse("is missing")
        if not isinstance(self.value, wanted):
            raise self.refuse(f"is not {_NAMES[wanted]}")
        return self.value


def _conversation(whole: _Place) -> PastConversation:
    turns = whole["turns"]
    if turns.value == []:
        raise turns.refuse("is empty")
    return PastConversation(
        id=whole["id"].text(),
        channel=whole["channel"].text(),
        started=whole["started"].time(),
        customer=Customer(whole["customer"]["id"].text(), whole["customer"]["name"].text("")),
        turns=tuple(_turn(turn) for turn in turns.items()),
    )


def _turn(turn: _Place) -> Turn:
    return Turn(
        at=turn["at"].time(),
        side=turn["from"].side(),
        text=turn["text"].text(),
        operator=turn["operator"].text(""),
    )
