"""
Which operators are at the console, by when each was last seen to do something there. Of this process alone, and never stored.

Nobody knows who was there before a server started: until `within` has passed since, it counts as if everybody had been.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(slots=True)
class Presence:
    """Who was seen when; `within` is how long ago somebody may have been seen who counts as there, None where nobody asks."""

    clock: Callable[[], datetime]
    within: timedelta | None = None
    _started: datetime = field(init=False)
    _seen: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._started = self.clock()

    def sees(self, operator: str) -> None:
        """Note that an operator does something now."""
        self._seen[operator] = self.clock()

    def last(self, operator: str) -> datetime:
        """Return when an operator was seen last: at the start of the server, where they were not since."""
        return self._seen.get(operator, self._started)

    def anybody(self) -> bool:
        """Whether somebody is there."""
        last = max(self._seen.values(), default=self._started)
        return self.within is None or self.clock() - max(last, self._started) <= self.within
