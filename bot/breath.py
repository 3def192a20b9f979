"""A breath between two pages of the log: whoever reads far back leaves most of the time to those who wait for the server."""

from __future__ import annotations

import asyncio
import time

REST = (
    3.0  # times as long as a page took, so that a start's reading takes a quarter of a core at most
)


class Breath:
    """Counts from when it was made, or taken last."""

    def __init__(self) -> None:
        self._begun = time.monotonic()

    async def take(self) -> None:
        """Rest for a while after what was done."""
        await asyncio.sleep((time.monotonic() - self._begun) * REST)
        self._begun = time.monotonic()
