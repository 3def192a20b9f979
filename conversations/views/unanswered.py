"""Which questions were asked most that the bot had no answer to: those that nearly say the same are one. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conversations.likeness import Likeness

EXAMPLES = 3  # conversations shown with each


@dataclass(frozen=True, slots=True)
class Lost:
    """A question that was not answered."""

    text: str
    conversation_id: str


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Questions that nearly say the same, in the words of the latest."""

    text: str
    count: int
    examples: tuple[Lost, ...]


def grouped(lost: Sequence[Lost], most: int) -> list[Unanswered]:
    """
    Return the `most` largest groups, the largest first.

    Args:
        lost: the latest first.
    """
    likeness = Likeness(one.text for one in lost)
    groups: list[list[Lost]] = []
    exact: dict[str, list[Lost]] = {}  # the same words again need no comparison
    for one in lost:
        if one.text not in exact:
            alike = likeness.alike(one.text)
            if not alike:
                likeness.add(one.text)
                groups.append([])
            exact[one.text] = groups[alike[0] if alike else -1]
        exact[one.text].append(one)
    groups.sort(key=len, reverse=True)
    return [
        Unanswered(group[0].text, len(group), tuple(group[:EXAMPLES])) for group in groups[:most]
    ]
