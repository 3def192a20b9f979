"""What operators have done about the review queue, for those who work on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from conversations.ledger import Ledger, Placed
from conversations.lessons import Dismissed, Labelled


@dataclass(frozen=True, slots=True)
class Share:
    """
    What one operator decided and did not take back: `decisions` about `messages`.

    What was labelled or dismissed in one go is one decision.
    """

    operator: str
    decisions: int
    messages: int


def progress(ledger: Ledger, since: datetime) -> list[Share]:
    """Return what each operator decided since a time, who decided most first."""
    decisions: defaultdict[str, set[str]] = defaultdict(set)
    messages: defaultdict[str, int] = defaultdict(int)
    for one in _decided(ledger):
        if one.at >= since:
            decisions[one.event.operator].add(one.event.decision or one.event.message_id)
            messages[one.event.operator] += 1
    shares = [Share(name, len(own), messages[name]) for name, own in decisions.items()]
    return sorted(shares, key=lambda share: (-share.decisions, share.operator))


def _decided(ledger: Ledger) -> Iterator[Placed[Labelled] | Placed[Dismissed]]:
    for standing in ledger.labels.values():
        yield from standing.values()
    yield from ledger.dismissed.values()
