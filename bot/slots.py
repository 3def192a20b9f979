"""What a message says for a slot: found wherever it stands, or taken as the answer to its question."""
# ruff: noqa: RUF001 - Chinese has its own punctuation

from __future__ import annotations

import re
from datetime import date

from bot.dates import day_in
from bot.forms import Kind, Slot
from bot.intake import compatible
from conversations.text import normalised

MAX_VALUE = 1_000  # characters of a free text; who needs more tells a person
MANY = 20  # values of one kind in one message that are looked at

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,4}[^\W\d_]{2,24}(?![\w-])")
_NUMBER = re.compile(r"(?<![\w.,])-?\d{1,15}(?:[.,]\d{1,6})?(?![\w])")
_NOT = re.compile(
    r"(?:\b(?:not|n['’]t|instead of|rather than|nicht|statt|pas|plutôt que|niet)\b|不是)\s*$",
    re.IGNORECASE,
)


def found(slot: Slot, text: str) -> list[str]:
    """Return the values for a slot that stand in a text, in order; nothing where anything could be one."""
    text = compatible(text)
    pattern = _EMAIL if slot.kind is Kind.EMAIL else slot.pattern
    if not slot.telling or pattern is None:
        return []
    said = []
    for place in pattern.finditer(text):
        if place.group() and not _NOT.search(text[: place.start()][-20:]):
            said.append(_written(slot, place))
        if len(said) == MANY:
            break
    return said


def _written(slot: Slot, place: re.Match[str]) -> str:
    """Return a value in the one way of writing it, so that two ways are no two values."""
    if slot.kind is Kind.EMAIL:
        return place.group().lower()
    return (place.expand(slot.to) if slot.to else place.group()).upper()


def recognised(slot: Slot, text: str, today: date) -> list[str]:
    """Return what a text says for a slot that nobody asked for: only what can hardly be meant otherwise."""
    match slot.kind:
        case Kind.PATTERN | Kind.EMAIL:
            return found(slot, text)
        case Kind.CHOICE:
            return [label] if (label := picked_in(slot, text)) else []
        case Kind.DATE:
            day = day_in(compatible(text).casefold(), today, by_name=False)
            return [day.isoformat()] if day else []
        case Kind.NUMBER | Kind.TEXT:
            return []


def stated(slot: Slot, text: str, today: date) -> str:
    """Return what the answer to a slot's question says, empty where it is none."""
    match slot.kind:
        case Kind.PATTERN | Kind.EMAIL:
            return next(reversed(found(slot, text)), "")
        case Kind.NUMBER:
            return _number(text)
        case Kind.DATE:
            day = day_in(compatible(text).casefold(), today)
            return day.isoformat() if day else ""
        case Kind.CHOICE:
            return picked_in(slot, text) or _numbered(slot, text)
        case Kind.TEXT:
            said = text.strip()
            return said if len(said) <= MAX_VALUE and normalised(said) else ""


def is_label(slot: Slot, text: str) -> bool:
    """Return whether a text is one of the labels of a slot, and nothing else."""
    return normalised(compatible(text)) in map(normalised, slot.choices)


def picked_in(slot: Slot, text: str) -> str:
    """Return the one label of a slot that a text holds, the longest where one holds another; empty where it is not clear."""
    said = f" {normalised(compatible(text))} "
    held = [label for label in slot.choices if _holds(said, normalised(label))]
    longest = max(held, key=len, default="")
    within = all(normalised(label) in normalised(longest) for label in held)
    return longest if within else ""


def _holds(said: str, label: str) -> bool:
    return f" {label} " in said if label.isascii() or " " in label else label in said


def _numbered(slot: Slot, text: str) -> str:
    """Return the label whose number is the whole text."""
    labels = {str(number): label for number, label in enumerate(slot.choices, start=1)}
    return labels.get(normalised(compatible(text)), "")


def _number(text: str) -> str:
    """Return the number of a text that has exactly one; a comma may stand for the point."""
    numbers = _NUMBER.findall(compatible(text))
    return numbers[0].replace(",", ".") if len(numbers) == 1 else ""
