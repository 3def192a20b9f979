"""How much of what is learned may come from one visitor, and from one network."""

from __future__ import annotations

from collections import Counter

from conversations.events import Visitor

PER_VISITOR = 5  # messages: nobody's way of speaking becomes everybody's

# Two visitors' worth, since a new visitor costs nothing and a network does. It holds a household; of a phrase that teaches a wrong
# intent, undefended, ten lessons get their way in one message of five, twenty-five in two, a hundred in four. A provider that shares
# addresses among many customers loses thumbs by it, which wait for a person.
PER_NETWORK = 10


class Sources:
    """Whose messages were taken so far; a visitor whose network is unknown counts for no network."""

    def __init__(self) -> None:
        self._by_visitor: Counter[str] = Counter()
        self._by_network: Counter[str] = Counter()

    def add(self, visitor: Visitor) -> None:
        self._by_visitor[visitor.visitor_id] += 1
        self._by_network[visitor.network] += 1

    def exhausted(self, visitor: Visitor) -> str:
        """Return why no more of a visitor's messages may teach, empty where they may."""
        if self._by_visitor[visitor.visitor_id] >= PER_VISITOR:
            return f"its visitor has taught {PER_VISITOR} messages already"
        if visitor.network and self._by_network[visitor.network] >= PER_NETWORK:
            return f"its network has taught {PER_NETWORK} messages already"
        return ""
