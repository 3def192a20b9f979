"""
What the readers of exports share: records out of JSON or JSON Lines, and values that may be anything.

NotAnExport     the file holds nothing of the kind; the message says what was looked for
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from conversations.interchange import Customer, PastConversation, Side, Turn
from conversations.text import printable

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


def records(path: Path) -> Iterator[tuple[str, dict[str, Any]] | Problem]:
    """
    Yield the objects of a JSON file (one, a list, or a list in an envelope) or of JSON Lines, each with its place.

    Raises:
        NotAnExport: the file cannot be read at all.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotAnExport(f"{path.name} is not UTF-8") from error
    except OSError as error:
        raise NotAnExport(f"{path} cannot be read: {error.strerror}") from error
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


def _lines(text: str) -> Iterator[tuple[str, dict[str, Any]] | Problem]:
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


def conversation(
    place: str, name: Any, channel: str, customer: Customer, turns: Sequence[Turn]
) -> Read:
    """Return the conversation in the order of its times, or why it is none."""
    if not words(name):
        return Problem(place, "has no id")
    if not turns:
        return Problem(place, "nobody said anything")
    ordered = tuple(sorted(turns, key=lambda turn: turn.at))
    return PastConversation(
        id=words(name), channel=channel, started=ordered[0].at, customer=customer, turns=ordered
    )


def turn(side: Side, text: str, at: Any, operator: Any = "") -> Turn | None:
    """Return the turn, None where it has no words or no time."""
    time, said = when(at), printable(text).strip()
    if time is None or not said:
        return None
    name = words(operator) if side is Side.OPERATOR else ""
    return Turn(at=time, side=side, text=said, operator=name)


def when(value: Any) -> datetime | None:
    """Return the time that seconds since 1970 or ISO 8601 say; without a zone it is UTC."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str) and value.strip().isdigit():
            return datetime.fromtimestamp(int(value), UTC)
        said = datetime.fromisoformat(str(value).strip())
        return (said if said.tzinfo else said.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def words(value: Any) -> str:
    """Return a text or a number as text, empty for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return printable(str(value)).strip()


def field(value: Any, *names: str) -> Any:
    """Return what stands at a path of names, None where there is nothing."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()
