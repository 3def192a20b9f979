"""What visitors think of the answers: their thumbs."""

from __future__ import annotations

from collections.abc import Iterable

from conversations.events import Rated, Recorded


def thumbs(recorded: Iterable[Recorded]) -> dict[str, Rated]:
    """Return the latest thumb on each decision, by the decision's message id."""
    return {
        entry.event.message_id: entry.event for entry in recorded if isinstance(entry.event, Rated)
    }
