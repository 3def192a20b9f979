"""How fast files may come: from one visitor, and from one network, since a browser becomes another visitor as often as it likes."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import NamedTuple

from bot.pace import Pace

MB = 2**20  # bytes


class Allowed(NamedTuple):
    """So many files, or megabytes, at once, and one more every so many seconds."""

    burst: int
    every: float


OF_VISITOR = Allowed(10, 5.0)
OF_NETWORK = Allowed(40, 1.0)  # a school or an office writes from one
MEGABYTES_OF_NETWORK = Allowed(400, 0.5)


class Paces:
    """The paces of everybody who sends files; `now` is a monotonic clock, in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._visitors = Pace(*OF_VISITOR, now)
        self._networks = Pace(*OF_NETWORK, now)
        self._megabytes = Pace(*MEGABYTES_OF_NETWORK, now)

    def wait(self, owner: str, network: str, size: int) -> int:
        """
        Count a file in; return the seconds after which it may come, 0 where it is counted and may come now.

        Args:
            network: see `bot.channels.networks`; nothing is counted for the empty one, which may be everybody's.
            size: bytes, as announced.
        """
        asked = [(self._visitors, owner, 1.0)]
        if network:
            asked += [(self._networks, network, 1.0), (self._megabytes, network, size / MB)]
        missing = max(pace.wait(whose, amount) for pace, whose, amount in asked)
        if missing > 0:
            return ceil(missing)
        for pace, whose, amount in asked:
            pace.take(whose, amount)
        return 0
