"""
What the readers of exports share: records out of JSON or JSON Lines, and conversations out of records.

NotAnExport     the file holds nothing of the kind; the message says what was looked for
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conversations.exports.lines import NOT_UTF8, damaged, json_lines
from conversations.interchange import Customer, PastConversation, Side, Turn
from conversations.text import printable
from conversations.values import field, when, words

ENVELOPES = ("conversations", "tickets", "data", "payload")  # what a list may be wrapped in
SHOWN = 60  # characters of what is no time


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
Said = tuple[Customer, Sequence[Turn | Problem]]


def exported(path: Path, channel: str, said: Callable[[Record], Said]) -> Iterator[Read]:
    """
    Yield the conversations of an export: a JSON file (one, a list, or a list in an envelope) or JSON Lines, an `id` in each.

    Args:
        said: returns who asked in a record, and the turns in any order; of those that cannot be read, why.

    Raises:
        NotAnExport: the file cannot be read at all.
    """
    for record in _records(text_of(path)):
        if isinstance(record, Problem):
            yield record
            continue
        place, body = record
        who, found = said(body)
        wrong = [one for one in found if isinstance(one, Problem)]
        yield from (Problem(f"{place}, {one.place}", one.why) for one in wrong)
        turns = [one for one in found if isinstance(one, Turn)]
        if turns or not wrong:  # else it has been said why nothing of it is read
            yield conversation(place, body.get("id"), channel, who, turns)


def text_of(path: Path) -> str:
    """
    Return what a file says; bytes further down that are not UTF-8 stay in it, see `lines`.

    Raises:
        NotAnExport: it cannot be read, or is another encoding from its first line on.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig", "surrogateescape")
    except OSError as error:
        raise NotAnExport(f"{path} cannot be read: {error.strerror}") from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if damaged(text.partition("\n")[0]):
        raise NotAnExport(f"{path.name} is not UTF-8; save the file as UTF-8")
    return text


def customer(who: Any, record: Record) -> Customer:
    """Return who asked; whoever has no id is known by the conversation's."""
    return Customer(words(field(who, "id")) or words(record.get("id")), words(field(who, "name")))


def _records(text: str) -> Iterator[tuple[str, Record] | Problem]:
    """Yield the records, each with its place."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        for line, found in json_lines(text):
            place = f"line {line}"
            yield Problem(place, found) if isinstance(found, str) else (place, found)
        return
    doubtful = damaged(text)
    for number, record in enumerate(_unwrapped(whole), start=1):
        place = f"conversation {number}"
        if not isinstance(record, dict):
            yield Problem(place, "is not an object")
        elif doubtful and damaged(json.dumps(record, ensure_ascii=False)):
            yield Problem(place, NOT_UTF8)
        else:
            yield place, record


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


def turns_in(
    messages: Iterable[Any], turn_of: Callable[[Any], Turn | str | None]
) -> list[Turn | Problem]:
    """Return the turns of messages, without those that are none, and of those that cannot be read why, by their numbers."""
    found = ((number, turn_of(message)) for number, message in enumerate(messages, start=1))
    return [
        Problem(f"message {number}", one) if isinstance(one, str) else one
        for number, one in found
        if one is not None
    ]


def turn(side: Side, text: str, at: Any, operator: Any = "") -> Turn | str | None:
    """Return the turn, None where it has no words, and why it cannot be read where it has no time."""
    time, said = when(at), printable(text).strip()
    if not said:
        return None
    if time is None:
        return no_time(at)
    name = words(operator) if side is Side.OPERATOR else ""
    return Turn(at=time, side=side, text=said, operator=name)


def no_time(at: Any) -> str:
    """Return what is wrong with a value that is no time."""
    if at is None:
        return "has no time"
    return f"{str(at)[:SHOWN]!r} is no time like 2026-03-01T09:00:00+00:00"
