"""
What the readers of exports share: records out of JSON or JSON Lines, and conversations out of records.

NotAnExport     the file holds nothing of the kind; the message says what was looked for
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conversations.interchange import Customer, PastConversation, Side, Turn
from conversations.text import printable
from conversations.values import field, when, words

ENVELOPES = ("conversations", "tickets", "data", "payload")  # what a list may be wrapped in


class NotAnExport(Exception):
    """Nothing in the file could be a conversation."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that was left out: where it stands, and why."""

    place: str
    why: str

    def __str__(self) -> str:
        return f"{self.place}: {self.why}"


Read = PastConversation | Problem


Record = dict[str, Any]


def exported(
    path: Path, channel: str, said: Callable[[Record], tuple[Customer, Sequence[Turn]]]
) -> Iterator[Read]:
    """
    Yield the conversations of an export: a JSON file (one, a list, or a list in an envelope) or JSON Lines, an `id` in each.

    Args:
        said: returns who asked in a record, and the turns in any order.

    Raises:
        NotAnExport: the file cannot be read at all.
    """
    for record in _records(text_of(path)):
        if isinstance(record, Problem):
            yield record
        else:
            place, body = record
            yield conversation(place, body.get("id"), channel, *said(body))


def text_of(path: Path) -> str:
    """
    Return what a file says.

    Raises:
        NotAnExport: it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotAnExport(f"{path.name} is not UTF-8; save the file as UTF-8") from error
    except OSError as error:
        raise NotAnExport(f"{path} cannot be read: {error.strerror}") from error


def customer(who: Any, record: Record) -> Customer:
    """Return who asked; whoever has no id is known by the conversation's."""
    return Customer(words(field(who, "id")) or words(record.get("id")), words(field(who, "name")))


def _records(text: str) -> Iterator[tuple[str, Record] | Problem]:
    """Yield the records, each with its place."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        yield from _lines(text)
        return
    for number, record in enumerate(_unwrapped(whole), start=1):
        if isinstance(record, dict):
            yield f"conversation {number}", record
        else:
            yield Problem(f"conversation {number}", "is not an object")


def _lines(text: str) -> Iterator[tuple[str, Record] | Problem]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield Problem(f"line {number}", f"not JSON ({getattr(error, 'msg', error)})")
            continue
        if isinstance(record, dict):
            yield f"line {number}", record
        else:
            yield Problem(f"line {number}", "is not an object")


def _unwrapped(whole: Any) -> Sequence[Any]:
    while isinstance(whole, dict):
        inner = next((whole[name] for name in ENVELOPES if name in whole), None)
        if not isinstance(inner, list | dict):
            return [whole]
        whole = inner
    return whole if isinstance(whole, list) else [whole]


def conversation(place: str, name: Any, channel: str, who: Customer, turns: Sequence[Turn]) -> Read:
    """Return the conversation in the order of its times, or why it is none."""
    if not words(name):
        return Problem(place, "has no id")
    if not turns:
        return Problem(place, "nobody said anything")
    ordered = tuple(sorted(turns, key=lambda turn: turn.at))
    return PastConversation(
        id=words(name), channel=channel, started=ordered[0].at, customer=who, turns=ordered
    )


def turn(side: Side, text: str, at: Any, operator: Any = "") -> Turn | None:
    """Return the turn, None where it has no words or no time."""
    time, said = when(at), printable(text).strip()
    if time is None or not said:
        return None
    name = words(operator) if side is Side.OPERATOR else ""
    return Turn(at=time, side=side, text=said, operator=name)
