"""Those who want to know of everything new: told one after the other, where one's fault is not the others'."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Generic, TypeVar

News = TypeVar("News")

logger = logging.getLogger(__name__)


class Followers(Generic[News]):
    """
    The followers of one thing.

    Args:
        of: what they follow, as a log line names it.
    """

    def __init__(self, of: str) -> None:
        self._of = of
        self._all: dict[object, Callable[[News], None]] = {}

    def add(self, follower: Callable[[News], None]) -> Callable[[], None]:
        """Tell `follower` from now on; returns what ends it."""
        key = object()
        self._all[key] = follower

        def leave() -> None:
            self._all.pop(key, None)

        return leave

    def tell(self, news: News, seq: int) -> None:
        """Tell all of them; `seq` is the place in the log that it is about."""
        for follower in tuple(self._all.values()):
            try:
                follower(news)
            except Exception:
                logger.exception("a follower of %s failed on event %d", self._of, seq)
