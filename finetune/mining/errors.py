"""
What can keep a folder from being mined; each message names the place and the way out.

MiningError
├── Unreadable       the file is of no known form, or no customer says anything in it
│   └── AllUnderstood    the log holds nothing that the bot did not understand
├── TooFewRequests   too few customers asked something
└── Occupied         something stands where the result should go
"""

from __future__ import annotations

FEWEST = 10  # distinct requests; below it everything is an exception


class MiningError(Exception):
    """Nothing was mined."""


class Unreadable(MiningError):
    """The file is of no known form, or no customer says anything in it."""


class AllUnderstood(Unreadable):
    """A desk's log holds nothing that the bot did not understand, or that nobody has labelled since."""


class TooFewRequests(MiningError):
    """Too few customers asked something."""

    @classmethod
    def among(cls, requests: int, messages: int) -> TooFewRequests:
        return cls(
            f"only {requests} different requests are among {messages:,} messages of customers; topics need "
            f"{FEWEST} at least, and better hundreds"
        )


class Occupied(MiningError):
    """Something stands where the result should go."""
