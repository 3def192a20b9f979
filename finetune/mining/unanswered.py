"""
What customers asked that the bot did not understand, or answered wrongly, and nobody has labelled; read from a desk's log.

Nothing here needs torch: where too little was asked, nothing has to be read by an encoder.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from conversations.ledger import Ledger
from conversations.reader import Reader
from conversations.review import Ticket, tickets
from finetune.mining.errors import FEWEST, TooFewRequests
from finetune.mining.speech import Message, Speech

MOST = 5_000  # wordings that are looked at, the latest; reading them takes some minutes


@dataclass(frozen=True, slots=True)
class Unanswered:
    """
    Questions without an answer, the latest first; those that operators dismissed are among them.

    `waiting` are the ids of those that nobody dismissed, `openings` of those with which somebody began a conversation: what customers
    come with is mostly a request.
    """

    tickets: Sequence[Ticket]
    waiting: Collection[str]
    openings: Collection[str]

    @classmethod
    def of(cls, database: Path) -> Unanswered:
        """
        Read a desk's log.

        Raises:
            LogError: it cannot be read.
        """
        with Reader.open(database) as log:
            ledger = Ledger.of(log.events())
        found = [one for one in tickets(ledger, dismissed=True) if one.missed][:MOST]
        waiting = {one.message_id for one in tickets(ledger) if one.missed}
        return cls(found, waiting, {one.message_id for one in found if _opens(one, ledger)})

    def refuse_too_few(self) -> None:
        """
        Say so where even without small talk and what is known by now there are too few to have a topic.

        Raises:
            TooFewRequests: fewer than FEWEST wordings.
        """
        if len(self.tickets) < FEWEST:
            raise TooFewRequests.among(len(self.tickets), len(self.tickets))

    def speech(self) -> Speech:
        return Speech(
            [
                Message(" ".join(one.text.split()), one.message_id in self.openings)
                for one in self.tickets
            ]
        )


def _opens(ticket: Ticket, ledger: Ledger) -> bool:
    return any(ledger.opened.get(o.conversation_id) == o.heard.message_id for o in ticket.said)
