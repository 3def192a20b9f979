"""How long customers wait for a person, by how long the last ones did. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

from conversations.events import (
    ActionKind,
    Closed,
    Decided,
    GivenBack,
    OperatorWrote,
    Recorded,
)

LAST = 20  # waits that count; more would remember another day
FEWEST = 5  # below which nothing is promised


@dataclass(slots=True)
class Waits:
    """
    The waits from a hand-off to a person's first words. Filled in the order of the log.

    Args:
        counts: whether a wait that began at this time counts; one over night says nothing about the day.
    """

    counts: Callable[[datetime], bool] = lambda _: True
    seq: int = 0
    _since: dict[str, datetime] = field(default_factory=dict)  # by conversation
    _last: deque[float] = field(default_factory=lambda: deque(maxlen=LAST))

    def enter(self, recorded: Recorded) -> None:
        """Take in the next event of the log."""
        self.seq = recorded.seq
        match recorded.event:
            case Decided(action=ActionKind.HANDOFF):
                self._since.setdefault(recorded.conversation_id, recorded.at)
            case OperatorWrote():
                began = self._since.pop(recorded.conversation_id, None)
                if began is not None and self.counts(began):
                    self._last.append(max(0.0, (recorded.at - began).total_seconds()))
            case GivenBack() | Closed():
                self._since.pop(recorded.conversation_id, None)
            case _:
                pass

    def expected(self) -> float | None:
        """Return the seconds that somebody will probably wait, None where too few have waited."""
        return median(self._last) if len(self._last) >= FEWEST else None
