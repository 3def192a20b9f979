"""
How often a thing may be done: some times at once, then one time in a while; it delays, and locks nobody out for good.

Time is monotonic: a clock that is put right gives nobody more tries.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable

ROOM = 10_000  # keys that are kept; who invents more of them only forgets their own oldest


class Pace:
    """
    The tries of each key; a virtual schedule (GCRA) of one number each.

    Args:
        burst: how much at once, in tries or in whatever else an amount is of.
        every: seconds until one more.
        clock: seconds, monotonic.
    """

    def __init__(self, burst: float, every: float, clock: Callable[[], float]) -> None:
        self._ahead = burst * every
        self._every = every
        self._clock = clock
        self._due: OrderedDict[Hashable, float] = OrderedDict()

    def wait(self, key: Hashable, amount: float = 1.0) -> float:
        """Return how many seconds it is until `key` may be tried, 0 where it may be now."""
        now = self._clock()
        due = max(self._due.get(key, 0.0), now) + amount * self._every
        return max(0.0, due - self._ahead - now)

    def take(self, key: Hashable, amount: float = 1.0) -> None:
        """Count a try."""
        due = max(self._due.pop(key, 0.0), self._clock()) + amount * self._every
        self._due[key] = due
        if len(self._due) > ROOM:
            self._due.popitem(last=False)

    def give_back(self, key: Hashable) -> None:
        """Count a try as none: it was right."""
        if key in self._due:
            self._due[key] -= self._every
