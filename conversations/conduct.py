"""How customers took what each Release did: the live figures that a new champion is held against."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from conversations.events import ActionKind
from conversations.evidence import Signal, evidence
from conversations.ledger import Ledger

# What a customer does about an answer that was no help. A low score is about a whole conversation, and too often about the goods.
DISLIKES = frozenset({Signal.THUMB_DOWN, Signal.REJECTED, Signal.REPHRASED, Signal.WANTED_PERSON})


@dataclass(frozen=True, slots=True)
class Conduct:
    """
    What a Release did with customers' own words, in decisions.

    `replies` are answers with a template, `disliked` those of them that a customer took badly; `not_understood` went to a person
    because of that.
    """

    decisions: int = 0
    replies: int = 0
    disliked: int = 0
    not_understood: int = 0


def conduct(ledger: Ledger) -> Mapping[str, Conduct]:
    """Return the conduct of every Release that decided anything, by its hash."""
    disliked, missed = _about(ledger, DISLIKES), _about(ledger, {Signal.NOT_UNDERSTOOD})
    own: defaultdict[str, list[tuple[str, bool]]] = defaultdict(list)
    for said, placed in ledger.decisions():
        decided = placed.event
        if decided.release and not said.heard.chosen:
            replied = decided.action is ActionKind.REPLY
            own[decided.release].append((said.heard.message_id, replied))
    return {
        name: Conduct(
            decisions=len(decisions),
            replies=sum(replied for _, replied in decisions),
            disliked=sum(replied and message_id in disliked for message_id, replied in decisions),
            not_understood=sum(message_id in missed for message_id, _ in decisions),
        )
        for name, decisions in own.items()
    }


def _about(ledger: Ledger, signals: Collection[Signal]) -> set[str]:
    """Return the utterances that some signal is about."""
    return {e.heard.message_id for e in evidence(ledger) if e.signal in signals}
