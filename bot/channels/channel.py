"""
What every platform looks like from inside: receive and send.

ChannelError          the platform failed this time: try again, after `retry_after` seconds if it said so
└── Undeliverable     it never will: blocked, gone, refused; do not try again
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from conversations.events import Decided, Visitor

NOWHERE = "nowhere"  # in the place of a platform's id: what was to be changed never arrived
KEPT = "kept:"  # before the id of a file in the vault, as the address of an attachment


class ChannelError(Exception):
    """The platform failed this time; the same call may succeed later."""

    def __init__(self, message: str, *, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after  # seconds; 0 where the platform named none


class Undeliverable(ChannelError):
    """The platform will never take this message."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """
    A decision, or in its form what an operator wrote, on its way to a visitor.

    `replaces` is the platform's id of what it takes the place of, where an operator edited it; empty for most.
    """

    conversation_id: str
    seq: int
    visitor: Visitor
    decided: Decided
    replaces: str = ""


class Channel(Protocol):
    """One platform. Receiving is the channel's own loop or route; it calls the intake it was built with."""

    name: str

    async def send(self, outgoing: Outgoing) -> str:
        """
        Hand a decision to the platform and return the platform's id of it (empty where it has none).

        Raises:
            ChannelError: try again later.
            Undeliverable: do not.
        """
        ...

    async def typing(self, visitor: Visitor) -> None:
        """Show that an answer is being written; a failure here is nobody's concern."""
        ...
